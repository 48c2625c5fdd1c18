"""Checkpoints: what a head of a ledger was, to be kept elsewhere and compared later (C2SP tlog-checkpoint).

Pure. A checkpoint is compared with the ledger's lines, or with another checkpoint; who signed it is the matter of `notes`.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from typing import NamedTuple

from govern.canonical import MAX_INTEGER
from govern.ledger.merkle import EMPTY_ROOT, HASH_SIZE, leaf_hash, root_over
from govern.ledger.proofs import ProofError, check_consistency, consistency_proof

_ORIGIN, _LAST = "govern/", "last "
# A line of its own: neither empty nor with a control character or half a character.
_fits_line = re.compile("[^\x00-\x1f\ud800-\udfff]+").fullmatch
_fits_size = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII).fullmatch
_fits_last = re.compile(r"last [0-9a-f]{64}", re.ASCII).fullmatch


class CheckpointError(ValueError):
    """It is no checkpoint, or not one that can be compared in this way."""

    code = "CHECKPOINT_FORMAT"


class Relation(Enum):
    """How a checkpoint stands to the ledger of now."""

    SAME = "same"
    """It is the head."""
    BEHIND = "behind"
    """It is an earlier head of this history: records were added since."""
    ROLLBACK = "rollback"
    """It has more records than the ledger: some were cut off, or an older copy was put in its place."""
    FORK = "fork"
    """The ledger has as many records or more, and they are others: the histories parted before."""
    OTHER = "other"
    """It is of another ledger."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A head: whose it is, how many lines, and the root of the tree over them.

    Raises:
        CheckpointError: a value that has no place in the text.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not all(map(_fits_line, (self.origin, *self.extensions))):
            raise _malformed("an empty line, a control character, or half a character")
        if not 0 <= self.size <= MAX_INTEGER:
            raise _malformed(f"a size of {self.size}")
        if len(self.root) != HASH_SIZE or (self.size == 0 and self.root != EMPTY_ROOT):
            raise _malformed(f"a root that no tree of {self.size} lines has")
        lasts = [line for line in self.extensions if line.startswith(_LAST)]
        if lasts and (len(lasts) > 1 or self.size == 0 or not _fits_last(lasts[0])):
            raise _malformed("`last` is followed by the one digest of the last line, in hex")

    @property
    def last(self) -> str | None:
        """The digest of the last line, where the checkpoint names it."""
        return next((line.removeprefix(_LAST) for line in self.extensions if line.startswith(_LAST)), None)

    def text(self) -> str:
        """Return the text, which is that of an unsigned note."""
        return "".join(f"{line}\n" for line in (self.origin, str(self.size), spell_hash(self.root), *self.extensions))


def parse_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint of a text without signatures, in its one spelling.

    Raises:
        CheckpointError: fewer than three lines, an empty one, a size with leading zeros, a root that is not of 32 bytes.
    """
    *lines, rest = text.split("\n")
    if rest or len(lines) < 3:
        raise _malformed("fewer than three lines, or no line end after the last")
    origin, size, root, *extensions = lines
    if not _fits_size(size):
        raise _malformed(f"a size of `{size[:40]}`")
    try:
        checkpoint = Checkpoint(origin, int(size), base64.b64decode(root, validate=True), tuple(extensions))
    except CheckpointError:
        raise
    except ValueError as error:
        raise _malformed("the root is not base64") from error
    if checkpoint.text() != text:
        raise _malformed("its root has another spelling")
    return checkpoint


def origin_of(ledger: str) -> str:
    """Return the origin line of a ledger, by its id."""
    return f"{_ORIGIN}{ledger}"


def checkpoint_of(ledger: str, lines: Sequence[bytes]) -> Checkpoint:
    """Return the checkpoint of a head, by the lines up to it, without their LF. It names the digest of the last line, too."""
    extensions = (f"{_LAST}{sha256(lines[-1]).hexdigest()}",) if lines else ()
    return Checkpoint(origin_of(ledger), len(lines), root_over(list(map(leaf_hash, lines))), extensions)


def compare(checkpoint: Checkpoint, ledger: str, leaves: Sequence[bytes]) -> Relation:
    """Return how a checkpoint stands to a ledger, by its id and the leaf hashes of its lines. Of no lines, any id will do."""
    if leaves and checkpoint.origin != origin_of(ledger):
        return Relation.OTHER
    if checkpoint.size > len(leaves):
        return Relation.ROLLBACK
    if root_over(leaves[: checkpoint.size]) != checkpoint.root:
        return Relation.FORK
    return Relation.SAME if checkpoint.size == len(leaves) else Relation.BEHIND


class ForkProof(NamedTuple):
    """What the larger history was when it had the size of the other: its root then, and the proof that its later head grew out of it."""

    root: bytes
    hashes: tuple[bytes, ...]


class Conviction(NamedTuple):
    """Two heads that cannot both be of one append-only log, and why, for all to check."""

    smaller: Checkpoint
    larger: Checkpoint
    proof: ForkProof

    def text(self) -> str:
        """Return both heads, and the proof that the larger grew out of another head than the smaller."""
        size = self.smaller.size
        steps = "".join(f"{spell_hash(each)}\n" for each in self.proof.hashes)
        grew = f"consistency proof from there to {self.larger.size} lines (RFC 6962, section 2.1.2)\n{steps}" if steps else ""
        return (
            f"two histories of one log: no ledger that was only added to had both heads\n\n{self.smaller.text()}\n{self.larger.text()}\n"
            f"root of the second at {size} lines, where the first has {spell_hash(self.smaller.root)}\n{spell_hash(self.proof.root)}\n{grew}"
        )


def fork_proof(smaller: Checkpoint, larger: Checkpoint, leaves: Sequence[bytes]) -> ForkProof:
    """Return what convicts two checkpoints of one log, made by whoever has the leaf hashes of the larger one.

    Raises:
        ProofError: these leaves do not give the larger head, or it is not the larger, or the smaller is of nothing.
    """
    if root_over(leaves[: larger.size]) != larger.root:
        raise ProofError(f"these lines do not have the root of the head of {larger.size}")
    hashes = consistency_proof(leaves, smaller.size, larger.size)
    return ForkProof(root_over(leaves[: smaller.size]), tuple(hashes))


def convict(a: Checkpoint, b: Checkpoint, proof: ForkProof | None) -> Conviction:
    """Show that two checkpoints, in either order, cannot both be of one append-only log.

    That a consistency proof fails convicts nobody: anyone can bring a bad one. What convicts is a good one, which
    leads to the larger head from another root than that of the smaller. Two roots of one size need none.

    Raises:
        ProofError: the heads are of two logs, or the proof does not lead to the larger, or it leads there from the smaller.
    """
    smaller, larger = (a, b) if a.size <= b.size else (b, a)
    if smaller.origin != larger.origin:
        raise ProofError(f"heads of two logs, `{smaller.origin}` and `{larger.origin}`")
    if smaller.size == larger.size:
        proof = ForkProof(larger.root, ())
    if proof is None:
        raise ProofError(f"heads of {smaller.size} and {larger.size} lines convict nobody without a proof")
    check_consistency(smaller.size, larger.size, proof.hashes, proof.root, larger.root)
    if proof.root == smaller.root:
        raise ProofError(f"the head of {larger.size} lines grew out of that of {smaller.size}")
    return Conviction(smaller, larger, proof)


def spell_hash(content: bytes) -> str:
    """Return a hash in base64, as checkpoints spell it."""
    return base64.b64encode(content).decode()


def _malformed(message: str) -> CheckpointError:
    return CheckpointError(f"no checkpoint: {message}")
