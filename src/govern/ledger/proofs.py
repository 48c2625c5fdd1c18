"""Proofs that a line is in a ledger, and that one head of it grew out of another (RFC 6962, section 2.1).

Pure. A proof is the list of hashes, from the leaves up, that are needed to compute the root anew. Leaves are given as
their hashes. The way a proof is checked is that of RFC 9162, sections 2.1.3.2 and 2.1.4.2; RFC 6962 leaves it open.

A root does not commit to the number of leaves: sizes and roots are those of a checkpoint that is trusted on other grounds.
"""

from collections.abc import Sequence

from govern.ledger.merkle import HASH_SIZE, inner_hash, parents


class ProofError(ValueError):
    """The proof does not prove what it was given for, or there is none."""

    code = "PROOF_INVALID"


def inclusion_proof(leaves: Sequence[bytes], index: int, size: int) -> list[bytes]:
    """Return the proof that leaf `index`, from 0, is in the tree of the first `size` leaves (RFC 6962, section 2.1.1).

    Raises:
        ProofError: there are fewer leaves, or the leaf is not among them.
    """
    if not 0 <= index < size <= len(leaves):
        raise ProofError(f"leaf {index} is not among the first {size} of {len(leaves)}")
    return _path(leaves[:size], index)


def consistency_proof(leaves: Sequence[bytes], size1: int, size2: int) -> list[bytes]:
    """Return the proof that the tree of the first `size1` leaves grew into that of the first `size2` (RFC 6962, section 2.1.2).

    Raises:
        ProofError: there are fewer leaves, or the first tree is empty or the larger one.
    """
    if size1 == 0:
        raise ProofError(_FROM_NOTHING)
    if not 0 < size1 <= size2 <= len(leaves):
        raise ProofError(f"{size1} leaves do not grow into the first {size2} of {len(leaves)}")
    if size1 == size2:
        return []
    # The last complete subtree of the first tree, which is a node of both.
    level, nodes = leaves[:size2], size1
    while not nodes & 1:
        level, nodes = parents(level), nodes >> 1
    # Where that is the whole first tree, its hash is known: it is the first root.
    start = [level[nodes - 1]] if nodes > 1 else []
    return start + _path(level, nodes - 1)


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that a leaf hash stands at `index` of the tree with this size and root (RFC 9162, section 2.1.3.2).

    Raises:
        ProofError: it is not proven.
    """
    if not 0 <= index < size:
        raise ProofError(f"leaf {index} is not in a tree of {size}")
    _check_hashes([leaf, *proof])
    inner, border = _shape(index, size)
    _check_length(proof, inner + border)
    if _climb(leaf, index, proof, inner) != root:
        raise ProofError(f"the proof leads from leaf {index} to another root")


def check_consistency(size1: int, size2: int, proof: Sequence[bytes], root1: bytes, root2: bytes) -> None:
    """Check that the tree with the first size and root grew into that with the second (RFC 9162, section 2.1.4.2).

    Every tree grows out of the empty one, so a first size of 0 is always refused: a proof that says nothing would pass for one.

    Raises:
        ProofError: it is not proven.
    """
    if size1 == 0:
        raise ProofError(_FROM_NOTHING)
    if not 0 < size1 <= size2:
        raise ProofError(f"{size1} leaves do not grow into {size2}")
    if size1 == size2:
        _check_length(proof, 0)
        if root1 != root2:
            raise ProofError(f"two roots of {size1} leaves")
        return
    _check_hashes([root1, *proof])
    shift = (size1 & -size1).bit_length() - 1
    nodes = size1 >> shift
    inner, border = _shape(size1 - 1, size2)
    inner -= shift
    _check_length(proof, (nodes > 1) + inner + border)
    start, path = (proof[0], proof[1:]) if nodes > 1 else (root1, proof)
    # The first tree has nothing to the right of its last leaf: only the hashes on the left belong to it.
    lefts = [step for place, step in enumerate(path) if place >= inner or (nodes - 1) >> place & 1]
    if _climb(start, 0, lefts, 0) != root1:
        raise ProofError(f"the proof leads to another root of {size1} leaves")
    if _climb(start, nodes - 1, path, inner) != root2:
        raise ProofError(f"the proof leads to another root of {size2} leaves")


_FROM_NOTHING = "every tree grows out of the empty one: there is nothing to prove"


def _path(level: Sequence[bytes], index: int) -> list[bytes]:
    """Return the siblings on the way from a node to the root."""
    siblings = []
    while len(level) > 1:
        if index ^ 1 < len(level):
            siblings.append(level[index ^ 1])
        level, index = parents(level), index >> 1
    return siblings


def _shape(index: int, size: int) -> tuple[int, int]:
    """Return how many siblings a leaf has below the place where its way meets that of the last leaf, and how many above, all on the left."""
    inner = (index ^ (size - 1)).bit_length()
    return inner, (index >> inner).bit_count()


def _climb(node: bytes, index: int, path: Sequence[bytes], inner: int) -> bytes:
    """Return the root that a node leads to. The bits of its index say on which side the first `inner` siblings are; the others are on the left."""
    for place, sibling in enumerate(path):
        on_left = place >= inner or index >> place & 1
        node = inner_hash(sibling, node) if on_left else inner_hash(node, sibling)
    return node


def _check_hashes(hashes: Sequence[bytes]) -> None:
    # Hashes of other lengths could share their bytes out differently among them, to the same end.
    if any(len(each) != HASH_SIZE for each in hashes):
        raise ProofError(f"a hash that is not of {HASH_SIZE} bytes")


def _check_length(proof: Sequence[bytes], wanted: int) -> None:
    if len(proof) != wanted:
        raise ProofError(f"a proof of {len(proof)} hashes, wanted {wanted}")
