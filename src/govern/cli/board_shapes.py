"""What the board says of a programme, as values of JSON: printed, and kept in the user's cache."""

from collections.abc import Mapping
from typing import NamedTuple, TypedDict

from govern.cli.leverage import Unlocks


class Choice(TypedDict):
    """An option of a packet that waits for a decision: how much it lacks, and what it would unlock."""

    option: str
    number: str
    missing: int
    unlocks: Unlocks | None


class Kept(TypedDict):
    """An actor, and what stands against their record."""

    actor: str
    why: str


class Waiting(TypedDict):
    """Something that waits for somebody: `by` are those it waits for, `not_today` what keeps some of them from acting now."""

    kind: str
    what: str
    command: str
    by: list[str]
    not_today: list[Kept]
    kept_out: list[Kept]
    given: list[str]
    since: str | None
    unlocks: Unlocks | None
    options: list[Choice]


class Head(TypedDict):
    """The head of a ledger."""

    ledger: str
    size: int
    root: str
    last: str
    at: str


class InForce(TypedDict):
    """The policy in force, and what of the working files is not what was adopted."""

    version: int
    sha256: str
    dirty: list[str]


class Override(TypedDict):
    """Something that is let pass: a waiver, a refusal that was overruled, a weakening that was accepted, a word that could not be given now."""

    kind: str
    what: str
    why: str
    record: int | None


class Anchor(TypedDict):
    """The newest checkpoint that is known: its size, how many records follow it, and where it was found."""

    size: int
    behind: int
    where: str


class Warned(TypedDict):
    """What is not in order and stops nothing."""

    code: str
    message: str
    help: str


class Told(TypedDict):
    """Why a programme could not be judged."""

    code: str
    message: str
    at: str | None
    help: str


class Row(TypedDict):
    """What the board says of a programme that could be judged, but for what waits in it."""

    programme: str
    title: str
    head: Head
    policy: InForce
    pinned: bool
    overrides: list[Override]
    checkpoint: Anchor | None
    actors: list[str]
    keys: dict[str, str]
    warnings: list[Warned]


class ForPerson(TypedDict):
    """What waits for a person in one programme, and as which actor."""

    programme: str
    title: str
    head: Head
    actor: str | None
    waits: list[Waiting]


class Seen(NamedTuple):
    """A programme that could be judged, and what waits there for each actor, as texts of JSON: most are never asked for.

    Where nobody is asked about, that is not found out, which takes longer than all the rest.
    """

    row: Row
    waits: Mapping[str, str] | None
