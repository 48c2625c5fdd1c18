"""The append-only ledger: statements, lines, the chain and its Merkle root, and the files that hold them."""
