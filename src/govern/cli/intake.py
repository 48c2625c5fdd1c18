"""`intake`: what an operator hands over is examined before anything rests on it, on their side as well as on ours."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from govern.canonical import digest, encode
from govern.cli.output import counted, table
from govern.cli.outputs import demand_out, write_out
from govern.cli.progress import progress_bar
from govern.cli.rehearsal_binding import evidence_head, provenance_of
from govern.cli.session import Session, session_of
from govern.ledger.moments import spell_time
from govern.policy.rehearsal import DataSurface, Rehearsal
from govern.problems import Exit, Problem, fault
from govern.rehearsal.intake import Accepted, Handed, statement_of, take_in
from govern.rehearsal.sources import examine_source


def intake(
    context: typer.Context,
    dump: Annotated[str, typer.Argument(metavar="DUMP", help="The file: a PostgreSQL dump, an SQLite database, SQL text; plain or gzip.")],
    provenance: Annotated[str, typer.Option("--provenance", metavar="NAME", help="toy, surrogate, real-dump, or what a leg asks for.")] = "real-dump",
    engine: Annotated[Literal["sqlite", "postgresql"] | None, typer.Option("--engine", help="For SQL text that does not say.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Write evidence.json and provenance.txt there.")] = None,
) -> None:
    """Examine a handed-over dump: form, shape, secrets, personal data."""
    session = session_of(context)
    path = session.options.directory / dump
    source = examine_source(path, engine)
    rests_on = session.rehearsal
    of = provenance_of(session.view.policy, rests_on, source, provenance)
    if out is not None:
        demand_out(session, out, ["evidence.json", "provenance.txt"])
    handed = Handed(source, path, of, rests_on.label, _surface(rests_on))
    with progress_bar(session) as on_step:
        accepted = take_in(handed, on_step)
    if by_name := accepted.found["by_name"]:
        message = f"named like a secret or a person, and declared plain by name: {', '.join(by_name)}"
        session.diagnostics.append(
            Problem("PLAIN_BY_NAME", message, severity="warning", help="their text was scanned; that nothing else is in them is the policy's word")
        )
    statement = statement_of(accepted, programme=session.view.policy.programme.id, actor=session.options.actor, at=spell_time(session.now))
    evidence = _evidence(session, accepted, statement)
    content = (encode(evidence) + "\n").encode()
    written = write_out(session, out, {"evidence.json": content, "provenance.txt": statement.encode()}) if out is not None else []
    result = {"verdict": "accepted", "evidence": evidence, "sha256": digest(content), "written": written}
    session.answer("intake", result, lambda: _summary(accepted, evidence["legs"], written))


def _surface(rests_on: Rehearsal) -> DataSurface:
    if rests_on.surface is None:
        raise fault(
            Exit.UNJUDGED, "NO_SURFACE", "the policy declares no shape of what is handed over, so nothing fits it", help="`govern explain surface` shows how"
        )
    return rests_on.surface


def _evidence(session: Session, accepted: Accepted, statement: str) -> dict[str, Any]:
    of = accepted.handed.provenance
    programme = {"ledger": str(session.replay.chain.ledger), "policy": session.replay.state.policy_digest}
    head = evidence_head("intake", of, session.view.policy.intakes.get(of, ()), accepted.found["label"])
    return head | {"intake": accepted.to_json(programme, statement)}


def _summary(accepted: Accepted, legs: list[str], written: list[str]) -> str:
    source, gate, shape = accepted.handed.source, accepted.found["gate"], accepted.found["shape"]
    version = f" of server {source.version}" if source.version else ""
    packed = ", gzip" if source.compression == "gzip" else ""
    rows = [[f"  {name}", counted(each["rows"], "row"), _classes(each["columns"])] for name, each in shape.items()]
    scanned = f"{gate['bytes_scanned']} of {gate['bytes_source']} bytes of text scanned"
    lines = [
        f"ACCEPTED as {accepted.handed.provenance}: {source.name}",
        f"{source.format}{version}{packed}, {counted(source.bytes, 'byte')}, sha256 {source.sha256}",
        f"{counted(gate['tables'], 'table')}, {counted(gate['columns'], 'column')}, all classified; {scanned}, nothing found",
        table(rows),
        *(f"wrote {each}" for each in written),
        *(f"govern blocker discharge {leg} --evidence {written[0]}" for leg in legs if written),
    ]
    if not written:
        lines.append("nothing was written; --out DIR keeps the evidence, and the statement to sign")
    return "\n".join(lines)


def _classes(columns: dict[str, Any]) -> str:
    """Return how many columns of a table are of each class."""
    found = [each["class"] for each in columns.values()]
    return ", ".join(f"{found.count(name)} {name}" for name in ("plain", "masked", "empty") if name in found)
