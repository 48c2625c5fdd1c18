"""Evidence is bound to the change, the source, the validator and the policy that it was made with; what moved is named."""

from typing import Any

import pytest

from govern.engine.bindings import bindings_of, change_digest, change_sha256
from govern.engine.causes import Cause
from support.policies import one_option
from support.world import World, evidence

APPLY, OTHER, TOY, REAL, VALIDATOR = ("a" * 64, "b" * 64, "c" * 64, "d" * 64, "e" * 64)
BLOCKERS = """
  B:
    legs:
      toy: {by: agent, evidence: {rehearsal: toy}, change: it}
      real: {by: agent, evidence: {rehearsal: real}, change: it}
      free: {by: agent, evidence: {rehearsal: free}}
      taken: {by: agent, evidence: {intake: real}}"""
RESTS_ON = f"""
  validator: {VALIDATOR}
  changes: {{it: {{apply: {{file: a.sql, sha256: {APPLY}}}}}}}
  sources: {{toy: {{file: toy.sql, sha256: {TOY}}}}}"""
CHANGE = change_sha256(APPLY, None)


def _world(rehearsal: str = RESTS_ON) -> World:
    world = World(one_option("{leg: B/toy}", blockers=BLOCKERS, rehearsal=rehearsal), now=100)
    world.record("issue", "robot", packet="ask")
    return world


def _made(of: str, **binds: str) -> dict[str, Any]:
    return evidence("rehearsal", of, **{"change": CHANGE, "source": TOY, "validator": VALIDATOR, **binds})


def test_evidence_made_with_what_is_in_force_proves_its_leg_and_keeps_what_it_was_made_with() -> None:
    world = _world()
    seq = world.record("discharge", "agent", leg="B/toy", evidence=_made("toy", policy=world.policy_digest))
    [held] = world.verdict("B/toy").requirements
    assert (held.truth, held.record) == (True, seq)
    assert world.state.proofs["B/toy"][-1].binds == {"change": CHANGE, "source": TOY, "validator": VALIDATOR, "policy": world.policy_digest}


@pytest.mark.parametrize(
    ("name", "moved"),
    [("change", {"change": OTHER}), ("source", {"source": OTHER}), ("validator", {"validator": OTHER}), ("policy", {"policy": OTHER})],
)
def test_evidence_made_with_another_thing_is_refused_by_the_name_of_what_moved(name: str, moved: dict[str, str]) -> None:
    refusals = _world().refusals("discharge", "agent", leg="B/toy", evidence=_made("toy", **moved))
    assert [*refusals] == [f"{name}:B/toy"]
    refusal = refusals[f"{name}:B/toy"]
    assert refusal.cause is Cause.STALE
    assert refusal.why.startswith(f"the evidence was made with another {name} ({OTHER[:12]}, now ")


def test_evidence_that_names_nothing_is_refused_for_each_thing_that_it_has_to_name() -> None:
    refusals = _world().refusals("discharge", "agent", leg="B/toy", evidence=evidence("rehearsal", "toy"))
    assert {each.why for each in refusals.values()} == {
        f"the evidence names no change; {CHANGE[:12]} is wanted",
        f"the evidence names no source; {TOY[:12]} is wanted",
        f"the evidence names no validator; {VALIDATOR[:12]} is wanted",
    }


def test_a_leg_that_names_no_change_is_bound_to_the_validator_alone() -> None:
    world = _world()
    assert world.record("discharge", "agent", leg="B/free", evidence=evidence("rehearsal", "free", validator=VALIDATOR, change=OTHER, source=OTHER))
    assert [*world.refusals("discharge", "agent", leg="B/free", evidence=evidence("rehearsal", "free"))] == ["validator:B/free"]


def test_a_programme_that_declares_nothing_about_rehearsals_binds_nothing() -> None:
    world = World(one_option("{leg: B/free}", blockers="\n  B: {legs: {free: {by: agent, evidence: {rehearsal: free}}}}"), now=100)
    assert world.record("discharge", "agent", leg="B/free", evidence=evidence("rehearsal", "free"))


@pytest.mark.parametrize(
    ("name", "successor"),
    [("change", RESTS_ON.replace(APPLY, OTHER)), ("source", RESTS_ON.replace(TOY, OTHER)), ("validator", RESTS_ON.replace(VALIDATOR, OTHER))],
)
def test_a_proof_is_stale_once_what_it_was_made_with_has_moved(name: str, successor: str) -> None:
    world = _world()
    seq = world.record("discharge", "agent", leg="B/toy", evidence=_made("toy"))
    text = one_option("{leg: B/toy}", blockers=BLOCKERS, rehearsal=successor).replace("version: 1", "version: 2")
    world.record("adopt", "owner", version=2, policy=world.keep(text), previous=world.policy_digest, templates={}, reason="It moved.")
    told = world.blocking("B/toy")["leg:B/toy"]
    assert told.cause is Cause.STALE
    assert told.why.startswith(f"the evidence of record #{seq} was made with another {name} (")


