"""Leaving a snapshot behind for the gate's next answer, where everything is in order; `govern.snapshot` reads it."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from govern.canonical import digest
from govern.cli.caches import write_own
from govern.cli.facts import requirement_lines
from govern.cli.gate_reports import headline
from govern.cli.memory import PIN_VARIABLE, remembered_at
from govern.cli.session import Session
from govern.documents.escape import escape_terminal
from govern.engine.gate import Gated, gate, token_parts
from govern.engine.settled import settled_at, settled_until
from govern.engine.view import EvidenceFact
from govern.hook.guarding import Guard
from govern.ledger.keeping import SharedStore
from govern.ledger.store import FileStore
from govern.policy.model import Policy
from govern.snapshot import RECIPE, NoAnswerError, memory_of, pack, place_of, where_kept

_TRUTHS = {True: "yes", False: "no", None: "unknown"}


def leave_snapshot(session: Session) -> None:
    """Write what the gate answers of each action, bound to all that the answers rest on. It may fail, and is then left."""
    view, options = session.view, session.options
    if options.as_of is not None or options.supposed or session.diagnostics or not session.pinned or session.contents.torn:
        return
    # Of what only the environment vouches for nothing is left behind: the next question may have none.
    if os.environ.get(PIN_VARIABLE) or any(fact is not EvidenceFact.SAME for fact in (view.evidence or {}).values()):
        return
    with suppress(OSError, NoAnswerError):
        place = Path(place_of(str(session.project.root)))
        write_own(place, pack(_fields(session)))


def _fields(session: Session) -> list[str]:
    view, lines = session.view, session.contents.lines
    root, state = str(session.project.root), session.view.state
    memory = remembered_at(session.memory(session.contents).ledger)
    newest = [proofs[-1] for proofs in state.proofs.values() if proofs]
    evidence = [(proof.path, proof.sha256) for proof in newest if proof.path and proof.sha256]
    answers = answers_of(session)
    words = {word.lower() for name, surface in view.policy.surfaces.items() for word in (name, *surface.named)}
    touched = {word: actions for word in sorted(words) if (actions := [each.action for each in gate(word, view)])}
    fields = [
        RECIPE, root, str(len(lines)), state.policy_digest,
        where_kept(), *_kept(session.project.store, lines), digest(lines[-1]),
        memory_of(), str(memory), memory.read_text(encoding="utf-8"),
        str(settled_at(view)), str(settled_until(view)), str(len(evidence)),
    ]  # fmt: skip
    fields += [part for pair in evidence for part in pair]
    fields += [*token_parts(view, session.replay.chain.last), str(len(answers))]
    for name, told in answers.items():
        fields += [name, *told]
    fields.append(str(len(touched)))
    for word, actions in touched.items():
        fields += [word, " ".join(actions)]
    guards = guards_of(view.policy)
    fields.append(str(len(guards)))
    for guard in guards:
        fields += [guard.kind, guard.words, guard.asks, " ".join(guard.actions), guard.never]
    return fields


def _kept(store: SharedStore, lines: Sequence[bytes]) -> list[str]:
    """Return where the ledger is and how far it goes: address, name and records in a database, or segments and bytes of the last."""
    if isinstance(store, FileStore):
        segments = sorted(store.folder.iterdir())
        return ["", "", str(len(segments)), str(segments[-1].stat().st_size)]
    return [*store.named, "0", str(len(lines))]


def answers_of(session: Session) -> dict[str, tuple[str, str, str]]:
    """Return what the gate answers of each action: whether, the end of the first line, and the lines behind it."""
    return {name: (_TRUTHS[found.truth], *_told(found, session)) for name in session.view.policy.actions for [found] in [gate(name, session.view)]}


def guards_of(policy: Policy) -> list[Guard]:
    """Return what agents are kept from, with the actions that each asks for."""
    found: list[Guard] = []
    for guard in policy.agents.guards if policy.agents else ():
        kind, words = guard.guards
        touching = [name for name, action in policy.actions.items() if guard.surface is not None and guard.surface in action.touches]
        actions = [guard.action] if guard.action is not None else touching
        found.append(Guard(kind, guard.path or words, guard.action or guard.surface or "", actions, escape_terminal(guard.never or "")))
    return found


def _told(found: Gated, session: Session) -> tuple[str, str]:
    """Return the end of an answer's first line, and the lines behind it, as they are printed."""
    missing = found.causes
    lines = requirement_lines(missing, session.view.policy).split("\n") if missing else []
    return headline(found), "".join(f"{escape_terminal(line)}\n" for line in lines)
