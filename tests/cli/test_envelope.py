"""The one JSON object that every command prints, on success and on failure."""

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from govern.cli.main import COMMANDS
from govern.problems import Exit
from support.cli import EXECUTION, HOLD, REAL_DUMP, SCOPING, Programme, run_words

_NONE = {"type": "null"}
ENVELOPE = Draft202012Validator(
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["schema", "as_of", "head", "exit", "result", "diagnostics"],
        "properties": {
            "schema": {"type": "string", "pattern": r"^govern\.[a-z-]+/1$"},
            "as_of": {"anyOf": [_NONE, {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}]},
            "head": {
                "anyOf": [
                    _NONE,
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["size", "root"],
                        "properties": {"size": {"type": "integer", "minimum": 1}, "root": {"type": "string", "pattern": "^[A-Za-z0-9+/]{43}=$"}},
                    },
                ]
            },
            "exit": {"type": "integer"},
            "result": {"anyOf": [_NONE, {"type": "object"}]},
            "diagnostics": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["code", "severity", "message", "file", "line", "column", "help"],
                    "properties": {
                        "code": {"type": "string", "pattern": "^[A-Z_]+$"},
                        "severity": {"enum": ["error", "warning"]},
                        "message": {"type": "string", "minLength": 1},
                        "file": {"type": ["string", "null"]},
                        "line": {"type": ["integer", "null"]},
                        "column": {"type": ["integer", "null"]},
                        "help": {"type": "string"},
                    },
                },
            },
        },
    }
)

