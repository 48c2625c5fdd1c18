"""Whatever is typed: one line of error or an answer, a status of the table, no traceback, and nothing written by a question."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.cli.main import COMMANDS, hoist
from govern.policy import find
from govern.policy.load import load_policy
from govern.problems import Exit
from support.cli import Programme, copy_fix7, run_words
from support.faults import FIX7

POLICY = load_policy(FIX7)
OPTIONS = (
    *("--as", "--as-of", "--json", "--color", "-q", "--quiet", "--help", "--confirm", "--dry-run", "--reason", "--why", "--to", "--uses"),
    *("--expires", "--not-before", "--evidence", "--attest", "--supersedes", "--exit-code", "--all", "--shared", "--check", "-n", "--", "-C."),
)
WORDS = (
    *("1", "2", "5", "99", "-1", "#0", "#24", "#99", "@S0", "@", "", " ", "always", "pass", "unknown", "owner", "gpt", "nobody", "states.yaml", "."),
    *("request", "record", "revoke", "discharge", "reopen", "open", "close", "prepare", "issue", "show", "adopt", "grant", "lane", "explain", "codes"),
    *("2026-06-12", "2026-06-12T00:00:00Z", "2030-01-01T00:00:00+02:00", "25-0000000000", "QT001#3", "QT001#", "/", "//", "production/"),
    *POLICY.grants, *POLICY.lanes, *POLICY.blockers, *POLICY.packets, *POLICY.actions, *POLICY.findings,
    *(path for path, _leg in find.leg_paths(POLICY)),
    *(f"{name}/{option.id}" for name, packet in POLICY.packets.items() for option in packet.options),
)  # fmt: skip
# That nothing can be concluded is their answer, told file by file or promise by promise.
ANSWERED_UNJUDGED = frozenset(("validate", "prove"))
# What would write outside the copy, run for long, run another program or read stdin in a protocol of its own is tried elsewhere.
TRIED = sorted(set(COMMANDS) - {"init", "demo", "doctor", "run", "hook", "mcp"})
odd = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(["\udcff", "\x1b[31m", "\u202e", "{{7*7}}", "%s", "x" * 5000])
lines = st.tuples(st.sampled_from(TRIED), st.lists(st.sampled_from([*WORDS, *OPTIONS]) | odd, max_size=6)).map(lambda line: (line[0], *line[1]))


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    """One copy for all; what is recorded in it is part of the test."""
    return copy_fix7(tmp_path_factory.mktemp("hostile") / "fix7")


@settings(max_examples=60, deadline=None, derandomize=True)
@given(words=lines)
def test_every_command_line_ends_with_a_status_of_the_table_and_no_bug(words: tuple[str, ...], copied: Programme) -> None:
    ran = copied.run(*words)
    assert ran.status in set(Exit) - {Exit.BUG, Exit.INTERRUPTED, Exit.BROKEN}, (words, ran)
    assert "Traceback" not in ran.out + ran.err
    if ran.status == Exit.UNJUDGED and words[0] in ANSWERED_UNJUDGED and ran.out:
        return
    if ran.status in (Exit.USAGE, Exit.UNJUDGED, Exit.REFUSED):
        assert ran.codes or ran.err.startswith(("refused: ", "\x1b[31mrefused: ", "\x1b[31merror")) or json.loads(ran.out)["diagnostics"], (words, ran)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(words=lines)
def test_asked_for_json_every_command_line_prints_one_object_or_its_help(words: tuple[str, ...], copied: Programme) -> None:
    ran = copied.run("--json", *words)
    if "--help" in words or not ran.out.startswith("{"):
        assert ran.out.startswith("Usage: govern") or ran.status == 0
        return
    assert json.loads(ran.out)["exit"] == ran.status
    assert ran.err == ""


GLOBAL = [("--json",), ("-q",), ("--quiet",), ("--as", "owner"), ("--as=x",), ("--as", "--"), ("--color", "always"), ("-C", "dir"), ("-Cdir",), ("--as-of=#1",)]
OTHER = [("status",), ("-n", "3"), ("--reason", "x"), ("-",), ("",)]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(units=st.lists(st.sampled_from([*GLOBAL, *OTHER])), tail=st.none() | st.lists(st.sampled_from(["--json", "--as", "x"])))
def test_global_options_are_found_anywhere_before_two_dashes_and_keep_their_order(units: list[tuple[str, ...]], tail: list[str] | None) -> None:
    behind = ["--", *tail] if tail is not None else []
    front, rest = hoist([word for unit in units for word in unit] + behind)
    assert front == [word for unit in units if unit in GLOBAL for word in unit]
    assert rest == [word for unit in units if unit in OTHER for word in unit] + behind


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("statsu",), "no command is called `statsu`\n    help: did you mean `status`?"),
        (("zzz",), "no command is called `zzz`\n    help: `govern --help` lists them"),
        (("--bogus", "status"), "no such option: --bogus\n    help: `govern --help` says what it takes"),
        (("status", "--bogus"), "no such option: --bogus\n    help: `govern status --help` says what it takes"),
        (("status", "a", "b"), "got unexpected extra argument"),
        (("status", "--json=1"), "option '--json' does not take a value"),
        (("-qstatus",), "no such option: -s"),
        (("--color", "puce", "status"), "invalid value for '--color': 'puce' is not one of 'auto', 'always', 'never'"),
        (("status", "--as"), "option '--as' requires an argument"),
        (("finding", "ci-seal-vs-bytes", "maybe", "--why", "x"), "invalid value for 'result': 'maybe' is not one of 'pass', 'fail', 'unknown'"),
        (("grant", "recrod", "QT001"), "no such command 'recrod'. Did you mean 'record'?\n    help: `govern grant --help` says what it takes"),
        (("grant", "request", "QT001"), "missing option '--reason'"),
        (("-C", "/nowhere/at/all", "status"), "`/nowhere/at/all` is no folder"),
        (("-C", "states.yaml", "status"), "`states.yaml` is no folder"),
        (("--", "-x"), "no such option: -x"),
        (("status", "--", "--json"), "nothing is called `--json`"),
    ],
    ids=str,
)
def test_a_command_line_that_is_not_understood_is_told_why_and_where_to_look(words: tuple[str, ...], told: str, fix7: Programme) -> None:
    ran = fix7.refuses(*words, status=Exit.USAGE)
    assert told in ran.err
    assert ran.out == ""


@pytest.mark.parametrize("words", [("-C.", "status"), ("status", "-C."), ("status", "-C", ".")])
def test_the_folder_may_be_named_before_and_after_the_command(words: tuple[str, ...], fix7: Programme, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(fix7.root / "governance")
    assert run_words(*words).out.startswith("FIX7 P0")
    monkeypatch.chdir(tmp_path)
    assert run_words(*words).codes == ["NO_POLICY"]


def test_a_folder_that_is_gone_is_told(fix7: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = fix7.root / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert run_words("status").codes == ["FILE_IO"]
    assert run_words("statsu").codes == ["USAGE"]
