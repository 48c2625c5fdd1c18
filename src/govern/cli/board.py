"""`board`: several programmes at once: what waits for a person, or for an auditor where each stands."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from govern.cli.across import Answered, ask_each, problems_json, status_of, tell_problems
from govern.cli.board_rows import row_of, waits_of
from govern.cli.board_shapes import ForPerson, Row, Seen, Waiting
from govern.cli.board_text import audit_text, person_text
from govern.cli.checkpoints_kept import Kept, compare_all, kept_in, on_pages
from govern.cli.kept_rows import Rests, keep_row, kept_row, mark_of
from govern.cli.options import Options
from govern.cli.policy_cache import Parsed
from govern.cli.programmes import Programme, programmes
from govern.cli.session import Session
from govern.ledger.checkpoints import origin_of
from govern.ledger.moments import spell_time
from govern.problems import Exit, Problem, did_you_mean, fault

Folders = Annotated[
    list[Path] | None,
    typer.Argument(metavar="DIR", help="Folders of programmes: each is one itself, or those right below it are. The one here if left out."),
]
Full = Annotated[bool, typer.Option("--full", help="Use no cache, verify every signature anew, and leave nothing in the cache.")]


def board(
    context: typer.Context,
    folders: Folders = None,
    audit: Annotated[bool, typer.Option("--audit", help="Answer for an auditor, also with --as or --key.")] = False,
    checkpoints: Annotated[
        Path | None, typer.Option("--checkpoints", metavar="DIR", help="A folder of checkpoints that were kept outside the repositories.")
    ] = None,
    full: Full = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit 1 where something waits; of an audit, where something is let pass or not in order.")
    ] = False,
) -> None:
    """Say what waits for a person across programmes; without --as or --key, where each stands.

    That is for an auditor: the head, the policy in force, what is let pass, the newest checkpoint. A programme that cannot be
    judged is told with its code (status 3; 5 where it is broken).
    """
    options: Options = context.obj
    session = Session(options)
    brought = kept_in(options.directory / checkpoints) if checkpoints else {}
    fingerprint = _fingerprint(options) if options.actor is None and not audit else None
    who = None if audit else options.actor or fingerprint
    asked, found_in = Asked(session, brought, person=who is not None, full=full), programmes(folders or [], options.directory)
    if who is None:
        answers = list(ask_each(session, found_in, lambda each: asked.seen(each).row))
        tell_problems(session, answers)
        found = Exit.NO if exit_code and any(each.answer and _needs_a_look(each.answer) for each in answers) else Exit.YES
        session.answer("board", lambda: _result(answers, session, None), lambda: audit_text(answers), status_of(answers, found))
    known: set[str] = set()
    mine = list(ask_each(session, found_in, lambda each: _for_person(asked.seen(each), options.actor, fingerprint, known)))
    tell_problems(session, mine)
    _demand_known(who, known, mine, session)
    found = Exit.NO if exit_code and any(each.answer and each.answer["waits"] for each in mine) else Exit.YES
    session.answer("board", lambda: _result(mine, session, who), lambda: person_text(mine, who, session.now), status_of(mine, found))


class Asked:
    """What is asked of each programme, with what is read once for all of them."""

    def __init__(self, session: Session, brought: Kept, *, person: bool, full: bool) -> None:
        self._options, self._now = session.options, session.now
        self._person, self._full = person, full
        self._brought, self._parsed = brought, Parsed()
        self._told = {origin.removeprefix(origin_of("")): repr([(each.checkpoint.text(), each.where) for each in found]) for origin, found in brought.items()}

    def seen(self, programme: Programme) -> Seen:
        """Return what is seen of a programme: what was kept, where nothing moved, else what it is judged to be now.

        Raises:
            GovernError: it cannot be judged (status 3), or is broken (status 5).
        """
        mark = mark_of(programme) if not self._full and self._options.as_of is None else None
        known = kept_row(programme, mark, self._now, self._told)
        if known is not None and (known.waits is not None or not self._person):
            return known
        session = programme.session(Options(as_of=self._options.as_of, earliest=self._options.earliest), self._parsed)
        session.now, session.fresh = self._now, self._full
        pages, read = on_pages(programme.read, session.view)
        ledger = str(session.replay.chain.ledger)
        compared = compare_all(pages, self._brought.get(origin_of(ledger), ()), ledger, session.contents.lines, session.size)
        session.diagnostics += compared.parted
        seen = Seen(row_of(session, compared.newest), waits_of(session) if self._person else None)
        keep_row(programme, mark, session, seen, Rests(read, self._told.get(ledger, "")))
        return seen


def _fingerprint(options: Options) -> str | None:
    """Return the fingerprint of the key that was named."""
    if options.key is None:
        return None
    from govern.cli.signing import read_key

    return read_key(options.key).public.fingerprint


def _for_person(seen: Seen, actor: str | None, fingerprint: str | None, known: set[str]) -> ForPerson:
    """Return what waits in a programme for one person, the actor of a name or whoever holds a key; what others are `known` by is added."""
    row = seen.row
    known.update(row["keys"] if actor is None else row["actors"])
    name = row["keys"].get(str(fingerprint)) if actor is None else actor if actor in row["actors"] else None
    waits: list[Waiting] = json.loads((seen.waits or {}).get(name or "", "[]"))
    return ForPerson(programme=row["programme"], title=row["title"], head=row["head"], actor=name, waits=waits)


def _demand_known(who: str, known: set[str], answers: Sequence[Answered[ForPerson]], session: Session) -> None:
    """Refuse a name that nobody has: that nothing waits for a name which is misspelt is no answer.

    Raises:
        GovernError: no programme declares the actor, or has the key (status 2).
    """
    if who in known:
        return
    what = f"no programme declares an actor `{who}`" if session.options.actor is not None else f"in no programme the key {who} is anybody's"
    if all(each.answer for each in answers):
        raise fault(Exit.USAGE, "UNKNOWN_ID", what, help=did_you_mean(who, known) or f"known are {', '.join(sorted(known)) or 'none'}")
    session.diagnostics.append(Problem("UNKNOWN_ID", f"{what}, as far as they could be judged", severity="warning", help=did_you_mean(who, known)))


def _needs_a_look(row: Row) -> bool:
    return bool(row["overrides"] or row["policy"]["dirty"] or row["warnings"] or not row["pinned"])


def _result(answers: Sequence[Answered[Any]], session: Session, who: str | None) -> dict[str, Any]:
    return {
        "view": "audit" if who is None else "person",
        "person": who,
        "as_of": session.options.as_of or spell_time(session.now),
        "unjudged": sum(each.status is Exit.UNJUDGED for each in answers),
        "broken": sum(each.status is Exit.BROKEN for each in answers),
        "programmes": [_programme(each) for each in answers],
    }


def _programme(answered: Answered[Any]) -> dict[str, Any]:
    programme, row = answered.programme, answered.answer
    return {"name": programme.name, "place": programme.place, "status": int(answered.status), "problems": problems_json(answered), "row": row}
