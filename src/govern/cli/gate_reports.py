"""The gate's answer in the formats that pipelines read: each with stable rule ids, relative paths and the policy's line."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from govern import __version__
from govern.canonical import text_digest
from govern.cli.output import counted
from govern.cli.project import find_repository
from govern.documents.escape import escape_code, escape_json, escape_text, escape_xml
from govern.engine.causes import Cause
from govern.engine.gate import Gated
from govern.problems import Exit, Place, Problem

ANSWERS: Mapping[bool | None, str] = {True: "YES", False: "NO", None: "UNKNOWN, which is no yes"}
# One rule a cause; `docs/causes.md` explains each under the same name.
_RULES = {f"govern/{cause.value}": f"A requirement does not hold: {cause.value}." for cause in Cause} | {
    "govern/not-judged": "The gate could not be asked.",
}


@dataclass(frozen=True, slots=True)
class Report:
    """An answer of the gate: what was judged, the status, when, where the programme is, and what kept it from being judged."""

    gated: tuple[Gated, ...]
    status: Exit
    as_of: str
    root: Path
    problems: tuple[Problem, ...] = ()

    @property
    def truths(self) -> Mapping[str, bool | None]:
        """The actions that were judged, each once, and whether it may happen."""
        return {each.action: each.truth for each in self.gated}

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that were judged, each once."""
        return tuple(self.truths)


class _Row(NamedTuple):
    """One thing that keeps the gate shut."""

    rule: str
    action: str
    name: str
    message: str
    who: str
    how: str
    place: Place | None
    unknown: bool

    @property
    def fingerprint(self) -> str:
        """The same for the same requirement of the same action, wherever its line has moved to."""
        # What could not be judged is of no action, and known by what is said of it.
        return text_digest(f"{self.action}\n{self.name}\n{self.rule}{'' if self.action else self.message}")


def headline(found: Gated) -> str:
    """Return whether an action may happen, and of how many causes it may not, as the first line of an answer ends."""
    return ANSWERS[found.truth] + (f", {counted(len(found.causes), 'cause')}" if found.causes else "")


def report(format_: str, told: Report) -> str:
    """Return an answer in a format."""
    return FORMATS[format_](told)


def _rows(told: Report) -> tuple[_Row, ...]:
    """Return what keeps the gate shut, each once, also where two words ask about one action."""
    return tuple(dict.fromkeys(_each_row(told)))


def _each_row(told: Report) -> Iterator[_Row]:
    prefix = _prefix(told.root)
    for problem in told.problems:
        yield _Row("govern/not-judged", "", problem.code, problem.message, "", problem.help, _below(prefix, problem.place), unknown=True)
    for each in told.gated:
        for one in each.causes:
            cause = one.cause or Cause.UNKNOWN
            place = _below(prefix, one.at if one.at.line else None)
            yield _Row(f"govern/{cause.value}", each.action, one.id, one.why, " or ".join(one.by), one.how, place, unknown=one.truth is None)


def _prefix(root: Path) -> str:
    """Return where the programme is in its repository, as what is put before a path; readers of reports start from there."""
    above = find_repository(root)
    return "" if above is None or above == root else f"{root.relative_to(above).as_posix()}/"


def _below(prefix: str, place: Place | None) -> Place | None:
    return place and place._replace(file=f"{prefix}{place.file}")


def _told(row: _Row) -> str:
    named = f"{row.action}: " if row.action else ""
    who = f"; {row.who}: {row.how}" if row.who and row.how else f"; {row.how}" if row.how else ""
    return f"{named}{row.name}: {row.message}{who}"


def _github(told: Report) -> str:
    """Workflow commands: an annotation at the line of the policy for each cause, or a notice."""
    lines = []
    for row in _rows(told):
        at = f"file={_property(row.place.file)},line={row.place.line},col={row.place.column}," if row.place else ""
        lines.append(f"::error {at}title={_property(row.rule)}::{_command(_told(row))}")
    lines += [f"::notice title=govern::{_command(f'{action}: {ANSWERS[truth]}')}" for action, truth in told.truths.items() if truth is True]
    return "".join(f"{line}\n" for line in lines)


