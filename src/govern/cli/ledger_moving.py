"""`ledger provision|export|import`: a ledger between files and a database, line by line the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from govern.canonical import digest
from govern.cli.configuration import FILES, database, ledger_address, programme_of, sayable_in
from govern.cli.files import keep_below
from govern.cli.memory import check_head, ledger_of, recall, remember
from govern.cli.output import counted
from govern.cli.recording import refuse_past
from govern.cli.session import Session, session_of
from govern.ledger.keeping import Contents, SharedStore, change
from govern.ledger.lines import Chain, read_records
from govern.ledger.merkle import root_of
from govern.ledger.sql import provision as provision_sql
from govern.ledger.store import FileStore
from govern.problems import Exit, fault

_DEFAULT = Path("governance")


def provision(
    context: typer.Context,
    writer: Annotated[str, typer.Option("--writer", metavar="ROLE", help="The role of those who record.")] = "govern_writer",
    reader: Annotated[str, typer.Option("--reader", metavar="ROLE", help="The role of those who only ask.")] = "govern_reader",
) -> None:
    """Print the SQL of a database of ledgers."""
    try:
        text = provision_sql(reader, writer)
    except ValueError as error:
        raise fault(Exit.USAGE, "USAGE", str(error)) from error
    session_of(context).answer("ledger", {"sql": text}, text.rstrip("\n"))


def export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to: `ledger/` and `policy/` are made in it.")],
) -> None:
    """Write the ledger as files, with all that was adopted."""
    session = session_of(context)
    session.require_ledger()
    # What is exported is what counts: verified, and at the head.
    _ = session.replay
    lines = session.contents.lines
    target = FileStore((session.options.directory / folder).resolve() / "ledger")
    if target.exists():
        raise fault(Exit.REFUSED, "REFUSED", f"{target.folder} holds a ledger already; nothing was written", help="name another folder")
    texts = dict(_adopted(session, lines))
    for name, content in texts.items():
        if not (target.folder.parent / "policy" / name).exists():
            keep_below(target.folder.parent.parent, f"{target.folder.parent.name}/policy/{name}", content)
    change(target, lambda store: store.append(0, [line + b"\n" for line in lines]))
    result = {"records": len(lines), "root": root_of(lines), "adopted": len(texts), "folder": str(target.folder.parent)}
    session.answer(
        "ledger", result, f"{counted(len(lines), 'record')} in {target.folder}, and {counted(len(texts), 'adopted text')} beside it\nroot {root_of(lines)}"
    )


def import_(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where from: the folder that holds `ledger/`.")] = _DEFAULT,
) -> None:
    """Put a ledger of files into the database."""
    session = session_of(context)
    refuse_past(session)
    project = session.project
    address = ledger_address(project.policy_bytes)
    if address == FILES:
        help = f"set `ledger: postgresql://SERVER/DATABASE` in {sayable_in()}"
        raise fault(Exit.USAGE, "CONFIGURATION", "the configuration names no database to import into", help=help)
    lines = _verified(session, FileStore((session.options.directory / folder).resolve() / "ledger"))
    store = database(address, programme_of(project.policy_bytes()))
    texts = {digest(content): content for _, content in _adopted(session, lines)}
    added = change(store, lambda held: _put(held, lines, texts))
    remember(recall(ledger_of(lines)), lines)
    told = f"{counted(len(lines), 'record')} {'imported' if added else 'are there already'}, as ledger {store.named[1]}\nroot {root_of(lines)}"
    left = f"\nnow the files must go: git rm -r {folder}/ledger" if project.files.exists() else ""
    session.answer("ledger", {"records": len(lines), "root": root_of(lines), "imported": added, "ledger": store.named[1]}, told + left)


def _verified(session: Session, source: FileStore) -> list[bytes]:
    """Return the lines of a ledger of files, verified from the first on, as `govern verify` has it."""
    contents = source.read()
    if contents.torn or not contents.lines:
        raise fault(Exit.UNJUDGED, "NO_LEDGER", f"{source.folder} holds no whole ledger", help="name the folder that holds `ledger/`")
    check_head(recall(ledger_of(contents.lines)), contents.lines)
    session.project.replay(Contents(contents.lines), fresh=True)
    return contents.lines


def _put(store: SharedStore, lines: list[bytes], texts: dict[str, bytes]) -> bool:
    """Append all lines to an empty store; whether they were not there already.

    Raises:
        GovernError: there is another ledger, or another history of it (status 4).
    """
    there = store.read().lines
    if there and there != lines:
        message = f"the database holds {counted(len(there), 'record')} under this name, and they are not those of the files"
        raise fault(Exit.REFUSED, "LEDGER_MISMATCH", message, help="nothing was written; a ledger is imported once")
    # Also where the lines are there: who misses a text is told to import it from a clone.
    store.keep(texts)
    if not there:
        store.append(0, [line + b"\n" for line in lines])
    return not there


def _adopted(session: Session, lines: list[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield what was adopted at any time, by the name under which it is kept, each checked against its digest."""
    names: dict[str, None] = {}
    for record in read_records(lines, Chain(known=len(lines))):
        statement = record.statement
        if statement.kind in ("genesis", "adopt"):
            policy = statement.policy if statement.kind == "genesis" else statement.body["policy"]
            names |= dict.fromkeys((f"{policy}.yaml", *(f"{each}.j2" for each in statement.body["templates"].values())))
    for name in names:
        sha256 = name.partition(".")[0]
        yield name, session.project.adopted_policy(sha256)[0] if name.endswith(".yaml") else session.project.kept_template(sha256).encode()
