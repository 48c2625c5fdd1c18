"""The recipe of `docs/auditing.md`, run as it stands there: it needs no govern, and finds what was tampered with."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from hashlib import sha256
from typing import Any, NamedTuple

import pytest

from govern.canonical import encode
from support.cli import ROOT, Programme, fingerprint_of, key_of, keys

TOOLS = ("bash", "jq", "sha256sum", "awk", "ssh-keygen")
pytestmark = pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed, so the auditor's recipe was NOT tried")


class Audit(NamedTuple):
    """How the recipe ended, and what it printed."""

    status: int
    out: str
    err: str


def recipe() -> str:
    """Return the commands of the page."""
    page = (ROOT / "docs" / "auditing.md").read_text(encoding="utf-8")
    [(language, block)] = re.findall(r"^```(sh|bash|console)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return re.sub(r"^[$>] ", "", block, flags=re.MULTILINE) if language == "console" else str(block)


def audit(programme: Programme) -> Audit:
    """Run the recipe in the programme's folder, with nothing else at hand than the tools that it names."""
    tools = programme.root.parent / "tools"
    tools.mkdir(exist_ok=True)
    for name in (*TOOLS, "base64", "cat", "mkdir", "mktemp", "rm"):
        found = shutil.which(name)
        assert found is not None, name
        if not (tools / name).exists():
            (tools / name).symlink_to(found)
    environment = {"PATH": str(tools), "HOME": os.environ["HOME"], "TMPDIR": str(programme.root.parent), "LC_ALL": "C"}
    done = subprocess.run(["bash", "-c", recipe()], cwd=programme.root, env=environment, capture_output=True, text=True, check=False, timeout=60)
    return Audit(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def audited(signed: Programme) -> Programme:
    """A programme with a decision, a note of an agent, a key that was retired, and a second key of the owner."""
    signed.confirms("decide", "2", "--as", "owner", *key_of("owner"))
    signed.does("note", "über\u2028 \"quoted\" \\ and 'more'", "--as", "gpt")
    signed.confirms("key", "enroll", str(keys() / "stranger"), "--as", "owner", *key_of("owner"))
    signed.does("note", "seen", "--as", "operator", *key_of("operator"))
    signed.does("key", "retire", fingerprint_of("operator"), "--reason", "it was lost", "--as", "owner", *key_of("stranger"))
    return signed


def lines_of(programme: Programme) -> list[bytes]:
    """Return the lines of the ledger."""
    return programme.ledger.read_bytes().split(b"\n")[:-1]


def write(programme: Programme, lines: list[bytes]) -> None:
    """Write the ledger by hand."""
    programme.ledger.write_bytes(b"".join(line + b"\n" for line in lines))


def forged(lines: list[bytes], number: int, change: Callable[[dict[str, Any], dict[str, Any]], None]) -> list[bytes]:
    """Return the lines with one changed (its fields, and what it says), and every digest from there on made to fit."""
    made = lines[:number]
    for raw in lines[number:]:
        line = json.loads(raw)
        statement = json.loads(line["stmt"])
        if len(made) == number:
            change(line, statement)
            line["stmt"] = encode(statement)
        line |= {"prev": sha256(made[-1]).hexdigest(), "stmt_sha256": sha256(line["stmt"].encode()).hexdigest()}
        line["check"] = sha256(encode({key: line[key] for key in line if key != "check"}).encode()).hexdigest()
        made.append(encode(line).encode())
    return made


def test_an_honest_ledger_passes_with_the_head_that_govern_names(audited: Programme) -> None:
    found = audited.asks("verify")
    told = audit(audited)
    assert (told.status, told.err) == (0, "")
    assert told.out == (f"ask owner whether this is their key: {fingerprint_of('owner')}\n32 records, ledger {found['ledger']}, head {found['last']}\n")


def test_a_ledger_without_keys_passes(keyless: Programme) -> None:
    told = audit(keyless)
    assert (told.status, told.err) == (0, "")
    assert told.out.startswith("25 records, ledger ")


@pytest.mark.parametrize(
    ("number", "old", "new", "told"),
    [
        (3, b"REHEARSAL_ONLY", b"REHEARSAL_ALSO", "its statement was changed"),
        (5, b'"seq":5', b'"seq":6', "a line was removed, added or moved"),
        (5, b'"at":"2026-06-12', b'"at":"2026-06-11', "the line before it was changed"),
        (27, b"-----BEGIN SSH", b"-----BEGUN SSH", "not signed by owner"),
    ],
)
def test_a_byte_that_was_changed_is_found(number: int, old: bytes, new: bytes, told: str, audited: Programme) -> None:
    lines = lines_of(audited)
    assert old in lines[number]
    lines[number] = lines[number].replace(old, new, 1)
    write(audited, lines)
    ended = audit(audited)
    assert ended.status == 1
    assert re.search(rf"^record ({number}|{number + 1}): {told}$", ended.out, re.MULTILINE)


def test_a_line_that_was_left_out_or_moved_is_found(audited: Programme) -> None:
    lines = lines_of(audited)
    for other in ([*lines[:7], *lines[8:]], [*lines[:7], lines[8], lines[7], *lines[9:]], [*lines[:28], lines[27], *lines[28:]], lines[1:]):
        write(audited, other)
        assert audit(audited).status == 1


def _decides_otherwise(_line: dict[str, Any], statement: dict[str, Any]) -> None:
    statement["predicate"]["body"]["option"] = "HOLD_REAL_DATA"


def _is_anothers(_line: dict[str, Any], statement: dict[str, Any]) -> None:
    statement["predicate"]["actor"] = "operator"


def _is_unsigned(line: dict[str, Any], _statement: dict[str, Any]) -> None:
    line["sigs"] = []


def _is_of_another_kind(line: dict[str, Any], statement: dict[str, Any]) -> None:
    line["kind"] = statement["predicate"]["kind"] = "refuse"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_decides_otherwise, "not signed by owner"),
        (_is_anothers, "not signed by operator"),
        (_is_unsigned, "owner has a key, and did not sign"),
        (_is_of_another_kind, "not signed by owner"),
    ],
)
def test_a_forged_record_is_found_though_every_digest_was_made_to_fit(
    change: Callable[[dict[str, Any], dict[str, Any]], None], told: str, audited: Programme
) -> None:
    write(audited, forged(lines_of(audited), 27, change))
    ended = audit(audited)
    assert (ended.status, ended.out.split("\n")[-2]) == (1, f"record 27: {told}")


def test_a_past_that_was_made_to_fit_is_found_by_the_next_that_was_signed(audited: Programme) -> None:
    def change(_line: dict[str, Any], statement: dict[str, Any]) -> None:
        statement["predicate"]["body"]["text"] = "another text"

    write(audited, forged(lines_of(audited), 28, change))
    ended = audit(audited)
    assert (ended.status, ended.out.split("\n")[-2]) == (1, "record 29: it was made on another history")


def test_a_key_signs_nothing_after_it_was_retired(audited: Programme) -> None:
    lines = lines_of(audited)
    note = json.loads(lines[30])
    write(audited, forged([*lines, lines[30]], 32, lambda line, _statement: line.update(seq=32, at=note["at"])))
    ended = audit(audited)
    assert (ended.status, ended.out.split("\n")[-2]) == (1, "record 32: not signed by operator")


def test_a_record_of_another_ledger_is_found(audited: Programme) -> None:
    def change(_line: dict[str, Any], statement: dict[str, Any]) -> None:
        statement["predicate"]["ledger"] = "0" * 64

    write(audited, forged(lines_of(audited), 28, change))
    assert "record 28: its statement is of another ledger\n" in audit(audited).out
