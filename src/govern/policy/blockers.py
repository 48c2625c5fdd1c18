"""What stands in the way and what takes it away: grants, evidence, blockers with their legs and states.

Pure.
"""

from functools import cached_property
from typing import Literal

from pydantic import Field, StrictBool, model_validator

from govern.policy.guards import Guard
from govern.policy.names import Declared, Duration, FormerName, Name, Text
from govern.policy.who import Who


class BlockerStateWhen(Declared):
    """A quantifier over the legs of a blocker; over no legs it is false."""

    legs: Literal["all", "any"] = Field(description="Whether all the legs counted, or any of them, must be proven.")
    by: Name | None = Field(default=None, description="Count only the legs of this actor or role.")
    are: Literal["proven"] = Field(default="proven", description="What the legs must be.")


class BlockerState(Declared):
    """A state of blockers. The first in the list that holds is the state."""

    state: Name = Field(description="The name of the state.")
    when: BlockerStateWhen | None = Field(default=None, description="When it holds; the last state has none and holds otherwise.")
    closes: StrictBool = Field(default=False, description="A blocker in this state is no longer open.")


class Grant(Declared):
    """A type of permission. Each record of it makes one instance, used once."""

    scope: Name = Field(description="The one scope in which it counts.")
    issuer: Who = Field(description="Who grants it.")
    says: Text | None = Field(default=None, description="The words that lists print for it; the id if left out.")
    expires_after: Duration | None = Field(default=None, description="The longest an instance lasts, from its record on.")
    renamed_from: FormerName = None


class Evidence(Declared):
    """The kind of evidence that proves a leg, and of what it must be. Exactly one key."""

    rehearsal: Name | None = Field(default=None, description="A rehearsal on data of this provenance.")
    intake: Name | None = Field(default=None, description="An intake of data of this provenance.")
    attest: Name | None = Field(default=None, description="The actor's own word on this subject; a decision, not preparation.")
    packet: Name | None = Field(default=None, description="A sealed evidence packet of this name.")
    dry_run: Name | None = Field(default=None, alias="dry-run", description="A read-only run over this surface.")

    @model_validator(mode="after")
    def _one_kind(self) -> "Evidence":
        if len(self.model_fields_set) != 1:
            raise ValueError("exactly one kind of evidence is wanted")
        return self

    @cached_property
    def kind(self) -> str:
        """The kind, as written."""
        name = next(iter(self.model_fields_set))
        return type(self).model_fields[name].alias or name

    @cached_property
    def of(self) -> str:
        """The provenance, subject or surface that it must be of."""
        return str(getattr(self, next(iter(self.model_fields_set))))


class Leg(Declared):
    """A part of a blocker that one actor discharges: by evidence, or as long as a requirement holds."""

    by: Name = Field(description="The actor or role that proves it.")
    evidence: Evidence | None = Field(default=None, description="The evidence that proves it.")
    requires: Guard | None = Field(default=None, description="Proven as long as this guard holds.")
    change: Name | None = Field(default=None, description="The change that a rehearsal must have tried.")
    stands_in_for: Name | None = Field(default=None, description="The leg that it is a substitute for; it never closes the blocker.")
    fresh_for: Duration | None = Field(default=None, description="How long the evidence counts; then the leg is stale.")
    says: Text | None = Field(default=None, description="The words that lists print for the proven leg.")
    extent: Text | None = Field(default=None, description="How far a proof of it reaches; printed once it is proven.")
    proven_note: Text | None = Field(default=None, description="Printed in brackets once it is proven.")
    open_note: Text | None = Field(default=None, description="Printed in brackets while it is open.")
    renamed_from: FormerName = None


class Blocker(Declared):
    """Something in the way, with the legs that take it away."""

    title: Text | None = Field(default=None, description="The name that documents print; the id if left out.")
    legs: dict[Name, Leg] = Field(min_length=1, description="The legs, in the order that documents keep.")
    no_preparation: Text | None = Field(default=None, description="Why there is nothing to prepare, printed after `n/a`.")
    guards_nothing: Text | None = Field(default=None, description="Why no guard needs it; without this, `govern check` warns.")
    renamed_from: FormerName = None
