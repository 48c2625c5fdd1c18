"""Attacks by the spelling of a line: two spellings of one thing, texts that break readers, and what is not known."""

import json
from collections.abc import Callable

import pytest

from govern.canonical import text_digest
from support.attacks import Victim
from support.ledgers import respelled, restated, spelled

FIRST_NOTE = 24


def checked(line: bytes) -> bytes:
    """Return a line with the digest that fits what it says, where both stand at their places."""
    check = line[38:102]
    return line.replace(check, text_digest((line[:29] + line[104:]).decode()).encode(), 1)


OTHER_SPELLINGS: dict[str, Callable[[bytes], bytes]] = {
    "a key twice": lambda line: line[:-1] + b',"v":1}',
    "a key twice, once escaped": lambda line: line.replace(b'"v":1}', b'"\\u0076":1,"v":1}'),
    "NaN": lambda line: line.replace(b'"v":1}', b'"v":NaN}'),
    "Infinity": lambda line: line.replace(b'"v":1}', b'"v":Infinity}'),
    "1.0": lambda line: line.replace(b'"v":1}', b'"v":1.0}'),
    "1e2": lambda line: line.replace(b'"v":1}', b'"v":1e2}'),
    "-0": lambda line: line.replace(b'"v":1}', b'"v":-0}'),
    "byte-order mark": lambda line: b"\xef\xbb\xbf" + line,
    "a space at the start": lambda line: b" " + line,
    "a space inside": lambda line: line.replace(b'"v":1', b'"v": 1'),
    "a space at the end": lambda line: line + b" ",
    "another order": lambda line: json.dumps(dict(reversed(json.loads(line).items())), separators=(",", ":")).encode(),
    "an escape that is not needed": lambda line: line.replace(b'"kind"', b'"k\\u0069nd"', 1),
    "a comma too many": lambda line: line[:-1] + b",}",
    "nothing": lambda _line: b"",
}


@pytest.mark.parametrize("name", OTHER_SPELLINGS)
def test_row_20_a_line_in_another_spelling_is_refused(name: str, real: Victim) -> None:
    lines = real.lines
    changed = OTHER_SPELLINGS[name](lines[FIRST_NOTE])
    assert changed != lines[FIRST_NOTE]
    real.write([*lines[:FIRST_NOTE], changed, *lines[FIRST_NOTE + 1 :]])
    real.meets("JSON_NOT_CANONICAL", seq=FIRST_NOTE, told="not in its one spelling")


STATEMENTS: dict[str, Callable[[str], str]] = {
    "a key twice": lambda text: text.replace('"text":', '"text":"x","text":', 1),
    "1.0": lambda text: text.replace('"size":27', '"size":27.0', 1),
    "1e2": lambda text: text.replace('"size":27', '"size":1e2', 1),
    "-0": lambda text: text.replace('"size":27', '"size":-0', 1),
    "a space": lambda text: text.replace('"text":', '"text": ', 1),
    "an escape that is not needed": lambda text: text.replace('"text":"seen"', '"text":"\\u0073een"', 1),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_row_20_a_statement_in_another_spelling_is_refused_though_all_digests_fit(name: str, real: Victim) -> None:
    line = real.line(real.statement("note", "gpt", {"text": "seen"})).rstrip(b"\n")
    right = json.loads(line)["stmt"]
    changed = STATEMENTS[name](right)
    assert changed != right
    seq = real.append(restated(line, changed) + b"\n")
    real.meets("JSON_NOT_CANONICAL", seq=seq, told="its statement is not in its one spelling")


LIMITS: dict[str, Callable[[bytes], bytes]] = {
    "a lone surrogate": lambda line: line.replace(b'"kind":"', b'"kind":"\\ud800', 1),
    "invalid UTF-8": lambda line: line.replace(b'"kind":"', b'"kind":"\xff', 1),
    "an overlong form": lambda line: line.replace(b'"kind":"', b'"kind":"\xc0\x80', 1),
    "5,000 levels": lambda line: line.replace(b'"v":1}', b'"v":' + b"[" * 5000 + b"]" * 5000 + b"}"),
    "5,000 digits": lambda line: line.replace(b'"v":1}', b'"v":' + b"9" * 5000 + b"}"),
    "2^53": lambda line: line.replace(b'"v":1}', b'"v":9007199254740992}'),
    "2 MiB": lambda line: line.replace(b'"kind":"', b'"kind":"' + b"x" * (2 << 20), 1),
    "2 MiB of NUL": lambda _line: bytes(2 << 20),
}


@pytest.mark.parametrize("name", LIMITS)
def test_row_21_a_line_that_would_break_a_reader_is_refused(name: str, real: Victim) -> None:
    lines = real.lines
    real.write([*lines[:FIRST_NOTE], LIMITS[name](lines[FIRST_NOTE]), *lines[FIRST_NOTE + 1 :]])
    real.meets("JSON_LIMIT", seq=FIRST_NOTE)


def test_row_21_a_line_of_2_mib_in_which_all_is_right_is_refused(real: Victim) -> None:
    line = real.line(real.statement("note", "gpt", {"text": "x" * (2 << 20)}))
    real.meets("JSON_LIMIT", seq=real.append(line), told=f"a line of {len(line) - 1} bytes")


def test_row_22_a_kind_that_is_not_known_is_refused(real: Victim) -> None:
    seq = real.forge("approve", "gpt", {"grant": "QT001"})
    real.meets("SCHEMA_UNKNOWN", seq=seq, told="unknown kind `approve`")


@pytest.mark.parametrize(
    ("body", "told"), [({"text": "x", "by": "owner"}, "unknown field `by`"), ({}, "`text` is missing"), ({"text": 1}, "`text` is malformed")]
)
def test_row_22_a_field_that_is_not_known_is_refused(body: dict[str, object], told: str, real: Victim) -> None:
    real.meets("SCHEMA_UNKNOWN", seq=real.forge("note", "gpt", body), told=told)


@pytest.mark.parametrize("version", [0, 2, True, "1"])
def test_row_22_a_version_that_is_not_known_is_refused(version: object, real: Victim) -> None:
    line = real.line(real.statement("note", "gpt", {"text": "seen"}))
    seq = real.append(respelled({**json.loads(line), "v": version}) + b"\n")
    real.meets("SCHEMA_UNKNOWN", seq=seq, told=f"a line of version {version}")


def test_row_22_a_field_of_a_line_or_of_a_statement_that_is_not_known_is_refused(real: Victim) -> None:
    line = real.line(real.statement("note", "gpt", {"text": "seen"}))
    seq = real.append(respelled({**json.loads(line), "approved": True}) + b"\n")
    real.meets("SCHEMA_UNKNOWN", seq=seq, told="a line with other fields than are known")
    real.write(real.lines[:-1])
    text = json.loads(json.loads(line)["stmt"])
    text["predicate"]["approved"] = True
    real.append(restated(line.rstrip(b"\n"), spelled(text).decode()) + b"\n")
    real.meets("SCHEMA_UNKNOWN", seq=seq)
