"""Whether the people who exist can unlock an option, against trying every assignment of deciders and makers of evidence."""

from collections.abc import Iterator, Mapping
from itertools import chain, combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.engine import crews
from govern.engine.roster import Roster, roster, unlocks
from govern.policy import find
from govern.policy.guards import All, AnyOf, AtLeast, GrantFact, Guard, LaneFact, LegFact
from govern.policy.load import load_policy
from govern.policy.model import Policy
from govern.policy.who import Who
from support.policies import one_option, programme
from support.world import FIX7, World, evidence

PERSONS = ("owner", "ann", "bob", "cyn", "eve")
WHO = [
    "owner",
    "ann",
    "{all: [{of: ann}, {of: bob}]}",
    "{all: [{of: board, at_least: 2}]}",
    "{all: [{of: board}, {of: ward}]}",
    "{all: [{of: owner}, {of: ann}]}",
]
MAKERS = ["owner", "ann", "bob", "board", "ward", "agent"]
FACTS = ["{grant: X}", "{grant: X1}", "{leg: B/one}", "{leg: B/two}", "{leg: B/said}", "{leg: B/either}", "{lane: side}"]


def _policy(text: str) -> Policy:
    return load_policy(text.encode())


def _roster(text: str, address: str = "ask/GO") -> Roster:
    policy = _policy(text)
    return roster(policy, *find.option(policy, address))


def _subsets(names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(names, size) for size in range(len(names) + 1))


def _fill(policy: Policy, who: Who, there: frozenset[str]) -> set[frozenset[str]]:
    """Return every group of persons that fills an authority, by trying every one."""
    places = find.places(policy, who)
    return {frozenset(team) for team in product(*places) if len(set(team)) == len(team) and set(team) <= there}


def _holds(guard: Guard, policy: Policy, there: frozenset[str], makers: Mapping[str, frozenset[str]]) -> bool:
    match guard:
        case All(all=parts):
            return all(_holds(part, policy, there, makers) for part in parts)
        case AnyOf(any=parts):
            return any(_holds(part, policy, there, makers) for part in parts)
        case AtLeast(at_least=wanted, of=parts):
            return sum(_holds(part, policy, there, makers) for part in parts) >= wanted
        case GrantFact(grant=name):
            return bool(_fill(policy, policy.grants[name].issuer, there))
        case LegFact(leg=path):
            requires = find.leg(policy, path).requires
            return _holds(requires, policy, there, makers) if requires else bool(makers[path])
        case LaneFact(lane=name):
            return _open(name, policy, there, makers)
        case _:
            raise AssertionError(guard)


def _open(name: str, policy: Policy, there: frozenset[str], makers: Mapping[str, frozenset[str]]) -> bool:
    lane = policy.lanes[name]
    guarded = lane.opens_when is not None and _holds(lane.opens_when, policy, there, makers)
    return lane.standing or guarded or (lane.opened_by is not None and bool(_fill(policy, lane.opened_by, there)))


def _can(policy: Policy, there: frozenset[str]) -> bool:
    """Return whether some team decides while others make the evidence, each group tried."""
    packet, option = find.option(policy, "ask/GO")
    assert option.requires is not None
    for team in _fill(policy, policy.packets[packet].decided_by, there):
        makers = {}
        for path, leg in find.leg_paths(policy):
            kept_out = team if leg.evidence and leg.evidence.kind != "attest" and not policy.packets[packet].separation_waiver else frozenset[str]()
            makers[path] = frozenset(find.members(policy, leg.by)) & there - kept_out
        if _open("main", policy, there, makers) and _holds(option.requires, policy, there, makers):
            return True
    return False


