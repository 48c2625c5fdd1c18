"""Rows of the board that were kept in the user's cache, for the next board, bound to everything that they rest on.

A row is never believed where anything moved: the policy's bytes, the files of ledger, adopted policies and templates, what this
machine remembers, the bytes of evidence and of pages with checkpoints, the checkpoints that were brought, the window of time in
which nothing opens or closes by itself, or this program. What was not in order is judged each time.
"""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple, cast

from govern.canonical import digest
from govern.cli.board_shapes import Row, Seen
from govern.cli.caches import keep, kept
from govern.cli.memory import PIN_VARIABLE, remembered_at
from govern.cli.programmes import Programme
from govern.cli.session import Session
from govern.engine.settled import settled_at, settled_until
from govern.problems import GovernError
from govern.snapshot import NoAnswerError, read_plain

_KIND = "board"
# What a row may say that hangs on nothing but what it is bound to.
_LASTING = frozenset({"POLICY_DIRTY", "TEMPLATE_DIRTY", "LEDGER_UNPINNED"})


class Rests(NamedTuple):
    """What a row rests on beside the programme's own mark: files with their digests, and the checkpoints that were brought."""

    files: Sequence[tuple[str, str]]
    brought: str


def mark_of(programme: Programme) -> str | None:
    """Return what shows that nothing of a programme has moved; None where that cannot be told."""
    with suppress(OSError, NoAnswerError, GovernError):
        return programme.mark()
    return None


def kept_row(programme: Programme, mark: str | None, now: int, brought: Mapping[str, str]) -> Seen | None:
    """Return what was kept of a programme, where everything is still as it was; `brought` are checkpoints by ledger."""
    found = kept(_KIND, programme.key) if mark is not None else None
    if found is None:
        return None
    with suppress(ValueError, OSError):
        was, ledger, remembered, of, since, until, files, row, known, *waits = found
        bound = (was, remembered, of) == (mark, _remembered(ledger), brought.get(ledger, "")) and int(since) <= now < int(until)
        if bound and programme.knows(ledger) and all(_digest(programme, name) == wanted for name, wanted in json.loads(files)):
            return Seen(cast("Row", json.loads(row)), dict(zip(waits[::2], waits[1::2], strict=True)) if known else None)
    return None


def keep_row(programme: Programme, mark: str | None, session: Session, seen: Seen, rests: Rests) -> None:
    """Keep what was seen for the next board, if it hangs on nothing but what it can be bound to, and nothing moved meanwhile."""
    row = seen.row
    if mark is None or session.contents.torn or any(each.code not in _LASTING for each in session.diagnostics) or row["warnings"]:
        return
    if mark_of(programme) != mark:
        return
    view, ledger = session.view, row["head"]["ledger"]
    since, until = str(settled_at(view)), str(settled_until(view))
    files = [
        (proof.path, proof.sha256) for proofs in view.state.proofs.values() for proof in proofs[-1:] if programme.has_files and proof.path and proof.sha256
    ]
    told = json.dumps([*files, *rests.files])
    waits = ["waits", *(text for pair in seen.waits.items() for text in pair)] if seen.waits is not None else [""]
    keep(_KIND, programme.key, [mark, ledger, _remembered(ledger), rests.brought, since, until, told, json.dumps(row), *waits])


def _remembered(ledger: str) -> str:
    """Return what this machine remembers of a ledger, as it is written there, and what the environment pins."""
    try:
        text = read_plain(str(remembered_at(ledger))).decode()
    except (OSError, NoAnswerError):
        text = ""
    return f"{os.environ.get(PIN_VARIABLE, '')}\n{text}"


def _digest(programme: Programme, name: str) -> str:
    """Return the digest of a file; of one that is not there, nothing."""
    try:
        return digest(programme.read(name))
    except OSError:
        return ""
