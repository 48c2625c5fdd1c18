"""What a guard means: its formula over what is on record about grants, evidence, lanes, packets, findings and actions.

Pure. Legs that require, blockers and lanes that open by a guard are followed down to that, each version by its own
declarations, as `govern.engine.judge` follows them: a part holds, fails, or is unknown, and under `not` what fails for
a doubt alone is unknown, too. What rests on itself is unknown.
"""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from govern.policy import find
from govern.policy.blockers import BlockerState
from govern.policy.diff.formulas import FALSE, TRUE, Formula, Is, Need, Variable, conjunction, disjunction
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
    facts,
)
from govern.policy.model import Policy


class Meaning(NamedTuple):
    """Where a guard holds, where it fails, and where it fails beyond doubt."""

    holds: Formula
    fails: Formula
    surely: Formula


_ALWAYS = Meaning(TRUE, FALSE, FALSE)
_NEVER = Meaning(FALSE, TRUE, TRUE)
_UNKNOWN = Meaning(FALSE, FALSE, FALSE)


class Meanings:
    """The meanings of the guards of one policy. `options` are those that each packet can have selected, here or elsewhere.

    With `entry`, the meanings where something is entered, these are those by which what was decided still stands: a
    grant that was rightly used counts.
    """

    def __init__(self, policy: Policy, options: Mapping[str, frozenset[str]], entry: "Meanings | None" = None) -> None:
        self.policy, self.options, self.in_force = policy, options, entry is not None
        # Lanes, and what stands under `not`, are judged apart from what asks for them: a grant that was used is none there.
        self.entry = entry or self
        self._known: dict[tuple[str, str], Meaning] = {}
        self._asked: list[tuple[str, str]] = []
        self._circles = 0

    def of(self, guard: Guard | None, owner: str = "") -> Meaning:
        """Return the meaning of a guard; none asks for nothing. Each place in it that names a grant asks for a record of its own."""
        return _ALWAYS if guard is None else _Reading(self, owner, _repeated(guard)).read(guard)

    def leg(self, path: str) -> Meaning:
        """Return where a leg is proven, in a guard: a substitute never is."""
        return _NEVER if self.policy.legs[path].stands_in_for else self._proof(path)

    def _proof(self, path: str) -> Meaning:
        requires = self.policy.legs[path].requires
        return _plain(Variable("leg", path), "proven") if requires is None else self.once("leg", path, requires)

    def lane(self, name: str) -> Meaning:
        """Return where a lane is open."""
        lane = self.policy.lanes[name]
        if lane.standing:
            return _ALWAYS
        ways = [_plain(Variable("lane", name), "open")] if lane.opened_by is not None else []
        ways += [self.entry.once("lane", name, lane.opens_when)] if lane.opens_when is not None else []
        return ways[0] if len(ways) == 1 else _joined(1, ways)

    def grant(self, name: str) -> Meaning:
        """Return where a grant is usable."""
        return _grant(Variable("grant", name), honoured=False)

    def selected(self, address: str) -> Meaning:
        """Return where an option is selected and in force. A packet has one option selected, so another is its opposite."""
        packet, option = find.option(self.policy, address)
        variable = Variable("packet", packet)
        others = self.options[packet] - {option.id} | {"none"}
        return Meaning(Is(variable, frozenset([option.id])), Is(variable, others | {"doubtful"}), Is(variable, others))

    def blocker(self, name: str, state: str) -> Meaning:
        """Return where a blocker is in a state: the first of which the condition holds."""
        conditions = [(each.state, self._condition(name, each)) for each in self.policy.blocker_states]
        until: list[Formula] = []
        before: list[Formula] = []
        behind: list[Formula] = []
        wanted: Meaning | None = None
        for each, condition in conditions:
            first = conjunction([*until, condition.holds])
            if each == state:
                wanted = condition
                holds = first
            else:
                (before if wanted is None else behind).append(first)
            until.append(condition.fails)
        assert wanted is not None, "a blocker fact names a declared state"
        surely = disjunction([*before, conjunction([disjunction(behind), wanted.surely])])
        return Meaning(holds, disjunction([*before, *behind]), surely)

    def closed(self, name: str) -> Formula:
        """Return where a blocker is in a state that closes it."""
        return disjunction(self.blocker(name, each.state).holds for each in self.policy.blocker_states if each.closes)

    def _condition(self, blocker: str, state: BlockerState) -> Meaning:
        if state.when is None:
            return _ALWAYS
        legs = {f"{blocker}/{name}": leg for name, leg in self.policy.blockers[blocker].legs.items() if not leg.stands_in_for}
        counted = [self._proof(path) for path, leg in legs.items() if find.is_by(self.policy, leg, state.when.by)]
        return _joined(len(counted) if state.when.legs == "all" else 1, counted) if counted else _NEVER

    def once(self, kind: str, name: str, guard: Guard) -> Meaning:
        """Return the meaning of what a leg or a lane requires, read once."""
        key = kind, name
        if key in self._known:
            return self._known[key]
        if key in self._asked:
            self._circles += 1
            return _UNKNOWN
        circles = self._circles
        self._asked.append(key)
        found = self.of(guard, f"{kind} {name}")
        self._asked.pop()
        # What was found with a stop-gap holds only where it was asked for.
        if self._circles == circles:
            self._known[key] = found
        return found