# A way in which each command answers, on a copy of FIX7, and a way in which it fails there, with the status.
TOY = ("--source", "governance/rehearsal/toy.sql", "--engine", "sqlite")
SURROGATE = ("--rows", "3", "--seed", "1", "--out", "made.sql")
ANSWERED: dict[str, tuple[str, ...]] = {
    "init": ("init", "fresh"),
    "demo": ("demo",),
    "doctor": ("doctor",),
    "explain": ("explain", "quorum"),
    "schema": ("schema",),
    "diagram": ("diagram",),
    "check": ("check", "--shared"),
    "status": ("status",),
    "show": ("show", "QT001"),
    "log": ("log", "-n", "3"),
    "gaps": ("gaps", "@S0", "@S4"),
    "lineage": ("lineage",),
    "why-blocked": ("why-blocked", "5"),
    "why": ("why", "2"),
    "what-if": ("what-if", "grant record PERMIT --as owner", "--", "status"),
    "roster": ("roster", "5"),
    "board": ("board",),
    "sweep": ("sweep",),
    "decide": ("decide", "2", "--as", "owner", "--dry-run"),
    "refuse": ("refuse", "3", "--reason", "not now", "--as", "owner"),
    "grant": ("grant", "request", "QT001", "--reason", "it is time", "--as", "operator"),
    "delegate": ("delegate", "2", "--to", "gpt", "--as", "owner", "--dry-run"),
    "blocker": ("blocker", "discharge", SCOPING, "--attest", "scoped", "--as", "owner"),
    "lane": ("lane", "open", "production-execution", "--as", "owner", "--dry-run"),
    "finding": ("finding", "ci-seal-vs-bytes", "fail", "--why", "it differs", "--as", "operator"),
    "note": ("note", "seen", "--as", "gpt"),
    "mark": ("mark", "S5", "--as", "gpt"),
    "packet": ("packet",),
    "ticket": ("ticket", "list"),
    "policy": ("policy", "adopt", "--reason", "a comment", "--as", "owner", "--dry-run"),
    "key": ("key", "list"),
    "request": ("request", "decide.json", "decide", "2", "--as", "owner"),
    "render": ("render", "--check"),
    "export": ("export", "html", "--out", "page.html"),
    "rehearse": ("rehearse", *TOY, "--change", "birth"),
    "validate": ("validate", "toy.json"),
    "probe": ("probe", "--kind", "evidence"),
    "seal": ("seal", "governance/rehearsal"),
    "intake": ("intake", "governance/rehearsal/toy.sql", "--provenance", "toy", "--engine", "sqlite"),
    "surrogate": ("surrogate", *SURROGATE, "--schema", "governance/rehearsal/surrogate.yaml"),
    "precheck": ("precheck", "real-run"),
    "prove": ("prove", "dry-run-needs-its-grant"),
    "gate": ("gate", "real-run"),
    "run": ("run", "real-run", "--as", "operator", "--", "true"),
    "verify": ("verify",),
    "checkpoint": ("checkpoint",),
    "ledger": ("ledger", "repair", "--as", "owner"),
}
# The answer to these is no.
ANSWERED_NO = {"precheck", "gate"}
FAILING: dict[str, tuple[tuple[str, ...], Exit]] = {
    "init": (("init",), Exit.REFUSED),
    "demo": (("demo", "--keep", "governance"), Exit.REFUSED),
    "doctor": (("doctor", "--parts"), Exit.USAGE),
    "explain": (("explain", "nothing-of-the-kind"), Exit.USAGE),
    "schema": (("schema", "more"), Exit.USAGE),
    "diagram": (("diagram", "nothing"), Exit.USAGE),
    "check": (("check", "--as-of", "@S0"), Exit.USAGE),
    "status": (("status", "nothing"), Exit.USAGE),
    "show": (("show",), Exit.USAGE),
    "log": (("log", "-n", "0"), Exit.USAGE),
    "gaps": (("gaps", "@S4", "@S0"), Exit.USAGE),
    "lineage": (("lineage", "--as-of", "@S9"), Exit.USAGE),
    "why-blocked": (("why-blocked", "1"), Exit.USAGE),
    "why": (("why", "nothing"), Exit.USAGE),
    "what-if": (("what-if", "decide 5 --as owner", "--", "status"), Exit.REFUSED),
    "roster": (("roster", "nothing"), Exit.USAGE),
    "board": (("board", "nothing"), Exit.USAGE),
    "sweep": (("sweep", "nothing"), Exit.USAGE),
    "decide": (("decide", "5", "--as", "owner"), Exit.REFUSED),
    "refuse": (("refuse", HOLD, "--reason", "no", "--as", "owner"), Exit.REFUSED),
    "grant": (("grant", "record", "QT001", "--as", "gpt"), Exit.REFUSED),
    "delegate": (("delegate", "3", "--to", "gpt", "--as", "owner"), Exit.REFUSED),
    "blocker": (("blocker", "discharge", REAL_DUMP, "--evidence", "states.yaml", "--as", "operator"), Exit.UNJUDGED),
    "lane": (("lane", "open", "production-execution", "--as", "gpt"), Exit.REFUSED),
    "finding": (("finding", "ci-seal-vs-bytes", "maybe", "--why", "x", "--as", "operator"), Exit.USAGE),
    "note": (("note", "hello", "--as", "nobody"), Exit.REFUSED),
    "mark": (("mark", "S0", "--as", "gpt"), Exit.REFUSED),
    "packet": (("packet", "issue", "final-real-data", "--as", "owner"), Exit.REFUSED),
    "ticket": (("ticket", "fold", "TKT-OBJ-485..494", "--as", "owner", "--dry-run"), Exit.REFUSED),
    "policy": (("policy", "adopt", "--reason", "x", "--as", "owner"), Exit.REFUSED),
    "key": (("key", "retire", "SHA256:none", "--reason", "x", "--as", "owner"), Exit.USAGE),
    "request": (("request", "hello.json", "hello"), Exit.USAGE),
    "render": (("render", "--as-of", "@S0"), Exit.USAGE),
    "export": (("export", "html", "--out", "states.yaml"), Exit.REFUSED),
    "rehearse": (("rehearse", *TOY, "--change", "nothing"), Exit.USAGE),
    "validate": (("validate",), Exit.USAGE),
    "probe": (("probe", "--kind", "nothing"), Exit.USAGE),
    "seal": (("seal", "--check"), Exit.UNJUDGED),
    "intake": (("intake", "governance"), Exit.UNJUDGED),
    "surrogate": (("surrogate", *SURROGATE, "--schema", "nothing"), Exit.USAGE),
    "precheck": (("precheck", "nothing"), Exit.USAGE),
    "prove": (("prove", "nothing-of-the-kind"), Exit.USAGE),
    "gate": (("gate", "real-run", "--lane", "nothing"), Exit.USAGE),
    "run": (("run", "real-run", "--as", "operator", "--", "true"), Exit.REFUSED),
    "verify": (("verify", "--as-of", "@S0"), Exit.USAGE),
    "checkpoint": (("checkpoint", "--sign", "states.yaml"), Exit.USAGE),
    "ledger": (("ledger", "pin"), Exit.REFUSED),
}
# What these answer, they answer without a ledger, before there is one, or of several.
WITHOUT_LEDGER = {"init", "explain", "schema", "check", "board", "sweep"}


