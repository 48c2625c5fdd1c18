"""What a new version of a policy loosens: every change that is not plainly words or a tightening.

Pure. It errs on one side: a change that might permit more is told, also where it does not. Renaming a state and adding
an edge, longer windows, another spelling of a guard, an edited template: each is told by its place in the new text.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from govern.policy.guards import All
from govern.policy.model import Option, Policy, Scope
from govern.policy.names import Declared
from govern.policy.who import LEVELS
from govern.problems import Place, Problem

# Words that are printed and decide nothing, and what only says how documents look.
_WORDS = frozenset(
    [
        "version",
        "title",
        "says",
        "host",
        "timezone",
        "why",
        "file",
        "note",
        "extent",
        "proven_note",
        "open_note",
        "no_preparation",
        "guards_nothing",
        "lineage_gap",
        "label",
        "never_presented_as",
        "statuses",
        "registry",
        "claims",
        "surfaces",
    ]
)
# Of these a new one permits nothing by itself; of all others it may be a way.
_HARMLESS_WHEN_NEW = frozenset(("scopes", "grants", "blockers", "findings", "invariants", "roles"))
# Of these one that is gone forbids nothing that it did before.
_HARMLESS_WHEN_GONE = frozenset(("actors", "lanes", "grants", "packets", "options", "actions"))


def loosened(old: Policy, new: Policy) -> list[Problem]:
    """Return what a new version may permit that the old one did not, by its place in the new text."""
    return [
        Problem("POLICY_WEAKENING", f"{path}: {what}", place, "warning", "`govern policy adopt --accept-weakening` adopts it all the same")
        for path, what, place in _of_models(old, new, "")
    ]


Change = tuple[str, str, Place]


def _of_models(old: Declared, new: Declared, path: str) -> Iterator[Change]:
    assert type(old) is type(new), "what has one name has one form"
    for name in type(new).model_fields:
        before, after = getattr(old, name), getattr(new, name)
        said = name == "says" and isinstance(new, Option | Scope)
        if (said or name not in _WORDS) and _plain(before) != _plain(after):
            yield from _of_values(name, before, after, f"{path}.{name}".lstrip("."), _place(new, name))


def _place(declared: Declared, name: str) -> Place:
    alias = type(declared).model_fields[name].alias or name
    return declared.at_key(alias)


def _of_values(name: str, before: Any, after: Any, path: str, place: Place) -> Iterator[Change]:
    if name in _RULES:
        told = _RULES[name](before, after)
        if told:
            yield path, told, place
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _of_mappings(name, before, after, path, place)
    elif isinstance(before, tuple) and isinstance(after, tuple):
        yield from _of_tuples(name, before, after, path, place)
    elif isinstance(before, Declared) and isinstance(after, Declared):
        yield from _of_models(before, after, path)
    else:
        yield path, f"it was {_spell(before)}, and is {_spell(after)}", place


def _guard(before: Any, after: Any) -> str:
    """A guard may ask for all that it asked for, and for more."""
    if before is None:
        return ""
    if after is None:
        return "the guard is gone"
    wanted, asked = ([_plain(each) for each in (guard.all if isinstance(guard, All) else (guard,))] for guard in (before, after))
    return "" if all(each in asked for each in wanted) else "the guard is another"


def _way_in(before: Any, after: Any) -> str:
    """Here no guard is no way; one that is added is a new one."""
    if after is None:
        return ""
    return _guard(before, after) if before is not None else "it opens in a new way"


def _limit(before: Any, after: Any) -> str:
    return "it lasts longer" if after is None or (before is not None and after > before) else ""


def _waiver(before: Any, after: Any) -> str:
    del before
    return "a rule is waived" if after is not None else ""


def _level(before: Any, after: Any) -> str:
    return f"{before} was asked for, and {after} is enough now" if LEVELS.index(after) < LEVELS.index(before) else ""


def _may_be_true(before: Any, after: Any) -> str:
    del before
    return "" if after else "it is false now"


def _may_be_false(before: Any, after: Any) -> str:
    del before
    return "it is true now" if after else ""


_RULES: Mapping[str, Callable[[Any, Any], str]] = {
    **dict.fromkeys(("requires", "needs", "when", "unless"), _guard),
    **dict.fromkeys(("expires_after", "fresh_for"), _limit),
    **dict.fromkeys(("signature_waiver", "separation_waiver"), _waiver),
    **dict.fromkeys(("protected", "separate_executor", "ungranted"), _may_be_true),
    **dict.fromkeys(("delegable", "standing", "closes", "counts", "honoured"), _may_be_false),
    "signs_with": _level,
    "opens_when": _way_in,
}


def _of_mappings(name: str, before: Mapping[str, Any], after: Mapping[str, Any], path: str, place: Place) -> Iterator[Change]:
    for key in (*after, *(each for each in before if each not in after)):
        inner, where = f"{path}.{key}", after[key].at if isinstance(after.get(key), Declared) else place
        if key not in before:
            if name not in _HARMLESS_WHEN_NEW:
                yield inner, "it is new", where
        elif key not in after:
            if name not in _HARMLESS_WHEN_GONE:
                yield inner, "it is gone", where
        elif _plain(before[key]) != _plain(after[key]):
            yield from _of_models(before[key], after[key], inner)


def _of_tuples(name: str, before: tuple[Any, ...], after: tuple[Any, ...], path: str, place: Place) -> Iterator[Change]:
    """Options go by their ids; of names, new ones are told; of all else, any difference."""
    if name == "options":
        yield from _of_mappings(name, {each.id: each for each in before}, {each.id: each for each in after}, path, place)
    elif name == "leads_to":
        # It is printed; a leg is proven by its evidence alone.
        return
    elif len(before) == len(after) and all(isinstance(each, Declared) for each in (*before, *after)):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            if _plain(one) != _plain(other):
                yield from _of_models(one, other, f"{path}[{number}]")
    else:
        yield path, "the list is another", place


def _plain(value: Any) -> Any:
    """Return a value without the places in which it was written."""
    if isinstance(value, Declared):
        return value.model_dump()
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, tuple) else value


def _spell(value: Any) -> str:
    return "nothing" if value is None else f"`{value}`" if isinstance(value, str | int) else "something else"
