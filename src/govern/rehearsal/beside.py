"""Work beside our own, in a process of its own that has all that we have; only its answer comes back, as JSON.

Inside the sandbox, where no thread runs and no connection is open while a process forks.
"""

import json
import os
import signal
import traceback
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from typing import IO, Any, NoReturn, TypeAlias

from govern.canonical import Json
from govern.problems import Exit, GovernError, Place, Problem

Answers: TypeAlias = "Generator[Json, None, None]"


@contextmanager
def beside(work: Callable[[], Json]) -> Iterator[Callable[[], Any]]:
    """Begin a piece of work; what is given waits for its answer, and raises what it raised. It ends with the context, in good order.

    Raises:
        GovernError: as the work did.
        RuntimeError: it ended otherwise.
    """

    def alone() -> Answers:
        yield work()

    with beside_in_turn(alone) as answer:
        yield answer


@contextmanager
def beside_in_turn(work: Callable[[], Answers]) -> Iterator[Callable[[], Any]]:
    """Begin work that has several answers, as in `beside`: what is given waits for the next one, and the work does not wait for us."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        _answer(work, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as answers:
        try:
            yield lambda: _judge(answers.readline())
        finally:
            # Whoever is the first process of the sandbox may have taken its end already.
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(process, signal.SIGTERM)
                os.waitpid(process, 0)


def _answer(work: Callable[[], Answers], writing: int) -> NoReturn:
    """Be the process: nothing that the other has begun is ended here, and nothing of it is written twice."""
    signal.signal(signal.SIGTERM, _end)
    try:
        with os.fdopen(writing, "wb") as answers:
            _tell_all(work, answers)
    finally:
        os._exit(0)


def _tell_all(work: Callable[[], Answers], answers: IO[bytes]) -> None:
    try:
        with closing(work()) as found:
            for each in found:
                _tell(answers, {"found": each})
    except GovernError as error:
        _tell(answers, {"refused": {"status": int(error.status), "problems": [asdict(each) for each in error.problems]}})
    except BaseException:  # noqa: BLE001 - told to whoever waits
        _tell(answers, {"crashed": traceback.format_exc()})


def _tell(answers: IO[bytes], answer: Mapping[str, Any]) -> None:
    answers.write(json.dumps(answer).encode() + b"\n")
    answers.flush()


def _end(number: int, _frame: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(128 + number)


def _judge(answer: bytes) -> Any:
    match json.loads(answer) if answer else {}:
        case {"found": found}:
            return found
        case {"refused": {"status": int(status), "problems": list(problems)}}:
            raise GovernError(Exit(status), [_problem(**each) for each in problems])
        case {"crashed": str(trace)}:
            raise RuntimeError(f"beside our own work:\n{trace}")
        case _:
            raise RuntimeError("a process beside our own ended without an answer")


def _problem(*, place: Any, **rest: Any) -> Problem:
    return Problem(place=Place(*place) if place else None, **rest)
