import json
from hashlib import sha256

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.ledger.lines import MAX_LINE, SEGMENT_LINES, Chain, Record, place_of, read_records
from govern.ledger.moments import spell_time
from govern.ledger.statements import BODIES, Basis, Imported, Statement
from govern.problems import Place
from support.bodies import HEX, bodies, body_of
from support.ledgers import GENESIS, START, Ledger, notes, refused_as, statement_text


def read(lines: list[bytes]) -> list[Record]:
    return list(read_records(lines, Chain()))


def test_what_is_read_is_what_was_written() -> None:
    ledger = Ledger()
    for kind in BODIES:
        ledger.add(kind, body_of(kind), imported=Imported("minutes.md", HEX))

    records = read(ledger.lines)

    assert [record.statement.kind for record in records] == ["genesis", *BODIES]
    assert [record.statement.body for record in records[1:]] == [body_of(kind) for kind in BODIES]
    assert [record.seq for record in records] == list(range(len(BODIES) + 1))
    assert [record.seconds for record in records] == [START + 60 * seq for seq in range(len(BODIES) + 1)]
    assert all(record.at == spell_time(record.seconds) for record in records)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.lists(st.sampled_from(sorted(BODIES)).flatmap(lambda kind: st.tuples(st.just(kind), bodies(kind))), max_size=3))
def test_any_statement_survives_its_line(said: list[tuple[str, dict[str, object]]]) -> None:
    ledger = Ledger()
    for kind, body in said:
        ledger.add(kind, body)

    assert [(record.statement.kind, record.statement.body) for record in read(ledger.lines)[1:]] == said


@pytest.mark.parametrize("text", ["plain", 'with "quotes"', "a \\ backslash", "a line\nend", "\x00\x1f\x7f", "é € 😀", "a\u2028b", 'ends in a \\"', '\\"\\'])
def test_every_text_has_one_spelling_in_a_line(text: str) -> None:
    ledger = Ledger()
    ledger.add("note", {"text": text})

    assert read(ledger.lines)[1].statement.body == {"text": text}
    assert json.loads(json.loads(ledger.lines[1])["stmt"])["predicate"]["body"] == {"text": text}


def test_a_line_is_the_rfc_8785_text_of_its_fields() -> None:
    for line in notes(3).lines:
        assert rfc8785.dumps(json.loads(line)) == line


def test_a_line_can_be_audited_without_this_program() -> None:
    lines = notes(3).lines
    ledger = json.loads(lines[0])["stmt_sha256"]
    for seq, line in enumerate(lines):
        value = json.loads(line)
        assert value["stmt_sha256"] == sha256(value["stmt"].encode()).hexdigest()
        assert value["check"] == sha256(line.replace(f'"check":"{value["check"]}",'.encode(), b"")).hexdigest()
        assert value["prev"] == (sha256(lines[seq - 1]).hexdigest() if seq else ledger)
        assert (value["ledger"], value["seq"], value["sigs"], value["v"]) == (ledger, seq, [], 1)


def test_the_ledger_is_named_by_the_digest_of_its_genesis() -> None:
    ledger = Ledger()

    assert ledger.chain.ledger == sha256(json.loads(ledger.lines[0])["stmt"].encode()).hexdigest()
    assert ledger.chain.ledger != Ledger(nonce="c" * 64).chain.ledger


def test_the_chain_stands_behind_the_last_line() -> None:
    ledger = notes(3)

    assert ledger.chain.size == 3
    assert ledger.chain.last == sha256(ledger.lines[-1]).hexdigest()
    assert ledger.chain.at == spell_time(START + 120)
    assert [ledger.chain.digest_at(size) for size in range(4)] == ["", *(sha256(line).hexdigest() for line in ledger.lines)]


def test_spelling_a_line_does_not_move_the_chain() -> None:
    ledger = notes(2)
    line = ledger.line(ledger.statement("note", {"text": "again"}))

    assert ledger.line(ledger.statement("note", {"text": "again"})) == line
    assert ledger.chain.size == 2


