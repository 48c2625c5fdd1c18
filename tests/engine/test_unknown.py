"""Unknown is neither yes nor no: strong Kleene logic, findings, and circles; only true opens."""

from itertools import product

import pytest

from govern.engine.causes import Cause, Judged, Requirement, combined, failing, leaf, requirements
from govern.engine.judge import in_force, judge_lane
from govern.policy import find
from govern.problems import Place
from support.policies import line_of, one_option, programme
from support.world import World

HERE = Place("states.yaml", 1, 1)
TRUTHS = (True, None, False)
FINDINGS = "{quiet: {result: unknown, by: ward, why: Nobody has looked.}}"


def _leaf(name: str, *, truth: bool | None) -> Judged:
    return leaf(Requirement(name, "grant", truth, f"{name} is {truth}", HERE))


@pytest.mark.parametrize(("left", "right"), list(product(TRUTHS, repeat=2)))
def test_all_is_the_least_and_any_the_greatest_of_the_truths(*, left: bool | None, right: bool | None) -> None:
    order = {False: 0, None: 1, True: 2}
    parts = (_leaf("a", truth=left), _leaf("b", truth=right))

    assert combined(2, parts).truth is min((left, right), key=order.__getitem__)
    assert combined(1, parts).truth is max((left, right), key=order.__getitem__)


@pytest.mark.parametrize("truths", list(product(TRUTHS, repeat=3)))
def test_so_many_of_three_hold_whatever_the_unknown_turn_out_to_be_or_it_is_unknown(truths: tuple[bool | None, ...]) -> None:
    parts = tuple(_leaf(str(number), truth=truth) for number, truth in enumerate(truths))
    worlds = [[truth if truth is not None else guess for truth, guess in zip(truths, guesses, strict=True)] for guesses in product((True, False), repeat=3)]
    for wanted in (1, 2, 3):
        outcomes = {sum(world) >= wanted for world in worlds}
        assert combined(wanted, parts).truth is (outcomes.pop() if len(outcomes) == 1 else None)


@pytest.mark.parametrize("wanted", [0, 1])
def test_over_nothing_nothing_holds(wanted: int) -> None:
    assert combined(wanted, ()) == Judged(truth=False, wanted=wanted)


def test_what_fails_leaves_out_the_alternatives_to_what_holds() -> None:
    judged = combined(
        2,
        (
            combined(1, (_leaf("a", truth=True), _leaf("b", truth=False))),
            combined(1, (_leaf("c", truth=False), _leaf("b", truth=False), _leaf("d", truth=None))),
        ),
    )

    assert [each.id for each in failing(judged)] == ["c", "b", "d"]
    assert [each.id for each in requirements(judged)] == ["a", "b", "c", "d"]


def _world(guard: str) -> World:
    world = World(one_option(guard, findings=FINDINGS))
    world.record("issue", "agent", packet="ask")
    return world


def test_a_finding_that_is_unknown_is_neither_pass_nor_fail_and_blocks_the_guard_that_names_it() -> None:
    for wanted in ("pass", "fail"):
        told = _world(f"{{finding: quiet, is: {wanted}}}").blocking("GO")[f"finding:quiet={wanted}"]
        assert (told.kind, told.truth, told.cause, told.record) == ("finding", None, Cause.UNKNOWN, None)
        assert told.why == f"finding quiet is unknown, wanted {wanted}: Nobody has looked."
        assert (told.by, told.how) == (("cyn", "eve"), f"govern finding quiet {wanted} --why … --as cyn")


def test_an_unknown_finding_affects_no_guard_that_does_not_name_it() -> None:
    world = _world("{any: [{finding: quiet, is: pass}, {not: {lane: gate}}]}")

    assert world.allowed("GO")


