"""What holds an allowed thing up, against withdrawing every set of records, in the state and by the acts themselves."""

import shlex
from collections.abc import Iterator
from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.engine.state import State
from govern.engine.upholding import Closing, closing
from govern.engine.verdicts import Target, verdict
from govern.engine.view import View
from support.policies import one_option
from support.world import World, evidence

EVERY = 10_000
GRANTS = "{X: {scope: work, issuer: owner}, X1: {scope: work, issuer: {all: [{of: ann}, {of: bob}]}}, X2: {scope: work, issuer: owner}}"
BLOCKERS = """
  B:
    legs:
      one: {by: agent, evidence: {rehearsal: one}}
      two: {by: robot, evidence: {rehearsal: two}}
      three: {by: owner, requires: {any: [{grant: X2}, {leg: B/one}]}}"""
LANES = "{main: {scope: work, standing: true}, side: {scope: work, opened_by: owner}, gate: {scope: live, opened_by: owner}}"
FINDINGS = "{quiet: {result: unknown, by: eve, why: Nobody has looked.}}"
FACTS = [
    "{grant: X}", "{honoured: X}", "{grant: X1}", "{grant: X2}", "{leg: B/one}", "{leg: B/two}", "{leg: B/three}", "{lane: side}",
    "{finding: quiet, is: pass}", "{blocker: B, is: closed}", "{blocker: B, is: partial}", "{lane: main}", "{not: {lane: gate}}",
]  # fmt: skip


def _world(guard: str, *, twice: bool = False) -> World:
    """Return a world in which everything is on record; the grants twice where that is wanted."""
    world = World(one_option(guard, grants=GRANTS, blockers=BLOCKERS, lanes=LANES, findings=FINDINGS))
    world.record("issue", "robot", packet="ask")
    for _ in range(2 if twice else 1):
        world.record("grant", "owner", grant="X", scope="work")
        seq = world.record("grant", "ann", grant="X1", scope="work")
        world.record("grant", "bob", grant="X1", scope="work", instance=seq)
        world.record("grant", "owner", grant="X2", scope="work")
    world.record("discharge", "agent", leg="B/one", evidence=evidence("rehearsal", "one"))
    world.record("discharge", "robot", leg="B/two", evidence=evidence("rehearsal", "two"))
    world.record("open", "owner", lane="side")
    world.record("finding", "eve", finding="quiet", result="pass", why="It is quiet.")
    return world


def _closing(world: World) -> Closing:
    return closing(world.verdict("GO"), world.view(), most=EVERY)


def _sets(found: Closing) -> set[frozenset[int]]:
    assert found.count == len(found.sets)
    assert [len(each) for each in found.sets] == sorted(map(len, found.sets))
    return {frozenset(support.record for support in each) for each in found.sets}


def _without(full: State, gone: frozenset[int]) -> State:
    """Return the state without some records."""
    state = State()
    state.packets, state.keys = full.packets, full.keys
    state.grants = {name: [each for each in instances if each.seq not in gone] for name, instances in full.grants.items()}
    state.instances = {each.seq: each for instances in state.grants.values() for each in instances}
    state.proofs = {path: proofs for path, proofs in full.proofs.items() if proofs[-1].seq not in gone}
    state.lanes = {name: lane for name, lane in full.lanes.items() if lane.changed not in gone}
    state.findings = {name: finding for name, finding in full.findings.items() if finding.seq not in gone}
    return state


def _subsets(records: list[int]) -> Iterator[frozenset[int]]:
    return map(frozenset, chain.from_iterable(combinations(records, size) for size in range(len(records) + 1)))


def _minimal_cuts(world: World) -> set[frozenset[int]]:
    policy, full = world.view().policy, world.state
    records = [*full.instances, *(proofs[-1].seq for proofs in full.proofs.values()), *(each.seq for each in full.findings.values())]
    records += [lane.changed for lane in full.lanes.values() if lane.changed is not None]
    cuts: list[frozenset[int]] = []
    for gone in _subsets(records):
        if not any(cut <= gone for cut in cuts) and not verdict(Target("option", "ask/GO"), View(policy, _without(full, gone), 0)).allowed:
            cuts.append(gone)
    return set(cuts)


