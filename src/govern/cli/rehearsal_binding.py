"""What a rehearsal is bound to: the scripts of a change, the provenance of the data, the legs and the policy."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from govern.canonical import digest
from govern.cli.files import read_named
from govern.cli.outputs import demand_out, write_out
from govern.cli.session import Session
from govern.evidence.executed import own_validator
from govern.evidence.manifest import EVIDENCE_SCHEMA
from govern.policy.blockers import Leg
from govern.policy.model import Policy
from govern.policy.rehearsal import MADE_UP, Change, Rehearsal
from govern.problems import Exit, did_you_mean, fault, unknown_id
from govern.rehearsal.gate.examine import GENERATED_TYPES
from govern.rehearsal.run import Request
from govern.rehearsal.sources import Source


@dataclass(frozen=True, slots=True)
class Bound:
    """What the evidence of a rehearsal names besides what was found. `provenance` is what it is of, `data` what the data is."""

    policy: Policy | None
    rests_on: Rehearsal
    provenance: str
    data: str
    label: str | None
    legs: tuple[str, ...]
    name: str | None
    apply: Path
    revert: Path | None
    programme: Mapping[str, Any]
    begun: Mapping[str, int]

    @property
    def residue(self) -> tuple[str, ...]:
        """What a rollback of a transaction may leave behind."""
        return self.rests_on.leftovers

    def request(self, source: Source, path: Path) -> Request:
        """Return what is to be run. Only what is not made up has a declared shape."""
        surface = self.rests_on.surface if self.data not in GENERATED_TYPES else None
        return Request(source, path, self.apply, self.revert, self.data, self.rests_on.label, surface)

    def named_scripts(self) -> Iterator[tuple[str, Path]]:
        """Yield the scripts by what they do."""
        yield "apply", self.apply
        if self.revert is not None:
            yield "revert", self.revert

    def scripts(self) -> Iterator[Path]:
        """Yield the paths of the scripts."""
        return (path for _name, path in self.named_scripts())

    def change(self, statements: Mapping[str, int]) -> dict[str, Any]:
        """Return the change as evidence names it; how many statements each script has is counted by the engine."""
        found = {name: {**_script(path), "statements": statements[name]} for name, path in self.named_scripts()}
        return {"name": self.name, "apply": found["apply"], "revert": found.get("revert")}


def bind(session: Session, source: Source, change: str, revert: Path | None, kind: str, provenance: str | None, legs: Sequence[str]) -> Bound:
    """Return what a rehearsal is bound to.

    Raises:
        GovernError: an unknown leg or change, a script that is not the declared one, another provenance than the data's (status 2 and 3).
    """
    policy, rests_on = session.view.policy if session.project.declared else None, session.rehearsal
    name, apply, back = _scripts(session, rests_on, change, revert)
    of = provenance_of(policy, rests_on, source, provenance)
    state = session.view.state if policy else None
    programme = {
        "ledger": str(session.replay.chain.ledger) if state else None,
        "policy": state.policy_digest if state else None,
        "validator": own_validator().sha256,
    }
    begun = {surface: run.seq for run in state.runs.values() if run.ended is None for surface in policy.actions[run.action].touches} if policy and state else {}
    label = rests_on.label if of == "surrogate" else None
    wanted = Wanted(kind, of if kind == "rehearsal" else None, name)
    named = () if kind == "dry-run" and not legs and of in MADE_UP else _legs(policy, wanted, legs)
    if kind == "dry-run" and named and of in MADE_UP:
        message = f"data of provenance {of} was made up, and a dry run on it shows nothing of a surface that {named[0]} asks for"
        raise fault(Exit.USAGE, "BINDING", message, help="--provenance NAME says what the data is; without --leg it is a trial that proves nothing")
    return Bound(policy, rests_on, of if kind == "rehearsal" else _surface(policy, named), of, label, named, name, apply, back, programme, begun)


def _scripts(session: Session, rests_on: Rehearsal, change: str, revert: Path | None) -> tuple[str | None, Path, Path | None]:
    """Return the name of a declared change, and the paths of its scripts. Files are those declared where their bytes are."""
    here = session.options.directory
    declared = rests_on.changes.get(change)
    if declared is not None and not (here / change).is_file():
        if revert is not None:
            raise fault(Exit.USAGE, "USAGE", f"change {change} declares how it is taken back", help="leave --revert out")
        return change, _declared(session, declared.apply.file, declared.apply.sha256), _declared_revert(session, declared)
    if not (here / change).is_file():
        hint = did_you_mean(change, rests_on.changes) or "--change takes a script of SQL, or the name of a declared change"
        raise fault(Exit.USAGE, "FILE_IO", f"`{change}` is neither a file nor a declared change", help=hint)
    found = (digest(_read(here / change)), digest(_read(here / revert)) if revert else None)
    names = [name for name, each in rests_on.changes.items() if (each.apply.sha256, each.revert.sha256 if each.revert else None) == found]
    return (names[0] if names else None), here / change, here / revert if revert else None


def _declared_revert(session: Session, declared: Change) -> Path | None:
    return _declared(session, declared.revert.file, declared.revert.sha256) if declared.revert else None


def _declared(session: Session, file: str, sha256: str) -> Path:
    path = session.project.root / file
    found = digest(_read(path))
    if found != sha256:
        message = f"{file} is not the declared script: its digest is {found[:12]}, declared is {sha256[:12]}"
        raise fault(Exit.UNJUDGED, "CHANGE_MOVED", message, help="bring the file back, or adopt a policy that declares the new one")
    return path


def _read(path: Path) -> bytes:
    return read_named(path, "a script of SQL is wanted")


def _known_provenances(policy: Policy | None) -> list[str]:
    """Return what data can be: the three that every programme knows, and what its legs ask for."""
    asked = [leg.evidence.of for leg in (policy.legs.values() if policy else ()) if leg.evidence and leg.evidence.kind in ("rehearsal", "intake")]
    return list(dict.fromkeys(["toy", "surrogate", "real-dump", *asked]))


def provenance_of(policy: Policy | None, rests_on: Rehearsal, source: Source, given: str | None) -> str:
    """Return what the data is: as pinned by its digest, else as said, else a toy.

    Raises:
        GovernError: nothing is known of what was said, which would prove nothing (status 2), or it is pinned as something else (status 3).
    """
    if given is not None and given not in (known := _known_provenances(policy)):
        raise fault(Exit.USAGE, "UNKNOWN_ID", f"no leg asks for data of `{given}`", help=did_you_mean(given, known) or f"one of {', '.join(known)}")
    pinned = next((name for name, each in rests_on.sources.items() if each.sha256 == source.sha256), None)
    if pinned is not None and given not in (None, pinned):
        raise fault(Exit.UNJUDGED, "PROVENANCE", f"{source.name} is declared as {pinned}, and was given as {given}", help=f"--provenance {pinned}")
    return pinned or given or "toy"


class Wanted(NamedTuple):
    """What a leg must ask for: evidence of this kind, of this provenance where one is given, with this change where it names one."""

    kind: str
    of: str | None
    change: str | None

    def fits(self, leg: Leg) -> bool:
        """Whether a leg asks for it."""
        return leg.evidence is not None and leg.evidence.kind == self.kind and self.of in (None, leg.evidence.of) and leg.change in (None, self.change)


def _legs(policy: Policy | None, wanted: Wanted, given: Sequence[str]) -> tuple[str, ...]:
    known = dict(policy.legs) if policy else {}
    for name in given:
        if name not in known:
            raise unknown_id("leg", name, known, "`govern show BLOCKER` lists its legs")
        if not wanted.fits(known[name]):
            asked = known[name].evidence
            message = f"leg {name} does not ask for a {wanted.kind}" + (f" of {wanted.of}" if wanted.of else "")
            message += f" with change {known[name].change}" if known[name].change else ""
            raise fault(Exit.USAGE, "BINDING", message, help=f"it asks for {asked.kind} of {asked.of}" if asked else f"`govern show {name}`")
    return tuple(given) or tuple(name for name, leg in known.items() if wanted.fits(leg))


def _surface(policy: Policy | None, legs: Sequence[str]) -> str:
    """Return the surface that a dry run is of, as its legs name it."""
    names = {evidence.of for name in legs if policy and (evidence := policy.legs[name].evidence)}
    if len(names) > 1:
        raise fault(Exit.USAGE, "BINDING", f"a dry run is of one surface, and these legs ask for {', '.join(sorted(names))}", help="--leg BLOCKER/LEG")
    return names.pop() if names else "surface"


def evidence_head(kind: str, of: str, legs: Sequence[str], label: str | None) -> dict[str, Any]:
    """Return what evidence says of itself, before what was found."""
    return {"schema": EVIDENCE_SCHEMA, "kind": kind, "of": of, "legs": list(legs)} | ({"label": label} if label else {})


def demand_room(session: Session, bound: Bound, out: Path) -> None:
    """Go on only where a folder can take the evidence and the scripts, as `demand_out` does."""
    demand_out(session, out, ["evidence.json", *(f"{name}.sql" for name, _path in bound.named_scripts())])


def write_evidence(session: Session, bound: Bound, content: bytes, out: Path) -> list[str]:
    """Write the evidence and the scripts to a folder, and return their paths, as `write_out` does."""
    return write_out(session, out, {"evidence.json": content} | {f"{name}.sql": _read(path) for name, path in bound.named_scripts()})


def _script(path: Path) -> dict[str, Any]:
    content = _read(path)
    return {"sha256": digest(content), "bytes": len(content)}
