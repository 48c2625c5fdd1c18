"""No text forges structure: whatever is printed stands as one block of the kind that the template wrote."""

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.documents.escape import Markdown, escape_any, escape_code, escape_json, escape_terminal, escape_text
from support.markdown import PARSER, blocks, shown, tables

FRAGMENTS = [
    "a", "Z9", "é", " ", "    ", "\t", "\n", "\r\n", "\n\n", "\x85", "\u2028", "\x00", "\x1b[31m", "\u202e", "\u200b", "\u00ad", "\ufeff", "\U000e0041", "\u3164",
    "|", "||", "\\", "\\|", "`", "``", "```", "~~~", "~~", "*", "**", "_", "__", "_a", "a_b", "#", "# heading", " #", "- ", "- [x] done", "[ ]", "+ ", "1. ", "2) ",
    "1.", "> ", "---", "===", ":--", "| - |", "|---|---|", "<b>", "</td>", "<!--", "<script>alert(1)</script>", "&amp;", "&#x41;", "&", "&copy;", "[a](javascript:x)",
    "![a](b)", "[a]: b", "[^1]", "<https://a.b>", "https://a.b", "_https://a.b", "1http://a.b", "www.a.b", "_www.a.b", "javascript:x", "mailto:a@b.c", "$x$", "$",
    "{{7*7}}", "{% raw %}", "{#", "\\u{202e}", "!", "(", ")", "[", "]", "<", ">", '"', "'", "=", "-", ":", ";", "end", "%%{init}%%",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=4), max_size=8).map("".join)
PLACES = {
    "paragraph": "{}\n",
    "inside a line": "it says {} to me\n",
    "second line": "it says\n{}\n",
    "third line": "a | b\nit says\n{}\n",
    "bold": "it is **{}**.\n",
    "list item": "- {}\n",
    "second item": "- one\n- {}\n- three\n",
    "numbered item": "1. {}\n",
    "nested item": "- one\n  - {}\n",
    "heading": "# {}\n\ntext\n",
    "quoted": 'it says "{}" (minutes)\n',
    "first cell": "| a | b |\n|---|---|\n| {} | z |\n",
    "last cell": "| a | b |\n|---|---|\n| z | {} |\n| y | y |\n",
    "head cell": "| {} | b |\n|---|---|\n| z | y |\n",
}


def seen(value: str) -> str:
    """Return what a reader is to see of a text: one line, what hides shown."""
    return escape_terminal(re.sub(r"[ \t\r\n\v\f\x85\u2028\u2029]+", " ", value).strip(" "))


def text_of(markdown: str) -> str:
    return "\n".join(shown(token) for token in PARSER.parse(markdown) if token.type == "inline")


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=80, deadline=None, derandomize=True)
@given(value=TEXTS.filter(lambda value: seen(value) != ""))
def test_a_printed_text_is_one_block_of_the_kind_the_template_wrote(place: str, value: str) -> None:
    page = PLACES[place].replace("{}", escape_text(value))
    assert blocks(page) == blocks(PLACES[place].replace("{}", "x"))
    assert text_of(page) == text_of(PLACES[place].replace("{}", "\ue000")).replace("\ue000", seen(value))


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=40, deadline=None, derandomize=True)
@given(value=TEXTS.filter(lambda value: seen(value) != ""))
def test_a_printed_code_span_is_one_span_that_shows_the_text(place: str, value: str) -> None:
    page = PLACES[place].replace("{}", escape_code(value))
    assert blocks(page) == blocks(PLACES[place].replace("{}", "`x`"))
    assert text_of(page) == text_of(PLACES[place].replace("{}", "`\ue000`")).replace("\ue000", seen(value).replace("|", "\\u{7c}"))


@settings(max_examples=400, deadline=None, derandomize=True)
@given(value=TEXTS)
def test_no_address_of_the_web_is_left_that_github_would_link(value: str) -> None:
    # GitHub links `scheme://` and `www.` where they stand in the source as they are, whatever stands before them.
    assert not re.search(r"(?<!\\)://", escape_text(value))
    assert "www." not in escape_text(value).lower()


@settings(max_examples=400, deadline=None, derandomize=True)
@given(value=TEXTS)
def test_what_is_printed_is_one_line_without_space_around_it(value: str) -> None:
    for printed in (escape_text(value), escape_code(value)):
        assert isinstance(printed, Markdown)
        assert printed.splitlines() in ([], [printed])
        assert printed == printed.strip()
        assert "  " not in printed


