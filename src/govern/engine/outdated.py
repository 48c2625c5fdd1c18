"""Words that stand, of persons who could not give them any more: who may act is asked when they act, and is not asked again.

Pure. A policy that is adopted later judges the guards of what was decided, not the deciders; that nobody is surprised, it is told.
"""

from collections.abc import Iterator
from typing import NamedTuple

from govern.engine.view import View
from govern.policy.reach import filled_by
from govern.policy.who import Who


class Outdated(NamedTuple):
    """What stands, by which record and by whose words, and whose it would take under the policy in force."""

    what: str
    record: int
    actors: tuple[str, ...]
    wanted: Who
    command: str


def outdated(view: View) -> Iterator[Outdated]:
    """Yield each selected option, open lane and grant on record that those who gave their words could not give now."""
    yield from (each for each in standing_words(view) if not could_give(each, view))


def standing_words(view: View) -> Iterator[Outdated]:
    """Yield each selected option, open lane and grant on record, with whose words it stands by."""
    policy, state = view.policy, view.state
    for name, packet in state.packets.items():
        declared = policy.packets.get(name)
        options = {option.id: option for option in declared.options} if declared else {}
        if declared and packet.selected in options and not options[packet.selected].hold and not packet.reported and packet.decision is not None:
            actors = tuple(approval.actor for approval in packet.decided_by)
            yield Outdated(f"{name}/{packet.selected} is selected", packet.decision, actors, declared.decided_by, f"govern decide {name}/{packet.selected}")
    states = policy.lifecycles.lane.states
    for name, lane in state.lanes.items():
        opener = policy.lanes[name].opened_by if name in policy.lanes else None
        if opener is not None and lane.state in states and states[lane.state].counts and not lane.imported and lane.changed is not None:
            yield Outdated(f"lane {name} is open", lane.changed, lane.opened_by, opener, f"govern lane close {name}")
    counting = policy.lifecycles.grant.states
    for instance in state.instances.values():
        grant = policy.grants.get(instance.grant)
        if grant and instance.state in counting and counting[instance.state].counts and not instance.imported:
            what, command = f"{instance.grant}#{instance.seq} is on record", f'govern grant revoke {instance.grant}#{instance.seq} --reason "…"'
            yield Outdated(what, instance.changed, instance.approvals, grant.issuer, command)


def could_give(each: Outdated, view: View) -> bool:
    """Whether those by whose words something stands could give them under the policy in force."""
    return filled_by(view.policy, each.wanted, each.actors)
