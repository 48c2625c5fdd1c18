"""`blocker discharge|reopen`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from govern.canonical import digest
from govern.cli.completion import legs as complete_legs
from govern.cli.evidence import read_evidence
from govern.cli.recording import Proposal, record, record_act
from govern.cli.session import Session, session_of
from govern.engine.acts import Act
from govern.engine.bindings import intakes_awaited
from govern.engine.hands import wanted_evidence
from govern.policy import find
from govern.policy.blockers import Leg
from govern.problems import Exit, fault, unknown_id

app = typer.Typer(help="Discharge a leg with evidence, or reopen it.", rich_markup_mode=None, no_args_is_help=True, add_completion=False)

_NO_FILES: tuple[tuple[str, bytes], ...] = ()
LegPath = Annotated[str, typer.Argument(metavar="BLOCKER/LEG", help="The leg.", autocompletion=complete_legs)]


def _leg(session: Session, path: str) -> Leg:
    known = [each for each, _leg in find.leg_paths(session.view.policy)]
    if path not in known:
        raise unknown_id("leg", path, known, "`govern show BLOCKER` lists its legs")
    return find.leg(session.view.policy, path)


@app.command("discharge")
def discharge(
    context: typer.Context,
    leg: LegPath,
    evidence: Annotated[Path | None, typer.Option("--evidence", metavar="FILE", help="The evidence; it is kept under governance/evidence/.")] = None,
    attest: Annotated[str | None, typer.Option("--attest", metavar="TEXT", help="The actor's own word, where the leg asks for it.")] = None,
) -> None:
    """Prove a leg. The record binds the bytes of the evidence."""
    session = session_of(context)
    declared = _leg(session, leg)
    actor = session.actor()
    if session.options.supposing and attest is None:
        # What is only supposed needs no file: it is taken to be as the leg asks for it.
        found, files = dict[str, Any](wanted_evidence(leg, session.view)), _NO_FILES
    elif attest is not None and evidence is None:
        found, files = _attested(declared, attest), _NO_FILES
    elif evidence is not None and attest is None:
        found, files = _filed(session, leg, session.options.directory / evidence)
    else:
        raise fault(Exit.USAGE, "USAGE", "give either --evidence FILE or --attest TEXT", help=f"`govern show {leg}` says which")
    subjects = ((f"evidence:{leg}", found["sha256"]),) if "sha256" in found else ()
    proposal = Proposal(session.act("discharge", {"leg": leg, "evidence": found}), f"discharging {leg}", subjects, files=files)
    seq = record(session, lambda _replay, _view: [*_supposed_intake(session, leg), proposal]).seqs[-1]
    text = f'recorded as #{seq}: {leg} is proven ({session.standing.value})\ntake it back: govern blocker reopen {leg} --reason "…" --as {actor}'
    session.answer("blocker", {"recorded": seq, "leg": leg, "evidence": found}, text)


def _supposed_intake(session: Session, leg: str) -> Iterator[Proposal]:
    """A rehearsal that is only supposed is on data that is supposed to have been taken in, where the programme wants that."""
    policy, declared = session.view.policy, find.leg(session.view.policy, leg)
    awaited = intakes_awaited(declared.evidence.of, declared, session.view) if session.options.supposing and declared.evidence else ()
    for intake in awaited[:1]:
        act = Act("discharge", find.members(policy, policy.legs[intake].by)[0], {"leg": intake, "evidence": wanted_evidence(intake, session.view)})
        yield Proposal(act, f"discharging {intake}")


def _attested(declared: Leg, text: str) -> dict[str, Any]:
    of = declared.evidence.of if declared.evidence and declared.evidence.kind == "attest" else "nothing"
    return {"kind": "attest", "of": of, "says": text}


def _filed(session: Session, leg: str, path: Path) -> tuple[dict[str, Any], tuple[tuple[str, bytes], ...]]:
    content, declared = read_evidence(session, path, leg)
    sha256 = digest(content)
    kept = f"governance/evidence/{sha256[:16]}.json"
    found: dict[str, Any] = {"kind": declared.kind, "of": declared.of, "sha256": sha256, "path": kept, **declared.binds}
    if declared.says:
        found["says"] = declared.says
    return found, ((kept, content),)


@app.command("reopen")
def reopen(context: typer.Context, leg: LegPath, reason: Annotated[str, typer.Option("--reason", help="Why.")]) -> None:
    """Take a discharge back. The evidence stays on record and proves nothing."""
    session = session_of(context)
    _leg(session, leg)
    seq = record_act(session, "reopen", {"leg": leg, "reason": reason}, f"reopening {leg}").seqs[0]
    session.answer(
        "blocker",
        {"recorded": seq, "leg": leg},
        f"recorded as #{seq}: {leg} is open ({session.standing.value})\ntake it back: govern blocker discharge {leg} …",
    )
