"""Small systems written down: components, rules and what is asked of them in few words."""

from govern.proof.formulas import TRUE, Formula, In
from govern.proof.system import Component, Rule, System


def inside(component: str, *states: str) -> In:
    return In(component, frozenset(states))


def component(name: str, *states: str, starts: tuple[str, ...] = ()) -> Component:
    return Component(name, states, starts or states[:1])


def rule(name: str, moved: str, guard: Formula = TRUE, /, **ways: str) -> Rule:
    """Return a rule that moves one component; where it may go to several local states they are parted by blanks."""
    return Rule(name, guard, {moved: {source: frozenset(targets.split()) for source, targets in ways.items()}})


def system(*parts: Component | Rule) -> System:
    components = {part.name: part for part in parts if isinstance(part, Component)}
    return System(components, {part.name: part for part in parts if isinstance(part, Rule)})