# These speak the protocol of whoever asks, and are tested with it.
PROTOCOLS = {"hook", "mcp"}


def test_a_way_to_answer_and_a_way_to_fail_is_tried_for_every_command() -> None:
    assert list(ANSWERED) == [each for each in COMMANDS if each not in PROTOCOLS] == list(FAILING)


@pytest.mark.parametrize("command", ANSWERED)
def test_an_answer_is_one_object_with_the_head_it_is_about(command: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    programme = request.getfixturevalue("signed" if command == "request" else "fix7")
    monkeypatch.chdir(programme.root)
    if command == "policy":
        programme.replace("states.yaml", "version: 1, title", "version: 2, title")
    if command == "run":
        programme.opens(f"final-real-data/{EXECUTION}")
        programme.confirms("decide", "5", "--as", "owner")
    if command == "ledger":
        with programme.ledger.open("ab") as stream:
            stream.write(b"torn")
    if command == "validate":
        programme.evidence("rehearsal", "toy", "FIX7-P0-DRYRUN-PROD-ROLLBACK-1/toy", name="toy.json")
    ran = run_words("--json", *ANSWERED[command])
    wanted = Exit.NO if command in ANSWERED_NO else Exit.YES
    assert (ran.status, ran.err) == (wanted, "")
    ENVELOPE.validate(ran.answer)
    assert ran.answer["schema"] == f"govern.{command}/1"
    assert ran.answer["exit"] == wanted
    assert ran.answer["result"]
    assert ran.answer["diagnostics"] == []
    assert (ran.answer["head"] is None) == (command in WITHOUT_LEDGER)
    assert (ran.answer["as_of"] is None) == (ran.answer["head"] is None)


@pytest.mark.parametrize("command", FAILING)
def test_a_failure_is_one_object_of_the_same_form(command: str, fix7: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(fix7.root)
    words, status = FAILING[command]
    before = fix7.tree()
    ran = run_words("--json", *words)
    assert (ran.status, ran.err) == (status, "")
    ENVELOPE.validate(ran.answer)
    assert ran.answer["schema"] == f"govern.{command}/1"
    assert ran.answer["exit"] == status
    assert ran.answer["diagnostics"]
    assert all(each["severity"] == "error" for each in ran.answer["diagnostics"])
    assert fix7.tree() == before


def test_a_failure_after_the_ledger_was_read_names_its_head(fix7: Programme) -> None:
    ran = fix7.run("decide", "5", "--as", "owner", "--json")
    assert ran.answer["head"] == fix7.run("status", "--json").answer["head"]
    assert ran.answer["as_of"] == "2026-07-01T09:00:00Z"
    assert fix7.run("note", "x", "--as", "nobody", "--json").answer["head"]["size"] == 25


def test_the_answer_of_a_write_names_the_head_that_it_made(fix7: Programme) -> None:
    noted = fix7.run("note", "x", "--as", "owner", "--json").answer
    assert noted["head"] == fix7.run("verify", "--json").answer["head"]
    assert noted["head"]["size"] == noted["result"]["recorded"] + 1 == 26
    decided = fix7.confirms("decide", "2", "--as", "owner", "--json").answer
    assert decided["head"] == fix7.run("status", "--json").answer["head"]


def test_a_failure_before_the_ledger_could_be_read_names_no_head(fix7: Programme) -> None:
    fix7.ledger.write_bytes(fix7.ledger.read_bytes().replace(b'"seq":3', b'"seq":4', 1))
    ran = fix7.run("status", "--json")
    assert ran.status == Exit.BROKEN
    assert (ran.answer["head"], ran.answer["as_of"], ran.answer["result"]) == (None, None, None)
    assert ran.answer["diagnostics"][0]["file"] == "governance/ledger/000000.jsonl"
    assert ran.answer["diagnostics"][0]["line"] == 4


@pytest.mark.parametrize("words", [("--json", "status"), ("status", "--json"), ("--json", "status", "--json")])
def test_json_may_be_asked_for_before_and_after_the_command(words: tuple[str, ...], fix7: Programme) -> None:
    assert fix7.run(*words).answer == fix7.run("status", "--json").answer


@pytest.mark.parametrize("words", [(), ("statsu",), ("--as",), ("--bogus",), ("--color", "puce")])
def test_words_that_name_no_command_are_refused_as_an_error_of_usage(words: tuple[str, ...]) -> None:
    ran = run_words("--json", *words)
    assert ran.status == Exit.USAGE
    ENVELOPE.validate(ran.answer)
    assert ran.answer["schema"] == "govern.error/1"
    assert [each["code"] for each in ran.answer["diagnostics"]] == ["USAGE"]


def test_a_refusal_tells_all_causes_in_the_result_and_in_the_diagnostics(fix7: Programme) -> None:
    answer = fix7.run("decide", "5", "--as", "gpt", "--json").answer
    asked = answer["result"]["requirements"]
    assert answer["result"]["refused"] == "deciding final-real-data/AUTHORIZE_PRODUCTION_EXECUTION"
    assert [each["cause"] for each in asked] == ["unauthorised", "lane", *["missing"] * 10]
    assert [each["code"] for each in answer["diagnostics"]] == ["UNAUTHORISED", "LANE", *["MISSING"] * 10]
    assert all(each["file"] == "states.yaml" and each["line"] for each in answer["diagnostics"])


def test_warnings_stand_among_the_diagnostics_of_an_answer(fix7: Programme) -> None:
    fix7.policy.write_bytes(fix7.policy.read_bytes() + b"# a comment\n")
    answer = fix7.run("status", "--json").answer
    assert [(each["code"], each["severity"]) for each in answer["diagnostics"]] == [("POLICY_DIRTY", "warning")]
    assert answer["exit"] == 0


def test_text_that_hides_or_reorders_is_spelled_as_escapes_in_json(fix7: Programme) -> None:
    fix7.does("note", "a\u202eb\u200bc", "--as", "gpt")
    ran = fix7.does("log", "-n", "1", "--json")
    assert "a\\u202eb\\u200bc" in ran.out
    assert ran.answer["result"]["records"][0]["body"] == {"text": "a\u202eb\u200bc"}


def test_json_from_a_folder_without_a_programme_is_an_error_object(tmp_path: Path) -> None:
    ran = run_words("-C", str(tmp_path), "status", "--json")
    assert (ran.status, ran.err) == (Exit.UNJUDGED, "")
    ENVELOPE.validate(ran.answer)
    assert [each["code"] for each in ran.answer["diagnostics"]] == ["NO_POLICY"]