@st.composite
def _guards(draw: st.DrawFn) -> str:
    parts = [draw(st.lists(st.sampled_from(FACTS), min_size=1, max_size=4, unique=True)) for _ in range(draw(st.integers(1, 3)))]
    inner = [f"{{at_least: {draw(st.integers(1, len(part)))}, of: [{', '.join(part)}]}}" for part in parts]
    return f"{{at_least: {draw(st.integers(1, len(inner)))}, of: [{', '.join(inner)}]}}"


@settings(max_examples=40, deadline=None, derandomize=True)
@given(guard=_guards(), twice=st.sampled_from([False, False, True]))
def test_the_sets_of_records_that_hold_an_option_up_are_exactly_those_without_which_it_closes(guard: str, *, twice: bool) -> None:
    world = _world(guard, twice=twice)
    found, cuts = _closing(world), _minimal_cuts(world)

    if not world.allowed("GO"):
        assert (found, cuts) == (Closing((), 0, exact=True), {frozenset()})
    elif found.exact:
        assert _sets(found) == cuts
    else:
        # Where the loss of a record can open something, what is found closes it, and each record of it is needed.
        assert _sets(found) <= cuts
        assert bool(found.sets) is bool(cuts)


@pytest.mark.parametrize(
    "guard",
    [
        "{any: [{leg: B/one}, {blocker: B, is: partial}]}",
        "{any: [{grant: X}, {not: {honoured: X}}]}",
        "{any: [{leg: B/one}, {not: {blocker: B, is: closed}}, {grant: X}]}",
        "{any: [{all: [{grant: X}, {leg: B/one}]}, {all: [{not: {honoured: X}}, {leg: B/one}]}]}",
    ],
)
def test_what_the_loss_of_a_record_opens_is_closed_too_or_nothing_is_claimed(guard: str) -> None:
    world = _world(guard)

    found = _closing(world)

    assert (_sets(found), found.exact) == (_minimal_cuts(world), False)


def _withdraw(world: World, command: str) -> None:
    """Do what a printed command does."""
    match shlex.split(command)[1:]:
        case ["grant", "revoke", instance, "--reason", why, "--as", actor]:
            world.record("revoke", actor, record=int(instance.partition("#")[2]), reason=why)
        case ["blocker", "reopen", path, "--reason", why, "--as", actor]:
            world.record("reopen", actor, leg=path, reason=why)
        case ["lane", "close", name, "--as", actor]:
            world.record("close", actor, lane=name)
        case ["finding", name, result, "--why", why, "--as", actor]:
            world.record("finding", actor, finding=name, result=result, why=why)
        case ["decide", address, "--as", actor]:
            packet, _, option = address.partition("/")
            world.record("decide", actor, packet=packet, option=option, supersedes=world.view().packet(packet).decision)
        case _:
            raise AssertionError(command)


ALTERNATIVES = "{all: [{any: [{grant: X}, {leg: B/one}]}, {at_least: 2, of: [{grant: X1}, {lane: side}, {finding: quiet, is: pass}]}]}"


@pytest.mark.parametrize("guard", [ALTERNATIVES, "{all: [{grant: X}, {honoured: X}, {leg: B/three}]}", "{blocker: B, is: closed}"])
@pytest.mark.parametrize("twice", [False, True])
def test_withdrawing_what_is_told_closes_it_and_withdrawing_less_does_not(guard: str, *, twice: bool) -> None:
    if "honoured" in guard and not twice:
        assert not _world(guard).allowed("GO")
        return
    for each in _closing(_world(guard, twice=twice)).sets:
        world = _world(guard, twice=twice)
        for support in each:
            assert world.allowed("GO")
            _withdraw(world, support.command)
        assert not world.allowed("GO")


