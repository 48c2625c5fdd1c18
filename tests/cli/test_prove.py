"""`govern prove`: what it answers and how it ends; what it writes is a ledger, and nothing else is written anywhere."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from govern.problems import Exit
from govern.proof import induction, proving, sat
from govern.proof.formulas import FALSE
from govern.proof.system import Outcome, Unreached
from support.cli import ROOT, Programme, Ran, run_words
from support.planted import BREACHES, Planted, asked, text_of

DRYRUN = ("        requires: {grant: PRODUCTION_DRYRUN}\n", "")
MUTED = "import sys\nsys.modules['pysat'] = None\nsys.modules['pysat.solvers'] = None\n"

PROVED = """\
proved   hold-is-always-there
         final-real-data/HOLD_REAL_DATA can be decided after every history
"""
BROKEN = """\
           #1  owner  issue final-real-data                                   draft -> issued
           #2  owner  decide final-real-data/AUTHORIZE_PRODUCTION_DRYRUN_ONLY  HOLD_REAL_DATA -> AUTHORIZE_PRODUCTION_DRYRUN_ONLY
"""


def _prove(programme: Programme, edited: bytes, *words: str) -> Ran:
    file = programme.root.parent / "edited.yaml"
    file.write_bytes(edited)
    return programme.run("prove", "--policy", str(file), *words)


def test_this_programme_is_proved_with_and_without_a_solver(fix7: Programme) -> None:
    for engine in ("auto", "search"):
        before = fix7.tree()
        ran = fix7.does("prove", "--engine", engine)
        assert ": 8 of 8 invariants proved\n" in ran.out.replace("\n\n", "\n", 1)
        assert PROVED in ran.out
        assert fix7.tree() == before


def test_what_the_promises_mean_is_told_once_and_only_of_those_that_ask_for_prerequisites(fix7: Programme) -> None:
    short = "final-real-data/AUTHORIZE_PRODUCTION_EXECUTION is never selected while any of 11 prerequisites does not count\n"
    assumed = "about every history that this policy allows\nassumed: every declared person can sign; no delegation is on record\n"
    legend = "what does not count is missing, taken back, used up, out of its time or of another scope\n"
    out = fix7.does("prove").out
    assert short in out
    assert out.endswith(f"\n\n{assumed}{legend}")
    assert fix7.does("prove", "agents-decide-nothing").out.split("\n")[3] == (
        "         production/AUTHORIZE_PRODUCTION_REHEARSAL_ONLY is decided only by owner (and 15 more like it)"
    )
    assert fix7.does("prove", "hold-is-always-there").out.endswith(f"\n\n{assumed}")


def test_one_invariant_is_proved_by_its_name(fix7: Programme) -> None:
    answer = fix7.asks("prove", "dry-run-needs-its-grant")
    assert answer["finding"] == "proved"
    [promise] = answer["promises"]
    assert set(promise) >= {"invariant", "says", "at", "finding", "by", "why", "certificate", "trace"}
    assert (promise["invariant"], promise["finding"], promise["why"], promise["trace"]) == ("dry-run-needs-its-grant", "proved", "", None)
    assert promise["at"].startswith("states.yaml:")
    assert promise["certificate"] >= 0


def test_a_breach_is_answered_with_1_and_told_record_by_record(fix7: Programme) -> None:
    edited = text_of("fix7", DRYRUN)
    ran = _prove(fix7, edited, "dry-run-needs-its-grant")
    assert ran.status == Exit.NO
    assert "BROKEN   dry-run-needs-its-grant\n" in ran.out
    assert [line.split()[:4] for line in ran.out.splitlines() if line.lstrip().startswith("#")] == [
        ["#1", "owner", "issue", "final-real-data"],
        ["#2", "owner", "decide", "final-real-data/AUTHORIZE_PRODUCTION_DRYRUN_ONLY"],
    ]
    told = json.loads(_prove(fix7, edited, "dry-run-needs-its-grant", "--json").out)["result"]
    assert told["finding"] == "broken"
    assert [each["record"] for each in told["promises"][0]["trace"]] == [1, 2]


def test_a_promise_that_says_nothing_is_answered_with_3(fix7: Programme) -> None:
    never = "        requires: {all: [{grant: PRODUCTION_DRYRUN}, {not: {grant: PRODUCTION_DRYRUN}}]}\n"
    ran = _prove(fix7, text_of("fix7", (DRYRUN[0], never)), "dry-run-needs-its-grant")
    assert ran.status == Exit.UNJUDGED, ran
    assert "vacuous  dry-run-needs-its-grant\n" in ran.out
    assert "vacuous: no history ever takes that act, so it promises nothing" in ran.out


def test_a_policy_without_invariants_is_answered_with_3(website: Programme) -> None:
    text = (ROOT / "tests" / "programmes" / "transfer.yaml").read_text(encoding="utf-8")
    ran = _prove(website, text[: text.index("invariants:")].encode())
    assert (ran.status, ran.codes) == (Exit.UNJUDGED, ["NOTHING_TO_PROVE"])
    assert "nothing proved is no proof" in ran.err


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (("prove", "nope"), Exit.USAGE, "UNKNOWN_ID"),
        (("prove", "--policy", "nowhere.yaml"), Exit.USAGE, "FILE_IO"),
        (("prove", "--policy", "."), Exit.USAGE, "FILE_IO"),
        (("prove", "--engine", "luck"), Exit.USAGE, "USAGE"),
        (("prove", "--export", "smv"), Exit.USAGE, "USAGE"),
        (("prove", "a", "b"), Exit.USAGE, "USAGE"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else str(each),
)
def test_what_cannot_be_asked_is_an_error_of_usage(words: tuple[str, ...], status: Exit, code: str, fix7: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(fix7.root)
    ran = fix7.refuses(*words, status=status)
    assert ran.codes == [code]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"govern: 1\nbogus: 1\n", "POLICY_MISSING_KEY"), (b"\xff\xfe", ""), (b"[", ""), (b"", "")],
    ids=["unknown key", "no text", "no YAML", "nothing"],
)
def test_a_faulty_policy_is_shown_with_its_faults_and_judged_no_further(content: bytes, code: str, fix7: Programme) -> None:
    ran = _prove(fix7, content)
    assert ran.status == Exit.UNJUDGED
    assert ran.out == ""
    assert "edited.yaml" in ran.err
    assert code in ran.codes or not code
    assert "Traceback" not in ran.err


def test_a_trace_is_not_written_over_anything_and_a_refusal_writes_nothing(fix7: Programme) -> None:
    there = fix7.root.parent / "there"
    there.mkdir()
    (there / "states.yaml").write_text("mine", encoding="utf-8")
    before = fix7.tree()
    ran = _prove(fix7, text_of("fix7", DRYRUN), "--write-trace", str(there))
    assert ran.status in (Exit.USAGE, Exit.REFUSED)
    assert [path.name for path in there.iterdir()] == ["states.yaml"]
    assert (there / "states.yaml").read_text(encoding="utf-8") == "mine"
    assert fix7.tree() == before
    assert "PROVED" not in ran.out


def test_where_nothing_is_found_no_trace_is_written(fix7: Programme) -> None:
    folder = fix7.root.parent / "trace"
    ran = fix7.does("prove", "dry-run-needs-its-grant", "--write-trace", str(folder))
    assert ran.codes == ["NO_TRACE"]
    assert not folder.exists()


def _without_solver(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "sitecustomize.py").write_text(MUTED, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "govern", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_without_a_solver_it_is_searched_and_a_solver_that_is_asked_for_is_missed(fix7: Programme, tmp_path: Path) -> None:
    wanted = _without_solver(tmp_path, "-C", str(fix7.root), "prove", "--engine", "solver")
    assert (wanted.returncode, wanted.stdout) == (Exit.UNJUDGED, "")
    assert wanted.stderr == "error PROOF_EXTRA: no solver is installed\n    help: `pip install 'govern[proof]'`, or `--engine search`\n"
    searched = _without_solver(tmp_path, "-C", str(fix7.root), "prove")
    assert searched.returncode == Exit.YES, searched
    assert "by search, confirmed by the second engine" in searched.stdout
    assert "by induction" not in searched.stdout


@pytest.mark.skipif(not sat.available(), reason="no solver is installed")
def test_a_wrong_certificate_is_caught_by_the_second_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    first = induction.prove

    def mutated(*given: Any, **named: Any) -> Outcome:
        found = first(*given, **named)
        return replace(found, certificate=(FALSE,)) if isinstance(found, Unreached) else found

    monkeypatch.setattr(induction, "prove", mutated)
    asked.cache_clear()
    policy = asked(text_of("transfer"))
    proof = policy.prove("using/USE is never selected while")
    asked.cache_clear()
    assert proof.finding is proving.Finding.UNKNOWN
    assert "the second engine refutes the certificate of the induction: that is a fault of govern" in proof.why


WRITTEN = {
    "the guard of an option dropped": ("copying/COPY", "selected"),
    "a grant that was used up counts": ("using/USE", "selected"),
    "some of the words are enough": ("moving/MOVE-IT", "selected"),
    "a delegate decides": ("copying/COPY", "selected"),
    "the issuer of a grant is widened": ("LEAVE", "LEAVE#1 recorded"),
    "who opens a lane is widened": ("gate", "open"),
    "the dry run without its grant": ("final-real-data/AUTHORIZE_PRODUCTION_DRYRUN_ONLY", "selected"),
}


@pytest.mark.parametrize("fault", [fault for fault in BREACHES if fault.name in WRITTEN], ids=lambda fault: fault.name)
def test_a_history_that_is_written_is_a_ledger_in_which_the_breach_stands(fault: Planted, tmp_path: Path) -> None:
    edited, folder = tmp_path / "edited.yaml", tmp_path / "trace"
    edited.write_bytes(text_of(fault.base, *fault.edits))
    invariant = asked(text_of(fault.base, *fault.edits), solver=sat.available(), delegations=fault.delegations).promise(fault.says).invariant
    more = ("--with-delegations",) if fault.delegations else ()
    ran = run_words("-C", str(ROOT), "prove", invariant, "--policy", str(edited), "--write-trace", str(folder), *more, "--json")
    assert ran.status == Exit.NO, ran
    [told] = [each["trace"] for each in ran.answer["result"]["promises"] if fault.says in each["says"]]
    written = Programme(folder)
    assert written.does("verify").out.startswith(f"{len(told) + 1} records verified")
    about, standing = WRITTEN[fault.name]
    last = f"#{told[-1]['record']}"
    assert written.asks("show", about, "--as-of", last)["standing"].startswith(standing)
    assert last in written.asks("show", about)["records"]
