"""`log [ID]`: the records, of everything or of one thing."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from govern.cli.completion import any_id
from govern.cli.output import table
from govern.cli.session import Session, session_of
from govern.documents.record_words import spell_record
from govern.engine.authority import standing_of
from govern.engine.verdicts import find_target
from govern.ledger.lines import Record


def log(
    context: typer.Context,
    id: Annotated[str | None, typer.Argument(metavar="ID", help="Only records about this.", autocompletion=any_id)] = None,
    most: Annotated[int | None, typer.Option("-n", metavar="N", min=1, help="Only the last N.")] = None,
) -> None:
    """List the records, of everything or of one thing."""
    session = session_of(context)
    records: Sequence[Record] = session.records
    if id is not None:
        target = find_target(id, session.view)
        records = records_about(session, target.name, target.kind)
    records = records[-most:] if most is not None else records
    result = [_record_json(record) for record in records]
    session.answer("log", {"records": result, "count": len(result)}, table(log_rows(records)) or "no record")


def records_about(session: Session, name: str, kind: str) -> list[Record]:
    """Return the records that name a thing, or a record that does."""
    about: set[int] = set()
    found: list[Record] = []
    for record in session.records:
        body = record.statement.body
        rests_on = {body.get(key) for key in ("record", "instance", "grant", "begin", "supersedes", "delegation")}
        if name in _named(body) or (rests_on & about and kind not in ("option", "packet")):
            about.add(record.seq)
            found.append(record)
    return found


def _named(body: Any) -> set[str]:
    names = {str(body[key]) for key in ("packet", "grant", "lane", "leg", "finding", "action") if isinstance(body.get(key), str)}
    if isinstance(body.get("leg"), str):
        names.add(body["leg"].split("/")[0])
    if "packet" in body:
        names |= {f"{body['packet']}/{option}" for option in [body.get("option"), *body.get("options", [])] if option}
    return names


def log_rows(records: Sequence[Record]) -> list[tuple[str, ...]]:
    """Return records as rows: number, time, kind, who, what."""
    return [(f"#{each.seq}", each.at, each.statement.kind, each.statement.actor, f"{spell_record(each)} [{standing_of(each).value}]") for each in records]


def _record_json(record: Record) -> dict[str, Any]:
    statement = record.statement
    imported = {"document": statement.imported.document, "sha256": statement.imported.sha256} if statement.imported else None
    return {
        "seq": record.seq,
        "at": record.at,
        "kind": statement.kind,
        "actor": statement.actor,
        "body": dict(statement.body),
        "policy": statement.policy,
        "basis": {"size": statement.basis.size, "last": statement.basis.last},
        "stmt_sha256": record.stmt_digest,
        "standing": standing_of(record).value,
        "imported": imported,
        "signer": record.signer.key if record.signer else None,
    }