def test_a_requirement_with_several_records_needs_all_of_them_gone() -> None:
    found = _closing(_world("{grant: X}", twice=True))

    assert [[support.command for support in each] for each in found.sets] == [
        ['govern grant revoke X#2 --reason "…" --as owner', 'govern grant revoke X#6 --reason "…" --as owner']
    ]


def test_where_two_requirements_need_a_record_each_the_loss_of_either_closes() -> None:
    assert _sets(_closing(_world("{all: [{grant: X}, {honoured: X}]}", twice=True))) == {frozenset({2}), frozenset({6})}


@pytest.mark.parametrize(
    "guard", ["{lane: main}", "{not: {lane: gate}}", "{any: [{grant: X}, {lane: main}]}", "{finding: loud, is: fail}", "{blocker: C, is: open}"]
)
def test_what_no_record_holds_up_is_not_taken_away(guard: str) -> None:
    findings = FINDINGS.replace("}}", "}, loud: {result: fail, by: eve, why: It is.}}")
    blockers = f"{BLOCKERS}\n  C: {{legs: {{late: {{by: agent, evidence: {{rehearsal: late}}}}}}}}"
    world = World(one_option(guard, grants=GRANTS, blockers=blockers, lanes=LANES, findings=findings))
    world.record("issue", "robot", packet="ask")
    world.record("grant", "owner", grant="X", scope="work")

    assert world.allowed("GO")
    assert _closing(world) == Closing((), 0, exact=True)


def test_a_decision_is_taken_away_by_hold_and_who_can_take_something_away_is_told() -> None:
    packets = '\n  next:\n    lane: main\n    decided_by: {all: [{of: ann}, {of: bob}]}\n    lineage_gap: Another.\n    options:\n      - {number: "1", id: REST, hold: true, says: No.}\n      - {number: "2", id: TAKE, scope: work, says: Yes.}\n'
    world = World(one_option("{all: [{selected: next/TAKE}, {leg: B/one}]}", grants=GRANTS, blockers=BLOCKERS, lanes=LANES) + packets)
    world.record("issue", "robot", packet="ask")
    world.record("issue", "robot", packet="next")
    world.record("decide", "ann", packet="next", option="TAKE")
    seq = world.record("decide", "bob", packet="next", option="TAKE")
    proof = world.record("discharge", "agent", leg="B/one", evidence=evidence("rehearsal", "one"))

    found = _closing(world)

    assert [[(support.record, support.by) for support in each] for each in found.sets] == [
        [(seq, ("ann", "bob"))],
        [(proof, ("agent", "owner", "ann", "bob", "cyn", "eve", "robot"))],
    ]
    for [support] in found.sets:
        again = World(one_option("{all: [{selected: next/TAKE}, {leg: B/one}]}", grants=GRANTS, blockers=BLOCKERS, lanes=LANES) + packets)
        again.record("issue", "robot", packet="ask")
        again.record("issue", "robot", packet="next")
        again.record("decide", "ann", packet="next", option="TAKE")
        again.record("decide", "bob", packet="next", option="TAKE")
        again.record("discharge", "agent", leg="B/one", evidence=evidence("rehearsal", "one"))
        _withdraw(again, support.command)
        assert not again.allowed("GO")


def test_a_lifecycle_without_a_way_back_leaves_nothing_to_take_away() -> None:
    lane = "{use: standard-1, lane: {initial: closed, states: {closed: {}, open: {counts: true}}, transitions: [{trigger: open, from: closed, to: open, by: authority}]}}"
    world = World(one_option("{lane: side}", lanes=LANES, lifecycles=lane))
    world.record("issue", "robot", packet="ask")
    world.record("open", "owner", lane="side")

    assert world.allowed("GO")
    assert _closing(world).sets == ()


def test_where_records_are_shared_and_the_work_is_used_up_what_was_found_is_said_not_to_be_all() -> None:
    world = _world("{all: [{grant: X}, {honoured: X}, {leg: B/one}]}", twice=True)
    verdict = world.verdict("GO")

    assert closing(verdict, world.view(), work=10) == Closing((), 0, exact=False)
    assert closing(verdict, world.view()).exact
