"""Requirements: what a guard asked for, whether it holds, why not, who can clear it and with which command.

Pure values; made by `govern.engine.judge`, printed by the command line and the documents.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from govern.problems import Place, Problem


class Cause(StrEnum):
    """Why a requirement does not hold. The list is closed; `docs/causes.md` explains each."""

    MISSING = "missing"
    STALE = "stale"
    EXPIRED = "expired"
    NOT_YET = "not-yet"
    REVOKED = "revoked"
    CONSUMED = "consumed"
    REFUSED = "refused"
    UNAUTHORISED = "unauthorised"
    QUORUM = "quorum"
    SEPARATION = "separation"
    SCOPE = "scope"
    LANE = "lane"
    UNSIGNED = "unsigned"
    UNKNOWN = "unknown"
    AWAITING = "awaiting"
    NOT_EVALUATED = "not-evaluated"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One fact that was asked for, as judged.

    `truth` is None where it is unknown: that opens nothing. `records` are those that could fill it, `record` the one
    that does, or the one that is the reason why not. `again` is who could add another such record, and how.
    """

    id: str
    kind: str
    truth: bool | None
    why: str
    at: Place
    cause: Cause | None = None
    by: tuple[str, ...] = ()
    how: str = ""
    record: int | None = None
    records: tuple[int, ...] = ()
    via: str = ""
    again: tuple[tuple[str, ...], str] = ((), "")
    code: str = ""

    @property
    def name(self) -> str:
        """What it is about: the id without its kind, and, of a grant that is asked for again, without which time it is."""
        return self.id.partition(":")[2].partition("~")[0]

    @property
    def satisfied(self) -> bool:
        """Only true opens."""
        return self.truth is True


# The codes of causes that have another name as a diagnostic.
CODE_OF = {Cause.SEPARATION: "SOD", Cause.QUORUM: "THRESHOLD", Cause.CONSUMED: "GRANT_CONSUMED", Cause.UNSIGNED: "SIG_MISSING"}


def problem_of(requirement: Requirement) -> Problem:
    """Return a requirement that an act fails as a problem, with its stable code."""
    cause = requirement.cause or Cause.UNKNOWN
    code = requirement.code or CODE_OF.get(cause, cause.value.upper().replace("-", "_"))
    place = requirement.at if requirement.at.line else None
    by = f"by {' or '.join(requirement.by)}: " if requirement.by and requirement.how else ""
    return Problem(code, f"{requirement.id}: {requirement.why}", place, help=f"{by}{requirement.how}")


@dataclass(frozen=True, slots=True)
class Judged:
    """A guard as judged: a requirement, or judged parts of which `wanted` must hold."""

    truth: bool | None
    wanted: int = 1
    parts: tuple["Judged", ...] = ()
    requirement: Requirement | None = None


def leaf(requirement: Requirement) -> Judged:
    """Return a requirement as a judged guard."""
    return Judged(requirement.truth, requirement=requirement)


def combined(wanted: int, parts: tuple[Judged, ...]) -> Judged:
    """Join judged parts of which so many must hold (strong Kleene; over no parts, false)."""
    held = sum(part.truth is True for part in parts)
    possible = sum(part.truth is not False for part in parts)
    if not parts:
        return Judged(truth=False, wanted=wanted)
    truth = True if held >= wanted else (None if possible >= wanted else False)
    return Judged(truth, wanted, parts)


def requirements(judged: Judged) -> tuple[Requirement, ...]:
    """Return the requirements of a judged guard in the order written, each once."""
    return once(leaves(judged))


def failing(judged: Judged) -> tuple[Requirement, ...]:
    """Return the requirements for want of which a guard does not hold; an alternative to what holds is none."""
    return once(_wanting(judged))


def once(found: Iterable[Requirement]) -> tuple[Requirement, ...]:
    """Return requirements by their ids, each once, in the order met."""
    named: dict[str, Requirement] = {}
    for requirement in found:
        named.setdefault(requirement.id, requirement)
    return tuple(named.values())


def leaves(judged: Judged) -> Iterator[Requirement]:
    """Yield the requirements of a judged guard, as often as they stand there."""
    if judged.requirement:
        yield judged.requirement
    for part in judged.parts:
        yield from leaves(part)


def _wanting(judged: Judged) -> Iterator[Requirement]:
    if judged.truth is True:
        return
    if judged.requirement:
        yield judged.requirement
    for part in judged.parts:
        yield from _wanting(part)
