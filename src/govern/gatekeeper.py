"""The gate inside a process: for programs that ask thousands of times a second, from several threads.

An answer is of one head: what is given out is never changed again. Whether anything has moved is looked up at each question, from
the sizes and times of the files; what moved is read, and only what was added to the ledger is judged anew.
"""

import os
import threading
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path

from govern.canonical import digest
from govern.cli.asof import Moment
from govern.cli.configuration import configured_at
from govern.cli.memory import check_head, is_pinned, ledger_of, pin_of, remember, remembered_at
from govern.cli.options import Options
from govern.cli.session import Session
from govern.engine.causes import Requirement
from govern.engine.gate import actions_of, gate
from govern.engine.replay import Replay
from govern.engine.settled import settled_at, settled_until
from govern.engine.verdicts import Target, verdict
from govern.ledger.keeping import SharedStore
from govern.policy.model import Policy
from govern.problems import Exit, GovernError, did_you_mean, fault

# What of a file shows that it is the one that was read.
_Mark = tuple[int, int, int, int] | None


@dataclass(frozen=True, slots=True)
class _Marks:
    """What shows that answers still stand: the mark of the ledger in its store, and those of files."""

    store: SharedStore
    ledger: Hashable
    files: tuple[tuple[str, _Mark], ...]

    def stand(self) -> bool:
        return self.store.mark() == self.ledger and all(_mark(path) == mark for path, mark in self.files)


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether something may happen, everything that keeps it from happening, and the head that it is an answer of."""

    target: str
    allowed: bool | None
    causes: tuple[Requirement, ...]
    size: int
    last: str

    def __bool__(self) -> bool:
        """Only true opens."""
        return self.allowed is True


@dataclass(frozen=True, slots=True)
class Answers:
    """All answers at one head: of every action by its name, of every option as PACKET/OPTION."""

    size: int
    last: str
    of: Mapping[str, Answer]
    policy: Policy
    since: int
    until: int

    def ask(self, target: str) -> Answer:
        """Return the answer about an action, an option, or a surface, which is open where all that touches it may happen.

        Raises:
            GovernError: nothing is called so (status 3): that is no yes.
        """
        found = self.of.get(target)
        return found if found is not None else self._surface(target)

    def _surface(self, word: str) -> Answer:
        parts = [self.of[action] for action in actions_of(word, self.policy)]
        if not parts:
            known = {*self.of, *self.policy.surfaces}
            raise fault(Exit.UNJUDGED, "GATE_NO_MATCH", f"`{word}` is no action, option or surface", help=did_you_mean(word, known))
        truths = [part.allowed for part in parts]
        allowed = False if False in truths else None if None in truths else True
        return Answer(word, allowed, tuple(cause for part in parts for cause in part.causes), self.size, self.last)


class Gatekeeper:
    """The gate of one programme's folder. Any number of threads may ask at once."""

    def __init__(self, directory: Path, clock: Callable[[], float] = time.time) -> None:
        self._directory, self._clock = directory, clock
        self._lock = threading.Lock()
        # The answers with what shows that they are still right: one value, so that no thread holds old answers against new marks.
        self._known: tuple[Answers, _Marks] | None = None
        self._replay: Replay | None = None
        self._lines: list[bytes] = []

    def ask(self, target: str) -> Answer:
        """Return the answer of this moment.

        Raises:
            GovernError: it cannot be given: no policy, a broken ledger, or nothing is called so.
        """
        return self.current().ask(target)

    def current(self) -> Answers:
        """Return all answers at the head, for questions that must be of one.

        Raises:
            GovernError: there is no policy, no ledger, or it is broken.
        """
        known = self._known
        if known is not None and self._stands(*known):
            return known[0]
        with self._lock:
            known = self._known
            if known is None or not self._stands(*known):
                # What fails here is asked anew next time, from the start.
                self._known = None
                known = self._known = self._judged_twice()
            return known[0]

    def _stands(self, answers: Answers, marks: _Marks) -> bool:
        return answers.since <= self._clock() < answers.until and marks.stand()

    def _judged_twice(self) -> tuple[Answers, _Marks]:
        """Return what is judged; where less is there than this machine has seen, at a second look: another process may have recorded meanwhile."""
        try:
            return self._judged()
        except GovernError as error:
            if error.problems[0].code != "ROLLBACK":
                raise
        return self._judged()

    def _judged(self) -> tuple[Answers, _Marks]:
        session = Session(Options(directory=self._directory))
        now = session.now = int(self._clock())
        root = session.project.root
        # Marked before anything is read: what moves in between is seen by the next question.
        marks = [(path, _mark(path)) for path in (str(root / "states.yaml"), *_configured())]
        store = session.project.store
        ledger = store.mark()
        if store.named[0]:
            # One in files would have it be unclear which counts.
            marks.append((f"{root}/governance/ledger/000000.jsonl", None))
        replay = self._extended(session)
        marks += _remembered(session)
        evidence = [proofs[-1].path for proofs in replay.state.proofs.values() if proofs]
        marks += [(path, _mark(path)) for path in (str(root / each) for each in evidence if each)]
        view = session.view_of(replay, Moment(replay.chain.size, now))
        size, last = replay.chain.size, replay.chain.last
        found = {name: Answer(name, each.truth, each.causes, size, last) for name in view.policy.actions for [each] in [gate(name, view)]}
        options = [f"{packet}/{option.id}" for packet, declared in view.policy.packets.items() for option in declared.options]
        for address in options:
            judged = verdict(Target("option", address), view)
            found[address] = Answer(address, judged.judged.truth, tuple(each for each in judged.requirements if not each.satisfied), size, last)
        return Answers(size, last, found, view.policy, min(now, settled_at(view)), settled_until(view)), _Marks(store, ledger, tuple(marks))

    def _extended(self, session: Session) -> Replay:
        """Return the replay at the head: the one there is, with what was added, or one from the first record."""
        before, known, lines = self._replay, len(self._lines), session.contents.lines
        # One that fails half-way is not gone on with.
        self._replay = None
        if before is not None and lines[:known] == self._lines and digest(session.project.policy_bytes()) == before.state.policy_digest:
            before.take_all(lines[known:])
            session.judge_from(before, lines)
            memory = remember(session.memory(session.contents), lines)
            session.pinned = is_pinned(memory, pin_of(memory.ledger, before.state))
        self._replay, self._lines = session.replay, lines
        return session.replay


def _configured() -> tuple[str, ...]:
    """Return the file that says where the ledger is, which may not be there."""
    configured = configured_at()
    return (str(configured),) if configured else ()


def _remembered(session: Session) -> list[tuple[str, _Mark]]:
    """Return the mark of what this machine remembers, where it remembers: another clone may have seen more of the ledger."""
    try:
        path = str(remembered_at(ledger_of(session.contents.lines)))
    except OSError:
        return []
    mark = _mark(path)
    # Looked at behind the mark: what was remembered before it would never be seen.
    check_head(session.memory(session.contents), session.contents.lines)
    return [(path, mark)]


def _mark(path: str) -> _Mark:
    try:
        status = os.stat(path, follow_symlinks=False)  # noqa: PTH116 - a Path would cost more than the question
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
