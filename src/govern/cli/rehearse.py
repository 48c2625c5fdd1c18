"""`rehearse`: a change and its rollback on an isolated clone; what changed, what came back, what remained."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from govern.canonical import digest, encode
from govern.cli.files import read_plain
from govern.cli.policy_cache import cache_folder
from govern.cli.progress import progress_bar
from govern.cli.rehearsal_binding import Bound, bind, demand_room, evidence_head, write_evidence
from govern.cli.rehearsal_summary import summary
from govern.cli.session import Session, session_of
from govern.evidence.executed import own_validator
from govern.ledger.moments import spell_time
from govern.problems import Exit, Problem, fault
from govern.rehearsal.run import Rehearsed, tool
from govern.rehearsal.run import rehearse as run_rehearsal
from govern.rehearsal.sources import examine_source
from govern.rehearsal.surfaces import judge_surfaces, refuse_reaching

# What the summary says itself, by path and difference.
_SUMMED_UP = frozenset({"difference-left", "not-restored"})


def rehearse(
    context: typer.Context,
    source: Annotated[Path, typer.Option("--source", metavar="FILE", help="The database or dump that is cloned.")],
    change: Annotated[str, typer.Option("--change", metavar="FILE|NAME", help="The script that applies the change, or a declared change.")],
    revert: Annotated[Path | None, typer.Option("--revert", metavar="FILE", help="The change's own script that takes it back.")] = None,
    provenance: Annotated[str | None, typer.Option("--provenance", metavar="NAME", help="toy, surrogate, real-dump, or what a leg asks for.")] = None,
    engine: Annotated[Literal["sqlite", "postgresql"] | None, typer.Option("--engine", help="For SQL text that does not say.")] = None,
    leg: Annotated[list[str] | None, typer.Option("--leg", metavar="BLOCKER/LEG", help="The leg that it is made for; each that fits if left out.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Write evidence.json and the scripts there.")] = None,
    cached: Annotated[
        bool, typer.Option("--cached", help="Keep the restored dump in your cache, or begin with the one that is there. It is a copy of the data.")
    ] = False,
    read_only: Annotated[bool, typer.Option("--read-only", help="Run the script through a role that cannot write, and show that nothing was written.")] = False,
) -> None:
    """Try a change and its rollback on an isolated clone, and compare exactly."""
    if cached and read_only:
        raise fault(Exit.USAGE, "USAGE", "a dry run always loads its source", help="leave --cached out")
    session = session_of(context)
    here = session.options.directory
    examined = examine_source(here / source, engine)
    bound = bind(session, examined, change, revert, "dry-run" if read_only else "rehearsal", provenance, leg or ())
    if out is not None:
        demand_room(session, bound, out)
    if read_only:
        from govern.cli.dry_run import dry_run

        dry_run(session, here / source, examined, bound, out)
    if bound.policy is not None:
        refuse_reaching(bound.policy, {str(path): read_plain(path, single=False) for path in bound.scripts()})
    started = spell_time(session.now)
    request = replace(bound.request(examined, here / source), cache=cache_folder(), cached=cached)
    with progress_bar(session) as on_step:
        rehearsed = run_rehearsal(request, on_step)
    evidence = _evidence(session, bound, examined.to_json(), rehearsed, started)
    content = (encode(evidence) + "\n").encode()
    _answer(session, bound, evidence, content, out)


def _evidence(session: Session, bound: Bound, source: Any, rehearsed: Rehearsed, started: str) -> dict[str, Any]:
    found = dict(rehearsed.found)
    milliseconds, statements = found.pop("milliseconds"), found.pop("statements")
    changed = sorted({name for path in found["paths"] for name in path["changed"]})
    surfaces = judge_surfaces(bound.policy, rehearsed.isolation, changed, bound.begun) if bound.policy else []
    run = {
        "id": secrets.token_hex(16),
        "nonce": secrets.token_hex(32),
        "started": started,
        "ended": spell_time(_ended(session, milliseconds)),
        "milliseconds": milliseconds,
    }
    body = {
        "version": 1,
        "tool": tool(),
        "run": run,
        "programme": bound.programme,
        "source": {**source, "sha256_after": source["sha256"]},
        "change": bound.change(statements),
        "isolation": rehearsed.isolation,
        "surfaces": surfaces,
        **found,
    }
    return evidence_head("rehearsal", bound.provenance, bound.legs, bound.label) | {"rehearsal": body}


def _ended(session: Session, milliseconds: Mapping[str, int]) -> int:
    """Return when a run ended, in seconds: as the clock says, and not before the steps can have been done, should it have been set back."""
    return max(int(time.time()), session.now + sum(milliseconds.values()) // 1000)


def _answer(session: Session, bound: Bound, evidence: dict[str, Any], content: bytes, out: Path | None) -> None:
    """Print what was found; the status is computed from the evidence, as anybody computes it."""
    failures = own_validator().judge(content, now=_ended(session, evidence["rehearsal"]["run"]["milliseconds"]), residue=bound.residue)
    differs = any(name in _SUMMED_UP for name, _message in failures)
    status = Exit.YES if not failures else Exit.NO if differs else Exit.UNJUDGED
    session.diagnostics += [Problem("EVIDENCE_FAILS", f"{name}: {message}", severity="warning") for name, message in failures if name not in _SUMMED_UP]
    written = write_evidence(session, bound, content, out) if out is not None else None
    result = {"verdict": {Exit.YES: "proved", Exit.NO: "differs", Exit.UNJUDGED: "void"}[status], "evidence": evidence, "written": written}
    session.answer("rehearse", result, summary(evidence, status, written, digest(content)), status)
