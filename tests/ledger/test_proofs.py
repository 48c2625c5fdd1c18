"""Proofs of inclusion and of consistency, against the published vectors and everything that was changed in them."""

import base64
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.ledger.merkle import EMPTY_ROOT, inner_hash, leaf_hash, root_over
from govern.ledger.proofs import ProofError, check_consistency, check_inclusion, consistency_proof, inclusion_proof

SHARED = Path(__file__).parents[3] / "shared"
VECTORS = SHARED / "vectors" / "rfc6962"
FOLDERS = {
    "consistency/0": 1,
    "consistency/1": 21,
    "consistency/additional": 14,
    "inclusion/0": 13,
    "inclusion/1": 18,
    "inclusion/2": 18,
    "inclusion/3": 15,
    "inclusion/4": 18,
    "inclusion/additional/0": 3,
    "inclusion/additional/1": 3,
    "inclusion/additional/2": 3,
    "inclusion/additional/3": 3,
    "inclusion/single-entry": 4,
}
MOST = 200
LEAVES = [leaf_hash(str(number).encode()) for number in range(MOST)]
ROOTS = [root_over(LEAVES[:size]) for size in range(MOST + 1)]
MANY = settings(deadline=None, derandomize=True, max_examples=400)


def recursive_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """Return the audit path as RFC 6962, section 2.1.1, defines it."""
    if len(leaves) == 1:
        return []
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    if index < split:
        return [*recursive_path(index, leaves[:split]), root_over(leaves[split:])]
    return [*recursive_path(index - split, leaves[split:]), root_over(leaves[:split])]


def recursive_subproof(size: int, leaves: list[bytes], *, whole: bool) -> list[bytes]:
    """Return the consistency proof as RFC 6962, section 2.1.2, defines it."""
    if size == len(leaves):
        return [] if whole else [root_over(leaves)]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    if size <= split:
        return [*recursive_subproof(size, leaves[:split], whole=whole), root_over(leaves[split:])]
    return [*recursive_subproof(size - split, leaves[split:], whole=False), root_over(leaves[:split])]


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    try:
        check_inclusion(leaf, index, size, proof, root)
    except ProofError:
        return False
    return True


def grew(size1: int, size2: int, proof: Sequence[bytes], root1: bytes, root2: bytes) -> bool:
    try:
        check_consistency(size1, size2, proof, root1, root2)
    except ProofError:
        return False
    return True


def judged(vector: dict[str, Any]) -> bool:
    """Whether the proof of a published vector is accepted."""
    content = {name: base64.b64decode(vector[name]) for name in ("root", "leafHash", "root1", "root2") if name in vector}
    proof = [base64.b64decode(each) for each in vector["proof"] or []]
    if "leafIdx" in vector:
        return includes(content["leafHash"], vector["leafIdx"], vector["treeSize"], proof, content["root"])
    return grew(vector["size1"], vector["size2"], proof, content["root1"], content["root2"])


@st.composite
def mutated(draw: st.DrawFn, proof: list[bytes]) -> list[bytes]:
    """Return a proof with one thing changed: a bit, a hash more, less, twice or elsewhere, or of another length."""
    at = draw(st.integers(0, len(proof)))
    ways = ["more", "empty"] + (["bit", "less", "twice", "short", "long", "swap", "cut"] if proof else [])
    at = min(at, len(proof) - 1) if proof else 0
    match draw(st.sampled_from(ways)):
        case "more":
            return [*proof[:at], draw(st.sampled_from([*ROOTS[:9], *LEAVES[:9], bytes(32)])), *proof[at:]]
        case "empty":
            return [*proof[:at], b"", *proof[at:]]
        case "bit":
            place = draw(st.integers(0, 255))
            changed = (int.from_bytes(proof[at]) ^ 1 << place).to_bytes(32)
            return [*proof[:at], changed, *proof[at + 1 :]]
        case "less":
            return [*proof[:at], *proof[at + 1 :]]
        case "twice":
            return [*proof[: at + 1], *proof[at:]]
        case "short":
            return [*proof[:at], proof[at][:-1], *proof[at + 1 :]]
        case "long":
            return [*proof[:at], proof[at] + b"\x00", *proof[at + 1 :]]
        case "cut":
            return proof[:at]
        case _:
            return [*proof[at:], *proof[:at]]


