"""Legs and blockers: proven by evidence of their kind, by their actor, while it is fresh; a blocker's state is computed afresh."""

from typing import Any

import pytest

from govern.engine.causes import Cause, Requirement
from govern.engine.explain import next_acts
from govern.engine.judge import blocker_state, is_closed, leg_proven
from govern.engine.unlocking import unlock
from govern.engine.view import EvidenceFact
from support.policies import line_of, one_option
from support.world import World, evidence

BLOCKERS = """
  B:
    legs:
      tried: {by: agent, evidence: {rehearsal: real}, fresh_for: 1m}
      toy: {by: agent, evidence: {rehearsal: toy}, stands_in_for: tried}
      said: {by: board, evidence: {attest: reading}, says: reading attested}
      paid: {by: owner, requires: {honoured: X}}
  SURFACE: {legs: {scoped: {by: robot, evidence: {dry-run: surface}}}}"""
GRANTS = "{X: {scope: work, issuer: owner}}"


def _world(guard: str = "{blocker: B, is: closed}", **sections: str) -> World:
    world = World(one_option(guard, **{"blockers": BLOCKERS, "grants": GRANTS, **sections}), now=100)
    world.record("issue", "robot", packet="ask")
    return world


def _prove(world: World, leg: str, actor: str = "agent", **proof: str) -> int:
    return world.record("discharge", actor, leg=leg, evidence=proof)


def _close(world: World) -> None:
    _prove(world, "B/tried", **evidence("rehearsal", "real"))
    _prove(world, "B/said", "ann", **evidence("attest", "reading"))
    world.record("grant", "owner", grant="X", scope="work")


def _told(world: World, leg: str, now: int | None = None, facts: dict[int, EvidenceFact] | None = None) -> Requirement:
    [requirement] = world.blocking(leg, now, facts).values()
    return requirement


def test_a_leg_without_evidence_is_missing_and_names_its_actor_and_the_command() -> None:
    world = _world()

    tried, said = _told(world, "B/tried"), _told(world, "B/said")

    assert (tried.id, tried.kind, tried.truth, tried.cause, tried.record) == ("leg:B/tried", "leg", False, Cause.MISSING, None)
    assert (tried.why, tried.by) == ("not on record: leg B/tried proven", ("agent",))
    assert tried.how == "govern blocker discharge B/tried --evidence FILE --as agent"
    assert tried.at.line == line_of(one_option(blockers=BLOCKERS), "tried: {")
    assert (said.why, said.by) == ("not on record: reading attested", ("ann", "bob", "cyn"))
    assert said.how == 'govern blocker discharge B/said --attest "…" --as ann'


def test_evidence_of_its_kind_by_its_actor_proves_a_leg() -> None:
    world = _world()
    seq = _prove(world, "B/tried", **evidence("rehearsal", "real"))

    [held] = world.verdict("B/tried").requirements

    assert (held.truth, held.why, held.record, held.records) == (True, "proven by agent's rehearsal of real", seq, (seq,))


@pytest.mark.parametrize(
    ("proof", "why"),
    [
        (evidence("rehearsal", "toy"), "the evidence is rehearsal of toy, and B/tried wants rehearsal of real"),
        (evidence("intake", "real"), "the evidence is intake of real, and B/tried wants rehearsal of real"),
    ],
)
def test_evidence_of_another_kind_or_provenance_is_refused(proof: dict[str, str], why: str) -> None:
    refusal = _world().refusals("discharge", "agent", leg="B/tried", evidence=proof)["evidence:B/tried"]

    assert (refusal.cause, refusal.why, refusal.by) == (Cause.SCOPE, why, ("agent",))


def test_evidence_of_another_blocker_is_refused() -> None:
    causes = _world().causes("discharge", "agent", leg="B/tried", evidence=evidence("dry-run", "surface"))

    assert causes == {"evidence:B/tried": Cause.SCOPE}


def test_only_its_actor_proves_a_leg_also_where_that_is_an_agent() -> None:
    refusal = _world().refusals("discharge", "owner", leg="B/tried", evidence=evidence("rehearsal", "real"))["authority:discharge"]

    assert (refusal.cause, refusal.by) == (Cause.UNAUTHORISED, ("agent",))
    assert refusal.why == "owner may not discharge leg B/tried; that is for agent"


