"""Invariants: what a policy promises of every history. `govern prove` proves them; some are judged on every entry, too.

Pure. The rest of the language, and the whole of it, is in `govern.policy.model`.
"""

from typing import Literal

from pydantic import Field, StrictBool, model_validator

from govern.policy.guards import Guard
from govern.policy.names import Declared, Name, OptionPath
from govern.policy.who import Who


class Selecting(Declared):
    """Entry into an option."""

    selecting: OptionPath = Field(description="The option.")


class Deciding(Declared):
    """An act that must be open at any moment."""

    decide: OptionPath = Field(description="The HOLD of a packet.")


class Acts(Declared):
    """Acts that are somebody's alone."""

    decide: tuple[OptionPath, ...] = Field(default=(), description="Options that they decide.")
    grant: tuple[Name, ...] = Field(default=(), description="Grants that they give.")
    open: tuple[Name, ...] = Field(default=(), description="Lanes that they open.")
    adopt: StrictBool = Field(default=False, description="The adoption of a policy, and of the keys of those who adopt it.")

    @model_validator(mode="after")
    def _some(self) -> "Acts":
        if not (self.decide or self.grant or self.open or self.adopt):
            raise ValueError("name an act: decide, grant, open or adopt")
        return self


_FORMS = (
    {"never", "unless"},
    {"never", "by"},
    {"always_possible"},
    {"reachable"},
    {"only_by", "acts"},
    {"distinct"},
)
_BESIDE = {"scope", "first_hand"}


class Invariant(Declared):
    """A promise of every history. One form each."""

    never: Selecting | None = Field(default=None, description="Never this entry, unless the guard beside it holds, or by those named beside it.")
    unless: Guard | None = Field(default=None, description="The guard, spelled out again: a guard must not be its own witness.")
    scope: Name | None = Field(default=None, description="The scope that grants under `unless` must be of; the option's own if left out.")
    first_hand: StrictBool = Field(default=False, description="Nothing that a document reports counts under `unless`; in a protected scope it never does.")
    by: Literal["preparer"] | None = Field(default=None, description="Those who prepared the packet or made evidence that the option rests on.")
    always_possible: Deciding | None = Field(default=None, description="This act can be done in one step from every state.")
    reachable: tuple[OptionPath, ...] = Field(default=(), description="Each of these options can be decided after some history.")
    only_by: Who | None = Field(default=None, description="No act of anybody else brings the acts beside it about.")
    acts: Acts | None = Field(default=None, description="The acts that are theirs alone.")
    distinct: Selecting | None = Field(default=None, description="On entry into this option no record fills two of its requirements.")

    @model_validator(mode="after")
    def _one_form(self) -> "Invariant":
        given = self.model_fields_set
        if given not in _FORMS and not ({"never", "unless"} <= given and given - {"never", "unless"} <= _BESIDE):
            raise ValueError("wanted never + unless, never + by, always_possible, reachable, only_by + acts, or distinct")
        return self
