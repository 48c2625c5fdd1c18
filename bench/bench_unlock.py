"""The smallest sets of acts that unlock, and their exact count: nested guards where each fact stands once, and where facts are shared."""

import random
import time
from collections.abc import Callable, Iterator
from statistics import median

from govern.engine.causes import Cause, Judged, Requirement, combined, leaf
from govern.engine.unlocking import Unlock, unlock
from govern.problems import Place

ROUNDS = 9
SIZES = (20, 200, 1_000)
_HERE = Place("states.yaml", 1, 1)


def _missing(number: int) -> Judged:
    name = f"grant:G{number}"
    return leaf(
        Requirement(name, "grant", truth=False, why="not on record", at=_HERE, cause=Cause.MISSING, by=("owner",), how=f"govern grant record G{number}")
    )


def nested(size: int, *, every: bool = True, chance: random.Random | None = None, numbers: Iterator[int] | None = None) -> Judged:
    """Return a guard of so many missing facts: `all` over `any`, `at_least` and `all` in turn, of two to five parts each."""
    chance, numbers = chance or random.Random(size), numbers or iter(range(size))  # noqa: S311 - the same guard for the same size
    if size == 1:
        return _missing(next(numbers))
    cuts = sorted(chance.sample(range(1, size), min(size, chance.randint(2, 5)) - 1))
    sizes = [end - start for start, end in zip([0, *cuts], [*cuts, size], strict=True)]
    parts = tuple(nested(each, every=not every, chance=chance, numbers=numbers) for each in sizes)
    return combined(len(parts) if every else chance.choice((1, 1, max(1, len(parts) - 1))), parts)


def half(size: int) -> Judged:
    """Return `at_least` half of so many facts."""
    return combined(size // 2, tuple(map(_missing, range(size))))


def few_shared(size: int) -> Judged:
    """Return a nested guard beside another in which some of its facts stand again."""
    again = tuple(combined(2, (_missing(number), _missing(size + number))) for number in range(0, size, max(1, size // 8)))
    return combined(2, (nested(size), combined(1, again)))


def ring(size: int) -> Judged:
    """Return pairs of which each shares a fact with the next: every fact stands twice."""
    return combined(size, tuple(combined(1, (_missing(number), _missing((number + 1) % size))) for number in range(size)))


def measured(work: Callable[[], Unlock]) -> tuple[float, Unlock]:
    """Return the median of how long a call takes, in milliseconds, and its answer."""
    taken: list[float] = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        found = work()
        taken.append(time.perf_counter() - start)
    return median(taken) * 1_000, found


def main() -> None:
    """Print times and answers."""
    for name, guard in (
        ("nested, each fact once", nested),
        ("at least half", half),
        ("nested, some facts shared", few_shared),
        ("ring, all facts shared", ring),
    ):
        for size in SIZES:
            judged = guard(size)
            one, _first = measured(lambda judged=judged: unlock(judged, most=1, work=0))  # type: ignore[misc]
            ten, found = measured(lambda judged=judged: unlock(judged))  # type: ignore[misc]
            count = str(found.count) if found.count < 10**6 else f"2^{found.count.bit_length() - 1}"
            exact = "exactly" if found.exact else "at least"
            print(f"unlock, {name}, {size}: one minimal set {one:.1f} ms; {len(found.sets)} {found.says}, {exact} {count} counted, {ten:.1f} ms")


if __name__ == "__main__":
    main()
