"""The command that clears a cause, as text that can be pasted.

Pure.
"""

from govern.engine.state import GrantInstance
from govern.engine.view import View
from govern.policy import find
from govern.policy.blockers import Leg
from govern.policy.guards import BlockerFact, GrantFact, HonouredFact, LaneFact
from govern.policy.model import Policy


def record_grant(name: str, by: tuple[str, ...], view: View) -> str:
    """Return the command that records a grant, or adds the next word to one that waits for several."""
    waiting = [instance for instance in to_record(name, view) if instance.approvals]
    actor = next((each for each in by if not waiting or each not in waiting[-1].approvals), by[0])
    target = f"{name}#{waiting[-1].seq}" if waiting else name
    return f"govern grant record {target} --as {actor}"


def to_record(name: str, view: View) -> list[GrantInstance]:
    """Return the instances of a grant that were asked for, or have some of the words they take, and can be recorded yet."""
    open_states = {state for way in view.policy.lifecycles.grant.transitions if way.trigger == "record" for state in way.from_}
    return [each for each in view.instances(name) if each.recorded_at is None and each.state in open_states]


def discharge(path: str, declared: Leg, by: tuple[str, ...]) -> str:
    """Return the command that proves a leg by evidence."""
    assert declared.evidence is not None
    shown = '--attest "…"' if declared.evidence.kind == "attest" else "--evidence FILE"
    return f"govern blocker discharge {path} {shown} --as {by[0]}"


def who_ends(fact: GrantFact | HonouredFact | LaneFact | BlockerFact, policy: Policy) -> tuple[str, ...]:
    """Return who can make a state go away that must not hold."""
    match fact:
        case GrantFact(grant=name) | HonouredFact(honoured=name):
            return find.everyone(policy, policy.grants[name].issuer)
        case LaneFact() | BlockerFact():  # pragma: no branch - the facts under a `not` are these
            return tuple(policy.actors)


def to_end(fact: GrantFact | HonouredFact | LaneFact | BlockerFact, view: View, record: int | None) -> str:
    """Return the command that makes a state go away that must not hold."""
    match fact:
        case GrantFact(grant=name) | HonouredFact(honoured=name):
            target = f"{name}#{record}" if record is not None else name
            return f'govern grant revoke {target} --reason "…" --as {who_ends(fact, view.policy)[0]}'
        case LaneFact(lane=name):
            return f"govern lane close {name} --as {next(iter(view.policy.actors))}"
        case BlockerFact(blocker=name):  # pragma: no branch - the facts under a `not` are these
            return f"govern why {name}"
