"""What is refused while the text is read: the language is smaller than YAML."""

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from govern.policy.nodes import Block, Number, Row, Word
from govern.policy.tree import parse_tree
from govern.problems import Place
from support.faults import SMALL, assert_faults, assert_right, changed, reported

NULL = "YAML_NULL a null value; leave the key out, or give it a value"


def test_every_value_remembers_where_it_was_written() -> None:
    tree, problems = parse_tree(b"a: 1\nb:\n  - {c: word}\n  - true\n", "p.yaml")

    assert problems == []
    assert tree == {"a": 1, "b": [{"c": "word"}, True]}
    assert isinstance(tree, Block)
    assert (tree.at, tree.keys_at) == (Place("p.yaml", 1, 1), {"a": Place("p.yaml", 1, 1), "b": Place("p.yaml", 2, 1)})
    number, row = tree["a"], tree["b"]
    assert isinstance(number, Number)
    assert number.at == Place("p.yaml", 1, 4)
    assert isinstance(row, Row)
    assert row.at == Place("p.yaml", 3, 3)
    word = row[0]["c"]
    assert isinstance(word, Word)
    assert (word.at, word.ambiguous) == (Place("p.yaml", 3, 9), False)


def test_columns_count_characters_not_bytes() -> None:
    tree, _problems = parse_tree('{"ä": "é", "ü": word}'.encode(), "p.yaml")

    assert tree is not None
    assert tree["ü"].at == Place("p.yaml", 1, 17)


def test_every_fault_of_spelling_is_told_in_one_run() -> None:
    assert_faults(
        changed(
            ("title: A small programme", "title: §~"),
            ("owner: {kind: person}", "owner: §&who {kind: person}"),
            ("members: [owner, second]", "members: [owner, §*who]"),
            ("- {state: open}", "- §!state {state: open}"),
            ("  TRIAL: {scope: work, issuer: owner}\n", "  TRIAL: {scope: work, issuer: owner}\n  §TRIAL: {scope: live, issuer: owner}\n"),
            ("machine: {title: The machine}", "machine: {§<<: §*who, title: The machine}"),
            ("change: {touches", "§7: {ungranted: true}\n  ? §[a]\n  : b\n  change: {touches"),
        ),
        NULL,
        "YAML_ANCHOR an anchor (`&who`) is not in the language; remove it",
        "YAML_ALIAS an alias (`*who`) is not in the language; write it out",
        "YAML_TAG a tag (`!state`) is not in the language; remove it",
        "YAML_DUPLICATE_KEY `TRIAL` stands twice; first on line 23",
        "YAML_MERGE a merge key (`<<`) is not in the language; write it out",
        "YAML_ALIAS an alias (`*who`) is not in the language; write it out",
        'YAML_AMBIGUOUS the key `7` could be read as a number, a date or a boolean; write "7"',
        "YAML_KEY a key that is not a word",
    )


@pytest.mark.parametrize("null", ["", "~", "null", "Null", "NULL"])
def test_a_null_value_is_refused_in_each_spelling(null: str) -> None:
    assert_faults(changed(("title: The machine}", f"title: §{null}}}")), NULL)


@pytest.mark.parametrize("word", ['"null"', "'~'", "nullified"])
def test_a_quoted_null_is_a_text(word: str) -> None:
    assert_right(changed(("title: The machine}", f"title: {word}}}")))


@pytest.mark.parametrize(("tag", "meant"), [("!", "!"), ("!!str", "tag:yaml.org,2002:str"), ("!<tag:example.org,2026:x>", "tag:example.org,2026:x")])
def test_a_tag_is_refused_even_where_it_says_what_is_there(tag: str, meant: str) -> None:
    assert_faults(changed(("title: The machine}", f"title: §{tag} machine}}")), f"YAML_TAG a tag (`{meant}`) is not in the language; remove it")


def test_a_key_is_no_place_for_an_anchor_or_a_tag() -> None:
    assert_faults(
        changed(("machine: {title", "§&a machine: {§!t title")),
        "YAML_ANCHOR an anchor (`&a`) is not in the language; remove it",
        "YAML_TAG a tag (`!t`) is not in the language; remove it",
    )


def test_the_faults_inside_a_key_that_is_no_word_are_told_too() -> None:
    assert_faults(SMALL + "? §{a: §~}\n: b\n", "YAML_KEY a key that is not a word", NULL)


def test_a_directive_is_refused() -> None:
    assert_faults(f"§%YAML 1.2\n---\n{SMALL}", "YAML_DIRECTIVE a directive (`%`) stands before the document; remove it")
    assert_faults(f"§%TAG !x! tag:example.org,2026:\n---\n{SMALL}", "YAML_DIRECTIVE a directive (`%`) stands before the document; remove it")


