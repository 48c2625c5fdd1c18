"""Two policies beside each other: every edit with its direction, by meaning.

Pure. What no rule is written for, and what could not be found out, counts as loosening.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from govern.policy.diff.edits import Direction, Edit, Effect, joined
from govern.policy.diff.effects import effects
from govern.policy.diff.forgetting import renamings
from govern.policy.diff.gates import denied_kinds, denied_names
from govern.policy.diff.renames import Renames, find_renames, renamed
from govern.policy.diff.rules import LIMIT, LISTINGS, OTHER, rule_for
from govern.policy.diff.separating import separations
from govern.policy.diff.ways import lifecycle_edits
from govern.policy.lifecycles import KINDS, Lifecycles
from govern.policy.model import Policy
from govern.policy.names import Declared
from govern.problems import Place


class _Found(NamedTuple):
    """An edit before what it makes possible is known; `through` where that is what it means."""

    edit: Edit
    through: bool = False


def compare(old: Policy, new: Policy) -> tuple[Edit, ...]:
    """Return every edit between a policy and its successor, in the order of the new text."""
    renames = find_renames(old, new)
    before, after = renamed(old, renames), renamed(new, Renames({}))
    comparison = _Comparison(before, after)
    separated = list(separations(before, after, renames.legs(after)))
    caused = [*effects(before, after), *separated]
    edits = [*renamings(renames.edits, comparison.denied, separated), *(_with_effects(each, caused) for each in comparison.edits())]
    # What no edit was found for is an edit by itself: nothing that becomes possible goes untold.
    told = {id(effect) for edit in edits for effect in edit.effects}
    edits += [Edit(each.path, f"{each.name} {each.act} elsewhere", each.place, each.direction, (each,)) for each in caused if id(each) not in told]
    return tuple(sorted(edits, key=lambda edit: (edit.gone, edit.place.line, edit.place.column, edit.path)))


def loosens(old: Policy, new: Policy) -> bool:
    """Whether a successor may permit anything that the policy does not."""
    return any(edit.direction.loosens for edit in compare(old, new))


def _with_effects(found: _Found, caused: list[Effect]) -> Edit:
    edit = found.edit
    mine = tuple(effect for effect in caused if found.through and effect.comes_from(edit.path))
    whole = joined([edit.direction, *(effect.direction for effect in mine)])
    return Edit(edit.path, edit.what, edit.place, whole, mine, edit.gone)


class _Comparison:
    """One walk over both policies. Keys are compared by rule, named things by name, and what is nested is walked."""

    def __init__(self, old: Policy, new: Policy) -> None:
        self._old, self._new = old, new
        self.denied = denied_names(old, new)

    def edits(self) -> Iterator[_Found]:
        """Yield every edit but the renames."""
        yield from self._models(self._old, self._new, "")

    def _models(self, old: Declared, new: Declared, path: str) -> Iterator[_Found]:
        if isinstance(old, Lifecycles) and isinstance(new, Lifecycles):
            for kind in KINDS:
                denied = kind in denied_kinds(self.denied)
                yield from (_Found(edit, through=True) for edit in lifecycle_edits(kind, old.of(kind), new.of(kind), denied=denied))
            return
        for name in type(new).model_fields:
            before, after = getattr(old, name), getattr(new, name)
            if _plain(before) != _plain(after):
                where = f"{path}.{name}".lstrip(".")
                place = new.at_key(type(new).model_fields[name].alias or name)
                yield from self._values(type(new), name, (before, after), where, place)

    def _values(self, model: type[Declared], name: str, values: tuple[Any, Any], path: str, place: Place) -> Iterator[_Found]:
        before, after = values
        rule = rule_for(model, name)
        if rule is not None:
            direction, what = rule.judge(before, after)
            if rule is LIMIT and path.rpartition(".")[0] in self.denied:
                # Some guard wants that it does not count: there, what ends sooner opens something.
                direction = Direction.BOTH
            yield _Found(Edit(path, what, place, direction), rule.through)
        elif name in LISTINGS and all(isinstance(each, Mapping | tuple) for each in values):
            yield from self._listings(name, _named(name, before), _named(name, after), path)
        elif isinstance(before, Declared) and isinstance(after, Declared):
            yield from self._models(before, after, path)
        else:
            direction, what = OTHER.judge(before, after)
            yield _Found(Edit(path, what, place, direction), OTHER.through)

    def _listings(self, name: str, before: Mapping[str, Declared], after: Mapping[str, Declared], path: str) -> Iterator[_Found]:
        listing = LISTINGS[name]
        for key, declared in after.items():
            inner = f"{path}.{key}"
            if key not in before:
                yield _Found(Edit(inner, "it is new", declared.at, listing.new), through=True)
            else:
                yield from self._models(before[key], declared, inner)
        for key, declared in before.items():
            if key not in after:
                yield _Found(Edit(f"{path}.{key}", "it is gone", declared.at, listing.gone, gone=True), through=True)
        common = [key for key in after if key in before]
        if name in _ORDERED and common != [key for key in before if key in after]:
            place = next(iter(after.values())).at
            yield _Found(Edit(path, "the order is another: the first that holds is shown", place, Direction.LOOSENING), through=True)


# Of these the first that holds is the one.
_ORDERED = frozenset(("blocker_states", "statuses"))


def _named(name: str, value: Any) -> Mapping[str, Declared]:
    if isinstance(value, tuple):
        return {str(each.state if name == "blocker_states" else each.id): each for each in value}
    found: Mapping[str, Declared] = value
    return found


def _plain(value: Any) -> Any:
    """Return a value without the places in which it was written."""
    if isinstance(value, Declared):
        return value.model_dump()
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, tuple) else value
