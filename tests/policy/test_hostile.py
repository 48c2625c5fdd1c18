"""Whatever is done to a policy, it is examined to the end, and every problem names a place in the file."""

import re
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from govern.policy.load import MAX_FAULTS, examine_policy
from govern.policy.nodes import Block
from govern.policy.tree import parse_tree
from govern.problems import Place
from support.faults import FIX7, HOSPITAL, SMALL, changed

LINES = FIX7.decode().split("\n")
WORDS = sorted(set(re.findall(r"[A-Za-z0-9_./@#-]+|[\[\]{}:,>&*!|-]", FIX7.decode() + HOSPITAL.decode())))
HOSTILE = ["~", "null", "<<: *a", "&a ", "*a", "!t ", "%YAML 1.2\n", "---\n", "...\n", "- ", "? ", ": ", "{", "}", "[", "]", '"', "'", "|\n", ">-\n", "#", "\t", "\r", "\x00", "\u2028", "\u202e", "\ufeff", "é", "2026-01-01", "0x1", "yes", "9" * 20, "x" * 200, "{all: []}", "{not: {all: [{grant: X}]}}", "[[[[]]]]", "{a: {a: {a: {}}}}"]  # fmt: skip
HARD = settings(deadline=None, derandomize=True, max_examples=60)


def assert_examined(text: str) -> None:
    """Examine a text: it does not crash, and each problem has a code, a message and a place inside the text."""
    examined = examine_policy(text.encode(), "p.yaml")
    lines = text.split("\n")

    assert len(examined.problems) <= MAX_FAULTS + 1
    assert examined.policy is not None or examined.problems
    for problem in examined.problems:
        assert re.fullmatch(r"(YAML|POLICY|SCHEMA)_[A-Z_]+", problem.code)
        assert problem.message
        assert problem.place is not None
        assert problem.place.file == "p.yaml"
        assert 1 <= problem.place.line <= len(lines), problem
        assert 1 <= problem.place.column <= len(lines[problem.place.line - 1]) + 1, problem


@HARD
@given(st.lists(st.tuples(st.integers(0, len(FIX7)), st.integers(0, 40), st.sampled_from(HOSTILE + WORDS) | st.text(max_size=4)), min_size=1, max_size=4))
def test_a_policy_with_parts_cut_out_and_put_in_is_examined(edits: list[tuple[int, int, str]]) -> None:
    text = FIX7.decode()
    for at, cut, put in edits:
        text = text[:at] + put.encode("utf-8", "replace").decode() + text[at + cut :]

    assert_examined(text)


@HARD
@given(st.lists(st.tuples(st.sampled_from(range(len(LINES))), st.sampled_from(range(len(LINES))), st.booleans()), min_size=1, max_size=6))
def test_a_policy_with_lines_moved_doubled_and_lost_is_examined(moves: list[tuple[int, int, bool]]) -> None:
    lines = list(LINES)
    for source, target, keep in moves:
        line = lines[source] if keep else lines.pop(min(source, len(lines) - 1))
        lines.insert(min(target, len(lines)), line)

    assert_examined("\n".join(lines[: len(LINES)]))


@HARD
@given(st.data())
def test_a_policy_with_words_in_the_place_of_others_is_examined(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([SMALL, HOSPITAL.decode(), FIX7.decode()]))
    places = [found.span() for found in re.finditer(r"[A-Za-z0-9_./-]+", text)]
    for start, end in sorted(data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=6, unique=True)), reverse=True):
        text = text[:start] + data.draw(st.sampled_from(WORDS + HOSTILE)) + text[end:]

    assert_examined(text)


NAMES = st.sampled_from(
    ["TRIAL", "LEAVE", "READY", "bench", "gate", "CHANGE", "TRY", "first/STAY", "STAY", "change", "erase", "sound", "READY/tried", "READY/agreed", "x"]
)
FACTS = st.one_of(
    st.builds("{{{}: {}}}".format, st.sampled_from(["grant", "honoured", "leg", "lane", "selected", "done"]), NAMES),
    st.builds("{{blocker: {}, is: {}}}".format, NAMES, st.sampled_from(["closed", "begun", "open"])),
    st.builds("{{finding: {}, is: {}}}".format, NAMES, st.sampled_from(["pass", "fail", "unknown"])),
)
GUARDS = st.recursive(
    FACTS | st.builds("{{not: {}}}".format, FACTS),
    lambda inner: st.builds(
        lambda form, parts: f"{{{form}[{', '.join(parts)}]}}",
        st.sampled_from(["all: ", "any: ", "at_least: 1, of: ", "at_least: 3, of: "]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=8,
)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(GUARDS, GUARDS, GUARDS)
def test_guards_of_every_form_in_every_place_are_examined(option: str, leg: str, lane: str) -> None:
    assert_examined(changed(("{grant: TRIAL}", option), ("{honoured: LEAVE}", leg), ("opened_by: owner}", f"opens_when: {lane}}}")))


def keys_of(node: object) -> Iterator[tuple[str, Place]]:
    """Yield every key of a tree with its place."""
    if isinstance(node, Block):
        yield from node.keys_at.items()
    for inner in node.values() if isinstance(node, Block) else node if isinstance(node, list) else ():
        yield from keys_of(inner)


def test_a_misspelt_key_of_the_language_never_passes() -> None:
    tree, _problems = parse_tree(SMALL.encode(), "p.yaml")
    declared = {"owner", "second", "maker", "board", "work", "live", "bench", "gate", "TRIAL", "LEAVE", "READY", "tried", "agreed", "first", "machine"}
    declared |= {"change", "erase", "DONE", "sound", "page", "state", "guarded", "free"}
    places = [place for key, place in keys_of(tree) if key not in declared or (key, place.line) in {("state", 16), ("state", 17), ("state", 18)}]
    lines = SMALL.split("\n")

    assert len(places) > 100
    for place in places:
        line = lines[place.line - 1]
        misspelt = [*lines[: place.line - 1], f"{line[: place.column - 1]}x{line[place.column - 1 :]}", *lines[place.line :]]
        assert not examine_policy("\n".join(misspelt).encode()).passed, place


def test_a_policy_that_ends_too_early_is_examined() -> None:
    for end in range(0, len(SMALL), 23):
        assert_examined(SMALL[:end])
