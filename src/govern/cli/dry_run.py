"""`rehearse --read-only`: a surface is scoped through a role that cannot write; what is written is the evidence alone."""

from pathlib import Path
from typing import Any, NoReturn

from govern.canonical import digest, encode
from govern.cli.output import counted, table
from govern.cli.progress import progress_bar
from govern.cli.rehearsal_binding import Bound, evidence_head, write_evidence
from govern.cli.session import Session
from govern.ledger.moments import spell_time
from govern.policy.rehearsal import MADE_UP
from govern.problems import Exit, fault
from govern.rehearsal.run import run_task, tool
from govern.rehearsal.sources import Source


def dry_run(session: Session, path: Path, source: Source, bound: Bound, out: Path | None) -> NoReturn:
    """Run the script of a dry run, and answer with what it reached."""
    if bound.revert is not None:
        raise fault(Exit.USAGE, "USAGE", "a dry run changes nothing, so there is nothing to take back", help="leave --revert out")
    with progress_bar(session) as on_step:
        done = run_task("govern.rehearsal.scoping:scope", bound.request(source, path), on_step)
    found = dict(done.found)
    evidence = evidence_head("dry-run", bound.provenance, bound.legs, bound.label)
    evidence["dry_run"] = {
        "version": 1,
        "tool": tool(),
        "run": {"started": spell_time(session.now), "milliseconds": found.pop("milliseconds")},
        "programme": bound.programme,
        "data": bound.data,
        "source": {**source.to_json(), "sha256_after": source.sha256},
        "script": bound.change(found.pop("statements"))["apply"],
        "isolation": done.isolation,
        **found,
    }
    content = (encode(evidence) + "\n").encode()
    written = write_evidence(session, bound, content, out) if out is not None else None
    status = Exit.YES if all(each["got"] == each["expected"] for each in found["probes"]) else Exit.UNJUDGED
    result = {"verdict": "nothing written" if status is Exit.YES else "void", "evidence": evidence, "written": written}
    session.answer("rehearse", result, _text(evidence, status, written, digest(content)), status)


def _text(evidence: dict[str, Any], status: Exit, written: list[str] | None, sha256: str) -> str:
    body = evidence["dry_run"]
    rows = [(f"  {name}", counted(count, "row")) for name, count in body["before"]["rows"].items()]
    refused = [each for each in body["probes"] if each["expected"] != "allowed"]
    head = "read only: nothing was written" if status is Exit.YES else "void: the role could do more than read"
    lines = [
        head,
        f"  scoped    {counted(len(rows), 'table')} of {body['source']['name']} through a role that cannot write",
        f"  writes    {sum(each['got'] == each['expected'] for each in refused)}/{len(refused)} tried and refused",
        f"  state     {body['after']['root']} before and after",
        f"  data      {body['data']}{': made up, so it shows nothing of a surface' if body['data'] in MADE_UP else ''}",
        f"  legs      {', '.join(evidence['legs']) or 'none asks for it'}",
    ]
    if written:
        lines.append(f"  evidence  {written[0]} ({sha256[:12]})")
    return "\n".join([*lines, table(rows, "  ")])
