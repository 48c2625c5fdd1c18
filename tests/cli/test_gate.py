"""The gate: what a pipeline asks before it acts, in every format, and a status that cannot be misread."""

import json
import xml.etree.ElementTree as ET
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from junitparser import JUnitXml

from govern.policy.load import load_policy
from govern.problems import Exit
from support import schemas
from support.cli import EXECUTION, REAL_DUMP, Clock, Programme
from support.markdown import tables

SARIF: dict[str, Any] = {"title": "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema"}
# As GitLab documents its Code Quality report: each field is required, and the severities are these.
CODE_QUALITY = Draft202012Validator(
    {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": {"type": "string", "minLength": 1},
                "check_name": {"type": "string", "minLength": 1},
                "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        "path": {"type": "string", "pattern": "^[^/]"},
                        "lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                    },
                },
            },
        },
    }
)


def test_an_action_whose_option_is_not_selected_is_told_no_with_all_that_keeps_the_option_shut(fix7: Programme) -> None:
    ran = fix7.refuses("gate", "real-run", status=Exit.NO)
    assert ran.out.startswith("real-run: NO, 12 causes\n")
    locked = {each["id"] for each in fix7.asks("why-blocked", "5")["requirements"]}
    [answer] = fix7.run("gate", "real-run", "--json").answer["result"]["answers"]
    assert {each["id"] for each in answer["causes"]} == locked | {f"selected:final-real-data/{EXECUTION}", "grant:REAL_RUN"}
    assert all(each["at"].startswith("states.yaml:") for each in answer["causes"])


def test_an_action_that_has_all_it_asks_for_is_told_yes_and_the_answer_carries_a_token(executing: Programme) -> None:
    ran = executing.does("gate", "real-run")
    first, token, until = ran.out.splitlines()
    assert first == "real-run: YES"
    assert token.startswith("token gate-1.")
    assert until == "until 2026-07-01T09:05:00Z, as long as nothing moves: govern run real-run --token TOKEN -- COMMAND"
    assert executing.asks("gate", "real-run")["token"] == token.removeprefix("token ")


def test_a_surface_stands_for_all_that_touches_it_and_is_found_by_its_words_in_any_case(fix7: Programme) -> None:
    asked = fix7.run("gate", "Permit", "CI", "--json").answer["result"]["answers"]
    assert [(each["asked"], each["action"]) for each in asked] == [
        *(("Permit", name) for name in ("permit", "activation", "repoint")),
        ("CI", "ci-trigger"),
    ]
    assert "permit (touches Permit): NO" in fix7.run("gate", "Permit").out


def test_of_several_one_no_is_no_and_one_that_nothing_knows_is_unjudged(executing: Programme) -> None:
    assert executing.run("gate", "real-run", "cutover").status == Exit.YES
    no = executing.run("gate", "real-run", "ci-trigger")
    assert (no.status, no.out.splitlines()[0]) == (Exit.NO, "real-run: YES")
    unmatched = executing.run("gate", "real-run", "real-rum")
    assert (unmatched.status, unmatched.codes) == (Exit.UNJUDGED, ["GATE_NO_MATCH"])
    assert "help: did you mean `real-run`?" in unmatched.err


def test_what_rests_on_evidence_that_is_gone_is_no_yes(executing: Programme) -> None:
    [bound] = [each["body"]["evidence"]["path"] for each in executing.asks("log", REAL_DUMP)["records"] if "path" in each["body"].get("evidence", {})]
    (executing.root / bound).unlink()
    ran = executing.run("gate", "real-run")
    assert ran.status != Exit.YES
    assert f"{bound}" in ran.out


def test_in_another_lane_than_its_own_an_action_is_told_no(executing: Programme) -> None:
    assert executing.run("gate", "real-run", "--lane", "production-execution").status == Exit.YES
    other = executing.run("gate", "real-run", "--lane", "final-pre-real-data")
    assert other.status == Exit.NO
    assert "real-run belongs to lane production-execution, not to final-pre-real-data" in other.out
    assert "ci-trigger belongs to no lane" in executing.run("gate", "ci-trigger", "--lane", "final-pre-real-data").out
    assert executing.run("gate", "real-run", "--lane", "final").codes == ["UNKNOWN_ID"]


