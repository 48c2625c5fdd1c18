"""Systems like those that policies become, of any size, and how long each engine of proof takes over them."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from itertools import product

from govern.proof import induction, unrolling
from govern.proof.formulas import TRUE, And, AtLeast, Formula, In, Not, Or, conjunction, disjunction, negation
from govern.proof.system import Component, Deed, Reached, Rule, System, Undecided, Unreached

_GRANT = ("none", "requested", "recorded", "over", "consumed", "completed", "unknown", "revoked")
_EDGES = {
    "request": {"none": "requested", "revoked": "requested"},
    "record": {"requested": "recorded"},
    "revoke": {"recorded": "revoked"},
    "consume": {"recorded": "consumed"},
    "complete": {"consumed": "completed"},
    "lose": {"consumed": "unknown"},
    "resolve": {"unknown": "completed"},
    "expire": {"recorded": "over"},
}
"""The acts of a grant's lifecycle, and time."""


def _in(component: str, *states: str) -> In:
    return In(component, frozenset(states))


def _moving(name: str, component: str, ways: dict[str, str], guard: Formula = TRUE) -> Rule:
    return Rule(
        name, guard, {component: {source: frozenset([target]) for source, target in ways.items()}}, ("owner",), Deed(name.split(maxsplit=1)[0], component)
    )


def grants(count: int) -> tuple[list[Component], list[Rule]]:
    """Return so many grants; every fifth can only be consumed after the one before it."""
    components = [Component(f"grant-{index}", _GRANT, _GRANT[:1]) for index in range(count)]
    rules = []
    for index in range(count):
        name = f"grant-{index}"
        for act, ways in _EDGES.items():
            follows = act == "consume" and index % 5 == 4
            rules.append(_moving(f"{act} {name}", name, ways, _in(f"grant-{index - 1}", "recorded", "consumed", "completed") if follows else TRUE))
    return components, rules


def _legs(count: int) -> tuple[list[Component], list[Rule]]:
    components = [Component(f"leg-{index}", ("empty", "filled"), ("empty",)) for index in range(count)]
    filled = [_moving(f"fill {one.name}", one.name, {"empty": "filled"}) for one in components]
    reopened = [_moving(f"reopen {one.name}", one.name, {"filled": "empty"}) for one in components]
    return components, filled + reopened


def _lanes(count: int) -> tuple[list[Component], list[Rule]]:
    components = [Component(f"lane-{index}", ("off", "running", "hold"), ("off",)) for index in range(count)]
    started = [
        _moving(f"start {one.name}", one.name, {"off": "running", "hold": "running"}, _in(f"leg-{index}", "filled")) for index, one in enumerate(components)
    ]
    stopped = [_moving(f"hold {one.name}", one.name, {"running": "hold"}) for one in components]
    return components, started + stopped


