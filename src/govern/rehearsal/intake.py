"""Intake, seen from outside the sandbox: a handed-over file, the facts that were found in it, and the words that its operator signs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from govern import __version__
from govern.canonical import Json
from govern.policy.rehearsal import DataSurface
from govern.rehearsal.confine import confine
from govern.rehearsal.engines import programs_for
from govern.rehearsal.gate.examine import SURROGATE
from govern.rehearsal.run import room_for
from govern.rehearsal.sources import Source, unchanged
from govern.rehearsal.tool import code_sha256

OnStep = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Handed:
    """What is handed over, as what, and what it must look like."""

    source: Source
    path: Path
    provenance: str
    label: str | None
    surface: DataSurface


@dataclass(frozen=True, slots=True)
class Accepted:
    """The facts of an intake that found nothing wrong."""

    handed: Handed
    found: Mapping[str, Any]
    isolation: Mapping[str, Json]

    def to_json(self, programme: Mapping[str, Json], statement: str) -> dict[str, Json]:
        """Return the form that stands in evidence."""
        source = self.handed.source
        return {
            "version": 1,
            "tool": {"name": "govern", "version": __version__, "code_sha256": code_sha256()},
            "programme": programme,
            "source": {**source.to_json(), "sha256_after": source.sha256},
            "isolation": self.isolation,
            **{key: self.found[key] for key in ("connections", "engine", "gate", "shape")},
            "statement": statement,
        }


def take_in(handed: Handed, on_step: OnStep) -> Accepted:
    """Load what is handed over in a sandbox, pass it through the gate, and see that the file stayed as it was.

    Raises:
        GovernError: no sandbox or no server, or everything that is wrong with it at once (status 3).
    """
    found, programs = programs_for(handed.source)
    order: dict[str, Json] = {
        "source": handed.source.to_json(),
        "provenance": handed.provenance,
        "label": handed.label,
        "surface": handed.surface.model_dump(mode="json", exclude_unset=True),
        **found,
    }
    confined = confine(
        "govern.rehearsal.gate.examine:examine", order, inputs={"source": handed.path}, programs=programs, on_step=on_step, needs=room_for(handed.source)
    )
    unchanged(handed.source, handed.path)
    assert isinstance(confined.result, Mapping)
    return Accepted(handed, confined.result, confined.isolation)


def statement_of(accepted: Accepted, *, programme: str, actor: str | None, at: str) -> str:
    """Return the provenance statement: what was examined, and what whoever hands it over declares by signing it."""
    handed, source, gate = accepted.handed, accepted.handed.source, accepted.found["gate"]
    version = f", of server {source.version}" if source.version else ""
    rows = sum(table["rows"] for table in accepted.found["shape"].values())
    generated = handed.provenance == SURROGATE
    made = "was generated, and is no real data" if generated else f"is what `{handed.provenance}` says, and was not generated"
    lines = [
        "PROVENANCE STATEMENT",
        "",
        f"programme:    {programme}",
        f"file:         {source.name}",
        f"sha256:       {source.sha256}",
        f"bytes:        {source.bytes}",
        f"form:         {source.format}, compression {source.compression}{version}",
        f"provenance:   {handed.provenance}",
        f"examined:     {at}, govern {__version__}: {gate['tables']} tables, {gate['columns']} columns, {rows} rows;",
        f"              {gate['bytes_scanned']} of {gate['bytes_source']} bytes of text scanned, {gate['findings']} findings",
        f"handed over:  by {actor or '________________'}",
        "",
        "I declare that the file with this digest is what I handed over;",
        f"that it {made};",
        "that what must be masked, empty or absent was so before the file left where it was made;",
        "and that I was entitled to hand it over for this purpose.",
        "",
    ]
    return "\n".join(lines)
