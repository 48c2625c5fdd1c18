"""Two lifecycles beside each other: what their states are worth, and the ways between them.

Pure. A way that leads only to what is worth nothing takes authority away, and so does one from what counts back to where
things start: where such a way is gone, or is for fewer, that is a loosening.
"""

from collections.abc import Iterator

from govern.policy.diff.edits import Direction, Edit, direction
from govern.policy.lifecycles import By, Kind, Lifecycle, Transition

# From the fewest to the most who may.
_REACH: tuple[By, ...] = ("authority", "member", "anyone")


def lifecycle_edits(kind: Kind, old: Lifecycle, new: Lifecycle, *, denied: bool) -> Iterator[Edit]:
    """Yield the edits of a lifecycle; `denied` where some guard wants that nothing of this kind counts."""
    path = f"lifecycles.{kind}"
    if old.initial != new.initial:
        yield Edit(f"{path}.initial", f"each starts as `{new.initial}`, not `{old.initial}`", new.at_key("initial"), Direction.BOTH)
    for name, state in new.states.items():
        for worth in ("counts", "honoured"):
            before = name in old.states and getattr(old.states[name], worth)
            if name in old.states and before != getattr(state, worth):
                found = Direction.BOTH if denied else direction(opens=not before, closes=before)
                yield Edit(f"{path}.states.{name}.{worth}", f"it is {str(not before).lower()} now", state.at, found)
        if name not in old.states:
            yield Edit(f"{path}.states.{name}", "it is new", state.at, Direction.NEITHER)
    for name, state in old.states.items():
        if name not in new.states:
            # What is in it is in no state that counts.
            found = Direction.BOTH if denied else Direction.TIGHTENING
            yield Edit(f"{path}.states.{name}", "it is gone", state.at, found, gone=True)
    yield from _ways(path, old, new, denied=denied)


def _ways(path: str, old: Lifecycle, new: Lifecycle, *, denied: bool) -> Iterator[Edit]:
    for (trigger, source), way in new.ways.items():
        before = old.ways.get((trigger, source))
        where = f"{path}.{trigger} from {source}"
        takes_away = _takes_away(source, way, new)
        if before is None:
            yield Edit(where, f"a new way, to {way.to}", way.at, _turned(Direction.LOOSENING, takes_away=takes_away, denied=denied))
        elif before.to != way.to:
            yield Edit(where, f"it leads to {way.to}, not to {before.to}", way.at, Direction.BOTH)
        else:
            more, guarded = _REACH.index(way.by) - _REACH.index(before.by), _written(before) != _written(way)
            if more:
                found = _turned(direction(opens=more > 0, closes=more < 0), takes_away=takes_away, denied=denied)
                yield Edit(where, f"by {way.by}, not by {before.by}", way.at, found)
            if guarded:
                yield Edit(f"{where}.when", "the guard is another", way.at_key("when"), Direction.BOTH if takes_away else Direction.NEITHER)
    for (trigger, source), way in old.ways.items():
        if (trigger, source) not in new.ways:
            found = _turned(Direction.TIGHTENING, takes_away=_takes_away(source, way, old), denied=denied)
            yield Edit(f"{path}.{trigger} from {source}", "the way is gone", way.at, found, gone=True)


def _written(way: Transition) -> object:
    return None if way.when is None else way.when.model_dump()


def _takes_away(source: str, way: Transition, lifecycle: Lifecycle) -> bool:
    """Whether a way leads to nothing of worth for good, or from what has worth back to where things start."""

    def worth(name: str) -> bool:
        return lifecycle.states[name].counts or lifecycle.states[name].honoured

    if not any(map(worth, _reached(way.to, lifecycle))):
        return True
    return worth(source) and not worth(way.to) and _onward(way.to, lifecycle) <= _onward(lifecycle.initial, lifecycle)


def _reached(start: str, lifecycle: Lifecycle) -> set[str]:
    found, ahead = {start}, [start]
    while ahead:
        source = ahead.pop()
        more = {str(each.to) for (_trigger, begins), each in lifecycle.ways.items() if begins == source} - found
        found |= more
        ahead += more
    return found


def _onward(start: str, lifecycle: Lifecycle) -> set[tuple[str, str, str, str]]:
    return {(trigger, str(way.to), way.by, repr(_written(way))) for (trigger, source), way in lifecycle.ways.items() if source == start}


def _turned(found: Direction, *, takes_away: bool, denied: bool) -> Direction:
    if denied:
        return Direction.BOTH
    return direction(opens=found.tightens, closes=found.loosens) if takes_away else found
