"""Rules told as records: each is judged by the evaluator, and where it refuses one, the history was none."""

from functools import cache

import pytest

from govern.ledger.lines import Chain, read_records
from govern.policy.load import load_policy
from govern.policy.model import Policy
from govern.policy.retelling import without_promises
from govern.proof.formulas import TRUE
from govern.proof.promising import build
from govern.proof.system import Deed, Rule, System
from govern.proof.tracing import Trace, play
from support.planted import text_of

EVERYONE = ("ann", "bob", "cyn", "eve", "head", "clerk")


@cache
def _transfer() -> tuple[Policy, bytes, System]:
    source = without_promises(text_of("transfer"))
    policy = load_policy(source)
    return policy, source, build(load_policy(text_of("transfer")), delegations=True, finely=True)[0]


def _play(*names: str) -> Trace | None:
    policy, source, system = _transfer()
    return play(policy, source, [system.rules[name] for name in names])


def _played(*names: str) -> Trace:
    trace = _play(*names)
    assert trace is not None
    return trace


def _rules(*deeds: Deed, actors: tuple[str, ...] = EVERYONE) -> Trace | None:
    policy, source, _system = _transfer()
    return play(policy, source, [Rule(f"{at}", TRUE, {}, actors, deed) for at, deed in enumerate(deeds)])


def _told(trace: Trace | None) -> list[tuple[str, str]]:
    assert trace is not None
    return [(each.actor, each.act) for each in trace.told]


def test_a_history_of_no_rules_is_a_ledger_of_genesis_alone() -> None:
    trace = _played()

    assert (len(trace.lines), trace.told) == (1, [])
    assert "REST" in trace.after["selected:copying"]


def test_each_rule_is_told_as_the_record_that_it_stands_for_with_what_it_moved() -> None:
    trace = _played("issue copying (draft)", "grant COPYING (recorded)", "decide copying/COPY by head")

    assert [each.act for each in trace.told] == ["issue copying", "grant COPYING", "decide copying/COPY"]
    assert trace.told[-1].moved == (("REST", "COPY"),)
    assert "REST" in trace.before["selected:copying"]
    assert "COPY" in trace.after["selected:copying"]
    assert [record.statement.kind for record in read_records([line[:-1] for line in trace.lines], Chain())] == ["genesis", "issue", "grant", "decide"]


def test_a_history_that_the_evaluator_refuses_is_none() -> None:
    assert _play("decide copying/COPY by head") is None


def test_a_rule_on_what_the_policy_does_not_declare_is_told_nowhere() -> None:
    assert _rules(Deed("grant", "NOWHERE")) is None


def test_what_documents_report_is_recorded_first_wherever_the_rule_was_found() -> None:
    trace = _played("issue copying (draft)", "report grant COPYING (recorded, reported)", "decide copying/COPY by head")

    assert [(each.act, each.reported) for each in trace.told] == [("grant COPYING", True), ("issue copying", False), ("decide copying/COPY", False)]


def test_what_a_document_reports_of_one_instance_is_several_records_one_on_another() -> None:
    trace = _rules(Deed("report request grant revoke", "COPYING"))

    assert _told(trace) == [("ann", "request COPYING"), ("head", "grant COPYING"), ("ann", "revoke #1")]


def test_a_use_that_a_document_reports_is_its_begin_and_its_end() -> None:
    trace = _rules(Deed("report grant consume complete", "COPYING"))
    alone = _rules(Deed("report done", "copy"))

    assert [act for _actor, act in _told(trace)] == ["grant COPYING", "begin copy", "end #2"]
    assert [act for _actor, act in _told(alone)] == ["begin copy", "end #1"]
    assert alone is not None
    assert "done" in alone.after["run:copy"]
    assert "done, first-hand" not in alone.after["run:copy"]


def test_two_words_are_given_by_two_who_fill_two_places() -> None:
    trace = _played("approve MOVE (requested, some words)", "grant MOVE (requested, some words, recorded)")

    assert _told(trace) == [("ann", "grant MOVE"), ("bob", "grant MOVE")]
    assert "given, first-hand" in trace.after["grant:MOVE"]
    assert "given, first-hand" not in trace.before["grant:MOVE"]


def test_words_that_a_last_one_leaves_waiting_are_given_too() -> None:
    three = text_of(
        "transfer",
        (
            "MOVE: {scope: live, issuer: {all: [{of: board, at_least: 2}]}}",
            "MOVE: {scope: live, issuer: {all: [{of: board, at_least: 2}, {of: ward, at_least: 1}]}}",
        ),
    )
    source = without_promises(three)
    rules = [Rule(kind, TRUE, {}, EVERYONE[:4], Deed(kind, "MOVE", state, "recorded")) for kind, state in (("approve", ""), ("grant", "requested"))]

    assert _told(play(load_policy(source), source, rules)) == [("ann", "grant MOVE"), ("bob", "grant MOVE"), ("cyn", "grant MOVE")]


def test_a_lane_of_two_words_is_opened_by_two() -> None:
    trace = _rules(Deed("approve open", "gate"), Deed("open", "gate"), actors=("ann", "bob", "cyn"))

    assert _told(trace) == [("ann", "open gate"), ("bob", "open gate")]
    assert trace is not None
    assert "opened, first-hand" in trace.after["lane:gate"]


def test_a_lane_that_is_to_be_opened_by_one_last_word_is_given_as_many_as_it_takes() -> None:
    closed = _rules(Deed("open", "gate"), Deed("close", "gate"), actors=("ann", "bob", "cyn"))

    assert _told(closed) == [("ann", "open gate"), ("bob", "open gate"), ("ann", "close gate")]
    assert closed is not None
    assert not closed.after["lane:gate"]


