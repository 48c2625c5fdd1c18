"""Claims: a record uses none that nothing supports now; a mention is declared, and support that is revoked is support no more."""

from pathlib import Path

import pytest

from govern.engine.causes import Cause
from govern.engine.claims import FREE_FIELDS
from govern.engine.verdicts import Target, find_target, verdict
from govern.ledger.statements import BODIES
from govern.problems import GovernError
from support.policies import one_option, programme
from support.world import World, evidence

CLAIMS = "{TRIED_WELL: {needs: {leg: B/tried}}, SOUND: {needs: {finding: sound, is: pass}}, LIVE_PASS: {needs: {done: go-live}}}"
FINDINGS = "{sound: {result: unknown, by: owner, why: Nobody has looked.}}"
BLOCKERS = "{B: {guards_nothing: It is a sample., legs: {tried: {by: agent, evidence: {attest: trial}}}}}"
ACTIONS = "{go-live: {needs: {selected: GO}}}"
STATUSES = "[{id: ALL_IS_TRIED, when: {leg: B/tried}}, {id: GETTING_READY}]"
POLICY = one_option(scope="live", claims=CLAIMS, findings=FINDINGS, blockers=BLOCKERS, actions=ACTIONS, statuses=STATUSES)
HOSPITAL = (Path(__file__).parents[1] / "programmes" / "hospital.yaml").read_text()
UNKNOWN = "finding sound is unknown, wanted pass: Nobody has looked."


def tried() -> World:
    """Return a programme in which the trial is proven."""
    world = World(POLICY)
    world.record("discharge", "agent", leg="B/tried", evidence=evidence("attest", "trial"))
    return world


def test_a_note_that_uses_an_unsupported_claim_is_refused_with_who_could_support_it() -> None:
    world = World(POLICY)
    refusal = world.refusals("note", "robot", text="It is TRIED_WELL by now.")["claim:TRIED_WELL"]

    assert (refusal.cause, refusal.code, refusal.by) == (Cause.MISSING, "CLAIM_UNSUPPORTED", ("agent",))
    assert refusal.why == "`text` uses TRIED_WELL, and nothing supports it now"
    assert refusal.how == "govern why-blocked TRIED_WELL"
    assert POLICY.splitlines()[refusal.at.line - 1].startswith("claims:")


def test_how_it_is_spelled_is_told_where_that_is_not_as_declared() -> None:
    refusal = World(POLICY).refusals("note", "robot", text="Τried\u200b-well, ѕo they say")["claim:TRIED_WELL"]
    assert refusal.why == "`text` uses TRIED_WELL (`Tried-well`), and nothing supports it now"


def test_what_is_supported_may_be_said_and_what_was_revoked_no_more() -> None:
    world = tried()
    world.record("note", "robot", text="It is TRIED_WELL.")
    world.record("reopen", "agent", leg="B/tried", reason="The log was of another day.")
    assert "claim:TRIED_WELL" in world.refusals("note", "robot", text="It is TRIED_WELL.")
    # What was said in its time stays on record, and the ledger replays.
    world.fresh().take_all(world.lines)


def test_unknown_supports_nothing() -> None:
    world = World(POLICY)
    refusal = world.refusals("note", "robot", text="SOUND")["claim:SOUND"]
    assert (refusal.by, verdict(Target("claim", "SOUND"), world.view()).judged.truth) == (("owner",), None)


def test_the_record_that_supports_a_claim_cannot_use_it_yet() -> None:
    world = World(POLICY)
    assert "claim:SOUND" in world.refusals("finding", "owner", finding="sound", result="pass", why="It is SOUND.")
    world.record("finding", "owner", finding="sound", result="pass", why="Two of us looked.")
    world.record("finding", "owner", finding="sound", result="pass", why="It is SOUND.")


EVERY_FREE_WORD = [
    ("note", "robot", {"text": "SOUND"}),
    ("mark", "robot", {"name": "SOUND"}),
    ("refuse", "owner", {"packet": "ask", "option": "GO", "reason": "not SOUND"}),
    ("decide", "owner", {"packet": "ask", "option": "STOP", "reason": "SOUND"}),
    ("open", "owner", {"lane": "gate", "reason": "SOUND"}),
    ("close", "owner", {"lane": "gate", "reason": "SOUND"}),
    ("finding", "owner", {"finding": "sound", "result": "fail", "why": "SOUND"}),
    ("discharge", "agent", {"leg": "B/tried", "evidence": {**evidence("attest", "trial"), "says": "SOUND"}}),
    ("reopen", "agent", {"leg": "B/tried", "reason": "SOUND"}),
    ("propose", "robot", {"policy": "5" * 64, "version": 2, "reason": "SOUND"}),
]


@pytest.mark.parametrize(("kind", "actor", "body"), EVERY_FREE_WORD, ids=[kind for kind, _actor, _body in EVERY_FREE_WORD])
def test_no_free_word_of_a_record_is_passed_over(kind: str, actor: str, body: dict[str, object]) -> None:
    world = World(POLICY)
    assert "claim:SOUND" in world.refusals(kind, actor, **body)


