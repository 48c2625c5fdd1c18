"""What a guard means as a formula over components: the evaluator's rules, for all situations at once.

Pure. It follows `govern.engine.judge` step by step; a test holds the two equal over random programmes and histories.
Read as a promise (`Reading.PROMISE`), the same words are held against what really happened, not against what the
lifecycles say that counts. Atoms name labels of components; `govern.proof.building` puts local states in their place.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from govern.engine.view import Memo
from govern.policy import find
from govern.policy.blockers import BlockerState, Leg
from govern.policy.guards import (
    All,
    AnyOf,
    AtLeast,
    BlockerFact,
    DoneFact,
    Fact,
    FindingFact,
    GrantFact,
    Guard,
    HonouredFact,
    LaneFact,
    LegFact,
    Not,
    SelectedFact,
)
from govern.policy.model import Option, Policy
from govern.problems import Place
from govern.proof.formulas import FALSE, TRUE, Formula, In, at_least, conjunction, disjunction, negation
from govern.proof.uses import MAX_SHARED, Use, choices, filled, sharing


class Reading(Enum):
    """How a guard is read: as the evaluator judges it, or as a promise, against what happened."""

    GUARD = "guard"
    PROMISE = "promise"


# What each reading asks of grants, legs and lanes.
_LABELS = {
    Reading.GUARD: {"grant": "counts", "honoured": "honoured", "leg": "proven", "lane": "open"},
    Reading.PROMISE: {"grant": "given", "honoured": "kept", "leg": "shown", "lane": "opened"},
}


@dataclass(frozen=True, slots=True)
class Where:
    """In what a guard stands: the scope that grants must be of, whether what was decided is to stand, and uses that get no record."""

    scope: str | None = None
    in_force: bool = False
    barred: frozenset[Use] = frozenset()


class Meaning:
    """The meanings of the guards of one policy, in one reading.

    `first_hand`: nothing that a document reports counts.
    """

    def __init__(self, policy: Policy, reading: Reading, *, first_hand: bool = False) -> None:
        self.policy, self.reading, self.first_hand = policy, reading, first_hand
        self._memo = Memo()

    def judged(self, guard: Guard, scope: str | None = None, *, in_force: bool = False) -> Formula:
        """Return where a guard holds, no record filling two of its requirements."""
        return self.together([guard], Where(scope, in_force))

    def stands(self, packet: str, option: Option) -> Formula:
        """Return where the lane of an option is open and what it requires is still honoured."""
        return self._once(("stands", packet, option.id), lambda: self.together(self._entry(packet, option), Where(option.scope, in_force=True)))

    def opens(self, packet: str, option: Option) -> Formula:
        """Return where the lane of an option is open and what it requires holds."""
        return self.together(self._entry(packet, option), Where(option.scope))

    def _entry(self, packet: str, option: Option) -> list[Guard | str]:
        lane = find.lane_of(self.policy, packet, option)
        assert lane is not None, "`govern check` refuses an option that no lane can reach"
        return [lane, *([option.requires] if option.requires else [])]

    def together(self, parts: list[Guard | str], where: Where) -> Formula:
        """Return where parts hold together: guards, and lanes by name."""
        shared = self._shared(parts, where)
        if not shared or len(shared) > MAX_SHARED:
            return self._whole(parts, where)
        ways = ((kept, replace(where, barred=frozenset(shared) - kept)) for kept in choices(shared))
        return disjunction(conjunction([filled(kept, self.policy), self._whole(parts, inner)]) for kept, inner in ways)

    def _whole(self, parts: list[Guard | str], where: Where) -> Formula:
        """Return where parts hold, each by itself."""
        return conjunction(self.lane(part, where.barred) if isinstance(part, str) else self.holds(part, where) for part in parts)

    def _inside(self, guard: Guard, where: Where) -> Formula:
        """Return where a guard that others rest on holds; where they have chosen which uses get records, it is theirs to give them."""
        return self.holds(guard, where) if where.barred else self.together([guard], where)

    def _fails_together(self, parts: list[Guard | str], where: Where) -> Formula:
        """Return where parts plainly do not hold together: one of them fails, or there are too few records for them.

        Where some would be unknown without a record, too few records are told as plainly no: that errs on the side of more.
        """
        ways = [self._lane_fails(part) if isinstance(part, str) else self.fails(part, where) for part in parts]
        shared = self._shared(parts, where)
        if shared:
            ways.append(conjunction([self._whole(parts, where), *([negation(self.together(parts, where))] if len(shared) <= MAX_SHARED else [])]))
        return disjunction(ways)

    def _shared(self, parts: list[Guard | str], where: Where) -> list[Use]:
        """Return the uses of grants that have more than one in what is judged together, where each needs a record of its own."""
        if self.reading is Reading.PROMISE:
            return []
        return sharing(parts, self.policy, in_force=where.in_force)

    def holds(self, guard: Guard, where: Where) -> Formula:
        """Return where a guard holds."""
        match guard:
            case All(all=parts):
                return conjunction(self.holds(part, where) for part in parts)
            case AnyOf(any=parts):
                return disjunction(self.holds(part, where) for part in parts)
            case AtLeast(at_least=wanted, of=parts):
                return at_least(wanted, (self.holds(part, where) for part in parts))
            case Not(not_=fact):
                return self.fails(fact, Where(where.scope))
            case _:
                return self._fact(guard, where)

    def _fact(self, fact: Fact, where: Where) -> Formula:
        match fact:
            case GrantFact(grant=name):
                return self._grant(name, fact.at, where, honoured=where.in_force)
            case HonouredFact(honoured=name):
                return self._grant(name, fact.at, where, honoured=True)
            case LegFact(leg=path):
                return FALSE if find.leg(self.policy, path).stands_in_for else self._proof(path, where)
            case LaneFact(lane=name):
                return self.lane(name, where.barred)
            case BlockerFact(blocker=name, is_=state):
                return self._blocker(name, state, where)
            case SelectedFact(selected=address):
                packet, option = find.option(self.policy, address)
                return self.selected(packet, option, where.scope)
            case DoneFact(done=name):
                return self._of(f"run:{name}", "done", where.scope)
            case FindingFact(finding=name, is_=result):  # pragma: no branch - the facts are these
                return self._of(f"finding:{name}", f"is {result}", where.scope)

    def _grant(self, name: str, at: Place, where: Where, *, honoured: bool) -> Formula:
        scope = where.scope or self.policy.grants[name].scope
        if scope != self.policy.grants[name].scope or any((use.at, use.grant) == (at, name) for use in where.barred):
            return FALSE
        return self._of(f"grant:{name}", _LABELS[self.reading]["honoured" if honoured else "grant"], scope)

    def _of(self, component: str, label: str, scope: str | None) -> Formula:
        first_hand = self.first_hand or (scope is not None and self.policy.scopes[scope].protected)
        return In(component, frozenset((f"{label}, first-hand" if first_hand else label,)))

    def _proof(self, path: str, where: Where) -> Formula:
        requires = find.leg(self.policy, path).requires
        if requires is None:
            return self._of(f"leg:{path}", _LABELS[self.reading]["leg"], where.scope)
        return self._once(("leg", path, where), lambda: self._inside(requires, where))

    def lane(self, name: str, barred: frozenset[Use] = frozenset()) -> Formula:
        """Return where a lane is open, some uses of grants getting no record."""
        lane = self.policy.lanes[name]
        if lane.standing:
            return TRUE
        ways = [self._of(f"lane:{name}", _LABELS[self.reading]["lane"], lane.scope)] if lane.opened_by is not None else []
        opens_when = lane.opens_when
        if opens_when is not None:
            where = Where(lane.scope, barred=barred)
            ways.append(self._once(("lane", name, barred), lambda: self._inside(opens_when, where)))
        return disjunction(ways)

    def _once(self, key: tuple[object, ...], meaning: Callable[[], Formula]) -> Formula:
        # What waits for itself is unknown, which opens nothing.
        in_circle: Formula = FALSE
        return self._memo.once(key, in_circle, meaning)

    def _counted(self, blocker: str) -> list[tuple[str, Leg]]:
        return [(f"{blocker}/{name}", leg) for name, leg in self.policy.blockers[blocker].legs.items() if not leg.stands_in_for]

    def _blocker(self, name: str, state: str, where: Where) -> Formula:
        """Return where a blocker is in a state: its condition holds, and that of no state before it."""
        declared = self.policy.blocker_states
        at = [each.state for each in declared].index(state)
        # A use without a record of its own makes nothing fail.
        before = (self._condition_fails(name, each, Where(where.scope, where.in_force)) for each in declared[:at])
        return conjunction([*before, self._condition(name, declared[at], where)])

    def _condition(self, blocker: str, state: BlockerState, where: Where) -> Formula:
        if state.when is None:
            return TRUE
        legs = [self._proof(path, where) for path in self._legs_by(blocker, state)]
        return at_least(len(legs) if state.when.legs == "all" else 1, legs) if legs else FALSE

    def _condition_fails(self, blocker: str, state: BlockerState, where: Where) -> Formula:
        assert state.when is not None, "`govern check` refuses a state behind one that always holds"
        legs = [self._proof_fails(path, where) for path in self._legs_by(blocker, state)]
        return at_least(1 if state.when.legs == "all" else len(legs), legs) if legs else TRUE

    def _legs_by(self, blocker: str, state: BlockerState) -> list[str]:
        assert state.when is not None
        return [path for path, leg in self._counted(blocker) if find.is_by(self.policy, leg, state.when.by)]

    def selected(self, packet: str, option: Option, scope: str | None = None) -> Formula:
        """Return where an option is selected and in force."""
        return conjunction([self._chosen(packet, option, scope), self._in_force(packet, option)])

    def _chosen(self, packet: str, option: Option, scope: str | None) -> Formula:
        guarded = any(name is not None and self.policy.scopes[name].protected for name in (scope, option.scope))
        reported = set() if guarded or self.first_hand else {f"{option.id}, reported"}
        return In(f"selected:{packet}", frozenset({option.id, *reported}))

    def _in_force(self, packet: str, option: Option) -> Formula:
        return TRUE if option.hold else conjunction([In(f"packet:{packet}", frozenset(("current",))), self.stands(packet, option)])

    def fails(self, guard: Guard, where: Where) -> Formula:
        """Return where a guard plainly does not hold: what is unknown neither holds nor fails."""
        if self.reading is Reading.PROMISE:
            return negation(self.holds(guard, where))
        match guard:
            case All(all=parts):
                return disjunction(self.fails(part, where) for part in parts)
            case AnyOf(any=parts):
                return conjunction(self.fails(part, where) for part in parts)
            case AtLeast(at_least=wanted, of=parts):
                return at_least(len(parts) - wanted + 1, (self.fails(part, where) for part in parts))
            case Not(not_=fact):
                return self.holds(fact, Where(where.scope))
            case _:
                return self._fact_fails(guard, where)

    def _fact_fails(self, fact: Fact, where: Where) -> Formula:
        match fact:
            case GrantFact(grant=name) | HonouredFact(honoured=name):
                unknown = self._of(f"grant:{name}", "lost", where.scope or self.policy.grants[name].scope)
                return conjunction([negation(self._fact(fact, where)), negation(unknown)])
            case LegFact(leg=path):
                return TRUE if find.leg(self.policy, path).stands_in_for else self._proof_fails(path, where)
            case LaneFact(lane=name):
                return self._lane_fails(name)
            case BlockerFact(blocker=name, is_=state):
                others = [each.state for each in self.policy.blocker_states if each.state != state]
                return disjunction(self._blocker(name, other, where) for other in others)
            case SelectedFact(selected=address):
                packet, option = find.option(self.policy, address)
                return disjunction([negation(self._chosen(packet, option, where.scope)), self._out_of_force(packet, option)])
            case DoneFact(done=name):
                unended = self._of(f"run:{name}", "unended", where.scope)
                return conjunction([negation(self._fact(fact, where)), negation(unended)])
            case FindingFact(finding=name, is_=result):  # pragma: no branch - the facts are these
                open_still = self._of(f"finding:{name}", "is unknown", where.scope)
                return conjunction([negation(self._fact(fact, where)), *([] if result == "unknown" else [negation(open_still)])])

    def _proof_fails(self, path: str, where: Where) -> Formula:
        if self.reading is Reading.PROMISE:
            return negation(self._proof(path, where))
        requires = find.leg(self.policy, path).requires
        if requires is None:
            return negation(self._proof(path, where))
        return self._once(("leg fails", path, where), lambda: self._fails_together([requires], where))

    def _lane_fails(self, name: str) -> Formula:
        lane = self.policy.lanes[name]
        if lane.standing:
            return FALSE
        ways = [negation(self._of(f"lane:{name}", "open", lane.scope))] if lane.opened_by is not None else []
        opens_when = lane.opens_when
        if opens_when is not None:
            ways.append(self._once(("lane fails", name), lambda: self._fails_together([opens_when], Where(lane.scope))))
        return conjunction(ways)

    def _out_of_force(self, packet: str, option: Option) -> Formula:
        if option.hold:
            return FALSE
        where = Where(option.scope, in_force=True)
        fallen = self._once(("falls", packet, option.id), lambda: self._fails_together(self._entry(packet, option), where))
        return disjunction([negation(In(f"packet:{packet}", frozenset(("current",)))), fallen])
