"""The records of a trace told again one by one, some left out: what the evaluator makes of them, without any engine of proof."""

from collections.abc import Mapping, Sequence
from typing import Any

from govern.canonical import digest
from govern.engine.acts import Act
from govern.engine.machine import propose
from govern.engine.replay import Replay
from govern.ledger.lines import Chain, Record, encode_line, read_records
from govern.ledger.statements import Basis, Statement
from govern.policy import find
from govern.policy.load import load_policy
from govern.policy.model import Policy
from govern.proof.tracing import Trace

_SEQS = ("instance", "record", "begin", "grant", "supersedes", "delegation")


def takes_effect(policy: Policy, source: bytes, trace: Trace, without: int | None = None) -> bool:
    """Whether the evaluator allows the records of a trace, one left out, and the last of them still brings about what it is for."""
    records = list(read_records([line[:-1] for line in trace.lines], Chain()))
    policies = {digest(source): policy} | {digest(text): load_policy(text) for name, text in trace.files.items() if name.endswith(".yaml")}
    replay = Replay(policies.__getitem__)
    now_at: dict[int, int] = {}
    for record in records:
        if record.seq != without and not _told(record, policies, source, replay, now_at):
            return False
    return _there(records[-1], policy, replay, now_at[records[-1].seq])


def _told(record: Record, policies: Mapping[str, Policy], source: bytes, replay: Replay, now_at: dict[int, int]) -> bool:
    said = record.statement
    body = _moved(said.body, now_at)
    if body is None:
        return False
    act = Act(said.kind, said.actor, body, said.imported, None, policies.get(str(body.get("policy", ""))))
    if record.seq and propose(act, replay.view(record.seconds)):
        return False
    chain, in_force = replay.chain, replay.state.policy_digest or digest(source)
    actor = said.actor if record.seq else find.everyone(policies[digest(source)], policies[digest(source)].policy.adopted_by)[0]
    statement = Statement(chain.ledger, said.kind, actor, body, Basis(chain.size, chain.last), in_force, imported=said.imported)
    now_at[record.seq] = chain.size
    replay.take_all([encode_line(chain, statement, record.seconds)[:-1]])
    return True


def _moved(body: Mapping[str, Any], now_at: Mapping[int, int]) -> Mapping[str, Any] | None:
    """Return a body whose records are named by the numbers that they have now; nothing where one of them was left out."""
    named: Sequence[str] = [key for key in _SEQS if isinstance(body.get(key), int)]
    if any(body[key] not in now_at for key in named):
        return None
    return {**body, **{key: now_at[body[key]] for key in named}}


def _there(last: Record, policy: Policy, replay: Replay, seq: int) -> bool:
    body, state = last.statement.body, replay.state
    view = replay.view(last.seconds)
    match last.statement.kind:
        case "decide":
            standing = view.packet(body["packet"])
            return standing.selected == body["option"] and standing.decision == seq
        case "grant":
            instances = state.grants.get(body["grant"], [])
            return any(policy.lifecycles.grant.states[instance.state].counts for instance in instances)
        case _:
            return True
