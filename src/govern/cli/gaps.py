"""`gaps FROM [TO]`: what was open at one moment, what closed it by another, what opened again, and what remains."""

from collections.abc import Iterable
from typing import Annotated

import typer

from govern.cli.document_sources import span_of
from govern.cli.output import counted, table
from govern.cli.session import session_of
from govern.documents.gap_page import gap_page
from govern.documents.shapes import RecordOf
from govern.documents.span_shapes import GapPage
from govern.problems import Exit, fault

_MOMENT = "A time with offset, #SEQ or @MARK"


def gaps(
    context: typer.Context,
    start: Annotated[str, typer.Argument(metavar="FROM", help=f"{_MOMENT}.")],
    end: Annotated[str | None, typer.Argument(metavar="TO", help=f"{_MOMENT}; the head if left out.")] = None,
) -> None:
    """Say what was open at one moment, what closed it by another, and what remains."""
    session = session_of(context)
    if end is not None and session.options.as_of is not None:
        raise fault(Exit.USAGE, "AS_OF", "TO and --as-of name the same thing", help="leave one of them out")
    if end is not None:
        # The head that stands beside the answer is then the one that it is about.
        session.options.as_of = end
    head, size = session.replay.chain.size, session.at(start).as_recorded().size
    if size > head:
        message = f"`{start}` is after {size} records, and {f'`{end}`' if end else 'the head'} after {head}"
        raise fault(Exit.USAGE, "AS_OF", message, help="FROM comes first")
    page = gap_page(session.view, span_of(session, size))
    session.answer("gaps", dict(page), lambda: "\n".join(_lines(page)))


def _lines(page: GapPage) -> Iterable[str]:
    start, end = page["from"], page["to"]
    yield f"{start['count']} after {counted(start['head'], 'record')} ({start['at']}); {end['count']} after {end['head']} ({end['at']})"
    if start["policy_version"] != end["policy_version"]:
        yield f"judged under policy version {start['policy_version']}, then {end['policy_version']}"
    changed = [each for each in page["blockers"] if each["before"] != each["after"]]
    yield from _part("blockers that changed", [(each["id"], f"{each['before']} -> {each['after']}") for each in changed])
    yield from _part("closed", [(each["leg"], each["evidence"], f"by {each['closed_by']}", _records(each["records"])) for each in page["closed"]])
    yield from _part("opened again", [(each["leg"], each["record"], each["why"]) for each in page["reopened"]])
    yield from _part("remains", [(each["leg"], each["by"], "; ".join(each["needs"]), "new" if each["new"] else "") for each in page["remains"]])
    yield from _part("declared no more", [(each,) for each in page["gone"]])


def _part(title: str, rows: list[tuple[str, ...]]) -> list[str]:
    return ["", title, table(rows, "  ") if rows else "  none"]


def _records(records: list[RecordOf]) -> str:
    return ", ".join(f"{each['record']} ({each['standing']})" for each in records)