def _command(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _command(text).replace(":", "%3A").replace(",", "%2C")


def _gitlab(told: Report) -> str:
    """GitLab's Code Quality report: https://docs.gitlab.com/ci/testing/code_quality/."""
    return _json(
        [
            {
                "description": _told(row),
                "check_name": row.rule,
                "fingerprint": row.fingerprint,
                "severity": "critical" if row.unknown else "blocker",
                "location": {"path": row.place.file if row.place else "states.yaml", "lines": {"begin": row.place.line if row.place else 1}},
            }
            for row in _rows(told)
        ]
    )


def _sarif(told: Report) -> str:
    """SARIF 2.1.0, of OASIS."""
    results: list[dict[str, Any]] = []
    for row in _rows(told):
        result: dict[str, Any] = {"ruleId": row.rule, "level": "error", "message": {"text": _told(row)}, "partialFingerprints": {"govern/v1": row.fingerprint}}
        if row.place:
            where = {"artifactLocation": {"uri": quote(row.place.file)}, "region": {"startLine": row.place.line, "startColumn": row.place.column}}
            result["locations"] = [{"physicalLocation": where}]
        results.append(result)
    rules = [{"id": name, "shortDescription": {"text": text}} for name, text in _RULES.items()]
    run = {
        "tool": {"driver": {"name": "govern", "version": __version__, "rules": rules}},
        "invocations": [{"executionSuccessful": told.status in (Exit.YES, Exit.NO), "exitCode": int(told.status)}],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return _json({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]})


def _junit(told: Report) -> str:
    """JUnit's XML, as GitLab, Jenkins and others read it: a case an action; what keeps it shut fails it, what is unknown is an error."""
    rows = _rows(told)
    names = [*dict.fromkeys(row.action for row in rows), *(each for each in told.actions if not any(row.action == each for row in rows))]
    cases = []
    for name in names:
        case = ET.Element("testcase", classname="govern.gate", name=escape_xml(name or "gate"))
        for row in rows:
            if row.action == name:
                ET.SubElement(case, "error" if row.unknown else "failure", type=row.rule, message=escape_xml(_told(row)))
        cases.append(case)
    failed = sum(case.find("failure") is not None for case in cases)
    errors = sum(case.find("error") is not None and case.find("failure") is None for case in cases)
    suite = ET.Element("testsuite", name="govern gate", tests=str(len(cases)), failures=str(failed), errors=str(errors), skipped="0")
    suite.extend(cases)
    suites = ET.Element("testsuites")
    suites.append(suite)
    ET.indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(suites, encoding="unicode")}\n'


def _markdown(told: Report) -> str:
    """A table for the summary of a job, or for a comment."""
    lines = ["# Gate", ""]
    lines += [f"- {escape_code(action)}: **{ANSWERS[truth]}**" for action, truth in told.truths.items()]
    lines += [f"- **could not be judged**: {escape_text(each.message)}" for each in told.problems]
    rows = [row for row in _rows(told) if row.action]
    if rows:
        lines += ["", "| action | requirement | cause | why | who | command |", "|---|---|---|---|---|---|"]
        for row in rows:
            texts = (escape_text(row.rule.partition("/")[2]), escape_text(row.message), escape_text(row.who), escape_code(row.how))
            lines.append(f"| {escape_code(row.action)} | {escape_code(row.name)} | {' | '.join(texts)} |")
    return "\n".join([*lines, ""])


def _json(value: Any) -> str:
    return escape_json(json.dumps(value, indent=2, ensure_ascii=False)) + "\n"


FORMATS: Mapping[str, Callable[[Report], str]] = {"github": _github, "gitlab": _gitlab, "junit": _junit, "sarif": _sarif, "md": _markdown}