def test_a_recorded_result_takes_the_place_of_the_declared_one_and_names_its_record() -> None:
    world = _world("{finding: quiet, is: pass}")
    world.record("finding", "eve", finding="quiet", result="fail", why="It was loud.")
    failed = world.record("finding", "cyn", finding="quiet", result="fail", why="It is loud.")

    told = world.blocking("GO")["finding:quiet=pass"]
    assert (told.truth, told.cause, told.record) == (False, Cause.REFUSED, failed)
    assert told.why == "finding quiet is fail, wanted pass: It is loud."
    passed = world.record("finding", "eve", finding="quiet", result="pass", why="It is quiet.")
    [_lane, held] = world.verdict("GO").requirements
    assert (held.truth, held.why, held.record) == (True, "finding quiet is pass", passed)


def test_that_a_result_is_unknown_can_itself_be_wanted() -> None:
    world = _world("{finding: quiet, is: unknown}")
    assert world.allowed("GO")

    world.record("finding", "eve", finding="quiet", result="pass", why="It is quiet.")

    assert world.blocking("GO")["finding:quiet=unknown"].cause is Cause.REFUSED


def test_only_who_is_named_records_a_finding() -> None:
    refusal = _world("{finding: quiet, is: pass}").refusals("finding", "ann", finding="quiet", result="pass", why="It is so.")["authority:finding"]

    assert (refusal.cause, refusal.by, refusal.why) == (Cause.UNAUTHORISED, ("cyn", "eve"), "ann may not record it; that is for ward")
    assert refusal.at.line == line_of(one_option("{finding: quiet, is: pass}", findings=FINDINGS), "findings:")


CIRCLE = programme(
    grants="{X: {scope: work, issuer: owner}}",
    lanes="{main: {scope: work, standing: true}, a: {scope: work, opens_when: {any: [{lane: b}, {grant: X}]}}, b: {scope: work, opens_when: {lane: a}}}",
)


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_lanes_that_wait_for_each_other_are_unknown_in_whatever_order_they_are_asked(order: tuple[str, str]) -> None:
    world = World(CIRCLE)

    view = world.view()
    judged = {name: judge_lane(name, view, HERE) for name in order}
    assert {name: each.truth for name, each in judged.items()} == {"a": None, "b": None}
    told = failing(judged["a"])
    assert [(each.id, each.cause, each.why) for each in told if each.kind == "lane"] == [("lane:a", Cause.NOT_EVALUATED, "lane a waits for itself")]
    world.record("grant", "owner", grant="X", scope="work")
    view = world.view()
    assert {judge_lane(name, view, HERE).truth for name in order} == {True}


DECISIONS = """
  p:
    lane: main
    decided_by: owner
    lineage_gap: It starts the story.
    options:
      - {number: "1", id: STOP, hold: true, says: Nothing is done.}
      - {number: "2", id: A, scope: work, says: A., requires: {any: [{selected: q/B}, {grant: X}]}}
  q:
    lane: main
    decided_by: owner
    lineage_gap: It is a story of its own.
    options:
      - {number: "1", id: STOP, hold: true, says: Nothing is done.}
      - {number: "2", id: B, scope: work, says: B., requires: {any: [{selected: p/A}, {grant: Z}]}}"""


@pytest.mark.parametrize("order", [("p/A", "q/B"), ("q/B", "p/A")])
def test_decisions_that_rest_on_each_other_stand_as_long_as_one_of_them_stands_by_itself(order: tuple[str, str]) -> None:
    world = World(programme(grants="{X: {scope: work, issuer: owner}, Z: {scope: work, issuer: owner}}", packets=DECISIONS))
    for name in ("p", "q"):
        world.record("issue", "agent", packet=name)
    x, z = (world.record("grant", "owner", grant=name, scope="work") for name in ("X", "Z"))
    world.record("decide", "owner", packet="p", option="A")
    world.record("decide", "owner", packet="q", option="B")

    def standing() -> list[bool | None]:
        view = world.view()
        return [in_force(*find.option(view.policy, address), view) for address in order]

    assert standing() == [True, True]
    world.record("revoke", "owner", record=x, reason="no more")
    assert standing() == [True, True]
    world.record("revoke", "owner", record=z, reason="no more")
    assert standing() == [None, None]
