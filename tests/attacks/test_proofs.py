"""Attacks on checkpoints and proofs, and by sheer size."""

import base64
import json
import tracemalloc
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from govern.canonical import digest
from govern.cli.codes import CODES
from govern.engine.replay import Replay
from govern.ledger.lines import Chain, Record, encode_line
from govern.ledger.merkle import leaf_hash, root_over
from govern.ledger.notes import signature_line, verifier_key
from govern.ledger.proofs import ProofError, check_consistency, check_inclusion, consistency_proof, inclusion_proof
from govern.ledger.statements import Basis, Statement
from govern.policy.load import load_policy
from govern.problems import Exit
from support.attacks import POLICY, Victim
from support.cli import waived

WITNESS, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (31, 32))
KNOWN = verifier_key("witness", WITNESS.public_key().public_bytes_raw())
VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "rfc6962"
RECORDS = 20_000
BYTES_A_RECORD = 400


@pytest.fixture
def kept(real: Victim, tmp_path: Path) -> Path:
    """A checkpoint that a witness signed, kept outside the programme."""
    text = real.does("checkpoint").out
    path = tmp_path / "kept"
    path.write_text(f"{text}\n{signature_line(text, 'witness', WITNESS)}", encoding="utf-8")
    real.does("verify", "--since", str(path), "--witness", KNOWN)
    return path


def since(path: Path) -> tuple[str, ...]:
    """Return the words that compare the ledger with a checkpoint of the witness."""
    return "verify", "--since", str(path), "--witness", KNOWN


def test_row_56_a_note_that_only_an_unknown_key_signed_is_not_verified(real: Victim, kept: Path) -> None:
    text = kept.read_text(encoding="utf-8").partition("\n\n")[0] + "\n"
    for name in ("stranger", "witness"):
        kept.write_text(f"{text}\n{signature_line(text, name, OTHER)}", encoding="utf-8")
        real.meets("NOTE_UNVERIFIED", by=since(kept), told=f"{kept}: signed by no known key, but by `{name}`")


def test_row_56_a_known_keys_signature_of_another_text_is_invalid(real: Victim, kept: Path) -> None:
    right = kept.read_text(encoding="utf-8")
    for old, new in (("\n27\n", "\n26\n"), ("last ", "last 0"), ("\n\n", "\nmore\n\n")):
        kept.write_text(right.replace(old, new, 1), encoding="utf-8")
        real.meets("NOTE_INVALID", by=since(kept), told=f"{kept}: the signature of `witness` is not of this text")
    kept.write_text(right + signature_line("another\n", "witness", WITNESS), encoding="utf-8")
    real.meets("NOTE_INVALID", by=since(kept))


def _signatures(count: int) -> str:
    return "".join(f"\u2014 other{number} {base64.b64encode(bytes(68)).decode()}\n" for number in range(count))


@pytest.mark.parametrize("count", [16, 17, 100])
def test_row_56_a_note_with_too_many_signatures_is_malformed(count: int, real: Victim, kept: Path) -> None:
    kept.write_text(kept.read_text(encoding="utf-8") + _signatures(count), encoding="utf-8")
    real.meets("NOTE_FORMAT", by=since(kept), status=Exit.UNJUDGED, told=f"{count + 1} signatures, at most 16")


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"\n27\n", b"\n27\r\n"), (b"last", b"la\x00st"), (b"last", b"la\x1bst"), (b"last", b"la\xffst"), (b"\xe2\x80\x94 ", b"- "), (b"witness ", b"wit+ness ")],
)
def test_row_56_a_note_with_control_characters_or_another_form_is_malformed(old: bytes, new: bytes, real: Victim, kept: Path) -> None:
    content = kept.read_bytes()
    assert old in content
    kept.write_bytes(content.replace(old, new, 1))
    real.meets("NOTE_FORMAT", by=since(kept), status=Exit.UNJUDGED, told=f"{kept}: no note: ")


def leaves_of(victim: Victim) -> list[bytes]:
    """Return the leaves of the tree over a ledger's lines."""
    return list(map(leaf_hash, victim.lines))


def test_row_57_a_proof_of_inclusion_proves_one_line_in_one_tree(real: Victim) -> None:
    leaves = leaves_of(real)
    size, root = len(leaves), root_over(leaves)
    proof = inclusion_proof(leaves, 11, size)
    check_inclusion(leaves[11], 11, size, proof, root)
    wrong = [
        (leaves[11], 12, size, proof, root),
        (leaves[10], 11, size, proof, root),
        (leaves[11], 11, size - 16, proof, root),
        (leaves[11], 11, size, proof[:-1], root),
        (leaves[11], 11, size, [*proof, proof[0]], root),
        (leaves[11], 11, size, proof[::-1], root),
        (leaves[11], 11, size, proof, leaves[0]),
        (leaves[11], -1, size, proof, root),
        (leaves[11], size, size, proof, root),
        (leaves[11], 11, size, [proof[0] + proof[1], *proof[2:]], root),
    ]
    for case in wrong:
        with pytest.raises(ProofError, match=r"leaf|hash") as caught:
            check_inclusion(*case)
        assert caught.value.code == "PROOF_INVALID"


