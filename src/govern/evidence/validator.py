"""Judge the evidence of a rehearsal: one file, the standard library, and nothing of what made the evidence.

    python3 validator.py EVIDENCE… [--source FILE] [--seen NONCE] [--now TIME] [--residue NAME] [--json]
    python3 validator.py --selftest

Evidence states no verdict. Here every derived value is computed anew, and each check that finds something says so by its
own name. It ends with 0 where all pass, 1 where one fails, 3 where a file cannot be read or is not of the form.

The page reads from top to bottom: the form, the reading, the facts, the checks (four tables), the verdict, the self-test.
"""

from __future__ import annotations

import argparse
import calendar
import copy
import hashlib
import json
import os
import re
import stat
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, BinaryIO, NamedTuple

SCHEMA, VERSION = "govern.evidence/1", 1
LIMIT = 8 * 1024 * 1024  # bytes of an evidence file
MOST = 20  # sentences of one check
SKEW = 300  # seconds by which clocks may differ
NOTHING = hashlib.sha256(b"").hexdigest()
PASS, FAIL = "PASS", "FAIL"


# The form. A mapping names every key that may stand (`?`: may be left out), a list the form of its members.


class Leaf(NamedTuple):
    """A value: its type, and the words and the pattern, or the least number, that it must fit."""

    type: type
    wanted: str
    pattern: str = ".*"
    least: int = 0


class Map(NamedTuple):
    """An object whose keys are names of something: the pattern of a key, and the form of every value."""

    key: str
    value: Any


class Null(NamedTuple):
    """A value that may be null."""

    form: Any


Place = tuple[str, Any, Any]  # where, the form there, the value there

DIGEST = Leaf(str, "a SHA-256 of 64 lower-case hex digits")
TIME = Leaf(str, "a time such as 2026-11-22T05:00:00Z")
TEXT = Leaf(str, "a text", r"[^\x00-\x1f\x7f]{1,4000}")
ANY = Leaf(str, "a text", r"[\s\S]*")
NAME = Leaf(str, "a name", r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
COUNT = Leaf(int, "a number from 0 on")
SOME = Leaf(int, "a number from 1 on", least=1)
YES_NO = Leaf(bool, "true or false")
COMPONENT = r"schema|sequences|large objects|globals|database|table [!-~]{1,2000}"


def word(*words: str) -> Leaf:
    """Return the form of one of these words."""
    return Leaf(str, " or ".join(words), "|".join(map(re.escape, words)))


_PART = {"sha256": DIGEST, "bytes": COUNT, "statements": COUNT}
_STATE = {"components": Map(COMPONENT, DIGEST), "rows": Map(r"[!-~]{1,2000}", COUNT), "root": DIGEST, "stored?": DIGEST}
_DIFFERENCE = {
    "component": Leaf(str, "a component", COMPONENT),
    "kind": word("missing", "added", "changed", "definition"),
    "count": COUNT,
    "keys": [ANY],
    "column?": ANY,
    "object?": ANY,
}
_INODES = {"inside": SOME, "outside": SOME}
_REHEARSAL = {
    "version": COUNT,
    "tool": {"name": NAME, "version": TEXT, "code_sha256": DIGEST},
    "run": {
        "id": Leaf(str, "32 lower-case hex digits", "[0-9a-f]{32}"),
        "nonce": DIGEST,
        "started": TIME,
        "ended": TIME,
        "milliseconds": Map("[ -~]{1,80}", COUNT),
    },
    "programme": {"ledger": Null(DIGEST), "policy": Null(DIGEST), "validator": DIGEST},
    "source": {
        "name": TEXT,
        "sha256": DIGEST,
        "bytes": COUNT,
        "format": word("sqlite-file", "sqlite-sql", "postgresql-plain", "postgresql-custom"),
        "compression": word("none", "gzip"),
        "version": Null(TEXT),
        "sha256_after": DIGEST,
    },
    "change": {"name": Null(NAME), "apply": _PART, "revert": Null(_PART)},
    "engine": {"name": word("sqlite", "postgresql"), "version": TEXT, "binary_sha256": DIGEST, "settings": Map("[A-Za-z][A-Za-z0-9_.]{0,79}", ANY)},
    "isolation": {
        "sandbox": word("bubblewrap", "namespaces"),
        "namespaces": {"net": _INODES, "user": _INODES, "mnt": _INODES, "ipc": _INODES, "pid": _INODES, "uts?": _INODES, "cgroup?": _INODES},
        "interfaces": [TEXT],
        "routes": [TEXT],
        "sockets": [TEXT],
        "environment": [TEXT],
        "canaries": [{"name": NAME, "control": YES_NO, "reached": YES_NO}],
    },
    "connections": [TEXT],
    "gate": {"tables": COUNT, "columns": COUNT, "classified": COUNT, "bytes_source": COUNT, "bytes_scanned": COUNT, "findings": COUNT},
    "paths": [
        {
            "path": SOME,
            "means": word("transaction", "snapshot", "revert"),
            "before": _STATE,
            "applied": _STATE,
            "after": _STATE,
            "transactions": Null({"begun": TEXT, "ended": TEXT}),
            "residue": [TEXT],
            "changed": [TEXT],
            "differences": [_DIFFERENCE],
        }
    ],
    "control": {"sabotage": TEXT, "after": _STATE, "differences": [_DIFFERENCE]},
    "surfaces": [{"surface": TEXT, "status": word("untouched", "not-requested", "UNKNOWN"), "because": TEXT}],
    "probes": [{"name": NAME, "expected": TEXT, "got": TEXT}],
    "probes_claimed": COUNT,
}
EVIDENCE = {
    "schema": TEXT,
    "kind": word("rehearsal"),
    "of": NAME,
    "legs": [Leaf(str, "a leg as BLOCKER/LEG", f"{NAME.pattern}/{NAME.pattern}")],
    "label?": NAME,
    "rehearsal": _REHEARSAL,
}

# What must be there, by engine, and what may be left behind.
WHICH = ("before", "applied", "after")
WITH_IDS = ("postgresql",)
RESIDUE = frozenset({"sequences"})
MEANS = {1: "transaction", 2: "snapshot", 3: "revert"}
COMPONENTS = {"sqlite": ("schema", "sequences"), "postgresql": ("schema", "sequences", "large objects", "globals", "database")}
CANARIES = ("tcp", "dns", "unix", "abstract")
PROBES: dict[str, tuple[str, ...]] = {"sqlite": ("CHANGE_COMMITS", "CHANGE_ROLLS_BACK", "CHANGE_EMPTY", "CHANGE_REACHES")}
PROBES["postgresql"] = (*PROBES["sqlite"], "CHANGE_PREPARES")
SETTINGS: dict[str, dict[str, str]] = {
    "sqlite": {"journal_mode": "delete"},
    "postgresql": {
        "autovacuum": "off",
        "bytea_output": "hex",
        "datestyle": "ISO, MDY",
        "extra_float_digits": "1",
        "intervalstyle": "postgres",
        "listen_addresses": "",
        "synchronize_seqscans": "off",
        "timezone": "UTC",
    },
}
# The variables that a sandbox sets: any other could lead a client to another server, or give a secret away.
VARIABLES = frozenset({"HOME", "LANG", "LC_ALL", "LC_CTYPE", "PATH", "PWD", "TMPDIR"})
# A file of the work folder, or a socket in it: no host, and no password.
INSIDE = {"sqlite": "sqlite:/rehearsal/[^@:?]+", "postgresql": r"postgresql:///[\w-]+\?host=/rehearsal/[^@:?&]+(&port=[0-9]+)?(&user=[\w-]+)?"}
SECRET = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY|\b(AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}|\bglpat-[\w-]{20}|[a-z]://[^\s:/@\"]+:[^\s:/@\"]+@"
)


