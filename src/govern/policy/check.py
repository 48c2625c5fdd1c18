"""What the shape of a policy cannot say: references, scopes, lifecycles, packets, and what nobody can satisfy.

Pure. Every fault is yielded, in no order; the caller sorts them by place.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from govern.policy import find
from govern.policy.check_actions import check_actions
from govern.policy.check_agents import check_agents
from govern.policy.check_blockers import check_blockers
from govern.policy.check_claims import check_claims
from govern.policy.check_guards import check_guards
from govern.policy.check_packets import check_packets
from govern.policy.check_registry import check_registry
from govern.policy.check_separation import check_separation
from govern.policy.lifecycles import KINDS, TRIGGERS, Kind, Lifecycle
from govern.policy.model import Policy
from govern.policy.reach import check_reach
from govern.policy.references import check_references, place_of
from govern.problems import Problem


def check_policy(policy: Policy) -> Iterator[Problem]:
    """Yield every static fault of a policy whose shape is right."""
    sound = True
    for fault in chain(check_references(policy), _collisions(policy), *(_lifecycle_faults(kind, policy.lifecycles.of(kind)) for kind in KINDS)):
        sound = False
        yield fault
    if sound:
        # What follows looks names up and walks the lifecycles; it would only repeat the faults above.
        yield from check_blockers(policy)
        yield from _lane_faults(policy)
        yield from check_actions(policy)
        yield from check_agents(policy)
        yield from _authority_faults(policy)
        yield from _document_faults(policy)
        yield from check_registry(policy)
        yield from check_packets(policy)
        yield from check_guards(policy)
        yield from check_reach(policy)
        yield from check_separation(policy)
        yield from check_claims(policy)


def _collisions(policy: Policy) -> Iterator[Problem]:
    """Two names that differ in case only are one file on some systems, and one name to a hurried reader."""
    sections: tuple[Iterable[str], ...] = (
        policy.actors, policy.roles, policy.scopes, policy.lanes, policy.grants, policy.blockers, policy.packets,
        policy.surfaces, policy.actions, policy.claims, policy.findings, policy.documents, policy.invariants,
    )  # fmt: skip
    for section in (*sections, *(blocker.legs for blocker in policy.blockers.values())):
        seen: dict[str, str] = {}
        for name in section:
            first = seen.setdefault(name.lower(), name)
            if first != name:
                yield Problem("POLICY_COLLISION", f"`{name}` and `{first}` differ in case only", place_of(name, policy))
    for role in policy.roles:
        if role in policy.actors:
            yield Problem("POLICY_COLLISION", f"`{role}` is a role and an actor", place_of(role, policy), help="rename one")
    for name, packet in policy.packets.items():
        words = [(word, option) for option in packet.options for word in dict.fromkeys((option.number, option.id))]
        several = Counter(word for word, _option in words)
        for word, option in words:
            if several[word] > 1:
                yield Problem("POLICY_COLLISION", f"`{word}` names two options of packet `{name}`", place_of(word, option), help="rename one")


def _lifecycle_faults(kind: Kind, lifecycle: Lifecycle) -> Iterator[Problem]:
    reached = {lifecycle.initial}
    for _ in lifecycle.states:
        reached |= {way.to for way in lifecycle.transitions if reached & set(way.from_)}
    for state in lifecycle.states if lifecycle.initial in lifecycle.states else ():
        if state not in reached:
            help = f"no way leads from `{lifecycle.initial}` to it"
            yield Problem("POLICY_UNREACHABLE", f"state `{state}` of the {kind} lifecycle cannot be reached", place_of(state, lifecycle), help=help)
    taken: set[tuple[str, str]] = set()
    for way in lifecycle.transitions:
        if way.trigger not in TRIGGERS[kind]:
            known = ", ".join(TRIGGERS[kind])
            yield Problem("POLICY_TRIGGER", f"`{way.trigger}` is no act on a {kind}", way.at_key("trigger"), help=f"known: {known}")
        for source in way.from_:
            if (way.trigger, source) in taken:
                message = f"two transitions of the {kind} lifecycle take `{way.trigger}` from `{source}`"
                yield Problem("POLICY_AMBIGUOUS", message, way.at, help="a blocked one would fall through to the next; keep one")
            taken.add((way.trigger, source))
    yield from _counting_faults(kind, lifecycle)


def _counting_faults(kind: Kind, lifecycle: Lifecycle) -> Iterator[Problem]:
    """What counts is never there by itself, and only an authority brings a grant, a leg or a lane there."""
    counting = {name for name, state in lifecycle.states.items() if state.counts}
    if not counting:
        yield Problem("POLICY_LIFECYCLE", f"no state of the {kind} lifecycle counts", lifecycle.at, help="mark one `counts: true`")
    if lifecycle.initial in counting:
        message = f"the {kind} lifecycle starts in `{lifecycle.initial}`, which counts"
        yield Problem("POLICY_LIFECYCLE", message, lifecycle.at_key("initial"), help="nothing on record is never enough; start in another state")
    for way in lifecycle.transitions:
        if kind != "packet" and way.by == "anyone" and way.to in counting and not counting.issuperset(way.from_):
            message = f"anyone could bring a {kind} into `{way.to}`, which counts"
            yield Problem("POLICY_LIFECYCLE", message, way.at_key("by"), help="let it be by `authority`, or by `member`")


def _lane_faults(policy: Policy) -> Iterator[Problem]:
    for name, lane in policy.lanes.items():
        ways = [lane.standing, lane.opens_when is not None, lane.opened_by is not None]
        if sum(ways) == 0:
            yield Problem("POLICY_LANE", f"lane `{name}` can never open", lane.at, help="give it `standing`, `opens_when` or `opened_by`")
        if lane.standing and sum(ways) > 1:
            yield Problem("POLICY_LANE", f"lane `{name}` stands open, so nothing else opens it", lane.at, help="remove `standing` or the rest")
        if lane.standing and policy.scopes[lane.scope].protected:
            help = "let it be opened"
            yield Problem("POLICY_LANE", f"lane `{name}` stands open in the protected scope `{lane.scope}`", lane.at_key("standing"), help=help)


def _authority_faults(policy: Policy) -> Iterator[Problem]:
    """Only persons grant, decide, open a lane, fold a registry or adopt a policy."""
    for authority in find.authorities(policy):
        for actor in find.everyone(policy, authority.who):
            if policy.actors[actor].kind != "person":
                message = f"{authority.over}: `{actor}` is no person and cannot be part of `{authority.key}`"
                yield Problem("SCHEMA_ROLE_KIND", message, authority.at, help="delegate to an agent instead, with `delegable`")
    for name, actor_declared in policy.actors.items():
        giver = actor_declared.may_receive_from
        if giver and policy.actors[giver].kind != "person":
            yield Problem("SCHEMA_ROLE_KIND", f"`{giver}` is no person and cannot delegate to `{name}`", actor_declared.at_key("may_receive_from"))


_NAMED = {"packet": "packet", "blocker": "blocker", "since": "moment"}


def _document_faults(policy: Policy) -> Iterator[Problem]:
    paths: dict[str, str] = {}
    for name, document in policy.documents.items():
        for key, shown in (("packet", "packet"), ("blocker", "adoption"), ("since", "gap-closure")):
            given = getattr(document, key) is not None
            if given != (document.shows == shown) and not (key == "since" and document.shows == "report"):
                message = f"document `{name}`: `{key}` goes with `shows: {shown}`"
                yield Problem("POLICY_DOCUMENT", message, document.at, help=f"name the {_NAMED[key]}, or remove it")
        endings = ("", "") if document.shows == "addendum" else (".md", ".json")
        for path, key, ending in ((document.path, "path", endings[0]), (document.json_path, "json", endings[1])):
            if path is None:
                continue
            if not path.startswith("governance/") or not path.endswith(ending) or f"{path}/".startswith(("governance/ledger/", "governance/policy/")):
                help = f"governance/…/NAME{ending}"
                yield Problem("POLICY_DOCUMENT", f"`{path}` is no place for a rendered document", document.at_key(key), help=help)
            if paths.setdefault(path.lower(), name) != name:
                yield Problem("POLICY_COLLISION", f"documents `{name}` and `{paths[path.lower()]}` write the same file", document.at_key(key))
