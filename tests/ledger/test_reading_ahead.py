from hashlib import sha256

import pytest

from govern.ledger.lines import Chain, Record, Verifier, encode_line, read_records
from govern.ledger.moments import spell_time
from govern.ledger.sshsig import SignatureError, Signer
from govern.ledger.statements import Basis, Statement
from govern.problems import GovernError
from support.bodies import HEX
from support.ledgers import START, Ledger

LENGTH = 100
SIGNED = range(3, LENGTH, 3)


def signer_of(seq: int) -> Signer:
    return Signer(f"SHA256:{seq}", hardware=False, verified=False)


def verifier(*bad: int) -> Verifier:
    """Return what takes `of N` for a signature of note N, but not the bad ones."""

    def verify(armor: str, message: bytes, namespace: str) -> Signer:
        seq = int(armor.removeprefix("of "))
        assert f'"note {seq}"'.encode() in message
        assert namespace == "govern-note"
        if seq in bad:
            raise SignatureError("SIG_INVALID", "it does not fit")
        return signer_of(seq)

    return verify


def make() -> list[bytes]:
    """Return a ledger of which every third note is signed."""
    lines, chain = Ledger().lines, Chain(verify=verifier())
    list(read_records(lines, chain))
    for seq in range(1, LENGTH):
        lines.append(line(chain, seq, START + seq))
        list(read_records(lines[-1:], chain))
    return lines


def line(chain: Chain, seq: int, at: int) -> bytes:
    statement = Statement(chain.ledger, "note", "owner", {"text": f"note {seq}"}, Basis(chain.size, chain.last), HEX)
    return encode_line(chain, statement, at, f"of {seq}" if seq in SIGNED else None)[:-1]


LINES = make()


def read_until_refused(lines: list[bytes], chain: Chain) -> tuple[list[Record], str]:
    """Return the records that were yielded before the refusal, and what it says."""
    records: list[Record] = []
    with pytest.raises(GovernError) as caught:
        # What was appended stays there, also where an error follows.
        records += read_records(lines, chain)
    return records, caught.value.problems[0].message


def at(chain: Chain) -> tuple[int, str, str, str | None, int, int]:
    return chain.size, chain.last, chain.at, chain.ledger, len(chain.digests), len(chain.statements)


def behind(size: int) -> tuple[int, str, str, str | None, int, int]:
    """Return where the chain stands behind so many lines."""
    chain = Chain(verify=verifier())
    list(read_records(LINES[:size], chain))
    return at(chain)


def test_each_record_has_the_signer_of_its_own_line() -> None:
    signers = [record.signer for record in read_records(LINES, Chain(verify=verifier()))]

    assert signers == [signer_of(seq) if seq in SIGNED else None for seq in range(LENGTH)]


@pytest.mark.parametrize("bad", SIGNED)
def test_a_signature_is_refused_behind_all_records_before_it_and_the_chain_stands_behind_those(bad: int) -> None:
    chain = Chain(verify=verifier(bad, LENGTH - 1))

    records, message = read_until_refused(LINES, chain)

    assert message == f"ledger record {bad}: its signature is not accepted: it does not fit"
    assert [record.seq for record in records] == list(range(bad))
    assert at(chain) == behind(bad)
    chain.verify = verifier()
    assert [record.seq for record in read_records(LINES[bad:], chain)] == list(range(bad, LENGTH))


@pytest.mark.parametrize("broken", [1, 4, 31, 32, 33, 34, 64, 65, 99])
def test_of_two_lines_that_are_wrong_the_first_is_told(broken: int) -> None:
    lines = [*LINES[:broken], b"junk", *LINES[broken + 1 :]]
    before = (broken - 1) // 3 * 3

    chain = Chain(verify=verifier(*SIGNED))
    _records, message = read_until_refused(lines, chain)
    expected = f"ledger record {SIGNED[0]}: its signature" if broken > SIGNED[0] else f"ledger record {broken}: not in its one spelling"
    assert message.startswith(expected)

    chain = Chain(verify=verifier(*(seq for seq in SIGNED if seq > before)))
    records, message = read_until_refused(lines, chain)
    assert message.startswith(f"ledger record {broken}: not in its one spelling")
    assert [record.seq for record in records] == list(range(broken))
    assert at(chain) == behind(broken)


@pytest.mark.parametrize("first", [0, 1, 3, 31, 32, 33, 63, 64, 98])
def test_what_is_wrong_behind_the_record_that_stops_the_reading_is_not_asked(first: int) -> None:
    lines = [*LINES[: first + 1], b"junk"]
    chain = Chain(verify=verifier(*(seq for seq in SIGNED if seq > first)))

    records = list(read_records(lines, chain, lambda record: record.seq == first))

    assert [record.seq for record in records] == list(range(first))
    assert at(chain) == behind(first)


def test_of_a_line_with_two_faults_the_signature_is_told() -> None:
    chain = Chain(verify=verifier())
    list(read_records(LINES[:3], chain))
    early = line(chain, 3, START)

    assert read_until_refused([early], chain)[1] == f"ledger record 3: its time {spell_time(START)} is before that of the record before it"
    chain.verify = verifier(3)
    assert read_until_refused([early], chain)[1] == "ledger record 3: its signature is not accepted: it does not fit"


def test_the_digests_are_those_of_the_lines() -> None:
    chain = Chain(verify=verifier())
    list(read_records(LINES, chain))

    assert bytes(chain.digests) == b"".join(sha256(each).digest() for each in LINES)
