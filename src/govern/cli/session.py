"""A session: the global options, the project, the clock, and the one way in which a command answers."""

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, NoReturn

import typer

from govern.cli import output
from govern.cli.asof import Moment, resolve_moment
from govern.cli.memory import Memory, check_head, check_place, is_pinned, ledger_of, pin_of, recall, remember, remember_place, unpinned
from govern.cli.options import Options
from govern.cli.past import Past
from govern.cli.project import Project, find_project
from govern.cli.skew import from_the_future
from govern.engine.acts import Act
from govern.engine.authority import Standing
from govern.engine.replay import Replay
from govern.engine.view import EvidenceFact, View
from govern.ledger.keeping import Contents
from govern.ledger.lines import Record, place_of
from govern.ledger.moments import parse_time, spell_time
from govern.policy.model import Policy
from govern.policy.rehearsal import Rehearsal
from govern.problems import Exit, GovernError, Problem, fault


class Session:
    """What one command works with. Everything is read on first use, and once."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.diagnostics: list[Problem] = []
        self.moment: Moment | None = None
        self.size = 0
        self.pinned = True
        # Whether policies are read anew, as every write does, and not from the cache.
        self.fresh = False
        # What it shares with the session at another moment that it was made from.
        self.shared: Past | None = None
        self.standing = Standing.UNAUTHENTICATED

    @cached_property
    def now(self) -> int:
        """The reading of the clock, in seconds; one for a command, but for what waits."""
        return max(int(time.time()), self.options.earliest)

    def read_clock_again(self) -> None:
        """Take a later reading of the clock for the one there was: what waited for others acts after them."""
        self.now = max(int(time.time()), self.options.earliest)

    @cached_property
    def project(self) -> Project:
        """The folder that `-C` names, or the nearest above with a policy."""
        if not self.options.directory.is_dir():
            raise fault(Exit.USAGE, "NO_FOLDER", f"`{self.options.directory}` is no folder")
        return find_project(self.options.directory)

    @cached_property
    def contents(self) -> Contents:
        """The lines of the ledger."""
        self.project.policy_bytes()
        store = self.project.store
        contents = store.read()
        memory = self.memory(contents)
        if memory.size > len(contents.lines):
            # Another process may have recorded meanwhile, and remembered it; what was cut off is not there at a second look either.
            contents = store.read()
        if contents.torn:
            message = f"{len(contents.torn)} bytes of a record that was never acknowledged follow the last line"
            self.diagnostics.append(
                Problem("TORN_TAIL", message, place_of(len(contents.lines)), "warning", "answers leave them out; `govern ledger repair` sets them aside")
            )
        if contents.lines:
            check_place(self.project.root, ledger_of(contents.lines))
        check_head(memory, contents.lines, store.SHORTER)
        return contents

    @cached_property
    def past(self) -> Past:
        """Its lines as records, and the states behind them: one for all the sessions that are made from this one."""
        return self.shared or Past(self.project, self.contents.lines)

    def memory(self, contents: Contents) -> Memory:
        """Return what this machine remembers of the ledger."""
        return recall(ledger_of(contents.lines))

    def require_ledger(self) -> None:
        """Go on only where there is a first record.

        Raises:
            GovernError: there is no ledger (status 3), or its first record was never acknowledged (status 5).
        """
        if not self.contents.lines:
            from govern.cli.missing import no_first_record, no_ledger

            if self.contents.torn:
                raise GovernError(Exit.BROKEN, [no_first_record(self.project)])
            raise GovernError(Exit.UNJUDGED, [no_ledger(self.project)])

    @cached_property
    def replay(self) -> Replay:
        """The state at the moment asked for."""
        self.require_ledger()
        if self.moment is None:
            as_of = self.options.as_of
            self.moment = Moment(len(self.contents.lines), self.now) if as_of is None else resolve_moment(as_of, self.past.records)
        size, memory = self.moment.size, self.memory(self.contents)
        known = 0 if self.fresh else memory.size
        if self.shared is not None:
            replay = self.shared.replay_at(size, known)
        else:
            replay = self.project.replay(self.contents, fresh=self.fresh, stop=lambda record: record.seq >= size, known=known)
        self.size = replay.chain.size
        if self.size == len(self.contents.lines):
            # What was in force in the past is compared with nothing: the working files are of today.
            self.diagnostics += self.project.dirty(replay.state)
            memory = remember(memory, self.contents.lines)
            remember_place(self.project.root, memory.ledger)
        self.pinned = is_pinned(memory, pin_of(memory.ledger, replay.state))
        if not self.pinned:
            self.diagnostics.append(unpinned(memory.ledger))
        if self.options.as_of is None:
            self.diagnostics += from_the_future(replay.state, self.now, "warning")
        if self.options.supposed:
            from govern.cli.supposing import take_supposed

            self.contents = take_supposed(replay, self.contents, self.moment, self.options.supposed)
            self.past = Past(self.project, self.contents.lines)
        elif not self.options.supposing:
            self.past.keep(replay)
        return replay

    @property
    def rehearsal(self) -> Rehearsal:
        """What the policy in force says of rehearsals; where there is no programme, nothing is said."""
        return (self.view.policy.rehearsal if self.project.declared else None) or Rehearsal()

    @property
    def records(self) -> tuple[Record, ...]:
        """Every record up to the moment asked for."""
        size = self.replay.chain.size
        return self.past.records[:size]

    @cached_property
    def view(self) -> View:
        """What every verdict of this command is a function of."""
        replay = self.replay
        assert self.moment is not None
        return self.view_of(replay, self.moment)

    def view_of(self, replay: Replay, moment: Moment) -> View:
        """Return a replay as it is judged at a moment, with the evidence files as they are; those that are only supposed, as wanted."""
        facts = self.project.evidence_facts(replay.state)
        supposed = {seq: EvidenceFact.SAME for seq in facts if seq >= self.size}
        # `at` is not signed: a line from the future may close what it likes, and opens nothing.
        clock = self.now if self.options.as_of is None and from_the_future(replay.state, self.now) else None
        return replay.view(max(moment.now, replay.state.at), {**facts, **supposed}, pinned=self.pinned, clock=clock)

    def at(self, as_of: str, now: str | None = None) -> "Session":
        """Return a session on the same project at another moment; `now` sets the time at which windows are judged."""
        other = Session(replace(self.options, as_of=as_of, supposed=[]))
        other.project, other.contents, other.shared = self.project, self.contents, self.past
        if now is not None:
            size = resolve_moment(as_of, self.past.records).size
            other.moment = Moment(size, parse_time(now))
        return other

    def visit(self, seqs: Iterable[int]) -> None:
        """Replay the past up to each of these records, the earliest first: one pass serves whoever asks for them later."""
        known = self.memory(self.contents).size
        for seq in sorted(seqs):
            self.past.replay_at(seq + 1, known)

    def as_recorded(self, odd: Mapping[int, EvidenceFact] | None = None) -> "Session":
        """Judge this session with the evidence files as they were recorded, but for those that are told to be otherwise."""
        replay = self.replay
        assert self.moment is not None
        newest = [proofs[-1] for proofs in replay.state.proofs.values() if proofs] if odd else []
        facts = {proof.seq: EvidenceFact.SAME for proof in newest if proof.path} | dict(odd or {})
        self.view = replay.view(max(self.moment.now, replay.state.at), facts or None, pinned=self.pinned)
        return self

    def actor(self) -> str:
        """Return who acts.

        Raises:
            GovernError: nobody was named (status 2).
        """
        if self.options.actor is None:
            known = ", ".join(self.view.policy.actors)
            raise fault(Exit.USAGE, "NO_ACTOR", "who acts? name the actor", help=f"--as ACTOR, one of {known}")
        return self.options.actor

    def act(self, kind: str, body: Mapping[str, Any], adopts: Policy | None = None) -> Act:
        """Return an act of the actor, with the key that is to sign it."""
        from govern.cli.signing import intended_signer

        return Act(kind, self.actor(), body, None, intended_signer(self, kind, self.view), adopts)

    def answer(self, command: str, result: Any, text: str | Callable[[], str], status: Exit = Exit.YES) -> NoReturn:
        """Print the answer, as text or JSON, and the diagnostics; end with a status.

        `result` and `text` may be functions: only the one that is wanted is called.
        """
        if self.options.supposing:
            # What asks instead of recording is told by whoever supposed that it records.
            raise typer.Exit(status)
        if self.options.json:
            found = result() if callable(result) else result
            if self.options.supposed:
                # It must not pass for an answer about what is on record.
                command, found = "what-if", {"what_if": self._supposed(), "question": command, "answer": found}
            output.print_json(command, found, status, self.diagnostics, self._head())
        else:
            # The text first: what it reads may add a warning.
            shown = text() if callable(text) else text
            if not self.options.quiet or status is not Exit.YES:
                output.print_diagnostics(self.diagnostics, self.options.color)
            if self.options.supposed:
                output.print_text(f"What if, and nothing is recorded: {'; '.join(self._supposed())}", self.options.color)
            output.print_text(shown, self.options.color)
        raise typer.Exit(status)

    def _supposed(self) -> list[str]:
        return list(dict.fromkeys(each.words for each in self.options.supposed))

    def judge_from(self, replay: Replay, lines: list[bytes]) -> None:
        """Answer from a replay that a command made itself, of the whole ledger; the head is then its last line."""
        self.moment, self.size = Moment(len(lines), self.now), len(lines)
        self.replay, self.contents, self.past = replay, Contents(lines), Past(self.project, lines)

    def _head(self) -> dict[str, Any]:
        """Return the head that was read; of a question that reads no ledger, nothing."""
        return self.head() if "replay" in self.__dict__ else {}

    def head(self) -> dict[str, Any]:
        """Return the moment and the head that are asked about."""
        from govern.ledger.merkle import root_of

        as_of = spell_time(self.view.now)
        root = root_of(self.contents.lines[: self.size])
        return {"as_of": as_of, "head": {"size": self.size, "root": root}}


def session_of(context: typer.Context) -> Session:
    """Return the session of a command."""
    options = context.obj
    assert isinstance(options, Options)
    session = Session(options)
    options.head = session.head
    return session


def is_terminal() -> bool:
    """Whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()
