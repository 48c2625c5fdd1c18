"""The gate of seal against bytes: every seal below governance/, every file that a record binds, every adopted policy and template."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from govern.cli.output import counted
from govern.cli.session import Session
from govern.engine.state import Proof, State
from govern.evidence.manifest import MANIFEST, MAX_MANIFEST, SealError, parse_seal
from govern.evidence.members import Member, What, measure, opened, read_small, walk
from govern.evidence.names import folded
from govern.evidence.sealing import read_earlier
from govern.evidence.seals import Examined, Finding, examine
from govern.ledger.statements import is_digest
from govern.problems import Exit, GovernError, Place, Problem

GOVERNANCE = "governance"
POLICIES = "governance/policy"
# Of one folder so many faults are shown; all of them are in the JSON.
MAX_SHOWN = 40
_RESTORE = "restore it from a clone; a seal is never made to fit"


@dataclass(slots=True)
class Gate:
    """What was compared, and how it went. A fault outranks what is not known, and broken integrity both."""

    seals: dict[str, Examined] = field(default_factory=dict)
    recorded: dict[str, int] = field(default_factory=dict)
    bound: int = 0
    policies: int = 0
    problems: list[Problem] = field(default_factory=list)
    statuses: set[Exit] = field(default_factory=set)

    @property
    def status(self) -> Exit:
        """The worst of what was met."""
        return next((each for each in (Exit.BROKEN, Exit.NO, Exit.UNJUDGED) if each in self.statuses), Exit.YES)

    @property
    def files(self) -> int:
        """How many files the seals list, with the manifests."""
        return sum(1 + len(each.seal.files) for each in self.seals.values() if each.seal)

    def tell(self, status: Exit, *problems: Problem) -> None:
        """Take problems in; the same one counts once."""
        self.problems += [each for each in problems if each not in self.problems]
        self.statuses.add(status)

    def as_json(self) -> dict[str, Any]:
        """Return every seal with every fault."""
        seals = [
            {
                "folder": folder,
                "of": found.seal.of if found.seal else None,
                "files": len(found.seal.files) if found.seal else None,
                "manifest": found.sha256 or None,
                "recorded": self.recorded.get(found.sha256),
                "findings": [
                    {"code": each.code, "path": _shown(each.path), "says": each.message, "sealed": each.sealed, "found": each.found} for each in found.findings
                ],
            }
            for folder, found in self.seals.items()
        ]
        return {"result": _RESULTS[self.status], "seals": seals, "bound": self.bound, "policies": self.policies}

    def as_text(self) -> str:
        """Return in one line how it stands, and in further lines what was compared."""
        compared = f"{counted(len(self.seals), 'seal')}, {counted(self.files, 'file')}"
        lines = [f"{compared}: {_TOLD[self.status]}" if self.seals else "nothing is sealed, so nothing was compared: not a pass"]
        for folder, found in self.seals.items():
            record = f", record #{self.recorded[found.sha256]}" if found.sha256 in self.recorded else ""
            lines.append(f"  {folder}: {_stands(found)}{record}")
        if self.bound or self.policies:
            lines.append(f"  {counted(self.bound, 'file')} that records bind, {counted(self.policies, 'file')} of adopted policies and templates")
        return "\n".join(lines)


_RESULTS = {Exit.YES: "MATCH", Exit.NO: "MISMATCH", Exit.UNJUDGED: "UNKNOWN", Exit.BROKEN: "MISMATCH"}
_TOLD = {
    Exit.YES: "each byte as sealed",
    Exit.NO: "not as sealed",
    Exit.UNJUDGED: "UNKNOWN, something could not be read or judged: not a pass",
    Exit.BROKEN: "the ledger, or an adopted policy, is not what it was",
}


def _stands(found: Examined) -> str:
    faults = sum(not each.unknown for each in found.findings)
    unknown = len(found.findings) - faults
    told = [*([counted(faults, "fault")] if faults else []), *([f"{unknown} not known"] if unknown else [])]
    return ", ".join(told) or f"as sealed, manifest {found.sha256[:16]}"


def compare_folders(gate: Gate, folders: list[Path]) -> None:
    """Compare the seals in and below folders with their bytes. What the ledger says of them is not asked."""
    for folder in folders:
        _compare_below(gate, folder, "", shown=str(folder))


def compare_all(gate: Gate, session: Session) -> None:
    """Compare everything below governance/ that is bound by a digest with its bytes."""
    root = session.project.root
    _compare_below(gate, root, GOVERNANCE, shown=GOVERNANCE)
    _compare_policies(gate, root)
    try:
        replay = session.replay
        session.project.adopted_templates(replay.state)
    except GovernError as error:
        gate.tell(Exit.BROKEN if error.status is Exit.BROKEN else Exit.UNJUDGED, *error.problems)
        return
    proofs = {proof.seq: proof for found in replay.state.proofs.values() for proof in found if proof.sha256 and proof.path}
    for _seq, proof in sorted(proofs.items()):
        _compare_bound(gate, root, proof)


def recorded_files(root: Path, state: State) -> dict[str, str]:
    """Return every file below governance/ of a seal that is on record, with the digest that it is sealed with."""
    bound = {proof.sha256 for proofs in state.proofs.values() for proof in proofs if proof.kind == "packet"}
    found: dict[str, str] = {}
    with suppress(OSError), opened(root, GOVERNANCE) as folder:
        for member in walk(folder):
            if member.name == MANIFEST and member.what is What.FILE:
                seal, sha256 = read_earlier(member.folder)
                above = "/".join([GOVERNANCE, *member.path.split("/")[:-1]])
                found |= {f"{above}/{path}": each.sha256 for path, each in seal.files.items()} if seal and sha256 in bound else {}
    return found


def _compare_below(gate: Gate, root: Path, below: str, shown: str) -> None:
    """Find and compare every seal. Outside of them, too, there is no link and nothing that cannot be looked at."""
    sealed, others = [], []
    try:
        with opened(root, below) as folder:
            for member in walk(folder):
                if member.name == MANIFEST or _is_renamed(member):
                    sealed.append(member.path.rpartition("/")[0])
                elif member.what not in {What.FILE, What.HARD_LINK, What.EMPTY}:
                    others.append(member)
    except OSError as error:
        gate.tell(Exit.UNJUDGED, Problem("UNKNOWN", f"could not be read: {error.strerror}", Place(shown, 1, 1)))
    for above in sorted(set(sealed)):
        name = f"{shown}/{above}" if above else shown
        gate.seals[name] = found = examine(root, "/".join(filter(None, (below, above))))
        _tell_findings(gate, name, found.findings)
    covered = tuple(f"{each}/" if each else "" for each in sealed)
    _tell_findings(gate, shown, tuple(_outside(each) for each in others if not each.path.startswith(covered)))


def _is_renamed(member: Member) -> bool:
    """Whether a file is a manifest whose name was changed in case, which some systems would still take for one."""
    return member.what is What.FILE and folded(member.name) == folded(MANIFEST) and read_earlier(member.folder, member.name)[0] is not None


def _outside(member: Member) -> Finding:
    if member.what is What.UNREADABLE:
        return Finding("UNKNOWN", member.path, f"could not be read: {member.why}")
    return Finding("EVIDENCE_TYPE", member.path, f"is {member.what.value}; a seal behind it would not be seen")


def _tell_findings(gate: Gate, folder: str, findings: tuple[Finding, ...]) -> None:
    for each in findings[:MAX_SHOWN]:
        gate.tell(Exit.UNJUDGED if each.unknown else Exit.NO, each.problem(folder))
    for each in findings[MAX_SHOWN:]:
        gate.statuses.add(Exit.UNJUDGED if each.unknown else Exit.NO)
    if len(findings) > MAX_SHOWN:
        gate.problems.append(Problem("EVIDENCE_SET", f"{len(findings) - MAX_SHOWN} more faults", Place(folder, 1, 1), help="--json lists all of them"))


def _compare_policies(gate: Gate, root: Path) -> None:
    """What is kept by digest has its digest for a name."""
    try:
        with opened(root, POLICIES) as folder:
            for member in walk(folder):
                stem, _dot, kind = member.path.partition(".")
                if is_digest(stem) and kind in {"yaml", "j2"} and member.what in {What.FILE, What.HARD_LINK}:
                    gate.policies += 1
                    for finding in _policy_findings(member, stem):
                        gate.tell(Exit.UNJUDGED if finding.unknown else Exit.BROKEN, finding.problem(POLICIES))
    except FileNotFoundError:
        return  # What is missing is told by the replay, which knows what was adopted.
    except OSError as error:
        gate.tell(Exit.UNJUDGED, Problem("UNKNOWN", f"could not be read: {error.strerror}", Place(POLICIES, 1, 1)))


def _policy_findings(member: Member, sha256: str) -> Iterator[Finding]:
    try:
        found = measure(member.folder, member.name)
    except OSError as error:
        yield Finding("UNKNOWN", member.path, f"could not be read: {error.strerror}")
        return
    if found.sha256 != sha256:
        yield Finding("POLICY_DIGEST", member.path, f"was changed: adopted as {sha256[:16]}, found {found}", sha256, found.sha256)


def _compare_bound(gate: Gate, root: Path, proof: Proof) -> None:
    """Compare a file that a record binds, and, where it is a manifest, see that a folder still carries that seal."""
    assert proof.path is not None
    assert proof.sha256 is not None
    gate.bound += 1
    above, _slash, name = proof.path.rpartition("/")
    try:
        with opened(root, above) as folder:
            found = measure(folder, name)
    except FileNotFoundError:
        gate.tell(Exit.NO, _bound("EVIDENCE_SET", proof, f"was removed: record #{proof.seq} binds {proof.sha256[:16]}"))
        return
    except PermissionError as error:
        gate.tell(Exit.UNJUDGED, _bound("UNKNOWN", proof, f"could not be read: {error.strerror}"))
        return
    except OSError as error:
        gate.tell(Exit.NO, _bound("EVIDENCE_TYPE", proof, f"is no plain file with one name, or behind a link: {error.strerror}"))
        return
    if found.sha256 != proof.sha256:
        gate.tell(Exit.NO, _bound("EVIDENCE_DIGEST", proof, f"was changed: record #{proof.seq} binds {proof.sha256[:16]}, found {found}"))
    elif proof.kind == "packet":
        _compare_recorded(gate, root, proof)


def _compare_recorded(gate: Gate, root: Path, proof: Proof) -> None:
    """A seal that is on record is the seal of a folder: one that was removed, or edited together with its files, is told here."""
    above, _slash, name = str(proof.path).rpartition("/")
    try:
        with opened(root, above) as folder:
            seal = parse_seal(read_small(folder, name, MAX_MANIFEST) or b"")
    except SealError:
        return  # Evidence of a packet that is no seal binds no folder.
    gate.recorded[str(proof.sha256)] = proof.seq
    if any(each.sha256 == proof.sha256 for each in gate.seals.values()):
        return
    if any(not each.sha256 and each.findings[0].unknown for each in gate.seals.values()):
        gate.tell(
            Exit.UNJUDGED, _bound("UNKNOWN", proof, f"whether a folder carries the seal on record #{proof.seq} cannot be told: a manifest could not be read")
        )
        return
    others = [f"{folder}/{MANIFEST} has {each.sha256[:16]}" for folder, each in gate.seals.items() if each.seal and each.seal.of == seal.of]
    told = "; ".join(others) or "no folder carries it"
    gate.tell(Exit.NO, _bound("SEAL_BROKEN", proof, f"the seal of {seal.of} on record #{proof.seq} is {str(proof.sha256)[:16]}, and {told}"))


def _bound(code: str, proof: Proof, message: str) -> Problem:
    return Problem(code, message, Place(str(proof.path), 1, 1), help=_RESTORE)


def _shown(path: str) -> str:
    return path.encode(errors="backslashreplace").decode()