@pytest.mark.parametrize("value", ["", " ", "\n", " \t\r\n "])
def test_a_text_of_nothing_prints_nothing(value: str) -> None:
    assert escape_text(value) == ""
    assert escape_code(value) == ""


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        ("owner", "owner"),
        ("a_name_of-parts.v1", "a_name_of-parts.v1"),
        ("REAL_RUN/QT001/cutover: NO", "REAL_RUN/QT001/cutover: NO"),
        ("BLOCKED — 7 OPEN", "BLOCKED — 7 OPEN"),
        ("after != before, a -> b", "after != before, a -> b"),
        ("2026-06-12T00:00:00Z", "2026-06-12T00:00:00Z"),
        ("#3 (imported)", "#3 (imported)"),
        ("12 of 14.", "12 of 14."),
        ("AT&T", "AT&T"),
        ("Novák, Zürich, 東京, 🙂", "Novák, Zürich, 東京, 🙂"),
    ],
)
def test_plain_text_is_printed_as_it_is(value: str, printed: str) -> None:
    assert escape_text(value) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        ("safe \u202edetpurroc\u202c", "safe \\\\u{202e}detpurroc\\\\u{202c}"),
        ("a | b", "a \\| b"),
        ("<img src=x onerror=alert(1)>", "\\<img src=x onerror=alert(1)>"),
        ("fine\n# Approved", "fine # Approved"),
        ("# Approved", "\\# Approved"),
        ("fine\n- [x] signed", "fine - \\[x\\] signed"),
        ("- [x] signed", "\\- \\[x\\] signed"),
        ("[read me](javascript:alert(1))", "\\[read me\\](javascript:alert(1))"),
        ("https://evil.example", "https\\://evil.example"),
        ("_https://evil.example", "\\_https\\://evil.example"),
        ("WWW.evil.example", "WWW\\.evil.example"),
        ("a\u200bb", "a\\\\u{200b}b"),
        ("1. first", "1\\. first"),
        ("Part #", "Part \\#"),
        ("{{7*7}} {% raw %}", "{{7\\*7}} {% raw %}"),
        ("&lt;", "\\&lt;"),
        ("$x$", "\\$x\\$"),
        (":--", "\\:--"),
        ("a\\", "a\\\\"),
    ],
)
def test_hostile_text_is_printed_inert(value: str, printed: str) -> None:
    assert escape_text(value) == printed


def test_a_bar_in_a_code_span_is_spelled_out_so_that_no_table_is_cut() -> None:
    [table] = tables(f"| a | b |\n|---|---|\n| {escape_code('x|y')} | {escape_code('`|`')} |\n")
    assert table.rows == [["x\\u{7c}y", "`\\u{7c}`"]]


HIDDEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs")
BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065\u2800\u3164\uffa0\ufe00\ufe0e\ufe0f\ufff0\U000e0001\U000e0020\U000e0100\U000e01ef"


def test_every_character_that_hides_or_reorders_is_shown_and_no_letter_is() -> None:
    for code in range(0x110000):
        character = chr(code)
        hides = (unicodedata.category(character) in HIDDEN and character not in " \t") or character in BLANK
        printed = escape_terminal(f"a{character}b")
        if character in "\r\n\v\f\x85\u2028\u2029":
            assert printed == "a b"
        elif hides:
            assert printed == f"a\\u{{{code:x}}}b"
        elif unicodedata.category(character)[0] in "LNPS":
            assert printed == f"a{character}b"


def test_a_character_that_this_interpreter_does_not_know_is_printed_as_it_is() -> None:
    # Its category depends on the interpreter's tables; the digest of a packet must not.
    assert escape_text("a\U0001faff\U0002ffffb") == "a\U0001faff\U0002ffffb"


def test_a_terminal_line_takes_no_control_character() -> None:
    assert escape_terminal("a\x1b]0;title\x07b\r\nc\u202e") == "a\\u{1b}]0;title\\u{7}b c\\u{202e}"
    assert escape_terminal("two  spaces and a\ttab") == "two  spaces and a\ttab"


def test_hidden_characters_of_json_are_spelled_as_escapes_of_the_same_value() -> None:
    assert escape_json('{\n  "a": "x\u202ey\U000e0041 é"\n}') == '{\n  "a": "x\\u202ey\\udb40\\udc41 é"\n}'


@given(st.text(alphabet="aWwxZ019 _.,:;/#'\"()-+=>!?%&~|*[]<\\`$@—é\t\n\u202e", max_size=24))
@settings(max_examples=600, deadline=None)
def test_text_that_is_taken_for_plain_is_what_escaping_leaves_as_it_is(text: str) -> None:
    assert escape_text(text) == escape_any(text)


@pytest.mark.parametrize(
    "text", ["A-1", "for toy + surrogate legs (adoption packet ready)", "operator (real dump) + owner", 'SNAKE_CASE, and more; it\'s "so": 9/10']
)
def test_names_and_sentences_are_plain(text: str) -> None:
    assert escape_text(text) == text
