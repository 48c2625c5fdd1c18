"""Sealing: from the parts in a folder to the files that seal them, computed before one is written."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from govern.canonical import digest
from govern.evidence.manifest import (
    COMMANDS,
    EVIDENCE_SCHEMA,
    EXPECTED,
    MADE,
    MANIFEST,
    MAX_MANIFEST,
    RERUN,
    SUMS,
    VALIDATOR,
    Seal,
    SealError,
    parse_seal,
    sums_of,
)
from govern.evidence.members import Measured, Member, What, measure, read_small, walk
from govern.evidence.names import collisions, name_fault
from govern.evidence.scripts import Rehearsed, commands, expected, rerun
from govern.problems import Exit, GovernError, Place, Problem

# Evidence is small; a larger JSON file is a part like any other.
MAX_EVIDENCE = 16 * 1024 * 1024
# Scripts of the packet's own that `commands.sh` runs where govern is installed.
OWN_SCRIPTS = "checks/"


@dataclass(slots=True)
class Parts:
    """What lies in a folder that is to be sealed: every file measured, and what evidence of rehearsals says of itself."""

    files: dict[str, Measured] = field(default_factory=dict)
    evidence: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def rehearsed(self) -> tuple[Rehearsed, ...]:
        """Return the evidence of rehearsals, each with those of its parts that are here, found by their digests."""
        by_digest = {each.sha256: path for path, each in sorted(self.files.items(), reverse=True)}
        return tuple(_rehearsed(path, found, by_digest) for path, found in sorted(self.evidence.items()))


def read_parts(folder: int) -> Parts:
    """Return what lies in an open folder, without what an earlier sealing made.

    Raises:
        GovernError: something there cannot be sealed; all of it is told (status 3).
    """
    parts = Parts()
    for member in walk(folder):
        if member.path not in {MANIFEST, *MADE}:
            _take(parts, member)
    parts.problems += [_problem("SEAL_NAME", second, f"some systems take it and {first} for one") for first, second in collisions(parts.files)]
    if not parts.files and not parts.problems:
        parts.problems.append(Problem("NO_SEAL", "there is nothing in the folder that could be sealed"))
    if parts.problems:
        raise GovernError(Exit.UNJUDGED, parts.problems)
    return parts


def _take(parts: Parts, member: Member) -> None:
    fault = name_fault(member.path)
    if fault:
        parts.problems.append(_problem("SEAL_NAME", member.path, fault))
    elif member.path.rpartition("/")[0] == "" and member.path.casefold() in {each.casefold() for each in (MANIFEST, *MADE)}:
        parts.problems.append(_problem("SEAL_NAME", member.path, "some systems take it for a file that sealing writes"))
    elif member.what is What.UNREADABLE:
        parts.problems.append(_problem("UNKNOWN", member.path, f"could not be read: {member.why}"))
    elif member.what is What.EMPTY:
        parts.problems.append(_problem("EVIDENCE_TYPE", member.path, "is an empty folder, which git does not keep"))
    elif member.what is not What.FILE:
        parts.problems.append(_problem("EVIDENCE_TYPE", member.path, f"is {member.what.value}, wanted a plain file with one name"))
    else:
        _measure(parts, member)


def _measure(parts: Parts, member: Member) -> None:
    try:
        found = parts.files[member.path] = measure(member.folder, member.name)
        content = read_small(member.folder, member.name, MAX_EVIDENCE) if member.path.endswith(".json") else None
    except OSError as error:
        parts.problems.append(_problem("UNKNOWN", member.path, f"could not be read: {error.strerror}"))
        return
    if content is not None and digest(content) != found.sha256:
        parts.problems.append(_problem("UNKNOWN", member.path, "could not be read: it changed meanwhile"))
    evidence = _evidence(content)
    if evidence is not None:
        parts.evidence[member.path] = evidence


def _evidence(content: bytes | None) -> Mapping[str, Any] | None:
    """Return the object of evidence of a rehearsal, or None where the file is something else."""
    try:
        found = json.loads(content) if content is not None else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and (found.get("schema"), found.get("kind")) == (EVIDENCE_SCHEMA, "rehearsal") else None


def _rehearsed(path: str, evidence: Mapping[str, Any], by_digest: Mapping[str, str]) -> Rehearsed:
    def part(*keys: str) -> str | None:
        found: Any = evidence.get("rehearsal")
        for key in (*keys, "sha256"):
            found = found.get(key) if isinstance(found, dict) else None
        return by_digest.get(found) if isinstance(found, str) else None

    return Rehearsed(path, part("source"), part("change", "apply"), part("change", "revert"))


def make_seal(parts: Parts, of: str, legs: Iterable[str], validator: bytes) -> tuple[Seal, dict[str, bytes]]:
    """Return the seal of parts, and every file that sealing writes, in the order in which they are to be written: the manifest is the last."""
    rehearsed = parts.rehearsed()
    own = sorted(path for path in parts.files if path.startswith(OWN_SCRIPTS) and path.endswith(".sh"))
    made = {COMMANDS: commands(rehearsed, own).encode(), RERUN: rerun().encode(), EXPECTED: expected(rehearsed).encode()}
    if rehearsed:
        made[VALIDATOR] = validator
    files = {**parts.files, **_measured(made)}
    made[SUMS] = sums_of(files).encode()
    files |= _measured({SUMS: made[SUMS]})
    seal = Seal(of, tuple(legs), files, tuple(sorted(made)))
    return seal, {**made, MANIFEST: seal.text().encode()}


def _measured(made: Mapping[str, bytes]) -> dict[str, Measured]:
    return {name: Measured(len(content), digest(content)) for name, content in made.items()}


def _problem(code: str, path: str, message: str) -> Problem:
    shown = path.encode(errors="backslashreplace").decode()
    return Problem(code, message, Place(shown, 1, 1))


def read_earlier(folder: int, name: str = MANIFEST) -> tuple[Seal | None, str]:
    """Return the seal that an open folder has, and the digest of its manifest; no seal where there is none or it cannot be read as one."""
    try:
        content = read_small(folder, name, MAX_MANIFEST)
        return (parse_seal(content), digest(content)) if content is not None else (None, "")
    except (OSError, SealError):
        return None, ""


def changes(folder: int, made: Mapping[str, bytes], new: Seal) -> tuple[Problem, ...]:
    """Return what writing a seal would change of an earlier one, or of files that stand where sealing writes.

    Raises:
        GovernError: a file stands there that this seal would neither write nor list (status 3).
    """
    there = [name for name in os.listdir(folder) if name in {MANIFEST, *MADE}]
    strays = [
        _problem("SEAL_NAME", name, "sealing writes a file of that name, and this packet has none; remove or rename it") for name in there if name not in made
    ]
    if strays:
        raise GovernError(Exit.UNJUDGED, strays)
    earlier, _sha256 = read_earlier(folder)
    if earlier is not None:
        return tuple(_differences(earlier, new))
    if MANIFEST in there:
        return (_problem("SEAL_BROKEN", MANIFEST, "is no seal that could be compared"),)
    return tuple(
        _problem("EVIDENCE_SET", name, "stands where sealing writes, with other bytes") for name in sorted(there) if not _same(folder, name, made[name])
    )


def _differences(old: Seal, new: Seal) -> Iterator[Problem]:
    if (old.of, old.legs) != (new.of, new.legs):
        yield _problem(
            "EVIDENCE_SET", MANIFEST, f"was of {old.of} for {', '.join(old.legs) or 'no leg'}, would be of {new.of} for {', '.join(new.legs) or 'no leg'}"
        )
    for path in sorted({*old.files, *new.files}):
        before, after = old.files.get(path), new.files.get(path)
        if before is None:
            yield _problem("EVIDENCE_SET", path, f"was added: {after}")
        elif after is None:
            yield _problem("EVIDENCE_SET", path, f"was removed: sealed as {before}")
        elif before != after:
            yield _problem("EVIDENCE_DIGEST", path, f"was changed: sealed as {before}, is now {after}")


def _same(folder: int, name: str, content: bytes) -> bool:
    try:
        return read_small(folder, name, len(content)) == content
    except OSError:
        return False
