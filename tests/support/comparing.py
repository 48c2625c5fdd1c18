"""The solver's answers on small programmes, each against a look at every situation of the same model."""

from collections import Counter
from dataclasses import dataclass, field
from math import prod

from govern.canonical import digest
from govern.engine.replay import Replay
from govern.ledger.lines import Chain
from govern.policy.load import load_policy
from govern.policy.model import Policy
from govern.proof import induction, unrolling
from govern.proof.formulas import Formula, conjunction, holds
from govern.proof.promising import Promised, build
from govern.proof.slicing import sliced
from govern.proof.system import Never, Outcome, Reachable, Reached, System, Unreached, sought
from govern.proof.tracing import Trace, play
from support.looking import Looking
from support.random_systems import replayed

# So many steps are looked at where no history exists, and so many more where documents may not help.
_STEPS = 8
_MORE = 3


def solved(system: System, goal: Formula, distance: int | None) -> Outcome:
    """Return the solver's answer, as `govern prove` asks it: about what bears on the goal, by induction, then step by step."""
    part = sliced(system, goal, free=False)
    proved = induction.prove(part.system, part.formula)
    if isinstance(proved, Unreached):
        return proved
    return unrolling.find(part.system, part.formula, steps=_STEPS if distance is None else distance)


@dataclass
class Compared:
    """What was compared so far: how many programmes, how often each answer was given, and how many histories the evaluator played."""

    situations: int
    programmes: set[str] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)

    @property
    def promises(self) -> int:
        """How many promises were asked about."""
        return self.answers["Unreached"] + self.answers["Reached"] + self.answers["Undecided"]

    def take(self, text: str, policy: Policy) -> bool:
        """Compare the answers on each promise of a programme; False where it has more situations than are looked at."""
        system, promises = build(policy)
        if prod(len(component.states) for component in system.components.values()) > self.situations:
            return False
        looking = Looking(system)
        self.programmes.add(digest(text.encode()))
        for promised in promises:
            self._promise(promised, looking, policy, text)
        return True

    def _promise(self, promised: Promised, looking: Looking, policy: Policy, text: str) -> None:
        system, goal = looking.system, sought(promised.promise, looking.system)
        distance = looking.distance(goal)
        found = solved(system, goal, distance)
        self.answers[type(found).__name__] += 1
        if distance is None:
            assert not isinstance(found, Reached), f"{promised.says}: {found}, and there is no history, of\n{text}"
            return
        assert isinstance(found, Reached), f"{promised.says}: {found}, and there is a history of {distance} rules, of\n{text}"
        histories = (found, _by_people(system, goal, distance + _MORE))
        self.answers["played"] += any(_played(promised, system, each, policy, text.encode()) for each in histories if isinstance(each, Reached))


def _by_people(system: System, goal: Formula, steps: int) -> Outcome:
    """Return a history in which no document reports anything: in the model that happens at any time, on record only at the beginning."""
    own = System(system.components, {name: rule for name, rule in system.rules.items() if not rule.deed.kind.startswith("report ")})
    part = sliced(own, goal, free=False)
    return unrolling.find(part.system, part.formula, steps=steps)


def _played(promised: Promised, system: System, found: Reached, policy: Policy, source: bytes) -> bool:
    """Whether the evaluator plays the history to its end, and its records alone show what was sought."""
    goal = sought(promised.promise, system)
    ends = replayed(system, {name: component.starts[0] for name, component in system.components.items()}, found.rules)
    assert any(holds(goal, end) for end in ends), f"no history of the model: {found.rules}"
    # As the trace of `govern prove` is: entering an option is judged by guards alone.
    unjudged = policy.model_copy(update={"invariants": {}})
    for last, where in _lasts(promised, system):
        if any(holds(where, end) for end in ends):
            trace = play(unjudged, source, [system.rules[name] for name in (*found.rules, *last)])
            if trace is not None and _shows(promised, trace, *last):
                _replay(trace, unjudged)
                return True
    return False


def _lasts(promised: Promised, system: System) -> list[tuple[tuple[str, ...], Formula]]:
    """Return the rules with which a history to what is sought ends, and where they do; none, where it is a situation alone."""
    match promised.promise:
        case Never(wrong=wrong):
            return [((name,), conjunction([system.rules[name].enabled, formula])) for name, formula in wrong]
        case Reachable(rules=rules):
            return [((name,), system.rules[name].enabled) for name in rules]
    return [((), sought(promised.promise, system))]


def _shows(promised: Promised, trace: Trace, last: str = "") -> bool:
    return promised.is_about(trace) if isinstance(promised.promise, Reachable) else promised.is_broken_by(trace, last)


def _replay(trace: Trace, policy: Policy) -> None:
    """Read the records of a trace by a fresh evaluator, which refuses what is not allowed."""
    adopted = {digest(text): text for text in trace.files.values()}
    replay = Replay(lambda sha256: load_policy(adopted[sha256]) if sha256 in adopted else policy, Chain())
    replay.take_all([line.removesuffix(b"\n") for line in trace.lines])
    assert replay.state.size == len(trace.told) + 1
