"""Completion offers the ids that are live, and never fails the shell."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from govern.cli import completion
from support.cli import EXECUTION, HANDOFF, REAL_DUMP, Programme

COMPLETIONS: dict[str, Callable[[str], list[str]]] = {
    "options": completion.options,
    "any_id": completion.any_id,
    "grants": completion.grants,
    "legs": completion.legs,
    "lanes": completion.lanes,
    "packets": completion.packets,
    "findings": completion.findings,
    "moments": completion.moments,
}


@pytest.fixture
def inside(fix7: Programme, monkeypatch: pytest.MonkeyPatch) -> Programme:
    """The programme in whose folder the shell stands."""
    monkeypatch.chdir(fix7.root)
    return fix7


def test_options_are_those_of_the_current_packets(inside: Programme) -> None:
    assert completion.options("") == [
        *("1", "HOLD_PRODUCTION", "production-after-rehearsal/HOLD_PRODUCTION", "HOLD_REAL_DATA", "final-real-data/HOLD_REAL_DATA"),
        *("2", HANDOFF, f"final-real-data/{HANDOFF}"),
        *("3", "AUTHORIZE_PRODUCTION_DRYRUN_ONLY", "final-real-data/AUTHORIZE_PRODUCTION_DRYRUN_ONLY"),
        *("4", "AUTHORIZE_PRODUCTION_REALRUN_PRECHECK_ONLY", "final-real-data/AUTHORIZE_PRODUCTION_REALRUN_PRECHECK_ONLY"),
        *("5", EXECUTION, f"final-real-data/{EXECUTION}"),
    ]
    assert completion.options("final-real-data/AUTHORIZE_P") == [each for each in completion.options("") if each.startswith("final-real-data/AUTHORIZE_P")]
    del inside


def test_each_kind_is_offered_where_it_is_asked_for(inside: Programme) -> None:
    del inside
    assert completion.grants("P") == ["PRODUCTION_DRYRUN", "PRODUCTION_OPT4", "PRODUCTION_ROLLBACK", "PERMIT"]
    assert completion.legs(REAL_DUMP[:-3]) == [REAL_DUMP]
    assert completion.lanes("") == ["production-execution"], "the only one that a record opens"
    assert completion.packets("p") == ["production", "production-after-rehearsal"]
    assert completion.findings("") == ["ci-seal-vs-bytes"]
    assert completion.moments("") == ["@S0", "@S4", "#0"]
    assert completion.moments("@S4") == ["@S4"]


def test_anything_that_can_be_asked_about_is_offered_and_legs_once_a_blocker_is_named(inside: Programme) -> None:
    del inside
    assert {"5", "QT001", "real-run", "production-execution", "final-real-data", "FIX7-P0-PROD-OPT4-1"} <= set(completion.any_id(""))
    assert completion.any_id("FIX7-P0-PROD-OPT4-1/") == ["FIX7-P0-PROD-OPT4-1/scoping", "FIX7-P0-PROD-OPT4-1/granted"]
    assert completion.any_id("zzz") == []


@pytest.mark.parametrize("name", COMPLETIONS)
def test_what_cannot_be_computed_offers_nothing(name: str, inside: Programme) -> None:
    assert COMPLETIONS[name]("") != []
    inside.ledger.write_bytes(b"x\n")
    assert COMPLETIONS[name]("") == []
    inside.policy.unlink()
    assert COMPLETIONS[name]("") == []


@pytest.mark.parametrize("name", COMPLETIONS)
def test_completing_writes_nothing(name: str, inside: Programme) -> None:
    before = inside.tree()
    COMPLETIONS[name]("")
    assert inside.tree() == before


def test_a_shell_is_offered_live_ids(inside: Programme) -> None:
    words, offered = "govern decide final-real-data/H", "final-real-data/HOLD_REAL_DATA\n"
    asked = {"_GOVERN_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    environment = {**os.environ, **asked, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-m", "govern"], cwd=inside.root, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout.rstrip("\n") + "\n", done.stderr) == (offered, "")