@st.composite
def _texts(draw: st.DrawFn) -> str:
    who, by = st.sampled_from(WHO), st.sampled_from(MAKERS)
    blockers = f"""
  B:
    legs:
      one: {{by: {draw(by)}, evidence: {{rehearsal: one}}}}
      two: {{by: {draw(by)}, evidence: {{rehearsal: two}}}}
      said: {{by: {draw(st.sampled_from(MAKERS[:-1]))}, evidence: {{attest: word}}}}
      either: {{by: owner, requires: {{any: [{{grant: X}}, {{leg: B/two}}]}}}}"""
    parts = [draw(st.lists(st.sampled_from(FACTS), min_size=1, max_size=3, unique=True)) for _ in range(draw(st.integers(1, 3)))]
    inner = [f"{{at_least: {draw(st.integers(1, len(part)))}, of: [{', '.join(part)}]}}" for part in parts]
    guard = f"{{at_least: {draw(st.integers(1, len(inner)))}, of: [{', '.join(inner)}]}}"
    waiver = draw(st.sampled_from(["", "", "\n    separation_waiver: There is nobody else."]))
    ways = ["standing: true", "opens_when: {leg: B/one}", "opens_when: {any: [{leg: B/two}, {lane: side}]}"]
    side = draw(st.sampled_from([f"opened_by: {draw(who)}", "opens_when: {leg: B/one}", f"opened_by: {draw(who)}, opens_when: {{leg: B/either}}"]))
    text = one_option(
        guard,
        packet=waiver,
        grants=f"{{X: {{scope: work, issuer: {draw(who)}}}, X1: {{scope: work, issuer: {draw(who)}}}}}",
        blockers=blockers,
        lanes=f"{{main: {{scope: work, {draw(st.sampled_from(ways))}}}, side: {{scope: work, {side}}}, gate: {{scope: live, opened_by: owner}}}}",
    )
    return text.replace("decided_by: owner", f"decided_by: {draw(who)}")


def _declared(text: str) -> Policy | None:
    """Return the policy of a text; none where the check finds that nobody could ever decide it."""
    from govern.policy.load import examine_policy

    return examine_policy(text.encode()).policy


@settings(max_examples=120, deadline=None, derandomize=True)
@given(text=_texts())
def test_the_roster_is_what_trying_every_assignment_says(text: str) -> None:
    policy = _declared(text)
    assert policy is not None, "no random policy is malformed"
    everybody = frozenset(policy.actors)

    found = roster(policy, *find.option(policy, "ask/GO"))

    assert found.possible is _can(policy, everybody)
    if found.possible:
        assert found.single_points == tuple(actor for actor in policy.actors if not _can(policy, everybody - {actor}))
        groups = [frozenset(group) for group in _subsets(PERSONS) if _can(policy, frozenset(group) | {"agent", "robot"})]
        assert (found.least, found.least_exact) == (min(map(len, groups)), True)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(text=_texts())
def test_an_assignment_is_one_that_the_evaluator_takes(text: str) -> None:
    policy = _declared(text)
    assert policy is not None
    found = roster(policy, *find.option(policy, "ask/GO"))
    if not found.possible:
        assert found.lacks
        return
    world = World(text)
    world.record("issue", "robot", packet="ask")
    for duty in found.duties:
        _do(world, duty.what, duty.actors)

    assert world.view().packet("ask").selected == "GO"
    persons = {actor for duty in found.duties for actor in duty.actors if actor in PERSONS}
    assert len(persons) <= found.least


def _do(world: World, what: str, actors: tuple[str, ...]) -> None:
    """Do a duty, each word after the one before."""
    match what.split(" "):
        case ["grant", name]:
            # As often as guards here ask for it, for no record fills two places.
            for _ in range(4):
                instance: dict[str, int] = {}
                for actor in actors:
                    seq = world.record("grant", actor, grant=name, scope="work", **instance)
                    instance = instance or {"instance": seq}
        case ["prove", path]:
            wanted = find.leg(world.view().policy, path).evidence
            assert wanted is not None
            says = {"says": "So it is."} if wanted.kind == "attest" else {}
            world.record("discharge", actors[0], leg=path, evidence=evidence(wanted.kind, wanted.of, **says))
        case ["open", "lane", name]:
            for actor in actors:
                world.record("open", actor, lane=name)
        case ["finding", name, result]:
            world.record("finding", actors[0], finding=name, result=result, why="It was looked at.")
        case ["decide", address]:
            packet, _, option = address.partition("/")
            for actor in actors:
                world.record("decide", actor, packet=packet, option=option)
        case _:
            raise AssertionError(what)


