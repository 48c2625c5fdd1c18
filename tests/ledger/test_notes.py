"""Signed notes, against the published example, every byte of it changed, and every signer that does not count."""

import base64
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.ledger.notes import (
    MAX_NOTE,
    MAX_SIGNATURES,
    NoteError,
    OpenedNote,
    VerifierKeyError,
    open_note,
    parse_verifier,
    sign_note,
    signature_line,
    split_note,
    verifier_key,
)

# The example in the documentation of golang.org/x/mod/sumdb/note.
PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLISHED_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PUBLISHED = f"{PUBLISHED_TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n".encode()

MANY = settings(deadline=None, derandomize=True, max_examples=200)
TEXT = "a head\n12\n"


def key(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(number.to_bytes(32))


def public(number: int) -> bytes:
    return key(number).public_key().public_bytes_raw()


OWNER = verifier_key("owner", public(1))
WITNESS = verifier_key("witness.example/w", public(2))
SIGNED = sign_note(TEXT, "owner", key(1)).encode()
BLANK = SIGNED.index(b"\n\n") + 1


def line(name: str, content: bytes) -> str:
    return f"— {name} {base64.b64encode(content).decode()}\n"


def with_lines(*lines: str) -> bytes:
    return f"{TEXT}\n{''.join(lines)}".encode()


def test_the_published_note_is_opened_with_the_published_key() -> None:
    assert open_note(PUBLISHED, [PUBLISHED_KEY]) == OpenedNote(PUBLISHED_TEXT, ("PeterNeumann",), ())


def test_the_published_key_is_spelled_as_published() -> None:
    verifier = parse_verifier(PUBLISHED_KEY)

    assert verifier.name == "PeterNeumann"
    assert verifier.key_id.hex() == "c74f20a3"
    assert verifier_key(verifier.name, verifier.public) == PUBLISHED_KEY


def test_every_bit_of_a_note_counts() -> None:
    for at in range(len(PUBLISHED)):
        for bit in range(8):
            changed = PUBLISHED[:at] + bytes([PUBLISHED[at] ^ 1 << bit]) + PUBLISHED[at + 1 :]
            with pytest.raises(NoteError, match=r"^no note: |^signed by no known key|^the signature of "):
                open_note(changed, [PUBLISHED_KEY])


def test_no_part_of_a_note_is_a_note_of_the_same_signer() -> None:
    for start in range(len(SIGNED)):
        for end in range(start, len(SIGNED)):
            with pytest.raises(NoteError, match=r"^no note: |^the signature of "):
                open_note(SIGNED[start:end], [OWNER])
        if start:
            with pytest.raises(NoteError, match=r"^no note: |^the signature of "):
                open_note(SIGNED[start:], [OWNER])


@MANY
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=8), min_size=1, max_size=5), st.integers(1, 3))
def test_every_text_is_found_again_in_its_note(lines: list[str], signer: int) -> None:
    text = "\n".join(lines) + "\n"
    note = sign_note(text, "owner", key(signer))

    assert split_note(note.encode())[0] == text
    assert open_note(note.encode(), [verifier_key("owner", public(signer))]) == OpenedNote(text, ("owner",), ())


def test_a_text_may_hold_a_note_and_only_the_last_empty_line_parts_it_from_its_signatures() -> None:
    inner = SIGNED.decode()
    note = sign_note(inner, "witness.example/w", key(2)).encode()

    assert open_note(note, [OWNER, WITNESS]) == OpenedNote(inner, ("witness.example/w",), ())


def test_who_signed_is_told_from_who_is_not_known_each_name_once_and_in_order() -> None:
    stranger = signature_line(TEXT, "stranger", key(3))
    namesake = signature_line(TEXT, "owner", key(4))
    owner, witness = signature_line(TEXT, "owner", key(1)), signature_line(TEXT, "witness.example/w", key(2))

    opened = open_note(with_lines(stranger, witness, namesake, owner, stranger, witness), [OWNER, WITNESS, OWNER])

    assert opened == OpenedNote(TEXT, ("witness.example/w", "owner"), ("stranger", "owner"))


def test_a_note_of_unknown_signers_alone_is_not_verified() -> None:
    note = with_lines(signature_line(TEXT, "stranger", key(3)), signature_line(TEXT, "owner", key(4)))

    for known in ([OWNER], [OWNER, WITNESS], []):
        with pytest.raises(NoteError, match=r"^signed by no known key, but by `stranger`, `owner`$") as raised:
            open_note(note, known)
        assert raised.value.code == "NOTE_UNVERIFIED"