@pytest.mark.parametrize("asked", [("real-run", "ci"), ("nothing",)])
def test_a_report_in_sarif_is_valid_and_names_rule_line_and_requirement(asked: tuple[str, ...], fix7: Programme) -> None:
    ran = fix7.run("gate", *asked, "--format", "sarif")
    found = json.loads(ran.out)
    schemas.validator(**SARIF).validate(found)
    [run] = found["runs"]
    assert run["invocations"] == [{"executionSuccessful": ran.status == Exit.NO, "exitCode": ran.status}]
    assert {each["ruleId"] for each in run["results"]} <= {each["id"] for each in run["tool"]["driver"]["rules"]}
    places = [place["physicalLocation"] for each in run["results"] for place in each.get("locations", [])]
    lines = (fix7.root / "states.yaml").read_text(encoding="utf-8").split("\n")
    assert all(each["artifactLocation"]["uri"] == "states.yaml" for each in places)
    assert len({each["partialFingerprints"]["govern/v1"] for each in run["results"]}) == len(run["results"]) > 0
    if asked == ("nothing",):
        assert run["results"][0]["ruleId"] == "govern/not-judged"
    else:
        assert any("ungranted" in lines[each["region"]["startLine"] - 1] for each in places)


def test_a_report_for_gitlab_has_each_field_that_it_documents_and_an_empty_list_says_yes(executing: Programme) -> None:
    found = json.loads(executing.run("gate", "ci-trigger", "--format", "gitlab").out)
    CODE_QUALITY.validate(found)
    assert [each["check_name"] for each in found] == ["govern/missing"]
    assert json.loads(executing.run("gate", "real-run", "--format", "gitlab").out) == []


def test_a_report_in_junit_is_read_by_others_and_counts_what_failed_and_what_is_unknown(fix7: Programme) -> None:
    text = fix7.run("gate", "real-run", "nothing", "--format", "junit").out
    read = JUnitXml.fromstring(text)
    [suite] = read
    assert (suite.tests, suite.failures, suite.errors) == (2, 1, 1)
    assert {case.name: len(case.result) for case in suite} == {"gate": 1, "real-run": 12}
    assert ET.parse(StringIO(text)).getroot().tag == "testsuites"


def test_a_report_for_github_is_one_command_a_line_at_the_line_of_the_policy(executing: Programme) -> None:
    ran = executing.run("gate", "real-run", "ci-trigger", "--format", "github")
    assert ran.out.splitlines()[1:] == ["::notice title=govern::real-run: YES"]
    [error] = ran.out.splitlines()[:1]
    assert error.startswith("::error file=states.yaml,line=")
    assert error.endswith(",title=govern/missing::ci-trigger: action:ci-trigger: no grant for ci-trigger exists yet")


def test_a_report_in_markdown_is_one_table(fix7: Programme) -> None:
    text = fix7.run("gate", "real-run", "nothing", "--format", "md").out
    [table] = tables(text)
    assert table.header == ["action", "requirement", "cause", "why", "who", "command"]
    assert {len(row) for row in table.rows} == {6}
    assert len(table.rows) == 12
    assert "- `real-run`: **NO**" in text
    assert "- **could not be judged**: \\`nothing\\` is no action" in text