def test_option_five_takes_owner_and_operator_and_never_goes_without_either() -> None:
    found = _roster(FIX7, "final-real-data/AUTHORIZE_PRODUCTION_EXECUTION")

    assert (found.possible, found.single_points, found.least, found.least_exact) == (True, ("owner", "operator"), 2, True)
    assert [duty.what.split(" ")[0] for duty in found.duties] == ["open", *["prove"] * 2, *["grant"] * 8, "decide"]
    assert [duty.actors for duty in found.duties] == [("owner",), ("operator",), ("operator",), *[("owner",)] * 9]


LEGS = "\n  B: {legs: {one: {by: owner, evidence: {rehearsal: one}}, two: {by: board, evidence: {rehearsal: two}}}}"
NESTED = """
  first:
    lane: main
    decided_by: {all: [{of: ann}, {of: bob}]}
    lineage_gap: It starts the story.
    options:
      - {number: "1", id: STOP, hold: true, says: Nothing is done.}
      - {number: "2", id: GO, scope: work, says: It is done., requires: {all: [{leg: B/two}, {blocker: C, is: partial}, {finding: quiet, is: pass}, {finding: calm, is: fail}]}}
  ask:
    lane: main
    decided_by: owner
    consumes: first/GO
    options:
      - {number: "1", id: REST, hold: true, says: Nothing is done.}
      - {number: "2", id: ON-IT, scope: work, lane: round, says: It is done., requires: {all: [{selected: first/GO}, {done: act}, {any: [{done: act}]}, {any: [{all: [{leg: B/one}, {lane: gate}]}, {not: {lane: gate}}]}, {blocker: C, is: open}]}}"""
ROUND = "{main: {scope: work, standing: true}, round: {scope: work, opens_when: {any: [{lane: round}, {selected: first/GO}]}}, gate: {scope: live, opened_by: owner}}"
QUIET = "{quiet: {result: unknown, by: eve, why: Nobody has looked.}, calm: {result: fail, by: eve, why: It is not.}}"


def test_what_an_option_rests_on_is_assigned_too_each_decision_with_evidence_of_its_own() -> None:
    blockers = LEGS + "\n  C: {legs: {early: {by: agent, evidence: {rehearsal: early}}, late: {by: agent, evidence: {rehearsal: late}}}}"
    text = programme(packets=NESTED, blockers=blockers, lanes=ROUND, findings=QUIET, actions="{act: {needs: {selected: first/GO}}}")

    found = _roster(text, "ask/ON-IT")

    assert [(duty.what, duty.actors) for duty in found.duties] == [
        ("prove B/two", ("cyn",)),
        ("prove C/early", ("agent",)),
        ("finding quiet pass", ("eve",)),
        ("decide first/GO", ("ann", "bob")),
        ("carry out act", ()),
        ("decide ask/ON-IT", ("owner",)),
    ]
    assert found.single_points == ("owner", "ann", "bob", "cyn", "eve", "agent")
    assert found.least == 5


@pytest.mark.parametrize(
    ("there", "lacks"),
    [
        ("{all: [{of: owner}, {of: owner}]}", "owner and owner decides it, and there are not so many distinct persons"),
        ("owner", "whoever decides it must have made evidence that it rests on"),
    ],
)
def test_what_keeps_an_option_from_ever_being_decided_is_named(there: str, lacks: str) -> None:
    policy = _declared(one_option("{leg: B/one}", blockers=LEGS).replace("decided_by: owner", f"decided_by: {there}"))
    assert policy is not None

    found = roster(policy, *find.option(policy, "ask/GO"))

    assert (found.possible, found.lacks, found.duties) == (False, (lacks,), ())


