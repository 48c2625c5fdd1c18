"""`govern probe`: bad inputs by name, counted; new ones are data; what is not refused for its own reason is told, and fails."""

import json
from pathlib import Path
from typing import Any

import pytest

from govern.evidence.probes import SHIPPED, parse_probes
from govern.problems import Exit
from support.cli import Ran, run_words

PROBES = parse_probes(SHIPPED.read_bytes(), SHIPPED.name)


def probing(folder: Path, *words: str, status: Exit = Exit.YES) -> Ran:
    """Probe in a folder that holds no programme."""
    ran = run_words("-C", str(folder), "probe", *words)
    assert ran.status == status, ran
    return ran


def more(folder: Path, **changed: Any) -> str:
    """Write a file with one probe of our own; return its name."""
    probe = {"name": "a finding of the gate", "kind": "evidence", "on": "sqlite", "do": [["set", "gate/findings", 7]], "expect": "gate-finding"}
    (folder / "more.json").write_text(json.dumps({"schema": "govern.probes/1", "probes": [probe | changed]}), encoding="utf-8")
    return "more.json"


def count(**wanted: str) -> int:
    """Return how many bad inputs are shipped."""
    return sum(not probe.controls and all(getattr(probe, key) == value for key, value in wanted.items()) for probe in PROBES)


def test_bad_evidence_is_listed_with_the_reason_and_counted(tmp_path: Path) -> None:
    ran = probing(tmp_path, "--kind", "evidence")
    lines = ran.out.splitlines()
    bad = count(kind="evidence")
    assert lines[0] == f"{bad}/{bad} fail closed, control allowed"
    assert "  refused  not-mutated          no mutation" in lines
    assert "  allowed  control              good evidence of a toy" in lines
    assert lines[-1] == "left out, and so not tried: change, source, surroundings"
    assert len(lines) == 2 + sum(probe.kind == "evidence" for probe in PROBES)
    assert ran.codes == ["VALIDATOR_UNPINNED"]


@pytest.mark.parametrize("kind", ["change", "source", "surroundings"])
def test_on_sqlite_every_bad_input_is_refused_for_its_own_reason(tmp_path: Path, kind: str) -> None:
    found = json.loads(probing(tmp_path, "--kind", kind, "--engine", "sqlite", "--json").out)["result"]
    assert [each for each in found["probes"] if not each["held"]] == []
    assert (found["refused"], found["tried"]) == (count(kind=kind, on="sqlite"),) * 2
    assert (found["controls_allowed"], found["controls"]) == (1, 1)


@pytest.mark.parametrize("kind", ["change", "source"])
def test_on_postgresql_every_bad_input_is_refused_for_its_own_reason(tmp_path: Path, kind: str) -> None:
    found = json.loads(probing(tmp_path, "--kind", kind, "--engine", "postgresql", "--json").out)["result"]
    assert [each for each in found["probes"] if not each["held"]] == []
    assert found["refused"] == found["tried"] == count(kind=kind, on="postgresql")


def test_a_probe_of_our_own_is_tried_beside_those_shipped(tmp_path: Path) -> None:
    out = probing(tmp_path, "--kind", "evidence", "--add", more(tmp_path)).out
    bad = count(kind="evidence") + 1
    assert out.startswith(f"{bad}/{bad} fail closed, control allowed\n")
    assert "  refused  gate-finding         a finding of the gate\n" in out


def test_what_is_refused_for_another_reason_fails_and_is_told(tmp_path: Path) -> None:
    out = probing(tmp_path, "--kind", "evidence", "--add", more(tmp_path, expect="root"), status=Exit.NO).out
    bad = count(kind="evidence") + 1
    assert out.startswith(f"{bad - 1}/{bad} fail closed, control allowed\n")
    assert any(line.split() == ["WRONG:", "gate-finding", "root", "a", "finding", "of", "the", "gate"] for line in out.splitlines())


def test_a_bad_input_that_is_allowed_fails(tmp_path: Path) -> None:
    out = probing(tmp_path, "--kind", "evidence", "--add", more(tmp_path, do=[]), status=Exit.NO).out
    assert any(line.split()[:3] == ["WRONG:", "allowed", "gate-finding"] for line in out.splitlines())


def test_a_control_that_is_refused_fails(tmp_path: Path) -> None:
    out = probing(tmp_path, "--kind", "evidence", "--add", more(tmp_path, expect="allowed"), status=Exit.NO).out
    bad = count(kind="evidence")
    assert out.startswith(f"{bad}/{bad} fail closed, control refused\n")


@pytest.mark.parametrize(
    "changed", [{"name": "no mutation"}, {"on": "oracle"}, {"do": [["jump"]]}, {"kind": "source", "do": [["jump"]]}, {"kind": "surroundings", "do": [["jump"]]}]
)
def test_probes_that_are_malformed_are_refused_and_nothing_is_counted(tmp_path: Path, changed: dict[str, Any]) -> None:
    words = ("--kind", changed.get("kind", "evidence")) if changed.get("kind") != "source" else ("--kind", "source", "--engine", "sqlite")
    ran = probing(tmp_path, *words, "--add", more(tmp_path, **changed), status=Exit.UNJUDGED)
    assert ran.codes[-1] == "PROBES_FORMAT"
    assert ran.out == ""


def test_a_file_of_probes_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert probing(tmp_path, "--add", "none.json", status=Exit.USAGE).codes == ["FILE_IO"]
