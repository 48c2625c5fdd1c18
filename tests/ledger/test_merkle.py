import base64
import hashlib

import pytest

from govern.ledger.merkle import EMPTY_ROOT, inner_hash, leaf_hash, parents, root_of, root_over

# The leaves and roots that implementations of Certificate Transparency test with.
LEAVES = [bytes.fromhex(leaf) for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def recursive_root(leaves: list[bytes]) -> bytes:
    """Return the Merkle tree hash as RFC 6962, section 2.1, defines it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + recursive_root(leaves[:split]) + recursive_root(leaves[split:])).digest()


def root(leaves: list[bytes]) -> bytes:
    return base64.b64decode(root_of(leaves))


@pytest.mark.parametrize("size", range(9))
def test_the_root_is_the_one_that_others_compute(size: int) -> None:
    assert root(LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize("size", range(65))
def test_the_root_is_the_one_that_the_definition_gives(size: int) -> None:
    leaves = [str(number).encode() * (number % 7) for number in range(size)]

    assert root(leaves) == recursive_root(leaves)
    assert root(leaves) == root_over(list(map(leaf_hash, leaves)))


def test_a_leaf_is_not_taken_for_an_inner_node() -> None:
    left, right = (hashlib.sha256(b"\x00" + leaf).digest() for leaf in LEAVES[:2])

    assert root([left + right]) != root(LEAVES[:2])


def test_the_order_of_leaves_is_part_of_the_root() -> None:
    assert root_of([b"a", b"b"]) != root_of([b"b", b"a"])


@pytest.mark.parametrize("size", range(9))
def test_a_checkpoint_spells_the_root_in_base64(size: int) -> None:
    assert root_of(LEAVES[:size]) == base64.b64encode(bytes.fromhex(ROOTS[size])).decode()


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert root_of([]) == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    assert hashlib.sha256(b"").digest() == EMPTY_ROOT


def test_the_root_over_hashes_leaves_them_as_they_are() -> None:
    leaves = tuple(map(leaf_hash, LEAVES[:5]))

    assert root_over(leaves).hex() == ROOTS[5]
    assert root_over(leaves[:0]) == EMPTY_ROOT
    assert root_over(leaves[:1]) == leaf_hash(LEAVES[0])


def test_a_last_node_without_a_sibling_is_on_the_next_level_as_it_is() -> None:
    a, b, c = map(leaf_hash, LEAVES[:3])

    assert parents([a, b, c]) == [inner_hash(a, b), c]
    assert parents([a, b]) == [inner_hash(a, b)]
    assert parents([]) == []
