"""Verdicts: whether an option, a lane, a leg, a grant, a blocker or an action is allowed, with every requirement.

Pure. The one function that the command line, the documents and the acts ask.
"""

from dataclasses import dataclass, replace
from typing import Literal

from govern.engine.causes import Cause, Judged, Requirement, combined, failing, leaf, requirements
from govern.engine.claims import judge_claim
from govern.engine.judge import in_force, judge, judge_lane, judge_leg
from govern.engine.leaves import finding, grant
from govern.engine.separate import separate
from govern.engine.view import View
from govern.policy import find
from govern.policy.guards import FindingFact
from govern.policy.model import Option, Policy
from govern.problems import Exit, GovernError, did_you_mean, fault

TargetKind = Literal["option", "blocker", "leg", "lane", "grant", "action", "packet", "finding", "claim"]


@dataclass(frozen=True, slots=True)
class Target:
    """Something that can be asked about. `name` is its full address."""

    kind: TargetKind
    name: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether something is allowed, and the judged guard behind the answer."""

    target: Target
    judged: Judged

    @property
    def allowed(self) -> bool:
        """Only true opens."""
        return self.judged.truth is True

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """Every requirement, in the order of the policy."""
        return requirements(self.judged)


def verdict(target: Target, view: View) -> Verdict:
    """Judge whether a target is allowed: an option decided, a blocker closed, a lane open, an action done, a claim supported."""
    policy = view.policy
    match target.kind:
        case "option":
            packet, option = find.option(policy, target.name)
            judged = judge_option(packet, option, view)
        case "blocker":
            legs = [(f"{target.name}/{name}", leg) for name, leg in policy.blockers[target.name].legs.items()]
            judged = _all(tuple(judge_leg(path, view, leg.at) for path, leg in legs if not leg.stands_in_for))
        case "leg":
            judged = judge_leg(target.name, view, find.leg(policy, target.name).at)
        case "lane":
            judged = judge_lane(target.name, view, policy.lanes[target.name].at)
        case "grant":
            judged = leaf(grant(target.name, view, policy.grants[target.name].at, None, honoured=False))
        case "action":
            judged = judge_action(target.name, view)
        case "finding":
            fact = FindingFact.model_validate({"finding": target.name, "is": "pass"})
            judged = leaf(replace(finding(fact, view, None), at=policy.findings[target.name].at))
        case "claim":
            judged = judge_claim(target.name, view)
        case "packet":  # pragma: no branch - the kinds of targets are these
            judged = leaf(_issued(target.name, view))
    return Verdict(target, judged)


def _all(parts: tuple[Judged, ...]) -> Judged:
    return combined(len(parts), parts)


def judge_option(packet: str, option: Option, view: View, *, superseding: int | None = None) -> Judged:
    """Judge whether an option can be decided now. HOLD always can.

    `superseding` is the refusal that the decision takes back, where it names one.
    """
    if option.hold:
        why = "returning to HOLD is always possible"
        return leaf(Requirement(f"hold:{packet}/{option.id}", "hold", truth=True, why=why, at=option.at))
    parts: list[Judged] = []
    if not view.is_current(packet):
        parts.append(leaf(_issued(packet, view)))
    refusal = view.packet(packet).refused.get(option.id)
    if refusal is not None and superseding != refusal:
        parts.append(leaf(_refused(packet, option, refusal, view)))
    lane = find.lane_of(view.policy, packet, option)
    assert lane is not None, "`govern check` refuses an option that no lane can reach"
    parts.append(judge_lane(lane, view, option.at_key("lane")))
    if option.requires:
        parts.append(judge(option.requires, view, scope=option.scope))
    judged = separate(_all(tuple(parts)))
    if judged.truth is not True:
        return judged
    return _all((judged, *_broken_invariants(packet, option, view)))


def _broken_invariants(packet: str, option: Option, view: View, *, standing: bool = False) -> list[Judged]:
    """Judge the promises about entering an option; a broken one forbids what the guard alone would allow."""
    broken: list[Judged] = []
    for name, invariant in view.policy.invariants.items():
        if not invariant.never or not invariant.unless:
            continue
        if find.option(view.policy, invariant.never.selecting) != (packet, option):
            continue
        judged = judge(invariant.unless, view, scope=invariant.scope or option.scope, in_force=standing)
        if judged.truth is not True:
            missing = ", ".join(each.id for each in failing(judged))
            why = f"invariant {name} forbids it while these do not hold: {missing}"
            requirement = Requirement(f"invariant:{name}", "invariant", judged.truth, why, invariant.at, Cause.MISSING, how="govern explain invariants")
            broken += [leaf(requirement), judged]
    return broken


def judge_action(name: str, view: View) -> Judged:
    """Judge whether an action may be carried out now: its guard, its grant, and every promise about what is selected."""
    action = view.policy.actions[name]
    if action.needs is None:
        why = f"no grant for {name} exists yet"
        return leaf(Requirement(f"action:{name}", "action", truth=False, why=why, at=action.at, cause=Cause.MISSING))
    scope = find.action_scope(view.policy, action)
    parts = [judge(action.needs, view, scope=scope)]
    if action.consumes:
        parts.append(leaf(grant(action.consumes, view, action.at_key("consumes"), scope, honoured=False)))
    judged = _all(tuple(parts))
    if judged.truth is not True:
        return judged
    for packet, declared in view.policy.packets.items():
        for option in declared.options:
            if view.packet(packet).selected == option.id and in_force(packet, option, view):
                parts += _broken_invariants(packet, option, view, standing=True)
    return _all(tuple(parts))


def _issued(packet: str, view: View) -> Requirement:
    standing = view.packet(packet)
    current = view.is_current(packet)
    why = f"packet {packet} is {standing.state}"
    if standing.consumed_by:
        why += f" by {standing.consumed_by}"
    cause = None if current else Cause.CONSUMED if standing.consumed_by else Cause.AWAITING
    how = "" if standing.consumed_by else f"govern packet issue {packet} --as {next(iter(view.policy.actors))}"
    by = () if standing.consumed_by else tuple(view.policy.actors)
    return Requirement(f"packet:{packet}", "packet", current, why, view.policy.packets[packet].at, cause, by, how, standing.issued)


def _refused(packet: str, option: Option, refusal: int, view: View) -> Requirement:
    by = find.everyone(view.policy, view.policy.packets[packet].decided_by)
    how = f"govern decide {packet}/{option.id} --supersedes {refusal} --as {by[0]}"
    why = f"{option.id} was refused by record #{refusal}"
    return Requirement(f"refusal:{packet}/{option.id}", "refusal", truth=False, why=why, at=option.at, cause=Cause.REFUSED, by=by, how=how, record=refusal)


def find_target(text: str, view: View) -> Target:
    """Return what an address means.

    A bare option is looked for among the issued, current packets, where exactly one may have it.

    Raises:
        GovernError: unknown, or several things have that name; with the candidates, status 2.
    """
    found = _named(text, view.policy) + _options(text, view)
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(f"`{target.name}` ({target.kind})" for target in found)
        raise fault(Exit.USAGE, "AMBIGUOUS_ID", f"`{text}` names several things", help=f"one of {several}")
    raise _unknown(text, view)


def _named(text: str, policy: Policy) -> list[Target]:
    kinds: tuple[tuple[TargetKind, object], ...] = (
        ("blocker", policy.blockers),
        ("lane", policy.lanes),
        ("grant", policy.grants),
        ("action", policy.actions),
        ("packet", policy.packets),
        ("finding", policy.findings),
        ("claim", policy.claims),
        ("leg", [path for path, _leg in find.leg_paths(policy)]),
    )
    return [Target(kind, text) for kind, names in kinds if text in names]  # type: ignore[operator]


def _options(text: str, view: View) -> list[Target]:
    found = [] if text.startswith("/") else find.options_at(view.policy, text)
    if "/" not in text:
        found = [(packet, option) for packet, option in found if view.is_current(packet)]
    return [Target("option", f"{packet}/{option.id}") for packet, option in found]


def _unknown(text: str, view: View) -> GovernError:
    elsewhere = find.options_at(view.policy, text)
    if elsewhere:
        where = ", ".join(f"`{packet}/{option.id}`" for packet, option in elsewhere)
        return fault(Exit.USAGE, "UNKNOWN_ID", f"no current packet has the option `{text}`", help=f"name it in full: {where}")
    policy = view.policy
    known = {*policy.blockers, *policy.lanes, *policy.grants, *policy.actions, *policy.packets, *policy.findings, *policy.claims}
    known |= {path for path, _leg in find.leg_paths(policy)}
    known |= {word for name, packet in policy.packets.items() for option in packet.options for word in (option.id, f"{name}/{option.id}")}
    hint = did_you_mean(text, known) or "`govern status` lists what there is"
    return fault(Exit.USAGE, "UNKNOWN_ID", f"nothing is called `{text}`", help=hint)
