"""Claims in files: found in text of any kind and across the blocks that it is read in, and in what is no text as declared."""

import random
import tracemalloc
from collections.abc import Iterator

import pytest

from govern.evidence.claims import file_uses
from govern.policy.spelling import Use, tokens_of

TOKENS = tokens_of(("PRODUCTION_PASS", "SEALED", "SEALED_TWICE"))
WORD = "PRODUCTION_PASS"


def found(content: bytes, size: int = 1024) -> tuple[Use, ...]:
    """Return the uses in a file that is read in blocks of a size."""
    return file_uses((content[start : start + size] for start in range(0, len(content), size)), TOKENS, TOKENS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig"])
@pytest.mark.parametrize("spelled", [WORD, "production\r\npass", "РRОDUСТIОN_РАЅЅ", "Ｐroduction\u200b Pass"])
def test_text_is_searched_for_every_spelling(encoding: str, spelled: str) -> None:
    [use] = found(f"first\nsecond: {spelled}\nthird\n".encode(encoding))
    assert (use.token, use.line) == (WORD, 2)


@pytest.mark.parametrize("size", [2, 7, 64, 1000])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_use_across_blocks_is_found_with_its_line(size: int, encoding: str) -> None:
    lines = "".join(f"{number} — nothing\n" for number in range(600))
    [use] = found((lines + "РRОDUСТIОN_РАЅЅ\n" + lines).encode(encoding), size)
    assert (use.token, use.line, use.spelled) == (WORD, 601, WORD)


def test_bytes_that_are_no_utf_8_are_searched_all_the_same() -> None:
    assert found(b"caf\xe9 PRODUCTION\xa0PASS \xff\xfe ") == (Use(WORD, 1, "PRODUCTION PASS".replace(" ", "\ufffd")),)


@pytest.mark.parametrize(
    "content", [b"\x00\x01\x02\x03PRODUCTION_PASS\x00", b"\x01\x02\x03\x04" + WORD.encode("utf-16-le"), b"\x00" * 5000 + b"(PRODUCTION_PASS)"]
)
def test_in_what_is_no_text_the_token_is_found_as_it_is_declared(content: bytes) -> None:
    assert found(content) == (Use(WORD, 1, WORD),)


@pytest.mark.parametrize("content", [b"\x00\x01\x02\x03production pass", b"\x00\x01\x02xPRODUCTION_PASS\x01\x02", b"\x00\x01\x02\x03P-R-O-DUCTION_PASS"])
def test_in_what_is_no_text_no_other_spelling_is(content: bytes) -> None:
    assert found(content) == ()


def test_a_single_control_character_makes_no_text_binary() -> None:
    assert found(b"\x00" + b"words and words, " * 20 + b"production pass")[0].token == WORD


def test_random_bytes_hold_no_claim() -> None:
    assert found(random.Random(1).randbytes(3_000_000), 1 << 20) == ()


def test_a_part_of_a_longer_token_that_is_supported_is_none() -> None:
    wanted = tokens_of(("SEALED",))
    assert file_uses([b"SEALED_TWICE"], wanted, TOKENS) == ()
    assert [use.token for use in file_uses([b"SEALED_TWICE, SEALED"], wanted, TOKENS)] == ["SEALED"]


def test_no_more_than_a_block_is_held() -> None:
    def blocks() -> Iterator[bytes]:
        for _ in range(12):
            yield line * 5_000

    line = b"nothing to see here, and | no & more < than \\ that\n"
    tracemalloc.start()
    assert file_uses(blocks(), TOKENS, TOKENS) == ()
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 6 * 5_000 * len(line)


def test_a_file_of_nothing_uses_nothing() -> None:
    assert found(b"") == ()