def test_a_lane_that_cannot_open_a_parent_that_cannot_be_decided_and_facts_that_cannot_hold_are_named() -> None:
    nobody = "{all: [{of: owner}, {of: owner}]}"
    packets = NESTED.replace("decided_by: {all: [{of: ann}, {of: bob}]}", f"decided_by: {nobody}")
    blockers = LEGS + "\n  C: {legs: {early: {by: agent, evidence: {rehearsal: early}}, late: {by: agent, evidence: {rehearsal: late}}}}"
    policy = _declared(programme(packets=packets, blockers=blockers, lanes=ROUND, findings=QUIET, actions="{act: {needs: {selected: first/GO}}}"))
    assert policy is not None

    found = roster(policy, *find.option(policy, "ask/ON-IT"))

    assert found.lacks == (
        "lane:round can never be open",
        "ask consumes first/GO, which can never be decided",
        "selected:first/GO can never hold",
        "done:act can never hold",
    )


def test_where_there_are_too_many_groups_to_try_the_least_is_said_to_be_at_most_that() -> None:
    many = [f"p{number}" for number in range(14)]
    actors = "\n" + "\n".join(f"  {name}: {{kind: person}}" for name in ["owner", *many])
    pairs = ", ".join(f"{{of: r{number}}}" for number in range(7))
    roles = "{" + ", ".join(f"r{number}: {{members: [p{number}, p{number + 7}]}}" for number in range(7)) + "}"
    text = one_option("{grant: X}", actors=actors, roles=roles, grants=f"{{X: {{scope: work, issuer: {{all: [{pairs}]}}}}}}")

    found = _roster(text)

    assert (found.single_points, found.least, found.least_exact) == (("owner",), 8, False)


def test_without_those_that_it_hangs_on_it_cannot_be_unlocked_and_with_them_it_can() -> None:
    policy = _policy(FIX7)
    packet, option = find.option(policy, "final-real-data/AUTHORIZE_PRODUCTION_EXECUTION")

    assert unlocks(policy, packet, option, {"owner", "operator"})
    assert not unlocks(policy, packet, option, set(policy.actors) - {"operator"})
    assert unlocks(policy, packet, find.hold_of(policy.packets[packet]), {"owner"})


def test_of_alternatives_the_one_that_rests_on_least_is_assigned_and_nothing_twice() -> None:
    first = '\n  first:\n    lane: main\n    decided_by: owner\n    lineage_gap: It starts the story.\n    options:\n      - {number: "1", id: STOP, hold: true, says: No.}\n      - {number: "2", id: GO, scope: work, says: Yes.}'
    other = '{number: "2", id: REST, scope: work, says: Yes., requires: {at_least: 2, of: [{any: [{lane: round}, {selected: first/GO}]}, {at_least: 2, of: [{done: act}, {done: act}, {grant: X}]}, {not: {lane: gate}}, {selected: first/STOP}]}}'
    ask = f'\n  ask:\n    lane: main\n    decided_by: ann\n    lineage_gap: Another.\n    options:\n      - {{number: "1", id: STOP, hold: true, says: No.}}\n      - {other}'
    lanes = "{main: {scope: work, standing: true}, round: {scope: work, opens_when: {all: [{done: act}, {done: act}, {lane: main}]}}, gate: {scope: live, opened_by: owner}}"
    grants = "{X: {scope: work, issuer: {all: [{of: ann}, {of: board, at_least: 2}]}}}"

    found = _roster(programme(packets=first + ask, lanes=lanes, grants=grants, actions="{act: {needs: {selected: first/GO}}}"), "ask/REST")

    assert [(duty.what, duty.actors) for duty in found.duties] == [("decide first/STOP", ("owner",)), ("decide ask/REST", ("ann",))]


BIG = 15
CROWD = "\n" + "\n".join(f"  {name}: {{kind: person}}" for name in ["owner", *(f"p{number}" for number in range(BIG))])
CROWD_ROLES = "{big: {members: [" + ", ".join(f"p{number}" for number in range(BIG)) + "]}}"


