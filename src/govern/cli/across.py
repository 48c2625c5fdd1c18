"""A question asked of several programmes, one after the other: whatever is wrong with one is told of it, and stops no other."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from govern.cli.board_shapes import Told
from govern.cli.failing import bug_of
from govern.cli.output import counted
from govern.cli.programmes import Programme
from govern.cli.progress import progress_bar
from govern.cli.session import Session
from govern.documents.escape import escape_terminal
from govern.problems import Exit, GovernError, Place, Problem

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """What one programme answers, or why it does not: `status` is 3 where it could not be judged, 5 where it is broken."""

    programme: Programme
    answer: T | None
    problems: tuple[Problem, ...] = ()
    status: Exit = Exit.YES


def ask_each(session: Session, found: tuple[Programme, ...], ask: Callable[[Programme], T]) -> Iterator[Answered[T]]:
    """Yield the answer of each programme, with progress on a terminal."""
    with progress_bar(session) as on_step:
        for number, programme in enumerate(found):
            on_step(escape_terminal(programme.name), number, len(found))
            yield _answered(programme, ask)


def _answered(programme: Programme, ask: Callable[[Programme], T]) -> Answered[T]:
    try:
        return Answered(programme, ask(programme))
    except GovernError as error:
        # An error of usage is one of the question; that it could not be answered here is all that it says of a programme.
        return Answered(programme, None, error.problems, Exit.BROKEN if error.status is Exit.BROKEN else Exit.UNJUDGED)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return Answered(programme, None, (Problem("FILE_IO", f"{where}{error.strerror or error}"),), Exit.UNJUDGED)
    except Exception as error:  # noqa: BLE001 - a bug that one programme meets is told of it, and the others are judged
        return Answered(programme, None, (bug_of(error),), Exit.UNJUDGED)


def status_of(answers: Iterable[Answered[T]], found: Exit = Exit.YES) -> Exit:
    """Return the status of a whole answer: 5 where a programme is broken, 3 where one could not be judged, else what was found."""
    statuses = {each.status for each in answers}
    return Exit.BROKEN if Exit.BROKEN in statuses else Exit.UNJUDGED if Exit.UNJUDGED in statuses else found


def tell_problems(session: Session, answers: Iterable[Answered[T]]) -> None:
    """Put the problems of the programmes among the diagnostics of JSON, each with its place; in text they stand in the rows."""
    if session.options.json:
        session.diagnostics += [_placed(problem, each.programme) for each in answers for problem in each.problems]


def _placed(problem: Problem, programme: Programme) -> Problem:
    place = problem.place
    if place is None:
        return replace(problem, message=f"{programme.place}: {problem.message}")
    return replace(problem, place=Place(f"{programme.place}/{place.file}", place.line, place.column))


def problems_json(answer: Answered[T]) -> list[Told]:
    """Return what is wrong with a programme as values of JSON."""
    return [Told(code=each.code, message=each.message, at=str(each.place) if each.place else None, help=each.help) for each in answer.problems]


def problem_lines(answer: Answered[T]) -> list[str]:
    """Return what is wrong with a programme as lines: its codes, what was found, and what to do."""
    return [line for each in answer.problems for line in (f"{each.code}: {each.message}", *([f"    {each.help}"] if each.help else []))]


def spell_not_judged(answers: Iterable[Answered[T]]) -> str:
    """Return behind what was found in how many programmes it was not looked for; nothing, where that is none."""
    count = sum(each.status is not Exit.YES for each in answers)
    return f"; {counted(count, 'programme')} could not be judged" if count else ""


def not_judged(answers: Iterable[Answered[T]]) -> list[str]:
    """Return a block that names the programmes that could not be judged, each with its place and what is wrong; without any, nothing."""
    failed = [each for each in answers if each.status is not Exit.YES]
    lines = [line for each in failed for line in (f"  {each.programme.name} ({each.programme.place})", *(f"    {line}" for line in problem_lines(each)))]
    return ["\n".join(["could not be judged", *map(escape_terminal, lines)])] if failed else []
