"""Sessions at several moments share one past: what they are given is what a replay of their own would give."""

from hypothesis import given, settings
from hypothesis import strategies as st

from govern.cli.options import Options
from govern.cli.past import Past
from govern.cli.project import Project
from govern.cli.session import Session
from govern.engine.replay import Replay
from support.cli import ROOT, Programme

PROJECT = Project(ROOT)
LINES = PROJECT.store.read().lines


def told(replay: Replay) -> dict[str, str]:
    """Return everything that a replay amounts to."""
    chain = replay.chain
    return {name: repr(getattr(replay.state, name)) for name in replay.state.__slots__} | {"chain": repr((chain.size, chain.last, chain.at, chain.ledger))}


def alone(size: int) -> Replay:
    """Return a replay from the first record on."""
    replay = PROJECT.replay_nothing()
    replay.take_all(LINES[:size])
    return replay


@settings(max_examples=15, deadline=None)
@given(sizes=st.lists(st.integers(1, len(LINES)), min_size=1, max_size=5))
def test_in_whatever_order_moments_are_asked_for_each_is_what_a_replay_of_its_own_gives(sizes: list[int]) -> None:
    past = Past(PROJECT, LINES)
    given = {size: past.replay_at(size, 0) for size in sizes}
    assert {size: told(replay) for size, replay in given.items()} == {size: told(alone(size)) for size in given}
    assert all(past.replay_at(size, 0) is replay for size, replay in given.items())


def test_what_was_kept_is_gone_on_with_and_stays_as_it_was() -> None:
    past, first = Past(PROJECT, LINES), alone(19)
    past.keep(first)
    before = told(first)
    assert told(past.replay_at(25, 0)) == told(alone(25))
    assert past.replay_at(19, 0) is first
    assert told(first) == before


def test_sessions_at_the_same_moment_have_one_replay_and_views_of_their_own(fix7: Programme) -> None:
    session = Session(Options(fix7.root))
    one, other = session.at("@S0"), session.at("#18", "2026-07-01T00:00:00Z")
    assert one.replay is other.replay
    assert one.view is not other.view
    assert session.at(f"#{session.replay.chain.size - 1}").replay is session.replay
    assert [len(each.records) for each in (one, session)] == [19, 25]


def test_what_is_only_supposed_is_among_the_records_of_the_question_and_of_no_other_session(fix7: Programme) -> None:
    records = fix7.asks("what-if", "grant record QT001 --as owner", "--", "log")["answer"]["records"]
    assert [each["kind"] for each in records[24:]] == ["mark", "grant"]
    assert len(fix7.asks("log")["records"]) == 25
    clean = fix7.does("what-if", "grant record QT001 --as owner", "--", "ticket", "check").out
    assert clean.endswith("1 reservation in the working tree: no clash\n")