def test_all_but_an_attestation_needs_a_file_that_the_record_binds() -> None:
    world = _world()

    refusal = world.refusals("discharge", "agent", leg="B/tried", evidence={"kind": "rehearsal", "of": "real"})["file:B/tried"]

    assert (refusal.cause, refusal.why) == (Cause.MISSING, "a rehearsal needs a file that the record can bind")
    _prove(world, "B/said", "ann", kind="attest", of="reading")


def test_a_leg_that_requires_is_not_proven_by_evidence() -> None:
    refusal = _world().refusals("discharge", "owner", leg="B/paid", evidence=evidence("attest", "paid"))["evidence:B/paid"]

    assert (refusal.cause, refusal.how) == (Cause.REFUSED, "govern why-blocked B/paid")
    assert refusal.why == "B/paid is proven as long as what it requires holds; evidence does not prove it"


def test_a_leg_that_requires_holds_as_long_as_that_does_and_says_through_what_it_was_reached() -> None:
    world = _world("{leg: B/paid}")
    told = _told(world, "GO")
    assert (told.id, told.via, told.cause) == ("honoured:X", "leg:B/paid", Cause.MISSING)
    seq = world.record("grant", "owner", grant="X", scope="work")
    assert world.allowed("GO")

    world.record("revoke", "owner", record=seq, reason="no more")

    assert _told(world, "GO").cause is Cause.REVOKED


def test_fresh_evidence_counts_up_to_its_limit_and_is_stale_at_it() -> None:
    world = _world()
    seq = _prove(world, "B/tried", **evidence("rehearsal", "real"))

    assert world.allowed("B/tried", 159)
    stale = _told(world, "B/tried", 160)
    assert (stale.cause, stale.why, stale.record) == (Cause.STALE, f"the evidence of record #{seq} is older than 1m", seq)
    world.now = 160
    _prove(world, "B/tried", **evidence("rehearsal", "real"))
    assert world.allowed("B/tried", 219)


def test_reopening_revokes_a_discharge_and_new_evidence_proves_again() -> None:
    world = _world()
    assert world.causes("reopen", "bob", leg="B/tried", reason="doubt") == {"leg:B/tried": Cause.REFUSED}
    seq = _prove(world, "B/tried", **evidence("rehearsal", "real"))
    reopened = world.record("reopen", "bob", leg="B/tried", reason="doubt")

    told = _told(world, "B/tried")

    assert (told.cause, told.why, told.record) == (Cause.REVOKED, f"the evidence of record #{seq} was reopened by record #{reopened}", reopened)
    assert world.causes("reopen", "bob", leg="B/tried", reason="doubt") == {"leg:B/tried": Cause.REFUSED}
    _prove(world, "B/tried", **evidence("rehearsal", "real"))
    assert world.allowed("B/tried")


@pytest.mark.parametrize(
    ("fact", "truth", "cause", "why"),
    [
        (EvidenceFact.CHANGED, False, Cause.STALE, "is of other bytes than governance/evidence/real.json has now"),
        (EvidenceFact.MISSING, None, Cause.UNKNOWN, "binds governance/evidence/real.json, which is not there"),
        (None, False, Cause.NOT_EVALUATED, "binds governance/evidence/real.json, which was not read"),
    ],
)
def test_a_file_that_is_not_as_recorded_proves_nothing(fact: EvidenceFact | None, truth: object, cause: Cause, why: str) -> None:
    world = _world()
    seq = _prove(world, "B/tried", **evidence("rehearsal", "real"))
    facts: dict[int, Any] = {} if fact is None else {seq: fact}

    told = _told(world, "B/tried", facts=facts)

    assert (told.truth, told.cause, told.why) == (truth, cause, f"the evidence of record #{seq} {why}")
    assert world.verdict("B/tried", evidence={seq: EvidenceFact.SAME}).allowed
    assert world.verdict("B/tried", evidence=None).allowed


def test_an_attestation_has_no_file_that_could_change() -> None:
    world = _world()
    _prove(world, "B/said", "ann", **evidence("attest", "reading"))

    assert world.verdict("B/said", evidence={}).allowed


