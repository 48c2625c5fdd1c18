"""The real program as a process: an empty home, pipes, colours, streams that end early, and never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from govern import __version__
from govern.cli.main import main
from govern.problems import Exit
from support.cli import Programme
from support.terminal import Ended, clean_environment, run_on_terminal, run_process


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return clean_environment(tmp_path / "empty-home")


def piped(programme: Programme, environment: dict[str, str], *words: str, shell: str) -> Ended:
    """Run the program in a shell, where `$GOVERN` stands for it; the status is that of the program."""
    command = f"{sys.executable} -m govern {' '.join(words)}"
    script = f"set -o pipefail; {shell.replace('$GOVERN', command)}"
    done = subprocess.run(["bash", "-c", script], cwd=programme.root, env=environment, capture_output=True, check=False, timeout=60)
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_a_question_needs_nothing_but_the_folder(fix7: Programme, environment: dict[str, str]) -> None:
    before = fix7.tree()
    ended = run_process("why-blocked", "5", cwd=fix7.root / "governance", environment=environment)
    assert (ended.status, ended.err) == (Exit.YES, "")
    assert ended.out == fix7.does("why-blocked", "5").out
    assert fix7.tree() == before


@pytest.mark.parametrize("home", ["", "relative"])
def test_without_a_home_nothing_is_cached_anywhere(home: str, fix7: Programme, environment: dict[str, str]) -> None:
    before = fix7.tree()
    ended = run_process("status", cwd=fix7.root, environment={**environment, "HOME": home, "XDG_CACHE_HOME": home})
    assert (ended.status, ended.err) == (Exit.YES, "")
    assert fix7.tree() == before


def test_a_reader_that_leaves_early_changes_neither_status_nor_streams(fix7: Programme, environment: dict[str, str]) -> None:
    for words, status in ((("packet", "--json"), 0), (("why-blocked", "5", "--exit-code"), 1)):
        ended = piped(fix7, environment, *words, shell="$GOVERN 2> >(cat >&2) | true")
        assert ended.status == status, words
        assert "Traceback" not in ended.err
        assert "Broken" not in ended.err


def test_streams_that_are_closed_or_full_are_no_traceback(fix7: Programme, environment: dict[str, str]) -> None:
    assert piped(fix7, environment, "status", shell="$GOVERN >&-") == Ended(Exit.YES, "", "")
    assert piped(fix7, environment, "decide", "5", "--as", "owner", shell="$GOVERN 2>/dev/full") == Ended(Exit.REFUSED, "", "")
    full = piped(fix7, environment, "status", shell="$GOVERN >/dev/full")
    assert (full.status, full.err) == (Exit.UNJUDGED, "error FILE_IO: No space left on device\n")


def test_an_encoding_that_lacks_a_character_shows_its_number(fix7: Programme, environment: dict[str, str]) -> None:
    ended = run_process("status", cwd=fix7.root, environment={**environment, "PYTHONIOENCODING": "ascii"})
    assert ended.status == Exit.YES
    assert ended.out.startswith("FIX7 P0: BLOCKED \\u2014 7 OPEN of 7 blockers\n")


def test_words_that_are_no_text_are_told_and_not_taken(fix7: Programme, environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "govern", "show", b"\xff", "--json"], cwd=fix7.root, env=environment, capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (Exit.USAGE, b"")
    assert b'"message": "nothing is called `\\udcff`"' in done.stdout


def test_colours_are_for_terminals_unless_they_are_asked_for(fix7: Programme, environment: dict[str, str]) -> None:
    assert "\x1b[1mFIX7 P0: BLOCKED" in run_on_terminal("status", typed=b"", cwd=fix7.root, environment=environment).out
    plain = run_on_terminal("statsu", typed=b"", cwd=fix7.root, environment={**environment, "NO_COLOR": "1"}).out
    assert plain.startswith("error USAGE: ")


@pytest.mark.parametrize("words", [("--color", "always", "status"), ("status", "--color", "always"), ("status", "--color=always")])
def test_colours_that_are_asked_for_are_shown_in_a_pipe(words: tuple[str, ...], fix7: Programme) -> None:
    assert fix7.does(*words).out.startswith("\x1b[1mFIX7 P0: BLOCKED — 7 OPEN of 7 blockers\x1b[0m\n")
    assert "\x1b" not in fix7.does("status").out


@pytest.mark.parametrize("words", [("statsu",), ("decide", "5", "--as", "owner"), ("show", "nothing")])
def test_errors_are_coloured_where_colours_are_asked_for(words: tuple[str, ...], fix7: Programme) -> None:
    assert "\x1b[31m" in fix7.run(*words, "--color", "always").err
    assert "\x1b" not in fix7.run(*words, "--color", "always", "--color=never").err
    assert "\x1b" not in fix7.run(*words).err


def test_the_console_script_and_the_module_are_one_program(environment: dict[str, str], tmp_path: Path) -> None:
    script = Path(sys.executable).parent / "govern"
    assert os.access(script, os.X_OK)
    done = subprocess.run([script, "--version"], cwd=tmp_path, env=environment, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout.decode()) == (Exit.YES, f"govern {__version__}\n")
    assert run_process("--version", cwd=tmp_path, environment=environment).out == f"govern {__version__}\n"


def test_the_entry_point_takes_the_words_of_the_process_and_exits_with_the_status(
    fix7: Programme, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["govern", "-C", str(fix7.root), "why-blocked", "5", "--exit-code"])
    with pytest.raises(SystemExit, match=r"^1$"):
        main()
    assert capsys.readouterr().out == fix7.run("why-blocked", "5").out
    monkeypatch.setattr(sys, "argv", ["govern", "--version"])
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(SystemExit, match=r"^0$"):
        main()


def test_without_words_the_help_is_printed(environment: dict[str, str], tmp_path: Path) -> None:
    ended = run_process(cwd=tmp_path, environment=environment)
    assert (ended.status, ended.err) == (Exit.YES, "")
    assert ended.out.startswith("Usage: govern [OPTIONS] COMMAND [ARGS]...\n")
