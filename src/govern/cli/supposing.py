"""Supposing: acts are judged as always and taken as recorded, in memory alone. Nothing is written, signed or read besides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

import typer

from govern.cli.asof import Moment
from govern.cli.deciding import judged
from govern.cli.recording import Proposal, RefusedError
from govern.cli.session import Session
from govern.engine.acts import Act
from govern.engine.apply import apply
from govern.engine.replay import Replay
from govern.engine.view import View
from govern.ledger.keeping import Contents
from govern.ledger.lines import encode_line, read_records
from govern.ledger.statements import Basis, Statement
from govern.problems import Exit


@dataclass(frozen=True, slots=True)
class Supposed:
    """An act that is taken as recorded, and the command line that would record it."""

    act: Act
    words: str


def suppose(session: Session, propose_all: Callable[[Replay, View], Sequence[Proposal]]) -> NoReturn:
    """Judge what would be recorded, each act as if those before it were on record, and keep it for the question.

    Raises:
        RefusedError: the first act that would be refused, for any reason but its signature.
        typer.Exit: all of it would be recorded.
    """
    replay, moment = session.replay, session.moment
    assert moment is not None, "a replay is of a moment"
    for proposal in propose_all(replay, session.view):
        view = session.view_of(replay, moment)
        refusals = judged(session, proposal.act, view)
        if refusals:
            raise RefusedError(proposal.what, refusals, view.policy)
        supposed = Supposed(proposal.act, " ".join(session.options.asked))
        session.options.supposed.append(supposed)
        take_supposed(replay, Contents([]), moment, [supposed])
    raise typer.Exit(Exit.YES)


def take_supposed(replay: Replay, contents: Contents, moment: Moment, supposed: Sequence[Supposed]) -> Contents:
    """Move a replay behind acts that are taken as recorded; return the lines up to there."""
    lines = list(contents.lines[: replay.chain.size])
    for each in supposed:
        now = max(moment.now, replay.state.at)
        basis = Basis(replay.chain.size, replay.chain.last)
        statement = Statement(replay.chain.ledger, each.act.kind, each.act.actor, each.act.body, basis, replay.state.policy_digest)
        line = encode_line(replay.chain, statement, now)[:-1]
        [record] = read_records([line], replay.chain)
        apply(each.act, record, replay.view(now))
        lines.append(line)
    return Contents(lines)
