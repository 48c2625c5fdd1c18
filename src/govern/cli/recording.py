"""Recording: the one path by which anything is added to the ledger.

Lock, read, replay without any cache, judge at the head, write, sync, acknowledge. On a refusal nothing is written and
all causes are told.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from govern.cli.facts import requirement_json, requirement_lines
from govern.cli.session import Session
from govern.engine.acts import Act
from govern.engine.causes import Cause, Requirement
from govern.engine.replay import Replay
from govern.engine.view import View
from govern.ledger.lines import encode_line
from govern.ledger.moments import spell_time
from govern.ledger.statements import Basis, Statement
from govern.policy.model import Policy
from govern.problems import Exit, GovernError, Problem, fault

_CODES = {Cause.SEPARATION: "SOD", Cause.QUORUM: "THRESHOLD", Cause.CONSUMED: "GRANT_CONSUMED", Cause.UNSIGNED: "SIG_MISSING"}


class RefusedError(GovernError):
    """An act that may not be recorded, with every requirement that it fails."""

    def __init__(self, what: str, requirements: Sequence[Requirement], policy: Policy) -> None:
        self.what = what
        self.policy = policy
        self.requirements = tuple(requirements)
        super().__init__(Exit.REFUSED, [_problem(each) for each in requirements])

    def text(self) -> str:
        """Return every cause as lines: what, why, who, where, and the command that clears it."""
        return requirement_lines(self.requirements, self.policy)

    def as_json(self) -> dict[str, Any]:
        """Return what was refused, with all causes."""
        return {"refused": self.what, "requirements": [requirement_json(each) for each in self.requirements]}


@dataclass(frozen=True, slots=True)
class Proposal:
    """An act to be recorded: what it is called when it is refused, what its statement is about, the head it was made on."""

    act: Act
    what: str
    subjects: tuple[tuple[str, str], ...] = ()
    basis: Basis | None = None
    files: tuple[tuple[str, bytes], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was added: the records' numbers, and the state after them."""

    seqs: tuple[int, ...]
    replay: Replay


def record(session: Session, propose_all: Callable[[Replay, View], Sequence[Proposal]], *, dirty_allowed: bool = False) -> Recorded:
    """Record what `propose_all` proposes at the head, all of it or nothing.

    Raises:
        RefusedError: an act is not allowed (status 4).
        GovernError: the ledger is torn, or the working policy is not the adopted one.
    """
    from govern.engine.machine import propose

    if session.options.as_of is not None:
        raise fault(Exit.USAGE, "AS_OF", "the past cannot be written to", help="leave out --as-of")
    with session.project.store.exclusive() as store:
        contents = store.read()
        if contents.torn:
            message = f"{len(contents.torn)} bytes of a record that was never acknowledged follow the last line"
            raise fault(Exit.BROKEN, "TORN_TAIL", message, help="keep a copy of the last segment, cut the file after its last LF, and run `govern verify`")
        replay = session.project.replay(contents, fresh=True)
        _refuse_dirty(session, replay, dirty_allowed=dirty_allowed)
        now = _clock(session, replay)
        head = replay.chain.size
        lines: list[bytes] = []
        proposals = propose_all(replay, replay.view(now, session.project.evidence_facts(replay.state)))
        for proposal in proposals:
            view = replay.view(now, session.project.evidence_facts(replay.state))
            refusals = propose(proposal.act, view)
            if refusals:
                raise RefusedError(proposal.what, refusals, view.policy)
            lines.append(_line(proposal, replay, now))
            replay.take_all([lines[-1][:-1]])
        for proposal in proposals:
            session.project.keep_files(proposal.files)
        store.append(head, lines)
    return Recorded(tuple(range(head, head + len(lines))), replay)


def _line(proposal: Proposal, replay: Replay, now: int) -> bytes:
    basis = proposal.basis or Basis(replay.chain.size, replay.chain.last)
    act = proposal.act
    statement = Statement(replay.chain.ledger, act.kind, act.actor, act.body, basis, replay.state.policy_digest, proposal.subjects)
    return encode_line(replay.chain, statement, now)


def _refuse_dirty(session: Session, replay: Replay, *, dirty_allowed: bool) -> None:
    dirty = [] if dirty_allowed else session.project.dirty(replay.state)
    if dirty:
        raise GovernError(Exit.REFUSED, [Problem(each.code, each.message, help=each.help) for each in dirty])


def _clock(session: Session, replay: Replay) -> int:
    if session.now < replay.state.at:
        last = spell_time(replay.state.at)
        raise fault(
            Exit.REFUSED,
            "TIME_ORDER",
            f"the clock says {spell_time(session.now)}, and the last record is of {last}",
            help="set the clock right; a record is never earlier than the one before",
        )
    return session.now


def _problem(requirement: Requirement) -> Problem:
    cause = requirement.cause or Cause.UNKNOWN
    code = _CODES.get(cause, cause.value.upper().replace("-", "_"))
    place = requirement.at if requirement.at.line else None
    by = f"by {' or '.join(requirement.by)}: " if requirement.by and requirement.how else ""
    return Problem(code, f"{requirement.id}: {requirement.why}", place, help=f"{by}{requirement.how}")
