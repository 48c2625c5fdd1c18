"""Names of columns that hold secrets or persons, and what a masked value looks like. Pure."""

import re
from itertools import pairwise

# A column that has one of these words in its name is classified by name: `all` does not cover it.
_SENSITIVE = re.compile(
    "apikey|birthdate|birthday|cookie|credentials?|cvc|cvv|dob|email|firstname|fullname|givenname|hash|hashed|iban|jwt|keys?|lastname|mail|mobile|nonce"
    "|otp|passcode|passphrase|passport|passwd|passwords?|phone|pin|pwd|salt|secrets?|sessions?|ssn|surname|telephone|tfa|tokens?|totp"
)
_OF_A_PERSON = frozenset("child family father first full given last maiden middle mother parent patient person spouse".split())  # noqa: SIM905 - words
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

_MASK = re.compile(
    rb"""
      [*xX\#][*xX\#._ -]*                                                           # nothing but mask characters
    | [\[<(]?(?i:redacted|masked|removed|anonymi[sz]ed)[\])>]?                        # said so
    | (?i:masked|redacted|anon|anonymous)[:_-][0-9a-f]{1,64}                          # said so, and a number to tell rows apart
    | (?i:user|person|mail|masked|redacted|anonymous)?[._+-]?[0-9]{0,12}@(?:[a-z0-9-]+\.)*(?:example\.(?:com|net|org)|example|invalid|test)
    | 0+(?:\.0+)? | 0{8}-0{4}-0{4}-0{4}-0{12}                                      # zero
    | (?:0001|1900|1970)-01-01(?:[ T]00:00:00(?:\.0+)?(?:Z|[+-]00(?::?00)?)?)?        # the first of days
    | \{\} | \[\]
    """,
    re.VERBOSE,
)


def sounds_sensitive(column: str) -> bool:
    """Whether the name of a column says that it holds a secret or a person."""
    words = [part.lower() for part in _PART.findall(column)]
    return any(map(_SENSITIVE.fullmatch, words)) or any(
        (first in _OF_A_PERSON and second == "name") or {first, second} == {"birth", "date"} for first, second in pairwise(words)
    )


def is_masked(value: bytes) -> bool:
    """Whether nothing of the value that was there is left.

    A digest is no mask: whoever has the list of people can compute it for each. Nor is a part of the value.
    """
    return not value or _MASK.fullmatch(value) is not None