def _crowd(legs: int, guard: str = "{blocker: B, is: closed}", wanted: int = 3) -> str:
    blockers = "{B: {legs: {" + ", ".join(f"l{number}: {{by: p{number}, evidence: {{packet: t{number}}}}}" for number in range(legs)) + "}}}"
    text = one_option(guard, actors=CROWD, roles=CROWD_ROLES, blockers=blockers)
    return text.replace("decided_by: owner", f"decided_by: {{all: [{{of: big, at_least: {wanted}}}]}}")


def test_of_a_large_board_those_who_made_no_evidence_are_found_and_the_evaluator_takes_their_words() -> None:
    text = _crowd(10)
    found = _roster(text)
    world = World(text)
    world.record("issue", "p0", packet="ask")
    for duty in found.duties:
        _do(world, duty.what, duty.actors)

    assert (found.possible, found.least, found.gone_through) == (True, 13, True)
    assert set(found.duties[-1].actors) <= {"p10", "p11", "p12", "p13", "p14"}
    assert world.view().packet("ask").selected == "GO"


def test_of_a_large_board_all_of_whom_but_two_must_make_evidence_no_three_decide() -> None:
    policy = _declared(_crowd(13))
    assert policy is not None

    found = roster(policy, *find.option(policy, "ask/GO"))

    assert (found.possible, found.gone_through, found.lacks) == (False, True, ("whoever decides it must have made evidence that it rests on",))


def test_where_more_groups_could_decide_than_are_tried_it_is_not_called_never(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "MAX_DECIDERS", 5)
    policy = _declared(_crowd(13))
    assert policy is not None

    found = roster(policy, *find.option(policy, "ask/GO"))

    assert (found.possible, found.gone_through) == (False, False)
    assert found.lacks == ("more groups of persons could decide than were tried; of those, none can",)


def test_the_least_is_not_shown_to_be_that_where_some_groups_were_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    legs = "l: {by: ann, evidence: {packet: l}}, c: {by: cyn, evidence: {packet: c}}, e: {by: eve, evidence: {packet: e}}"
    blockers = f"{{B: {{legs: {{{legs}}}}}, C: {{legs: {{m: {{by: bob, evidence: {{packet: m}}}}, o: {{by: bob, evidence: {{packet: o}}}}}}}}}}"
    text = one_option("{any: [{leg: B/l}, {all: [{leg: B/c}, {leg: B/e}]}]}", roles="{pair: {members: [ann, bob]}}", blockers=blockers)
    text = text.replace("decided_by: owner", "decided_by: pair")
    found = _roster(text)
    assert (found.least, found.least_exact, found.duties[-1].actors) == (2, True, ("bob",))
    monkeypatch.setattr(crews, "MAX_DECIDERS", 1)

    found = _roster(text)

    assert (found.possible, found.least, found.least_exact) == (True, 3, False)


REQUESTED = """
  use: standard-1
  grant:
    initial: absent
    states: {absent: {}, requested: {}, given: {counts: true, honoured: true}, used: {honoured: true}, withdrawn: {}}
    transitions:
      - {trigger: request, from: absent, to: requested, by: %s}
      - {trigger: approve, from: requested, to: requested, by: member}
      - {trigger: record, from: requested, to: given, by: authority}
      - {trigger: consume, from: given, to: used, by: anyone}
      - {trigger: complete, from: used, to: used, by: anyone}
      - {trigger: lose, from: used, to: used, by: anyone}
      - {trigger: resolve, from: used, to: used, by: member}
      - {trigger: revoke, from: [requested, given, used], to: withdrawn, by: member}
"""
ALONE = "\n  owner: {kind: person}"