def test_the_published_vectors_are_all_here_or_their_whole_folder_is_not() -> None:
    found = Counter(path.parent.relative_to(VECTORS).as_posix() for path in VECTORS.rglob("*.json"))

    assert found == (FOLDERS if SHARED.is_dir() else {})


def test_the_published_proofs_are_accepted_and_refused_as_published() -> None:
    differing = []
    accepted = 0
    for path in sorted(VECTORS.rglob("*.json")):
        vector = json.loads(path.read_bytes())
        accepted += judged(vector)
        if judged(vector) == vector["wantErr"]:
            differing.append(path.relative_to(VECTORS).as_posix())

    assert differing == []
    assert accepted == (9 if SHARED.is_dir() else 0)


@pytest.mark.parametrize("size", [*range(1, 20), 31, 32, 33, 64, 100, MOST])
def test_an_inclusion_proof_is_the_one_that_the_definition_gives(size: int) -> None:
    for index in range(size):
        proof = inclusion_proof(LEAVES, index, size)

        assert proof == recursive_path(index, LEAVES[:size])
        check_inclusion(LEAVES[index], index, size, proof, ROOTS[size])


@pytest.mark.parametrize("size", [*range(1, 20), 31, 32, 33, 64, 100, MOST])
def test_a_consistency_proof_is_the_one_that_the_definition_gives(size: int) -> None:
    for earlier in range(1, size + 1):
        proof = consistency_proof(LEAVES, earlier, size)

        assert proof == recursive_subproof(earlier, LEAVES[:size], whole=True)
        check_consistency(earlier, size, proof, ROOTS[earlier], ROOTS[size])


@MANY
@given(st.data(), st.integers(1, MOST))
def test_an_inclusion_proof_that_was_changed_is_refused(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(LEAVES, index, size)
    changed = data.draw(mutated(proof))

    assert includes(LEAVES[index], index, size, changed, ROOTS[size]) == (changed == proof)


@MANY
@given(st.data(), st.integers(2, MOST))
def test_a_consistency_proof_that_was_changed_is_refused(data: st.DataObject, size: int) -> None:
    earlier = data.draw(st.integers(1, size))
    proof = consistency_proof(LEAVES, earlier, size)
    changed = data.draw(mutated(proof))

    assert grew(earlier, size, changed, ROOTS[earlier], ROOTS[size]) == (changed == proof)


@MANY
@given(st.integers(1, MOST), st.data())
def test_a_proof_holds_for_one_leaf_at_one_index_under_one_root(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaf, other, root = (data.draw(st.integers(0, MOST - 1)) for _ in range(3))
    proof = inclusion_proof(LEAVES, index, size)

    assert includes(LEAVES[leaf], index, size, proof, ROOTS[size]) == (leaf == index)
    assert includes(LEAVES[index], other, size, proof, ROOTS[size]) == (other == index)
    assert includes(LEAVES[index], index, size, proof, ROOTS[root]) == (root == size)


@MANY
@given(st.integers(1, MOST), st.data())
def test_growth_is_proven_between_two_roots_and_no_others(size: int, data: st.DataObject) -> None:
    earlier = data.draw(st.integers(1, size))
    root1, root2 = (data.draw(st.integers(0, MOST)) for _ in range(2))
    proof = consistency_proof(LEAVES, earlier, size)

    assert grew(earlier, size, proof, ROOTS[root1], ROOTS[root2]) == ((root1, root2) == (earlier, size) or (earlier == size and root1 == root2))


@MANY
@given(st.integers(0, MOST), st.integers(0, MOST), st.data())
def test_a_proof_of_growth_between_other_sizes_is_refused_unless_it_takes_the_same_way(size1: int, size2: int, data: st.DataObject) -> None:
    size = data.draw(st.integers(2, MOST))
    earlier = data.draw(st.integers(1, size - 1))
    proof = consistency_proof(LEAVES, earlier, size)

    if grew(size1, size2, proof, ROOTS[earlier], ROOTS[size]):
        # A root does not commit to its size: another size is taken where the tree has the same shape on this way.
        assert len(consistency_proof(LEAVES, size1, size2)) == len(proof)


def test_the_size_of_a_tree_is_not_proven_by_its_root() -> None:
    proof = inclusion_proof(LEAVES, 0, 3)

    assert includes(LEAVES[0], 0, 3, proof, ROOTS[3])
    assert includes(LEAVES[0], 0, 4, proof, ROOTS[3])


@MANY
@given(st.integers(1, MOST), st.integers(1, MOST), st.integers(0, MOST - 1))
def test_no_proof_joins_a_history_to_one_in_which_an_earlier_line_differs(size1: int, size2: int, at: int) -> None:
    size1, size2 = sorted((size1, size2))
    others = [*LEAVES[:at], leaf_hash(b"another line"), *LEAVES[at + 1 :]]

    for leaves in (LEAVES, others):
        proof = consistency_proof(leaves, size1, size2)
        assert grew(size1, size2, proof, ROOTS[size1], root_over(others[:size2])) == (at >= size1 and (leaves is others or at >= size2 or size1 == size2))


@pytest.mark.parametrize("size1", [1, 2, 4, 8])
def test_a_first_root_of_another_length_is_refused_also_where_it_is_a_node_of_the_second(size1: int) -> None:
    first, sibling = bytes(31), bytes(32)

    with pytest.raises(ProofError, match=r"^a hash that is not of 32 bytes$"):
        check_consistency(size1, 2 * size1, [sibling], first, inner_hash(first, sibling))


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 5), (5, 5), (0, 201), (2**64 - 1, 1)])
def test_there_is_no_proof_of_a_leaf_that_is_not_in_the_tree(index: int, size: int) -> None:
    with pytest.raises(ProofError, match=rf"^leaf {index} is not among the first {size} of 200$"):
        inclusion_proof(LEAVES, index, size)


