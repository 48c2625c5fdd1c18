"""Guards: `all`, `any`, `at_least` and `not` over facts. A guard is data; nothing in it is run.

Pure. What a fact means is said here, once, in the words that `govern explain` prints; whether it holds
is judged in `govern.engine.judge`.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Field, StrictInt, Tag

from govern.policy.names import Declared, LegPath, Name, OptionPath


class All(Declared):
    """Every part holds."""

    all: tuple["Guard", ...] = Field(min_length=1, description="Parts that must all hold; at least one.")


class AnyOf(Declared):
    """One part or more holds."""

    any: tuple["Guard", ...] = Field(min_length=1, description="Parts of which one must hold; at least one.")


class AtLeast(Declared):
    """So many of the parts hold."""

    at_least: StrictInt = Field(ge=1, description="How many of the parts must hold.")
    of: tuple["Guard", ...] = Field(min_length=1, description="The parts that are counted.")


class Not(Declared):
    """The state of a grant, a lane or a blocker does not hold. Unknown stays unknown."""

    not_: "NotFact" = Field(alias="not", description="A grant, lane or blocker fact that must not hold.")


class GrantFact(Declared):
    """An instance of the grant counts: recorded, inside its window, of the right scope, neither consumed nor revoked."""

    grant: Name = Field(description="The grant that must be usable.")


class HonouredFact(Declared):
    """An instance of the grant is usable or was rightly used, and is not revoked."""

    honoured: Name = Field(description="The grant that must be usable or rightly used.")


class LegFact(Declared):
    """The leg is proven: by its evidence, or as long as what it requires holds."""

    leg: LegPath = Field(description="The leg that must be proven, as BLOCKER/LEG.")


class BlockerFact(Declared):
    """The blocker is in the named state, as computed from its legs."""

    blocker: Name = Field(description="The blocker.")
    is_: Name = Field(alias="is", description="The blocker state that must hold.")


class LaneFact(Declared):
    """The lane is open, by its own record or by its guard."""

    lane: Name = Field(description="The lane that must be open.")


class SelectedFact(Declared):
    """The option is selected and in force: each of its requirements is still honoured."""

    selected: OptionPath = Field(description="The option, as PACKET/OPTION, or OPTION where that is one of a kind.")


class DoneFact(Declared):
    """The action was carried out, and its end is on record."""

    done: Name = Field(description="The action that must have been completed.")


class FindingFact(Declared):
    """The finding has the named result. A finding that is unknown is neither pass nor fail."""

    finding: Name = Field(description="The finding.")
    is_: Literal["pass", "fail", "unknown"] = Field(alias="is", description="The result that must be on record.")


Fact: TypeAlias = GrantFact | HonouredFact | LegFact | BlockerFact | LaneFact | SelectedFact | DoneFact | FindingFact
FACTS: dict[str, type[Declared]] = {
    "grant": GrantFact,
    "honoured": HonouredFact,
    "leg": LegFact,
    "blocker": BlockerFact,
    "lane": LaneFact,
    "selected": SelectedFact,
    "done": DoneFact,
    "finding": FindingFact,
}
COMBINATORS = ("all", "any", "at_least", "not")


def _form(value: Any) -> str | None:
    """Return the tag of the key that says which form of guard this is, or None where none or several do.

    A tag is no key, so that the path of an error tells the two apart.
    """
    if isinstance(value, Declared):
        return next(f"form:{key}" for key in type(value).key_names() if key in FACTS or key in COMBINATORS)
    forms = [key for key in (*COMBINATORS, *FACTS) if key in value] if isinstance(value, dict) else []
    return f"form:{forms[0]}" if len(forms) == 1 else None


Guard: TypeAlias = Annotated[
    Annotated[All, Tag("form:all")]
    | Annotated[AnyOf, Tag("form:any")]
    | Annotated[AtLeast, Tag("form:at_least")]
    | Annotated[Not, Tag("form:not")]
    | Annotated[GrantFact, Tag("form:grant")]
    | Annotated[HonouredFact, Tag("form:honoured")]
    | Annotated[LegFact, Tag("form:leg")]
    | Annotated[BlockerFact, Tag("form:blocker")]
    | Annotated[LaneFact, Tag("form:lane")]
    | Annotated[SelectedFact, Tag("form:selected")]
    | Annotated[DoneFact, Tag("form:done")]
    | Annotated[FindingFact, Tag("form:finding")],
    Discriminator(_form),
]
NotFact: TypeAlias = Annotated[
    Annotated[GrantFact, Tag("form:grant")]
    | Annotated[HonouredFact, Tag("form:honoured")]
    | Annotated[LaneFact, Tag("form:lane")]
    | Annotated[BlockerFact, Tag("form:blocker")],
    Discriminator(_form),
]


def facts(guard: Guard) -> Iterator[tuple[Fact, bool]]:
    """Yield each fact of a guard in the order written, with whether it stands under a `not`."""
    match guard:
        case All(all=inner) | AnyOf(any=inner) | AtLeast(of=inner):
            for part in inner:
                yield from facts(part)
        case Not(not_=fact):
            yield fact, True
        case _:
            yield guard, False


def parts(guard: Guard) -> Iterator[Guard]:
    """Yield a guard and every guard inside it."""
    yield guard
    match guard:
        case All(all=inner) | AnyOf(any=inner) | AtLeast(of=inner):
            for part in inner:
                yield from parts(part)
        case _:
            return


def fact_id(fact: Fact) -> str:
    """Return the stable id of a fact, such as `grant:X` or `blocker:B=closed`."""
    match fact:
        case BlockerFact(blocker=name, is_=state):
            return f"blocker:{name}={state}"
        case FindingFact(finding=name, is_=state):
            return f"finding:{name}={state}"
        case _:
            key = next(iter(type(fact).model_fields))
            return f"{key}:{getattr(fact, key)}"
