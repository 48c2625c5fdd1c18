"""Templates print, loop and choose, and do nothing else: each attack is refused with its code and its line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.documents import templates
from govern.documents.escape import Markdown
from govern.documents.templates import MAX_DEPTH, MAX_OUTPUT, MAX_STEPS, check_template, render
from govern.problems import Exit, GovernError
from support.pages import TEMPLATES

CONTEXT = {"text": "hello", "number": 7, "words": ["a", "b"], "page": {"title": "T", "items": "shadowed"}, "word": "__class__", "flag": True, "nothing": None}


def refusal(source: str) -> tuple[str, str, int]:
    """Return code, message and line of the one refusal of a template, found before it runs or while it does."""
    with pytest.raises(GovernError, match=r"^t\.md\.j2:[0-9]+:1: ") as caught:
        render("t.md.j2", source, CONTEXT)
    [problem] = caught.value.problems
    assert caught.value.status is Exit.UNJUDGED
    assert problem.place is not None
    return problem.code, problem.message, problem.place.line


def before_running(source: str) -> list[tuple[str, int]]:
    """Return code and line of everything that `check_template` finds."""
    return [(problem.code, problem.place.line) for problem in check_template("t.md.j2", source) if problem.place]


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_templates_of_this_repository_are_allowed(name: str) -> None:
    assert check_template(name, TEMPLATES[name]) == []


@pytest.mark.parametrize(
    "source",
    [
        "{{ text.__class__ }}",
        "{{ text.__class__.__mro__ }}",
        '{{ text["__class__"] }}',
        "{{ page._private }}",
        "{% for __x in words %}{% endfor %}",
        "{{ __builtins__ }}",
        "{{ self }}",
        "{% for loop in words %}{% endfor %}",
        '{{ text | attr("__class__") }}',
        "{{ text | safe }}",
        "{{ text | default('x') }}",
        "{{ missing | default('x') }}",
        "{{ text | upper }}",
        "{{ words | map('upper') }}",
        "{{ words | join(',') }}",
        "{{ text | length(x=1) }}",
        "{{ text is defined }}",
        "{{ text.upper() }}",
        "{{ range(9) }}",
        "{{ '{}'.format(text) }}",
        "{{ '%s' % text }}",
        "{{ text ~ text }}",
        "{{ text + text }}",
        "{{ text * 9 }}",
        "{{ 9 ** 9 }}",
        "{{ 9 // 2 }}",
        "{{ -number }}",
        "{{ [text] }}",
        "{{ (text,) }}",
        "{{ {'a': text} }}",
        "{{ text[0:2] }}",
        "{{ words[text.x] }}",
        "{{ 1.5 }}",
        "{{ 1e400 }}",
        "{{ none }}",
        "{{ 9007199254740992 }}",
        "{% set x = 1 %}",
        "{% set x %}a{% endset %}",
        "{% macro f() %}a{% endmacro %}",
        "{% call text() %}{% endcall %}",
        "{% filter code %}a{% endfilter %}",
        "{% include 'other.j2' %}",
        "{% import 'other.j2' as other %}",
        "{% from 'other.j2' import other %}",
        "{% extends 'other.j2' %}",
        "{% block b %}{% endblock %}",
        "{% with x = 1 %}{% endwith %}",
        "{% autoescape true %}{% endautoescape %}",
        "{% for a, b in words %}{% endfor %}",
        "{% for a in words if a %}{% endfor %}",
    ],
)
def test_what_is_not_printing_looping_or_choosing_is_forbidden_before_it_runs(source: str) -> None:
    found = before_running(f"first\n\n{source}\n")
    assert set(found) == {("TEMPLATE_FORBIDDEN", 3)}
    with pytest.raises(GovernError, match=r"^t\.md\.j2:3:1: "):
        render("t.md.j2", f"first\n\n{source}\n", CONTEXT)


@pytest.mark.parametrize(
    "source", ["{{ text", "{{ text }", "{% if text %}", "{% endfor %}", "{% do text %}", "{% break %}", "{% trans %}a{% endtrans %}", "{{ text ? }}", "{{ }}"]
)
def test_what_is_no_template_is_a_syntax_error_with_its_line(source: str) -> None:
    [(code, line)] = before_running(f"first\n{source}")
    assert (code, line) == ("TEMPLATE_SYNTAX", 2)


def test_a_check_returns_everything_that_is_not_allowed_in_order() -> None:
    source = "{{ text | attr('x') }}{{ text.__class__ }}\nok\n{% set x = 9 ** 9 %}\n{% for a in words recursive %}{{ a.b() }}{% endfor %}\n"
    assert before_running(source) == [
        ("TEMPLATE_FORBIDDEN", 1),
        ("TEMPLATE_FORBIDDEN", 1),
        ("TEMPLATE_FORBIDDEN", 3),
        ("TEMPLATE_FORBIDDEN", 3),
        ("TEMPLATE_FORBIDDEN", 4),
        ("TEMPLATE_LIMIT", 4),
    ]


def test_an_unknown_filter_is_answered_with_the_known_ones() -> None:
    [problem] = check_template("t.md.j2", "{{ text | cod }}")
    assert str(problem) == "t.md.j2:1:1: the filter `cod` is not allowed; did you mean `code`?"
    [problem] = check_template("t.md.j2", "{{ text | attr('x') }}")
    assert problem.help == "known: code, length"


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ("{{ nope }}", "'nope' is undefined"),
        ("{{ nope | code }}", "'nope' is undefined"),
        ("{{ nope | length }}", "'nope' is undefined"),
        ("{{ page.nope }}", "'dict object' has no attribute 'nope'"),
        ("{{ page['nope'] }}", "'dict object' has no attribute 'nope'"),
        ("{{ page.nope.more }}", "'dict object' has no attribute 'nope'"),
        ("{{ words[9] }}", "list object has no element 9"),
        ("{{ loop.index }}", "'loop' is undefined"),
        ("{{ range }}", "'range' is undefined"),
        ("{{ lipsum }}", "'lipsum' is undefined"),
        ("{% if nope %}a{% endif %}", "'nope' is undefined"),
        ("{% for a in nope %}{% endfor %}", "'nope' is undefined"),
    ],
)
def test_what_is_not_there_is_undefined_with_its_line(source: str, missing: str) -> None:
    code, message, line = refusal(f"{{{{ text }}}}\n\n{source}\n")
    assert (code, line) == ("TEMPLATE_UNDEFINED", 3)
    assert message == f"prints what is not there: {missing}"


def test_a_choice_without_another_prints_nothing() -> None:
    assert render("t.md.j2", "{{ 'a' if flag }}{{ 'b' if number == 8 }}{{ 'c' if number == 8 else 'd' }}", CONTEXT) == "ad"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{{ text[word] }}", "access to attribute '__class__' of 'str' object is unsafe."),
        ("{{ words }}", "a list cannot be printed"),
        ("{{ words | code }}", "a list cannot be printed"),
        ("{{ page }}", "a dict cannot be printed"),
        ("{{ page.keys }}", "a builtin_function_or_method cannot be printed"),
        ("{{ page.keys | code }}", "a builtin_function_or_method cannot be printed"),
        ("{{ text.format }}", "a function cannot be printed"),
        ("{{ flag }}", "a bool cannot be printed"),
        ("{{ flag | code }}", "a bool cannot be printed"),
        ("{{ nothing }}", "a NoneType cannot be printed"),
        ("{{ number | length }}", "object of type 'int' has no len()"),
        ("{% for a in number %}{% endfor %}", "'int' object is not iterable"),
        ("{% for a in words %}{{ loop.cycle }}{% endfor %}", "a method cannot be printed"),
        ("{% for a in words %}{{ loop }}{% endfor %}", "a LoopContext cannot be printed"),
        ("{% if text < number %}{% endif %}", "'<' not supported between instances of 'str' and 'int'"),
    ],
)
def test_what_has_no_lasting_spelling_is_not_printed(source: str, reason: str) -> None:
    assert refusal(f"\n{source}\n") == ("TEMPLATE_FORBIDDEN", reason, 2)


def test_three_loops_may_nest_and_four_may_not() -> None:
    three = "{% for a in words %}{% for b in words %}{% for c in words %}{{ a }}{{ b }}{{ c }} {% endfor %}{% endfor %}{% endfor %}"
    four = f"\n{{% for d in words %}}{three}{{% endfor %}}"
    assert render("t.md.j2", three, CONTEXT) == "aaa aab aba abb baa bab bba bbb "
    assert refusal(four) == ("TEMPLATE_LIMIT", "loops nest deeper than 3, or recurse", 2)
    assert refusal("{% for a in words recursive %}{% endfor %}")[0] == "TEMPLATE_LIMIT"


def test_output_ends_at_its_limit() -> None:
    half = Markdown("x" * (MAX_OUTPUT // 2))
    most = render("t.md.j2", "{{ half }}{{ half }}", {"half": half})
    assert len(most) == MAX_OUTPUT
    with pytest.raises(GovernError, match=rf"prints more than {MAX_OUTPUT} characters") as caught:
        render("t.md.j2", "{{ half }}{{ half }}.", {"half": half})
    assert caught.value.problems[0].code == "TEMPLATE_LIMIT"


def test_rounds_that_print_nothing_count_as_steps() -> None:
    source = "{% for a in many %}{% for b in some %}{% endfor %}{% endfor %}"
    some = [0] * 999
    at_the_limit = {"many": [0] * (MAX_STEPS // 1000), "some": some}
    assert render("t.md.j2", source, at_the_limit) == ""
    with pytest.raises(GovernError, match=rf"takes more than {MAX_STEPS} steps") as caught:
        render("t.md.j2", f"{source}.", at_the_limit)
    assert caught.value.problems[0].code == "TEMPLATE_LIMIT"


def test_a_bomb_of_three_loops_is_stopped() -> None:
    bomb = "{% for a in many %}{% for b in many %}{% for c in many %}{% if a == 'x' %}{% endif %}{% endfor %}{% endfor %}{% endfor %}"
    with pytest.raises(GovernError, match="takes more than"):
        render("t.md.j2", bomb, {"many": ["a"] * 10_000})


@pytest.mark.parametrize(
    "source",
    [
        "{{ " + "(" * 3000 + "text" + ")" * 3000 + " }}",
        "{{ " + "not " * 3000 + "text }}",
        "{{ text" + ".a" * 3000 + " }}",
        "{{ text" + " and text" * 3000 + " }}",
        "{% if flag %}" * 1000 + "{% endif %}" * 1000,
        "{% if flag %}a" + "{% elif flag %}b" * 5000 + "{% endif %}",
        "{{ " + "9" * 5000 + " }}",
        "{{ 0x" + "f" * 9000 + " }}",
    ],
)
def test_a_template_that_no_parser_could_read_is_a_limit_and_no_crash(source: str) -> None:
    assert {code for code, _line in before_running(source)} == {"TEMPLATE_LIMIT"}


def test_blocks_nest_to_a_limit() -> None:
    deepest = MAX_DEPTH - 2  # below a block stand its output and the text in it

    def nested(depth: int) -> str:
        return "{% if flag %}" * depth + "a" + "{% endif %}" * depth

    assert render("t.md.j2", nested(deepest), CONTEXT) == "a"
    assert refusal(nested(deepest + 1)) == ("TEMPLATE_LIMIT", f"nests deeper than {MAX_DEPTH}", 1)


def test_data_that_looks_like_a_template_is_printed_literally() -> None:
    for text in ("{{ number }}", "{% for a in words %}", "{# note #}", "{{ text.__class__ }}"):
        [line] = render("t.md.j2", "{{ text }}", {"text": text, **{key: CONTEXT[key] for key in ("number", "words")}}).splitlines()
        assert line.replace("\\", "") == text
        assert render("t.md.j2", "{{ text | code }}", {"text": text}) == f"`{text}`"


def test_text_of_the_template_itself_is_escaped_where_it_is_printed() -> None:
    assert render("t.md.j2", "{{ '<b>' }}{{ '|' | code }}<b>", {}) == "\\<b>`\\u{7c}`<b>"


_PIECES = [
    "{{", "}}", "{%", "%}", "{#", "#}", " text ", " words ", " page ", ".title", "|code", "|length", "|attr('x')", ".__class__", "['a']", "[0]", "(", ")", " for a in ",
    " endfor ", " if ", " else ", " endif ", " elif ", " in ", " not ", " and ", "== ", "1", "'s'", "\n", "a", "{{ text }}", "{% for a in words %}", "{% endfor %}",
    "{% if flag %}", "{% endif %}", "{{ a }}", "{{ loop.index }}", "-%}", "{%-", " recursive ", "~", "**", ",", "{{ page.title | code }}", "{% raw %}", "{% endraw %}",
]  # fmt: skip


@settings(max_examples=500, deadline=None, derandomize=True)
@given(source=st.lists(st.sampled_from(_PIECES), max_size=12).map("".join) | st.text(max_size=30))
def test_any_text_is_rendered_or_refused_with_a_place(source: str) -> None:
    found = check_template("t.md.j2", source)
    try:
        text = render("t.md.j2", source, CONTEXT)
    except GovernError as error:
        problems = list(error.problems)
        assert not found or problems == found
        assert all(problem.code.startswith("TEMPLATE_") and problem.place and problem.place.line <= source.count("\n") + 1 for problem in problems)
    else:
        assert not found
        assert isinstance(text, str)


def test_a_template_is_judged_and_compiled_once_for_its_digest() -> None:
    before = templates._examined.cache_info()
    source = "{{ words }} of a template that nobody printed before\n"

    assert render("once.md.j2", source, {"words": "one"}).startswith("one of")
    assert render("once.md.j2", "".join([source[:4], source[4:]]), {"words": "two"}).startswith("two of")

    after = templates._examined.cache_info()
    assert (after.misses - before.misses, after.hits - before.hits) == (1, 1)


def test_what_is_kept_of_a_template_is_not_taken_for_another_of_its_name() -> None:
    assert render("page.md.j2", "one\n", {}) == "one\n"
    assert render("page.md.j2", "two\n", {}) == "two\n"


def test_a_key_that_is_named_like_a_method_is_printed_as_the_key() -> None:
    assert render("page.md.j2", "{{ row.items }} {{ row.keys }}", {"row": {"items": "all", "keys": 3}}) == "all 3"