# The reading: bytes to a value, with everything that has more than one spelling.


def scan(content: bytes) -> SimpleNamespace:
    """Return the text and the value of a file, what is wrong with it, each key that stands twice and each number that is no small integer."""
    found = SimpleNamespace(content=content, text="", value=None, not_text="", not_json="", canonical=None, twice=[], numbers=[])

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(made := dict(members)) < len(members):
            found.twice += sorted(Counter(key for key, _value in members) - Counter(list(made)))
        return made

    def number(text: str) -> int:
        if not re.fullmatch("-?[0-9]{1,16}", text) or abs(int(text)) >= 2**53:
            found.numbers.append(text[:40])
            return 0
        return int(text)

    if len(content) > LIMIT:
        return found
    try:
        found.text = content.decode()
        found.value = json.loads(found.text, object_pairs_hook=pairs, parse_float=number, parse_int=number, parse_constant=number)
        # What stands twice, and what is no integer, has no spelling to compare with.
        found.canonical = spell(found.value) == content if not found.twice and not found.numbers else None
    except UnicodeDecodeError as error:
        found.not_text = str(error)
    except (ValueError, RecursionError) as error:
        found.not_json = str(error)
    return found


def spell(value: Any) -> bytes:
    """Return the RFC 8785 text of a value whose keys are ASCII and whose numbers are integers, and a line feed."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n"
    return text.encode(errors="replace")  # half a character (a lone surrogate) has no spelling


def fits(form: Any, value: Any, at: str) -> Iterator[Place]:
    """Yield every place of a value with the form that it must fit."""
    if isinstance(form, Null):
        if value is None:
            return
        form = form.form
    yield at, form, value
    if not isinstance(value, type_of(form)):
        return
    if isinstance(form, dict):
        for key in [key for key in form if key.rstrip("?") in value]:
            yield from fits(form[key], value[key.rstrip("?")], f"{at}/{key.rstrip('?')}")
    elif isinstance(form, Map):
        for key, inner in value.items():
            yield from fits(form.value, inner, f"{at}/{key}")
    elif isinstance(form, list):
        for index, inner in enumerate(value):
            yield from fits(form[0], inner, f"{at}/{index}")


def objects(places: Iterable[Place]) -> list[Place]:
    """Return the places of objects whose keys are known."""
    return [(at, form, value) for at, form, value in places if isinstance(form, dict) and isinstance(value, dict)]


def maps(places: Iterable[Place]) -> list[Place]:
    """Return the places of objects whose keys are names of something."""
    return [(at, form, value) for at, form, value in places if isinstance(form, Map) and isinstance(value, dict)]


def leaves(places: Iterable[Place], kind: type) -> list[Place]:
    """Return the places of values of a type."""
    return [(at, form, value) for at, form, value in places if isinstance(form, Leaf) and type(value) is kind]


def digests(places: Iterable[Place]) -> list[Place]:
    """Return the places of digests."""
    return [place for place in leaves(places, str) if place[1] is DIGEST]


def version_of(value: Any) -> Any:
    """Return the version that a rehearsal says it is of; one that says nothing, or is none, is left to the form."""
    rehearsal = value.get("rehearsal") if isinstance(value, dict) else None
    return rehearsal.get("version", VERSION) if isinstance(rehearsal, dict) else VERSION


def type_of(form: Any) -> Any:
    """Return the type that a form wants."""
    return form.type if isinstance(form, Leaf) else dict if isinstance(form, Map) else type(form)


def opened(form: Any, value: Any) -> Any:
    """Return a value that fits its form with its fields as attributes; what was left out is None."""
    form = form.form if isinstance(form, Null) else form
    if isinstance(form, dict) and value is not None:
        return SimpleNamespace(**{key.rstrip("?"): opened(inner, value.get(key.rstrip("?"))) for key, inner in form.items()})
    return [opened(form[0], each) for each in value] if isinstance(form, list) else value


def seconds(text: str) -> int | None:
    """Return the seconds of a time in its one spelling; of anything else, nothing."""
    form = "%Y-%m-%dT%H:%M:%SZ"
    try:
        moment = time.strptime(text, form)
    except ValueError:
        return None
    # A leap second would be read as the next minute; a year such as 0999 would be written as 999.
    return calendar.timegm(moment) if time.strftime(form, moment) == text and moment.tm_sec < 60 else None


# The facts: what the checks compare, computed from what the file holds.


def tree_root(components: Mapping[str, str]) -> str:
    """Return the RFC 6962 tree hash over the leaves `NAME LF SHA256` in the order of the names."""
    level = [hashlib.sha256(b"\x00" + f"{name}\n{components[name]}".encode()).digest() for name in sorted(components)]
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\x01" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0].hex() if level else NOTHING


def differing(one: SimpleNamespace, other: SimpleNamespace) -> list[str]:
    """Return the components in which two states differ, also those that one of them lacks."""
    return sorted(name for name in {**one.components, **other.components} if one.components.get(name) != other.components.get(name))


def facts(value: Any, **given: Any) -> SimpleNamespace:
    """Return what the last checks look at: the parts of the evidence, what was given beside it, and what follows from both."""
    whole = opened(EVIDENCE, value)
    e = SimpleNamespace(**{**vars(whole), **vars(whole.rehearsal), "given": SimpleNamespace(**given)})
    e.started, e.ended = seconds(e.run.started), seconds(e.run.ended)
    e.seconds = e.ended - e.started
    e.scripts = [(which, vars(e.change)[which]) for which in ("apply", "revert") if vars(e.change)[which]]
    e.states = [(f"path {p.path}, {which}", vars(p)[which]) for p in e.paths for which in WHICH] + [("control", e.control.after)]
    e.counted = [(at, (name, state.components.get(f"table {name}")), rows) for at, state in e.states for name, rows in state.rows.items()]
    e.stored = [(at, state.stored, state.components) for at, state in e.states if state.stored]
    e.before = e.states[0][1]
    e.numbers, e.canaries, e.expected = [p.path for p in e.paths], [c.name for c in e.isolation.canaries], [p.expected for p in e.probes]
    e.falsified = differing(e.before, e.control.after)
    for p in e.paths:
        p.moved, p.left, p.left_set = differing(p.before, p.applied), differing(p.before, p.after), set(differing(p.before, p.after))
        p.residue_set, p.same_file = set(p.residue), p.applied.stored in (None, p.before.stored)
    return e


def when(wrong: object, sentence: str) -> list[str]:
    """Return a sentence where something is wrong."""
    return [sentence] if wrong else []


def twice(names: Iterable[Any]) -> list[str]:
    """Return each name that stands more than once."""
    return [f"{name} stands {times} times" for name, times in sorted(Counter(names).items()) if times > 1]


def contradictions(told: Iterable[tuple[str, Any, Any]]) -> list[tuple[str, Any, Any, str, Any]]:
    """Return where one digest stands for two different things: the place, the digest, what it is there; where else, and what it is there."""
    first: dict[Any, tuple[str, Any]] = {}
    return [(at, digest, what, *first[digest]) for at, digest, what in told if first.setdefault(digest, (at, what))[1] != what]


def major(version: str | None) -> int:
    """Return the first number of a version."""
    return int(re.sub("[^0-9].*", "", version or "") or 0)


# The checks: each returns what is wrong, in sentences. A table is asked only where those before it found nothing.

Checks = Mapping[str, Callable[[Any], Iterable[str]]]

READABLE: Checks = {
    "too-large": lambda t: when(len(t.content) > LIMIT, f"it has more than {LIMIT} bytes"),
    "not-utf-8": lambda t: when(t.not_text, f"it is no UTF-8 text: {t.not_text}"),
    "not-json": lambda t: when(t.not_json, f"it is no JSON: {t.not_json}"),
    "secret": lambda t: when(SECRET.search(t.text), "it holds what looks like a secret, which is not repeated here"),
}
SPELLED: Checks = {
    "duplicate-key": lambda t: [f"the key `{key[:40]}` stands twice in one object" for key in t.twice],
    "number": lambda t: [f"`{each}` is no integer within 2^53-1" for each in t.numbers],
    "not-canonical": lambda t: when(t.canonical is False, "its bytes are not the RFC 8785 text of its value and a line feed"),
}
KNOWN: Checks = {
    "schema-unknown": lambda v: when(not isinstance(v, dict) or v.get("schema") != SCHEMA, f"its schema is not {SCHEMA}"),
    "version-unknown": lambda v: when(version_of(v) != VERSION, f"its rehearsal is not of version {VERSION}"),
}
FORMED: Checks = {
    "field-unknown": lambda ps: [f"{at}/{key[:40]} is not known" for at, form, v in objects(ps) for key in v if key not in form and f"{key}?" not in form],
    "field-missing": lambda ps: [f"{at}/{key} is missing" for at, form, v in objects(ps) for key in form if key not in v and not key.endswith("?")],
    "name-unknown": lambda ps: [f"{at}: `{key[:40]}` is no name of that" for at, form, v in maps(ps) for key in v if not re.fullmatch(form.key, key)],
    "null": lambda ps: [f"{at} is null" for at, _form, v in ps if v is None],
    "wrong-type": lambda ps: [f"{at} is of the type {type(v).__name__}" for at, form, v in ps if v is not None and type(v) is not type_of(form)],
    "digest-length": lambda ps: [f"{at} has {len(v)} characters, wanted {form.wanted}" for at, form, v in digests(ps) if len(v) != 64],
    "digest-case": lambda ps: [f"{at} has capital letters, wanted {form.wanted}" for at, form, v in digests(ps) if v != v.lower()],
    "digest-alphabet": lambda ps: [f"{at} has other signs, wanted {form.wanted}" for at, form, v in digests(ps) if not re.fullmatch("[0-9a-fA-F]*", v)],
    "time-malformed": lambda ps: [f"{at} is no time, wanted {form.wanted}" for at, form, v in leaves(ps, str) if form is TIME and seconds(v) is None],
    "word-unknown": lambda ps: [f"{at} is not {form.wanted}" for at, form, v in leaves(ps, str) if not re.fullmatch(form.pattern, v)],
    "number-too-small": lambda ps: [f"{at} is {v}, wanted {form.wanted}" for at, form, v in leaves(ps, int) if v < form.least],
}
PROVEN: Checks = {
    # When it was made, by what, and whether it was there before.
    "time-reversed": lambda e: when(e.seconds < 0, "the run ended before it began"),
    "time-future": lambda e: when(e.ended > e.given.now + SKEW, f"the run ended at {e.run.ended}, which is yet to come"),
    "duration-missing": lambda e: when(not e.run.milliseconds, "no step of the run was timed"),
    "duration-impossible": lambda e: when(sum(e.run.milliseconds.values()) > max(e.seconds + 1, 1) * 1000, "its steps took longer than the run"),
    "nonce-replayed": lambda e: when(e.run.nonce in e.given.nonces, f"its nonce, {e.run.nonce[:16]}, is that of other evidence"),
    "validator-other": lambda e: when(e.given.validator not in (None, e.programme.validator), f"it is for the validator {e.programme.validator[:16]}"),
    # What it is about, and what it counts as.
    "source-digest": lambda e: when(e.given.source and e.given.source[0] != e.source.sha256, f"it is about {e.source.sha256[:16]}, not the file given"),
    "source-bytes": lambda e: when(e.given.source and e.given.source[1] != e.source.bytes, f"it is about {e.source.bytes} bytes, not the file given"),
    "source-changed": lambda e: when(e.source.sha256 != e.source.sha256_after, "the source was changed during the run"),
    "source-empty": lambda e: when(e.source.bytes == 0 or e.source.sha256 == NOTHING, "the source is empty"),
    "source-engine": lambda e: when(e.source.format.split("-")[0] != e.engine.name, f"{e.source.format} is not for {e.engine.name}"),
    "source-newer": lambda e: when(major(e.source.version) > major(e.engine.version), f"{e.source.version} is newer than the engine, {e.engine.version}"),
    "label-missing": lambda e: when(e.of == "surrogate" and not e.label, "a surrogate carries a label, and there is none"),
    "label-misplaced": lambda e: when(e.of != "surrogate" and e.label, f"only a surrogate carries a label, and this is of a {e.of}"),
    "leg-twice": lambda e: twice(e.legs),
    "change-empty": lambda e: [f"{which}: there is no statement" for which, s in e.scripts if 0 in (s.statements, s.bytes) or s.sha256 == NOTHING],
    # What it ran on, and that it was kept apart.
    "setting": lambda e: [f"{name} is not `{value}`" for name, value in SETTINGS[e.engine.name].items() if e.engine.settings.get(name) != value],
    "namespace-shared": lambda e: [f"{name} is the one outside" for name, at in vars(e.isolation.namespaces).items() if at and at.inside == at.outside],
    "interface": lambda e: [f"the interface {name} was there" for name in e.isolation.interfaces if name != "lo"],
    "route": lambda e: [f"the route {route} was there" for route in e.isolation.routes],
    "socket": lambda e: [f"the socket {socket} was there" for socket in e.isolation.sockets],
    "environment": lambda e: [f"the variable {name} was set" for name in e.isolation.environment if name not in VARIABLES],
    "canary-missing": lambda e: [f"nothing tried to reach {name}" for name in CANARIES if name not in e.canaries],
    "canary-twice": lambda e: twice(e.canaries),
    "canary-reached": lambda e: [f"{each.name} was reached from inside" for each in e.isolation.canaries if each.reached],
    "canary-uncontrolled": lambda e: [f"{each.name} could not be reached from outside either" for each in e.isolation.canaries if not each.control],
    "connection-missing": lambda e: when(not e.connections, "no connection is named"),
    "connection-outside": lambda e: [f"`{each}` is not inside" for each in e.connections if not re.fullmatch(INSIDE[e.engine.name], each)],
    "gate-empty": lambda e: when(0 in (e.gate.tables, e.gate.columns), "the gate saw no column"),
    "gate-unclassified": lambda e: when(e.gate.classified != e.gate.columns, f"{e.gate.classified} of {e.gate.columns} columns are classified"),
    "gate-unscanned": lambda e: when(e.gate.bytes_scanned != e.gate.bytes_source, f"{e.gate.bytes_scanned} of {e.gate.bytes_source} bytes were scanned"),
    "gate-finding": lambda e: when(e.gate.findings, f"{e.gate.findings} secrets or personal data were found"),
    # The states.
    "root": lambda e: [f"{at}: the root is not that of its components" for at, state in e.states if state.root != tree_root(state.components)],
    "component-missing": lambda e: [f"{at}: no {name}" for at, state in e.states for name in COMPONENTS[e.engine.name] if name not in state.components],
    "component-empty": lambda e: [f"{at}: {name} has the digest of nothing" for at, state in e.states for name, d in state.components.items() if d == NOTHING],
    "rows-missing": lambda e: [
        f"{at}: not every table has rows and digest" for at, s in e.states if set(s.rows) != {n[6:] for n in s.components if n[:6] == "table "}
    ],
    "rows-differ": lambda e: [f"{at}: {table} has {n} rows, and in {there} {m} with one digest" for at, (table, _), n, there, m in contradictions(e.counted)],
    "stored-contradicts": lambda e: [
        f"{at}: the stored bytes are those of {there}, and their meaning is not" for at, _, _, there, _ in contradictions(e.stored)
    ],
    "before-differs": lambda e: [f"path {p.path} began with another {name}" for p in e.paths for name in differing(e.before, p.before)],
    # The ways back.
    "path-missing": lambda e: [f"path {number} is missing" for number in (1, 2) if number not in e.numbers],
    "path-twice": lambda e: twice(e.numbers),
    "path-means": lambda e: [f"path {p.path} is by {p.means}" for p in e.paths if MEANS.get(p.path) != p.means],
    "path-revert": lambda e: when((3 in e.numbers) != (e.change.revert is not None), "path 3 goes with a revert script, and one of them is missing"),
    "transaction-missing": lambda e: [
        f"path {p.path} names none" for p in e.paths if p.means == "transaction" and e.engine.name in WITH_IDS and not p.transactions
    ],
    "transaction-left": lambda e: [f"path {p.path} ended in another one" for p in e.paths if p.transactions and p.transactions.begun != p.transactions.ended],
    "not-mutated": lambda e: [f"path {p.path} changed nothing" for p in e.paths if not p.moved and p.same_file],
    "mutated-by-file": lambda e: [f"path {p.path} changed stored bytes, and nothing that they mean" for p in e.paths if not p.moved and not p.same_file],
    "mutated-residue": lambda e: [f"path {p.path} changed only what a rollback leaves behind" for p in e.paths if p.moved and set(p.moved) <= RESIDUE],
    "changed-untrue": lambda e: [f"path {p.path} changed {', '.join(p.moved)}, and lists {', '.join(p.changed)}" for p in e.paths if p.moved != p.changed],
    "not-restored": lambda e: [f"path {p.path} did not restore {name}" for p in e.paths for name in p.left if name not in p.residue_set],
    "residue-forbidden": lambda e: [f"path {p.path} must not leave {n} behind" for p in e.paths for n in p.residue if p.path != 1 or n not in e.given.residue],
    "residue-untrue": lambda e: [f"path {p.path} lists {name}, which it restored" for p in e.paths for name in p.residue if name not in p.left_set],
    "difference-left": lambda e: [
        f"path {p.path} lists a difference in {d.component}" for p in e.paths for d in p.differences if d.component not in p.residue_set
    ],
    # The negative control, the surfaces and the probes.
    "control-blind": lambda e: when(not e.falsified, "VOID: a sabotaged rollback was taken for a good one"),
    "control-unnamed": lambda e: when({d.component for d in e.control.differences} != set(e.falsified), "VOID: what was sabotaged is not what was named"),
    "surface-unknown": lambda e: [f"whether {each.surface} was touched is not known" for each in e.surfaces if each.status == "UNKNOWN"],
    "surface-twice": lambda e: twice([each.surface for each in e.surfaces]),
    "probe-failed": lambda e: [f"{each.name}: expected {each.expected}, got {each.got}" for each in e.probes if each.expected != each.got],
    "probe-missing": lambda e: [f"none for {code}" for code in PROBES[e.engine.name] if code not in e.expected],
    "probe-uncontrolled": lambda e: when("allowed" not in e.expected, "none shows that what is right is allowed"),
    "probe-twice": lambda e: twice([each.name for each in e.probes]),
    "probe-count": lambda e: when(len(e.probes) != e.probes_claimed, f"{e.probes_claimed} are claimed, and {len(e.probes)} listed"),
}
TABLES = (READABLE, SPELLED, KNOWN, FORMED, PROVEN)


# The verdict.


class Failure(NamedTuple):
    """What a check found: its name, and a sentence."""

    name: str
    message: str


def judge(
    content: bytes,
    *,
    now: int,
    source: tuple[str, int] | None = None,
    nonces: Iterable[str] = (),
    residue: Iterable[str] = ("sequences",),
    validator: str | None = None,
) -> list[Failure]:
    """Return every failure of an evidence file; of one that passes, none.

    `now` is in seconds; `source` holds digest and size of the file that it must be about, `nonces` those of other evidence,
    `residue` what a rolled back transaction may leave behind, `validator` the digest of the validator that it must be made for.
    """
    text = scan(content)
    steps: tuple[tuple[Checks, Callable[[], Any]], ...] = (
        (READABLE, lambda: text),
        (SPELLED, lambda: text),
        (KNOWN, lambda: text.value),
        (FORMED, lambda: list(fits(EVIDENCE, text.value, ""))),
        (PROVEN, lambda: facts(text.value, now=now, source=source, nonces=set(nonces), residue=set(residue), validator=validator)),
    )
    for checks, subject in steps:
        looked_at = subject()
        failures = [failure for name, check in checks.items() for failure in named(name, list(check(looked_at)))]
        if failures:
            return failures
    return []


def named(name: str, sentences: Sequence[str]) -> list[Failure]:
    """Return what a check found; of very much, the first, and how much more."""
    more = [f"and {len(sentences) - MOST} more"] if len(sentences) > MOST else []
    return [Failure(name, sentence) for sentence in [*sentences[:MOST], *more]]


def status_of(failures: Sequence[Failure]) -> int:
    """Return the exit status: 0 passes, 1 fails, 3 could not be judged."""
    return 0 if not failures else 1 if failures[0].name in PROVEN else 3


# The self-test: good evidence, and what is fabricated from it by a script, as each check must find it.


def sha(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def good(engine: str) -> dict[str, Any]:
    """Return evidence that passes: on SQLite of a toy, on PostgreSQL of a surrogate."""
    lite = engine == "sqlite"
    schema = "main" if lite else "public"
    people, log = f"table {schema}.people", f"table {schema}.log"

    def state(people_now: str = "3 people", sequences: str = "at 3", stored: str = "as it was") -> dict[str, Any]:
        contents = {**{name: name for name in COMPONENTS[engine]}, "sequences": sequences, people: people_now, log: "no entry"}
        components = {name: sha(text) for name, text in contents.items()}
        rows = {f"{schema}.people": int(people_now[0]), f"{schema}.log": 0}
        return {"components": components, "rows": rows, "root": tree_root(components), **({"stored": sha(stored)} if lite else {})}

    def path(number: int) -> dict[str, Any]:
        applied = state("4 people", "at 4", f"path {number}")
        after, residue = (state(sequences="at 4", stored="rolled back"), ["sequences"]) if number == 1 else (state(), [])
        ids = {"begun": "731", "ended": "731"} if number == 1 and not lite else None
        changed = ["sequences", people]
        known = {"path": number, "means": MEANS[number], "transactions": ids, "residue": residue, "changed": changed, "differences": []}
        return {**known, "before": state(), "applied": applied, "after": after}

    falsified = {"component": people, "kind": "changed", "count": 1, "keys": ["1"], "column": "name"}
    probes = [(code.lower().replace("_", "-"), code) for code in PROBES[engine]]
    of = "toy" if lite else "surrogate"
    return {
        "schema": SCHEMA,
        "kind": "rehearsal",
        "of": of,
        "legs": [f"B-1/{of}"],
        **({} if lite else {"label": "GENERATED"}),
        "rehearsal": {
            "version": VERSION,
            "tool": {"name": "govern", "version": "0.1.0", "code_sha256": sha("code")},
            "run": {
                "id": sha("run")[:32],
                "nonce": sha("nonce"),
                "started": "2026-11-22T05:00:00Z",
                "ended": "2026-11-22T05:00:02Z",
                "milliseconds": {"load": 1000, "path 1": 2000},
            },
            "programme": {"ledger": sha("ledger"), "policy": None, "validator": sha("validator")},
            "source": {
                "name": "clone",
                "sha256": sha("source"),
                "bytes": 6,
                "format": f"{engine}-{'file' if lite else 'plain'}",
                "compression": "none",
                "version": None if lite else "15.18",
                "sha256_after": sha("source"),
            },
            "change": {"name": "a-change", **{which: {"sha256": sha(which), "bytes": 9, "statements": 1} for which in ("apply", "revert")}},
            "engine": {"name": engine, "version": "3.45.1" if lite else "15.18", "binary_sha256": sha("binary"), "settings": dict(SETTINGS[engine])},
            "isolation": {
                "sandbox": "bubblewrap",
                "namespaces": {name: {"inside": 2, "outside": 1} for name in ("net", "user", "mnt", "ipc", "pid")},
                "interfaces": ["lo"],
                "routes": [],
                "sockets": [],
                "environment": ["LANG"],
                "canaries": [{"name": name, "control": True, "reached": False} for name in CANARIES],
            },
            "connections": ["sqlite:/rehearsal/clone.db" if lite else "postgresql:///clone?host=/rehearsal/socket&port=5432&user=reader"],
            "gate": {"tables": 2, "columns": 4, "classified": 4, "bytes_source": 6, "bytes_scanned": 6, "findings": 0},
            "paths": [path(1), path(2), path(3)],
            "control": {"sabotage": "one value was changed", "after": state("3 people, one of another name", stored="falsified"), "differences": [falsified]},
            "surfaces": [{"surface": "network", "status": "untouched", "because": "no interface but lo"}],
            "probes": [{"name": name, "expected": code, "got": code} for name, code in [*probes, ("control", "allowed")]],
            "probes_claimed": len(probes) + 1,
        },
    }


def fabricate(engine: str, script: Iterable[Sequence[Any]]) -> tuple[bytes, dict[str, Any]]:
    """Return the bytes of good evidence to which a script was done, and what is given to the judge beside them.

    A place is written as keys and indices below the rehearsal, such as `paths/0/changed`; a leading `/` means the whole
    file. In what is set, `sha:TEXT` stands for the SHA-256 of a text. `replace` changes the bytes, after all else.
    """
    evidence = good(engine)
    given: dict[str, Any] = {"now": calendar.timegm((2026, 11, 22, 6, 0, 0, 0, 0, 0))}
    replaced = []
    for step, *words in digested(script):
        if step == "given":
            given[words[0]] = words[1]
        elif step == "replace":
            replaced.append((words[0].encode(), "".join(words[1:2]).encode("utf-8", "surrogateescape") * (words[2] if words[2:] else 1)))
        else:
            edit(evidence, step, *words)
    content = spell(evidence)
    for old, new in replaced:
        content = content.replace(old, new, 1)
    return content, given


def edit(evidence: dict[str, Any], step: str, path: str = "", value: Any = None) -> None:
    """Do one step of a script to evidence; a path below `states` means every state."""
    rehearsal = evidence["rehearsal"]
    if step == "roots":
        for state in [*(each[which] for each in rehearsal["paths"] for which in WHICH), rehearsal["control"]["after"]]:
            state["root"] = tree_root(state["components"])
    elif path.startswith("states/"):
        for state in ["control/after", *(f"paths/{at}/{which}" for at in range(len(rehearsal["paths"])) for which in WHICH)]:
            edit(evidence, step, path.replace("states", state, 1), value)
    else:
        within, key = place_of(evidence, path)
        if step == "remove":
            del within[key]
        elif step == "add":
            within[key].append(value)
        elif step == "copy":
            source, name = place_of(evidence, value)
            within[key] = copy.deepcopy(source[name])
        elif step == "set":
            within[key] = value
        else:
            raise ValueError(f"`{step}` is no step of a script")


def digested(value: Any) -> Any:
    """Return a value with a digest in the place of each `sha:TEXT`."""
    if isinstance(value, str):
        return sha(value[4:]) if value.startswith("sha:") else value
    if isinstance(value, dict):
        return {key: digested(inner) for key, inner in value.items()}
    return [digested(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def place_of(evidence: dict[str, Any], path: str) -> tuple[Any, Any]:
    """Return what holds a place, and the key or the index of it."""
    *keys, last = path[1:].split("/") if path.startswith("/") else ["rehearsal", *path.split("/")]
    within: Any = evidence
    for key in keys:
        within = within[int(key) if isinstance(within, list) else key]
    return within, int(last) if isinstance(within, list) else last


# For each check what it alone must find, as steps from good evidence; PASS is what nothing may find at fault, at the limit.
CASES = r"""
PASS sqlite
PASS postgresql
PASS postgresql ["set", "engine/settings", {"autovacuum": "off", "bytea_output": "hex", "datestyle": "ISO, MDY", "extra_float_digits": "1", "intervalstyle": "postgres", "jit": "off", "listen_addresses": "", "synchronize_seqscans": "off", "timezone": "UTC"}]
PASS sqlite ["set", "engine/settings", {"journal_mode": "delete"}]
PASS postgresql ["set", "isolation/canaries", [{"name": "tcp", "control": true, "reached": false}, {"name": "dns", "control": true, "reached": false}, {"name": "unix", "control": true, "reached": false}, {"name": "abstract", "control": true, "reached": false}]]
PASS postgresql ["set", "probes", [{"name": "a", "expected": "CHANGE_COMMITS", "got": "CHANGE_COMMITS"}, {"name": "b", "expected": "CHANGE_ROLLS_BACK", "got": "CHANGE_ROLLS_BACK"}, {"name": "c", "expected": "CHANGE_PREPARES", "got": "CHANGE_PREPARES"}, {"name": "d", "expected": "CHANGE_REACHES", "got": "CHANGE_REACHES"}, {"name": "e", "expected": "CHANGE_EMPTY", "got": "CHANGE_EMPTY"}, {"name": "f", "expected": "allowed", "got": "allowed"}]]
PASS sqlite ["set", "isolation/environment", ["HOME", "LANG", "LC_ALL", "LC_CTYPE", "PATH", "PWD", "TMPDIR"]]
PASS sqlite ["given", "source", ["sha:source", 6]] ["given", "validator", "sha:validator"] ["given", "nonces", ["sha:another nonce"]]
PASS sqlite ["set", "run/ended", "2026-11-22T06:05:00Z"]
PASS sqlite ["set", "run/ended", "2026-11-22T05:00:00Z"] ["set", "run/milliseconds", {"load": 1000}]
PASS sqlite ["remove", "paths/2"] ["set", "change/revert", null] ["set", "connections/0", "sqlite:/rehearsal/another.db"]
PASS sqlite ["set", "source/name", "Ж 中"] ["set", "/legs", []] ["set", "change/name", null] ["set", "source/bytes", 9007199254740991]
PASS postgresql ["set", "source/version", null] ["set", "source/format", "postgresql-custom"] ["set", "engine/version", "18.6"]
PASS postgresql ["set", "source/version", "9.6.1"] ["copy", "paths/0/differences", "control/differences"] ["set", "paths/0/differences/0/component", "sequences"]
too-large sqlite ["replace", "}\n", " ", 8388609]
not-utf-8 sqlite ["replace", "clone", "cl\udcffne"]
not-json sqlite ["replace", "{", "["]
not-json sqlite ["replace", "[]", "[", 100000]
secret sqlite ["replace", "\"clone\"", "\"AKIAIOSFODNN7EXAMPLE\""]
secret sqlite ["set", "connections/0", "postgresql://me:mine@/clone"]
duplicate-key sqlite ["replace", "\"kind\":", "\"kind\":\"rehearsal\",\"kind\":"]
number sqlite ["replace", "\"version\":1}", "\"version\":1.0}"]
number sqlite ["replace", "\"version\":1}", "\"version\":1e0}"]
number sqlite ["replace", "\"version\":1}", "\"version\":NaN}"]
number sqlite ["set", "source/bytes", 9007199254740992]
number sqlite ["set", "source/bytes", -9007199254740992]
number sqlite ["set", "source/bytes", 99999999999999999]
not-canonical sqlite ["replace", "}\n", "}\n\n"]
not-canonical sqlite ["replace", "}\n", "}"]
not-canonical sqlite ["replace", "\"kind\":", "\"kind\": "]
not-canonical sqlite ["replace", "\"version\":1}", "\"version\":-0}"]
not-canonical sqlite ["replace", "\"name\":\"clone\"", "\"name\":\"\\u0063lone\""]
not-canonical sqlite ["replace", "\"name\":\"clone\"", "\"name\":\"\\ud800\""]
schema-unknown sqlite ["set", "/schema", "govern.evidence/2"]
schema-unknown sqlite ["remove", "/schema"]
schema-unknown sqlite ["replace", "", "["] ["replace", "}\n", "}]\n"]
version-unknown sqlite ["set", "version", 2]
field-unknown sqlite ["set", "/verdict", "PASS"]
field-unknown sqlite ["set", "gate/passed", true]
field-missing sqlite ["remove", "version"]
field-missing sqlite ["remove", "control"]
name-unknown sqlite ["set", "paths/1/after/components/views", "sha:no view"] ["roots"]
null sqlite ["set", "paths/1/after/components/schema", null]
wrong-type sqlite ["set", "paths/1/path", true]
wrong-type sqlite ["set", "paths/1/after/rows/main.people", "3"]
wrong-type sqlite ["set", "isolation/canaries/0/reached", 0]
wrong-type sqlite ["set", "paths", {}]
wrong-type sqlite ["set", "gate", []]
wrong-type sqlite ["set", "run/milliseconds", 7]
wrong-type sqlite ["set", "/rehearsal", 7]
digest-length sqlite ["set", "paths/1/after/components/schema", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85"]
digest-length sqlite ["set", "run/nonce", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8555"]
digest-length sqlite ["set", "programme/ledger", ""]
digest-case sqlite ["set", "paths/1/after/components/schema", "E3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]
digest-alphabet sqlite ["set", "paths/1/after/components/schema", "g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]
digest-alphabet sqlite ["set", "paths/1/after/components/schema", "٣3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]
time-malformed sqlite ["set", "run/started", "2026-11-22 05:00:00Z"]
time-malformed sqlite ["set", "run/started", "2026-11-22T05:00:0Z"]
time-malformed sqlite ["set", "run/started", "2026-02-30T05:00:00Z"]
time-malformed sqlite ["set", "run/started", "2026-11-21T23:59:60Z"]
word-unknown sqlite ["set", "/kind", "test"]
word-unknown sqlite ["set", "/of", "of production"]
word-unknown sqlite ["set", "/legs", ["B-1"]]
number-too-small sqlite ["set", "run/milliseconds/load", -1]
number-too-small sqlite ["set", "paths/1/path", 0]
time-reversed sqlite ["set", "run/started", "2026-11-22T05:00:03Z"] ["set", "run/milliseconds", {"load": 1000}]
time-future sqlite ["set", "run/ended", "2026-11-22T06:05:01Z"]
duration-missing sqlite ["set", "run/milliseconds", {}]
duration-impossible sqlite ["set", "run/milliseconds/load", 1001]
nonce-replayed sqlite ["given", "nonces", ["sha:another nonce", "sha:nonce"]]
validator-other sqlite ["given", "validator", "sha:another validator"]
source-digest sqlite ["given", "source", ["sha:another source", 6]]
source-bytes sqlite ["given", "source", ["sha:source", 7]]
source-changed sqlite ["set", "source/sha256_after", "sha:another source"]
source-empty sqlite ["set", "source/bytes", 0]
source-empty sqlite ["set", "source/sha256", "sha:"] ["set", "source/sha256_after", "sha:"]
source-engine sqlite ["set", "source/format", "postgresql-custom"]
source-newer postgresql ["set", "source/version", "16.0"]
label-missing postgresql ["remove", "/label"]
label-misplaced postgresql ["set", "/of", "real-dump"]
leg-twice sqlite ["add", "/legs", "B-1/toy"]
change-empty sqlite ["set", "change/apply/statements", 0]
change-empty sqlite ["set", "change/revert/bytes", 0]
change-empty sqlite ["set", "change/revert/sha256", "sha:"]
setting postgresql ["set", "engine/settings/timezone", "other"]
setting postgresql ["set", "engine/settings/datestyle", "other"]
setting postgresql ["set", "engine/settings/intervalstyle", "other"]
setting postgresql ["set", "engine/settings/extra_float_digits", "other"]
setting postgresql ["set", "engine/settings/bytea_output", "other"]
setting postgresql ["set", "engine/settings/listen_addresses", "*"]
setting postgresql ["set", "engine/settings/autovacuum", "on"]
setting sqlite ["set", "engine/settings/journal_mode", "off"]
setting postgresql ["set", "engine/settings/synchronize_seqscans", "other"]
setting postgresql ["remove", "engine/settings/timezone"]
namespace-shared sqlite ["set", "isolation/namespaces/net/inside", 1]
namespace-shared sqlite ["set", "isolation/namespaces/uts", {"inside": 1, "outside": 1}]
interface sqlite ["add", "isolation/interfaces", "eth0"]
route sqlite ["add", "isolation/routes", "eth0 00000000 0102A8C0"]
socket sqlite ["add", "isolation/sockets", "unix /run/docker.sock"]
environment sqlite ["add", "isolation/environment", "PGHOST"]
canary-missing sqlite ["remove", "isolation/canaries/0"]
canary-missing sqlite ["remove", "isolation/canaries/1"]
canary-missing sqlite ["remove", "isolation/canaries/2"]
canary-missing sqlite ["remove", "isolation/canaries/3"]
canary-twice sqlite ["add", "isolation/canaries", {"name": "tcp", "control": true, "reached": false}]
canary-reached sqlite ["set", "isolation/canaries/2/reached", true]
canary-uncontrolled sqlite ["set", "isolation/canaries/1/control", false]
connection-missing sqlite ["set", "connections", []]
connection-outside sqlite ["add", "connections", "postgresql:///clone?host=/rehearsal/socket&port=5432&user=reader"]
connection-outside postgresql ["add", "connections", "postgresql://db.example/clone"]
connection-outside postgresql ["add", "connections", "postgresql:///clone?host=10.0.0.1"]
connection-outside postgresql ["add", "connections", "postgresql:///clone?host=/rehearsal/socket&hostaddr=10.0.0.1"]
connection-outside sqlite ["add", "connections", "sqlite:/var/lib/live.db"]
gate-empty sqlite ["set", "gate/tables", 0]
gate-empty sqlite ["set", "gate/columns", 0] ["set", "gate/classified", 0]
gate-unclassified sqlite ["set", "gate/classified", 3]
gate-unscanned sqlite ["set", "gate/bytes_scanned", 5]
gate-finding sqlite ["set", "gate/findings", 1]
root sqlite ["set", "paths/1/applied/root", "sha:something"]
root sqlite ["copy", "control/after/root", "paths/0/before/root"]
root sqlite ["copy", "paths/0/before/root", "paths/0/applied/root"]
component-missing sqlite ["remove", "states/components/schema"] ["roots"]
component-missing sqlite ["remove", "states/components/sequences"] ["set", "paths/0/changed", ["table main.people"]] ["set", "paths/1/changed", ["table main.people"]] ["set", "paths/2/changed", ["table main.people"]] ["set", "paths/0/residue", []] ["roots"]
component-missing postgresql ["remove", "states/components/schema"] ["roots"]
component-missing postgresql ["remove", "states/components/sequences"] ["set", "paths/0/changed", ["table public.people"]] ["set", "paths/1/changed", ["table public.people"]] ["set", "paths/2/changed", ["table public.people"]] ["set", "paths/0/residue", []] ["roots"]
component-missing postgresql ["remove", "states/components/large objects"] ["roots"]
component-missing postgresql ["remove", "states/components/globals"] ["roots"]
component-missing postgresql ["remove", "states/components/database"] ["roots"]
component-empty sqlite ["set", "states/components/schema", "sha:"] ["roots"]
component-empty postgresql ["set", "states/components/table public.log", "sha:"] ["roots"]
rows-missing sqlite ["remove", "paths/1/applied/rows/main.log"]
rows-missing sqlite ["set", "paths/1/applied/rows/main.more", 0]
rows-differ sqlite ["set", "paths/1/after/rows/main.people", 2]
stored-contradicts sqlite ["copy", "paths/1/applied/stored", "paths/1/before/stored"]
before-differs postgresql ["set", "paths/1/before/components/schema", "sha:another"] ["copy", "paths/1/applied/components/schema", "paths/1/before/components/schema"] ["copy", "paths/1/after", "paths/1/before"] ["roots"]
path-missing sqlite ["remove", "paths/0"]
path-missing sqlite ["remove", "paths/1"]
path-twice sqlite ["copy", "paths/2", "paths/1"] ["set", "change/revert", null]
path-means sqlite ["set", "paths/1/means", "transaction"]
path-revert sqlite ["remove", "paths/2"]
path-revert sqlite ["set", "change/revert", null]
transaction-missing postgresql ["set", "paths/0/transactions", null]
transaction-left postgresql ["set", "paths/0/transactions/ended", "732"]
not-mutated sqlite ["copy", "paths/1/applied", "paths/1/before"] ["set", "paths/1/changed", []]
not-mutated sqlite ["copy", "paths/1/applied", "paths/1/before"] ["remove", "paths/1/applied/stored"] ["set", "paths/1/changed", []]
not-mutated postgresql ["copy", "paths/1/applied", "paths/1/before"] ["set", "paths/1/changed", []]
mutated-by-file sqlite ["copy", "paths/1/applied", "paths/1/before"] ["set", "paths/1/applied/stored", "sha:other bytes"] ["set", "paths/1/changed", []]
mutated-residue sqlite ["copy", "paths/1/applied", "paths/0/after"] ["set", "paths/1/changed", ["sequences"]]
changed-untrue sqlite ["set", "paths/1/changed", ["table main.people"]]
changed-untrue sqlite ["add", "paths/1/changed", "table main.log"]
not-restored sqlite ["copy", "paths/0/after", "paths/0/applied"]
not-restored sqlite ["copy", "paths/1/after", "control/after"]
not-restored sqlite ["copy", "paths/2/after", "control/after"]
not-restored sqlite ["set", "paths/0/residue", []]
not-restored postgresql ["remove", "paths/1/after/components/table public.log"] ["remove", "paths/1/after/rows/public.log"] ["roots"]
not-restored postgresql ["set", "paths/1/after/components/table public.more", "sha:more"] ["set", "paths/1/after/rows/public.more", 0] ["roots"]
residue-forbidden sqlite ["given", "residue", []]
residue-forbidden sqlite ["copy", "paths/1/after", "paths/0/after"] ["set", "paths/1/residue", ["sequences"]]
residue-forbidden sqlite ["copy", "paths/0/after", "paths/0/applied"] ["set", "paths/0/residue", ["sequences", "table main.people"]]
residue-untrue sqlite ["copy", "paths/0/after", "paths/1/after"]
difference-left sqlite ["copy", "paths/1/differences", "control/differences"]
control-blind sqlite ["copy", "control/after", "paths/0/before"] ["set", "control/differences", []]
control-unnamed sqlite ["set", "control/differences", []]
control-unnamed sqlite ["set", "control/differences/0/component", "schema"]
surface-unknown sqlite ["set", "surfaces/0/status", "UNKNOWN"]
surface-twice sqlite ["add", "surfaces", {"surface": "network", "status": "not-requested", "because": "no act is on record"}]
probe-failed sqlite ["set", "probes/0/got", "allowed"]
probe-missing sqlite ["remove", "probes/0"] ["set", "probes_claimed", 4]
probe-missing sqlite ["remove", "probes/1"] ["set", "probes_claimed", 4]
probe-missing sqlite ["remove", "probes/2"] ["set", "probes_claimed", 4]
probe-missing sqlite ["remove", "probes/3"] ["set", "probes_claimed", 4]
probe-missing postgresql ["remove", "probes/0"] ["set", "probes_claimed", 5]
probe-missing postgresql ["remove", "probes/1"] ["set", "probes_claimed", 5]
probe-missing postgresql ["remove", "probes/2"] ["set", "probes_claimed", 5]
probe-missing postgresql ["remove", "probes/3"] ["set", "probes_claimed", 5]
probe-missing postgresql ["remove", "probes/4"] ["set", "probes_claimed", 5]
probe-uncontrolled sqlite ["remove", "probes/4"] ["set", "probes_claimed", 4]
probe-twice sqlite ["set", "probes/1/name", "control"]
probe-count sqlite ["remove", "probes/4"] ["set", "probes/3/name", "x"] ["add", "probes", {"name": "control", "expected": "allowed", "got": "allowed"}] ["set", "probes_claimed", 6]
"""


def cases() -> Iterator[tuple[str, str, list[Any]]]:
    """Yield each case: the check that must find something, the engine, and the script."""
    for line in CASES.strip().split("\n"):
        name, engine, *steps = line.split(" ", 2)
        yield name, engine, json.loads("[" + " ".join(steps).replace("] [", "], [") + "]")


def selftest() -> Iterator[str]:
    """Yield what is wrong with this file: a check that misses what was fabricated for it, or finds what is good at fault."""
    caught = set()
    for name, engine, script in cases():
        content, given = fabricate(engine, script)
        found = {failure.name for failure in judge(content, **given)}
        caught |= found
        if found != {name} - {PASS}:
            yield f"{name}: {', '.join(sorted(found)) or 'nothing'} found at fault after {script!r:.200}"
    yield from (f"{name}: nothing is fabricated for it" for checks in TABLES for name in checks if name not in caught)


# The command.


def plain_file(path: str) -> BinaryIO:
    """Open a plain file; a link, a device or a pipe is refused."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(0, "not a plain file")
    return os.fdopen(handle, "rb")


def read(path: str) -> bytes:
    """Return the bytes of a file, no more than are judged."""
    with plain_file(path) as stream:
        return stream.read(LIMIT + 1)


def measure(path: str) -> tuple[str, int]:
    """Return digest and size of a file, read in pieces."""
    found, size = hashlib.sha256(), 0
    with plain_file(path) as stream:
        while piece := stream.read(1 << 20):
            found.update(piece)
            size += len(piece)
    return found.hexdigest(), size


def main(words: Sequence[str]) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(description="Judge the evidence of a rehearsal.")
    parser.add_argument("evidence", nargs="*", metavar="EVIDENCE")
    parser.add_argument("--source", metavar="FILE", help="the file that the evidence must be about")
    parser.add_argument("--seen", metavar="NONCE", action="append", default=[], help="a nonce of other evidence")
    parser.add_argument("--now", metavar="TIME", help="such as 2026-11-22T05:00:00Z; the clock, if left out")
    parser.add_argument("--residue", metavar="NAME", action="append", help="what a rolled back transaction may leave behind; `sequences`, if left out")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--selftest", action="store_true", help="judge what is good and what is fabricated, built in here")
    options = parser.parse_args(words)
    if options.selftest:
        wrong, names = list(selftest()), [name for name, _engine, _script in cases()]
        say("\n".join(wrong) or f"selftest: {len(names) - names.count(PASS)} cases, each caught by its own check; {names.count(PASS)} that are good pass")
        return 1 if wrong else 0
    now = int(time.time()) if options.now is None else seconds(options.now)
    if not options.evidence or now is None:
        parser.error("name evidence to judge, and --now as 2026-11-22T05:00:00Z")
    given: dict[str, Any] = {"now": now, "residue": options.residue or ("sequences",), "validator": measure(__file__)[0]}
    results, seen = [], set(options.seen)
    try:
        given["source"] = measure(options.source) if options.source else None
    except OSError as error:
        parser.error(f"{options.source}: {error.strerror}")
    for path in options.evidence:
        try:
            content = read(path)
        except OSError as error:
            results.append((path, [Failure("not-readable", error.strerror or str(error))]))
            continue
        failures = judge(content, nonces=seen, **given)
        seen |= {json.loads(content)["rehearsal"]["run"]["nonce"]} if status_of(failures) < 3 else set()
        results.append((path, failures))
    status = max(status_of(failures) for _path, failures in results)
    if options.json:
        say(
            json.dumps(
                {
                    "verdict": FAIL if status else PASS,
                    "files": [{"file": path, "verdict": FAIL if found else PASS, "failures": [each._asdict() for each in found]} for path, found in results],
                }
            )
        )
    for path, failures in [] if options.json else results:
        say("\n".join([f"{FAIL if failures else PASS} {path}", *(f"  {name}: {message}" for name, message in failures)]))
    return status


def say(text: str) -> None:
    """Print a line; what the terminal cannot show is shown by its number."""
    sys.stdout.write(
        "".join(each if each.isprintable() or each == "\n" else f"\\u{{{ord(each):x}}}" for each in text).encode("ascii", "backslashreplace").decode() + "\n"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