def test_a_rehearsal_is_of_the_source_that_was_taken_in_last() -> None:
    world = _world()
    made = _made("real", source=REAL)
    _take_in(world, REAL)
    assert world.record("discharge", "agent", leg="B/real", evidence=made)
    _take_in(world, OTHER)
    assert world.blocking("B/real")["leg:B/real"].why.endswith(f"was made with another source ({REAL[:12]}, now {OTHER[:12]})")
    assert [*world.refusals("discharge", "agent", leg="B/real", evidence=made)] == ["source:B/real"]
    _take_in(world, REAL)
    assert world.verdict("B/real").allowed


def _take_in(world: World, source: str) -> None:
    world.record("discharge", "agent", leg="B/taken", evidence=evidence("intake", "real", source=source))


def test_a_rehearsal_waits_for_an_intake_where_the_programme_declares_one_and_says_which_and_how() -> None:
    world = _world()
    told = world.refusals("discharge", "agent", leg="B/real", evidence=_made("real", source=REAL, validator=OTHER))
    assert [*told] == ["source:B/real", "validator:B/real"], "every cause at once"
    missing = told["source:B/real"]
    assert (missing.cause, missing.by) == (Cause.MISSING, ("agent",))
    assert missing.why == "no intake of real is on record (B/taken), so nothing says that the rehearsal was on what was taken in"
    assert missing.how == "govern blocker discharge B/taken --evidence FILE --as agent"
    _take_in(world, REAL)
    assert world.record("discharge", "agent", leg="B/real", evidence=_made("real", source=REAL))


def test_a_rehearsal_is_stale_once_its_intake_is_taken_back() -> None:
    world = _world()
    _take_in(world, REAL)
    seq = world.record("discharge", "agent", leg="B/real", evidence=_made("real", source=REAL))
    world.record("reopen", "agent", leg="B/taken", reason="The wrong file was taken in.")
    told = world.blocking("B/real")["leg:B/real"]
    assert told.cause is Cause.STALE
    assert told.why == f"the evidence of record #{seq} was made with a source that no intake of real on record has taken in"


@pytest.mark.parametrize("reported", [True, False])
def test_an_intake_that_a_document_reports_or_that_names_no_source_takes_nothing_in(*, reported: bool) -> None:
    world = World(one_option("{leg: B/toy}", blockers=BLOCKERS, rehearsal=RESTS_ON), now=100)
    put, binds = (world.report, {"source": REAL}) if reported else (world.record, {})
    put("discharge", "agent", leg="B/taken", evidence=evidence("intake", "real", **binds))
    assert world.verdict("B/taken").allowed
    assert [*world.refusals("discharge", "agent", leg="B/real", evidence=_made("real", source=REAL))] == ["source:B/real"]


def test_an_intake_is_waited_for_also_where_a_programme_declares_nothing_else_about_rehearsals() -> None:
    blockers = "\n  B: {legs: {real: {by: agent, evidence: {rehearsal: real}}, taken: {by: agent, evidence: {intake: real}}}}"
    world = World(one_option("{leg: B/real}", blockers=blockers), now=100)
    assert [*world.refusals("discharge", "agent", leg="B/real", evidence=evidence("rehearsal", "real", source=REAL))] == ["source:B/real"]
    _take_in(world, REAL)
    assert world.record("discharge", "agent", leg="B/real", evidence=evidence("rehearsal", "real", source=REAL))


def test_imported_evidence_is_asked_for_nothing_that_it_cannot_name() -> None:
    world = World(one_option("{leg: B/toy}", blockers=BLOCKERS, rehearsal=RESTS_ON), now=100)
    world.report("discharge", "agent", leg="B/toy", evidence=evidence("rehearsal", "toy"))
    assert world.verdict("B/toy").allowed


def test_the_digest_of_a_change_is_of_both_its_scripts() -> None:
    text = f"{{changes: {{it: {{apply: {{file: a, sha256: {APPLY}}}, revert: {{file: b, sha256: {OTHER}}}}}}}}}"
    rests_on = _world(text).view().policy.rehearsal
    assert rests_on is not None
    assert change_digest(rests_on.changes["it"]) == change_sha256(APPLY, OTHER) != CHANGE


def test_a_programme_that_pins_no_validator_asks_for_none() -> None:
    world = _world(f"{{sources: {{toy: {{file: toy.sql, sha256: {TOY}}}}}, changes: {{it: {{apply: {{file: a.sql, sha256: {APPLY}}}}}}}}}")
    assert world.record("discharge", "agent", leg="B/toy", evidence=evidence("rehearsal", "toy", change=CHANGE, source=TOY))


@pytest.mark.parametrize("revert", [None, OTHER])
@pytest.mark.parametrize("policy", [None, "f" * 64])
def test_what_a_rehearsal_was_made_with_is_read_from_its_body(revert: str | None, policy: str | None) -> None:
    body = {
        "change": {"apply": {"sha256": APPLY}, "revert": {"sha256": revert} if revert else None},
        "source": {"sha256": TOY},
        "programme": {"validator": VALIDATOR, "policy": policy},
    }

    assert bindings_of(body) == {"change": change_sha256(APPLY, revert), "source": TOY, "validator": VALIDATOR} | ({"policy": policy} if policy else {})
