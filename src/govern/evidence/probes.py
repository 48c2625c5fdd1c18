"""Probes: bad inputs by name, each with the reason for which it must be refused, and controls that must pass. They are data.

A probe says what is done, and never how: whoever can do a kind of thing brings a `Runner` for it. Evidence is tried here.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from govern.evidence.executed import Validator
from govern.problems import Exit, GovernError, Problem, did_you_mean, fault

Kind = Literal["evidence", "change", "source", "surroundings"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ENGINES = ("sqlite", "postgresql")
ALLOWED = "allowed"
SHIPPED = Path(__file__).with_name("probes.json")

_SCHEMA = "govern.probes/1"
_FIELDS = {"name", "kind", "on", "do", "expect"}
_EXPECT = re.compile(r"[A-Z][A-Z_]+|[a-z][a-z0-9-]+")


@dataclass(frozen=True, slots=True)
class Probe:
    """A bad input, or a control: what is done, on which engine, and the name of the refusal that must follow."""

    name: str
    kind: Kind
    on: str
    do: Any
    expect: str

    @property
    def controls(self) -> bool:
        """Whether it must pass."""
        return self.expect == ALLOWED


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a probe."""

    probe: Probe
    got: str

    @property
    def held(self) -> bool:
        """Whether it was refused for its own reason; a control: whether it passed."""
        return self.got == self.probe.expect


# Returns the code that it was refused with, or `allowed`.
Runner = Callable[[Probe], str]


def parse_probes(content: bytes, name: str) -> tuple[Probe, ...]:
    """Return the probes of a file.

    Raises:
        GovernError: PROBES_FORMAT, with every fault (status 3).
    """
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _malformed(name, f"it is no JSON: {error}") from error
    if not isinstance(found, dict) or found.get("schema") != _SCHEMA or not isinstance(found.get("probes"), list) or set(found) != {"schema", "probes"}:
        raise _malformed(name, f"wanted is an object of `schema`, {_SCHEMA}, and `probes`, a list")
    faults = [f"probe {at}: {why}" for at, each in enumerate(found["probes"], 1) for why in _faults(each)]
    if faults:
        raise GovernError(Exit.UNJUDGED, [Problem("PROBES_FORMAT", f"{name}: {why}") for why in faults])
    probes = tuple(Probe(each["name"], each["kind"], each["on"], each["do"], each["expect"]) for each in found["probes"])
    demand_distinct(probes)
    return probes


def demand_distinct(probes: Iterable[Probe]) -> None:
    """See that there are probes, and that no name stands twice.

    Raises:
        GovernError: PROBES_FORMAT (status 3).
    """
    names = [probe.name for probe in probes]
    if not names:
        raise _malformed("the probes", "there is none: nothing to try is never a pass")
    again = sorted({name for name in names if names.count(name) > 1})
    if again:
        raise _malformed("the probes", f"`{again[0]}` stands twice")


def run_probes(probes: Iterable[Probe], runners: Mapping[str, Runner]) -> Iterator[Result]:
    """Yield what became of each probe; one that nobody can run is not refused for its own reason."""
    for probe in probes:
        yield Result(probe, runners[probe.kind](probe) if probe.kind in runners else "not-run")


def on_evidence(validator: Validator) -> Runner:
    """Return the runner of probes of evidence: a script is done to good evidence, and the validator judges it.

    It must find one thing, and that alone: evidence that fails for another reason as well would hide a check that is gone.
    """

    def run(probe: Probe) -> str:
        try:
            content, given = validator.fabricate(probe.on, probe.do)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise _malformed(probe.name, f"its script cannot be done: {type(error).__name__}: {error}") from error
        names = sorted({name for name, _message in validator.judge(content, **given)})
        return " and ".join(names) or ALLOWED

    return run


def _faults(probe: Any) -> Iterator[str]:
    if not isinstance(probe, dict):
        yield "it is no object"
        return
    for key in sorted(set(probe) - _FIELDS):
        yield f"unknown key `{key}`; {did_you_mean(key, _FIELDS)}".removesuffix("; ")
    for key in sorted(_FIELDS - set(probe)):
        yield f"`{key}` is missing"
    if not (isinstance(probe.get("name"), str) and 0 < len(probe["name"]) <= 80 and probe["name"].isprintable()):
        yield "`name` is a short text"
    if probe.get("kind") not in KINDS:
        yield f"`kind` is one of {', '.join(KINDS)}"
    if probe.get("on") not in ENGINES:
        yield f"`on` is one of {', '.join(ENGINES)}"
    if not _is_script(probe.get("kind"), probe.get("do")):
        yield "`do` is SQL for a change, else a list of steps"
    if not (isinstance(probe.get("expect"), str) and _EXPECT.fullmatch(probe["expect"])):
        yield "`expect` is the name of a refusal, or `allowed`"


def _is_script(kind: object, script: Any) -> bool:
    if kind == "change":
        return isinstance(script, str)
    return isinstance(script, list) and all(isinstance(step, list) and step and isinstance(step[0], str) for step in script)


def _malformed(name: str, message: str) -> GovernError:
    return fault(Exit.UNJUDGED, "PROBES_FORMAT", f"{name}: {message}", help="`govern explain probes` shows the form")
