"""What a replay makes of a ledger's lines: read strictly first, then judged."""

import json

import pytest

from govern.ledger.lines import encode_line, read_records
from govern.problems import Exit, GovernError, Problem
from support.ledgers import START, forged, restated
from support.policies import programme
from support.world import World, armor_of

POLICY = programme(grants="{LEAVE: {scope: work, issuer: owner}}")


@pytest.fixture
def world() -> World:
    world = World(POLICY, now=START)
    world.record("request", "agent", grant="LEAVE", reason="it is wanted")
    world.record("grant", "owner", grant="LEAVE", scope="work", instance=1)
    world.record("note", "agent", text="it is used")
    return world


def refused(world: World, lines: list[bytes]) -> list[Problem]:
    """Return the problems for which a replay of lines is refused as broken."""
    with pytest.raises(GovernError, match="ledger record") as caught:
        world.fresh().take_all(lines)
    assert caught.value.status is Exit.BROKEN
    return list(caught.value.problems)


def test_the_chain_and_the_state_move_together(world: World) -> None:
    whole, piecemeal = world.fresh(), world.fresh()
    whole.take_all(world.lines)
    for size, line in enumerate(world.lines, 1):
        piecemeal.take_all([line])
        assert piecemeal.chain.size == piecemeal.state.size == size

    assert whole.chain.last == piecemeal.chain.last == world.replay.chain.last
    assert whole.state.instances == piecemeal.state.instances == world.state.instances
    assert whole.state.at == START


def test_a_line_that_was_tampered_with_is_refused_before_it_is_judged(world: World) -> None:
    stmt = json.loads(world.lines[2])["stmt"].replace('"actor":"owner"', '"actor":"agent"')
    changed, sealed = world.lines[2].replace(b"owner", b"agent"), restated(world.lines[2], stmt, sigs=[])

    assert [each.code for each in refused(world, [*world.lines[:2], changed, world.lines[3]])] == ["CHAIN_BROKEN"]
    assert [each.code for each in refused(world, [*world.lines[:2], sealed, world.lines[3]])] == ["RECORD_NOT_ALLOWED", "UNAUTHORISED", "SOD"]


def test_a_line_of_another_form_is_refused_before_it_is_judged(world: World) -> None:
    for fields in ({"v": 2}, {"sigs": [1]}, {"at": "2026-05-28T22:26:40+02:00"}):
        assert [each.code for each in refused(world, [forged(world.lines[0], **fields)])] == ["SCHEMA_UNKNOWN"]


def test_the_same_grant_recorded_twice_counts_once() -> None:
    world = World(POLICY, now=START)
    world.record("grant", "owner", grant="LEAVE", scope="work")
    _genesis, grant = read_records(world.lines, world.fresh().chain)
    again = encode_line(world.replay.chain, grant.statement, START, armor_of(grant.signer)).removesuffix(b"\n")

    [problem] = refused(world, [*world.lines, again])

    assert (problem.code, problem.message) == ("STATEMENT_REPLAY", "ledger record 2: its statement is that of record 1")
