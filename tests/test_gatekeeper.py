"""The gate inside a process: each answer of one head, of any number of threads, while others record."""

import threading
from pathlib import Path

import pytest

from govern.gatekeeper import Answer, Gatekeeper
from govern.ledger.replacing import NEXT
from govern.problems import Exit, GovernError
from support.cli import EXECUTION, REAL_DUMP, Clock, Programme, copy_executing, copy_fix7
from support.isolation import isolate

OPTION = f"final-real-data/{EXECUTION}"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Clock:
    return isolate(monkeypatch, tmp_path)


def check_same(programme: Programme, keeper: Gatekeeper) -> None:
    """Check that it answers as the command does."""
    answers = keeper.current()
    for asked in programme.run("gate", "--full", *answers.policy.actions, "--json").answer["result"]["answers"]:
        found = answers.ask(asked["action"])
        assert (found.allowed, [each.id for each in found.causes]) == (asked["allowed"], [each["id"] for each in asked["causes"]])
    judged = programme.asks("why-blocked", OPTION)
    assert answers.ask(OPTION).allowed == judged["allowed"]
    assert answers.size == programme.records()


def test_it_answers_as_the_command_does_and_goes_on_with_what_is_recorded(tmp_path: Path, clock: Clock) -> None:
    programme = copy_executing(tmp_path / "programme")
    keeper = Gatekeeper(programme.root, clock)
    check_same(programme, keeper)
    assert keeper.ask("real-run")
    programme.does("grant", "revoke", "REAL_RUN", "--reason", "no more", "--as", "owner")
    check_same(programme, keeper)
    assert not keeper.ask("real-run")
    assert any("revoked" in each.why for each in keeper.ask("real-run").causes)
    programme.confirms("grant", "record", "REAL_RUN", "--as", "owner", "--expires", "2026-07-01T10:00:00Z")
    check_same(programme, keeper)
    clock.set("2026-07-01T10:00:00Z")
    check_same(programme, keeper)
    assert not keeper.ask("real-run")


def test_where_nothing_has_moved_the_answers_are_the_ones_given_before(tmp_path: Path, clock: Clock) -> None:
    keeper = Gatekeeper(copy_fix7(tmp_path / "programme").root, clock)
    answers = keeper.current()
    assert keeper.current() is answers
    assert keeper.ask("real-run") is answers.ask("real-run")


def test_a_surface_is_open_where_all_that_touches_it_is(tmp_path: Path, clock: Clock) -> None:
    keeper = Gatekeeper(copy_executing(tmp_path / "programme").root, clock)
    assert keeper.ask("Permit").allowed is True
    assert keeper.ask("CI") == Answer("CI", False, keeper.ask("ci-trigger").causes, keeper.current().size, keeper.current().last)
    with pytest.raises(GovernError, match="`real-rum` is no action, option or surface; did you mean `real-run`") as caught:
        keeper.ask("real-rum")
    assert caught.value.status is Exit.UNJUDGED


def test_what_is_broken_is_no_answer_and_what_was_mended_is_one_again(tmp_path: Path, clock: Clock) -> None:
    programme = copy_executing(tmp_path / "programme")
    keeper = Gatekeeper(programme.root, clock)
    assert keeper.ask("real-run")
    content = programme.ledger.read_bytes()
    programme.ledger.write_bytes(content.replace(b'"seq":3,', b'"seq":4,', 1))
    for _ in range(2):
        with pytest.raises(GovernError, match="ledger record 3") as caught:
            keeper.ask("real-run")
        assert caught.value.status is Exit.BROKEN
    programme.ledger.write_bytes(content)
    assert keeper.ask("real-run")
    policy = programme.policy.read_bytes()
    programme.policy.unlink()
    with pytest.raises(GovernError, match="nothing is allowed without a policy"):
        keeper.ask("real-run")
    programme.policy.write_bytes(policy.replace(b"title: FIX7 P0", b"title: FIX7 P1", 1))
    check_same(programme, keeper)


def test_evidence_that_is_changed_is_seen_at_the_next_question(tmp_path: Path, clock: Clock) -> None:
    programme = copy_executing(tmp_path / "programme")
    keeper = Gatekeeper(programme.root, clock)
    assert keeper.ask("real-run")
    [bound] = [each["body"]["evidence"]["path"] for each in programme.asks("log", REAL_DUMP)["records"] if "path" in each["body"].get("evidence", {})]
    path = programme.root / bound
    path.write_bytes(path.read_bytes() + b" ")
    assert not keeper.ask("real-run")
    check_same(programme, keeper)


def test_a_ledger_that_is_replaced_is_seen_before_its_segments_are_moved(tmp_path: Path, clock: Clock) -> None:
    programme = copy_executing(tmp_path / "programme")
    keeper = Gatekeeper(programme.root, clock)
    assert keeper.ask("real-run")
    before = programme.ledger.read_bytes()
    programme.does("grant", "revoke", "REAL_RUN", "--reason", "no more", "--as", "owner")
    assert not keeper.ask("real-run")
    after = programme.ledger.read_bytes()
    programme.ledger.write_bytes(before)
    waiting = programme.root / "governance" / f"ledger{NEXT}"
    waiting.mkdir()
    (waiting / programme.ledger.name).write_bytes(after)
    assert not keeper.ask("real-run")
    assert keeper.current().size == after.count(b"\n")


def test_a_machine_that_has_seen_more_of_the_ledger_is_not_answered(tmp_path: Path, clock: Clock) -> None:
    programme, other = copy_executing(tmp_path / "programme"), copy_executing(tmp_path / "other")
    keeper = Gatekeeper(programme.root, clock)
    assert keeper.ask("real-run")
    other.does("grant", "revoke", "REAL_RUN", "--reason", "no more", "--as", "owner")
    with pytest.raises(GovernError, match="this machine has seen 39") as caught:
        keeper.ask("real-run")
    assert caught.value.status is Exit.BROKEN


def test_where_nothing_can_be_remembered_it_answers_all_the_same(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    programme = copy_executing(tmp_path / "programme")
    monkeypatch.setenv("XDG_STATE_HOME", "")
    monkeypatch.setenv("HOME", "")
    keeper = Gatekeeper(programme.root, clock)
    assert keeper.current() is keeper.current()
    assert keeper.ask("real-run")


def test_threads_that_ask_while_another_records_are_each_answered_of_one_head(tmp_path: Path, clock: Clock) -> None:
    programme = copy_executing(tmp_path / "programme")
    keeper = Gatekeeper(programme.root, clock)
    seen: dict[int, set[tuple[bool | None, ...]]] = {}
    done, failed = threading.Event(), list[BaseException]()

    def ask() -> None:
        try:
            while not done.is_set():
                answers = keeper.current()
                found = tuple(answers.ask(name).allowed for name in ("real-run", "cutover", OPTION))
                assert {answers.ask(name).size for name in ("real-run", "cutover", OPTION)} == {answers.size}
                seen.setdefault(answers.size, set()).add(found)
        except BaseException as error:  # noqa: BLE001 - told by the test
            failed.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        granted = programme.confirms("grant", "record", "CUTOVER", "--as", "owner").seqs[0]
        programme.does("grant", "revoke", f"CUTOVER#{granted}", "--reason", "again", "--as", "owner")
    done.set()
    for thread in threads:
        thread.join()
    assert not failed
    assert keeper.current().size == programme.records()
    assert all(len(found) == 1 for found in seen.values())
