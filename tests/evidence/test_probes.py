"""Probes are data: those shipped are each refused for their own reason, and a file of probes that is malformed is refused itself."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from govern.evidence import validator as shipped
from govern.evidence.executed import Validator, execute, read_validator
from govern.evidence.probes import ENGINES, KINDS, SHIPPED, Probe, Result, demand_distinct, on_evidence, parse_probes, run_probes
from govern.problems import Exit, GovernError

PROBES = parse_probes(SHIPPED.read_bytes(), SHIPPED.name)
EVIDENCE = [probe for probe in PROBES if probe.kind == "evidence"]


@pytest.fixture(scope="module")
def validator() -> Validator:
    """The validator, from its bytes."""
    return execute(read_validator())


def refused(content: bytes) -> list[str]:
    """Return what is wrong with a file of probes."""
    with pytest.raises(GovernError) as caught:
        parse_probes(content, "more.json")
    assert caught.value.status is Exit.UNJUDGED
    assert {problem.code for problem in caught.value.problems} == {"PROBES_FORMAT"}
    return [problem.message for problem in caught.value.problems]


def file_of(*probes: Any) -> bytes:
    """Return a file of probes."""
    return json.dumps({"schema": "govern.probes/1", "probes": probes}).encode()


ONE = {"name": "one", "kind": "evidence", "on": "sqlite", "do": [["set", "gate/findings", 1]], "expect": "gate-finding"}


@pytest.mark.parametrize("probe", EVIDENCE, ids=lambda probe: probe.name)
def test_evidence_that_must_be_refused_is_refused_for_its_own_reason(probe: Probe, validator: Validator) -> None:
    assert on_evidence(validator)(probe) == probe.expect


def test_what_was_measured_as_bad_is_all_there() -> None:
    expected = {probe.expect for probe in EVIDENCE}
    assert expected >= {
        "not-mutated", "not-restored", "rows-differ", "root", "component-missing", "null", "component-empty", "digest-length", "digest-case", "digest-alphabet",
        "before-differs", "schema-unknown", "version-unknown", "field-unknown", "time-reversed", "time-future", "source-digest", "nonce-replayed", "probe-failed",
        "probe-missing", "path-missing", "probe-count", "mutated-by-file",
    }  # fmt: skip
    for kind, codes in {
        "change": {"CHANGE_COMMITS", "CHANGE_ROLLS_BACK", "CHANGE_PREPARES", "CHANGE_EMPTY", "CHANGE_FAILED", "CHANGE_REACHES", "CHANGE_LEAVES"},
        "source": {"META_COMMAND", "DUMP_TRUNCATED", "SERVER_TOO_OLD", "NOT_A_FILE", "SOURCE_CHANGED", "SOURCE_LIVE", "SOURCE_EMPTY", "SECRET_FOUND"},
        "surroundings": {"NO_SANDBOX", "CANARY_REACHED", "NO_SPACE", "cleared"},
    }.items():
        assert codes <= {probe.expect for probe in PROBES if probe.kind == kind}


def test_each_kind_has_a_control_that_must_pass() -> None:
    assert {probe.kind for probe in PROBES if probe.controls} == set(KINDS)
    assert {probe.on for probe in EVIDENCE if probe.controls} == set(ENGINES)


@pytest.mark.parametrize("check", ["not-mutated", "nonce-replayed", "root", "duplicate-key"])
def test_a_probe_finds_out_a_validator_in_which_a_check_is_disabled(check: str) -> None:
    line = next(line for line in read_validator().decode().splitlines() if line.startswith(f'    "{check}": lambda'))
    weak = execute(read_validator().replace(line.encode(), f'    "{check}": lambda _: [],'.encode()))
    results = list(run_probes(EVIDENCE, {"evidence": on_evidence(weak)}))
    assert {(each.probe.expect, each.got) for each in results if not each.held} == {(check, "allowed")}


def test_evidence_that_fails_for_another_reason_as_well_does_not_hold_the_probe(validator: Validator) -> None:
    probe = Probe("two", "evidence", "sqlite", [["set", "gate/findings", 1], ["set", "surfaces/0/status", "UNKNOWN"]], "gate-finding")
    result = Result(probe, on_evidence(validator)(probe))
    assert (result.got, result.held) == ("gate-finding and surface-unknown", False)


def test_a_control_that_is_refused_and_a_bad_input_that_is_allowed_do_not_hold(validator: Validator) -> None:
    run = on_evidence(validator)
    control = Probe("control", "evidence", "sqlite", [["set", "gate/findings", 1]], "allowed")
    bad = Probe("bad", "evidence", "sqlite", [], "gate-finding")
    assert [Result(each, run(each)).held for each in (control, bad)] == [False, False]


def test_what_nobody_can_run_is_not_taken_as_refused() -> None:
    [result] = run_probes([Probe("x", "change", "sqlite", "COMMIT;", "CHANGE_COMMITS")], {})
    assert (result.got, result.held) == ("not-run", False)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "more.json: it is no JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (b"[" * 100_000, "more.json: it is no JSON: maximum recursion depth exceeded while decoding a JSON array from a unicode string"),
        (b"[]", "more.json: wanted is an object of `schema`, govern.probes/1, and `probes`, a list"),
        (file_of(ONE).replace(b"probes/1", b"probes/2"), "more.json: wanted is an object of `schema`, govern.probes/1, and `probes`, a list"),
        (file_of(), "the probes: there is none: nothing to try is never a pass"),
        (file_of(ONE, ONE), "the probes: `one` stands twice"),
        (file_of(7), "more.json: probe 1: it is no object"),
        (file_of(ONE | {"expects": "x"}), "more.json: probe 1: unknown key `expects`; did you mean `expect`?"),
        (file_of({key: value for key, value in ONE.items() if key != "name"}), "more.json: probe 1: `name` is missing"),
        (file_of(ONE | {"kind": "weather"}), "more.json: probe 1: `kind` is one of evidence, change, source, surroundings"),
        (file_of(ONE | {"on": "oracle"}), "more.json: probe 1: `on` is one of sqlite, postgresql"),
        (file_of(ONE | {"do": "COMMIT;"}), "more.json: probe 1: `do` is SQL for a change, else a list of steps"),
        (file_of(ONE | {"kind": "change"}), "more.json: probe 1: `do` is SQL for a change, else a list of steps"),
        (file_of(ONE | {"expect": ""}), "more.json: probe 1: `expect` is the name of a refusal, or `allowed`"),
        (file_of(ONE | {"name": "a\nb"}), "more.json: probe 1: `name` is a short text"),
    ],
)
def test_a_malformed_file_of_probes_is_refused(content: bytes, said: str) -> None:
    assert refused(content)[0] == said


def test_every_fault_of_a_file_of_probes_is_told_at_once() -> None:
    assert len(refused(file_of(ONE | {"on": "x", "kind": "y"}, 7, ONE))) == 3


@pytest.mark.parametrize(
    "do", [[["jump", "gate/findings"]], [["set", "nowhere/at/all", 1]], [["set", "paths/9/path", 1]], [["add", "gate/findings", 1]], [["remove"]]]
)
def test_a_script_that_cannot_be_done_is_a_fault_of_the_probe_and_no_refusal(do: Any, validator: Validator) -> None:
    with pytest.raises(GovernError, match="x: its script cannot be done: ") as caught:
        on_evidence(validator)(Probe("x", "evidence", "sqlite", do, "not-json"))
    assert caught.value.problems[0].code == "PROBES_FORMAT"


def test_a_name_that_stands_in_two_files_is_refused() -> None:
    demand_distinct(PROBES)
    with pytest.raises(GovernError, match=f"`{PROBES[0].name}` stands twice"):
        demand_distinct([*PROBES, PROBES[0]])


def test_the_validator_is_run_from_the_bytes_that_were_digested(validator: Validator) -> None:
    other: Callable[..., Any] = execute(b"PROVEN = {}\ndef judge(content, **given):\n    return [('mine', content.decode())]\n").judge
    assert other(b"x", now=0) == [("mine", "x")]
    assert validator.module is not shipped
    assert validator.judge(shipped.spell(shipped.good("sqlite")), now=2_000_000_000) == []
    assert [validator.status_of(each) for each in ([], [("root", "")], [("not-json", "")])] == [0, 1, 3]
