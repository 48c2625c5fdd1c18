"""Printing: aligned and whole, escaped, coloured where that is wanted, and calm where a stream fails."""

import io
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.cli.output import colored, counted, print_diagnostics, print_text, table, write
from govern.documents.escape import Markdown
from govern.problems import Place, Problem


class Full(io.StringIO):
    """A stream to which nothing can be written."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error

    def write(self, _text: str) -> int:
        raise self.error


class Terminal(io.StringIO):
    """A stream that shows colours."""

    def isatty(self) -> bool:
        return True


def test_columns_are_aligned_and_the_last_is_not_padded() -> None:
    assert table([("a", "bb", "c"), ("aaa", "b", "")], "  ") == "  a    bb  c\n  aaa  b"
    assert table([]) == ""
    assert table([("a",), ("bb", "c")]) == "a\nbb  c"


@settings(max_examples=100, deadline=None, derandomize=True)
@given(rows=st.lists(st.lists(st.text(max_size=6), min_size=1, max_size=4), max_size=5))
def test_no_cell_can_break_a_line_or_hide(rows: list[list[str]]) -> None:
    text = table(rows)
    assert text.count("\n") == max(len(rows) - 1, 0)
    assert not any(ord(character) < 32 and character not in "\n\t" for character in text)


@pytest.mark.parametrize(("number", "told"), [(0, "0 records"), (1, "1 record"), (2, "2 records")])
def test_one_is_counted_as_one(number: int, told: str) -> None:
    assert counted(number, "record") == told


def test_colours_follow_the_wish_then_the_terminal_then_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    red = "\x1b[31mx\x1b[0m"
    assert [colored("x", "error", wish, stream=Terminal()) for wish in ("always", "auto", "never")] == [red, red, "x"]
    assert [colored("x", "error", wish, stream=io.StringIO()) for wish in ("always", "auto", "never")] == [red, "x", "x"]
    monkeypatch.setenv("NO_COLOR", "")
    assert [colored("x", "error", wish, stream=Terminal()) for wish in ("always", "auto", "never")] == [red, "x", "x"]
    monkeypatch.setattr(sys, "stdout", None)
    assert colored("x", "error", "auto") == "x"


def test_a_rendered_page_is_printed_as_it_is_and_all_else_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    print_text(Markdown("a\ufe0f\n"), "auto")
    print_text("a\ufe0f\x1b", "auto")
    print_text("", "auto")
    assert capsys.readouterr().out == "a\ufe0f\na\\u{fe0f}\\u{1b}\n"


def test_a_stream_that_nobody_reads_is_no_failure_and_a_full_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    write(None, "x")
    for stream in ("stdout", "stderr"):
        monkeypatch.setattr(sys, stream, Full(BrokenPipeError()))
        write(getattr(sys, stream), "x")
    monkeypatch.setattr(sys, "stderr", Full(OSError(28, "full")))
    write(sys.stderr, "x")
    monkeypatch.setattr(sys, "stdout", Full(OSError(28, "full")))
    with pytest.raises(OSError, match="full"):
        write(sys.stdout, "x")


def test_a_problem_is_told_with_its_place_its_line_and_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "p.yaml").write_text("first\n  second: x\u202e\n" + "y" * 200 + "here" + "z" * 200 + "\n", encoding="utf-8")
    print_diagnostics([Problem("CODE", "wrong\nline", Place("p.yaml", 2, 3), help="do\x1bthis")], "never", tmp_path)
    assert capsys.readouterr().err == ("p.yaml:2:3: error CODE: wrong line\n      second: x\\u{202e}\n      ^\n    help: do\\u{1b}this\n")
    print_diagnostics([Problem("CODE", "far to the right", Place("p.yaml", 3, 201))], "never", tmp_path)
    line, caret = capsys.readouterr().err.split("\n")[1:3]
    assert line[caret.index("^") :].startswith("here")


@pytest.mark.parametrize("place", [Place("p.yaml", 9, 1), Place("nothing.yaml", 1, 1), Place("p.json", 1, 1), None])
def test_a_place_that_cannot_be_shown_is_named_all_the_same(place: Place | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "p.yaml").write_text("one\n", encoding="utf-8")
    (tmp_path / "p.json").write_text("{}\n", encoding="utf-8")
    print_diagnostics([Problem("CODE", "wrong", place, "warning")], "never", tmp_path)
    assert capsys.readouterr().err == f"{place}: warning CODE: wrong\n".removeprefix("None: ")
