"""Statements from their text, as it stands between the quotes of a line.

Pure. Most statements differ from those before them in their bodies alone: what is around was read before, and is
compared. Whatever is not as expected is read anew, and from its first character on.
"""

import re
from sys import intern
from typing import Any, NamedTuple

from govern.canonical import decode, decode_at, quote, spell_text, unquote
from govern.ledger.statements import STATEMENT_TYPE, Basis, Imported, SchemaUnknownError, Statement, check_body, is_digest, is_text


def _quoted(pattern: str) -> str:
    """Return the pattern of a text as it stands in a JSON string. There is but one parser: that of what stands in a line."""
    return pattern.replace('"', r'\\"')


_START = f'{{"_type":"{STATEMENT_TYPE}","predicate":{{"actor":"'
_QUOTED_START = _START.replace('"', '\\"')
_ACTOR_AT = len(_QUOTED_START)
# What stands before the body, and what behind the body and the imported document.
_HEAD = re.compile(
    _quoted(
        r'\{"_type":"https://in-toto\.io/Statement/v1","predicate":\{"actor":"([A-Za-z0-9][A-Za-z0-9._-]{0,127})",'
        r'"basis":\{"last":"((?:[0-9a-f]{64})?)","size":(0|[1-9][0-9]{0,8})\},"body":(?=\{)'
    ),
    re.ASCII,
)
_TAIL = re.compile(
    r',"kind":"([a-z]+)","ledger":(?:null|"([0-9a-f]{64})")\},"predicateType":"urn:govern:record:1",'
    r'"subject":\[\{"digest":\{"sha256":"([0-9a-f]{64})"\},"name":"states\.yaml"\}(,.*)?\]\}',
    re.ASCII | re.DOTALL,
)
_TAIL_START = ',\\"kind\\":\\"'
_IMPORTED = ',"imported":'
_NOTE_START, _NOTE_END = '{\\"text\\":\\"', '\\"}'
# A named tuple's own constructor takes twice as long.
_new = tuple.__new__
_NO_HEAD = Basis(0, "")


class Tail(NamedTuple):
    """What follows the body of a statement, in a line and as a text: the same in most records of one kind."""

    quoted: str
    text: str
    kind: str
    ledger: str | None
    policy: str
    subjects: tuple[tuple[str, str], ...]


class Nearby:
    """What the statements before had around their bodies, and the next most likely has: it saves time and decides nothing."""

    __slots__ = ("actors", "tails")

    def __init__(self) -> None:
        # Names that were read, each as one object; and the last tail of each kind.
        self.actors: dict[str, str] = {}
        self.tails: dict[str, Tail] = {}


def parse_statement(text: str) -> Statement:
    """Return the statement of a canonical text.

    Raises:
        NotCanonicalError: not the one spelling.
        SchemaUnknownError: not of the closed schema.
    """
    return parse_quoted(quote(text), "", _NO_HEAD, Nearby())[0]


def parse_quoted(quoted: str, kind: str, likely: Basis, nearby: Nearby) -> tuple[Statement, str]:
    """Return a statement and its text, from between the quotes of a JSON string.

    The kind and the basis that it most likely has, and what was nearby, save the time to parse them again.

    Raises:
        NotCanonicalError: the statement or the string is not in its one spelling.
        SchemaUnknownError: not of the closed schema.
    """
    size, last = likely
    actor = nearby.actors.get(quoted[_ACTOR_AT : quoted.find("\\", _ACTOR_AT)], "")
    head = f'{_QUOTED_START}{actor}\\",\\"basis\\":{{\\"last\\":\\"{last}\\",\\"size\\":{size}}},\\"body\\":{{'
    basis, start = likely, len(head) - 1
    if not actor or not quoted.startswith(head):
        actor, basis, start = _parse_head(quoted, nearby)
        size, last = basis
    tail = nearby.tails.get(kind)
    if tail is None or not quoted.endswith(tail[0]):
        tail = _find_tail(quoted)
    if not start or tail is None:
        decode(unquote(quoted))
        raise SchemaUnknownError("not a statement of this version")
    nearby.tails[kind] = tail
    end, end_text, said_kind, ledger, policy, subjects = tail
    quoted = quoted[start : -len(end)]
    plain = quoted[len(_NOTE_START) : -len(_NOTE_END)]
    if said_kind == "note" and quoted == f"{_NOTE_START}{plain}{_NOTE_END}" and len(spell_text(plain)) == len(plain) + 2 and is_text(plain):
        # A note in which nothing had to be escaped, and with such most of a long ledger: what `_parse_body` would say, in a third of the time.
        body, middle, imported = {"text": plain}, f'{{"text":"{plain}"}}', None
    else:
        body, middle, imported = _parse_body(quoted, said_kind)
    text = f'{_START}{actor}","basis":{{"last":"{last}","size":{size}}},"body":{middle}{end_text}'
    return _new(Statement, (ledger, said_kind, actor, body, basis, policy, subjects, imported)), text


def _parse_body(quoted: str, kind: str) -> tuple[dict[str, Any], str, Imported | None]:
    """Return the body of a statement, the text from there on, and the document that it was imported from."""
    text = unquote(quoted)
    body, end = decode_at(text, 0)
    check_body(kind, body)
    return body, text, _parse_imported(text[end:]) if end != len(text) else None


def _parse_head(quoted: str, nearby: Nearby) -> tuple[str, Basis, int]:
    """Return the actor and the basis of a statement, and where its body starts: at 0 if it is no statement."""
    match = _HEAD.match(quoted)
    if match is None:
        return "", _NO_HEAD, 0
    actor, last, size = match.groups()
    actor = nearby.actors.setdefault(actor, intern(actor))
    return actor, _new(Basis, (int(size), last)), match.end()


def _find_tail(quoted: str) -> Tail | None:
    quoted = quoted[max(quoted.rfind(_TAIL_START), 0) :]
    text = unquote(quoted)
    match = _TAIL.fullmatch(text)
    if match is None:
        return None
    kind, ledger, policy, subjects = match.groups()
    return Tail(quoted, text, kind, ledger, policy, _parse_subjects(subjects) if subjects else ())


def _parse_subjects(text: str) -> tuple[tuple[str, str], ...]:
    subjects = decode(f"[{text[1:]}]")
    for subject in subjects:
        fits = isinstance(subject, dict) and subject.keys() == {"digest", "name"} and is_text(subject["name"])
        digests = subject["digest"] if fits else None
        if not isinstance(digests, dict) or digests.keys() != {"sha256"} or not is_digest(digests["sha256"]):
            raise SchemaUnknownError("a subject is malformed")
    return tuple((subject["name"], subject["digest"]["sha256"]) for subject in subjects)


def _parse_imported(text: str) -> Imported:
    value: Any = decode(text.removeprefix(_IMPORTED)) if text.startswith(_IMPORTED) else None
    fits = isinstance(value, dict) and value.keys() == {"document", "sha256"} and is_text(value["document"]) and is_digest(value["sha256"])
    if not fits:
        raise SchemaUnknownError("the imported document is malformed")
    return Imported(value["document"], value["sha256"])
