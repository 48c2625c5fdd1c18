"""Recording: the one path by which anything is added to the ledger.

Lock, read, replay without any cache, judge at the head, write, sync, acknowledge. On a refusal nothing is written and
all causes are told.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from govern.canonical import NotCanonicalError, encode
from govern.cli.facts import requirement_json, requirement_lines
from govern.cli.leaks import refuse_secrets, texts
from govern.cli.memory import check_head, ledger_of, pin_of, recall, remember, unpinned
from govern.cli.session import Session
from govern.engine.acts import Act
from govern.engine.authority import Standing
from govern.engine.causes import Requirement, problem_of
from govern.engine.replay import Replay
from govern.engine.view import View
from govern.ledger.keeping import Contents, SharedStore, change
from govern.ledger.lines import encode_line, place_of
from govern.ledger.moments import spell_time
from govern.ledger.statements import Basis, SchemaUnknownError, Statement, check_body
from govern.policy.model import Policy
from govern.problems import Exit, GovernError, Problem, fault


class RefusedError(GovernError):
    """An act that may not be recorded, with every requirement that it fails."""

    def __init__(self, what: str, requirements: Sequence[Requirement], policy: Policy) -> None:
        self.what = what
        self.policy = policy
        self.requirements = tuple(requirements)
        super().__init__(Exit.REFUSED, [problem_of(each) for each in requirements])

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
    files: tuple[tuple[str, bytes], ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no ledger would take, before anything is judged, confirmed or written."""
        try:
            check_body(self.act.kind, self.act.body)
            encode(dict(self.act.body))
        except (SchemaUnknownError, NotCanonicalError) as error:
            raise fault(Exit.USAGE, "USAGE", str(error), help="a text has 1 to 4000 characters; a name has letters, digits, `.`, `_` and `-`") from error
        refuse_secrets(self.what, "\n".join(texts(dict(self.act.body))))


@dataclass(frozen=True, slots=True)
class Signed:
    """A statement with its signature, made before the lock is taken: a passphrase and a touch take their time."""

    statement: Statement
    armor: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was added: the records' numbers, and the state after them."""

    seqs: tuple[int, ...]
    replay: Replay


def record(session: Session, propose_all: Callable[[Replay, View], Sequence[Proposal]], *, dirty_allowed: bool = False) -> Recorded:
    """Record what `propose_all` proposes at the head, all of it or nothing. What must be signed is signed first.

    Raises:
        RefusedError: an act is not allowed (status 4).
        GovernError: there is no ledger, it is torn, or the working policy is not the adopted one.
    """
    refuse_past(session)
    session.require_ledger()
    if session.options.supposing:
        from govern.cli.supposing import suppose

        suppose(session, propose_all)
    refuse_supposed(session)
    refuse_torn(session.contents)
    _refuse_dirty(session, session.replay, dirty_allowed=dirty_allowed)
    if not session.pinned:
        problem = unpinned(str(session.replay.chain.ledger))
        raise fault(Exit.REFUSED, problem.code, problem.message, help=problem.help)
    signed = _sign_ahead(session, propose_all(session.replay, session.view))

    def judge_and_append(store: SharedStore) -> tuple[Contents, Replay, list[bytes]]:
        # Recalled before it is read: others may record, and remember it, in between.
        memory = recall(ledger_of(session.contents.lines))
        known = _read(store)
        # Behind what was judged: the server may be another since, with a backup of less.
        check_head(memory, known.lines, store.SHORTER)
        replay = session.project.replay(known, fresh=True)
        if pin_of(ledger_of(known.lines), replay.state) != pin_of(ledger_of(known.lines), session.replay.state):
            raise fault(Exit.REFUSED, "STALE", "a first key was enrolled in the meantime; nothing was recorded", help="govern key list")
        _refuse_dirty(session, replay, dirty_allowed=dirty_allowed)
        now, head = _clock(session, replay), replay.chain.size
        proposals = propose_all(replay, _view(session, replay, now))
        lines = [_judged(session, proposal, replay, now, by) for proposal, by in zip(proposals, signed, strict=True)]
        session.project.keep_files(tuple(file for proposal in proposals for file in proposal.files))
        store.append(head, lines)
        return known, replay, lines

    known, replay, lines = change(session.project.store, judge_and_append)
    head = len(known.lines)
    session.standing = Standing.SIGNED if any(signed) else Standing.UNAUTHENTICATED
    session.judge_from(replay, [*known.lines, *(line[:-1] for line in lines)])
    remember(session.memory(known), session.contents.lines)
    return Recorded(tuple(range(head, head + len(lines))), replay)