def test_reading_goes_on_where_it_ended() -> None:
    lines, chain = notes(5).lines, Chain()

    first = list(read_records(lines[:2], chain))
    rest = list(read_records(lines[2:], chain))

    assert [*first, *rest] == read(lines)


def test_reading_ends_before_the_record_that_stops_it() -> None:
    chain = Chain()

    records = list(read_records(notes(5).lines, chain, lambda record: record.seconds >= START + 120))

    assert [record.seq for record in records] == [0, 1]
    assert chain.size == 2


def test_nothing_is_read_from_nothing() -> None:
    assert read([]) == []


def test_a_statement_may_rest_on_any_head_before_it() -> None:
    ledger = notes(3)
    for size in range(3):
        ledger.add("note", {"text": "late"}, basis=Basis(size, ledger.chain.digest_at(size)))

    assert [record.statement.basis.size for record in read(ledger.lines)[3:]] == [0, 1, 2]


def test_a_record_may_be_of_the_same_second_as_the_one_before_it() -> None:
    ledger = Ledger()
    ledger.add("note", {"text": "at once"}, at=START)

    assert [record.seconds for record in read(ledger.lines)] == [START, START]


def genesis_of(length: int) -> list[bytes]:
    """Return a ledger of one line of so many bytes: its genesis adopts as many templates as it takes."""
    empty = len(Ledger().lines[0])
    each = len(f'\\"{"a" * 100}\\":\\"{HEX}\\",')
    count, rest = divmod(length - empty + 1, each)
    names = [f"{'a' * (96 - len(str(number)))}{number}.j2" + "-" for number in range(count)]
    names[0] += "b" * rest
    body = {**GENESIS, "templates": dict.fromkeys(names, HEX)}
    chain = Ledger()
    chain.chain = Chain()
    return [chain.line(Statement(None, "genesis", "owner", body, Basis(0, ""), "a" * 64))]


def test_a_line_holds_up_to_one_mebibyte() -> None:
    [line] = genesis_of(MAX_LINE)

    assert len(line) == 1024 * 1024
    assert len(read([line])) == 1


def test_a_longer_line_is_beyond_the_limit() -> None:
    [line] = genesis_of(MAX_LINE + 1)

    assert refused_as([line]) == ("JSON_LIMIT", "ledger record 0: a line of 1048577 bytes, at most 1048576")


@pytest.mark.parametrize(
    ("seq", "place"),
    [
        (0, Place("governance/ledger/000000.jsonl", 1, 1)),
        (SEGMENT_LINES - 1, Place("governance/ledger/000000.jsonl", 4096, 1)),
        (SEGMENT_LINES, Place("governance/ledger/000001.jsonl", 1, 1)),
    ],
)
def test_a_record_stands_in_its_segment(seq: int, place: Place) -> None:
    assert place_of(seq) == place


def test_the_statement_is_the_exact_text_in_the_line() -> None:
    ledger = Ledger()

    assert json.loads(ledger.lines[0])["stmt"] == statement_text(kind="genesis", body=json.loads(json.loads(ledger.lines[0])["stmt"])["predicate"]["body"])


def test_what_stood_in_the_line_before_is_not_taken_for_what_stands_in_this_one() -> None:
    ledger = Ledger()
    note = ledger.statement("note", {"text": "a note"})
    others = [
        note,
        note._replace(policy="c" * 64),
        note._replace(subjects=(("packet", HEX),)),
        note._replace(subjects=(("packet", HEX), ('a "name",\\"kind\\":\\"', HEX))),
        note._replace(imported=Imported("minutes.md", HEX)),
        note._replace(kind="mark", body={"name": "S0"}),
        note._replace(actor="operator"),
        note,
    ]
    said = []
    for statement in others:
        said.append(statement._replace(basis=ledger.basis()))
        ledger.take(ledger.line(said[-1]))

    assert [record.statement for record in read(ledger.lines)[1:]] == said
    assert [json.loads(line)["stmt"] for line in ledger.lines[1:]] == [statement.text() for statement in said]
