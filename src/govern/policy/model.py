"""The language of `states.yaml`: what can be declared, with the description of every key.

Pure. Pydantic models, frozen and closed; the JSON Schema and `govern explain` are made from them.
What the shapes alone cannot say is checked in `govern.policy.check`.
"""

from collections.abc import Mapping
from functools import cached_property

from pydantic import Field, StrictBool, StrictInt, model_validator

from govern.policy.agents import Agents
from govern.policy.blockers import Blocker, BlockerState, Grant, Leg
from govern.policy.guards import Guard
from govern.policy.invariants import Invariant
from govern.policy.lifecycles import Lifecycles
from govern.policy.names import Declared, Duration, FilePath, FormerName, Language, LegPath, Name, OptionPath, Text, Zone
from govern.policy.promises import Action, Claim, Document, Finding, Registry, Status, Surface
from govern.policy.rehearsal import Rehearsal
from govern.policy.spelling import Tokens, is_telling, tokens_of
from govern.policy.who import LEVELS, Actor, Role, SignsWith, Who


class Programme(Declared):
    """The programme that is governed."""

    id: Name = Field(description="The programme's own identifier.")
    version: StrictInt = Field(ge=1, description="Version of this policy; an adopted successor has exactly one more.")
    title: Text = Field(description="The name that documents print.")
    timezone: Zone | None = Field(default=None, description="IANA time zone in which documents also print times; UTC if left out.")
    host: Text | None = Field(default=None, description="Where the programme's work is done, as documents print it.")


class Scope(Declared):
    """How far an authority reaches. Scopes are disjoint: none contains another."""

    says: Text = Field(description="What the scope covers, and what it does not.")
    protected: StrictBool = Field(default=False, description="The scope that can hurt: never delegated, never opened by imported history.")


class Lane(Declared):
    """A path on which options can be taken, open or closed."""

    scope: Name = Field(description="The scope in which the lane moves.")
    title: Text | None = Field(default=None, description="The name that documents print; the id if left out.")
    standing: StrictBool = Field(default=False, description="Open from the start, as the lane that prepares.")
    opens_when: Guard | None = Field(default=None, description="Open as long as this guard holds.")
    opened_by: Who | None = Field(default=None, description="Who opens it by a record of its own.")
    renamed_from: FormerName = None


class Boundary(Declared):
    """A line that a packet prints and the program holds. One form a line."""

    scope: Name | None = Field(default=None, description="With `does_not_authorize`: the scope that confers less than it may seem.")
    does_not_authorize: Name | None = Field(default=None, description="The scope that it does not reach.")
    label: Name | None = Field(default=None, description="With `never_presented_as`: a label that substitutes carry.")
    never_presented_as: Text | None = Field(default=None, description="What the labelled thing must never pass for.")
    forbidden_until_own_grant: tuple[Name, ...] = Field(default=(), description="Actions that stay forbidden until their own grants exist.")

    @model_validator(mode="after")
    def _one_form(self) -> "Boundary":
        forms = ({"scope", "does_not_authorize"}, {"label", "never_presented_as"}, {"forbidden_until_own_grant"})
        if self.model_fields_set not in forms:
            raise ValueError("wanted scope + does_not_authorize, label + never_presented_as, or forbidden_until_own_grant")
        return self


class Option(Declared):
    """Something that the owner can decide. Its requirement guards the way into it."""

    number: Name = Field(description='The number it has in its packet, quoted: "5".')
    id: Name = Field(description="The name that is typed to confirm it.")
    hold: StrictBool = Field(default=False, description="The packet's HOLD: its default, never guarded. Exactly one a packet.")
    scope: Name | None = Field(default=None, description="How far the decision reaches; every option but HOLD has one.")
    lane: Name | None = Field(default=None, description="The lane it can be taken in; the packet's if left out.")
    requires: Guard | None = Field(default=None, description="What must hold before it can be decided, and while it is in force.")
    leads_to: tuple[LegPath, ...] = Field(default=(), description="Legs that can be proven afterwards; deciding proves none.")
    delegable: StrictBool = Field(default=False, description="Whether the decision can be delegated; never in a protected scope.")
    says: Text = Field(description="What it means, in a sentence that the packet prints.")
    renamed_from: FormerName = None


