"""The one spelling of a value, against the published vectors, the library and every other spelling."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from govern.canonical import MAX_DEPTH, MAX_INTEGER, BeyondLimitError, NotCanonicalError, decode, decode_at, digest, encode, text_digest

SHARED = Path(__file__).parents[2] / "shared"
VECTORS = SHARED / "vectors" / "jcs"
NAMES = ("arrays", "french", "structures", "unicode", "values", "weird")

INTEGERS = st.integers(-MAX_INTEGER, MAX_INTEGER)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
KEYS = st.text(st.characters(max_codepoint=127), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
MANY = settings(deadline=None, derandomize=True, max_examples=150)


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def is_ours(value: Any) -> bool:
    """Whether a value of JSON is one that the ledger can hold."""
    match value:
        case dict():
            return all(key.isascii() and is_ours(inner) for key, inner in value.items())
        case list():
            return all(map(is_ours, value))
        case _:
            return not isinstance(value, float)


def test_the_published_vectors_are_all_here_or_their_whole_folder_is_not() -> None:
    expected = [f"{side}/{name}.json" for side in ("input", "output") for name in NAMES] if SHARED.is_dir() else []

    assert sorted(path.relative_to(VECTORS).as_posix() for path in VECTORS.rglob("*.json")) == expected


def test_the_published_vectors_are_spelled_as_published_or_refused_for_what_the_ledger_does_not_hold() -> None:
    verdicts = {}
    for name in NAMES if SHARED.is_dir() else ():
        value = json.loads((VECTORS / "input" / f"{name}.json").read_bytes())
        published = (VECTORS / "output" / f"{name}.json").read_bytes()
        assert rfc8785.dumps(value) == published
        verdicts[name] = is_ours(value)
        if is_ours(value):
            assert encode(value).encode() == published
            assert decode(published.decode()) == value
        else:
            with pytest.raises(NotCanonicalError, match=r"^a float has no spelling here$|^a key that is not ASCII text$"):
                encode(value)

    assert verdicts in ({}, {"arrays": True, "french": False, "structures": False, "unicode": True, "values": False, "weird": False})


@MANY
@given(VALUES)
def test_a_value_is_spelled_as_rfc_8785_says_and_read_back(value: Any) -> None:
    text = encode(value)

    assert text.encode() == rfc8785.dumps(value)
    assert decode(text) == value
    assert encode(decode(text)) == text


@MANY
@given(VALUES, st.sampled_from([None, 0, 1, 2]), st.booleans(), st.booleans())
def test_every_other_spelling_of_a_value_is_refused(value: Any, indent: int | None, ascii_only: bool, sort: bool) -> None:  # noqa: FBT001 - drawn
    other = json.dumps(value, indent=indent, ensure_ascii=ascii_only, sort_keys=sort)
    if other == encode(value):
        return
    with pytest.raises(NotCanonicalError, match="parsed and encoded again, it gives other bytes"):
        decode(other)


@MANY
@given(VALUES.map(encode), st.integers(0, 60), st.text('\u00e9 \n\t{}[]",:\\/u0019aEe.+-', max_size=2), st.integers(0, 2))
def test_a_changed_text_is_refused_or_is_the_one_spelling_of_another_value(text: str, at: int, put: str, cut: int) -> None:
    changed = text[:at] + put + text[at + cut :]
    try:
        value = decode(changed)
    except NotCanonicalError:
        return
    assert rfc8785.dumps(value) == changed.encode()


@MANY
@given(st.text(max_size=30))
def test_arbitrary_text_is_refused_or_is_the_one_spelling_of_a_value(text: str) -> None:
    try:
        value = decode(text)
    except NotCanonicalError:
        return
    assert rfc8785.dumps(value) == text.encode()


@pytest.mark.parametrize(
    "text", ['{"a":1,"a":2}', '{"a":1,"a":1}', '{"\\u0061":1}', '{"b":1,"a":2}', '{"a": 1}', '"\\/"', '"\\u0041"', '"\\u001F"', '"\\u000a"', "-0", "[1, 2]"]
)
def test_a_second_spelling_is_refused(text: str) -> None:
    with pytest.raises(NotCanonicalError, match="parsed and encoded again, it gives other bytes"):
        decode(text)


@pytest.mark.parametrize("text", ["1.0", "1e2", "1E2", "-0.0", "NaN", "Infinity", "-Infinity", "[1.5]"])
def test_a_number_that_is_no_integer_is_refused(text: str) -> None:
    with pytest.raises(NotCanonicalError, match=r"^`.*` is not an integer$"):
        decode(text)


@pytest.mark.parametrize("text", [" 1", "", "\ufeff1", "{", "'a'", "tru", "{1:2}", "[1,]"])
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(NotCanonicalError):
        decode(text)


@pytest.mark.parametrize("text", ["1 ", "1\n", "{}{}", "01", "nullnull"])
def test_what_follows_a_value_is_refused(text: str) -> None:
    with pytest.raises(NotCanonicalError, match=r"^something follows the value after [0-9]+ characters$"):
        decode(text)


def test_the_value_at_a_place_is_read_up_to_its_own_end() -> None:
    text = '{"a":[1,2],"b":"c"}'

    assert decode_at(text, 5) == ([1, 2], 10)
    assert decode_at(text, 15) == ("c", 18)
    with pytest.raises(NotCanonicalError, match=r"^not JSON$"):
        decode_at(text, 4)
    with pytest.raises(NotCanonicalError, match=r"^not JSON$"):
        decode_at(text, len(text))


@example(MAX_INTEGER)
@example(-MAX_INTEGER)
@settings(deadline=None, derandomize=True, max_examples=50)
@given(INTEGERS)
def test_an_integer_within_the_limit_is_spelled_plainly(number: int) -> None:
    assert encode(number) == str(number)
    assert decode(str(number)) == number


@pytest.mark.parametrize("number", [MAX_INTEGER + 1, -MAX_INTEGER - 1, 10**16, -(10**16), 10**40])
def test_an_integer_beyond_the_limit_is_refused(number: int) -> None:
    with pytest.raises(BeyondLimitError, match=r"^an integer is beyond 2\^53-1$"):
        encode(number)
    with pytest.raises(BeyondLimitError, match=r"^`-?[0-9]{16,40}` is beyond 2\^53-1$"):
        decode(str(number))


def test_an_integer_of_five_thousand_digits_is_refused_before_it_is_read_or_spelled() -> None:
    with pytest.raises(BeyondLimitError, match=r"^an integer is beyond 2\^53-1$"):
        encode([10**5000])
    with pytest.raises(BeyondLimitError, match=r"^`9{40}` is beyond 2\^53-1$"):
        decode("9" * 5000)


def test_a_value_is_as_deep_as_the_limit_and_no_deeper() -> None:
    assert encode(nested(MAX_DEPTH)) == "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)
    with pytest.raises(BeyondLimitError, match=f"^nested deeper than {MAX_DEPTH}$"):
        encode(nested(MAX_DEPTH + 1))
    with pytest.raises(BeyondLimitError, match=f"^nested deeper than {MAX_DEPTH}$"):
        encode({"a": nested(MAX_DEPTH)})


def test_a_text_of_a_hundred_thousand_brackets_is_beyond_the_limit() -> None:
    with pytest.raises(BeyondLimitError, match=r"^nested too deep$"):
        decode("[" * 100_000 + "]" * 100_000)


@pytest.mark.parametrize("text", ['"\\ud800"', '["\\udfff"]', '{"a":"\\ud800x"}'])
def test_half_a_character_is_beyond_the_limit(text: str) -> None:
    with pytest.raises(BeyondLimitError, match=r"^a lone surrogate$"):
        decode(text)


@pytest.mark.parametrize("value", ["\ud800", ["\udfff"], {"a": "x\udc00"}])
def test_half_a_character_has_no_spelling(value: Any) -> None:
    with pytest.raises(NotCanonicalError, match="non-UTF-8 codepoints"):
        encode(value)


@pytest.mark.parametrize("value", [1.0, float("nan"), [0.5], {"a": 1e2}, b"a", {1, 2}, object(), Path("a")])
def test_a_value_that_the_ledger_does_not_hold_has_no_spelling(value: Any) -> None:
    with pytest.raises(NotCanonicalError, match=r"^a [A-Za-z]+ has no spelling here$"):
        encode(value)


@pytest.mark.parametrize("value", [{"é": 1}, {1: 2}, {None: 1}, [{"a": {"\u2028": 1}}]])
def test_a_key_is_ascii_text(value: Any) -> None:
    with pytest.raises(NotCanonicalError, match=r"^a key that is not ASCII text$"):
        encode(value)


def test_a_tuple_is_spelled_as_a_list_is() -> None:
    assert encode((1, ("a", None), {"b": (True,)})) == '[1,["a",null],{"b":[true]}]'


def test_a_mapping_that_is_no_plain_one_is_refused_and_not_guessed() -> None:
    frozen: Mapping[str, int] = MappingProxyType({"a": 1})

    with pytest.raises(NotCanonicalError, match="mappingproxy"):
        encode(frozen)


@pytest.mark.parametrize(
    ("content", "sha256"),
    [
        (b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ],
)
def test_a_digest_is_sha_256_in_lower_case_hex(content: bytes, sha256: str) -> None:
    assert digest(content) == sha256
    assert text_digest(content.decode()) == sha256


def test_the_digest_of_a_text_is_that_of_its_utf_8() -> None:
    assert text_digest("é\u2028🏥") == hashlib.sha256("é\u2028🏥".encode()).hexdigest()