def test_row_57_a_proof_of_consistency_proves_one_growth(real: Victim) -> None:
    leaves = leaves_of(real)
    old, new = root_over(leaves[:11]), root_over(leaves)
    proof = consistency_proof(leaves, 11, 27)
    check_consistency(11, 27, proof, old, new)
    wrong = [
        (11, 27, proof, new, old),
        (27, 11, proof, new, old),
        (10, 27, proof, old, new),
        (11, 33, proof, old, new),
        (11, 27, proof[:-1], old, new),
        (11, 27, [*proof, proof[0]], old, new),
        (11, 27, [], old, new),
        (0, 27, [], old, new),
        (0, 0, [], old, old),
        (27, 27, [], old, new),
    ]
    for case in wrong:
        with pytest.raises(ProofError, match=r"root|leaves|hashes|nothing to prove") as caught:
            check_consistency(*case)
        assert caught.value.code == "PROOF_INVALID"
    assert "PROOF_INVALID" in CODES


@pytest.mark.skipif(not VECTORS.exists(), reason="the published vectors are not here")
def test_row_57_every_published_vector_is_judged_as_it_says() -> None:
    judged = 0
    for path in sorted(VECTORS.rglob("*.json")):
        case = json.loads(path.read_bytes())
        proof = [base64.b64decode(each) for each in case["proof"] or []]
        try:
            if "leafIdx" in case:
                check_inclusion(base64.b64decode(case["leafHash"]), case["leafIdx"], case["treeSize"], proof, base64.b64decode(case["root"]))
            else:
                check_consistency(case["size1"], case["size2"], proof, base64.b64decode(case["root1"]), base64.b64decode(case["root2"]))
            passed = True
        except ProofError:
            passed = False
        empty_first = case.get("size1") == 0
        assert passed is (not case["wantErr"] and not empty_first), path
        judged += 1
    assert judged > 100


def _ledger(count: int, policy: str) -> Iterator[bytes]:
    """Yield the lines of a ledger of notes, none of which is kept."""
    chain = Chain()
    for seq in range(count):
        body = {"text": f"Rehearsal {seq} differed from the plan in nothing that matters."} if seq else None
        genesis = {"programme": "YARD", "version": 1, "templates": {}, "nonce": "0" * 64}
        statement = Statement(chain.ledger, "note" if body else "genesis", "maker", body or genesis, Basis(chain.size, chain.last), policy)
        line = encode_line(chain, statement, 1_780_000_000 + seq)[:-1]
        chain.take(Record(seq, line[7:27].decode(), 0, statement, line[-72:-8].decode()), sha256(line).digest())
        yield line


def test_row_58_a_long_ledger_is_replayed_in_bounded_memory() -> None:
    text = waived(POLICY).encode()
    policy = load_policy(text)
    lines = list(_ledger(RECORDS, digest(text)))
    replay = Replay(lambda _digest: policy)
    tracemalloc.start()
    try:
        replay.take_all(iter(lines))
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert replay.chain.size == RECORDS
    assert peak < RECORDS * BYTES_A_RECORD


def test_row_58_a_folder_of_many_files_costs_nothing_that_no_record_binds(real: Victim) -> None:
    folder = real.root / "governance" / "evidence"
    folder.mkdir()
    for number in range(5_000):
        (folder / f"{number}.json").touch()
    real.does("status")
    tracemalloc.start()
    try:
        real.does("status")
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 << 20


def test_row_58_a_file_without_an_end_is_not_read(real: Victim) -> None:
    real.meets("EVIDENCE_TYPE", by=("blocker", "discharge", "FIX7-P0-PROD-OPT4-1/scoping", "--evidence", "/dev/zero", "--as", "owner"), status=Exit.UNJUDGED)
    ran = real.run("note", "x", "--as", "owner", "--key", "/dev/zero")
    assert ran.status == Exit.USAGE


def test_row_58_a_text_that_is_too_long_is_refused_before_anything_is_judged(real: Victim) -> None:
    real.meets("USAGE", by=("note", "x" * 4001, "--as", "gpt"), status=Exit.USAGE, told="`text` is malformed in a record of kind `note`")
