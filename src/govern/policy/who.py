"""Who acts: actors, roles, and the authorities that are made of them.

Pure.
"""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Field, StrictInt, Tag

from govern.policy.names import Declared, FormerName, Name, Text

SignsWith: TypeAlias = Literal["any", "hardware", "verified"]
# From the weakest to the strongest.
LEVELS: tuple[SignsWith, ...] = ("any", "hardware", "verified")
_SIGNS_WITH = "What signs: any enrolled key, a hardware key that is touched, or one that also verifies its user (PIN, fingerprint)."


class Actor(Declared):
    """Someone or something that acts."""

    kind: Literal["person", "agent", "service"] = Field(description="Only a person can grant, decide, open a lane or adopt a policy.")
    title: Text | None = Field(default=None, description="The name that documents print; the id if left out.")
    may_receive_from: Name | None = Field(default=None, description="The actor who may delegate decisions to this one.")
    signs_with: SignsWith = Field(default="any", description=_SIGNS_WITH)
    renamed_from: FormerName = None


class Role(Declared):
    """A group of actors, any of whom can fill a place that names the role."""

    members: tuple[Name, ...] = Field(min_length=1, description="The actors in the role.")
    title: Text | None = Field(default=None, description="The name that documents print; the id if left out.")
    signs_with: SignsWith = Field(default="any", description=f"{_SIGNS_WITH} It holds for all that a member signs.")
    renamed_from: FormerName = None


class Slot(Declared):
    """So many distinct members of a role, or one actor."""

    of: Name = Field(description="A role or an actor.")
    at_least: StrictInt = Field(default=1, ge=1, le=99, description="How many distinct persons of it must act.")


class Quorum(Declared):
    """Several groups that must all act; nobody fills two places."""

    all: tuple[Slot, ...] = Field(min_length=1, description="The groups, joined by AND.")


def _who_form(value: Any) -> str:
    return "form:quorum" if isinstance(value, dict | Quorum) else "form:name"


Who: TypeAlias = Annotated[Annotated[Name, Tag("form:name")] | Annotated[Quorum, Tag("form:quorum")], Discriminator(_who_form)]