def record_act(session: Session, kind: str, body: Mapping[str, Any], what: str, *, dirty_allowed: bool = False) -> Recorded:
    """Record one act that is the same at any head. Otherwise like `record`."""
    proposal = Proposal(session.act(kind, body), what)
    return record(session, lambda _replay, _view: [proposal], dirty_allowed=dirty_allowed)


def _sign_ahead(session: Session, proposals: Sequence[Proposal]) -> list[Signed | None]:
    """Return each statement signed, or None where nobody signs; with `govern request`, write it out and end.

    Raises:
        RefusedError: the first act that is not allowed; nobody is asked to sign it.
        GovernError: the key did not sign, or what was signed elsewhere is not what would be recorded now.
    """
    from govern.cli.deciding import judged_together
    from govern.cli.signing_ahead import sign_ahead

    judged_together(session, proposals)
    return sign_ahead(session, proposals, [_statement(proposal, session.replay) for proposal in proposals])


def refuse_past(session: Session) -> None:
    """Refuse to act on the past.

    Raises:
        GovernError: `--as-of` was given (status 2).
    """
    if session.options.as_of is not None and not session.options.supposing:
        raise fault(Exit.USAGE, "AS_OF", "the past cannot be written to", help="leave out --as-of")


def refuse_supposed(session: Session) -> None:
    """Refuse to record in a what-if.

    Raises:
        GovernError: the command stands where a question is wanted (status 2).
    """
    if session.options.supposed:
        raise fault(Exit.USAGE, "USAGE", "a what-if records nothing", help="an act goes before the `--`, in quotes; a question behind it")


def _read(store: SharedStore) -> Contents:
    contents = store.read()
    refuse_torn(contents)
    return contents


def refuse_torn(contents: Contents) -> None:
    """Refuse to go on from a ledger that ends in the middle of a record.

    Raises:
        GovernError: TORN_TAIL (status 5).
    """
    if contents.torn:
        message = f"{len(contents.torn)} bytes of a record that was never acknowledged follow the last line"
        help = "`govern ledger repair` keeps them aside, and cuts them off"
        raise fault(Exit.BROKEN, "TORN_TAIL", message, place=place_of(len(contents.lines)), help=help)


def _view(session: Session, replay: Replay, now: int) -> View:
    return replay.view(now, session.project.evidence_facts(replay.state), pinned=session.pinned)


def _judged(session: Session, proposal: Proposal, replay: Replay, now: int, signed: Signed | None) -> bytes:
    """Return the line of a proposal that is allowed; the replay moves behind it."""
    from govern.engine.machine import propose

    view = _view(session, replay, now)
    refusals = propose(proposal.act, view)
    if refusals:
        raise RefusedError(proposal.what, refusals, view.policy)
    statement = _statement(proposal, replay)
    if signed and signed.statement._replace(basis=statement.basis) != statement:
        raise moved(proposal.what)
    line = encode_line(replay.chain, signed.statement, now, signed.armor) if signed else encode_line(replay.chain, statement, now)
    try:
        replay.take_all([line[:-1]])
    except GovernError as error:
        # What the signature shows beyond its key (that the user was verified) is judged here: nothing was written.
        raise GovernError(Exit.REFUSED, error.problems[1:] or error.problems) from error
    return line


def _statement(proposal: Proposal, replay: Replay) -> Statement:
    basis = proposal.basis or Basis(replay.chain.size, replay.chain.last)
    act = proposal.act
    return Statement(replay.chain.ledger, act.kind, act.actor, act.body, basis, replay.state.policy_digest, proposal.subjects)


def moved(what: str) -> GovernError:
    """Return the refusal of what was signed and is not what would be recorded now."""
    return fault(Exit.REFUSED, "STALE", f"{what}: what was signed is not what would be recorded now", help="read it again, and sign that")


def _refuse_dirty(session: Session, replay: Replay, *, dirty_allowed: bool) -> None:
    dirty = [] if dirty_allowed else session.project.dirty(replay.state)
    if dirty:
        raise GovernError(Exit.REFUSED, [Problem(each.code, each.message, help=each.help) for each in dirty])


def _clock(session: Session, replay: Replay) -> int:
    if session.now < replay.state.at:
        # Others recorded while this one waited for the lock: its reading is from before.
        session.read_clock_again()
    if session.now < replay.state.at:
        last = spell_time(replay.state.at)
        raise fault(
            Exit.REFUSED,
            "TIME_ORDER",
            f"the clock says {spell_time(session.now)}, and the last record is of {last}",
            help="set the clock right; a record is never earlier than the one before",
        )
    return session.now
