"""The evidence of an intake and of a dry run, judged like that of a rehearsal: its form, its isolation, its gate, its states.

The forms and checks are those of the validator; which of them apply to a kind is said here.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

from govern.evidence import validator

_HEAD = {"schema": validator.TEXT, "of": validator.NAME, "legs": validator.EVIDENCE["legs"], "label?": validator.NAME, "says?": validator.ANY}
_PARTS: Mapping[str, Any] = validator._REHEARSAL  # noqa: SLF001 - the validator is one file, for whoever has no govern; here its parts are used
_SHARED = {name: _PARTS[name] for name in ("version", "tool", "source", "isolation", "connections", "engine", "gate")}
_PROGRAMME = {"ledger": validator.Null(validator.DIGEST), "policy": validator.Null(validator.DIGEST)}
_COLUMNS = validator.Map("[!-~]{1,2000}", {"type": validator.ANY, "class": validator.NAME})
_FORMS: Mapping[str, Mapping[str, Any]] = {
    "intake": {
        **_SHARED,
        "programme": _PROGRAMME,
        "shape": validator.Map("[!-~]{1,2000}", {"rows": validator.COUNT, "columns": _COLUMNS}),
        "statement": validator.ANY,
    },
    "dry-run": {
        **_SHARED,
        "programme": {**_PROGRAMME, "validator": validator.DIGEST},
        "data": validator.NAME,
        "run": {"started": validator.TIME, "milliseconds": validator.Map("[ -~]{1,80}", validator.COUNT)},
        "script": _PARTS["change"]["apply"],
        "before": _PARTS["control"]["after"],
        "after": _PARTS["control"]["after"],
        "probes": _PARTS["probes"],
    },
}
OTHER_KINDS = frozenset(_FORMS)
_CHECKS = (
    "source-changed", "source-empty", "source-engine", "source-newer", "leg-twice", "setting", "namespace-shared", "interface", "route", "socket",
    "environment", "canary-missing", "canary-twice", "canary-reached", "canary-uncontrolled", "connection-missing", "connection-outside",
    "gate-empty", "gate-unclassified", "gate-unscanned", "gate-finding",
)  # fmt: skip
_OF_DRY_RUNS = ("root", "component-missing", "component-empty", "rows-missing", "probe-failed", "probe-uncontrolled", "probe-twice")
_WRITES = "WRITE_REFUSED"


def judge_other(kind: str, content: bytes) -> list[tuple[str, str]]:
    """Return every failure of the evidence of an intake or a dry run, by the name of its check, and in a sentence."""
    text = validator.scan(content)
    for checks, subject in ((validator.READABLE, text), (validator.SPELLED, text)):
        if failures := _asked(checks, checks, subject):
            return failures
    form = {**_HEAD, "kind": validator.word(kind), kind.replace("-", "_"): _FORMS[kind]}
    places = list(validator.fits(form, text.value, ""))
    return _asked(validator.FORMED, validator.FORMED, places) or list(_proven(kind, validator.opened(form, text.value)))


def _proven(kind: str, whole: SimpleNamespace) -> Iterator[tuple[str, str]]:
    body = vars(whole)[kind.replace("-", "_")]
    known = SimpleNamespace(**{**vars(whole), **vars(body)})
    known.canaries = [each.name for each in body.isolation.canaries]
    if kind == "intake":
        yield from _asked(validator.PROVEN, _CHECKS, known)
        return
    known.states = [("before", body.before), ("after", body.after)]
    known.expected = [probe.expected for probe in body.probes]
    yield from _asked(validator.PROVEN, (*_CHECKS, *_OF_DRY_RUNS), known)
    if _WRITES not in known.expected:
        yield "probe-missing", f"no probe for {_WRITES}"
    if moved := validator.differing(body.before, body.after):
        yield "written", f"the dry run changed {', '.join(moved)}"


def _asked(checks: Mapping[str, Any], names: Iterable[str], subject: Any) -> list[tuple[str, str]]:
    return [(name, sentence) for name in names for sentence in checks[name](subject)]
