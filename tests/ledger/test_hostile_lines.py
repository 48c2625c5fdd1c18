"""Lines that are no line: other spellings, other fields, what no reader should be made to read."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.ledger.lines import Chain, read_records
from govern.problems import GovernError
from support.bodies import HEX
from support.ledgers import forged, notes, refusal, refused_as, respelled, restated, spelled, statement_text

FIRST, LINE = notes(2).lines
TEXT = LINE.decode()
STMT = json.loads(LINE)["stmt"]


def of_line(old: str, new: str) -> bytes:
    assert TEXT.count(old) >= 1
    return TEXT.replace(old, new, 1).encode()


OTHER_SPELLINGS = {
    "a key twice": of_line('"seq":1', '"seq":9,"seq":1'),
    "a key twice, once escaped": of_line('"seq":1', '"s\\u0065q":1,"seq":1'),
    "an escaped key": of_line('"seq":1', '"s\\u0065q":1'),
    "an escaped letter of the statement": of_line("owner", "own\\u0065r"),
    "an escaped slash of the statement": of_line("https://", "https:\\/\\/"),
    "a quote as a number": of_line('\\"note 1', "\\u0022note 1"),
    "not a number": of_line('"seq":1', '"seq":NaN'),
    "infinity": of_line('"seq":1', '"seq":-Infinity'),
    "a float": of_line('"seq":1', '"seq":1.0'),
    "a power": of_line('"v":1', '"v":1e0'),
    "minus zero": of_line('"seq":1', '"seq":-0'),
    "a leading zero": of_line('"seq":1', '"seq":01'),
    "a byte-order mark": b"\xef\xbb\xbf" + LINE,
    "a space before": b" " + LINE,
    "a space behind": LINE + b" ",
    "a space within": of_line('"seq":1', '"seq": 1'),
    "a tab within": of_line(',"seq"', ',\t"seq"'),
    "keys in another order": of_line('"seq":1,"sigs":[]', '"sigs":[],"seq":1'),
    "a comma too many": of_line('"v":1}', '"v":1,}'),
    "something behind": LINE + b"{}",
    "another line behind": LINE + LINE,
    "half a line": LINE[:400],
    "no JSON": b"record 1",
    "nothing": b"",
    "a raw control character": of_line("note 1", "note\x001"),
    "an unescaped quote": of_line('\\"note 1', '"note 1'),
    "UTF-16": TEXT.encode("utf-16")[2:],
}


@pytest.mark.parametrize("line", OTHER_SPELLINGS.values(), ids=OTHER_SPELLINGS.keys())
def test_another_spelling_of_a_line_is_not_canonical(line: bytes) -> None:
    problem = refusal([FIRST, line])

    assert problem.code == "JSON_NOT_CANONICAL"
    assert problem.message.startswith("ledger record 1: not in its one spelling: ")


BEYOND = {
    "not UTF-8": LINE.replace(b"note 1", b"note \xff"),
    "an overlong form": LINE.replace(b"note 1", b"note \xc0\xaf"),
    "a surrogate in UTF-8": LINE.replace(b"note 1", b"note \xed\xa0\x80"),
    "a lone surrogate": of_line("note 1", "note \\ud800"),
    "a lone surrogate in a field": of_line('"kind":"note"', '"kind":"\\udc00"'),
    "200,000 levels": b"[" * 200_000,
    "200,000 objects": b'{"a":' * 200_000,
    "an integer of 5,000 digits": of_line('"seq":1', f'"seq":{"9" * 5000}'),
    "an integer beyond 2^53-1": of_line('"seq":1', f'"seq":{2**53}'),
    "two mebibytes": b"x" * (2 * 1024 * 1024),
    "two mebibytes of a line": of_line("note 1", "x" * (2 * 1024 * 1024)),
}


@pytest.mark.parametrize("line", BEYOND.values(), ids=BEYOND.keys())
def test_what_no_reader_should_be_made_to_read_is_beyond_the_limit(line: bytes) -> None:
    problem = refusal([FIRST, line])

    assert problem.code == "JSON_LIMIT"
    assert problem.message.startswith("ledger record 1: ")
    assert len(problem.message) < 200


@pytest.mark.parametrize(
    ("stmt", "code"),
    [
        (STMT.replace('"note 1"', '"note \\u0031"'), "JSON_NOT_CANONICAL"),
        (STMT.replace('"text":"note 1"', '"text":"note 2","text":"note 1"'), "JSON_NOT_CANONICAL"),
        (STMT.replace('"size":1', '"size":1.0'), "JSON_NOT_CANONICAL"),
        (STMT + " ", "JSON_NOT_CANONICAL"),
        (STMT.replace("note 1", "note\n1"), "JSON_NOT_CANONICAL"),
        (STMT.replace("note 1", "note\x001"), "JSON_NOT_CANONICAL"),
        ("", "JSON_NOT_CANONICAL"),
        (STMT.replace("note 1", "note \\ud800"), "JSON_LIMIT"),
        (STMT.replace('"note 1"', f'"note 1","more":{2**53}'), "JSON_LIMIT"),
        (STMT.replace('"note 1"', "[" * 100_000 + "]" * 100_000), "JSON_LIMIT"),
    ],
)
def test_another_spelling_of_a_statement_is_refused_in_a_line_that_is_right(stmt: str, code: str) -> None:
    found, message = refused_as([FIRST, restated(LINE, stmt)])

    assert found == code
    assert message.startswith("ledger record 1: its statement is not in its one spelling: ")


@pytest.mark.parametrize(
    ("stmt", "message"),
    [
        (statement_text(kind="unheard", body={}, ledger=HEX), "unknown kind `unheard`"),
        (STMT.replace('"text":"note 1"', '"more":1,"text":"note 1"'), "unknown field `more` in a record of kind `note`"),
        (STMT.replace('"note 1"', "1"), "`text` is malformed in a record of kind `note`"),
        (STMT.replace("Statement/v1", "Statement/v2"), "not a statement of this version"),
        ("[]", "not a statement of this version"),
    ],
)
def test_a_statement_that_is_not_known_is_refused_in_a_line_that_is_right(stmt: str, message: str) -> None:
    problem = refusal([FIRST, restated(LINE, stmt, kind="unheard" if "unheard" in stmt else "note")])

    assert (problem.code, problem.message) == ("SCHEMA_UNKNOWN", f"ledger record 1: {message}")
    assert problem.help == "written by a newer govern, or by hand"


FIELDS: dict[str, tuple[str, list[Any]]] = {
    "v": ("SCHEMA_UNKNOWN", [2, 0, True, "1", None]),
    "seq": ("SEQ", [True, "1", None, 2, -1, 0]),
    "ledger": ("LEDGER_MISMATCH", [None, 1, HEX, []]),
    "prev": ("CHAIN_BROKEN", [None, 1, HEX, []]),
    "kind": ("SCHEMA_UNKNOWN", ["grant", "unheard", "", 'no"te', None, 1, [], {}]),
    "at": ("SCHEMA_UNKNOWN", ["2026-05-28", "2026-05-28T20:27:40", "2026-05-28t20:27:40z", "2026-05-28T22:27:40+02:00", "2026-13-28T20:27:40Z", None, 1]),
    "sigs": ("SCHEMA_UNKNOWN", [[1], {}, None, "sig", [[]], [None], ["sig", "sig"]]),
    "stmt": ("CHAIN_BROKEN", [None, 1, [], {}, ""]),
    "stmt_sha256": ("CHAIN_BROKEN", [None, 1, HEX, []]),
}


@pytest.mark.parametrize(("field", "code", "value"), [(field, code, value) for field, (code, values) in FIELDS.items() for value in values])
def test_a_field_that_no_writer_would_put_there_is_refused_though_its_check_is_right(field: str, code: str, value: Any) -> None:
    found, message = refused_as([FIRST, forged(LINE, **{field: value})])

    assert found == code
    assert message.startswith("ledger record 1: ")


def test_a_line_of_another_kind_than_its_statement_is_refused() -> None:
    assert refused_as([FIRST, forged(LINE, kind="grant")]) == ("SCHEMA_UNKNOWN", "ledger record 1: the line says `grant`, its statement `note`")


@pytest.mark.parametrize("field", sorted(json.loads(LINE)))
def test_a_line_without_one_of_its_fields_is_refused(field: str) -> None:
    value = {key: each for key, each in json.loads(LINE).items() if key != field}

    assert refused_as([FIRST, spelled(value)]) == ("SCHEMA_UNKNOWN", "ledger record 1: a line with other fields than are known")


@pytest.mark.parametrize("field", ["a", "note", "z"])
def test_a_line_with_a_field_more_is_refused(field: str) -> None:
    line = respelled({**json.loads(LINE), field: "x"})

    assert refused_as([FIRST, line]) == ("SCHEMA_UNKNOWN", "ledger record 1: a line with other fields than are known")


@pytest.mark.parametrize("value", [[], [1], "text", 1, True, None, {}])
def test_a_value_that_is_no_line_is_refused(value: Any) -> None:
    assert refused_as([FIRST, spelled(value)]) == ("SCHEMA_UNKNOWN", "ledger record 1: a line with other fields than are known")


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.binary(max_size=200))
def test_any_other_bytes_are_refused_with_the_number_of_the_record(junk: bytes) -> None:
    problem = refusal([FIRST, junk])

    assert problem.message.startswith("ledger record 1: ")


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.integers(min_value=0, max_value=len(LINE)), st.integers(min_value=0, max_value=20), st.binary(max_size=20))
def test_a_line_with_a_part_replaced_is_refused(at: int, removed: int, junk: bytes) -> None:
    changed = LINE[:at] + junk + LINE[at + removed :]
    if changed != LINE:
        assert refusal([FIRST, changed]).message.startswith("ledger record 1: ")


def test_a_refusal_leaves_the_chain_where_it_was() -> None:
    chain = Chain()
    with pytest.raises(GovernError, match="ledger record 1: not in its one spelling"):
        list(read_records([FIRST, b"junk"], chain))

    assert [record.seq for record in read_records([LINE], chain)] == [1]
