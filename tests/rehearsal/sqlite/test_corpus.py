"""Ways back that lose something are caught and localised; ways back that lose nothing raise no alarm."""

import sqlite3
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from govern.rehearsal.sqlite.clone import SqliteClone, open_file

CORPUS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("corpus.yaml").read_text(encoding="utf-8"))
LOSSY: dict[str, dict[str, Any]] = CORPUS["lossy"]
VALUES: list[str] = CORPUS["harmless"]["values"]
HARMLESS = list(product(range(len(VALUES)), CORPUS["harmless"]["tables"], CORPUS["harmless"]["ways"]))


def test_the_corpora_are_as_large_as_they_are_said_to_be() -> None:
    assert len(LOSSY) >= 30
    assert len(HARMLESS) >= 100


@pytest.mark.parametrize("name", LOSSY)
def test_a_way_back_that_loses_something_is_caught_and_localised(name: str, tmp_path: Path) -> None:
    case = LOSSY[name]
    clone = _clone(tmp_path, case["setup"])
    before = clone.state()
    clone.snapshot()
    clone.run(case["apply"].encode())
    assert clone.state().root != before.root
    clone.run(case["revert"].encode())
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
    clone = _clone(tmp_path, CORPUS["harmless"]["tables"][table].format(**values))
    apply, revert = CORPUS["harmless"]["ways"][way]
    before = clone.state()
    clone.snapshot()
    clone.run(apply.encode())
    assert clone.state().root != before.root
    clone.run(revert.encode())
    assert clone.state().components == before.components
    assert clone.state().rows == before.rows
    assert clone.differences() == ()


@pytest.mark.parametrize("name", CORPUS["unharmed"])
def test_a_way_back_that_only_lays_out_otherwise_raises_no_alarm(name: str, tmp_path: Path) -> None:
    case = CORPUS["unharmed"][name]
    clone = _clone(tmp_path, case["setup"])
    before = clone.state()
    clone.snapshot()
    clone.run(case["apply"].encode())
    assert clone.state().root != before.root
    clone.run(case["revert"].encode())
    assert clone.differences() == ()
    assert clone.state().components == before.components


def _clone(folder: Path, setup: str) -> SqliteClone:
    source = folder / "source.db"
    connection = sqlite3.connect(source)
    connection.executescript(setup)
    connection.close()
    work = folder / "work"
    work.mkdir()
    return open_file(source, work)
