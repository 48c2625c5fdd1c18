"""Records in one line: figures by their names, ranges as ranges, other records by their numbers, and no claim that is only named."""

from typing import Any

import pytest

from govern.documents.record_words import spell_record
from govern.ledger.lines import Record
from govern.ledger.statements import Basis, Statement

NONCE = "1" * 64
EVIDENCE = {"kind": "attest", "of": "trial", "says": "It works."}


@pytest.mark.parametrize(
    ("kind", "body", "told"),
    [
        (
            "register",
            {"body_max": 4, "ceiling": 6, "folded_through": 4, "json": 1, "markdown": 2, "index": 3, "reserved": [[7, 9], [10, 10]]},
            "body maximum 4, ceiling 6, folded through 4, JSON revision 1, Markdown revision 2, index revision 3, 7..9 reserved, 10 reserved",
        ),
        ("reserve", {"first": 7, "last": 9, "nonce": NONCE, "for": "tests"}, "7..9 for tests"),
        ("fold", {"reservation": 5, "first": 7, "last": 7}, "7 reservation #5"),
        ("decide", {"packet": "move", "option": "GO", "supersedes": 4, "delegation": 2}, "move GO supersedes #4 delegation #2"),
        ("grant", {"grant": "LEAVE", "scope": "live", "instance": 8}, "grant LEAVE scope live instance #8"),
        ("begin", {"action": "cut", "grant": 8}, "action cut grant #8"),
        ("end", {"begin": 9, "status": 0}, "begin #9 status 0"),
        ("discharge", {"leg": "B/tried", "evidence": EVIDENCE}, "B/tried attestation of trial: It works."),
        ("quote", {"about": "it", "text": "None leaked", "without": ["IT_PASSED", "IT_RAN"]}, "about it None leaked; none of IT_PASSED, IT_RAN is claimed"),
    ],
)
def test_what_a_record_says_is_told_in_words(kind: str, body: dict[str, Any], told: str) -> None:
    statement = Statement(None, kind, "ann", body, Basis(0, ""), "")
    assert spell_record(Record(9, "2026-01-01T00:00:00Z", 0, statement, "")) == told
