"""The solver's answers on thousands of small programmes, each against a look at every situation of the same model."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from govern.policy.model import Policy
from govern.proof.proving import solver_there
from support.comparing import Compared
from support.looking import Looking
from support.random_systems import distance, random_formulas, random_systems
from support.tiny_programmes import tiny_programmes

pytestmark = pytest.mark.search

PROGRAMMES = 2_000
SITUATIONS = 30_000


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_looking_at_sets_of_situations_finds_the_shortest_history_that_looking_at_one_by_one_does(data: st.DataObject) -> None:
    drawn = data.draw(random_systems())
    goal = data.draw(random_formulas(drawn))

    assert Looking(drawn).distance(goal) == distance(drawn, goal)


@pytest.mark.skipif(not solver_there(), reason="no solver is installed")
def test_the_solver_answers_each_promise_of_small_programmes_as_a_look_at_every_situation_does() -> None:
    compared = Compared(SITUATIONS)

    @settings(max_examples=PROGRAMMES, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
    @given(drawn=tiny_programmes())
    def compare(drawn: tuple[str, Policy]) -> None:
        assume(compared.take(*drawn))

    compare()

    answers = compared.answers
    assert len(compared.programmes) > 0.95 * PROGRAMMES, f"{len(compared.programmes)} different programmes"
    assert answers["Unreached"] > compared.promises / 5, answers
    assert answers["Reached"] > compared.promises / 5, answers
    assert answers["Undecided"] <= compared.promises / 200, answers
    # The model permits more than the evaluator: of the others, the history found is one of the model.
    assert answers["played"] > 0.97 * answers["Reached"], answers
