"""Proofs for whoever has no ledger: that a record is in a head, and that a head goes on from an older one (RFC 6962)."""

from pathlib import Path

import pytest

from govern.ledger.proofs import ProofError, check_consistency, check_inclusion
from support.cli import Programme


def _hashes(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(each) for each in texts]


def test_a_record_is_proved_to_be_in_the_head(fix7: Programme) -> None:
    shown = fix7.asks("checkpoint", "--include", "7")

    leaf, root, proof = bytes.fromhex(shown["leaf"]), bytes.fromhex(shown["root"]), _hashes(shown["inclusion"])
    check_inclusion(leaf, 7, shown["size"], proof, root)
    with pytest.raises(ProofError):
        check_inclusion(leaf, 8, shown["size"], proof, root)


def test_a_head_is_proved_to_go_on_from_an_older_one(fix7: Programme, tmp_path: Path) -> None:
    older = tmp_path / "older"
    older.write_text(fix7.does("checkpoint").out)
    fix7.does("note", "more", "--as", "owner")

    shown = fix7.asks("checkpoint", "--extend", str(older))

    roots = bytes.fromhex(shown["old_root"]), bytes.fromhex(shown["root"])
    check_consistency(shown["old_size"], shown["size"], _hashes(shown["consistency"]), *roots)
    assert shown["size"] == shown["old_size"] + 1


def test_what_cannot_be_proved_is_refused(fix7: Programme, website: Programme, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text(website.does("checkpoint").out)

    assert fix7.refuses("checkpoint", "--extend", str(other), status=5).codes == ["PROOF_INVALID"]
    assert fix7.refuses("checkpoint", "--include", "99", status=2).codes == ["PROOF_INVALID"]
