"""Programmes and ledgers of a chosen size, for the benchmarks. The same size gives the same bytes."""

from collections.abc import Iterator
from dataclasses import dataclass

from govern.canonical import digest, text_digest
from govern.ledger.lines import Chain, Record, encode_line
from govern.ledger.statements import Basis, Statement

OPTIONS_A_PACKET = 10
START = 1_780_000_000


@dataclass(frozen=True, slots=True)
class Size:
    """How much a generated programme declares."""

    blockers: int = 1_000
    grants: int = 1_000
    options: int = 200


_HEAD = """\
govern: 1
programme: {id: BENCH, version: 1, title: A programme of a chosen size}
policy: {adopted_by: owner, signature_waiver: The benchmark signs on its own account.}
actors:
  owner: {kind: person}
  operator: {kind: person}
  engineering: {kind: agent}
preparation: {by: engineering}
scopes:
  change: {says: Everything that is changed., protected: true}
lifecycles: {use: standard-1}
blocker_states:
  - {state: closed, when: {legs: all}, closes: true}
  - {state: partially-discharged, when: {legs: any}}
  - {state: open}
lanes:
  main: {scope: change, opened_by: owner}
"""


def programme(size: Size) -> str:
    """Return the `states.yaml` of a programme: each blocker has a leg of evidence and one of a grant."""
    return _HEAD + "".join([*_grants(size), *_blockers(size), *_packets(size)])


def _grants(size: Size) -> Iterator[str]:
    yield "grants:\n"
    for number in range(size.grants):
        yield f"  G{number}: {{scope: change, issuer: owner}}\n"


def _blockers(size: Size) -> Iterator[str]:
    yield "blockers:\n"
    for number in range(size.blockers):
        yield f"  B{number}:\n    legs:\n"
        yield f"      rehearsed: {{by: engineering, evidence: {{rehearsal: data-{number}}}}}\n"
        yield f"      granted: {{by: owner, requires: {{honoured: G{number % size.grants}}}}}\n"


def _packets(size: Size) -> Iterator[str]:
    """Yield packets of ten options, the first of each its HOLD; the others share the blockers among them."""
    yield "packets:\n"
    guarded = [number for number in range(size.options) if number % OPTIONS_A_PACKET]
    for number in range(size.options):
        packet, place = divmod(number, OPTIONS_A_PACKET)
        if place == 0:
            yield f"  packet-{packet}:\n    lane: main\n    decided_by: owner\n    lineage_gap: It is generated and consumes nothing.\n    options:\n"
            yield f'      - {{number: "1", id: HOLD_{packet}, hold: true, says: Nothing is done.}}\n'
            continue
        blockers = range(guarded.index(number), size.blockers, len(guarded))
        legs = ", ".join(f"{{leg: B{each}/rehearsed}}, {{leg: B{each}/granted}}" for each in blockers)
        yield f'      - {{number: "{place + 1}", id: OPTION_{number}, scope: change, says: It is done., requires: {{all: [{legs}]}}}}\n'


def ledger(text: str, size: Size, records: int) -> list[bytes]:
    """Return the lines (without LF) of a ledger of a generated programme: notes, grants, requests, discharges, revocations."""
    chain, lines = Chain(), []
    policy = digest(text.encode())
    for seq in range(records):
        kind, actor, body = _act(seq, size)
        statement = Statement(chain.ledger, kind, actor, body, Basis(chain.size, chain.last), policy)
        at = START + 60 * seq
        line = encode_line(chain, statement, at)[:-1]
        chain.take(Record(seq, line[7:27].decode(), at, statement, text_digest(statement.text())), bytes.fromhex(digest(line)))
        lines.append(line)
    return lines


def _act(seq: int, size: Size) -> tuple[str, str, dict[str, object]]:
    """Return the act of a record. Ten records make a round: a proof, a grant asked for, given and taken back, and six notes."""
    if seq == 0:
        return "genesis", "owner", {"programme": "BENCH", "version": 1, "templates": {}, "nonce": "0" * 64}
    turn, place = divmod(seq, 10)
    grant, blocker = f"G{turn % size.grants}", (turn * 7 + place) % size.blockers
    match place:
        case 2:
            file = {"path": f"governance/evidence/run-{seq}.json", "sha256": text_digest(str(seq))}
            says = f"The copy was made, changed and rolled back {seq % 7 + 1} times; the fingerprints before and after are equal."
            return (
                "discharge",
                "engineering",
                {"leg": f"B{blocker}/rehearsed", "evidence": {"kind": "rehearsal", "of": f"data-{blocker}", "says": says, **file}},
            )
        case 4:
            reason = f"Stage {turn} starts on Monday, and its plan names this grant as the first that is missing."
            return "request", "operator", {"grant": grant, "reason": reason}
        case 6:
            reason = "The plan was read, the rehearsal is proven, and the window is one in which nobody else works on the system."
            return "grant", "owner", {"grant": grant, "scope": "change", "instance": seq - 2, "expires": "2031-01-01T00:00:00Z", "reason": reason}
        case 8:
            return "revoke", "owner", {"record": seq - 4, "reason": "The window was moved by the operator; a new grant follows once the new one is known."}
        case _:
            text = (
                f"Rehearsal {turn} of the copy took {seq % 97} minutes on the isolated host. Nothing differed from the plan but the size of "
                f"table {seq % 13}, which had grown since the last count; the second count is filed with the evidence of this stage."
            )
            return "note", "engineering", {"text": text}
