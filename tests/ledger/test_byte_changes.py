"""Every byte of a short chain, changed, removed or put in: nothing of it is ever accepted."""

from collections.abc import Iterator

import pytest

from govern.ledger.lines import Chain, read_records
from govern.problems import Exit, GovernError
from support.ledgers import Ledger, content

CODES = {
    "CHAIN_BROKEN",
    "JSON_LIMIT",
    "JSON_NOT_CANONICAL",
    "LEDGER_MISMATCH",
    "SCHEMA_UNKNOWN",
    "SEQ",
    "TAMPER",
}


def chain_of_three() -> list[bytes]:
    ledger = Ledger()
    ledger.add("note", {"text": 'a "word" of ä\n'})
    ledger.add("revoke", {"record": 1, "reason": "moved"})
    return ledger.lines


LINES = chain_of_three()
CONTENT = content(LINES)
STARTS = [sum(len(line) + 1 for line in LINES[:number]) for number in range(4)]


def outcome(changed: bytes) -> str:
    """Return `torn` or the code, with the record that is named; or `accepted`."""
    *lines, torn = changed.split(b"\n")
    try:
        records = list(read_records(lines, Chain()))
    except GovernError as error:
        return named(error)
    return f"torn after {len(records)}" if torn else "accepted"


def named(error: GovernError) -> str:
    [problem] = error.problems
    assert error.status is Exit.BROKEN
    assert problem.code in CODES
    record = problem.message.removeprefix("ledger record ").partition(":")[0]
    assert problem.place is not None
    assert problem.place.line == int(record) + 1
    return f"{problem.code} {record}"


def at_every_byte(number: int) -> Iterator[tuple[bytes, int, bytes]]:
    """Yield what stands before, the byte itself, and what stands after each byte of a line and of the LF behind it."""
    for at in range(STARTS[number], STARTS[number + 1]):
        yield CONTENT[:at], CONTENT[at], CONTENT[at + 1 :]


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("bit", range(8))
def test_a_line_with_any_bit_changed_is_refused_by_its_number(number: int, bit: int) -> None:
    for before, byte, after in at_every_byte(number):
        found = outcome(before + bytes([byte ^ 1 << bit]) + after)
        assert found.endswith(f" {number}") or (not after and found == "torn after 2"), (len(before), found)


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("other", [b"\n", b"\r", b"\x00", b'"', b"\\", b" ", b"0", b"}", b"\xff"])
def test_a_line_with_any_byte_replaced_is_refused_by_its_number(number: int, other: bytes) -> None:
    for before, byte, after in at_every_byte(number):
        if byte != other[0]:
            found = outcome(before + other + after)
            assert found.endswith(f" {number}") or (not after and found == "torn after 2"), (len(before), found)


@pytest.mark.parametrize("number", range(3))
def test_a_line_with_any_byte_removed_is_refused_by_its_number(number: int) -> None:
    for before, _byte, after in at_every_byte(number):
        found = outcome(before + after)
        assert found.endswith(f" {number}") or (not after and found == "torn after 2"), (len(before), found)


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("more", [b"\n", b"\r", b"\x00", b'"', b"\\", b" ", b"0", b"{", b"\xff"])
def test_a_line_with_any_byte_put_in_is_refused_by_its_number(number: int, more: bytes) -> None:
    for before, byte, after in at_every_byte(number):
        # A line end before the line end makes an empty line, which stands where the next record would.
        named = number + (more == b"\n" == bytes([byte]))
        assert outcome(before + more + bytes([byte]) + after).endswith(f" {named}"), len(before)


def test_every_cut_leaves_the_lines_before_it_and_a_torn_tail() -> None:
    for size in range(len(CONTENT)):
        whole = sum(start <= size for start in STARTS[1:])
        assert outcome(CONTENT[:size]) == (f"torn after {whole}" if size not in STARTS else "accepted")


def test_what_stands_behind_the_last_line_end_is_a_torn_tail_whatever_it_is() -> None:
    for tail in (b"x", b" ", b"\r", b"\x00", b"\xff", LINES[2], LINES[2][:-1]):
        assert outcome(CONTENT + tail) == "torn after 3"


def test_a_line_end_too_many_is_no_torn_tail() -> None:
    assert outcome(CONTENT + b"\n") == "JSON_NOT_CANONICAL 3"
