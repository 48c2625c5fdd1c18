"""Bytes that are no text, texts that hide something, and texts that are too much."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.policy import load, tree
from govern.policy.load import examine_policy
from support.faults import SMALL, assert_faults, assert_right, changed, examined_text, reported

BOM = "1:1 YAML_BOM a byte-order mark stands before the text; save it as plain UTF-8"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_refused(encoding: str) -> None:
    assert reported(SMALL.encode(encoding)) == [BOM]


def test_a_big_endian_byte_order_mark_is_refused() -> None:
    assert reported(b"\xfe\xff" + SMALL.encode("utf-16-be")) == [BOM]


def test_bytes_that_are_not_utf_8_are_refused_at_the_character_where_they_start() -> None:
    source = changed(("title: The machine}", "title: é§}")).encode().replace("§".encode(), b"\xe9")

    assert reported(source) == ["47:21 YAML_ENCODING not UTF-8; save it as UTF-8"]
    assert reported(b"\xff") == ["1:1 YAML_ENCODING not UTF-8; save it as UTF-8"]
    assert reported(b"\n\xff") == ["2:1 YAML_ENCODING not UTF-8; save it as UTF-8"]


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\x00", "0000"), ("\x1b", "001B"), ("\x7f", "007F"), ("\x85", "0085"), ("\x9f", "009F"), ("\r", "000D"), ("\u2028", "2028"), ("\u2029", "2029"),
        ("\u202a", "202A"), ("\u202e", "202E"), ("\u2066", "2066"), ("\u2069", "2069"), ("\ufeff", "FEFF"), ("\ufffe", "FFFE"),
    ],
)  # fmt: skip
def test_a_character_that_hides_how_the_file_is_read_is_refused_even_in_a_comment(character: str, name: str) -> None:
    help = f'write "\\u{name.lower()}" where a text needs it'

    assert_faults(f"{SMALL}# é§{character}actorz: 1\n", f"YAML_CHARACTER the character U+{name} hides how the file is read; {help}")


def test_each_hidden_character_is_told_up_to_a_limit() -> None:
    [first, second] = reported(f"\n\u202e\n{SMALL}# \u202c\n")
    many = examined_text("# " + "\u202e" * 100_000)

    assert (first[:4], second[:5]) == ("2:1 ", "67:3 ")
    assert len(many.problems) == tree.MAX_PROBLEMS


@pytest.mark.parametrize("character", ["\t", " ", "é", "\U0001f3e5", "\u200d"])
def test_a_character_that_hides_nothing_is_text(character: str) -> None:
    assert_right(changed(("title: The machine}", f"title: The {character} machine}}")))


def test_lines_may_end_with_cr_and_lf() -> None:
    assert_right(SMALL.replace("\n", "\r\n"))


def test_a_hidden_character_can_be_written_as_an_escape() -> None:
    policy = assert_right(changed(("title: The machine}", 'title: "The \\u202e machine"}')))

    assert policy.surfaces["machine"].title == "The \u202e machine"


def test_a_file_of_the_largest_size_is_read_and_one_byte_more_is_not() -> None:
    size = tree.MAX_BYTES - len(SMALL.encode()) - 2
    largest = f"{SMALL}#{'x' * size}\n"

    assert_right(largest)
    assert_faults(f"§{largest}\n", f"YAML_LIMIT the file has {tree.MAX_BYTES + 1} bytes, at most {tree.MAX_BYTES} are read")


def test_nesting_is_read_to_the_limit_and_no_deeper() -> None:
    deepest = "{a: " * (tree.MAX_DEPTH - 1) + "{}" + "}" * (tree.MAX_DEPTH - 1)

    assert "YAML_LIMIT" not in "".join(reported(deepest))
    assert_faults("{a: " * (tree.MAX_DEPTH) + "§{}" + "}" * tree.MAX_DEPTH, f"YAML_LIMIT nested deeper than {tree.MAX_DEPTH}")


@pytest.mark.parametrize("opening", ["[", "{a: ", "? ", "- ", "{? "])
def test_a_hundred_thousand_openings_are_refused_with_one_problem(opening: str) -> None:
    [problem] = examine_policy(opening.encode() * 100_000).problems

    assert (problem.code, problem.message) == ("YAML_LIMIT", f"nested deeper than {tree.MAX_DEPTH}")


def test_a_hundred_thousand_aliases_are_refused_with_a_bounded_number_of_problems() -> None:
    problems = examine_policy(b"a: &a [" + b"*a, " * 100_000 + b"]").problems

    assert len(problems) == tree.MAX_PROBLEMS + 1
    assert problems[-1].message == f"more than {tree.MAX_PROBLEMS} faults of spelling; the rest is not read"


def test_faults_of_spelling_are_told_to_the_limit_and_the_next_ends_the_reading() -> None:
    def spelled(count: int) -> list[str]:
        return [line.split()[1] for line in reported("".join(f"k{number}: ~\n" for number in range(count))) if "YAML" in line]

    assert spelled(tree.MAX_PROBLEMS) == ["YAML_NULL"] * tree.MAX_PROBLEMS
    assert spelled(tree.MAX_PROBLEMS + 1) == [*["YAML_NULL"] * tree.MAX_PROBLEMS, "YAML_LIMIT"]


def test_broken_syntax_after_as_many_faults_as_are_told_is_told_too() -> None:
    nulls = "".join(f"k{number}: ~\n" for number in range(tree.MAX_PROBLEMS))

    assert reported(f"{nulls}x: [")[-1] == "51:5 YAML_SYNTAX did not find expected node content"


def test_nodes_are_read_to_the_limit_and_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "[" + "a, " * 9 + "]"

    monkeypatch.setattr(tree, "MAX_NODES", 10)
    assert reported(text) == ["1:1 YAML_TOP the top of the file is not a mapping"]
    monkeypatch.setattr(tree, "MAX_NODES", 9)
    assert reported(text) == ["1:26 YAML_LIMIT more than 9 nodes"]


def test_faults_of_shape_and_meaning_are_told_to_the_limit() -> None:
    def unknown(count: int) -> list[str]:
        return [line.split()[1] for line in reported(SMALL + "".join(f"k{number}: 1\n" for number in range(count)))]

    def dangling(count: int) -> list[str]:
        return [line.split()[1] for line in reported(changed(("members: [owner, second]", f"members: [{', '.join(f'k{number}' for number in range(count))}]")))]

    for faults, code in ((unknown, "POLICY_UNKNOWN_KEY"), (dangling, "POLICY_DANGLING")):
        assert faults(load.MAX_FAULTS) == [code] * load.MAX_FAULTS
        assert faults(load.MAX_FAULTS + 1) == [*[code] * load.MAX_FAULTS, "POLICY_LIMIT"]


def test_a_very_long_word_is_cut_where_it_is_quoted() -> None:
    word = "w" * 100_000
    texts = [
        f"{SMALL}{word}: 1\n{word}: 1\n",
        f"{SMALL}{'1' * 100_000}: 1\n",
        changed(("title: The machine}", f"title: {'1' * 100_000}}}")),
        changed(("prefix: SM", f"prefix: {word}")),
        changed(("prefix: SM", f"{word}: SM")),
        changed(("kind: agent", f"kind: {word}")),
        changed(("machine: {title: The machine}", f"{word}: {{title: []}}")),
        changed(("title: The machine}", f"title: {word}}}")),
    ]

    for text in texts:
        problems = examined_text(text).problems
        assert problems
        assert all(len(str(problem)) < 600 for problem in problems)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_problems_and_never_a_crash(source: bytes) -> None:
    examined = examine_policy(source, "p.yaml")

    assert examined.policy is None
    assert examined.problems
    assert not examined.passed