@pytest.mark.parametrize(
    ("actors", "by", "issuer", "asker"),
    [
        (ALONE, "anyone", "owner", None),
        (f"{ALONE}\n  ann: {{kind: person}}", "member", "owner", None),
        (f"{ALONE}\n  robot: {{kind: service}}", "anyone", "owner", "robot"),
        (f"{ALONE}\n  ann: {{kind: person}}", "anyone", "owner", "ann"),
        (f"{ALONE}\n  ann: {{kind: person}}", "anyone", "{all: [{of: owner}, {of: ann}]}", None),
        (f"{ALONE}\n  ann: {{kind: person}}\n  bob: {{kind: person}}", "anyone", "{all: [{of: owner}, {of: ann}]}", "bob"),
    ],
)
def test_a_grant_that_must_be_asked_for_takes_another_who_asks(actors: str, by: str, issuer: str, asker: str | None) -> None:
    grants = f"{{X: {{scope: work, issuer: {issuer}}}}}"
    text = one_option("{grant: X}", actors=actors, roles="{}", grants=grants, lifecycles=REQUESTED % by)

    found = _roster(text)

    assert found.possible is (asker is not None)
    if asker is None:
        assert found.lacks == ("grant:X can never hold",)
        return
    world = World(text)
    request = world.record("request", asker, grant="X", reason="It is wanted.")
    assert (found.duties[0].what, found.duties[0].actors) == ("request X", (asker,))
    for actor in found.duties[1].actors:
        world.record("grant", actor, grant="X", scope="work", instance=request)
    world.record("issue", "owner", packet="ask")
    world.record("decide", "owner", packet="ask", option="GO")
    assert world.view().packet("ask").selected == "GO"


def test_a_grant_that_no_way_leads_to_is_never_had() -> None:
    lifecycles = REQUESTED.replace("trigger: request, from", "trigger: revoke, from") % "anyone"

    assert _roster(one_option("{grant: X}", grants="{X: {scope: work, issuer: owner}}", lifecycles=lifecycles)).lacks == ("grant:X can never hold",)


PERMITS = """
  first:
    lane: main
    decided_by: %s
    lineage_gap: It starts the story.
    options:
      - {number: "1", id: NAY, hold: true, says: Nothing is done.}
      - {number: "2", id: YEA, scope: work, says: It may be done.}
      - {number: "3", id: OTHER, scope: work, says: It may be done otherwise.}
  ask:
    lane: main
    decided_by: owner
    lineage_gap: It starts another.
    options:
      - {number: "1", id: STOP, hold: true, says: Nothing is done.}
      - {number: "2", id: GO, scope: work, says: It is done., requires: {done: use}}"""


@pytest.mark.parametrize(
    ("actors", "deciders", "issuer", "executor"),
    [
        (ALONE, "owner", "owner", None),
        (f"{ALONE}\n  robot: {{kind: service}}", "owner", "owner", "robot"),
        (f"{ALONE}\n  ann: {{kind: person}}", "board", "ann", None),
        (f"{ALONE}\n  ann: {{kind: person}}", "board", "board", "ann"),
        (f"{ALONE}\n  ann: {{kind: person}}", "{all: [{of: board, at_least: 2}]}", "owner", None),
    ],
)
def test_who_gives_no_word_for_an_action_is_left_to_carry_it_out_or_nobody(actors: str, deciders: str, issuer: str, executor: str | None) -> None:
    members = "owner, ann" if "ann" in actors else "owner"
    issuer = issuer if issuer != "ann" else "{all: [{of: owner}, {of: ann}]}"
    text = programme(
        actors=actors,
        roles=f"{{board: {{members: [{members}]}}}}",
        grants=f"{{X: {{scope: work, issuer: {issuer}}}}}",
        packets=PERMITS % deciders,
        actions="{use: {needs: {any: [{all: [{selected: YEA}, {grant: X}]}, {selected: OTHER}]}, consumes: X, separate_executor: true}}",
    )

    found = _roster(text)

    assert found.possible is (executor is not None)
    told = {duty.what: duty.actors for duty in found.duties}
    assert told.get("carry out use", (None,)) == (executor,)
    assert executor not in told.get("decide first/OTHER", ())
