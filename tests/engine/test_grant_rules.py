"""Grants: each record makes an instance, which counts while it is recorded, inside its window, of its scope, unused and unrevoked."""

import pytest

from govern.engine.causes import Cause, Requirement
from govern.ledger.moments import spell_time
from support.policies import line_of, one_option
from support.world import World

GRANTS = '{X: {scope: work, issuer: owner, says: leave to go}, "Y": {scope: work, issuer: owner, expires_after: 1m}}'
AIDE = '}\n      - {number: "3", id: AIDE, scope: work, says: It is begun.'
ACTIONS = "{use: {needs: {selected: AIDE}, consumes: X}}"


def _world(guard: str = "{grant: X}", grants: str = GRANTS) -> World:
    world = World(one_option(guard, grants=grants, actions=ACTIONS, option=AIDE), now=100)
    world.record("issue", "agent", packet="ask")
    return world


def _only(world: World, now: int | None = None) -> Requirement:
    [requirement] = world.blocking("GO", now).values()
    return requirement


def test_a_grant_that_is_not_on_record_is_missing_and_says_who_grants_it_and_how() -> None:
    world = _world()

    missing = _only(world)

    assert (missing.id, missing.kind, missing.truth, missing.cause) == ("grant:X", "grant", False, Cause.MISSING)
    assert missing.why == "no leave to go on record"
    assert missing.by == ("owner",)
    assert missing.how == "govern grant record X --as owner"
    assert missing.at.line == line_of(one_option("{grant: X}", grants=GRANTS, actions=ACTIONS, option=AIDE), "id: GO")
    assert missing.record is None


def test_a_recorded_grant_opens_and_names_its_record() -> None:
    world = _world()
    seq = world.record("grant", "owner", grant="X", scope="work")

    [_lane, held] = world.verdict("GO").requirements

    assert (held.truth, held.why, held.record, held.records) == (True, f"X#{seq} is recorded", seq, (seq,))


def test_a_window_is_half_open_and_starts_with_its_first_second() -> None:
    world = _world()
    seq = world.record("grant", "owner", grant="X", scope="work", not_before=spell_time(200), expires=spell_time(300))

    early = _only(world, 199)
    assert (early.cause, early.why, early.record) == (Cause.NOT_YET, f"X#{seq} is valid from 1970-01-01T00:03:20Z", seq)
    assert world.allowed("GO", 200)
    assert world.allowed("GO", 299)
    late = _only(world, 300)
    assert (late.cause, late.why, late.record) == (Cause.EXPIRED, f"X#{seq} expired at 1970-01-01T00:05:00Z", seq)


def test_a_window_that_starts_with_the_epoch_is_a_window() -> None:
    world = World(one_option("{grant: X}", grants=GRANTS))
    world.record("issue", "agent", packet="ask")
    world.record("grant", "owner", grant="X", scope="work", not_before=spell_time(0), expires=spell_time(1))

    assert world.allowed("GO", 0)
    assert not world.allowed("GO", 1)


def test_a_grant_lasts_no_longer_than_the_policy_lets_it_counted_from_its_record() -> None:
    world = _world('{grant: "Y"}')
    world.record("grant", "owner", grant="Y", scope="work")

    assert world.allowed("GO", 159)
    assert _only(world, 160).cause is Cause.EXPIRED


def test_a_shorter_window_than_the_policy_lets_is_kept() -> None:
    world = _world('{grant: "Y"}')
    world.record("grant", "owner", grant="Y", scope="work", expires=spell_time(130))

    assert world.allowed("GO", 129)
    assert not world.allowed("GO", 130)


