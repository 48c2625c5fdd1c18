"""A seal against the bytes of its folder: raw bytes, every file, and each fault by its own name.

Files are read and never written. What cannot be read is unknown: a result of its own, neither the same nor another.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from govern.canonical import digest
from govern.evidence.manifest import MANIFEST, MAX_MANIFEST, Seal, SealError, parse_seal
from govern.evidence.members import Measured, Member, What, measure, measure_with_lf, opened, read_small, walk
from govern.evidence.names import folded
from govern.problems import Place, Problem

AFTER_LF = "it matches after LF: its line ends were converted, and it is refused all the same"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of a sealed folder. Digests are empty where there is no file of that name, or it was not read."""

    code: str
    path: str
    message: str
    sealed: str = ""
    found: str = ""

    @property
    def unknown(self) -> bool:
        """Whether it could not be told."""
        return self.code == "UNKNOWN"

    def problem(self, folder: str) -> Problem:
        """Return it as it is told to people, with the folder before its path."""
        place = Place(f"{folder}/{self.path.encode(errors='backslashreplace').decode()}", 1, 1)
        return Problem(self.code, self.message, place, help="" if self.unknown else "restore it from a clone; a seal is never made to fit")


@dataclass(frozen=True, slots=True)
class Examined:
    """A sealed folder as it was found: its manifest, where that could be read, the manifest's digest, and every fault."""

    seal: Seal | None
    sha256: str
    findings: tuple[Finding, ...]


def examine_seal(folder: Path) -> tuple[Problem, ...]:
    """Return every fault of a sealed folder; none where each byte is as sealed."""
    return tuple(each.problem(str(folder)) for each in examine(folder).findings)


def examine(root: Path, name: str = "") -> Examined:
    """Return a sealed folder below another, as it was found. A folder without a manifest is not sealed, which is a fault."""
    try:
        with opened(root, name) as folder:
            return _examine(folder)
    except OSError as error:
        return Examined(None, "", (Finding("UNKNOWN", name or ".", f"could not be read: {error.strerror}"),))


def _examine(folder: int) -> Examined:
    try:
        content = read_small(folder, MANIFEST, MAX_MANIFEST)
    except FileNotFoundError:
        return Examined(None, "", (Finding("EVIDENCE_SET", MANIFEST, "is not there: the folder is not sealed"),))
    except PermissionError as error:
        return Examined(None, "", (Finding("UNKNOWN", MANIFEST, f"could not be read: {error.strerror}"),))
    except OSError as error:
        return Examined(None, "", (Finding("EVIDENCE_TYPE", MANIFEST, f"is no plain file with one name: {error.strerror}"),))
    if content is None:
        return Examined(None, "", (Finding("UNKNOWN", MANIFEST, f"is longer than {MAX_MANIFEST} bytes, and was not read"),))
    findings: list[Finding] = []
    sha256, lines = digest(content), content.replace(b"\r\n", b"\n")
    if lines != content:
        findings.append(Finding("SEAL_BROKEN", MANIFEST, AFTER_LF, digest(lines), sha256))
    try:
        seal = parse_seal(lines)
    except SealError as error:
        return Examined(None, sha256, (*findings, Finding("SEAL_BROKEN", MANIFEST, f"was edited: {error}", "", sha256)))
    return Examined(seal, sha256, (*findings, *_compare(seal, folder)))


def _compare(seal: Seal, folder: int) -> Iterator[Finding]:
    left, added = dict(seal.files), dict[str, Measured]()
    for member in walk(folder):
        if member.path == MANIFEST:
            continue
        wanted = left.pop(member.path, None)
        if member.what is What.UNREADABLE:
            for path in [each for each in left if member.path == "." or each.startswith(f"{member.path}/")]:
                del left[path]
        match _measured(member):
            case Finding() as finding:
                yield finding
            case found if wanted is None:
                added[member.path] = found
            case found if found != wanted:
                yield _changed(member, wanted, found)
    yield from _moved(seal, left, added)


def _measured(member: Member) -> Measured | Finding:
    match member.what:
        case What.FILE:
            try:
                return measure(member.folder, member.name)
            except OSError as error:
                return Finding("UNKNOWN", member.path, f"could not be read: {error.strerror}")
        case What.UNREADABLE:
            return Finding("UNKNOWN", member.path, f"could not be read: {member.why}")
        case What.EMPTY:
            return Finding("EVIDENCE_SET", member.path, "is an empty folder, which no seal has")
        case _:
            return Finding("EVIDENCE_TYPE", member.path, f"is {member.what.value}, wanted a plain file with one name")


def _changed(member: Member, wanted: Measured, found: Measured) -> Finding:
    message = f"was changed: sealed as {wanted}, found {found}"
    if found.size > wanted.size and _after_lf(member) == wanted.sha256:
        message += f"; {AFTER_LF}"
    return Finding("EVIDENCE_DIGEST", member.path, message, wanted.sha256, found.sha256)


def _after_lf(member: Member) -> str:
    try:
        return measure_with_lf(member.folder, member.name)
    except OSError:
        return ""


def _moved(seal: Seal, left: dict[str, Measured], added: dict[str, Measured]) -> Iterator[Finding]:
    """Yield what stands under another name, what is too many and what is missing."""
    by_digest = {each.sha256: path for path, each in sorted(left.items(), reverse=True)}
    by_fold = {folded(path): path for path in seal.files}
    for path, found in sorted(added.items()):
        twin, old = by_fold.get(folded(path)), by_digest.pop(found.sha256, None)
        case = f"; it differs from {twin} in case or spelling only, and some systems take the two for one" if twin else ""
        if old is not None:
            del left[old]
            yield Finding("EVIDENCE_SET", path, f"was renamed: sealed as {old}, with the same bytes {found}{case}", found.sha256, found.sha256)
        else:
            yield Finding("EVIDENCE_SET", path, f"was added: {found} is not in the seal{case}", "", found.sha256)
    for path, wanted in sorted(left.items()):
        yield Finding("EVIDENCE_SET", path, f"was removed: sealed as {wanted}", wanted.sha256)
