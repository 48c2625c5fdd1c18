"""`surrogate`: generated data of production's shape, for rehearsals before a real dump is there. It never passes for one."""

import re
from pathlib import Path
from typing import Annotated

import typer

from govern.cli.files import read_named
from govern.cli.output import counted
from govern.cli.outputs import write_pieces
from govern.cli.session import Session, session_of
from govern.policy.dataset import load_dataset
from govern.problems import Exit, fault
from govern.rehearsal.gate.examine import GENERATED
from govern.rehearsal.surrogate.generate import Engine, generate

_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,127}")


def surrogate(
    context: typer.Context,
    schema: Annotated[Path, typer.Option("--schema", metavar="FILE", help="What the tables are like (YAML).")],
    rows: Annotated[int, typer.Option("--rows", metavar="N", min=1, max=100_000_000, help="How many rows a table has that does not say.")],
    seed: Annotated[int, typer.Option("--seed", metavar="S", min=0, help="The same seed gives the same bytes.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The SQL text to write.")],
    engine: Annotated[Engine, typer.Option("--engine", help="For which engine.")] = "sqlite",
    label: Annotated[str | None, typer.Option("--label", metavar="LABEL", help="What it carries in its own bytes, where the policy declares none.")] = None,
) -> None:
    """Generate production-shaped data, the same bytes for the same seed."""
    session = session_of(context)
    source = read_named(schema, "--schema takes a file that describes the tables", session.options.directory)
    dataset = load_dataset(source, str(schema))
    carried = _label(session, label)
    head = f"-- {carried}\n-- {GENERATED}: ".encode()
    sha256, size = write_pieces(session, out, head, generate(dataset, rows=rows, seed=seed, label=carried, engine=engine))
    result = {"written": str(out), "sha256": sha256, "bytes": size, "label": carried, "engine": engine, "seed": seed, "rows": rows}
    session.answer("surrogate", result, f"wrote {out}: {counted(size, 'byte')} for {engine}, sha256 {sha256}\nit carries the label {carried}")


def _label(session: Session, given: str | None) -> str:
    """Return the label: the policy's where it declares one, which no other replaces."""
    declared = session.rehearsal.label
    if declared and given not in {None, declared}:
        raise fault(Exit.USAGE, "USAGE", f"the policy declares the label {declared}", help="leave --label out")
    label = declared or given
    if label is None:
        raise fault(Exit.USAGE, "USAGE", "generated data carries a label, and the policy declares none", help="--label LABEL")
    if not _LABEL.fullmatch(label):
        raise fault(Exit.USAGE, "USAGE", "a label has 8 to 128 letters, digits, `.`, `_` and `-`", help="one that no real data has in it")
    return label
