"""Every kind of rollback that loses something is caught, and what it lost is named."""

import pytest

from govern.rehearsal.postgresql.server import Server
from support.corpora import Outcome, read_cases, run_cases

NAMES = [case.name for case in read_cases("lossy.yaml", 18)]


@pytest.fixture(scope="module")
def outcomes(cluster: Server) -> dict[str, Outcome]:
    return run_cases(cluster, read_cases("lossy.yaml", cluster.installation.major))


@pytest.mark.parametrize("name", NAMES)
def test_a_lossy_rollback_is_caught_and_what_it_lost_is_named(cluster: Server, outcomes: dict[str, Outcome], name: str) -> None:
    expected = {case.name: case.expect for case in read_cases("lossy.yaml", cluster.installation.major)}
    assert expected[name], "a lossy case says what it loses"
    assert sorted(outcomes[name].reverted) == sorted(expected[name])


@pytest.mark.parametrize("name", NAMES)
def test_a_lossy_change_differs_once_it_is_applied(outcomes: dict[str, Outcome], name: str) -> None:
    assert outcomes[name].applied


def test_nothing_differs_beside_the_lossy_cases(outcomes: dict[str, Outcome]) -> None:
    assert outcomes[""] == Outcome()