@pytest.mark.parametrize(("size1", "size2"), [(2, 1), (-1, 1), (1, 201), (201, 201)])
def test_there_is_no_proof_of_growth_to_fewer_leaves_or_to_more_than_there_are(size1: int, size2: int) -> None:
    with pytest.raises(ProofError, match=rf"^{size1} leaves do not grow into the first {size2} of 200$"):
        consistency_proof(LEAVES, size1, size2)


@pytest.mark.parametrize("size", [0, 1, 5])
def test_out_of_nothing_everything_grows_and_so_nothing_is_proven(size: int) -> None:
    with pytest.raises(ProofError, match=r"^every tree grows out of the empty one: there is nothing to prove$"):
        consistency_proof(LEAVES, 0, size)
    with pytest.raises(ProofError, match=r"^every tree grows out of the empty one: there is nothing to prove$"):
        check_consistency(0, size, [], EMPTY_ROOT, ROOTS[size])


@pytest.mark.parametrize(
    ("index", "size", "proof", "root", "message"),
    [
        (3, 3, [], 3, "leaf 3 is not in a tree of 3"),
        (-1, 3, [], 3, "leaf -1 is not in a tree of 3"),
        (0, 3, LEAVES[1:2], 3, "a proof of 1 hashes, wanted 2"),
        (0, 3, [LEAVES[1], b"short"], 3, "a hash that is not of 32 bytes"),
        (0, 3, [LEAVES[1], LEAVES[2]], 4, "the proof leads from leaf 0 to another root"),
    ],
)
def test_a_refused_inclusion_says_why(index: int, size: int, proof: list[bytes], root: int, message: str) -> None:
    with pytest.raises(ProofError, match=f"^{message}$") as raised:
        check_inclusion(LEAVES[0], index, size, proof, ROOTS[root])

    assert raised.value.code == "PROOF_INVALID"


@pytest.mark.parametrize(
    ("size1", "size2", "proof", "roots", "message"),
    [
        (4, 3, [], (4, 3), "4 leaves do not grow into 3"),
        (-1, 3, [], (4, 3), "-1 leaves do not grow into 3"),
        (3, 3, LEAVES[:1], (3, 3), "a proof of 1 hashes, wanted 0"),
        (3, 3, [], (3, 4), "two roots of 3 leaves"),
        (2, 3, [], (2, 3), "a proof of 0 hashes, wanted 1"),
        (2, 3, LEAVES[3:4], (2, 3), "the proof leads to another root of 3 leaves"),
        (3, 4, [LEAVES[2], LEAVES[3], ROOTS[1]], (3, 4), "the proof leads to another root of 3 leaves"),
    ],
)
def test_a_refused_growth_says_why(size1: int, size2: int, proof: list[bytes], roots: tuple[int, int], message: str) -> None:
    with pytest.raises(ProofError, match=f"^{message}$"):
        check_consistency(size1, size2, proof, ROOTS[roots[0]], ROOTS[roots[1]])