def test_several_formats_at_once_are_one_judgement_each_in_its_place(fix7: Programme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = fix7.run("gate", "qt001", *(f"--format={name}={tmp_path / name}" for name in ("sarif", "junit", "json", "text", "md")), "--format", "github")
    assert ran.out.startswith("::error file=states.yaml")
    assert json.loads((tmp_path / "json").read_text()) == fix7.run("gate", "qt001", "--json").answer
    assert (tmp_path / "text").read_text() == fix7.run("gate", "qt001").out
    assert (tmp_path / "sarif").read_text() == fix7.run("gate", "qt001", "--format", "sarif").out
    (tmp_path / "md").write_text("an earlier report")
    fix7.run("gate", "qt001", "--format", f"md={tmp_path / 'md'}")
    assert (tmp_path / "md").read_text().startswith("# Gate\n")


@pytest.mark.parametrize("words", [("--format", "yaml"), ("--format", "sarif="), ("--format", "sarif", "--format", "md"), ("--format=md=a", "--format=md=b")])
def test_formats_that_cannot_be_given_are_errors_of_usage(words: tuple[str, ...], fix7: Programme) -> None:
    assert fix7.refuses("gate", "real-run", *words, status=2).codes == ["USAGE"]


@pytest.mark.parametrize("place", ["states.yaml", "governance/ledger/report", "templates/report", ".git/report"])
def test_a_report_is_written_nowhere_that_has_rules_of_its_own(place: str, fix7: Programme) -> None:
    assert fix7.refuses("gate", "real-run", "--format", f"sarif={fix7.root / place}").codes == ["OUT_TAKEN"]


def test_a_ledger_that_is_broken_is_no_answer_and_the_reports_say_so(fix7: Programme, tmp_path: Path) -> None:
    fix7.ledger.write_bytes(fix7.ledger.read_bytes().replace(b'"seq":3', b'"seq":4', 1))
    ran = fix7.run("gate", "real-run", "--format", f"sarif={tmp_path / 'report.sarif'}", "--format", f"junit={tmp_path / 'report.xml'}")
    assert (ran.status, ran.out) == (Exit.BROKEN, "")
    found = json.loads((tmp_path / "report.sarif").read_text())
    schemas.validator(**SARIF).validate(found)
    assert found["runs"][0]["invocations"] == [{"executionSuccessful": False, "exitCode": 5}]
    assert ET.parse(tmp_path / "report.xml").getroot()[0].get("errors") == "1"


def test_without_a_policy_nothing_is_answered(fix7: Programme, tmp_path: Path) -> None:
    fix7.policy.unlink()
    assert fix7.run("gate", "real-run").status == Exit.UNJUDGED
    fix7.run("-C", str(tmp_path), "gate", "real-run", "--format", f"gitlab={tmp_path / 'report.json'}")
    assert json.loads((tmp_path / "report.json").read_text())[0]["check_name"] == "govern/not-judged"


@pytest.mark.parametrize("name", ["json", "sarif", "gitlab", "junit", "md", "github"])
def test_what_is_printed_says_too_that_nothing_could_be_judged(name: str, fix7: Programme) -> None:
    fix7.policy.unlink()
    ran = fix7.run("gate", "real-run", "--format", name)
    assert (ran.status, ran.codes) == (Exit.UNJUDGED, ["NO_POLICY"])
    assert ("could not be judged" if name == "md" else "NO_POLICY") in ran.out
    if name == "json":
        assert (ran.answer["exit"], ran.answer["result"]) == (Exit.UNJUDGED, {"allowed": False, "answers": [], "token": None})
    assert fix7.run("gate", "real-run", "--json").answer["exit"] == Exit.UNJUDGED


def test_what_two_words_ask_about_is_told_once_and_two_words_that_mean_nothing_are_two(fix7: Programme) -> None:
    found = json.loads(fix7.run("gate", "ci-trigger", "CI", "nothing", "nowhere", "--format", "gitlab").out)
    assert [each["check_name"] for each in found] == ["govern/not-judged", "govern/not-judged", "govern/missing"]
    assert len({each["fingerprint"] for each in found}) == 3
    assert fix7.run("gate", "ci-trigger", "CI", "--format", "md").out == fix7.run("gate", "ci-trigger", "--format", "md").out
    assert fix7.run("gate", "CI", "ci-trigger", "--format", "junit").out.count("<failure") == 1


def test_below_the_top_of_a_repository_paths_are_told_from_there(fix7: Programme) -> None:
    (fix7.root.parent / ".git").mkdir()
    place = json.loads(fix7.run("gate", "ci-trigger", "--format", "gitlab").out)[0]["location"]["path"]
    assert place == "fix7/states.yaml"
    odd = Programme(fix7.root.rename(fix7.root.parent / "fix #7"))
    [result] = json.loads(odd.run("gate", "ci-trigger", "--format", "sarif").out)["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "fix%20%237/states.yaml"}


def test_every_surface_tells_the_same_of_an_action(executing: Programme) -> None:
    policy = load_policy(executing.policy.read_bytes())
    for name in policy.actions:
        allowed = executing.run("gate", name).status == Exit.YES
        assert allowed == executing.asks("why-blocked", name)["allowed"] == (executing.run("precheck", name).status == Exit.YES)


def test_a_token_says_nothing_of_another_policy_head_action_or_evidence_or_later(executing: Programme, clock: Clock) -> None:
    token = executing.asks("gate", "real-run")["token"]
    assert executing.asks("gate", "cutover")["token"] != token
    again = executing.asks("gate", "real-run")["token"]
    assert again == token
    clock.set("2026-07-01T09:00:01Z")
    assert executing.asks("gate", "real-run")["token"] != token
    executing.does("note", "something", "--as", "operator")
    clock.set("2026-07-01T09:00:01Z")
    assert executing.asks("gate", "real-run")["token"] != token
