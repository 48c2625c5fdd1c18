"""No rollback that restores everything raises an alarm: every type with every operation, and whatever can be made anew."""

import pytest

from govern.rehearsal.postgresql.server import Server
from support.corpora import Outcome, read_cases, read_types, run_cases

CASES = [*read_cases("harmless.yaml", 18), *read_types()]


@pytest.fixture(scope="module")
def outcomes(cluster: Server) -> dict[str, Outcome]:
    return run_cases(cluster, CASES)


@pytest.mark.parametrize("name", [case.name for case in CASES])
def test_a_rollback_that_restores_everything_raises_no_alarm(outcomes: dict[str, Outcome], name: str) -> None:
    if name not in outcomes:
        pytest.skip("does not apply: the server was built without what the case needs")
    assert outcomes[name].applied, "a change that changes nothing proves nothing"
    assert outcomes[name].reverted == []


def test_nothing_differs_beside_the_harmless_cases(outcomes: dict[str, Outcome]) -> None:
    assert outcomes[""] == Outcome()


def test_most_of_the_cases_ran(outcomes: dict[str, Outcome]) -> None:
    assert len(outcomes) > 300
