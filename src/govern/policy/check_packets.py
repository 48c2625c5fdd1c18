"""Packets, options and invariants: one HOLD each, scopes, delegation, and a lineage without a silent gap.

Pure.
"""

from collections.abc import Iterator, Mapping

from govern.policy import find
from govern.policy.model import Packet, Policy
from govern.policy.references import place_of
from govern.problems import Problem


def check_packets(policy: Policy) -> Iterator[Problem]:
    """Yield the faults of packets and of the invariants over them."""
    for name, packet in policy.packets.items():
        yield from _option_faults(name, packet, policy)
        yield from _origin_faults(name, packet, policy)
        for boundary in packet.boundaries:
            if boundary.scope and boundary.scope == boundary.does_not_authorize:
                yield Problem("POLICY_BOUNDARY", "a scope cannot fail to authorize itself", boundary.at)
    yield from _lineage_faults(policy)
    yield from _invariant_faults(policy)


def _origin_faults(name: str, packet: Packet, policy: Policy) -> Iterator[Problem]:
    """A packet names the decision it consumes and the status it continues; what is not known of the two is a declared gap."""
    statuses = bool(policy.statuses)
    if packet.lineage_gap is not None and packet.consumes is not None and (packet.continues is not None or not statuses):
        help = "remove `lineage_gap`: nothing is left that is not known"
        yield Problem("POLICY_LINEAGE", f"packet `{name}` declares a gap, and has none", packet.at_key("lineage_gap"), help=help)
    elif packet.lineage_gap is None and packet.consumes is None:
        help = "say which decision it uses up (`consumes`), or why that is not known (`lineage_gap`)"
        yield Problem("POLICY_LINEAGE", f"packet `{name}` names no decision that it consumes", packet.at, help=help)
    elif packet.lineage_gap is None and packet.continues is None and statuses:
        help = "say where it goes on from (`continues`), or why that is not known (`lineage_gap`)"
        yield Problem("POLICY_LINEAGE", f"packet `{name}` names no status that it continues", packet.at, help=help)


def _option_faults(name: str, packet: Packet, policy: Policy) -> Iterator[Problem]:
    holds = [option for option in packet.options if option.hold]
    if len(holds) != 1:
        yield Problem(
            "POLICY_HOLD", f"packet `{name}` has {len(holds)} HOLD options, wanted exactly one", packet.at_key("options"), help="mark one `hold: true`"
        )
    for option in packet.options:
        if option.hold and (option.requires or option.lane or option.scope or option.leads_to):
            yield Problem("POLICY_HOLD", f"`{option.id}` is a HOLD and must always be open", option.at, help="remove requires, lane, scope and leads_to")
        if not option.hold and option.scope is None:
            yield Problem("POLICY_SCOPE", f"option `{option.id}` has no scope", option.at, help="add `scope:`")
        if option.delegable and option.scope and policy.scopes[option.scope].protected:
            message = f"option `{option.id}` is in the protected scope `{option.scope}` and cannot be delegable"
            yield Problem("POLICY_DELEGATION", message, option.at_key("delegable"), help="remove `delegable`")
        lane = find.lane_of(policy, name, option)
        if option.scope and policy.scopes[option.scope].protected and (lane is None or policy.lanes[lane].scope != option.scope):
            message = f"option `{option.id}` is in the protected scope `{option.scope}` and its lane is not"
            yield Problem("POLICY_SCOPE", message, option.at, help="give it a lane of that scope")


def _lineage_faults(policy: Policy) -> Iterator[Problem]:
    users: dict[tuple[str, str], str] = {}
    parent: dict[str, str] = {}
    for name, packet in policy.packets.items():
        if packet.consumes is None:
            continue
        source, option = find.option(policy, packet.consumes)
        parent[name] = source
        first = users.setdefault((source, option.id), name)
        if first != name:
            message = f"packets `{first}` and `{name}` both consume `{source}/{option.id}`"
            yield Problem("POLICY_LINEAGE", message, packet.at_key("consumes"), help="a decision is used up once")
        if option.hold:
            message = f"packet `{name}` consumes a HOLD, which decides nothing"
            yield Problem("POLICY_LINEAGE", message, packet.at_key("consumes"), help="name another option, or a `lineage_gap`")
    for name in parent:
        if name in _ancestors(name, parent):
            yield Problem("POLICY_LINEAGE", f"packet `{name}` descends from itself", policy.packets[name].at_key("consumes"), help="break the circle")


def _ancestors(name: str, parent: Mapping[str, str]) -> set[str]:
    seen: set[str] = set()
    while name in parent and parent[name] not in seen:
        name = parent[name]
        seen.add(name)
    return seen


def _invariant_faults(policy: Policy) -> Iterator[Problem]:
    for name, invariant in policy.invariants.items():
        if invariant.always_possible:
            _packet, option = find.option(policy, invariant.always_possible.decide)
            if not option.hold:
                help = "only a HOLD can be decided from every state"
                yield Problem("POLICY_INVARIANT", f"invariant `{name}`: `{option.id}` is guarded", invariant.at_key("always_possible"), help=help)
        if invariant.never and find.option(policy, invariant.never.selecting)[1].hold:
            yield Problem("POLICY_INVARIANT", f"invariant `{name}` would forbid a HOLD", invariant.at_key("never"))
        if invariant.distinct and find.option(policy, invariant.distinct.selecting)[1].hold:
            yield Problem("POLICY_INVARIANT", f"invariant `{name}` is about a HOLD, which requires nothing", invariant.at_key("distinct"))
        for lane in invariant.acts.open if invariant.acts else ():
            if policy.lanes[lane].opened_by is None:
                help = "name a lane with `opened_by`"
                yield Problem("POLICY_INVARIANT", f"invariant `{name}`: no record opens lane `{lane}`", place_of(lane, invariant), help=help)
