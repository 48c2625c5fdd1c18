"""A seal: the manifest of a folder, with the size and digest of each file and one tree over all of them.

    {"schema": "govern.evidence/1", "kind": "packet", "of": NAME, "legs": [BLOCKER/LEG …],
     "seal": {"schema": "govern.seal/1", "tree": SHA256, "made": [NAME …], "files": [{"path", "sha256", "size"} …]}}

One line of RFC 8785 and an LF: a manifest is itself the evidence that discharges a leg. `files` are all files of the
folder but the manifest, ordered by the code points of their paths; `made` are those that sealing wrote. The tree is the
Merkle tree hash of RFC 6962 over the lines `SHA256  SIZE  PATH`.

Pure. `seals` compares a seal with the bytes, `sealing` makes one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from govern.canonical import Json, NotCanonicalError, decode, encode
from govern.evidence.members import Measured
from govern.evidence.names import collisions, name_fault
from govern.ledger.merkle import leaf_hash, root_over
from govern.ledger.statements import is_digest, is_name, is_seq

MANIFEST = "MANIFEST.json"
SUMS = "SHA256SUMS"
COMMANDS = "commands.sh"
RERUN = "RERUN.sh"
EXPECTED = "EXPECTED.txt"
VALIDATOR = "validator.py"
# A manifest of a million files is smaller.
MAX_MANIFEST = 256 * 1024 * 1024
MADE = (EXPECTED, RERUN, SUMS, COMMANDS, VALIDATOR)
EVIDENCE_SCHEMA = "govern.evidence/1"
SCHEMA = "govern.seal/1"
_KEYS = {"kind", "legs", "of", "schema", "seal"}
_SEAL_KEYS = {"files", "made", "schema", "tree"}
_FILE_KEYS = {"path", "sha256", "size"}


class SealError(ValueError):
    """Not a manifest, or one whose parts do not fit together."""


@dataclass(frozen=True, slots=True)
class Seal:
    """What a manifest says: of what it is, for which legs, the files, and which of them sealing made."""

    of: str
    legs: tuple[str, ...]
    files: Mapping[str, Measured]
    made: tuple[str, ...] = ()

    def text(self) -> str:
        """Return the manifest."""
        files: list[Json] = [{"path": path, "sha256": each.sha256, "size": each.size} for path, each in sorted(self.files.items())]
        sealed: dict[str, Json] = {"schema": SCHEMA, "tree": tree_of(self.files), "made": sorted(self.made), "files": files}
        return encode({"schema": EVIDENCE_SCHEMA, "kind": "packet", "of": self.of, "legs": self.legs, "seal": sealed}) + "\n"


def tree_of(files: Mapping[str, Measured]) -> str:
    """Return the root over files, in hex."""
    lines = (f"{each.sha256}  {each.size}  {path}".encode() for path, each in sorted(files.items()))
    return root_over([leaf_hash(line) for line in lines]).hex()


def sums_of(files: Mapping[str, Measured]) -> str:
    """Return the text that `sha256sum -c` reads."""
    return "".join(f"{each.sha256}  {path}\n" for path, each in sorted(files.items()))


def parse_seal(content: bytes) -> Seal:
    """Return the seal of a manifest.

    Raises:
        SealError: it is no manifest, not in its one spelling, or its tree is not of its files.
    """
    try:
        text = content.decode()
        found = decode(text.removesuffix("\n"))
    except (UnicodeDecodeError, NotCanonicalError) as error:
        raise SealError(f"it is not in its one spelling: {error}") from error
    if not text.endswith("\n") or not isinstance(found, dict) or found.keys() != _KEYS:
        raise SealError("it is no manifest of one line")
    sealed = found["seal"]
    if (found["schema"], found["kind"]) != (EVIDENCE_SCHEMA, "packet") or not isinstance(sealed, dict) or sealed.keys() != _SEAL_KEYS:
        raise SealError("it is no manifest of a packet")
    if sealed["schema"] != SCHEMA:
        raise SealError(f"its form is not {SCHEMA}")
    files = _files(sealed["files"])
    made, legs = _texts(sealed["made"]), _texts(found["legs"])
    if not is_name(found["of"]) or made is None or legs is None or not files.keys() >= set(made):
        raise SealError("`of`, `legs` or `made` is malformed")
    if tree_of(files) != sealed["tree"]:
        raise SealError(f"its tree is not of its files: it says {str(sealed['tree'])[:16]}, and they give {tree_of(files)[:16]}")
    return Seal(found["of"], legs, files, made)


def _texts(value: Any) -> tuple[str, ...] | None:
    return tuple(value) if isinstance(value, list) and all(isinstance(each, str) for each in value) else None


def _files(value: Any) -> dict[str, Measured]:
    if not isinstance(value, list) or not value:
        raise SealError("it lists no files")
    files: dict[str, Measured] = {}
    for each in value:
        if (
            not isinstance(each, dict)
            or each.keys() != _FILE_KEYS
            or not (isinstance(each["path"], str) and is_digest(each["sha256"]) and is_seq(each["size"]))
        ):
            raise SealError("a file is not listed by path, sha256 and size")
        files[each["path"]] = Measured(each["size"], each["sha256"])
    if list(files) != sorted(each["path"] for each in value):
        raise SealError("its files are not in the order of their paths, or one stands twice")
    _refuse_names(files)
    return files


def _refuse_names(paths: Iterable[str]) -> None:
    wrong = [path for path in paths if path == MANIFEST or name_fault(path)] or [second for _first, second in collisions(paths)]
    if wrong:
        raise SealError(f"it lists `{wrong[0][:80]}`, which no seal has")
