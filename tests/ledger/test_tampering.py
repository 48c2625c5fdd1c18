"""Attacks on the chain by one who knows its format, each refused with a code and by the number of the record."""

import json
from itertools import combinations

import pytest

from govern.canonical import digest
from govern.ledger.lines import Chain, read_records
from govern.ledger.statements import Basis
from govern.problems import GovernError
from support.bodies import HEX
from support.ledgers import START, Ledger, content, forged, notes, rechained, refusal, refused_as, restated, statement_text

LINES = notes(6).lines


def test_a_byte_changed_in_an_old_line_breaks_the_chain_there() -> None:
    lines = [*LINES[:2], LINES[2].replace(b"note 2", b"note 9"), *LINES[3:]]

    assert refused_as(lines) == ("CHAIN_BROKEN", "ledger record 2: its statement was changed after it was recorded")


def test_a_refusal_says_where_the_line_stands_and_what_to_do() -> None:
    problem = refusal([*LINES[:2], LINES[2].replace(b"note 2", b"note 9")])

    assert str(problem) == (
        "governance/ledger/000000.jsonl:3:1: ledger record 2: its statement was changed after it was recorded; restore the line from a clone or a backup"
    )


def test_a_changed_statement_with_its_digest_made_right_breaks_the_chain_there() -> None:
    value = json.loads(LINES[2])
    stmt = value["stmt"].replace("note 2", "note 9")
    line = LINES[2].replace(b"note 2", b"note 9").replace(value["stmt_sha256"].encode(), digest(stmt.encode()).encode())

    assert refused_as([*LINES[:2], line, *LINES[3:]]) == ("CHAIN_BROKEN", "ledger record 2: it was changed after it was recorded")


def test_a_changed_time_breaks_the_chain_there() -> None:
    line = LINES[2].replace(b"2026-05-28T20:28:40Z", b"2026-05-28T20:28:41Z")

    assert refused_as([*LINES[:2], line, *LINES[3:]]) == ("CHAIN_BROKEN", "ledger record 2: it was changed after it was recorded")


def test_a_changed_line_that_is_right_in_itself_breaks_the_chain_after_it() -> None:
    changed = restated(LINES[2], json.loads(LINES[2])["stmt"].replace("note 2", "note 9"))

    assert refused_as([*LINES[:2], changed, *LINES[3:]]) == ("CHAIN_BROKEN", f"ledger record 3: it does not follow {digest(changed)[:12]}")


def test_a_changed_line_with_all_that_follows_chained_anew_is_found_by_the_first_basis_that_covers_it() -> None:
    changed = restated(LINES[2], json.loads(LINES[2])["stmt"].replace("note 2", "note 9"))
    lines = rechained([*LINES[:2], changed, *LINES[3:]])

    assert refused_as(lines) == ("BASIS_MISMATCH", "ledger record 3: it was made on another history of 3 records")


def test_the_same_is_found_later_where_the_next_records_rest_on_an_older_head() -> None:
    ledger = notes(3)
    old = Basis(2, ledger.chain.digest_at(2))
    ledger.add("note", {"text": "rests on less"}, basis=old)
    ledger.add("note", {"text": "rests on all"})
    changed = restated(ledger.lines[2], json.loads(ledger.lines[2])["stmt"].replace("note 2", "note 9"))

    lines = rechained([*ledger.lines[:2], changed, *ledger.lines[3:]])

    assert refused_as(lines) == ("BASIS_MISMATCH", "ledger record 4: it was made on another history of 4 records")
    # Until then nothing in the ledger shows it: that takes a head remembered elsewhere.
    assert len(list(read_records(lines[:4], Chain()))) == 4


@pytest.mark.parametrize("basis", [Basis(3, HEX), Basis(1, ""), Basis(0, HEX), Basis(2, digest(LINES[0])), Basis(4, digest(LINES[2])), Basis(10**8, HEX)])
def test_a_statement_made_on_another_history_is_refused(basis: Basis) -> None:
    ledger = notes(3)
    line = ledger.line(ledger.statement("note", {"text": "elsewhere"}, basis=basis))

    assert refused_as([*ledger.lines, line]) == ("BASIS_MISMATCH", f"ledger record 3: it was made on another history of {basis.size} records")


