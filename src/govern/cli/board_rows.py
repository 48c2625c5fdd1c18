"""What the board says of one programme: its head, its policy, what it lets pass, its checkpoint, and what waits for whom.

Moments are told as moments, never as ages: a row says the same until something moves.
"""

import json
from collections.abc import Iterable, Iterator

from govern.cli.board_shapes import Anchor, Choice, Head, InForce, Kept, Row, Waiting, Warned
from govern.cli.evidence_changed import changed_evidence
from govern.cli.leverage import Unlocks, opening_json, weigh
from govern.cli.overrides import overrides
from govern.cli.session import Session
from govern.engine.awaited import Awaited, also_awaited, awaited
from govern.engine.hands import Hand
from govern.engine.signed import live_keys
from govern.engine.upcoming import choices
from govern.ledger.merkle import root_of
from govern.ledger.moments import parse_stored, spell_time

_DIRTY = ("POLICY_DIRTY", "TEMPLATE_DIRTY")
_TOLD = frozenset((*_DIRTY, "LEDGER_UNPINNED"))
# Where every line has the moment of its record: `{"at":"…20…"`.
_AT = slice(7, 27)


def row_of(session: Session, checkpoint: Anchor | None) -> Row:
    """Return what the board says of the programme of a session.

    Raises:
        GovernError: it cannot be judged (status 3), or is broken (status 5).
    """
    view, policy = session.view, session.view.policy
    warned = [each for each in session.diagnostics if each.code not in _TOLD] + changed_evidence(session, view.state)
    return Row(
        programme=policy.programme.id,
        title=policy.programme.title,
        head=_head(session),
        policy=_in_force(session),
        pinned=session.pinned,
        overrides=list(overrides(session)),
        checkpoint=checkpoint,
        actors=list(policy.actors),
        keys={key.fingerprint: actor for actor in policy.actors for key in live_keys(view.state, actor)},
        warnings=[Warned(code=each.code, message=f"{each.place.file}: {each.message}" if each.place else each.message, help=each.help) for each in warned],
    )


def _head(session: Session) -> Head:
    lines, chain = session.contents.lines[: session.size], session.replay.chain
    return Head(ledger=str(chain.ledger), size=session.size, root=root_of(lines), last=chain.last, at=chain.at)


def _in_force(session: Session) -> InForce:
    state = session.view.state
    dirty = [each.message.partition(" ")[0] for each in session.diagnostics if each.code in _DIRTY]
    return InForce(version=state.version, sha256=state.policy_digest, dirty=dirty)


def waits_of(session: Session) -> dict[str, str]:
    """Return what waits in the programme of a session for each actor, as texts of JSON."""
    found: dict[str, list[Waiting]] = {}
    for each in _waits(session):
        for actor in each["by"]:
            found.setdefault(actor, []).append(each)
    return {actor: json.dumps(waits) for actor, waits in found.items()}


def _waits(session: Session) -> Iterator[Waiting]:
    view, lines = session.view, session.contents.lines

    def recorded(seq: int) -> int:
        return parse_stored(lines[seq][_AT].decode())

    weighed = weigh(view)
    for step, opening in weighed.steps:
        options = [
            Choice(option=each.address, number=each.number, missing=each.missing, unlocks=opening_json(weighed.options[each.address]))
            for each in choices(view)
            if step.packet and each.address.startswith(f"{step.packet}/")
        ]
        yield _waiting(awaited(step, view, recorded), opening_json(opening), options)
    for found in also_awaited(view, recorded, [step.command for step, _opening in weighed.steps]):
        yield _waiting(found, None, [])


def _waiting(found: Awaited, unlocks: Unlocks | None, options: list[Choice]) -> Waiting:
    return Waiting(
        kind=found.kind,
        what=found.what,
        command=found.command,
        by=[hand.actor for hand in found.by],
        not_today=_against(hand for hand in found.by if not hand.able),
        kept_out=_against(found.kept_out),
        given=list(found.given),
        since=spell_time(found.since) if found.since is not None else None,
        unlocks=unlocks,
        options=options,
    )


def _against(hands: Iterable[Hand]) -> list[Kept]:
    return [Kept(actor=hand.actor, why=hand.against) for hand in hands]