def test_a_window_longer_than_the_policy_lets_is_refused_and_one_exactly_as_long_is_not() -> None:
    world = _world()

    refusal = world.refusals("grant", "owner", grant="Y", scope="work", expires=spell_time(161))["grant:length"]

    assert (refusal.cause, refusal.why) == (Cause.REFUSED, "it would last longer than 1m")
    assert refusal.at.line == line_of(one_option("{grant: X}", grants=GRANTS, actions=ACTIONS, option=AIDE), "grants:")
    world.record("grant", "owner", grant="Y", scope="work", expires=spell_time(160))


@pytest.mark.parametrize(("not_before", "expires", "fits"), [(None, 100, False), (None, 101, True), (150, 150, False), (150, 151, True)])
def test_a_window_must_end_after_it_starts_and_after_now(not_before: int | None, expires: int, *, fits: bool) -> None:
    start = {} if not_before is None else {"not_before": spell_time(not_before)}
    body = {"grant": "X", "scope": "work", "expires": spell_time(expires), **start}

    refusals = _world().propose("grant", "owner", body)

    assert [(each.id, each.cause) for each in refusals] == ([] if fits else [("grant:window", Cause.EXPIRED)])


def test_a_grant_is_recorded_in_its_own_scope_only() -> None:
    refusal = _world().refusals("grant", "owner", grant="X", scope="other")["scope:other"]

    assert (refusal.cause, refusal.why) == (Cause.SCOPE, "X is of scope work, not other")


def test_only_its_issuer_grants_it() -> None:
    refusal = _world().refusals("grant", "ann", grant="X", scope="work")["authority:grant"]

    assert (refusal.cause, refusal.by) == (Cause.UNAUTHORISED, ("owner",))
    assert refusal.why == "ann may not grant X; that is for owner"


def test_a_used_grant_is_consumed_and_still_honoured() -> None:
    world = _world("{any: [{grant: X}, {not: {honoured: X}}]}")
    seq = world.record("grant", "owner", grant="X", scope="work")
    world.record("decide", "owner", packet="ask", option="AIDE")
    begun = world.record("begin", "agent", action="use", grant=seq)

    consumed = world.blocking("GO")["grant:X"]
    assert (consumed.cause, consumed.why, consumed.record) == (Cause.CONSUMED, f"X#{seq} is consumed (record #{begun})", begun)
    honoured = world.blocking("GO")["not:honoured:X"]
    assert (honoured.cause, honoured.why) == (Cause.REFUSED, "honoured:X must not hold, and it does")
    assert honoured.how == f'govern grant revoke X#{seq} --reason "…" --as owner'
    ended = world.record("end", "agent", begin=begun, status=0)
    assert world.blocking("GO")["grant:X"].why == f"X#{seq} is completed (record #{ended})"
    assert "not:honoured:X" in world.blocking("GO")


def test_a_grant_of_which_nobody_knows_whether_it_was_used_is_unknown_to_both_questions() -> None:
    world = _world("{any: [{grant: X}, {not: {honoured: X}}]}")
    seq = world.record("grant", "owner", grant="X", scope="work")
    world.record("decide", "owner", packet="ask", option="AIDE")
    begun = world.record("begin", "agent", action="use", grant=seq)
    lost = world.record("lose", "agent", begin=begun, reason="the host is gone")

    told = world.blocking("GO")
    assert [(each.id, each.truth, each.cause) for each in told.values()] == [("grant:X", None, Cause.UNKNOWN), ("not:honoured:X", None, Cause.UNKNOWN)]
    assert told["grant:X"].why == f"X#{seq} is used-unknown (record #{lost})"
    assert told["not:honoured:X"].why == "honoured:X must not hold, and that is unknown"


def test_one_instance_of_which_nobody_knows_leaves_all_unknown_whatever_came_after_it() -> None:
    world = _world("{not: {honoured: X}}")
    first = world.record("grant", "owner", grant="X", scope="work")
    world.record("decide", "owner", packet="ask", option="AIDE")
    begun = world.record("begin", "agent", action="use", grant=first)
    world.record("lose", "agent", begin=begun, reason="the host is gone")
    second = world.record("grant", "owner", grant="X", scope="work")
    world.record("revoke", "owner", record=second, reason="it came too late")

    assert _only(world).truth is None
    world.record("resolve", "owner", begin=begun, reason="it was used")
    assert _only(world).truth is False
    world.record("grant", "owner", grant="X", scope="work")
    assert _only(world).truth is False


