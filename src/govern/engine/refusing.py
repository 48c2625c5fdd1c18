"""Refusals: a requirement that does not hold, as an act meets it.

Pure.
"""

from govern.engine.causes import Cause, Requirement
from govern.problems import Place


def refusal(id: str, cause: Cause, why: str, at: Place, *, by: tuple[str, ...] = (), how: str = "", record: int | None = None, code: str = "") -> Requirement:
    """Return a requirement that is not satisfied; `code` where its cause does not say enough."""
    return Requirement(id, id.partition(":")[0], truth=False, why=why, at=at, cause=cause, by=by, how=how, record=record, code=code)
