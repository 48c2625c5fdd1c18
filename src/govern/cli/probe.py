"""`probe`: every bad input by name, each refused for its own reason, and controls that pass."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from govern.cli.files import read_named
from govern.cli.output import table
from govern.cli.progress import progress_bar
from govern.cli.session import Session, session_of
from govern.cli.validate import validator_of
from govern.evidence.executed import Validator
from govern.evidence.probes import ENGINES, KINDS, SHIPPED, Probe, Result, Runner, demand_distinct, on_evidence, parse_probes, run_probes
from govern.problems import Exit

_ENDS = {True: "allowed", False: "refused"}


def probe(
    context: typer.Context,
    engine: Annotated[Literal["sqlite", "postgresql"] | None, typer.Option("--engine", help="Leave out what is tried on the other.")] = None,
    kind: Annotated[Literal["evidence", "change", "source", "surroundings"] | None, typer.Option("--kind", help="Leave out every other kind.")] = None,
    add: Annotated[list[Path] | None, typer.Option("--add", metavar="FILE", help="More probes, as data; may be repeated.")] = None,
) -> None:
    """Feed the rehearsal and the validator what they must refuse."""
    session = session_of(context)
    validator = validator_of(session)
    probes = [each for each in _read(session, add or []) if engine in (None, each.on) and kind in (None, each.kind)]
    demand_distinct(probes)
    with progress_bar(session) as on_step:
        results = []
        for result in run_probes(probes, _runners(validator, probes)):
            results.append(result)
            on_step(result.probe.name, len(results), len(probes))
    bad = [each for each in results if not each.probe.controls]
    controls = [each for each in results if each.probe.controls]
    held = all(each.held for each in results) and bool(controls) and bool(bad)
    left_out = _left_out(engine, kind)
    told = {
        "refused": sum(each.held for each in bad),
        "tried": len(bad),
        "controls_allowed": sum(each.held for each in controls),
        "controls": len(controls),
        "left_out": left_out,
        "probes": [_row(each) for each in results],
    }
    session.answer("probe", told, _text(bad, controls, left_out), Exit.YES if held else Exit.NO)


def _read(session: Session, added: Sequence[Path]) -> Iterator[Probe]:
    yield from parse_probes(SHIPPED.read_bytes(), SHIPPED.name)
    for path in added:
        content = read_named(path, "--add takes a file of probes", session.options.directory)
        yield from parse_probes(content, str(path))


def _runners(validator: Validator, probes: Sequence[Probe]) -> Mapping[str, Runner]:
    """Return who runs what. The sandbox comes first: where there is none, nothing else could be tried, and that is said at once.

    Raises:
        GovernError: no sandbox, or no server of an engine (status 3).
    """
    if all(each.kind == "evidence" for each in probes):
        return {"evidence": on_evidence(validator)}
    from govern.rehearsal.probing import try_changes, try_source, try_surroundings
    from govern.rehearsal.sandbox import find_sandbox

    find_sandbox()
    codes: dict[str, str] = {}
    for engine in ENGINES:
        changes = [each for each in probes if (each.kind, each.on) == ("change", engine)]
        if changes:
            codes |= zip((each.name for each in changes), try_changes(engine, [each.do for each in changes]), strict=True)
    return {
        "evidence": on_evidence(validator),
        "change": lambda each: codes[each.name],
        "source": lambda each: try_source(each.on, each.do),
        "surroundings": lambda each: try_surroundings(each.do),
    }


def _left_out(engine: str | None, kind: str | None) -> list[str]:
    """Return what was not asked for: it was not tried, and nothing is said of it."""
    return [each for each in ENGINES if engine not in (None, each)] + [each for each in KINDS if kind not in (None, each)]


def _row(result: Result) -> dict[str, object]:
    each = result.probe
    return {"name": each.name, "kind": each.kind, "on": each.on, "expected": each.expect, "got": result.got, "held": result.held}


def _text(bad: Sequence[Result], controls: Sequence[Result], left_out: Sequence[str]) -> str:
    allowed = bool(controls) and all(each.held for each in controls)
    head = f"{sum(each.held for each in bad)}/{len(bad)} fail closed, control {_ENDS[allowed]}"
    rows = [("refused" if each.held else f"WRONG: {each.got}", each.probe.expect, each.probe.name) for each in bad]
    rows += [("allowed" if each.held else f"WRONG: {each.got}", "control", each.probe.name) for each in controls]
    rest = f"\nleft out, and so not tried: {', '.join(left_out)}" if left_out else ""
    return f"{head}\n{table(rows, '  ')}{rest}"
