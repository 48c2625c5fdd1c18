"""Checkpoints: their one text, how they stand to a ledger, and the two that convict a log."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.canonical import MAX_INTEGER, digest
from govern.ledger.checkpoints import (
    Checkpoint,
    CheckpointError,
    Conviction,
    ForkProof,
    Relation,
    checkpoint_of,
    compare,
    convict,
    fork_proof,
    origin_of,
    parse_checkpoint,
    spell_hash,
)
from govern.ledger.lines import Chain, read_records
from govern.ledger.merkle import EMPTY_ROOT, leaf_hash, root_of, root_over
from govern.ledger.proofs import ProofError
from support.ledgers import Ledger, notes, rechained, restated

MANY = settings(deadline=None, derandomize=True, max_examples=200)
ROWS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=9)
HASHES = st.binary(min_size=32, max_size=32)
# The example of C2SP tlog-checkpoint, without its signature.
PUBLISHED = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
LEDGER = notes(40)
LINES = LEDGER.lines
ID = LEDGER.chain.ledger or ""
LEAVES = list(map(leaf_hash, LINES))
HEAD = checkpoint_of(ID, LINES)


def changed_at(seq: int, lines: Sequence[bytes] = LINES) -> list[bytes]:
    """Return a history in which one record says something else, and all that follow are chained to it anew."""
    stmt = json.loads(lines[seq])["stmt"].replace(f"note {seq}", f"vote {seq}")
    return rechained([*lines[:seq], restated(lines[seq], stmt), *lines[seq + 1 :]])


def leaves_of(lines: Sequence[bytes]) -> list[bytes]:
    return list(map(leaf_hash, lines))


OTHERS = changed_at(20)


def test_the_published_checkpoint_is_read_and_written_as_published() -> None:
    checkpoint = parse_checkpoint(PUBLISHED)

    assert (checkpoint.origin, checkpoint.size, checkpoint.extensions, checkpoint.last) == ("example.com/behind-the-sofa", 20852163, (), None)
    assert spell_hash(checkpoint.root) == PUBLISHED.split("\n")[2]
    assert checkpoint.text() == PUBLISHED


def test_the_checkpoint_of_a_head_names_ledger_size_root_and_the_digest_of_the_last_line() -> None:
    assert HEAD.text() == f"govern/{ID}\n40\n{root_of(LINES)}\nlast {digest(LINES[-1])}\n"
    assert HEAD.last == LEDGER.chain.last
    assert parse_checkpoint(HEAD.text()) == HEAD


def test_the_checkpoint_of_no_lines_names_no_last_one() -> None:
    empty = checkpoint_of(ID, [])

    assert empty == Checkpoint(origin_of(ID), 0, EMPTY_ROOT)
    assert parse_checkpoint(empty.text()) == empty


@MANY
@given(ROWS, st.integers(1, MAX_INTEGER), HASHES, st.lists(ROWS, max_size=3))
def test_a_checkpoint_is_read_as_it_was_written(origin: str, size: int, root: bytes, extensions: list[str]) -> None:
    checkpoint = Checkpoint(origin, size, root, tuple(extensions))

    assert parse_checkpoint(checkpoint.text()) == checkpoint


@MANY
@given(st.integers(0, len(HEAD.text())), st.text(max_size=2), st.integers(0, 2))
def test_a_changed_text_is_refused_or_is_another_checkpoint(at: int, put: str, cut: int) -> None:
    text = HEAD.text()[:at] + put + HEAD.text()[at + cut :]
    try:
        checkpoint = parse_checkpoint(text)
    except CheckpointError:
        return
    assert checkpoint.text() == text
    assert (checkpoint == HEAD) == (text == HEAD.text())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "fewer than three lines, or no line end after the last"),
        (PUBLISHED[:-1], "fewer than three lines, or no line end after the last"),
        (PUBLISHED + "\n", "an empty line, a control character, or half a character"),
        (PUBLISHED[27:], "an empty line, a control character, or half a character"),
        (PUBLISHED + "\ud800\n", "an empty line, a control character, or half a character"),
        (PUBLISHED.replace("208", "0208"), "a size of `020852163`"),
        (PUBLISHED.replace("208", "2_08"), "a size of `2_0852163`"),
        (PUBLISHED.replace("208", "२08"), "a size of `२0852163`"),
        (PUBLISHED.replace("20852163", ""), "a size of ``"),
        (PUBLISHED.replace("20852163", "9" * 5000), f"a size of `{'9' * 40}`"),
        (PUBLISHED.replace("20852163", str(MAX_INTEGER + 1)), f"a size of {MAX_INTEGER + 1}"),
        (PUBLISHED.replace("20852163", "0"), "a root that no tree of 0 lines has"),
        (PUBLISHED.replace("CsUY", "sUY"), "the root is not base64"),
        (PUBLISHED.replace("CsUY", ""), "a root that no tree of 20852163 lines has"),
        (PUBLISHED.replace("q2I=", "q2J="), "its root has another spelling"),
        (PUBLISHED + "last 12\n", "`last` is followed by the one digest of the last line, in hex"),
        (PUBLISHED + f"last {'A' * 64}\n", "`last` is followed by the one digest of the last line, in hex"),
        (PUBLISHED + f"last {'a' * 64}\nlast {'a' * 64}\n", "`last` is followed by the one digest of the last line, in hex"),
        (f"a\n0\n{spell_hash(EMPTY_ROOT)}\nlast {'a' * 64}\n", "`last` is followed by the one digest of the last line, in hex"),
    ],
)
def test_a_malformed_checkpoint_is_refused_and_says_why(text: str, message: str) -> None:
    with pytest.raises(CheckpointError, match=f"^no checkpoint: {message}$") as raised:
        parse_checkpoint(text)

    assert raised.value.code == "CHECKPOINT_FORMAT"


@pytest.mark.parametrize(
    ("origin", "size", "root", "message"),
    [
        ("", 1, bytes(32), "an empty line, a control character, or half a character"),
        ("a", -1, bytes(32), "a size of -1"),
        ("a", 1, bytes(31), "a root that no tree of 1 lines has"),
        ("a", 0, bytes(32), "a root that no tree of 0 lines has"),
    ],
)
def test_what_has_no_place_in_the_text_makes_no_checkpoint(origin: str, size: int, root: bytes, message: str) -> None:
    with pytest.raises(CheckpointError, match=f"^no checkpoint: {message}$"):
        Checkpoint(origin, size, root)


@pytest.mark.parametrize("size", [1, 2, 20, 39, 40])
def test_an_earlier_head_is_behind_and_the_head_the_same(size: int) -> None:
    checkpoint, relation = checkpoint_of(ID, LINES[:size]), Relation.BEHIND if size < 40 else Relation.SAME

    assert compare(checkpoint, ID, LEAVES) is relation


def test_every_head_grew_out_of_no_lines() -> None:
    assert compare(checkpoint_of(ID, []), ID, LEAVES) is Relation.BEHIND
    assert compare(checkpoint_of(ID, []), ID, []) is Relation.SAME


@pytest.mark.parametrize("kept", [0, 1, 20, 39])
def test_lines_that_were_cut_off_are_a_rollback_though_what_is_left_is_sound(kept: int) -> None:
    chain = Chain()
    list(read_records(LINES[:kept], chain))

    assert compare(HEAD, chain.ledger or "", LEAVES[:kept]) is Relation.ROLLBACK


@pytest.mark.parametrize("grown", [0, 1, 7])
def test_an_old_line_that_was_changed_is_a_fork_though_all_that_follow_were_chained_anew(grown: int) -> None:
    checkpoint = checkpoint_of(ID, LINES[: 40 - grown])

    assert compare(checkpoint, ID, leaves_of(OTHERS)) is Relation.FORK


def test_a_new_first_record_makes_another_ledger_whatever_the_sizes_are() -> None:
    other = Ledger(nonce="c" * 64)

    assert compare(HEAD, other.chain.ledger or "", leaves_of(other.lines)) is Relation.OTHER


@MANY
@given(st.data())
def test_how_a_head_stands_to_a_ledger_is_told_by_the_lines_of_both(data: st.DataObject) -> None:
    histories = [LINES, OTHERS]
    seen = data.draw(st.sampled_from(histories))[: data.draw(st.integers(1, 40))]
    now = data.draw(st.sampled_from(histories))[: data.draw(st.integers(0, 40))]

    expected = Relation.ROLLBACK if len(seen) > len(now) else Relation.FORK
    if seen == now[: len(seen)]:
        expected = Relation.SAME if seen == now else Relation.BEHIND

    assert compare(checkpoint_of(ID, seen), ID, leaves_of(now)) is expected


def test_another_root_beside_the_right_last_line_is_a_fork() -> None:
    checkpoint = Checkpoint(HEAD.origin, HEAD.size, bytes(32), HEAD.extensions)

    assert compare(checkpoint, ID, LEAVES) is Relation.FORK


@pytest.mark.parametrize("size", [21, 32, 33, 39])
def test_two_heads_of_histories_that_parted_convict_their_log_in_either_order(size: int) -> None:
    smaller, larger = checkpoint_of(ID, OTHERS[:size]), HEAD
    proof = fork_proof(smaller, larger, LEAVES)

    assert convict(smaller, larger, proof) == Conviction(smaller, larger, proof)
    assert convict(larger, smaller, proof).proof.root == root_over(LEAVES[:size])


def test_a_conviction_shows_both_heads_and_all_that_is_needed_to_check_it() -> None:
    smaller = checkpoint_of(ID, OTHERS[:32])
    conviction = convict(smaller, HEAD, fork_proof(smaller, HEAD, LEAVES))

    assert conviction.text() == (
        "two histories of one log: no ledger that was only added to had both heads\n"
        f"\ngovern/{ID}\n32\n{root_of(OTHERS[:32])}\nlast {digest(OTHERS[31])}\n"
        f"\ngovern/{ID}\n40\n{root_of(LINES)}\nlast {digest(LINES[-1])}\n"
        f"\nroot of the second at 32 lines, where the first has {root_of(OTHERS[:32])}\n{root_of(LINES[:32])}\n"
        f"consistency proof from there to 40 lines (RFC 6962, section 2.1.2)\n{root_of(LINES[32:])}\n"
    )


def test_two_roots_of_one_size_convict_without_a_proof_of_growth() -> None:
    other = checkpoint_of(ID, OTHERS)
    conviction = convict(HEAD, other, None)

    assert conviction.proof == fork_proof(HEAD, other, leaves_of(OTHERS)) == ForkProof(other.root, ())
    assert convict(other, HEAD, None).proof == ForkProof(HEAD.root, ())
    assert conviction.text().endswith(f"\nroot of the second at 40 lines, where the first has {root_of(LINES)}\n{root_of(OTHERS)}\n")


@pytest.mark.parametrize("size", [1, 20, 32, 40])
def test_two_heads_of_one_history_convict_nobody(size: int) -> None:
    smaller = checkpoint_of(ID, LINES[:size])

    with pytest.raises(ProofError, match=rf"^the head of 40 lines grew out of that of {size}$"):
        convict(HEAD, smaller, fork_proof(smaller, HEAD, LEAVES))


@MANY
@given(st.data(), st.integers(1, 40))
def test_no_proof_whatever_convicts_a_log_that_was_only_added_to(data: st.DataObject, size: int) -> None:
    smaller = checkpoint_of(ID, LINES[:size])
    honest = fork_proof(smaller, HEAD, LEAVES)
    hashes = st.sampled_from([*honest.hashes, HEAD.root, smaller.root, *LEAVES[:4], bytes(32), b""]) | HASHES
    proof = ForkProof(data.draw(hashes), tuple(data.draw(st.sampled_from([honest.hashes]) | st.lists(hashes, max_size=7))))

    with pytest.raises(ProofError, match=r"grew out of|another root|wanted|two roots|not of 32 bytes"):
        convict(smaller, HEAD, proof)


def test_heads_of_two_logs_or_of_two_sizes_without_a_proof_convict_nobody() -> None:
    with pytest.raises(ProofError, match=rf"^heads of two logs, `govern/{ID}` and `govern/other`$"):
        convict(HEAD, Checkpoint("govern/other", 40, bytes(32)), ForkProof(bytes(32), ()))
    with pytest.raises(ProofError, match=r"^heads of 30 and 40 lines convict nobody without a proof$"):
        convict(HEAD, checkpoint_of(ID, OTHERS[:30]), None)


def test_a_head_of_no_lines_convicts_nobody() -> None:
    empty = checkpoint_of(ID, [])

    with pytest.raises(ProofError, match=r"^every tree grows out of the empty one: there is nothing to prove$"):
        fork_proof(empty, HEAD, LEAVES)
    with pytest.raises(ProofError, match=r"^every tree grows out of the empty one: there is nothing to prove$"):
        convict(empty, HEAD, ForkProof(bytes(32), ()))


def test_a_fork_is_proven_from_the_lines_of_the_larger_head_alone() -> None:
    smaller = checkpoint_of(ID, OTHERS[:30])

    for leaves in (leaves_of(OTHERS), LEAVES[:39]):
        with pytest.raises(ProofError, match=r"^these lines do not have the root of the head of 40$"):
            fork_proof(smaller, HEAD, leaves)
    with pytest.raises(ProofError, match=r"^40 leaves do not grow into the first 30 of 40$"):
        fork_proof(HEAD, smaller, leaves_of(OTHERS))