def test_a_known_name_or_a_known_id_alone_makes_no_known_key() -> None:
    own_id = parse_verifier(OWNER).key_id
    note = with_lines(line("owner2", own_id + bytes(64)), line("owner", b"\x00" * 4 + bytes(64)), signature_line(TEXT, "witness.example/w", key(2)))

    assert open_note(note, [OWNER, WITNESS]) == OpenedNote(TEXT, ("witness.example/w",), ("owner2", "owner"))


@pytest.mark.parametrize("signature", [bytes(64), b"\x01", bytes(63), bytes(65), key(1).sign(b"another text\n"), key(2).sign(TEXT.encode())])
def test_a_known_key_with_a_signature_that_is_not_its_own_spoils_the_note(signature: bytes) -> None:
    bad = line("owner", parse_verifier(OWNER).key_id + signature)

    for note in (with_lines(bad), with_lines(signature_line(TEXT, "witness.example/w", key(2)), bad), with_lines(signature_line(TEXT, "owner", key(1)), bad)):
        with pytest.raises(NoteError, match=r"^the signature of `owner` is not of this text$") as raised:
            open_note(note, [OWNER, WITNESS])
        assert raised.value.code == "NOTE_INVALID"


def test_a_signature_is_of_this_text_and_no_other() -> None:
    with pytest.raises(NoteError, match=r"^the signature of `owner` is not of this text$"):
        open_note(b"a head\n13\n" + SIGNED[BLANK:], [OWNER])


def test_a_note_has_sixteen_signatures_and_no_more() -> None:
    strangers = [signature_line(TEXT, f"s{number}", key(3 + number)) for number in range(MAX_SIGNATURES)]
    owner = signature_line(TEXT, "owner", key(1))

    assert len(open_note(with_lines(*strangers[1:], owner), [OWNER]).unknown) == MAX_SIGNATURES - 1
    with pytest.raises(NoteError, match=r"^no note: 17 signatures, at most 16$") as raised:
        open_note(with_lines(*strangers, owner), [OWNER])
    assert raised.value.code == "NOTE_FORMAT"


def test_a_note_has_a_million_bytes_and_no_more() -> None:
    text = "x" * (MAX_NOTE - len(SIGNED) + len(TEXT) - 1) + "\n"
    note = sign_note(text, "owner", key(1)).encode()

    assert len(note) == MAX_NOTE
    assert open_note(note, [OWNER]).text == text
    with pytest.raises(NoteError, match=r"^no note: 1000001 bytes, at most 1000000$"):
        open_note(b"x" + note, [OWNER])


@pytest.mark.parametrize("char", [chr(code) for code in range(32) if chr(code) != "\n"])
def test_a_control_character_is_refused_wherever_it_stands(char: str) -> None:
    for at in (0, 3, BLANK, BLANK + 5, len(SIGNED) - 1):
        note = SIGNED[:at] + char.encode() + SIGNED[at:]
        with pytest.raises(NoteError, match=r"^no note: a control character, or half a character$"):
            open_note(note, [OWNER])
    with pytest.raises(NoteError, match=r"^no note: a control character, or half a character$"):
        sign_note(f"a{char}\n", "owner", key(1))