def test_a_path_that_evidence_is_kept_at_is_chosen_too() -> None:
    found = {**evidence("attest", "trial"), "path": "governance/evidence/SOUND.json", "sha256": "5" * 64}
    assert "claim:SOUND" in World(POLICY).refusals("discharge", "agent", leg="B/tried", evidence=found)


def test_every_text_of_every_kind_is_free() -> None:
    assert {kind for kind in BODIES if FREE_FIELDS[kind]} >= {"note", "quote", "decide", "refuse", "request", "grant", "revoke", "lose", "resolve", "adopt"}
    assert FREE_FIELDS["quote"] == ("text", "about")


def test_a_line_that_was_written_by_hand_is_found_when_the_ledger_is_read() -> None:
    for kind, body in (("note", {"text": "S O U N D"}), ("mark", {"name": "SOUND"})):
        world = World(POLICY)
        with pytest.raises(GovernError, match=r"nothing supports it now") as refused:
            world.force(kind, "robot", body)
        assert [problem.code for problem in refused.value.problems] == ["RECORD_NOT_ALLOWED", "CLAIM_UNSUPPORTED"]


def test_a_report_uses_no_claim_in_its_words_or_by_the_name_of_its_document() -> None:
    world = World(POLICY)
    assert "claim:SOUND" in world.report_refusals("quote", "robot", about="it", text="none SOUND")
    assert "claim:SOUND" in world.report_refusals("quote", "robot", about="SOUND", text="none")
    assert "claim:SOUND" in world.report_refusals("note", "robot", text="SOUND")


def test_what_a_quote_mentions_is_carried_in_a_field_of_its_own() -> None:
    world = World(POLICY)
    world.report("quote", "robot", about="it", text="none of these leaked", without=["SOUND", "LIVE_PASS"])
    world.report("quote", "robot", about="it", text="nothing is said of claims")
    assert [quote.without for quote in world.state.quotes] == [("SOUND", "LIVE_PASS"), ()]


def test_a_mention_is_of_a_declared_claim() -> None:
    world = World(POLICY)
    refusal = world.report_refusals("quote", "robot", about="it", text="none", without=["SOUND", "ALL_IS_TRIED"])["without:ALL_IS_TRIED"]
    assert (refusal.cause, refusal.why) == (Cause.NOT_EVALUATED, "no claim is called ALL_IS_TRIED; declared: TRIED_WELL, SOUND, LIVE_PASS")
    bare = World(programme())
    assert bare.report_refusals("quote", "robot", about="it", text="none", without=["X"])["without:X"].why == "no claim is called X; declared: none"


def test_what_was_done_in_a_protected_scope_is_not_known_from_a_document() -> None:
    world = World(POLICY)
    world.report("begin", "owner", action="go-live")
    world.report("end", "owner", begin=1, status=0)
    found = verdict(Target("claim", "LIVE_PASS"), world.view())
    assert [each.cause for each in found.requirements] == [Cause.UNSIGNED]
    assert "claim:LIVE_PASS" in world.refusals("note", "robot", text="LIVE_PASS")


def test_a_claim_that_rests_on_words_of_several_scopes_is_judged_by_each() -> None:
    grants = "{X: {scope: work, issuer: owner}}"
    world = World(one_option(grants=grants, claims="{HAS_LEAVE: {needs: {grant: X}}}"))
    world.record("grant", "owner", grant="X", scope="work")
    world.record("note", "robot", text="HAS_LEAVE")


def test_a_status_is_said_only_while_its_condition_holds_whether_or_not_a_later_one_is_printed() -> None:
    world = World(POLICY)
    refusal = world.refusals("note", "robot", text="All is tried.")["claim:ALL_IS_TRIED"]
    assert (refusal.how, refusal.by) == ("govern status", ("agent",))
    world.record("note", "robot", text="GETTING_READY, as anybody can say")
    tried().record("note", "robot", text="ALL_IS_TRIED")


def test_a_status_too_short_to_be_told_from_prose_is_not_searched_for() -> None:
    world = World(programme(blockers=BLOCKERS, statuses="[{id: FAR, when: {leg: B/tried}}, {id: NEAR}]"))
    world.record("note", "robot", text="It is FAR away.")


def test_a_claim_is_asked_about_like_anything_else() -> None:
    view = World(POLICY).view()
    assert find_target("SOUND", view) == Target("claim", "SOUND")
    assert [each.why for each in verdict(Target("claim", "SOUND"), view).requirements] == [UNKNOWN]


def test_a_second_programme_has_claims_of_its_own() -> None:
    world = World(HOSPITAL)
    actor = next(iter(world.view().policy.actors))
    refusal = world.refusals("note", actor, text="There is no record lost.")["claim:NO-RECORD-LOST"]
    assert "head-nurse" in refusal.by
    assert set(world.refusals("note", actor, text="RETIRED; the house has MOVED")) == {"claim:RETIRED", "claim:MOVED"}
    world.record("note", actor, text="We moved a bed, and lost no time; PRODUCTION_PASS means nothing here.")
