"""Rules over situations as numbers, and which of them to try where components can be swapped.

Pure.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from govern.proof.layout import Layout, Segment, Test
from govern.proof.system import Rule


@dataclass(frozen=True, slots=True)
class Step:
    """A rule over numbers: where it can be taken, and to which bits it leads from those of each component that it moves."""

    name: str
    enabled: Test
    stays: int
    moves: tuple[tuple[int, Mapping[int, tuple[int, ...]]], ...]
    segments: tuple[Segment, ...]

    def nexts(self, number: int) -> list[int]:
        """Return the situations to which it leads, as they are; none where it cannot be taken."""
        if not self.enabled(number):
            return []
        found = [number & self.stays]
        for field, leads in self.moves:
            targets = leads[number & field]
            found = [part | target for part in found for target in targets]
        return found

    def lumped(self, number: int) -> int:
        """Lump a situation to which it has led from a lumped one."""
        for segment in self.segments:
            number = segment.lumped(number)
        return number


def step_of(rule: Rule, layout: Layout) -> Step:
    """Lay a rule out."""
    moves = [(name, {layout.bits[name][source]: tuple(layout.bits[name][target] for target in sorted(targets)) for source, targets in ways.items()})
             for name, ways in rule.moves.items()]  # fmt: skip
    segments = dict.fromkeys(layout.segment_of[name] for name in rule.moves)
    return Step(
        rule.name,
        layout.test(rule.enabled),
        layout.full & ~sum(layout.fields[name] for name in rule.moves),
        tuple((layout.fields[name], leads) for name, leads in moves),
        tuple(segment for segment in segments if len(segment.names) > 1),
    )


@dataclass(frozen=True, slots=True)
class Group:
    """Steps by the bit that the first component they move must be in, and how far before it its neighbour lies, if it can be swapped with one."""

    field: int
    back: int
    steps: Mapping[int, Sequence[Step]]


def groups_of(layout: Layout, steps: Iterable[Step]) -> list[Group]:
    """Sort steps by the component that they move first."""
    found: dict[tuple[int, int], dict[int, list[Step]]] = {}
    backs = {layout.fields[name]: back for name, (back, _) in layout.backs.items()}
    for step in steps:
        field, leads = step.moves[0]
        back = backs.get(field, 0)
        moves_both = any(other == field >> back for other, _ in step.moves[1:])
        group = found.setdefault((field, 0 if moves_both else back), {})
        for bit in leads:
            group.setdefault(bit, []).append(step)
    return [Group(field, back, group) for (field, back), group in found.items()]


def different(groups: Sequence[Group], number: int) -> Iterator[Step]:
    """Yield the steps to try: what could be done with a component's neighbour in the same local state leads nowhere else."""
    for group in groups:
        bit = number & group.field
        if group.back and number & bit >> group.back:
            continue
        yield from group.steps.get(bit, ())
