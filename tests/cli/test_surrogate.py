"""`govern surrogate`: generated data that carries its label, and goes through intake as what it is and as nothing else."""

import sys
from pathlib import Path

import pytest

from govern.canonical import digest
from govern.problems import Exit
from support.cli import UNREHEARSED, Programme, run_words, start

SCHEMA = """
tables:
  people:
    columns:
      id: {values: sequence, key: true}
      town: {values: city, unicode: true}
      born_on: {values: date}
      mother: {references: people.id, skewed: true}
"""
POLICY = """
rehearsal:
  label: GENERATED_NOT_REAL
  surface: {tables: {people: {all: plain}}}
"""


@pytest.fixture
def labelled(tmp_path: Path) -> Programme:
    """A programme that declares a label."""
    programme = start(tmp_path / "labelled", UNREHEARSED + POLICY)
    (programme.root / "people.yaml").write_text(SCHEMA, encoding="utf-8")
    return programme


def words(seed: int = 7, *more: str) -> tuple[str, ...]:
    return ("surrogate", "--schema", "people.yaml", "--rows", "300", "--seed", str(seed), *more)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_what_is_generated_is_loaded_by_its_engine_and_taken_in_as_a_surrogate_alone(engine: str, labelled: Programme) -> None:
    made = labelled.asks(*words(7, "--engine", engine, "--out", "made.sql"))
    content = (labelled.root / "made.sql").read_bytes()

    assert made == {
        "written": "made.sql",
        "sha256": digest(content),
        "bytes": len(content),
        "label": "GENERATED_NOT_REAL",
        "engine": engine,
        "seed": 7,
        "rows": 300,
    }
    found = labelled.asks("intake", "made.sql", "--provenance", "surrogate")["evidence"]
    assert found["label"] == "GENERATED_NOT_REAL"
    assert [table["rows"] for table in found["intake"]["shape"].values()] == [300, 1]
    assert labelled.refuses("intake", "made.sql", status=Exit.UNJUDGED).codes == ["SHAPE", "PROVENANCE"]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(labelled: Programme) -> None:
    digests = [labelled.asks(*words(seed, "--out", f"{number}.sql"))["sha256"] for number, seed in enumerate((7, 7, 8))]

    assert digests[0] == digests[1] != digests[2]


def test_no_other_label_replaces_the_one_of_the_policy(labelled: Programme) -> None:
    ran = labelled.refuses(*words(7, "--out", "made.sql", "--label", "REAL_PRODUCTION_DUMP"), status=Exit.USAGE)

    assert ran.codes == ["USAGE"]
    assert "the policy declares the label GENERATED_NOT_REAL" in ran.err


@pytest.mark.parametrize(("label", "says"), [((), "the policy declares none"), (("--label", "x y"), "a label has 8 to 128")])
def test_where_none_is_declared_a_label_must_be_given(label: tuple[str, ...], says: str, tmp_path: Path) -> None:
    (tmp_path / "people.yaml").write_text(SCHEMA, encoding="utf-8")

    ran = run_words("-C", str(tmp_path), *words(7, "--out", "made.sql", *label))

    assert (ran.status, ran.codes) == (Exit.USAGE, ["USAGE"])
    assert says in ran.err
    assert not (tmp_path / "made.sql").exists()


def test_outside_of_a_programme_a_label_is_enough(tmp_path: Path) -> None:
    (tmp_path / "people.yaml").write_text(SCHEMA, encoding="utf-8")

    ran = run_words("-C", str(tmp_path), *words(7, "--out", "made.sql", "--label", "MADE_UP_FOR_TESTS"))

    assert ran.status == Exit.YES, ran
    assert (tmp_path / "made.sql").read_bytes().startswith(b"-- MADE_UP_FOR_TESTS\n-- GENERATED_BY_GOVERN_SURROGATE: seed 7, 300 rows, mimesis ")


def test_every_fault_of_a_description_is_told_with_its_place(labelled: Programme) -> None:
    labelled.replace("people.yaml", "values: city", "values: cities")
    labelled.replace("people.yaml", "skewed: true", "skewd: true")

    ran = labelled.refuses(*words(7, "--out", "made.sql"), status=Exit.UNJUDGED)

    assert ran.codes == ["POLICY_VALUE", "POLICY_UNKNOWN_KEY"]
    assert "people.yaml:6:22: error POLICY_VALUE: found `cities`" in ran.err
    assert "did you mean `skewed`?" in ran.err


@pytest.mark.parametrize("missing", ["--rows", "--seed", "--schema", "--out"])
def test_what_decides_about_the_bytes_has_no_default(missing: str, labelled: Programme) -> None:
    given = words(7, "--out", "made.sql")
    at = given.index(missing)

    ran = labelled.refuses(*given[:at], *given[at + 2 :], status=Exit.USAGE)

    assert f"missing option '{missing}'" in ran.err.lower()


def test_without_the_library_the_extra_is_named_and_nothing_is_written(labelled: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mimesis", None)

    ran = labelled.refuses(*words(7, "--out", "made.sql"), status=Exit.UNJUDGED)

    assert ran.codes == ["NEEDS_EXTRA"]
    assert "pip install 'govern[surrogate]'" in ran.err
