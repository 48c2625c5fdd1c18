"""Checkpoints that were kept: those on the pages of a programme, and those in a folder elsewhere, found by the ledger they are of."""

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from govern.canonical import digest
from govern.cli.board_shapes import Anchor
from govern.cli.files import read_plain
from govern.engine.view import View
from govern.ledger.checkpoints import Checkpoint, CheckpointError, Relation, compare, origin_of, parse_checkpoint
from govern.ledger.merkle import leaf_hash
from govern.problems import Exit, GovernError, Problem, fault

# A checkpoint wherever it stands, alone or in a page: origin, size, root, and the digest of the last line.
_NOTE = re.compile(r"^govern/[0-9a-f]{64}\n[0-9]{1,16}\n[A-Za-z0-9+/]{43}=\n(?:last [0-9a-f]{64}\n)?", re.ASCII | re.MULTILINE)
_MOST = 1024 * 1024


class KeptCheckpoint(NamedTuple):
    """A checkpoint, and where it was found."""

    checkpoint: Checkpoint
    where: str


# By the origin that they name.
Kept = Mapping[str, Sequence[KeptCheckpoint]]


def kept_in(folder: Path) -> Kept:
    """Return the checkpoints in the files of a folder.

    Raises:
        GovernError: it is no folder (status 2).
    """
    if not folder.is_dir():
        raise fault(Exit.USAGE, "NO_FOLDER", f"`{folder}` is no folder", help="--checkpoints takes the folder in which they are kept")
    found: dict[str, list[KeptCheckpoint]] = {}
    for name in sorted(os.listdir(folder)):  # noqa: PTH208 - the names alone are wanted
        with suppress(OSError, UnicodeDecodeError):
            for each in _checkpoints(read_plain(folder / name, single=False), str(folder / name)):
                found.setdefault(each.checkpoint.origin, []).append(each)
    return found


def on_pages(read: Callable[[str], bytes], view: View) -> tuple[list[KeptCheckpoint], list[tuple[str, str]]]:
    """Return the checkpoints on the pages that the policy declares, and each page with its digest; of one that is not there, nothing."""
    found: list[KeptCheckpoint] = []
    pages: dict[str, str] = {}
    for path in (document.path for document in view.policy.documents.values() if document.shows == "checkpoint"):
        pages[path] = ""
        with suppress(OSError, UnicodeDecodeError):
            content = read(path)
            pages[path] = digest(content)
            found += _checkpoints(content, path)
    return found, list(pages.items())


def _checkpoints(content: bytes, where: str) -> Iterable[KeptCheckpoint]:
    if len(content) > _MOST:
        return
    for note in _NOTE.findall(content.decode()):
        with suppress(CheckpointError):
            yield KeptCheckpoint(parse_checkpoint(note), where)


class Compared(NamedTuple):
    """The newest checkpoint that the ledger goes on from, and the pages that it does not go on from."""

    newest: Anchor | None
    parted: tuple[Problem, ...]


def compare_all(pages: Iterable[KeptCheckpoint], brought: Iterable[KeptCheckpoint], ledger: str, lines: Sequence[bytes], size: int) -> Compared:
    """Hold a ledger against every checkpoint of it that is known; the newest is that of its first `size` lines.

    A page lies where the ledger does, and is nobody's word: one that the ledger parted from is told of, as it may also be left
    over from before a rebase. One that was kept elsewhere is believed.

    Raises:
        GovernError: the ledger went back behind one that was kept elsewhere, or left its path (status 5).
    """
    mine = [each for each in (*pages, *brought) if each.checkpoint.origin == origin_of(ledger)]
    leaves = list(map(leaf_hash, lines)) if mine else []
    against = {each: _against(each, ledger, leaves) for each in mine}
    broken = [problem for each in brought if (problem := against.get(each))]
    if broken:
        raise GovernError(Exit.BROKEN, broken)
    held = [each for each, problem in against.items() if problem is None and each.checkpoint.size <= size]
    last = max(held, key=lambda each: each.checkpoint.size, default=None)
    found = last and Anchor(size=last.checkpoint.size, behind=size - last.checkpoint.size, where=last.where)
    return Compared(found, tuple(replace(problem, severity="warning") for problem in against.values() if problem))


def _against(kept: KeptCheckpoint, ledger: str, leaves: Sequence[bytes]) -> Problem | None:
    """Return what is wrong with a ledger by a checkpoint, or nothing."""
    match compare(kept.checkpoint, ledger, leaves):
        case Relation.ROLLBACK:
            message = f"the checkpoint in {kept.where} has {kept.checkpoint.size} records, the ledger {len(leaves)}: some were cut off, or an older copy was put in its place"
            return Problem("ROLLBACK", message, help="restore the ledger from a clone")
        case Relation.FORK:
            message = f"the ledger and the checkpoint in {kept.where} are two histories of one ledger"
            return Problem("FORK", message, help="`govern verify --since` with the checkpoint prints both heads and the proof")
        case _:
            return None
