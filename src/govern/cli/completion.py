"""Tab completion of live ids. A completion that cannot be computed offers nothing; it never fails the shell."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from govern.cli.options import Options
from govern.cli.session import Session
from govern.engine.view import View
from govern.policy import find


def _offered(words: Callable[[View], Iterable[str]], incomplete: str) -> list[str]:
    """Return those words of the programme at hand that go on from what was typed."""
    with suppress(Exception):
        return [str(word) for word in dict.fromkeys(words(Session(Options(Path())).view)) if word.startswith(incomplete)]
    return []


def _options(view: View) -> Iterator[str]:
    for packet in view.current_packets():
        for option in view.policy.packets[packet].options:
            yield from (option.number, option.id, f"{packet}/{option.id}")


def _legs(view: View) -> Iterator[str]:
    return (path for path, _leg in find.leg_paths(view.policy))


def options(incomplete: str) -> list[str]:
    """Offer the options of the current packets, by number, id and full address."""
    return _offered(_options, incomplete)


def any_id(incomplete: str) -> list[str]:
    """Offer everything that can be asked about."""

    def words(view: View) -> Iterator[str]:
        policy = view.policy
        yield from _options(view)
        for declared in (policy.blockers, policy.grants, policy.lanes, policy.actions, policy.packets, policy.findings, policy.claims):
            yield from declared
        yield from _legs(view) if "/" in incomplete else ()

    return _offered(words, incomplete)


def grants(incomplete: str) -> list[str]:
    """Offer the declared grants."""
    return _offered(lambda view: view.policy.grants, incomplete)


def actions(incomplete: str) -> list[str]:
    """Offer the declared actions."""
    return _offered(lambda view: view.policy.actions, incomplete)


def legs(incomplete: str) -> list[str]:
    """Offer the declared legs."""
    return _offered(_legs, incomplete)


def lanes(incomplete: str) -> list[str]:
    """Offer the lanes that a record opens."""
    return _offered(lambda view: (name for name, lane in view.policy.lanes.items() if lane.opened_by), incomplete)


def packets(incomplete: str) -> list[str]:
    """Offer the declared packets."""
    return _offered(lambda view: view.policy.packets, incomplete)


def findings(incomplete: str) -> list[str]:
    """Offer the declared findings."""
    return _offered(lambda view: view.policy.findings, incomplete)


def documents(incomplete: str) -> list[str]:
    """Offer the declared documents."""
    return _offered(lambda view: view.policy.documents, incomplete)


def moments(incomplete: str) -> list[str]:
    """Offer the marks, and the records by which the policy in force came to be."""
    return _offered(lambda view: [*(f"@{name}" for name in view.state.marks), f"#{view.state.policy_seq}"], incomplete)