def test_one_document_may_be_marked_and_a_second_is_refused() -> None:
    assert_right(f"---\n{SMALL}...\n")
    assert_faults(f"{SMALL}§---\n{SMALL}", "YAML_SECOND_DOCUMENT a second document starts; one file, one document")


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n"])
def test_a_file_that_declares_nothing_is_refused(text: str) -> None:
    assert reported(text) == ["1:1 YAML_EMPTY the file declares nothing; start with `govern init`"]


@pytest.mark.parametrize("text", ["- a\n", "word\n", "1\n"])
def test_the_top_must_be_a_mapping(text: str) -> None:
    assert reported(text) == ["1:1 YAML_TOP the top of the file is not a mapping"]


def test_an_empty_document_is_refused() -> None:
    assert reported("---\n") == ["1:1 YAML_TOP the top of the file is not a mapping", f"2:1 {NULL}"]


def test_broken_syntax_is_told_with_its_place_and_the_faults_before_it() -> None:
    assert_faults(
        changed(("title: The machine}", "title: §~}"), ("actions:\n", "actions: §}\n")),
        NULL,
        "YAML_SYNTAX did not find expected node content",
    )


def test_the_marks_of_a_conflict_are_refused() -> None:
    for mark in ("<<<<<<< HEAD\n", "=======\n", ">>>>>>> theirs\n", "||||||| base\n"):
        assert reported(SMALL.replace("actors:\n", f"{mark}actors:\n"))


def test_a_lone_surrogate_cannot_be_written_as_an_escape() -> None:
    assert_faults(changed(("title: The machine}", 'title: "\\u§d800"}')), "YAML_SYNTAX found invalid Unicode character escape code")


AMBIGUOUS = ["2026-06-12", "1_000", "0x1f", "0o17", "017", "1e5", "1.5", "+1", ".5", "yes", "No", "ON", "off", "y", "N", "True", "FALSE"]


@pytest.mark.parametrize("word", AMBIGUOUS)
def test_an_unquoted_word_that_could_be_no_word_is_refused_where_a_name_belongs(word: str) -> None:
    quoted = f'YAML_AMBIGUOUS unquoted, `{word}` could be read as a number, a date or a boolean in `registry.prefix`; write "{word}"'

    assert_faults(changed(("prefix: SM", f"prefix: §{word}")), quoted)


@pytest.mark.parametrize("word", ["1_000", "0x1f", "017", "1e5", "1.5", "yes", "y", "True"])
def test_a_quoted_word_is_a_name_whatever_it_looks_like(word: str) -> None:
    assert_right(changed(("prefix: SM", f'prefix: "{word}"')))


def test_an_unquoted_number_or_boolean_is_no_name() -> None:
    wanted = "wanted a name (letters, digits, `.`, `_`, `-`; no space) in `registry.prefix`"

    assert_faults(changed(("prefix: SM", "prefix: §12")), f'POLICY_VALUE found the number 12, {wanted}; quote it: "…"')
    assert_faults(changed(("prefix: SM", "§prefix: true")), f'POLICY_VALUE found the boolean true, {wanted}; quote it: "…"')


@pytest.mark.parametrize("key", ["5", "2026-06-12", "true", "null", "no"])
def test_an_unquoted_key_that_could_be_no_word_is_refused_and_told_once(key: str) -> None:
    fault = f'YAML_AMBIGUOUS the key `{key}` could be read as a number, a date or a boolean; write "{key}"'

    assert_faults(changed(("machine: {title", f"§{key}: {{title: Other}}\n  machine: {{title")), fault)
    assert_right(changed(("machine: {title", f'"{key}": {{title: Other}}\n  machine: {{title')))


@settings(deadline=None, derandomize=True, max_examples=200)
@example("1:30")
@example("1:30.5")
@example("2026-06-12 10:00:00")
@example("2026-06-12T10:00:00+02:00")
@example(".NaN")
@example("-.INF")
@example("1_0.5e+3")
@given(st.text("0123456789.:-+_eExobaftTZ yYnNulUL~=iIrs", max_size=12) | st.dates().map(str) | st.datetimes().map(str) | st.floats().map(str))
def test_no_unquoted_word_means_another_thing_to_another_reader(word: str) -> None:
    source = f"key: {word}\n"
    try:
        other = yaml.safe_load(source)["key"]
    except (yaml.YAMLError, ValueError, TypeError):
        return
    tree, problems = parse_tree(source.encode(), "p.yaml")
    ours = None if tree is None else tree.get("key")
    if problems:
        return
    same = type(other) in (str, int, bool) and ours == other and isinstance(ours, type(other))
    assert same or (isinstance(ours, Word) and ours.ambiguous)
