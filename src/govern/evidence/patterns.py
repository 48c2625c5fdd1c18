"""Forms by which secrets and personal data are known: one list for what is recorded, and for what is handed over.

Pure. A form is looked for only where one of its literals stands, which is what makes a scan fast. A net with wide
meshes: it spares the common accident, and proves nothing about what it does not know.
"""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from govern.evidence.sieve import words_in

# Digits as `0`, capital letters as `A`: a literal of this shape stands for any number or code of the form.
_SHAPE = bytes(ord("0") if 48 <= each <= 57 else ord("A") if 65 <= each <= 90 else each for each in range(256))

# No more than this is matched before a literal, and after it.
_LEAD, _LONGEST = 64, 512
_SMALL, _CAPITALS, _DIGITS = b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"0123456789"

Spelling = Literal["as written", "lower case", "shape"]


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of thing, the literals without which it does not occur, the expression for it, and what else must hold.

    `literals` are looked for in the text as written, in lower case, or in its shape; a match begins at one, or
    with the bytes of `lead` that stand before it. `share` is the smallest part of all that match the expression which must also pass
    `holds`: a check digit is right by accident in one case of ten.
    """

    kind: str
    literals: tuple[bytes, ...]
    expression: re.Pattern[bytes]
    lead: bytes = b""
    holds: Callable[[re.Match[bytes]], bool] | None = None
    within: Spelling = "as written"
    share: float = 0.0


# Where a word begins; in JSON, also behind the letter of an escaped end of line.
_BEGIN = rb"(?:\b|(?<=\\[nrt]))"


def _form(kind: str, literals: str, expression: bytes, lead: bytes = b"") -> Form:
    begins = expression.startswith(rb"\b")
    whole = _BEGIN + expression.removeprefix(rb"\b") if begins else expression
    return Form(kind, tuple(each.encode() for each in literals.split(" | ")), re.compile(whole), lead)


# Given away by their form alone. What begins with a word and `_` is looked for by that and the run of letters after it.
SECRETS: tuple[Form, ...] = (
    _form("a private key", "-----BEGIN ", rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    _form("a private key", "PuTTY-User-Key-File-", rb"PuTTY-User-Key-File-[23]:"),
    _form("a private key", "AGE-SECRET-KEY-1", rb"AGE-SECRET-KEY-1[0-9A-Z]{50,}"),
    _form("an AWS access key", "AKIA | ASIA", rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    _form("an Azure account key", "AccountKey=", rb"\bAccountKey=[A-Za-z0-9+/]{40,}={0,2}"),
    _form("a GitHub token", "_", rb"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})\b", _SMALL + _DIGITS + b"_"),
    _form("a GitLab token", "glpat-", rb"\bglpat-[A-Za-z0-9_-]{20,}"),
    _form("a Slack token", "xox", rb"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
    _form("a Slack token", "hooks.slack.com/", rb"hooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{16,}"),
    _form("a Google API key", "AIza", rb"\bAIza[A-Za-z0-9_-]{35}\b"),
    _form("a Google API key", "GOCSPX-", rb"\bGOCSPX-[A-Za-z0-9_-]{28}"),
    _form("a Stripe key", "_", rb"\b(?:[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/]{24,})", _SMALL + _DIGITS + b"_"),
    _form("an npm token", "_", rb"\bnpm_[A-Za-z0-9]{36}\b", _SMALL + _DIGITS + b"_"),
    _form("a PyPI token", "pypi-AgE", rb"\bpypi-AgE[A-Za-z0-9_-]{50,}"),
    _form("a SendGrid key", "SG.", rb"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b"),
    _form("an OpenAI or Anthropic key", "sk-proj- | sk-ant-", rb"\bsk-(?:proj|ant)-[A-Za-z0-9_-]{20,}"),
    _form("a Hugging Face token", "_", rb"\bhf_[A-Za-z0-9]{34,}\b", _SMALL + _DIGITS + b"_"),
    _form("a DigitalOcean token", "_", rb"\bdo[op]_v1_[0-9a-f]{64}\b", _SMALL + _DIGITS + b"_"),
    _form("a Vault token", "hvs. | hvb.", rb"\bhv[sb]\.[A-Za-z0-9_-]{24,}"),
    _form("a Telegram bot token", ":AA", rb"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}\b", _DIGITS),
    _form("a JSON Web Token", "eyJ", rb"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    _form("a password in an address", "://", rb"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@\"']{1,64}:[^\s:/@\"']{3,}@", _SMALL + _DIGITS + b"+.-"),
    _form("a password hash", "$", rb"\$2[abxy]\$[0-9]{2}\$[./A-Za-z0-9]{53}|\$(?:argon2(?:id|i|d)\$v=[0-9]+\$m=|scrypt\$|pbkdf2(?:-sha[0-9]+)?\$)[^\s\"']{16,}"),
    _form("a password hash", "$", rb"\$(?:[156]|y)\$(?:rounds=[0-9]+\$)?[./A-Za-z0-9]{1,32}\$[./A-Za-z0-9]{22,86}"),
    _form("a password hash", "$", rb"\bpbkdf2_sha(?:1|256|512)\$[0-9]+\$\S{20,}|\bSCRAM-SHA-(?:1|256|512)\$[0-9]+:\S{20,}", _SMALL + _CAPITALS + _DIGITS + b"_-"),
)  # fmt: skip


def is_random(value: bytes) -> bool:
    """Whether a value looks made by a machine or a careful person: letters, digits, little repeated."""
    counts = [value.count(each) / len(value) for each in set(value)]
    entropy = -sum(share * math.log2(share) for share in counts)
    return entropy >= 2.75 and re.search(rb"[0-9]", value) is not None and re.search(rb"[A-Za-z]", value) is not None


# Given away by the word before them.
ASSIGNED: tuple[Form, ...] = (
    Form(
        "an assigned password or key",
        (b"pass", b"pwd", b"secret", b"key", b"token"),
        re.compile(
            rb"(?i)(?:pass(?:w(?:or)?d|phrase)|pwd|secret(?:_?key)?|(?:(?<=api)|(?<=(?:api|ess|ate|uth|unt)[_-]))key|token)"
            rb"[\\\"']{0,4}\s{0,3}(?:=>|:=|[=:])\s{0,3}[\\\"']{0,4}(?P<value>[A-Za-z0-9+/=_.!@#%^&$~-]{8,200})"
        ),
        b"",
        lambda match: is_random(match["value"]),
        "lower case",
    ),
)


def _is_of_a_person(match: re.Match[bytes]) -> bool:
    """Whether an address is not of the names that are reserved for examples (RFC 2606, RFC 6761)."""
    return re.search(rb"(?i)(?:[@.]example\.(?:com|net|org)|\.(?:example|invalid|localhost|test|local))$", match[0]) is None


def _digits(match: re.Match[bytes]) -> list[int]:
    return [each - 48 for each in match[0] if 48 <= each <= 57]


def _has_luhn(match: re.Match[bytes]) -> bool:
    digits = _digits(match)[::-1]
    doubled = (sum(divmod(2 * each, 10)) for each in digits[1::2])
    return len(set(digits)) > 2 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _has_iban_check(match: re.Match[bytes]) -> bool:
    text = match[0].replace(b" ", b"")
    return 15 <= len(text) <= 34 and int("".join(str(int(chr(each), 36)) for each in text[4:] + text[:4])) % 97 == 1


_CARD = rb"(?:4[0-9]{3}|5[1-5][0-9]{2}|2[2-7][0-9]{2}|3[47][0-9]{2}|6(?:011|5[0-9]{2}))"

PERSONAL: tuple[Form, ...] = (
    Form(
        "an e-mail address",
        (b"@",),
        re.compile(rb"(?<![A-Za-z0-9._%+-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9-])"),
        _SMALL + _CAPITALS + _DIGITS + b"._%+-",
        _is_of_a_person,
    ),
    Form(
        "a telephone number",
        (b"+",),
        re.compile(rb"(?<![0-9A-Za-z+])\+[1-9][0-9]{0,2}(?:[ ()./-]{0,2}[0-9]){7,12}(?![0-9])"),
    ),
    Form(
        "a telephone number",
        (b"000-000-0000", b"000) 000-0000", b"000.000.0000"),
        re.compile(rb"(?<![0-9A-Za-z.-])(?:\([2-9][0-9]{2}\) |[2-9][0-9]{2}[.-])[0-9]{3}[.-][0-9]{4}(?![0-9A-Za-z.-])"),
        b"(",
        within="shape",
    ),
    Form(
        "a bank account (IBAN)",
        (b"AA00",),
        re.compile(rb"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"),
        holds=_has_iban_check,
        within="shape",
    ),
    Form(
        "a payment card",
        (b"0000 0000 0000", b"0000-0000-0000"),
        re.compile(rb"(?<![0-9-])" + _CARD + rb"(?P<by>[ -])[0-9]{4}(?P=by)[0-9]{4}(?P=by)[0-9]{4}(?![0-9-])"),
        holds=_has_luhn,
        within="shape",
    ),
    Form(
        "a payment card",
        (b"0" * 15,),
        re.compile(rb"(?<![0-9A-Za-z.-])(?:" + _CARD + rb"[0-9]{12}|3[47][0-9]{13})(?![0-9A-Za-z.-])"),
        holds=_has_luhn,
        within="shape",
        share=0.5,
    ),
    Form(
        "a national number",
        (b"ssn", b"social security", b"national_id", b"national id", b"passport"),
        re.compile(
            rb"(?i)\b(?:ssn|social security(?: n(?:o|umber))?|national[_ ]id|passport(?: n(?:o|umber))?)[\"']?[ :=#.]{1,3}[\"']?[A-Z]{0,3}[0-9][0-9A-Z -]{5,14}"
        ),
        within="lower case",
    ),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """How often a form was matched in a text, how often what must hold did, and where that was first (-1: nowhere)."""

    form: Form
    matched: int
    held: int
    first: int


def search(text: bytes, forms: tuple[Form, ...]) -> Iterator[Seen]:
    """Yield the forms that were matched in a text. Never what was matched."""
    spelled: dict[Spelling, bytes] = {}
    occurring: set[tuple[Spelling, bytes]] = set()
    for spelling, literals in _literals(forms):
        spelled[spelling] = _spelled(text, spelling)
        occurring.update((spelling, each) for each in words_in(spelled[spelling], literals, sift=spelling == "as written"))
    for form in forms:
        literals = tuple(each for each in form.literals if (form.within, each) in occurring)
        found = {match.start(): match for literal in literals for match in _matches(form, literal, text, spelled[form.within])}
        if found:
            held = [start for start, match in found.items() if form.holds is None or form.holds(match)]
            yield Seen(form, len(found), len(held), min(held, default=-1))


def _spelled(text: bytes, spelling: Spelling) -> bytes:
    match spelling:
        case "lower case":
            return text.lower()
        case "shape":
            return text.translate(_SHAPE)
        case "as written":
            return text


@cache
def _literals(forms: tuple[Form, ...]) -> tuple[tuple[Spelling, tuple[bytes, ...]], ...]:
    """Return the literals of all forms, by the spelling in which they are looked for."""
    found: dict[Spelling, dict[bytes, None]] = {}
    for form in forms:
        found.setdefault(form.within, {}).update(dict.fromkeys(form.literals))
    return tuple((spelling, tuple(literals)) for spelling, literals in found.items())


def _matches(form: Form, literal: bytes, text: bytes, within: bytes) -> Iterator[re.Match[bytes]]:
    """Yield the matches that begin at a literal, or with its lead; none overlaps another."""
    ended, at = 0, within.find(literal)
    while at >= 0:
        before = text[max(ended, at - _LEAD) : at] if form.lead else b""
        start = at - len(before) + len(before.rstrip(form.lead))
        match = form.expression.match(text, start, at + _LONGEST)
        if match is None and form.lead and text[start - 1 : start] == b"\\":
            # The first letter may be that of an escape.
            match = form.expression.match(text, start + 1, at + _LONGEST)
        if match:
            yield match
            ended = match.end()
        at = within.find(literal, max(at + len(literal), ended))