class Packet(Declared):
    """A decision that is asked for: its options are states, HOLD is where it starts."""

    title: Text | None = Field(default=None, description="The heading; the id if left out.")
    file: FilePath | None = Field(default=None, description="The name of the file by which earlier documents cite it.")
    lane: Name | None = Field(default=None, description="The lane it belongs to; none where that is not known.")
    decided_by: Who = Field(description="Who decides it.")
    consumes: OptionPath | None = Field(default=None, description="The decision that it uses up, as PACKET/OPTION.")
    continues: Name | None = Field(default=None, description="The status from which it goes on: one of `statuses`, and the one that holds when it is issued.")
    lineage_gap: Text | None = Field(
        default=None,
        description="What of its origin is not known, and why; required where `consumes` is left out, or `continues` in a programme with statuses.",
    )
    known_options_only: StrictBool = Field(default=False, description="More options existed than are known and declared here.")
    respond_within: Duration | None = Field(default=None, description="Undecided for longer, it is HOLD (no response).")
    separation_waiver: Text | None = Field(default=None, description="Why who prepared it may decide it all the same; printed.")
    boundaries: tuple[Boundary, ...] = Field(default=(), description="The lines that it does not cross.")
    options: tuple[Option, ...] = Field(min_length=1, description="The options, in the order they are numbered.")
    renamed_from: FormerName = None


class Preparation(Declared):
    """Who prepares: the first column of the blocker map."""

    by: Name = Field(description="The actor or role whose legs are preparation.")


class Adoption(Declared):
    """Who may change this policy."""

    adopted_by: Who = Field(description="Who adopts the next version.")
    loosened_by: Who | None = Field(default=None, description="Who adopts a version that permits anything more; `adopted_by` if left out.")
    signature_waiver: Text | None = Field(default=None, description="Why a person's record counts without a signature; printed.")


class Policy(Declared):
    """A programme under governance: everything that can be said in `states.yaml`."""

    govern: Language = Field(description="The version of this language.")
    programme: Programme = Field(description="The programme.")
    policy: Adoption = Field(description="Who may change this file.")
    actors: dict[Name, Actor] = Field(min_length=1, description="Who acts.")
    roles: dict[Name, Role] = Field(default_factory=dict, description="Groups of actors.")
    preparation: Preparation | None = Field(default=None, description="Who prepares.")
    scopes: dict[Name, Scope] = Field(min_length=1, description="How far authority reaches.")
    lifecycles: Lifecycles = Field(description="The states of grants, legs, lanes and packets; a standard set by name, each can be replaced.")
    blocker_states: tuple[BlockerState, ...] = Field(min_length=1, description="The states of blockers; the first that holds.")
    lanes: dict[Name, Lane] = Field(default_factory=dict, description="The lanes.")
    grants: dict[Name, Grant] = Field(default_factory=dict, description="The grants.")
    blockers: dict[Name, Blocker] = Field(default_factory=dict, description="The blockers, in the order that documents keep.")
    packets: dict[Name, Packet] = Field(default_factory=dict, description="The decision packets.")
    rehearsal: Rehearsal | None = Field(default=None, description="What rehearsals rest on.")
    surfaces: dict[Name, Surface] = Field(default_factory=dict, description="What must not be touched.")
    actions: dict[Name, Action] = Field(default_factory=dict, description="What `govern gate` is asked about.")
    agents: Agents | None = Field(default=None, description="What coding agents are kept from.")
    claims: dict[Name, Claim] = Field(default_factory=dict, description="Tokens that need support.")
    findings: dict[Name, Finding] = Field(default_factory=dict, description="Results that may be unknown.")
    statuses: tuple[Status, ...] = Field(default=(), description="Status tokens, the first that holds.")
    registry: Registry | None = Field(default=None, description="The register of ticket ids.")
    documents: dict[Name, Document] = Field(default_factory=dict, description="What `govern render` writes.")
    invariants: dict[Name, Invariant] = Field(
        default_factory=dict, description="Promises of every history, which `govern prove` proves; never + unless is judged on every entry, too."
    )

    @cached_property
    def signing_levels(self) -> Mapping[str, SignsWith]:
        """What each actor must sign with: the strongest that is asked of them, or of a role that they are in."""
        return {
            name: max((actor.signs_with, *(role.signs_with for role in self.roles.values() if name in role.members)), key=LEVELS.index)
            for name, actor in self.actors.items()
        }

    @cached_property
    def tokens(self) -> Tokens:
        """What no text uses unsupported: every claim, and every status that has a condition and is long enough to be told from prose."""
        return tokens_of((*self.claims, *(status.id for status in self.statuses if status.when is not None and is_telling(status.id))))

    @cached_property
    def legs(self) -> Mapping[str, Leg]:
        """Every leg by its path, BLOCKER/LEG, in the order written."""
        return {f"{name}/{leg}": declared for name, blocker in self.blockers.items() for leg, declared in blocker.legs.items()}

    @cached_property
    def intakes(self) -> Mapping[str, tuple[str, ...]]:
        """The legs that an intake proves, by the provenance of what is taken in."""
        found: dict[str, tuple[str, ...]] = {}
        for path, leg in self.legs.items():
            if leg.evidence is not None and leg.evidence.kind == "intake":
                found[leg.evidence.of] = (*found.get(leg.evidence.of, ()), path)
        return found