@pytest.mark.parametrize("raw", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x8a"])
def test_what_is_not_utf_8_is_refused(raw: bytes) -> None:
    with pytest.raises(NoteError, match=r"^no note: not UTF-8$"):
        open_note(raw + SIGNED, [OWNER])


def test_half_a_character_is_not_signed() -> None:
    with pytest.raises(NoteError, match=r"^no note: a control character, or half a character$"):
        sign_note("\ud800\n", "owner", key(1))


@pytest.mark.parametrize(
    "block",
    [
        "— owner\n",
        "— owner \n",
        "—  AAAAAAA=\n",
        "— owner AAAAAA==\n",
        "— owner AAAAAAA\n",
        "— owner AAAAAAB=\n",
        "— owner AAAAAAA= AAAAAAA=\n",
        "— owner AAAAAé==\n",
        "— own+er AAAAAAA=\n",
        "— own\u00a0er AAAAAAA=\n",
        "— own\u2028er AAAAAAA=\n",
        "- owner AAAAAAA=\n— owner AAAAAAA=\n",
        "— owner AAAAAAA=\nowner\n",
        "— owner AAAAAAA=\n\n",
    ],
)
def test_a_line_among_the_signatures_that_is_none_spoils_the_note(block: str) -> None:
    with pytest.raises(NoteError, match=r"^no note: no signature line: `") as raised:
        split_note(with_lines(block))

    assert raised.value.code == "NOTE_FORMAT"


@pytest.mark.parametrize(
    ("note", "message"),
    [
        (b"", "it does not end in a line end"),
        (SIGNED[:-1], "it does not end in a line end"),
        (TEXT.encode() + SIGNED[BLANK + 1 :], "no empty line before the signatures"),
        (SIGNED[BLANK + 1 :], "no empty line before the signatures"),
    ],
)
def test_a_note_has_an_empty_line_and_ends_in_a_line_end(note: bytes, message: str) -> None:
    with pytest.raises(NoteError, match=f"^no note: {message}$"):
        split_note(note)


def test_an_unsigned_text_says_so_and_is_never_opened() -> None:
    assert split_note(TEXT.encode()) == (TEXT, ())
    assert [bool(split_note(note)[1]) for note in (SIGNED, with_lines(line("stranger", bytes(5))))] == [True, True]
    with pytest.raises(NoteError, match=r"^no note: not signed$"):
        open_note(TEXT.encode(), [OWNER])


def test_a_signed_note_whose_signatures_were_spoiled_does_not_pass_for_an_unsigned_text() -> None:
    with pytest.raises(NoteError, match=r"^no note: no signature line: `"):
        split_note(SIGNED.replace("— owner ".encode(), "— owner  ".encode()))


def test_the_id_of_a_key_is_the_start_of_the_digest_of_name_type_and_key() -> None:
    wanted = sha256(b"owner\n\x01" + public(1)).digest()[:4]

    assert parse_verifier(OWNER) == ("owner", wanted, public(1))
    assert split_note(SIGNED)[1] == (("owner", wanted, key(1).sign(TEXT.encode())),)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\tb", "a\u00a0b", "a\u2003", "\x01", "\ud800"])
def test_a_key_name_has_no_space_plus_or_control_character(name: str) -> None:
    with pytest.raises(NoteError, match=r"(?s)^no note: `.*` is no name of a key$"):
        sign_note(TEXT, name, key(1))
    with pytest.raises(VerifierKeyError, match=r"(?s)^`.*` with 32 bytes is no verifier key$"):
        verifier_key(name, public(1))


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_public_key_has_32_bytes(size: int) -> None:
    with pytest.raises(VerifierKeyError, match=rf"^`owner` with {size} bytes is no verifier key$") as raised:
        verifier_key("owner", bytes(size))

    assert raised.value.code == "VERIFIER_KEY"


@pytest.mark.parametrize(
    "spoiled",
    [
        "",
        "PeterNeumann",
        PUBLISHED_KEY[1:],
        PUBLISHED_KEY[:-1],
        PUBLISHED_KEY + "\n",
        PUBLISHED_KEY.replace("c74f20a3", "C74F20A3"),
        PUBLISHED_KEY.replace("c74f20a3", "c74f20a4"),
        PUBLISHED_KEY.replace("c74f20a3", "0c74f20a3"),
        PUBLISHED_KEY.replace("+ARpc", "+AhpC"),
        PUBLISHED_KEY.replace("+ARpc", "+AhpcAA"),
        PUBLISHED_KEY.replace("+ARpc", " ARpc"),
        f"{PUBLISHED_KEY.rpartition('+')[0]}+AR==",
    ],
)
def test_a_verifier_key_has_one_spelling_and_its_own_id(spoiled: str) -> None:
    with pytest.raises(VerifierKeyError, match=r"verifier key"):
        open_note(PUBLISHED, [spoiled])


def test_two_keys_of_one_name_and_id_are_refused_before_either_is_believed() -> None:
    # An id has four bytes: two keys with the same one are found in a moment.
    first, second = colliding()

    with pytest.raises(VerifierKeyError, match=r"^two keys are called `k\+[0-9a-f]{8}`$"):
        open_note(SIGNED, [OWNER, verifier_key("k", first), verifier_key("k", second)])


def colliding() -> tuple[bytes, bytes]:
    seen: dict[bytes, bytes] = {}
    number = 0
    while True:
        candidate = sha256(number.to_bytes(4)).digest()
        other = seen.setdefault(sha256(b"k\n\x01" + candidate).digest()[:4], candidate)
        if other != candidate:
            return other, candidate
        number += 1
