"""The evidence of a demo: rehearsed for real on played data, sealed for real; invented, and marked as such, where only a person could bring it."""

import json
from collections.abc import Iterator

from govern.cli.demo_stage import Act, Stage
from govern.cli.project import POLICY_FILE
from govern.evidence.manifest import EVIDENCE_SCHEMA
from govern.policy.load import load_policy
from govern.problems import Exit, GovernError

_ROWS = 3
# What the data of a dry run is played to be: one on made-up data proves nothing.
_REAL = "real-dump"


class NoSandboxError(Exception):
    """No sandbox can be had on this machine, so nothing can be rehearsed."""


def make_evidence(stage: Stage, leg: str) -> str:
    """Make the evidence that a leg asks for; return the name of the file.

    Raises:
        NoSandboxError: it takes a rehearsal, and there is no sandbox; the refusal was shown.
    """
    declared = stage.ask("show", leg)["declared"]
    kind, of = next(iter(declared["evidence"].items()))
    folder = f"made/{leg.replace('/', '-')}"
    (stage.folder / folder).mkdir(parents=True)
    match kind:
        case "rehearsal":
            return _rehearse(stage, leg, of, declared.get("change"), folder)
        case "dry-run":
            return _dry_run(stage, leg, folder)
        case "packet":
            (stage.folder / folder / "what.txt").write_text("Invented for the demo.\n", encoding="utf-8")
            stage.run(Act(("seal", folder, "--name", of, "--leg", leg), most=1))
            return f"{folder}/MANIFEST.json"
        case "intake":
            words = ("intake", _source(stage, of, folder), "--provenance", of, "--engine", "sqlite", "--out", folder)
            return _run(stage, words, folder)
        case _:
            content = {"schema": EVIDENCE_SCHEMA, "kind": kind, "of": of, "legs": [leg], "says": "invented for the demo"}
            (stage.folder / folder / "evidence.json").write_text(json.dumps(content), encoding="utf-8")
            return f"{folder}/evidence.json"


def intake_awaited(stage: Stage, leg: str) -> str | None:
    """Return the leg that an intake must prove before the rehearsal that a leg asks for counts, or None where nothing is waited for."""
    policy = load_policy((stage.folder / POLICY_FILE).read_bytes())
    wanted, pinned = policy.legs[leg].evidence, policy.rehearsal.sources if policy.rehearsal else {}
    if wanted is None or wanted.kind != "rehearsal" or wanted.of in pinned:
        return None
    intakes = policy.intakes.get(wanted.of, ())
    return None if any(stage.ask("why", each)["allowed"] for each in intakes) else next(iter(intakes), None)


def rehearse_declared(stage: Stage) -> None:
    """Rehearse the first declared change on each declared source; without a sandbox, show the refusal and go on."""
    rests_on = load_policy((stage.folder / POLICY_FILE).read_bytes()).rehearsal
    if rests_on is None or not rests_on.changes or not rests_on.sources:
        return
    stage.say("3a. The change and its rollback are rehearsed on an isolated clone of what the programme declares; nothing else can be reached.")
    for source in rests_on.sources.values():
        arguments = ("rehearse", "--source", source.file, "--engine", "sqlite", "--change", next(iter(rests_on.changes)))
        try:
            _demand_sandbox(stage, arguments)
        except NoSandboxError:
            return
        stage.run(Act(arguments))


def _rehearse(stage: Stage, leg: str, of: str, change: str | None, folder: str) -> str:
    """Rehearse the declared change, on the declared source, or on played data where what it takes is not here."""
    source = _source(stage, of, folder)
    if change is None:
        table = next(iter(_shape(stage)))
        (stage.folder / folder / "change.sql").write_text(f"UPDATE {table} SET id = id + {_ROWS};\n", encoding="utf-8")  # noqa: S608 - the policy names the table, and its names are plain
    words = ("rehearse", "--source", source, "--engine", "sqlite", "--change", change or f"{folder}/change.sql", "--provenance", of, "--leg", leg)
    return _run(stage, (*words, "--out", folder), folder)


def _dry_run(stage: Stage, leg: str, folder: str) -> str:
    (stage.folder / folder / "scope.sql").write_text("SELECT count(*) FROM sqlite_schema;\n", encoding="utf-8")
    words = ("rehearse", "--read-only", "--source", _source(stage, _REAL, folder), "--engine", "sqlite", "--provenance", _REAL)
    return _run(stage, (*words, "--change", f"{folder}/scope.sql", "--leg", leg, "--out", folder), folder)


def _run(stage: Stage, arguments: tuple[str, ...], folder: str) -> str:
    """Run a rehearsal that must succeed, but where no sandbox can be had."""
    _demand_sandbox(stage, arguments)
    stage.run(Act(arguments))
    return f"{folder}/evidence.json"


def _demand_sandbox(stage: Stage, arguments: tuple[str, ...]) -> None:
    """Go on only where a sandbox can be had; else show how the command is refused."""
    from govern.rehearsal.sandbox import find_sandbox

    try:
        find_sandbox()
    except GovernError as error:
        stage.run(Act(arguments, expected=int(Exit.UNJUDGED)))
        raise NoSandboxError from error


def _source(stage: Stage, of: str, folder: str) -> str:
    """Return the declared source of a provenance; of what is not here, played data in the shape of what is."""
    rests_on = load_policy((stage.folder / POLICY_FILE).read_bytes()).rehearsal
    declared = rests_on.sources if rests_on else {}
    if of in declared:
        return declared[of].file
    first = next(iter(declared.values()), None)
    text = (stage.folder / first.file).read_text(encoding="utf-8") if first else "".join(_tables(_shape(stage)))
    (stage.folder / folder / "played.sql").write_text(f"-- Played data for the demo.\n{text}", encoding="utf-8")
    return f"{folder}/played.sql"


def _shape(stage: Stage) -> dict[str, list[str]]:
    """Return the tables that are declared, each with the columns that must be there; a table of its own where none is."""
    rests_on = load_policy((stage.folder / POLICY_FILE).read_bytes()).rehearsal
    tables = rests_on.surface.tables if rests_on and rests_on.surface else {}
    named = {name.split(".")[-1].rstrip("*"): [column for column, what in table.columns.items() if what != "absent"] for name, table in tables.items()}
    return named or {"played": []}


def _tables(shape: dict[str, list[str]]) -> Iterator[str]:
    for name, columns in shape.items():
        others = "".join(f", {column} TEXT" for column in columns if column != "id")
        rows = ", ".join(f"({number})" for number in range(1, _ROWS + 1))
        yield f"CREATE TABLE {name} (id INTEGER PRIMARY KEY{others});\nINSERT INTO {name} (id) VALUES {rows};\n"