@pytest.mark.parametrize("guard", ["{grant: X}", "{honoured: X}"])
def test_a_revoked_grant_never_unlocks_an_option(guard: str) -> None:
    world = _world(guard)
    seq = world.record("grant", "owner", grant="X", scope="work")
    assert world.allowed("GO")
    revoked = world.record("revoke", "owner", record=seq, reason="the plan changed")

    told = _only(world)

    assert (told.cause, told.why, told.record) == (Cause.REVOKED, f"X#{seq} is revoked (record #{revoked})", revoked)


def test_a_used_grant_that_is_revoked_is_no_longer_honoured() -> None:
    world = _world("{honoured: X}")
    seq = world.record("grant", "owner", grant="X", scope="work")
    world.record("decide", "owner", packet="ask", option="AIDE")
    world.record("begin", "agent", action="use", grant=seq)
    assert world.allowed("GO")

    world.record("revoke", "owner", record=seq, reason="it was abused")

    assert _only(world).cause is Cause.REVOKED


def test_a_requested_grant_awaits_its_issuer() -> None:
    world = _world()
    seq = world.record("request", "agent", grant="X", reason="the rehearsal is done")

    told = _only(world)

    assert (told.cause, told.why, told.record) == (Cause.AWAITING, f"X#{seq} is requested (record #{seq})", seq)
    world.record("grant", "owner", grant="X", scope="work", instance=seq)
    assert world.allowed("GO")


def test_one_good_instance_is_enough_whatever_became_of_the_others() -> None:
    world = _world()
    first = world.record("grant", "owner", grant="X", scope="work")
    second = world.record("grant", "owner", grant="X", scope="work")
    world.record("revoke", "owner", record=second, reason="one is enough")

    assert world.verdict("GO").requirements[1].records == (first,)


def test_a_grant_goes_on_only_with_an_instance_of_its_own() -> None:
    world = _world()
    other = world.record("request", "agent", grant="Y", reason="it is needed")

    for seq in (other, 0, 99):
        refusal = world.refusals("grant", "owner", grant="X", scope="work", instance=seq)[f"grant:X#{seq}"]
        assert (refusal.cause, refusal.why) == (Cause.MISSING, f"no X#{seq} is on record")


def test_a_recorded_instance_is_not_recorded_again() -> None:
    world = _world()
    seq = world.record("grant", "owner", grant="X", scope="work")

    refusal = world.refusals("grant", "owner", grant="X", scope="work", instance=seq)["grant:X"]

    assert (refusal.cause, refusal.how) == (Cause.REFUSED, "govern explain lifecycles")
    assert (refusal.why, refusal.record) == ("grant X is recorded, and no way leads from there by `approve`", seq)


def test_a_grant_is_revoked_by_its_issuer_alone_and_once() -> None:
    world = _world()
    seq = world.record("grant", "owner", grant="X", scope="work")

    assert world.causes("revoke", "ann", record=seq, reason="no") == {"authority:revoke": Cause.UNAUTHORISED}
    revoked = world.record("revoke", "owner", record=seq, reason="no")
    again = world.refusals("revoke", "owner", record=seq, reason="no")[f"grant:X#{seq}"]
    assert (again.cause, again.record) == (Cause.REVOKED, revoked)


def test_only_a_grant_or_a_delegation_is_revoked() -> None:
    refusal = _world().refusals("revoke", "owner", record=1, reason="no")["record:1"]

    assert (refusal.cause, refusal.why, refusal.how) == (Cause.MISSING, "record #1 is neither a grant nor a delegation", "govern log")
