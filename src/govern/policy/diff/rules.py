"""What an edit of each key means by itself; what no rule is written for counts as loosening.

Pure. Guards, authorities and what else decides by way of others have no direction here: `govern.policy.diff.effects`
finds what becomes possible through them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from govern.policy.agents import AgentGuard, Agents
from govern.policy.blockers import Blocker, BlockerState, Grant, Leg
from govern.policy.diff.edits import Direction, direction
from govern.policy.invariants import Invariant
from govern.policy.model import Adoption, Lane, Option, Packet, Preparation, Programme, Scope
from govern.policy.names import Declared, spell_duration
from govern.policy.promises import Action, Claim, Document, Finding, Registry, Status, Surface
from govern.policy.rehearsal import Rehearsal
from govern.policy.who import Actor, Role

Judgement = tuple[Direction, str]
Judge = Callable[[Any, Any], Judgement]


@dataclass(frozen=True, slots=True)
class Rule:
    """How a changed key is judged; `through` where what it does shows in what rests on it."""

    judge: Judge
    through: bool = False


def _was(before: Any, after: Any) -> str:
    return f"it was {_spell(before)}, and is {_spell(after)}"


def _spell(value: Any) -> str:
    return "nothing" if value is None else f"`{value}`" if isinstance(value, str | int) else "something else"


def _words(before: Any, after: Any) -> Judgement:
    return Direction.NEITHER, _was(before, after)


def _shown(before: Any, after: Any) -> Judgement:
    return Direction.LOOSENING, f"owners are shown something else: {_was(before, after)}"


def _other(before: Any, after: Any) -> Judgement:
    return Direction.BOTH, _was(before, after)


def _guard(before: Any, after: Any) -> Judgement:
    return Direction.NEITHER, "the guard is gone" if after is None else "it is guarded" if before is None else "the guard is another"


def _limit(before: int | None, after: int | None) -> Judgement:
    longer = after is None or (before is not None and after > before)
    spelled = [spell_duration(each) if each is not None else "without end" for each in (before, after)]
    what = f"it lasts {'longer' if longer else 'shorter'}: {spelled[1]}, not {spelled[0]}"
    return Direction.LOOSENING if longer else Direction.TIGHTENING, what


def _waiver(before: Any, after: Any) -> Judgement:
    if before is not None and after is not None:
        return _shown(before, after)
    return (Direction.TIGHTENING, "a rule is waived no more") if after is None else (Direction.LOOSENING, "a rule is waived")


def _tight_if_true(before: Any, after: Any) -> Judgement:
    return Direction.TIGHTENING if after else Direction.LOOSENING, _truth(before, after)


def _loose_if_true(before: Any, after: Any) -> Judgement:
    return Direction.LOOSENING if after else Direction.TIGHTENING, _truth(before, after)


def _truth(_before: Any, after: Any) -> str:
    return f"it is {str(after).lower()} now"


def _loose_if_there(before: Any, after: Any) -> Judgement:
    """What is there permits; what replaces another permits and forbids."""
    return direction(opens=after is not None, closes=before is not None), _was(before, after)


def _tight_if_there(before: Any, after: Any) -> Judgement:
    """What is there forbids; what replaces another permits and forbids."""
    return direction(opens=before is not None, closes=after is not None), _was(before, after)


def _refused_words(before: tuple[str, ...], after: tuple[str, ...]) -> Judgement:
    """A change that names one of the words is refused: each that is gone permits, each that is new forbids."""
    gone, added = sorted(set(before) - set(after)), sorted(set(after) - set(before))
    return direction(opens=bool(gone), closes=bool(added)), _list(gone, added)


def _residue(before: tuple[str, ...] | None, after: tuple[str, ...] | None) -> Judgement:
    one, two = ({"sequences"} if each is None else set(each) for each in (before, after))
    return direction(opens=bool(two - one), closes=bool(one - two)), _list(sorted(one - two), sorted(two - one))


def _kept_from(before: tuple[AgentGuard, ...], after: tuple[AgentGuard, ...]) -> Judgement:
    """A guard that is gone, or asks for something else, lets agents do what they were kept from."""
    one, two = ({(*each.guards, each.action or each.surface or each.never or "") for each in guards} for guards in (before, after))
    return direction(opens=bool(one - two), closes=bool(two - one)), _list(
        sorted(" ".join(each[:2]) for each in one - two), sorted(" ".join(each[:2]) for each in two - one)
    )


def _members(before: tuple[str, ...], after: tuple[str, ...]) -> Judgement:
    return Direction.NEITHER, _list(sorted(set(before) - set(after)), sorted(set(after) - set(before)))


def _list(gone: list[str], added: list[str]) -> str:
    told = [*(f"{name} joins" for name in added), *(f"{name} leaves" for name in gone)]
    return ", ".join(told) or "the same, written otherwise"


WORDS, SHOWN, OTHER = Rule(_words), Rule(_shown), Rule(_other, through=True)
GUARD, THROUGH = Rule(_guard, through=True), Rule(_words, through=True)
LIMIT, WAIVER = Rule(_limit), Rule(_waiver)
TIGHT_IF_TRUE, LOOSE_IF_TRUE = Rule(_tight_if_true), Rule(_loose_if_true)

RULES: Mapping[type[Declared], Mapping[str, Rule]] = {
    Programme: dict.fromkeys(("version", "title", "timezone", "host"), WORDS),
    Adoption: {"adopted_by": THROUGH, "loosened_by": THROUGH, "signature_waiver": WAIVER},
    Actor: {"title": WORDS, "signs_with": THROUGH, "may_receive_from": Rule(_loose_if_there)},
    Role: {"title": WORDS, "signs_with": THROUGH, "members": Rule(_members, through=True)},
    Preparation: {"by": SHOWN},
    Scope: {"says": SHOWN, "protected": TIGHT_IF_TRUE},
    BlockerState: {"state": SHOWN, "when": Rule(_shown, through=True), "closes": Rule(_loose_if_true, through=True)},
    Lane: {"title": WORDS, "scope": OTHER, **dict.fromkeys(("standing", "opens_when", "opened_by"), THROUGH)},
    Grant: {"says": SHOWN, "expires_after": LIMIT, "issuer": THROUGH},
    Blocker: dict.fromkeys(("title", "no_preparation", "guards_nothing"), WORDS),
    Leg: {
        **dict.fromkeys(("extent", "proven_note", "open_note"), WORDS),
        "says": SHOWN, "fresh_for": LIMIT, "requires": GUARD, "by": THROUGH, "stands_in_for": THROUGH, "change": Rule(_tight_if_there),
    },
    Packet: {
        **dict.fromkeys(("file", "continues", "lineage_gap"), WORDS),
        **dict.fromkeys(("title", "boundaries", "known_options_only", "respond_within"), SHOWN),
        "lane": THROUGH, "consumes": THROUGH, "decided_by": THROUGH, "separation_waiver": WAIVER,
    },
    Option: {
        "leads_to": WORDS, "number": SHOWN, "says": SHOWN, "delegable": LOOSE_IF_TRUE, "requires": GUARD, "lane": THROUGH,
    },
    Surface: {"title": WORDS, "named": Rule(_refused_words)},
    Action: {
        "needs": GUARD, "ungranted": Rule(lambda before, after: (Direction.NEITHER, _truth(before, after)), through=True),
        "separate_executor": TIGHT_IF_TRUE, "consumes": Rule(_tight_if_there, through=True),
    },
    Claim: {"needs": GUARD},
    Finding: {**dict.fromkeys(("why", "carried_by", "does_not_affect"), WORDS), "by": THROUGH},
    Status: {"when": GUARD},
    Registry: {"folded_by": THROUGH, "reserved_by": Rule(_tight_if_there)},
    Document: dict.fromkeys(Document.model_fields, SHOWN),
    Invariant: {"unless": GUARD, "always_possible": Rule(_tight_if_there)},
    Agents: {"guards": Rule(_kept_from)},
    Rehearsal: {"validator": Rule(_tight_if_there), "surface": Rule(_tight_if_there), "residue": Rule(_residue)},
}  # fmt: skip


def rule_for(model: type[Declared], field: str) -> Rule | None:
    """Return the rule for a key, or None where none is written."""
    return RULES.get(model, {}).get(field)


@dataclass(frozen=True, slots=True)
class Listing:
    """What it means that a named thing is new, or gone."""

    new: Direction
    gone: Direction


_N, _T, _L, _B = Direction.NEITHER, Direction.TIGHTENING, Direction.LOOSENING, Direction.BOTH
LISTINGS: Mapping[str, Listing] = {
    "actors": Listing(_L, _T),
    "roles": Listing(_N, _N),
    "scopes": Listing(_N, _T),
    "lanes": Listing(_N, _T),
    "grants": Listing(_N, _T),
    "blockers": Listing(_N, _L),  # one that is gone is no longer shown as in the way
    "legs": Listing(_N, _N),
    "packets": Listing(_L, _T),
    "options": Listing(_L, _T),
    "surfaces": Listing(_T, _L),
    "actions": Listing(_L, _T),
    "claims": Listing(_N, _L),
    "findings": Listing(_N, _N),
    "statuses": Listing(_L, _L),
    "documents": Listing(_L, _L),
    "invariants": Listing(_T, _L),
    "blocker_states": Listing(_L, _L),
    "changes": Listing(_N, _T),
    "sources": Listing(_T, _L),
}
