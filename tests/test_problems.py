"""Places, problems and the error of the user, as they are printed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.problems import Exit, GovernError, Place, Problem, did_you_mean, fault, unknown_id

HERE = Place("states.yaml", 14, 9)


def test_a_problem_is_one_line_with_its_place_first_and_its_hint_last() -> None:
    problem = Problem("POLICY_DANGLING", "unknown blocker `CI-SCOP-1`", HERE, help="did you mean `CI-SCOPE-1`?")

    assert str(problem) == "states.yaml:14:9: unknown blocker `CI-SCOP-1`; did you mean `CI-SCOPE-1`?"
    assert problem.severity == "error"


def test_a_problem_without_a_place_or_a_hint_leaves_them_out() -> None:
    assert str(Problem("X", "nothing is there")) == "nothing is there"
    assert str(Problem("X", "nothing is there", HERE)) == "states.yaml:14:9: nothing is there"
    assert str(Problem("X", "nothing is there", help="write it")) == "nothing is there; write it"


def test_an_error_says_every_problem_on_a_line_of_its_own() -> None:
    error = GovernError(Exit.UNJUDGED, iter([Problem("A", "first", HERE), Problem("B", "second", severity="warning")]))

    assert str(error) == "states.yaml:14:9: first\nsecond"
    assert error.status is Exit.UNJUDGED
    assert [problem.code for problem in error.problems] == ["A", "B"]


def test_a_fault_is_the_error_of_one_problem() -> None:
    error = fault(Exit.USAGE, "UNKNOWN_ID", "no `X`", place=HERE, help="did you mean `Y`?")

    assert (error.status, error.problems) == (Exit.USAGE, (Problem("UNKNOWN_ID", "no `X`", HERE, "error", "did you mean `Y`?"),))
    with pytest.raises(GovernError, match=r"^states\.yaml:14:9: no `X`; did you mean `Y`\?$"):
        raise error


def test_the_exit_statuses_are_fixed() -> None:
    assert {status.name: int(status) for status in Exit} == {
        "YES": 0, "NO": 1, "USAGE": 2, "UNJUDGED": 3, "REFUSED": 4, "BROKEN": 5, "BUG": 70, "INTERRUPTED": 130,
    }  # fmt: skip


def test_places_are_ordered_by_file_line_and_column() -> None:
    places = [Place("b", 1, 1), Place("a", 2, 1), Place("a", 1, 10), Place("a", 1, 9)]

    assert [str(place) for place in sorted(places)] == ["a:1:9", "a:1:10", "a:2:1", "b:1:1"]


@pytest.mark.parametrize(("word", "hint"), [("blocers", "did you mean `blockers`?"), ("zzz", ""), ("", "")])
def test_the_nearest_known_word_is_offered_and_a_far_one_is_not(word: str, hint: str) -> None:
    assert did_you_mean(word, ["blockers", "lanes", "grants"]) == hint


def test_no_word_is_offered_where_none_is_known() -> None:
    assert did_you_mean("word", []) == ""


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.text(max_size=8), st.frozensets(st.text("abcd", max_size=5), max_size=6))
def test_the_hint_does_not_depend_on_the_order_of_the_known_words(word: str, known: frozenset[str]) -> None:
    assert did_you_mean(word, known) == did_you_mean(word, sorted(known, reverse=True))


@pytest.mark.parametrize(
    ("word", "known", "otherwise", "help"),
    [
        ("lne", ["lane", "other"], "look there", "did you mean `lane`?"),
        ("zzz", ["lane", "other"], "look there", "look there"),
        ("zzz", ["lane", "other"], "", "declared: lane, other"),
        ("zzz", [], "", "declared: none"),
    ],
)
def test_a_word_that_names_nothing_is_told_with_what_there_is_instead(word: str, known: list[str], otherwise: str, help: str) -> None:
    error = unknown_id("lane", word, iter(known), otherwise)

    assert (error.status, error.problems) == (Exit.USAGE, (Problem("UNKNOWN_ID", f"no lane is called `{word}`", help=help),))
