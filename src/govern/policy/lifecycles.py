"""Lifecycles of grants, legs, lanes and packets: states, and transitions with who may make them.

Pure. The standard set is `standard-1.yaml` beside this file; a policy names it and may replace any of the four.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, StrictBool
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from govern.policy.guards import Guard
from govern.policy.names import Declared, Name
from govern.policy.nodes import Row

Kind: TypeAlias = Literal["grant", "leg", "lane", "packet"]
KINDS: tuple[Kind, ...] = ("grant", "leg", "lane", "packet")
STANDARD = "standard-1"

Trigger: TypeAlias = Literal[
    "request", "approve", "record", "consume", "complete", "lose", "resolve", "revoke",
    "discharge", "reopen", "open", "close", "prepare", "issue",
]  # fmt: skip
TRIGGERS: dict[Kind, tuple[Trigger, ...]] = {
    "grant": ("request", "approve", "record", "consume", "complete", "lose", "resolve", "revoke"),
    "leg": ("discharge", "reopen"),
    "lane": ("open", "close"),
    "packet": ("prepare", "issue", "consume"),
}
By: TypeAlias = Literal["anyone", "authority", "member"]
Names: TypeAlias = Annotated[list[Name], Field(min_length=1)]


class State(Declared):
    """A state of a lifecycle, and what it is worth to a guard."""

    counts: StrictBool = Field(default=False, description="A grant in it is usable, a leg proven, a lane open, a packet current.")
    honoured: StrictBool = Field(default=False, description="A grant in it was rightly used, or still can be.")


def _listed(value: object) -> object:
    if isinstance(value, str):
        return Row([value])
    return value


class Transition(Declared):
    """One way from some states to another."""

    trigger: Trigger = Field(description="The act that takes it.")
    from_: Annotated[tuple[Name, ...], BeforeValidator(_listed, json_schema_input_type=Name | Names)] = Field(
        alias="from", min_length=1, description="The states it starts in: one, or a list."
    )
    to: Name = Field(description="The state it ends in.")
    by: By = Field(description="`authority`: all that the declared issuer, actor or opener asks for; `member`: any one of those; `anyone`: any declared actor.")
    when: Guard | None = Field(default=None, description="A guard that must hold besides.")


class Lifecycle(Declared):
    """The states of one kind of thing, and the ways between them."""

    initial: Name = Field(description="The state in which each starts.")
    states: dict[Name, State] = Field(min_length=1, description="The states.")
    transitions: tuple[Transition, ...] = Field(min_length=1, description="The ways between them; one for each act and state.")

    @cached_property
    def ways(self) -> Mapping[tuple[str, str], Transition]:
        """The transitions by trigger and the state they start in; every act looks one up."""
        return {(way.trigger, source): way for way in self.transitions for source in way.from_}


class Lifecycles(Declared):
    """The four lifecycles."""

    use: Literal["standard-1"] = Field(description="The standard set that is the base.")
    grant: Lifecycle = Field(description="Instances of grants; from the standard set if left out.")
    leg: Lifecycle = Field(description="Legs of blockers; from the standard set if left out.")
    lane: Lifecycle = Field(description="Lanes that are opened by a record; from the standard set if left out.")
    packet: Lifecycle = Field(description="Decision packets; from the standard set if left out.")

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe what may be written: those that are left out come from the standard set."""
        reference = super().__get_pydantic_json_schema__(core, handler)
        handler.resolve_ref_schema(reference)["required"] = ["use"]
        return reference

    def of(self, kind: Kind) -> Lifecycle:
        """Return the lifecycle of a kind."""
        lifecycle: Lifecycle = getattr(self, kind)
        return lifecycle
