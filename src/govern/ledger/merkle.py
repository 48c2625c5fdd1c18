"""The Merkle tree hash of a growing list (RFC 6962, section 2.1).

Pure. Only the roots of the complete subtrees on the right edge are kept, so memory grows with the logarithm.
"""

import base64
import hashlib
from collections.abc import Iterable

EMPTY_ROOT = hashlib.sha256(b"").digest()


class Tree:
    """The right edge of a tree: for each set bit of the size, the root of a complete subtree."""

    __slots__ = ("edge", "size")

    def __init__(self) -> None:
        self.size = 0
        self.edge: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Append one leaf."""
        node = hashlib.sha256(b"\x00" + leaf).digest()
        size = self.size
        while size & 1:
            node = hashlib.sha256(b"\x01" + self.edge.pop() + node).digest()
            size >>= 1
        self.edge.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Return the Merkle tree hash; of no leaves, the hash of nothing."""
        if not self.edge:
            return EMPTY_ROOT
        node = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            node = hashlib.sha256(b"\x01" + left + node).digest()
        return node


def root_of(lines: Iterable[bytes]) -> str:
    """Return the root over lines, in the base64 of C2SP tlog-checkpoint."""
    tree = Tree()
    for line in lines:
        tree.add(line)
    return base64.b64encode(tree.root()).decode()