def test_a_substitute_can_be_proven_and_never_closes() -> None:
    world = _world()
    _close(world)
    _prove(world, "B/toy", **evidence("rehearsal", "toy"))
    world.record("reopen", "bob", leg="B/tried", reason="doubt")

    told = world.verdict("B/toy")

    assert leg_proven("B/toy", world.view()) is True
    assert not told.allowed
    assert [(each.cause, each.why, each.how) for each in told.requirements] == [(Cause.SCOPE, "B/toy stands in for tried and never closes", "")]
    assert (unlock(told.judged).sets, next_acts(told)) == ((), ())
    assert blocker_state("B", world.view()) == "partial"


def test_a_blocker_is_open_then_partial_then_closed_and_open_again_as_its_legs_are() -> None:
    world = _world()
    seen = [blocker_state("B", world.view())]
    _prove(world, "B/tried", **evidence("rehearsal", "real"))
    seen.append(blocker_state("B", world.view()))
    _prove(world, "B/said", "ann", **evidence("attest", "reading"))
    world.record("grant", "owner", grant="X", scope="work")
    seen.append(blocker_state("B", world.view()))

    assert seen == ["open", "partial", "closed"]
    assert (is_closed("B", world.view()), world.allowed("B")) == (True, True)
    assert (is_closed("B", world.view(160)), blocker_state("B", world.view(160))) == (False, "partial")


def test_a_blocker_that_does_not_close_an_option_names_its_open_legs_and_their_actors() -> None:
    world = _world()
    _prove(world, "B/tried", **evidence("rehearsal", "real"))

    told = _told(world, "GO")

    assert (told.id, told.cause, told.how) == ("blocker:B=closed", Cause.MISSING, "govern why-blocked B")
    assert (told.why, told.by) == ("blocker B is partial, wanted closed; open legs: said, paid", ("ann", "bob", "cyn", "owner"))
    _close(world)
    assert world.verdict("GO").requirements[1].why == "blocker B is closed"
    assert list(_world().blocking("B")) == ["leg:B/tried", "leg:B/said", "honoured:X"]


def test_a_blocker_whose_state_hangs_on_a_file_that_is_gone_is_unknown_and_open() -> None:
    world = _world("{any: [{blocker: B, is: closed}, {not: {blocker: B, is: closed}}]}")
    _close(world)
    facts = dict.fromkeys((proof[0].seq for proof in world.state.proofs.values()), EvidenceFact.MISSING)

    told = world.blocking("GO", evidence=facts)

    assert blocker_state("B", world.view(evidence=facts)) is None
    assert not is_closed("B", world.view(evidence=facts))
    assert [(each.truth, each.cause) for each in told.values()] == [(None, Cause.UNKNOWN), (None, Cause.UNKNOWN)]
    assert told["blocker:B=closed"].why == "blocker B is unknown, wanted closed; open legs: tried"


def test_a_state_that_counts_one_actors_legs_ignores_the_others_and_is_false_over_none() -> None:
    states = "[{state: closed, when: {legs: all}, closes: true}, {state: board-done, when: {legs: all, by: board}}, {state: open}]"
    world = _world(blocker_states=states)
    _prove(world, "SURFACE/scoped", "robot", **evidence("dry-run", "surface"))
    world.record("reopen", "robot", leg="SURFACE/scoped", reason="doubt")

    assert blocker_state("SURFACE", world.view()) == "open"
    _prove(world, "B/said", "ann", **evidence("attest", "reading"))
    assert blocker_state("B", world.view()) == "board-done"


@pytest.mark.parametrize(("data", "cause"), [("toy", Cause.SCOPE), ("surrogate", Cause.SCOPE), (None, Cause.MISSING)])
def test_a_dry_run_on_made_up_data_or_on_data_that_it_does_not_name_proves_nothing(data: str | None, cause: Cause) -> None:
    made = evidence("dry-run", "surface") | {"data": data or ""}
    refusals = _world().refusals("discharge", "robot", leg="SURFACE/scoped", evidence=made if data else {key: made[key] for key in made if key != "data"})
    assert {name: each.cause for name, each in refusals.items()} == {"data:SURFACE/scoped": cause}
    assert refusals["data:SURFACE/scoped"].by == ("robot",)
