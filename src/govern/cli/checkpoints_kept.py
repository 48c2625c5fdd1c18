"""Checkpoints that were kept: those on the pages of a programme, and those in a folder elsewhere, found by the ledger they are of."""

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from govern.canonical import digest
from govern.cli.board_shapes import Anchor
from govern.cli.files import read_plain
from govern.engine.view import View
from govern.ledger.checkpoints import Checkpoint, CheckpointError, Relation, compare, origin_of, parse_checkpoint
from govern.ledger.merkle import leaf_hash
from govern.problems import Exit, fault

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


def newest(kept: Iterable[KeptCheckpoint], ledger: str, lines: Sequence[bytes], size: int) -> Anchor | None:
    """Return the newest checkpoint of the first `size` lines of a ledger, which is compared with every one that is known.

    Raises:
        GovernError: the ledger went back behind one, or left its path (status 5).
    """
    mine = sorted((each for each in kept if each.checkpoint.origin == origin_of(ledger)), key=lambda each: each.checkpoint.size)
    leaves = list(map(leaf_hash, lines)) if mine else []
    for each in mine:
        records = each.checkpoint.size
        match compare(each.checkpoint, ledger, leaves):
            case Relation.ROLLBACK:
                message = (
                    f"the checkpoint in {each.where} has {records} records, the ledger {len(lines)}: some were cut off, or an older copy was put in its place"
                )
                raise fault(Exit.BROKEN, "ROLLBACK", message, help="restore the ledger from a clone")
            case Relation.FORK:
                message = f"the ledger and the checkpoint in {each.where} are two histories of one ledger"
                raise fault(Exit.BROKEN, "FORK", message, help="`govern verify --since` with that file prints both heads and the proof")
            case _:
                pass
    found = next((each for each in reversed(mine) if each.checkpoint.size <= size), None)
    return found and Anchor(size=found.checkpoint.size, behind=size - found.checkpoint.size, where=found.where)
