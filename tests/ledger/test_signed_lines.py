"""Lines that carry a signature: one, over the statement and for its kind, in its one spelling."""

import json

import pytest

from govern.ledger.lines import MAX_LINE, Chain, encode_line, namespace_of, read_records
from govern.ledger.sshsig import MAX_ARMOR, Signer
from govern.ledger.statements import Statement
from govern.problems import GovernError
from support.ledgers import START, Ledger, forged, refused_as, spelled
from support.signing import armor, pens, sign

PEN, OTHER = pens()[0], pens()[1]
LEDGER = Ledger()
STATEMENT = LEDGER.statement("note", {"text": "a note"})


def signed(statement: Statement = STATEMENT, namespace: str = "govern-note") -> str:
    """Return a signature over a statement."""
    return sign(PEN, statement.text().encode(), namespace).armor()


def line(armor_: str | None) -> bytes:
    """Return the line of the statement with a signature."""
    return encode_line(LEDGER.chain, STATEMENT, START, armor_).removesuffix(b"\n")


def problem(raw: bytes) -> tuple[str, str]:
    """Return code and message of the refusal of a line behind the genesis."""
    return refused_as([LEDGER.lines[0], raw])


LINE = line(signed())


def test_a_signed_line_names_whose_key_signed_it() -> None:
    [_genesis, record] = read_records([LEDGER.lines[0], LINE], Chain())

    assert record.signer is not None
    assert (record.signer.key[:7], record.signer.hardware, record.signer.verified) == ("SHA256:", False, False)
    assert record.statement == STATEMENT
    assert json.loads(LINE)["sigs"] == [signed()]


def test_a_signed_line_is_the_rfc_8785_text_of_its_fields() -> None:
    assert spelled(json.loads(LINE)) == LINE


def test_a_line_without_a_signature_names_nobody() -> None:
    assert [record.signer for record in read_records([LEDGER.lines[0], line(None)], Chain())] == [None, None]


def test_each_kind_is_signed_in_a_namespace_of_its_own() -> None:
    assert (namespace_of("note"), namespace_of("decide")) == ("govern-note", "govern-decide")
    assert problem(line(signed(namespace="govern-mark"))) == (
        "SIG_NAMESPACE",
        "ledger record 1: its signature is not accepted: signed for `govern-mark`, not for `govern-note`",
    )


def test_a_signature_of_another_statement_does_not_fit() -> None:
    code, message = problem(line(signed(LEDGER.statement("note", {"text": "another"}))))

    assert code == "SIG_INVALID"
    assert message.startswith("ledger record 1: its signature is not accepted: the signature does not fit the text that `SHA256:")


def test_a_signed_statement_cannot_be_put_behind_another_head() -> None:
    chain = Ledger(nonce="c" * 64)

    assert refused_as([chain.lines[0], forged(LINE, ledger=json.loads(LINE)["ledger"])])[0] == "LEDGER_MISMATCH"


@pytest.mark.parametrize("sigs", [["sig"], [""], [signed() + "\n"], [signed().replace("\n", " ")]])
def test_what_is_no_signature_is_refused_with_its_code(sigs: list[str]) -> None:
    code, message = problem(forged(LINE, sigs=sigs))

    assert code == "SIG_FORMAT"
    assert message.startswith("ledger record 1: its signature is not accepted: ")


@pytest.mark.parametrize("sigs", [[signed(), signed()], [1], [[signed()]], [{}], {"0": signed()}, signed(), ["\t"]])
def test_a_line_has_one_signature_and_it_is_a_text(sigs: object) -> None:
    assert problem(forged(LINE, sigs=sigs))[0] == "SCHEMA_UNKNOWN"


@pytest.mark.parametrize("spelling", ["\\u002d", "\\/"])
def test_a_signature_in_a_line_has_one_spelling(spelling: str) -> None:
    part = b"-----BEGIN SSH" if spelling == "\\u002d" else b"/"
    again = spelling.encode() + part[1:]

    assert part in LINE
    assert problem(LINE.replace(part, again, 1))[0] == "JSON_NOT_CANONICAL"


def test_a_signature_that_was_taken_away_or_put_there_shows() -> None:
    bare, sealed = json.loads(line(None)), json.loads(LINE)

    assert problem(spelled({**sealed, "sigs": []})) == ("CHAIN_BROKEN", "ledger record 1: it was changed after it was recorded")
    assert problem(spelled({**bare, "sigs": sealed["sigs"]})) == ("CHAIN_BROKEN", "ledger record 1: it was changed after it was recorded")


def test_a_signature_has_a_limit_of_its_own() -> None:
    assert problem(line(armor(b"x" * MAX_ARMOR)))[0] == "SIG_FORMAT"
    assert problem(line("x" * MAX_LINE))[0] == "JSON_LIMIT"


def test_of_lines_that_were_verified_before_only_whose_they_are_is_read() -> None:
    other = sign(OTHER, b"another text", "govern-note").armor()
    lines = [LEDGER.lines[0], line(other)]

    [_genesis, record] = read_records(lines, Chain(known=2))

    assert record.signer is not None
    assert problem(lines[1])[0] == "SIG_INVALID"
    with pytest.raises(GovernError, match="ledger record 1: its signature is not accepted: the signature does not fit"):
        list(read_records(lines, Chain(known=1)))


def test_who_verifies_is_asked_for_the_statement_and_the_namespace_of_its_kind() -> None:
    asked: list[tuple[str, bytes, str]] = []

    def verify(armor_: str, message: bytes, namespace: str) -> Signer:
        asked.append((armor_, message, namespace))
        return Signer("SHA256:somebody", hardware=True, verified=True)

    [_genesis, record] = read_records([LEDGER.lines[0], LINE], Chain(verify=verify))

    assert record.signer == Signer("SHA256:somebody", hardware=True, verified=True)
    assert asked == [(signed(), STATEMENT.text().encode(), "govern-note")]