def test_a_grant_that_is_to_run_out_later_says_so_and_time_passes_until_then() -> None:
    trace = _played(
        "grant COPYING (recorded)",
        "time COPYING (recorded)",
    )

    assert _told(trace) == [("head", "grant COPYING until 2026-01-02T00:00:00Z")]
    assert "given" in trace.before["grant:COPYING"]
    assert "given" not in trace.after["grant:COPYING"]


def test_a_grant_that_begins_later_says_so() -> None:
    trace = _rules(Deed("grant", "COPYING", "", "recorded, too early"), Deed("time", "COPYING"), actors=("head",))

    assert _told(trace) == [("head", "grant COPYING from 2026-01-02T00:00:00Z")]
    assert trace is not None
    assert "given" in trace.after["grant:COPYING"]


def test_who_asks_for_a_grant_is_not_who_gives_it_where_somebody_else_may() -> None:
    trace = _rules(
        Deed("request", "COPYING"), Deed("grant", "COPYING", "requested", "recorded"), Deed("revoke", "COPYING", "recorded"), actors=("head", "clerk")
    )

    assert _told(trace)[:2] == [("clerk", "request COPYING"), ("head", "grant COPYING")]
    assert trace is not None
    assert not trace.after["grant:COPYING"] & {"counts", "given", "kept"}


def test_evidence_is_bound_as_a_file_of_the_trace_and_an_attestation_is_a_word() -> None:
    tried = _rules(Deed("discharge", "DRILL/tried"), Deed("time", "DRILL/tried"), actors=("cyn",))
    asked = _rules(Deed("discharge", "CONSENT/asked"), Deed("reopen", "CONSENT/asked"), actors=("cyn",))

    assert tried is not None
    assert asked is not None
    assert list(tried.files) == ["governance/evidence/trace-1.txt"]
    assert "shown" not in tried.after["leg:DRILL/tried"]
    assert asked.files == {}
    assert "shown" in asked.before["leg:CONSENT/asked"]
    assert "shown" not in asked.after["leg:CONSENT/asked"]


USED = ("issue copying (draft)", "grant COPYING (recorded)", "decide copying/COPY by head")


@pytest.mark.parametrize(
    ("steps", "acts", "label"),
    [
        (("begin", "end"), ["begin copy", "end #4"], "done"),
        (("begin", "fail"), ["begin copy", "end #4"], ""),
        (("begin", "lose"), ["begin copy", "lose #4"], "unended"),
        (("begin", "lose", "resolve"), ["begin copy", "lose #4", "resolve #4"], "done"),
    ],
)
def test_an_action_is_begun_on_a_grant_and_ends_as_it_does(steps: tuple[str, ...], acts: list[str], label: str) -> None:
    policy, source, system = _transfer()
    rules = [system.rules[name] for name in USED] + [Rule(kind, TRUE, {}, EVERYONE, Deed(kind, "copy", "recorded")) for kind in steps]
    trace = play(policy, source, rules)

    assert trace is not None
    assert [each.act for each in trace.told][3:] == acts
    assert {"done", "unended"} & trace.after["run:copy"] == ({label} if label else set())
    assert "kept" in trace.after["grant:COPYING"]
    assert "given" not in trace.after["grant:COPYING"]


def test_a_word_by_delegation_names_the_record_that_gives_it() -> None:
    trace = _played("issue copying (draft)", "grant COPYING (recorded)", "delegate copying/COPY to clerk by head", "decide copying/COPY by clerk for head")

    assert _told(trace)[-2:] == [
        ("head", "delegate copying"),
        ("clerk", "decide copying/COPY"),
    ]


def test_a_word_for_another_without_a_delegation_is_no_history() -> None:
    assert _play("issue copying (draft)", "grant COPYING (recorded)", "decide copying/COPY by clerk for head") is None


def test_a_refusal_ends_the_words_and_a_decision_after_it_stands_on_it() -> None:
    words = [Deed("approve open", "gate"), Deed("open", "gate"), Deed("approve", "MOVE"), Deed("grant", "MOVE", "requested"), Deed("issue", "moving")]
    decide = [Deed("decide", "moving/MOVE-IT", who, who) for who in ("ann", "bob")]
    trace = _rules(*words, decide[0], Deed("refuse", "moving/MOVE-IT"), *decide, actors=("ann", "bob", "cyn"))

    assert [act for _actor, act in _told(trace)][5:] == [f"{act} moving/MOVE-IT" for act in ("decide", "refuse", "decide", "decide")]
    assert trace is not None
    assert "MOVE-IT" in trace.after["selected:moving"]


def test_a_finding_says_its_result_and_an_adoption_its_version() -> None:
    trace = _rules(Deed("finding", "complete", "", "pass"), Deed("adopt"))

    assert [act for _actor, act in _told(trace)] == ["finding complete as pass", "adopt policy version 2"]
    assert trace is not None
    assert [name.rpartition("/")[0] for name in trace.files] == ["governance/policy"]
    assert "is pass, first-hand" in trace.after["finding:complete"]
    assert trace.before["policy"] == frozenset()
    assert trace.after["policy"] == {"yes"}


def test_who_prepared_a_packet_or_made_evidence_is_told() -> None:
    trace = _rules(Deed("prepare", "copying"), Deed("report prepare by", "moving"), actors=("clerk",))

    assert [act for _actor, act in _told(trace)] == ["prepare moving", "prepare copying"]
    assert trace is not None
    assert "yes" in trace.after["prepared:copying:clerk"]
