"""What a policy promises and prints: surfaces, actions, claims, findings, statuses, documents.

Pure. The rest of the language, and the whole of it, is in `govern.policy.model`.
"""

from typing import Literal

from pydantic import Field, StrictBool

from govern.policy.guards import Guard
from govern.policy.names import Declared, FilePath, FormerName, Moment, Name, Text
from govern.policy.who import Who


class Surface(Declared):
    """A part of the world that must not be touched without authority."""

    title: Text = Field(description="The name that documents print.")
    reached_by: Literal["network", "file", "act"] | None = Field(
        default=None, description="How it could be touched: over the network, through a file, or by an act of its own. Without it a rehearsal cannot tell."
    )
    named: tuple[Name, ...] = Field(default=(), description="Words by which a change would name it, such as a table; such a change is refused.")


class Action(Declared):
    """Something that can be done, and what it takes."""

    touches: tuple[Name, ...] = Field(default=(), description="The surfaces it reaches.")
    needs: Guard | None = Field(default=None, description="What must hold at the moment of the act.")
    consumes: Name | None = Field(default=None, description="The grant that one run uses up.")
    separate_executor: StrictBool = Field(default=False, description="Who gave a word that it rests on (decided, or granted) cannot carry it out.")
    ungranted: StrictBool = Field(default=False, description="No grant for it exists yet: it is forbidden, and said to be so.")
    renamed_from: FormerName = None


class Claim(Declared):
    """A token that may be used only where something supports it."""

    needs: Guard = Field(description="What supports the claim.")


class Finding(Declared):
    """A result that may be neither pass nor fail, and who carries it."""

    result: Literal["pass", "fail", "unknown"] = Field(description="The result until a record says otherwise.")
    why: Text = Field(description="Why it is so.")
    by: Name = Field(description="The actor or role that records another result.")
    carried_by: Name | None = Field(default=None, description="The blocker that carries it.")
    does_not_affect: tuple[Name, ...] = Field(default=(), description="The scopes that it leaves alone.")


class Status(Declared):
    """A token for where the programme stands. The first in the list that holds is printed."""

    id: Name = Field(description="The token.")
    when: Guard | None = Field(default=None, description="When it holds; the last has none and holds otherwise.")


class Registry(Declared):
    """The register of ticket ids."""

    prefix: Name = Field(description="What every id starts with.")
    folded_by: Who = Field(description="Who applies a reservation.")
    reserved_by: Name | None = Field(default=None, description="The actor or role that reserves ids; any actor if left out.")


class Document(Declared):
    """A file that is rendered from the state."""

    shows: Literal[
        "packet", "blocker-map", "gap-closure", "current-state", "report", "checkpoint", "addendum", "hand-off", "adoption", "lineage",
        "registry", "registry-index",
    ] = Field(description="What the template is given to print.")  # fmt: skip
    template: FilePath = Field(description="The template, under `templates/`.")
    path: FilePath = Field(description="The Markdown file, under `governance/`; for addenda the folder, with one file a reservation.")
    json_path: FilePath | None = Field(default=None, alias="json", description="The JSON twin, under `governance/`; for addenda the folder of the twins.")
    packet: Name | None = Field(default=None, description="The packet that it shows.")
    blocker: Name | None = Field(default=None, description="With `shows: adoption`: the blocker whose prepared part is to be adopted.")
    since: Moment | None = Field(
        default=None, description="The moment at which a gap-closure map or a report begins; a report without it begins with the packet before."
    )
    as_of: Moment | None = Field(default=None, description="The moment that it shows; the head if left out.")
    current: StrictBool = Field(default=False, description="Out of date is a failure of `render --check`, not a warning.")
