"""A ledger of its own for a copy of a programme: the history that documents report, on another genesis.

A copy with the same ledger id would be a second history of one ledger, which is what a fork is.
"""

from govern.cli.project import Project
from govern.cli.start import start_ledger
from govern.engine.replay import Replay
from govern.ledger.keeping import change
from govern.ledger.lines import Chain, Record, encode_line, read_records
from govern.ledger.statements import Basis


def refound(project: Project, replay: Replay, lines: list[bytes], now: int, nonce: str) -> None:
    """Begin the ledger of a copy anew: with the imported history of the lines, or with none where a later policy is in force."""
    if replay.state.policy_seq:
        start_ledger(project, now, nonce)
        return
    records = read_records(lines, Chain(known=len(lines)))
    genesis = next(records)
    start_ledger(project, genesis.seconds, nonce)
    chain = Chain()
    for _ in read_records(project.store.read().lines, chain):
        pass
    added: list[bytes] = []
    for record in records:
        if record.statement.imported is None:
            break
        added.append(_again(record, chain))
    change(project.store, lambda store: store.append(1, added))


def _again(record: Record, chain: Chain) -> bytes:
    statement = record.statement._replace(ledger=chain.ledger, basis=Basis(chain.size, chain.last))
    line = encode_line(chain, statement, record.seconds)
    for _ in read_records([line[:-1]], chain):
        pass
    return line
