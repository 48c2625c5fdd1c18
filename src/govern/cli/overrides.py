"""What a programme lets pass: waivers, weakenings that were accepted, and words that could not be given any more."""

import json
from collections.abc import Iterator
from typing import Any

from govern.cli.board_shapes import Override
from govern.cli.caches import keep, kept
from govern.cli.session import Session
from govern.engine.outdated import outdated
from govern.policy import find

_SHOWN = 3


def overrides(session: Session) -> Iterator[Override]:
    """Yield everything that is let pass now, each with why, and the record that let it."""
    view = session.view
    waiver = view.policy.policy.signature_waiver
    if waiver is not None:
        yield Override(kind="signature-waiver", what="a person's record counts without a signature", why=waiver, record=None)
    for name in view.current_packets():
        apart = view.policy.packets[name].separation_waiver
        if apart is not None:
            yield Override(kind="separation-waiver", what=f"who prepared {name} may decide it", why=apart, record=view.packet(name).issued)
    yield from _overruled(session)
    yield from _weakening(session)
    for each in outdated(view):
        why = f"under version {view.state.version} that is for {find.spell_who(each.wanted)}"
        yield Override(kind="outdated-word", what=f"{each.what} by the word of {', '.join(each.actors)}", why=why, record=each.record)


def _overruled(session: Session) -> Iterator[Override]:
    """An option is selected by a decision that named the refusal which it takes back."""
    view, lines = session.view, session.contents.lines
    for name in view.current_packets():
        decision = view.packet(name).decision
        named = predicate_of(lines[decision])["body"].get("supersedes") if decision is not None else None
        if named is not None and predicate_of(lines[named])["kind"] == "refuse":
            what = f"{name}/{view.packet(name).selected} was refused by record #{named}, and decided all the same"
            yield Override(kind="refusal-overruled", what=what, why=predicate_of(lines[named])["body"]["reason"], record=decision)


def _weakening(session: Session) -> Iterator[Override]:
    """The version in force permits more than the one before it, which whoever adopted it was shown, and accepted."""
    state = session.view.state
    if not state.policy_seq:
        return
    adopted = predicate_of(session.contents.lines[state.policy_seq])["body"]
    found = _loosened(session, adopted["previous"], state.policy_digest)
    if found:
        shown = "; ".join(found[:_SHOWN]) + (f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")
        what = f"version {state.version} permits more than version {state.version - 1}: {shown}"
        yield Override(kind="weakening", what=what, why=adopted["reason"], record=state.policy_seq)


def predicate_of(line: bytes) -> dict[str, Any]:
    """Return what a record that was read before says: its kind, its body, and the rest."""
    found: dict[str, Any] = json.loads(json.loads(line)["stmt"])["predicate"]
    return found


def _loosened(session: Session, before: str, after: str) -> list[str]:
    """Return what a version loosens. To find that out takes longer than to judge a programme, and it never changes: it is kept by both digests."""
    key = f"{before} {after}"
    known = None if session.fresh else kept("loosened", key)
    if known is not None:
        return known
    from govern.policy.diff.policies import compare

    source = session.project.policy_source(fresh=session.fresh)
    found = [f"{each.path}: {each.what}" for each in compare(source(before), source(after)) if each.direction.loosens]
    if not session.fresh:
        keep("loosened", key, found)
    return found