@pytest.mark.parametrize("deleted", range(5))
def test_a_deleted_line_is_found_by_its_number(deleted: int) -> None:
    lines = [*LINES[:deleted], *LINES[deleted + 1 :]]

    assert refused_as(lines) == ("SEQ", f"ledger record {deleted}: it is numbered {deleted + 1}")


def renumbered(lines: list[bytes]) -> list[bytes]:
    return [forged(line, seq=seq) for seq, line in enumerate(lines)]


@pytest.mark.parametrize("deleted", range(1, 5))
def test_a_deleted_line_with_the_rest_renumbered_breaks_the_chain(deleted: int) -> None:
    lines = renumbered([*LINES[:deleted], *LINES[deleted + 1 :]])

    assert refused_as(lines) == ("CHAIN_BROKEN", f"ledger record {deleted}: it does not follow {digest(LINES[deleted - 1])[:12]}")


def test_a_deleted_genesis_with_the_rest_renumbered_is_no_ledger() -> None:
    assert refused_as(renumbered(LINES[1:])) == ("LEDGER_MISMATCH", "ledger record 0: it is of another ledger")


@pytest.mark.parametrize(("first", "second"), [*combinations(range(6), 2)])
def test_two_lines_swapped_are_found_by_their_number(first: int, second: int) -> None:
    lines = LINES.copy()
    lines[first], lines[second] = lines[second], lines[first]

    assert refused_as(lines) == ("SEQ", f"ledger record {first}: it is numbered {second}")


@pytest.mark.parametrize(("first", "second"), [*combinations(range(1, 6), 2)])
def test_two_lines_swapped_and_renumbered_break_the_chain(first: int, second: int) -> None:
    lines = LINES.copy()
    lines[first], lines[second] = lines[second], lines[first]

    assert refused_as(renumbered(lines)) == ("CHAIN_BROKEN", f"ledger record {first}: it does not follow {digest(LINES[first - 1])[:12]}")


@pytest.mark.parametrize("place", range(1, 7))
@pytest.mark.parametrize("copied", range(6))
def test_a_line_put_in_again_is_found_by_its_number(copied: int, place: int) -> None:
    lines = [*LINES[:place], LINES[copied], *LINES[place:]]
    # A line before itself is in its place; then the one behind it is not.
    number = place + (copied == place)

    assert refused_as(lines) == ("SEQ", f"ledger record {number}: it is numbered {copied}")


def test_the_last_lines_cut_off_leave_a_ledger_in_which_nothing_shows_it() -> None:
    # Said in `govern verify`: that takes a head remembered elsewhere.
    for size in range(1, 6):
        assert len(list(read_records(LINES[:size], Chain()))) == size


def test_a_statement_recorded_twice_counts_once() -> None:
    ledger = notes(3)
    grant = ledger.statement("grant", {"grant": "LEAVE", "scope": "live"})
    ledger.take(ledger.line(grant))
    ledger.add("note", {"text": "in between"})

    assert refused_as([*ledger.lines, ledger.line(grant)]) == ("STATEMENT_REPLAY", "ledger record 5: its statement is that of record 3")


def test_a_statement_recorded_twice_is_found_also_when_reading_goes_on_later() -> None:
    ledger = notes(3)
    grant = ledger.statement("grant", {"grant": "LEAVE", "scope": "live"})
    ledger.take(ledger.line(grant))

    with pytest.raises(
        GovernError, match=r"^governance/ledger/000000\.jsonl:5:1: ledger record 4: its statement is that of record 3; a statement counts once$"
    ):
        ledger.take(ledger.line(grant))


def test_a_line_of_another_ledger_is_refused() -> None:
    other = Ledger(nonce="c" * 64)
    other.add("note", {"text": "elsewhere"})

    assert refused_as([LINES[0], other.lines[1]]) == ("LEDGER_MISMATCH", "ledger record 1: it is of another ledger")


