"""What a comparison says: edits, each with its direction, and what becomes possible or impossible by it.

Pure values.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from govern.problems import Place


class Direction(StrEnum):
    """Whether more becomes possible, less, both, or nothing changes."""

    TIGHTENING = "tightening"
    LOOSENING = "loosening"
    BOTH = "both"
    NEITHER = "neither"

    @property
    def loosens(self) -> bool:
        """Something may be possible that was not."""
        return self in {Direction.LOOSENING, Direction.BOTH}

    @property
    def tightens(self) -> bool:
        """Something is possible no longer."""
        return self in {Direction.TIGHTENING, Direction.BOTH}


def direction(*, opens: bool, closes: bool) -> Direction:
    """Return the direction of what opens something, closes something, or does both."""
    if opens:
        return Direction.BOTH if closes else Direction.LOOSENING
    return Direction.TIGHTENING if closes else Direction.NEITHER


def joined(directions: Iterable[Direction]) -> Direction:
    """Return the direction of several edits taken together."""
    given = tuple(directions)
    return direction(opens=any(each.loosens for each in given), closes=any(each.tightens for each in given))


@dataclass(frozen=True, slots=True)
class Witness:
    """A situation that shows a difference: these facts hold, nothing else does; or these persons, and nobody else, act.

    `smallest` is false where a smaller one was not ruled out; `unknown` where none was found and none ruled out.
    """

    facts: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    smallest: bool = True
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes possible of an entry (an option, an action, a lane, …) in which situation, and what no longer.

    `act` is what can be done with it, in words; `then` what else rests on it; `rests_on` the places in the policy that
    it is made of, by which it is found to come from an edit.
    """

    kind: str
    name: str
    act: str
    path: str
    place: Place
    opens: Witness | None
    closes: Witness | None
    then: tuple[str, ...]
    rests_on: frozenset[str]

    @property
    def direction(self) -> Direction:
        """What it amounts to."""
        return direction(opens=self.opens is not None, closes=self.closes is not None)

    def comes_from(self, path: str) -> bool:
        """Whether an edit at a path touches what this rests on."""
        return any(path == part or path.startswith(f"{part}.") or part.startswith(f"{path}.") for part in self.rests_on)


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit: where, what it is, and its direction. The place is in the new text; of what is gone, in the old one."""

    path: str
    what: str
    place: Place
    direction: Direction
    effects: tuple[Effect, ...] = ()
    gone: bool = False
