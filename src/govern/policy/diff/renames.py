"""Declared renames: a policy as it would be under the names of its successor.

Pure. A rename counts where the old name is gone, the new one was free, and only one thing claims it; else the one is
gone and the other is new.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from govern.policy import find
from govern.policy.blockers import BlockerStateWhen, Grant, Leg
from govern.policy.diff.edits import Direction, Edit
from govern.policy.guards import BlockerFact, DoneFact, GrantFact, HonouredFact, LaneFact, LegFact, SelectedFact
from govern.policy.invariants import Acts, Deciding, Invariant, Selecting
from govern.policy.model import Adoption, Boundary, Lane, Option, Packet, Policy, Preparation
from govern.policy.names import Declared
from govern.policy.promises import Action, Document, Finding, Registry
from govern.policy.who import Actor, Role, Slot

M = TypeVar("M", bound=Declared)

# What each key names. A `who` is an actor or a role; an `option` is told by its packet, too.
_NAMES: Mapping[type[Declared], Mapping[str, str]] = {
    GrantFact: {"grant": "grants"},
    HonouredFact: {"honoured": "grants"},
    LegFact: {"leg": "legs"},
    BlockerFact: {"blocker": "blockers"},
    LaneFact: {"lane": "lanes"},
    SelectedFact: {"selected": "options"},
    DoneFact: {"done": "actions"},
    Grant: {"issuer": "who"},
    Lane: {"opened_by": "who"},
    Packet: {"decided_by": "who", "lane": "lanes", "consumes": "options"},
    Adoption: {"adopted_by": "who", "loosened_by": "who"},
    Registry: {"folded_by": "who", "reserved_by": "who"},
    Slot: {"of": "who"},
    Role: {"members": "who"},
    Actor: {"may_receive_from": "who"},
    Preparation: {"by": "who"},
    BlockerStateWhen: {"by": "who"},
    Leg: {"by": "who"},
    Finding: {"by": "who", "carried_by": "blockers"},
    Option: {"lane": "lanes", "leads_to": "legs"},
    Action: {"consumes": "grants"},
    Boundary: {"forbidden_until_own_grant": "actions"},
    Document: {"packet": "packets"},
    Selecting: {"selecting": "options"},
    Deciding: {"decide": "options"},
    Acts: {"decide": "options", "grant": "grants", "open": "lanes"},
    Invariant: {"reachable": "options", "only_by": "who"},
}  # fmt: skip
_KINDS = ("actors", "roles", "lanes", "grants", "blockers", "packets", "actions")

# What stays behind, under the old name.
_LEFT = {
    "grants": "a grant keeps no instances under another name; each is recorded anew",
    "lanes": "it starts closed, as one that no record opened",
    "blockers": "evidence stays with the old name; each leg is proven anew",
    "legs": "evidence stays with the old name; it is proven anew",
    "actions": "what was carried out stays with the old name",
    "roles": "it has the members that it names",
    "actors": "keys stay with the old name, and who prepared, asked or proposed under it may decide under the new one",
    "packets": "it starts anew: who prepared it, what was refused in it, and that it was consumed stay with the old name",
    "options": "that it was refused stays with the old name",
}
# Of these, what stays behind was in the way of something, whatever guards say; of others, `govern.policy.diff.forgetting` finds it out.
_FORGETS = frozenset(("actors", "packets", "options"))


@dataclass(frozen=True, slots=True)
class Renames:
    """Old names by kind, each with the new one; legs as BLOCKER/LEG, options as PACKET/OPTION; and the edits they are."""

    names: Mapping[str, Mapping[str, str]]
    edits: tuple[Edit, ...] = field(default=())

    def legs(self, new: Policy) -> frozenset[str]:
        """Return the legs that had another name, or whose blocker had one."""
        blockers = frozenset(self.names.get("blockers", {}).values())
        return frozenset(self.names.get("legs", {}).values()) | {path for path in new.legs if path.partition("/")[0] in blockers}


def find_renames(old: Policy, new: Policy) -> Renames:
    """Return the renames that a policy declares and that can be."""
    names: dict[str, dict[str, str]] = {kind: _claimed(getattr(old, kind), getattr(new, kind)) for kind in _KINDS}
    edits = [_edit(kind, was, is_, getattr(new, kind)[is_], kind) for kind, found in names.items() for was, is_ in found.items()]
    names |= {"legs": {}, "options": {}}
    for kind, inner, what in (("blockers", _legs, "legs"), ("packets", _options, "options")):
        back = {is_: was for was, is_ in names[kind].items()}
        for name, declared in getattr(new, kind).items():
            before = getattr(old, kind).get(back.get(name, name))
            if before is None:
                continue
            found = _claimed(inner(before), inner(declared))
            names[what] |= {f"{back.get(name, name)}/{was}": f"{name}/{is_}" for was, is_ in found.items()}
            edits += [_edit(what, was, is_, inner(declared)[is_], f"{kind}.{name}.{what}") for was, is_ in found.items()]
    return Renames({kind: found for kind, found in names.items() if found}, tuple(edits))


def _legs(declared: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = declared.legs
    return found


def _options(declared: Any) -> Mapping[str, Any]:
    return {str(option.id): option for option in declared.options}


def _claimed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    claims = Counter(declared.renamed_from for declared in new.values())
    return {
        str(was): str(name)
        for name, declared in new.items()
        if (was := declared.renamed_from) in old and was not in new and name not in old and claims[was] == 1
    }


def _edit(kind: str, was: str, is_: str, declared: Declared, path: str) -> Edit:
    found = Direction.LOOSENING if kind in _FORGETS else Direction.NEITHER
    return Edit(f"{path}.{is_}", f"renamed from {was}: {_LEFT[kind]}", declared.at_key("renamed_from"), found)


def renamed(policy: Policy, renames: Renames) -> Policy:
    """Return a policy with every name replaced that was renamed, and every option named in full: `TRY` is `ask/TRY`."""
    return _Renaming(policy, renames.names).model(policy, "")


class _Renaming:
    def __init__(self, policy: Policy, names: Mapping[str, Mapping[str, str]]) -> None:
        self._policy, self._names = policy, names

    def model(self, declared: M, inside: str) -> M:
        """Return a model under the new names; `inside` is the blocker, leg or packet that it is part of."""
        kinds = _NAMES.get(type(declared), {})
        update = {name: self._value(name, getattr(declared, name), kinds.get(name), inside) for name in type(declared).model_fields}
        if isinstance(declared, Leg) and declared.stands_in_for:
            update["stands_in_for"] = self._name(f"{inside}/{declared.stands_in_for}", "legs").rpartition("/")[2]
        if isinstance(declared, Option):
            update["id"] = self._name(f"{inside}/{declared.id}", "options").rpartition("/")[2]
        # What a rename means is told by `find_renames`; once it was adopted, the key says nothing more.
        update |= {"renamed_from": None} if "renamed_from" in update else {}
        # Only what is another is set: a model that goes by which of its keys are written must not find all of them.
        copy = declared.model_copy(update={name: value for name, value in update.items() if value is not getattr(declared, name)})
        # What was computed from the old names is computed anew.
        for name in set(copy.__dict__) - set(type(copy).model_fields):
            del copy.__dict__[name]
        return copy

    def _value(self, name: str, value: Any, kind: str | None, inside: str) -> Any:
        if isinstance(value, Declared):
            return self.model(value, inside)
        if isinstance(value, str):
            return self._name(value, kind) if kind else value
        if isinstance(value, tuple):
            return tuple(self._value(name, each, kind, inside) for each in value)
        if isinstance(value, Mapping):
            return {self._key(name, key, inside): self._inner(name, key, each, inside) for key, each in value.items()}
        return value

    def _inner(self, name: str, key: str, value: Any, inside: str) -> Any:
        return self.model(value, key if name in {"blockers", "packets"} else inside) if isinstance(value, Declared) else value

    def _key(self, name: str, key: str, inside: str) -> str:
        if name == "legs":
            return self._name(f"{inside}/{key}", "legs").rpartition("/")[2]
        return self._names.get(name, {}).get(key, key)

    def _name(self, name: str, kind: str) -> str:
        if kind == "who":
            return self._names.get("actors", {}).get(name) or self._names.get("roles", {}).get(name, name)
        if kind == "options":
            packet, option = find.option(self._policy, name)
            name = f"{packet}/{option.id}"
        if kind in {"options", "legs"}:
            outer, _, inner = name.partition("/")
            outer = self._names.get("packets" if kind == "options" else "blockers", {}).get(outer, outer)
            return self._names.get(kind, {}).get(name, f"{outer}/{inner}")
        return self._names.get(kind, {}).get(name, name)
