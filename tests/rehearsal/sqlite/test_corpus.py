"""Ways back that lose something are caught and localised; ways back that lose nothing raise no alarm."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from govern.rehearsal.sqlite.clone import SqliteClone
from govern.rehearsal.states import State
from support.sqlite_clones import clone_of

CORPUS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("corpus.yaml").read_text(encoding="utf-8"))
LOSSY: dict[str, dict[str, Any]] = CORPUS["lossy"]
VALUES: list[str] = CORPUS["harmless"]["values"]
HARMLESS = list(product(range(len(VALUES)), CORPUS["harmless"]["tables"], CORPUS["harmless"]["ways"]))


def test_the_corpora_are_as_large_as_they_are_said_to_be() -> None:
    assert len(LOSSY) >= 30
    assert len(HARMLESS) >= 100


def _there_and_back(clone: SqliteClone, apply: str, revert: str) -> State:
    """Run a change that does something, and its way back; return the state before."""
    before = clone.state()
    clone.snapshot()
    clone.run(apply.encode())
    assert clone.state().root != before.root
    clone.run(revert.encode())
    return before


@pytest.mark.parametrize("name", LOSSY)
def test_a_way_back_that_loses_something_is_caught_and_localised(name: str, tmp_path: Path) -> None:
    case = LOSSY[name]
    clone = clone_of(tmp_path, case["setup"])
    before = _there_and_back(clone, case["apply"], case["revert"])
    assert clone.state().root != before.root
    wanted = case["caught"]
    found = [each.to_json() for each in clone.differences()]
    assert [each for each in found if all(each.get(key) == value for key, value in wanted.items())], found
    clone.restore()
    assert clone.state() == before
    assert clone.differences() == ()


@pytest.mark.parametrize(("value", "table", "way"), HARMLESS)
def test_a_way_back_that_loses_nothing_raises_no_alarm(value: int, table: str, way: str, tmp_path: Path) -> None:
    values = {"v": VALUES[value], "w": VALUES[(value + 1) % len(VALUES)]}
    clone = clone_of(tmp_path, CORPUS["harmless"]["tables"][table].format(**values))
    apply, revert = CORPUS["harmless"]["ways"][way]
    before = _there_and_back(clone, apply, revert)
    assert clone.state().components == before.components
    assert clone.state().rows == before.rows
    assert clone.differences() == ()


@pytest.mark.parametrize("name", CORPUS["unharmed"])
def test_a_way_back_that_only_lays_out_otherwise_raises_no_alarm(name: str, tmp_path: Path) -> None:
    case = CORPUS["unharmed"][name]
    clone = clone_of(tmp_path, case["setup"])
    before = _there_and_back(clone, case["apply"], case["revert"])
    assert clone.differences() == ()
    assert clone.state().components == before.components
