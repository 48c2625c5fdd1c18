"""The hook: a coding agent asks before it uses a tool, and is answered by 0 or 2 and by nothing else."""

import io
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from govern import entry
from govern.cli import main
from govern.hook import answering
from govern.hook.calls import MOST_BYTES
from support.agents import GOVERN, claude, copilot, cursor, gemini, process, quick, tool, whole
from support.cli import SCAFFOLD, Programme, copy_executing, copy_fix7, run_words, start

LINES = [
    "ls",
    "psql -c x",
    "REAL_RUN now",
    "git push",
    "echo psql",
    "$(echo cutover)",
    "govern run real-run --as operator -- REAL_RUN",
    "echo > governance/ledger/x",
    "it's",
]


@pytest.mark.parametrize("spell", [claude, copilot, cursor, gemini], ids=lambda spell: spell.__name__)
def test_a_guarded_call_is_stopped_with_every_cause_and_a_harmless_one_goes_ahead(
    spell: object, fix7: Programme, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert callable(spell)
    stopped = whole(fix7, spell("sudo REAL_RUN --all"), monkeypatch, capfd)
    first, second, *causes, last = stopped.err.splitlines()
    assert (stopped.status, stopped.out) == (2, "")
    assert first == "govern: denied: command `real_run` asks for real-run, and that may not happen now"
    assert second == "real-run: NO, 12 causes"
    assert causes[:2] == run_words("gate", "-C", str(fix7.root), "real-run").out.splitlines()[1:3]
    assert causes[-1] == "  and 8 lines more: govern gate real-run"
    assert last == "Do not look for another way. Say what is missing to whoever clears it; then ask again: govern gate real-run"
    assert whole(fix7, spell("ls -l"), monkeypatch, capfd) == (0, "{}\n", "")


def test_what_the_gate_allows_goes_ahead_and_what_is_never_allowed_does_not(
    executing: Programme, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert whole(executing, claude("REAL_RUN"), monkeypatch, capfd) == (0, "{}\n", "")
    told = whole(executing, tool("Write", str(executing.root), file_path="governance/ledger/000000.jsonl", content=""), monkeypatch, capfd)
    assert told == (2, "", "govern: denied: path `governance/ledger` is never allowed: The ledger is written by govern alone.\n")
    told = whole(executing, claude("govern --as owner decide 5"), monkeypatch, capfd)
    assert told == (2, "", "govern: denied: command `govern decide` is never allowed: A person decides; say which packet waits.\n")


def test_a_surface_asks_for_all_that_touches_it_and_an_unreadable_form_is_told_as_that(
    fix7: Programme, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    told = whole(fix7, claude("git push"), monkeypatch, capfd)
    assert told.err.startswith(
        "govern: denied: command `git push` asks for ci, which ci-trigger touches, and that may not happen now\nci-trigger: NO, 1 cause\n"
    )
    told = whole(fix7, claude("x=psql; $x"), monkeypatch, capfd)
    assert "`psql` is named in a form that cannot be read for certain, which counts as using it: write it plainly. It asks for pg" in told.err


@pytest.mark.parametrize("make", [copy_fix7, copy_executing])
def test_the_quick_answer_is_that_of_the_whole_path_in_every_byte(
    make: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert callable(make)
    programme = make(tmp_path / "programme")
    assert quick(programme, claude("ls"), capfd) == (None, "", "")
    for line in LINES:
        for spell in (claude, copilot):
            call = spell(line, str(programme.root))
            told = whole(programme, call, monkeypatch, capfd)
            assert quick(programme, call, capfd) == told, line


@given(line=st.lists(st.sampled_from([*LINES, ";", "|", "\n", "sh -c '", "'", "$(", ")", '"']), max_size=6).map(" ".join))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_quick_answer_to_any_line_is_that_of_the_whole_path(
    line: str, fix7: Programme, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    told = whole(fix7, claude(line, str(fix7.root)), monkeypatch, capfd)
    assert quick(fix7, claude(line, str(fix7.root)), capfd) == told


def test_what_has_moved_or_cannot_be_read_has_no_quick_answer(fix7: Programme, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    whole(fix7, claude("ls"), monkeypatch, capfd)
    assert quick(fix7, claude("ls"), capfd).status == 0
    assert quick(fix7, b"{", capfd).status is None
    with monkeypatch.context() as patched:
        patched.setenv("GOVERN_PIN", "x")
        assert quick(fix7, claude("ls"), capfd).status is None
    fix7.does("note", "more", "--as", "owner")
    assert quick(fix7, claude("ls"), capfd).status is None


def _no_policy(programme: Programme) -> None:
    programme.policy.unlink()


def _no_ledger(programme: Programme) -> None:
    programme.ledger.unlink()


def _broken_ledger(programme: Programme) -> None:
    content = programme.ledger.read_bytes()
    programme.ledger.write_bytes(content[:2000] + b"x" + content[2001:])


@pytest.mark.parametrize("spoil", [_no_policy, _no_ledger, _broken_ledger])
def test_where_nothing_can_be_judged_a_harmless_call_is_stopped_too(
    spoil: object, fix7: Programme, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert callable(spoil)
    spoil(fix7)
    told = whole(fix7, claude("ls"), monkeypatch, capfd)
    assert (told.status, told.out) == (2, "")
    assert told.err.startswith("govern: denied: ")


def test_another_programme_keeps_agents_from_what_it_declares(hospital: Programme, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    told = [whole(hospital, claude(line), monkeypatch, capfd).status for line in ("records export", "ls", "records list", "psql")]
    assert told == [2, 0, 0, 0]


def test_a_policy_that_names_nothing_keeps_agents_from_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    bare = start(tmp_path / "bare", re.sub(r"^agents:.*\n(?:  .*\n)+", "", SCAFFOLD, flags=re.MULTILINE))
    assert whole(bare, claude("nsupdate"), monkeypatch, capfd) == (0, "{}\n", "")


def test_the_past_is_no_answer_to_an_agent(fix7: Programme, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(claude("ls"))))
    assert fix7.run("hook", "--as-of", "#3").status == 2
    assert capfd.readouterr() == ("", "govern: denied: an agent acts now; leave out --as-of\n")


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"", "it is no JSON"),
        (b'{"tool_name": "Bash", "tool_name": "Bash"}', "a key stands twice"),
        (b'{"tool_name": "Bash", "tool_input": {"command": "\xff\xfe"}}', "it is not UTF-8"),
        (b'{"tool_name": "Write", "tool_input": {"file_path": "a\\u0000b"}}', "ValueError"),
        (b'{"tool_name": "Write", "tool_input": {"file_path": "\\ud800"}}', "UnicodeEncodeError"),
        (b"[" * 10_000_000, f"it is longer than {MOST_BYTES} bytes"),
    ],
    ids=["nothing", "twice", "not-utf-8", "nul", "surrogate", "ten-megabytes"],
)
def test_a_call_that_cannot_be_read_is_stopped_by_the_process(sent: bytes, why: str, fix7: Programme) -> None:
    told = process(fix7.root, sent)
    assert (told.status, told.out) == (2, "")
    assert told.err.startswith("govern: denied: ")
    assert why in told.err


def test_no_way_to_ask_or_to_answer_ends_in_anything_but_a_no(fix7: Programme, tmp_path: Path) -> None:
    assert process(fix7.root, claude("ls")).status == 0
    shell = ["/bin/sh", "-c"]
    for line in (
        '"$0" hook <&-',
        '"$0" hook </nowhere',
        'echo "$1" | "$0" hook >&-',
        'echo "$1" | "$0" hook >/dev/full',
        'echo "$1" | "$0" hook --nothing',
        'echo "$1" | "$0" hook more',
    ):
        done = subprocess.run([*shell, line, GOVERN, claude("ls").decode()], cwd=fix7.root, capture_output=True, check=False)
        assert done.returncode == 2 or "nowhere" in line, (line, done)
        assert done.stdout == b"", line
    assert process(fix7.root, claude("git push"), environment={"XDG_CACHE_HOME": "relative"}).status == 2
    assert process(tmp_path, claude("ls"), "-C", "nowhere").status == 2


def test_a_hook_that_is_ended_before_its_answer_says_no(fix7: Programme) -> None:
    waiting = subprocess.Popen([GOVERN, "hook"], cwd=fix7.root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert waiting.stdin is not None
    waiting.stdin.write(claude("ls")[:10])
    waiting.stdin.flush()
    while not _catches(waiting.pid):
        time.sleep(0.01)
    waiting.terminate()
    _out, err = waiting.communicate(timeout=20)
    assert (waiting.returncode, err) == (2, b"govern: denied: the hook was ended before it had an answer\n")


def _catches(pid: int) -> bool:
    """Whether a process catches SIGTERM, as its kernel says."""
    [mask] = [line for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines() if line.startswith("SigCgt")]
    return bool(int(mask.split()[1], 16) >> 14 & 1)


@pytest.mark.parametrize("words", [(), ("--quiet",), ("-C", "x", "--color=never", "--as", "owner")])
def test_what_fails_without_a_name_is_a_no(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> bytes:
        raise SystemExit("out of order")

    monkeypatch.setattr(answering, "watch", lambda: None)
    monkeypatch.setattr(answering, "read_input", fail)
    monkeypatch.setattr(sys, "argv", ["govern", *words, "hook"])
    assert entry.main() == 2
    assert capfd.readouterr() == ("", "govern: denied: the hook failed: SystemExit: 'out of order'\n")


def test_a_question_about_the_hook_is_none_of_it() -> None:
    assert answering.is_hook(["hook"])
    assert answering.is_hook(["-C", "x", "hook", "-C", "y"])
    for words in (["hook", "--help"], ["show", "hook"], ["-C", "hook"], []):
        assert not answering.is_hook(words), words
    assert answering.start_of(["-C", "a", "hook"]) == "a"
    assert answering.start_of(["hook"]) == "."
    for words in (["hook", "hook"], ["hook", "--json"], ["-C"], []):
        assert answering.start_of(words) is None, words


def test_the_hook_and_the_server_speak_their_own_protocol_and_no_other(fix7: Programme) -> None:
    for words in (("hook",), ("mcp", "--as", "engineering")):
        ran = fix7.refuses(*words, "--json", status=2)
        assert [each["code"] for each in ran.answer["diagnostics"]] == ["USAGE"]


def test_nothing_that_an_agent_sends_is_printed_back(fix7: Programme, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    told = whole(fix7, claude("psql '\u202e\x1b[31m SECRET'"), monkeypatch, capfd)
    assert told.status == 2
    assert not {"\u202e", "\x1b"} & set(told.err)
    assert "SECRET" not in told.err


def test_the_hook_imports_next_to_nothing_where_a_snapshot_is_current(fix7: Programme) -> None:
    process(fix7.root, claude("ls"))
    code = "import sys; sys.argv = ['govern', 'hook']; before = set(sys.modules); from govern.entry import main; status = main(); print(sorted(set(sys.modules) - before), status)"
    done = subprocess.run([sys.executable, "-c", code], input=claude("psql"), cwd=fix7.root, env=dict(os.environ), capture_output=True, check=True)
    named = done.stdout.decode()
    assert named.endswith(" 2\n"), done.stderr
    loaded = set(json.loads(named[: named.index("]") + 1].replace("'", '"')))
    assert {each for each in loaded if not each.startswith("govern")} <= {"_json", "_sha256", "_sha2"}


def test_the_hook_knows_the_options_that_a_value_follows_as_the_command_line_does() -> None:
    assert answering._VALUED == main._VALUED