class _Reading:
    """One reading of a written guard. Where a grant is named a second time, and both may be needed, it is a second use."""

    def __init__(self, meanings: Meanings, owner: str, repeated: frozenset[str]) -> None:
        self._meanings, self._owner, self._repeated = meanings, owner, repeated

    def read(self, guard: Guard) -> Meaning:
        return self._read(guard, {})

    def _read(self, guard: Guard, uses: dict[str, int]) -> Meaning:
        match guard:
            case All(all=parts):
                return _joined(len(parts), [self._read(part, uses) for part in parts])
            case AtLeast(at_least=wanted, of=parts):
                return _joined(wanted, [self._read(part, uses) for part in parts])
            case AnyOf(any=parts):
                ways = [dict(uses) for _ in parts]
                found = [self._read(part, way) for part, way in zip(parts, ways, strict=True)]
                for way in ways:
                    uses.update({name: max(number, uses.get(name, 0)) for name, number in way.items()})
                return _joined(1, found)
            case Not(not_=fact):
                inner = _Reading(self._meanings.entry, self._owner, self._repeated).read(fact)
                return Meaning(inner.surely, inner.holds, inner.holds)
            case _:
                return self._fact(guard, uses)

    def _fact(self, fact: Fact, uses: dict[str, int]) -> Meaning:
        meanings = self._meanings
        match fact:
            case GrantFact(grant=name):
                return _grant(self._use(name, uses), honoured=meanings.in_force)
            case HonouredFact(honoured=name):
                return _grant(self._use(name, uses), honoured=True)
            case LegFact(leg=path):
                return meanings.leg(path)
            case LaneFact(lane=name):
                return meanings.lane(name)
            case BlockerFact(blocker=name, is_=state):
                return meanings.blocker(name, state)
            case SelectedFact(selected=address):
                return meanings.selected(address)
            case DoneFact(done=name):
                return _plain(Variable("done", name), "done")
            case FindingFact(finding=name, is_=result):  # pragma: no branch - the facts are these
                return _finding(Variable("finding", name), result)

    def _use(self, name: str, uses: dict[str, int]) -> Variable:
        if name not in self._repeated:
            return Variable("grant", name, f"{self._owner}#1")
        uses[name] = uses.get(name, 0) + 1
        return Variable("grant", name, f"{self._owner}#{uses[name]}")


def _repeated(guard: Guard) -> frozenset[str]:
    """Return the grants that a guard names more than once."""
    named = Counter(str(getattr(fact, "grant", None) or getattr(fact, "honoured", "")) for fact, _negated in facts(guard))
    return frozenset(name for name, number in named.items() if number > 1)


def _joined(wanted: int, parts: list[Meaning]) -> Meaning:
    left = len(parts) - wanted + 1
    return Meaning(*(Need(max(number, 0), tuple(each[index] for each in parts)) for index, number in enumerate((wanted, left, left))))


def _plain(variable: Variable, value: str) -> Meaning:
    return Meaning(Is(variable, frozenset([value])), Is(variable, frozenset(["none", "doubtful"])), Is(variable, frozenset(["none"])))


def _grant(use: Variable, *, honoured: bool) -> Meaning:
    """A use of a grant needs a record of its own to hold; to fail, it needs that there is none at all."""
    failing = ["none"] if honoured else ["none", "honoured"]
    pool = Variable("grant", use.name)
    return Meaning(
        Is(use, frozenset(["honoured", "usable"] if honoured else ["usable"])), Is(pool, frozenset([*failing, "doubtful"])), Is(pool, frozenset(failing))
    )


def _finding(variable: Variable, result: str) -> Meaning:
    if result == "unknown":
        return Meaning(Is(variable, frozenset(["unknown"])), Is(variable, frozenset(["pass", "fail", "doubtful"])), Is(variable, frozenset(["pass", "fail"])))
    other = {"pass": "fail", "fail": "pass"}[result]
    return Meaning(Is(variable, frozenset([result])), Is(variable, frozenset([other, "doubtful"])), Is(variable, frozenset([other])))