def test_a_statement_of_another_ledger_is_refused_in_a_line_of_this_one() -> None:
    other, here = Ledger(nonce="c" * 64), Ledger()
    grant = other.statement("grant", {"grant": "LEAVE", "scope": "live"})._replace(basis=here.basis())

    assert refused_as([*here.lines, here.line(grant)]) == (
        "LEDGER_MISMATCH",
        f"ledger record 1: its statement is of ledger {str(other.chain.ledger)[:12]}, this is {str(here.chain.ledger)[:12]}",
    )


def test_a_first_record_that_names_a_ledger_is_refused() -> None:
    line = restated(LINES[0], statement_text(kind="genesis", body=json.loads(json.loads(LINES[0])["stmt"])["predicate"]["body"], ledger=HEX))
    value = json.loads(line)
    line = forged(line, ledger=value["stmt_sha256"], prev=value["stmt_sha256"])

    assert refused_as([line]) == ("LEDGER_MISMATCH", f"ledger record 0: its statement is of ledger {HEX[:12]}, this is the first record of a new one")


def test_a_later_record_that_names_no_ledger_is_refused() -> None:
    ledger = Ledger()
    line = ledger.line(ledger.statement("note", {"text": "of none"})._replace(ledger=None))

    assert refused_as([*ledger.lines, line]) == ("SCHEMA_UNKNOWN", "ledger record 1: only the first record may name no ledger")


@pytest.mark.parametrize(("earlier", "time"), [(1, "2026-05-28T20:27:39Z"), (60, "2026-05-28T20:26:40Z"), (365 * 86_400, "2025-05-28T20:27:40Z")])
def test_a_record_that_is_earlier_than_the_one_before_it_is_refused(earlier: int, time: str) -> None:
    ledger = notes(2)
    line = ledger.line(ledger.statement("note", {"text": "backdated"}), at=START + 60 - earlier)

    assert refused_as([*ledger.lines, line]) == ("TIME_ORDER", f"ledger record 2: its time {time} is before that of the record before it")


@pytest.mark.parametrize("marker", ["<<<<<<< HEAD", "=======", ">>>>>>> other", "||||||| base"])
@pytest.mark.parametrize("place", [0, 3, 6])
def test_a_conflict_marker_of_a_merge_is_refused(marker: str, place: int) -> None:
    lines = [*LINES[:place], marker.encode(), *LINES[place:]]

    assert refused_as(lines) == ("TAMPER", f"ledger record {place}: a conflict marker of a merge")


def test_both_sides_of_a_merge_are_refused_at_the_marker() -> None:
    ours, theirs = notes(3), notes(3)
    ours.add("note", {"text": "ours"})
    theirs.add("note", {"text": "theirs"})
    merged = [*LINES[:3], b"<<<<<<< ours", ours.lines[3], b"=======", theirs.lines[3], b">>>>>>> theirs"]

    assert refused_as(merged)[0] == "TAMPER"


def test_converted_line_ends_are_told_from_a_changed_line() -> None:
    converted = content(LINES).replace(b"\n", b"\r\n").split(b"\n")[:-1]

    problem = refusal(converted)

    assert (problem.code, problem.message) == ("TAMPER", "ledger record 0: it ends in CR LF; without the CR it may match, and is not accepted")
    assert problem.help == "set `-text` for the ledger in .gitattributes and check it out again"


def test_a_revocation_cut_to_half_a_line_is_a_torn_tail_and_with_a_line_end_tampering() -> None:
    ledger = notes(3)
    ledger.add("grant", {"grant": "LEAVE", "scope": "live"})
    ledger.add("revoke", {"record": 3, "reason": "moved"})
    half = ledger.lines[4][:400]

    *complete, torn = (content(ledger.lines[:4]) + half).split(b"\n")

    assert torn == half
    assert len(list(read_records(complete, Chain()))) == 4
    assert refused_as([*complete, half])[0] == "JSON_NOT_CANONICAL"
