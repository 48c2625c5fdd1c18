"""Valid chains of lines, and what an attacker who knows the format would make of them."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from govern.canonical import digest, text_digest
from govern.ledger.lines import Chain, Record, encode_line, read_records
from govern.ledger.statements import Basis, Imported, Statement
from govern.problems import Exit, GovernError, Problem

POLICY = "a" * 64
START = 1_780_000_000  # 2026-05-28T20:26:40Z
GENESIS: Mapping[str, Any] = {"programme": "TEST", "version": 1, "templates": {}, "nonce": "b" * 64}


class Ledger:
    """A chain with the lines (without LF) that are on it. A record is made on the head, a minute after the one before."""

    def __init__(self, *, nonce: str = "b" * 64) -> None:
        self.chain = Chain()
        self.lines: list[bytes] = []
        self.add("genesis", {**GENESIS, "nonce": nonce})

    def add(self, kind: str, body: Mapping[str, Any], *, at: int | None = None, basis: Basis | None = None, imported: Imported | None = None) -> Record:
        """Put a statement on the chain; return its record, as it was read back."""
        return self.take(self.line(self.statement(kind, body, basis=basis, imported=imported), at=at))

    def statement(self, kind: str, body: Mapping[str, Any], *, basis: Basis | None = None, imported: Imported | None = None) -> Statement:
        """Return a statement of this ledger."""
        return Statement(self.chain.ledger, kind, "owner", body, basis or self.basis(), POLICY, imported=imported)

    def line(self, statement: Statement, *, at: int | None = None) -> bytes:
        """Return the line of a statement behind the chain, which does not move."""
        return encode_line(self.chain, statement, START + 60 * self.chain.size if at is None else at).removesuffix(b"\n")

    def take(self, line: bytes) -> Record:
        """Put a line on the chain."""
        [record] = read_records([line], self.chain)
        self.lines.append(line)
        return record

    def basis(self) -> Basis:
        """Return the head."""
        return Basis(self.chain.size, self.chain.last)


def statement_text(**predicate: Any) -> str:
    """Return the text of a statement that is right but for what is given of its predicate, spelled without our encoder."""
    right = {"actor": "owner", "basis": {"last": "", "size": 0}, "body": {"text": "a note"}, "kind": "note", "ledger": None}
    return spelled(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "predicate": {**right, **predicate},
            "predicateType": "urn:govern:record:1",
            "subject": [{"digest": {"sha256": POLICY}, "name": "states.yaml"}],
        }
    ).decode()


def notes(count: int) -> Ledger:
    """Return a ledger of so many records: a genesis, then notes."""
    ledger = Ledger()
    for number in range(1, count):
        ledger.add("note", {"text": f"note {number}"})
    return ledger


def content(lines: Iterable[bytes]) -> bytes:
    """Return the bytes of a file that holds these lines."""
    return b"".join(line + b"\n" for line in lines)


def forged(line: bytes, **fields: Any) -> bytes:
    """Return a line with fields changed and its check made right again."""
    return respelled({**json.loads(line), **fields})


def restated(line: bytes, stmt: str, **fields: Any) -> bytes:
    """Return a line with another text as its statement, and everything made right that the line alone can show."""
    return forged(line, **{"stmt": stmt, "stmt_sha256": text_digest(stmt), **fields})


def respelled(value: Mapping[str, Any]) -> bytes:
    """Return the one spelling of the fields of a line, with the check that they call for."""
    rest = {key: field for key, field in value.items() if key != "check"}
    return spelled({**rest, "check": text_digest(spelled(rest).decode())})


def spelled(value: Any) -> bytes:
    """Return the one spelling of a value."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def rechained(lines: Iterable[bytes]) -> list[bytes]:
    """Return lines, each made to follow the one before it, as one would who hides a change in an old line."""
    done: list[bytes] = []
    for seq, line in enumerate(lines):
        done.append(forged(line, seq=seq, prev=digest(done[-1])) if done else line)
    return done


def the_problem(act: Callable[[], object], status: Exit) -> Problem:
    """Return the one problem for which an act is refused with a status."""
    with pytest.raises(GovernError, match=r".") as caught:
        act()
    assert caught.value.status is status
    [problem] = caught.value.problems
    return problem


def refusal(lines: Iterable[bytes]) -> Problem:
    """Return the one problem for which a ledger of these lines is refused as broken."""
    problem = the_problem(lambda: list(read_records(lines, Chain())), Exit.BROKEN)
    assert "ledger record" in str(problem)
    return problem


def refused_as(lines: Iterable[bytes]) -> tuple[str, str]:
    """Return the code and the message of a refusal."""
    problem = refusal(lines)
    return problem.code, problem.message
