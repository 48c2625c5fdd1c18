"""Tab completion of live ids. A completion that cannot be computed offers nothing; it never fails the shell."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from govern.cli.options import Options
from govern.cli.session import Session
from govern.engine.view import View
from govern.policy import find


def _view() -> View | None:
    with suppress(Exception):
        return Session(Options(Path())).view
    return None


def _matching(names: Iterable[str], incomplete: str) -> list[str]:
    return [str(name) for name in names if name.startswith(incomplete)]


def options(incomplete: str) -> list[str]:
    """Offer the options of the current packets, by number, id and full address."""
    view = _view()
    if view is None:
        return []
    words = [
        word
        for packet in view.current_packets()
        for option in view.policy.packets[packet].options
        for word in (option.number, option.id, f"{packet}/{option.id}")
    ]
    return _matching(dict.fromkeys(words), incomplete)


def any_id(incomplete: str) -> list[str]:
    """Offer everything that can be asked about."""
    view = _view()
    if view is None:
        return []
    policy = view.policy
    legs = [path for path, _leg in find.leg_paths(policy)] if "/" in incomplete else []
    return options(incomplete) + _matching(
        [*policy.blockers, *policy.grants, *policy.lanes, *policy.actions, *policy.packets, *policy.findings, *policy.claims, *legs], incomplete
    )


def grants(incomplete: str) -> list[str]:
    """Offer the declared grants."""
    view = _view()
    return _matching(view.policy.grants, incomplete) if view else []


def actions(incomplete: str) -> list[str]:
    """Offer the declared actions."""
    view = _view()
    return _matching(view.policy.actions, incomplete) if view else []


def legs(incomplete: str) -> list[str]:
    """Offer the declared legs."""
    view = _view()
    return _matching((path for path, _leg in find.leg_paths(view.policy)), incomplete) if view else []


def lanes(incomplete: str) -> list[str]:
    """Offer the lanes that a record opens."""
    view = _view()
    return _matching((name for name, lane in view.policy.lanes.items() if lane.opened_by), incomplete) if view else []


def packets(incomplete: str) -> list[str]:
    """Offer the declared packets."""
    view = _view()
    return _matching(view.policy.packets, incomplete) if view else []


def findings(incomplete: str) -> list[str]:
    """Offer the declared findings."""
    view = _view()
    return _matching(view.policy.findings, incomplete) if view else []


def documents(incomplete: str) -> list[str]:
    """Offer the declared documents."""
    view = _view()
    return _matching(view.policy.documents, incomplete) if view else []


def moments(incomplete: str) -> list[str]:
    """Offer the marks, and the records by which the policy in force came to be."""
    view = _view()
    return _matching([*(f"@{name}" for name in view.state.marks), f"#{view.state.policy_seq}"], incomplete) if view else []
