"""Refusals: a requirement that does not hold, as an act meets it.

Pure.
"""

from govern.engine.causes import Cause, Requirement
from govern.problems import Place


def refusal(id: str, cause: Cause, why: str, at: Place, *, by: tuple[str, ...] = (), how: str = "", record: int | None = None) -> Requirement:
    """Return a requirement that is not satisfied."""
    return Requirement(id, id.partition(":")[0], truth=False, why=why, at=at, cause=cause, by=by, how=how, record=record)