def programme(count: int, *, consumed_counts: bool = False) -> System:
    """Return a system of so many grants, half as many legs and an eighth of lanes, and one packet with an option over all of them.

    Planted: a grant that is used up counts as if it were on record.
    """
    legs = max(2, count // 2)
    components, rules = grants(count)
    for more, acts in (_legs(legs), _lanes(max(1, legs // 4))):
        components += more
        rules += acts
    components.append(Component("packet", ("hold", "opened", "done"), ("hold",)))
    guard = _guard(count, legs, ("recorded", "consumed") if consumed_counts else ("recorded",))
    rules.append(_moving("select packet", "packet", {"hold": "opened"}, guard))
    rules.append(_moving("return packet", "packet", {"opened": "hold"}))
    rules.append(_moving("finish packet", "packet", {"opened": "done"}))
    return System({one.name: one for one in components}, {rule.name: rule for rule in rules})


def _guard(count: int, legs: int, counted: tuple[str, ...]) -> Formula:
    """All grants, in blocks of ten, and for each block a leg of two or a lane, and two of three legs."""
    blocks: list[Formula] = []
    for first in range(0, count, 10):
        each = [_in(f"grant-{index}", *counted) for index in range(first, min(count, first + 10))]
        one, two, three = (_in(f"leg-{(first // 2 + shift) % legs}", "filled") for shift in range(3))
        blocks.append(And((And(tuple(each)), disjunction([one, two, _in("lane-0", "running")]), AtLeast(2, (one, two, three)))))
    return And(tuple(blocks))


def early(system: System, count: int) -> Formula:
    """What must never be: the option is selected while a grant is not on record. The guard alone excludes it, or does not."""
    missing = disjunction(negation(_in(f"grant-{index}", "recorded")) for index in range(count))
    return conjunction([system.rules["select packet"].enabled, missing])


def unfounded(count: int) -> Formula:
    """What must never be: the option was selected and a grant was never asked for. Inductive as it stands."""
    return conjunction([_in("packet", "opened", "done"), disjunction(_in(f"grant-{index}", "none") for index in range(count))])


def finished(count: int) -> Formula:
    """What must never be: what was selected is done, and a grant was never asked for. Inductive with facts about pairs alone."""
    return conjunction([_in("packet", "done"), disjunction(_in(f"grant-{index}", "none") for index in range(count))])


def seconds(work: Callable[[], object]) -> tuple[float, object]:
    """Return how long one call takes, and its answer."""
    start = time.perf_counter()
    answer = work()
    return time.perf_counter() - start, answer


def spacer(system: System, goal: Formula, limit: float) -> str:
    """Ask z3's fixed-point engine whether a history leads to where a formula holds; say what it answers within so many seconds."""
    z3 = import_module("z3")
    sorts = {name: max(1, (len(one.states) - 1).bit_length()) for name, one in system.components.items()}
    numbers = {name: {state: index for index, state in enumerate(one.states)} for name, one in system.components.items()}
    now = {name: z3.BitVec(name, bits) for name, bits in sorts.items()}
    engine = z3.Fixedpoint()
    engine.set(engine="spacer", timeout=int(limit * 1000))
    reached, wrong = z3.Function("reached", *(z3.BitVecSort(bits) for bits in sorts.values()), z3.BoolSort()), z3.Function("wrong", z3.BoolSort())
    engine.register_relation(reached, wrong)
    engine.declare_var(*now.values())

    def asked(formula: Formula) -> object:
        match formula:
            case In(component=name, states=states):
                return z3.Or([now[name] == numbers[name][state] for state in sorted(states)])
            case And(parts=parts):
                return z3.And([asked(part) for part in parts])
            case Or(parts=parts):
                return z3.Or([asked(part) for part in parts])
            case AtLeast(wanted=wanted, parts=parts):
                return z3.AtLeast(*(asked(part) for part in parts), wanted)
            case Not(part=part):
                return z3.Not(asked(part))

    starts = [In(name, frozenset(one.starts)) for name, one in system.components.items()]
    engine.rule(reached(*now.values()), asked(And(tuple(starts))))
    for rule in system.rules.values():
        for choice in product(
            *([(name, source, target) for source, targets in ways.items() for target in sorted(targets)] for name, ways in rule.moves.items())
        ):
            moved = {name: z3.BitVecVal(numbers[name][target], sorts[name]) for name, _, target in choice}
            sources = [_in(name, source) for name, source, _ in choice]
            engine.rule(reached(*(moved.get(name, variable) for name, variable in now.items())), [reached(*now.values()), asked(And((*sources, rule.guard)))])
    engine.rule(wrong(), [reached(*now.values()), asked(goal)])
    try:
        return {"sat": "reached", "unsat": "never reached"}.get(str(engine.query(wrong())), "no answer")
    except z3.Z3Exception:
        return "no answer"


def measured(count: int, *, spacer_for: float = 0.0) -> Iterator[str]:
    """Yield a line on each question about so many grants; with z3's Spacer, within so many seconds, on the same where asked."""
    sound, planted = programme(count), programme(count, consumed_counts=True)
    questions = {
        "selected early": (sound, early(sound, count)),
        "selected, never asked for": (sound, unfounded(count)),
        "done, never asked for": (sound, finished(count)),
        "selected early, planted": (planted, early(planted, count)),
    }
    for name, (system, goal) in questions.items():
        took, answer = seconds(partial(induction.prove, system, goal))
        said = f"{took:.2f} s {type(answer).__name__.lower()}"
        said += f", {len(answer.certificate)} formulas" if isinstance(answer, Unreached) else ""
        if isinstance(answer, Undecided):
            took, answer = seconds(partial(unrolling.find, system, goal, steps=12))
            said += f"; {took:.2f} s {type(answer).__name__.lower()}"
            said += f", {len(answer.rules)} rules" if isinstance(answer, Reached) else ""
        if spacer_for:
            took, verdict = seconds(partial(spacer, system, goal, spacer_for))
            said += f"; Spacer {took:.2f} s: {verdict}"
        yield f"{count} grants, {name}: {said}"


def main() -> None:
    """Print times."""
    for count in (5, 10, 20, 50, 200, 1000):
        for line in measured(count, spacer_for=20.0 if count <= 50 else 0.0):
            print(line, flush=True)


if __name__ == "__main__":
    main()
