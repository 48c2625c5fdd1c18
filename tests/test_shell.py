"""A shell line is read as the commands that it runs, or it is refused."""

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.hook.shell import GLOB, MOST, VALUE, UnreadableError, commands_of


def words(line: str) -> list[list[str]]:
    return [[word.text for word in command.words] for command in commands_of(line)]


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("a b  c", [["a", "b", "c"]]),
        ("a;b&&c||d|e&f", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]),
        ("a 'b c' \"d e\" f\\ g", [["a", "b c", "d e", "f g"]]),
        ("a # b", [["a"]]),
        ("a#b", [["a#b"]]),
        ("(a; b)", [["a"], ["b"]]),
        ("if a; then b; else c; fi", [["a"], ["b"], ["c"]]),
        ("! a", [["a"]]),
        ("f() { a; }", [["f"], ["a"]]),
        ("a \\\n b", [["a", "b"]]),
        ("a\\\nb", [["ab"]]),
        ("a ''", [["a", ""]]),
        ("a 2>&1 >/dev/null <in b", [["a", "b"]]),
        ('a "$(b c)"', [["b", "c"], ["a", "$"]]),
        ("a `b`", [["b"], ["a", "$"]]),
        ("a <(b)", [["b"], ["a", "$"]]),
        ("a <<E b\n c;d\nE\ne", [["a", "b"], ["e"]]),
        ("a <<-'E'\n\tc\n\tE\n", [["a"]]),
        ("a \"$(cat <<'E'\nit's ) here\nE\n)\"", [["cat"], ["a", "$"]]),
        ("a $'b'", [["a", "b"]]),
        ('a "$( (b); c )" d', [["b"], ["c"], ["a", "$", "d"]]),
        ("a $((1 + 2))", [["1", "+", "2"], ["a", "$"]]),
        ("a $ $", [["a", "$", "$"]]),
        ('a "x\\"y" "$"', [["a", 'x"y', "$"]]),
        ("", []),
    ],
)
def test_a_line_is_read_as_its_commands(line: str, read: list[list[str]]) -> None:
    assert words(line) == read


@pytest.mark.parametrize(
    "line",
    [
        "a 'b",
        'a "b',
        "a $(b",
        "a `b",
        "a ${b",
        "a <<E\nb",
        "a <<E\n$(b)\nE\n",
        "a ${b:-$(c)}",
        "a $'\\x61'",
        "a <<",
        "a `b \\`c\\``",
        "$(" * 30 + ")" * 30,
        "a $(case b in c) d;; esac)",
    ],
)
def test_a_line_that_does_not_close_or_hides_what_it_says_is_refused(line: str) -> None:
    with pytest.raises(UnreadableError):
        commands_of(line)


def test_a_line_of_the_most_that_is_read_is_read_and_one_character_more_is_refused() -> None:
    assert words("a" * MOST) == [["a" * MOST]]
    with pytest.raises(UnreadableError, match="too long"):
        commands_of("a" * (MOST + 1))


def test_what_is_not_known_from_the_text_is_marked() -> None:
    [command] = commands_of("a $b ${c} *.py 'x*' \"$d\" '$e' {f,g} {} [ x=$y")
    assert [word.live for word in command.words] == [0, VALUE, VALUE, GLOB, 0, VALUE, 0, GLOB, 0, 0, VALUE]


def test_where_a_command_writes_and_what_it_is_fed_is_told() -> None:
    first, second = commands_of("a >one 2>>two &>three 2>&1 >&- <<<four | b <<E\nfive\nE\n")
    assert ([word.text for word in first.writes], first.fed, first.piped) == (["one", "two", "three"], ["four"], False)
    assert (second.fed, second.piped) == (["five"], True)


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1))
@settings(max_examples=200, deadline=None)
def test_words_that_are_quoted_come_back_as_they_were(said: list[str]) -> None:
    assert words("x " + shlex.join(said)) == [["x", *said]]


@given(st.text("ab \n;|&()<>'\"`$\\{}*#=", max_size=40))
@settings(max_examples=500, deadline=None)
def test_any_line_is_read_or_refused(line: str) -> None:
    try:
        commands_of(line)
    except UnreadableError:
        return
