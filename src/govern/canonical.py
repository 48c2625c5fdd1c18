"""The one spelling of a value (RFC 8785) and its digest (SHA-256, lower-case hex).

Pure. The values are those of the ledger: objects with ASCII keys, arrays, strings, booleans, null and
integers within ±(2^53-1). A float has more than one spelling in practice, so it is refused.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, TypeAlias

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 32


class NotCanonicalError(ValueError):
    """The value or text has no spelling here, or is not in its one spelling."""


class BeyondLimitError(NotCanonicalError):
    """It is too deep, has an integer that is too large, or a half of a character (a lone surrogate)."""


def encode(value: Json) -> str:
    """Return the RFC 8785 text of `value`.

    Raises:
        NotCanonicalError: a float, a key outside ASCII, a lone surrogate; a BeyondLimitError where it is too deep
            or an integer is beyond 2^53-1.
    """
    import rfc8785

    _admit(value, 0)
    try:
        return rfc8785.dumps(value).decode()
    except rfc8785.CanonicalizationError as error:
        raise NotCanonicalError(str(error)) from error


def decode(text: str) -> Any:
    """Return the value of a canonical text; any other spelling of the same value is refused.

    The comparison uses the standard library's encoder, which is fast and agrees with RFC 8785 where keys are
    ASCII; a text with other keys may pass, so the caller's schema must be closed.

    Raises:
        NotCanonicalError: not JSON, or not the one spelling (a key twice, `1.0`, spaces, order of keys); a
            BeyondLimitError where it is too deep, too large, or half a character.
    """
    value, end = decode_at(text, 0)
    if end != len(text):
        raise NotCanonicalError(f"something follows the value after {end} characters")
    return value


def decode_at(text: str, start: int) -> tuple[Any, int]:
    """Return the value whose canonical text starts at `start`, and where that ends. Otherwise like `decode`.

    Raises:
        NotCanonicalError: no value stands there, or not in its one spelling.
    """
    try:
        value, end = _scan(text, start)
        spelled = _spelled(value)
    except BeyondLimitError:
        raise
    except RecursionError as error:
        raise BeyondLimitError("nested too deep") from error
    except (ValueError, StopIteration) as error:
        raise NotCanonicalError("not JSON" if isinstance(error, StopIteration) else str(error)) from error
    if spelled != text[start:end]:
        raise _differs(spelled)
    return value, end


def _spelled(value: Any) -> str:
    if type(value) is dict and len(value) == 1:
        [(key, inner)] = value.items()
        if type(inner) is str:
            # A note, and with it most of a long ledger. What the encoder would say, in half the time.
            return f"{{{spell_text(key)}:{spell_text(inner)}}}"
    return "".join(_spell(value, 0))


def quote(text: str) -> str:
    """Return what stands between the quotes of the JSON string of a text."""
    return spell_text(text)[1:-1]


# The JSON string of a text, with its quotes.
spell_text: Callable[[str], str] = json.encoder.encode_basestring


def unquote(quoted: str) -> str:
    """Return the text of what stands between the quotes of a JSON string.

    Raises:
        NotCanonicalError: it is not in its one spelling. A raw control character is left to `decode` to refuse.
    """
    text = quoted.replace('\\"', '"')
    if "\\" not in text and len(quoted) - len(text) == text.count('"'):
        # Nothing but quotes was escaped, and all of them: so are most texts.
        return text
    return str(decode(f'"{quoted}"'))


def digest(content: bytes) -> str:
    """Return the SHA-256 of `content` in lower-case hex (FIPS 180-4)."""
    return hashlib.sha256(content).hexdigest()


def text_digest(text: str) -> str:
    """Return the SHA-256 of the UTF-8 bytes of `text`."""
    return digest(text.encode())


def _differs(spelled: str) -> NotCanonicalError:
    try:
        spelled.encode()
    except UnicodeEncodeError:
        return BeyondLimitError("a lone surrogate")
    return NotCanonicalError("parsed and encoded again, it gives other bytes")


def _admit(value: Json, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise BeyondLimitError(f"nested deeper than {MAX_DEPTH}")
    match value:
        case int() if abs(value) > MAX_INTEGER:
            raise BeyondLimitError("an integer is beyond 2^53-1")
        case None | bool() | str() | int():
            pass
        case Mapping():
            for key, inner in value.items():
                if not isinstance(key, str) or not key.isascii():
                    raise NotCanonicalError("a key that is not ASCII text")
                _admit(inner, depth + 1)
        case list() | tuple():
            for inner in value:
                _admit(inner, depth + 1)
        case _:
            _unspellable(value)


def _no_float(text: str) -> NoReturn:
    raise NotCanonicalError(f"`{text[:40]}` is not an integer")


def _integer(text: str) -> int:
    # At most 16 digits and a sign: longer ones cost time before they could be compared.
    if len(text) > 17 or abs(value := int(text)) > MAX_INTEGER:
        raise BeyondLimitError(f"`{text[:40]}` is beyond 2^53-1")
    return value


def _unspellable(value: object) -> NoReturn:
    raise NotCanonicalError(f"a {type(value).__name__} has no spelling here")


_scan: Any = json.JSONDecoder(parse_float=_no_float, parse_int=_integer, parse_constant=_no_float).scan_once  # type: ignore[attr-defined]  # not in the stubs
# Made once: `JSONEncoder.encode` makes a new one for every call, which doubles the time of a ledger line.
_spell: Any = json.encoder.c_make_encoder(  # type: ignore[attr-defined]  # not in the stubs; part of CPython since 2.7
    None, _unspellable, json.encoder.encode_basestring, None, ":", ",", True, False, False
)  # fmt: skip
