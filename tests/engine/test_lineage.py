"""The chain of packets on record beside the one that is declared: what differs is found, with the place of the declaration."""

import pytest

from govern.engine.lineage import lineage_faults
from govern.problems import Place
from support.policies import programme
from support.world import World

PACKETS = """
  ask:
    lane: main
    decided_by: owner
    lineage_gap: It starts the story.
    options:
      - {number: "1", id: STOP, hold: true, says: Nothing is done.}
      - {number: "2", id: GO, scope: work, says: It is done.}
      - {number: "3", id: TRY, scope: work, says: It is tried.}
  next:
    lane: main
    decided_by: owner
    consumes: ask/GO
    continues: AHEAD
    options: [{number: "1", id: STOP, hold: true, says: Nothing is done.}]
  other:
    lane: main
    decided_by: owner
    consumes: ask/TRY
    continues: AHEAD
    options: [{number: "1", id: STOP, hold: true, says: Nothing is done.}]
"""
TEXT = programme(packets=PACKETS.rstrip("\n"), statuses="[{id: BEHIND, when: {lane: gate}}, {id: AHEAD}]")


def _faults(world: World, **stood: str) -> list[str]:
    return [each.message for each in lineage_faults(world.view(), stood)]


def test_a_chain_that_was_recorded_as_declared_has_no_fault() -> None:
    world = World(TEXT)
    assert _faults(world) == []
    world.record("issue", "agent", packet="ask")
    world.record("decide", "owner", packet="ask", option="GO")
    world.record("issue", "agent", packet="next")

    assert _faults(world, next="AHEAD") == []


def test_a_packet_that_was_issued_before_its_parent_was_decided_is_found_with_its_place() -> None:
    world = World(TEXT)
    world.report("issue", "agent", packet="ask")
    world.report("issue", "agent", packet="next")

    [fault] = lineage_faults(world.view(), {})

    assert (fault.code, fault.severity) == ("LINEAGE", "error")
    assert fault.message == "packet `next` was issued by record #2, and nothing of `ask` was decided before"
    line = next(number for number, text in enumerate(TEXT.split("\n"), 1) if "consumes: ask/GO" in text)
    assert isinstance(fault.place, Place)
    assert (fault.place.file, fault.place.line) == ("states.yaml", line)


def test_a_packet_that_was_issued_on_another_decision_is_found() -> None:
    world = World(TEXT)
    world.report("issue", "agent", packet="ask")
    world.report("decide", "owner", packet="ask", option="TRY")
    world.report("issue", "agent", packet="next")

    assert _faults(world) == ["packet `next` consumes `ask/GO`, and `TRY` was selected when record #3 issued it"]


def test_a_decision_that_was_taken_again_after_it_was_consumed_is_found() -> None:
    world = World(TEXT)
    world.report("issue", "agent", packet="ask")
    world.report("decide", "owner", packet="ask", option="GO")
    world.report("issue", "agent", packet="next")
    world.report("decide", "owner", packet="ask", option="STOP")

    assert _faults(world) == ["packet `next` consumed `ask` by record #3, and record #4 decided `STOP` in it afterwards"]


def test_a_packet_that_two_have_consumed_is_found() -> None:
    world = World(TEXT)
    world.report("issue", "agent", packet="ask")
    world.report("decide", "owner", packet="ask", option="GO")
    world.report("issue", "agent", packet="next")
    world.report("decide", "owner", packet="ask", option="TRY")
    world.report("issue", "agent", packet="other")

    assert _faults(world) == [
        "packet `next` consumed `ask` by record #3, and record #4 decided `TRY` in it afterwards",
        "packets `next` and `other` both consumed `ask`",
    ]


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        ("  next:\n", "  later:\n", ["packet `ask` was consumed by `next`, which the policy in force does not declare"]),
        (
            "    consumes: ask/GO\n    continues: AHEAD\n",
            "    lineage_gap: Forgotten.\n",
            ["packet `ask` was consumed by `next`, which declares that it consumes nothing that is known"],
        ),
    ],
)
def test_a_policy_that_changed_behind_the_record_is_found(old: str, new: str, faults: list[str]) -> None:
    world = World(TEXT)
    world.record("issue", "agent", packet="ask")
    world.record("decide", "owner", packet="ask", option="GO")
    world.record("issue", "agent", packet="next")
    assert old in TEXT
    world.force("adopt", "owner", world.successor(TEXT.replace(old, new)))

    assert _faults(world) == faults


def test_a_decision_that_is_declared_to_be_consumed_only_afterwards_is_found() -> None:
    world = World(TEXT.replace("    consumes: ask/GO\n    continues: AHEAD\n", "    lineage_gap: Forgotten.\n"))
    world.record("issue", "agent", packet="ask")
    world.record("decide", "owner", packet="ask", option="GO")
    world.record("issue", "agent", packet="next")
    world.force("adopt", "owner", world.successor(TEXT))

    assert _faults(world) == ["packet `next` declares that it consumes `ask/GO`, and record #3, which issued it, consumed nothing"]


def test_a_packet_that_continues_another_status_than_the_programme_stood_at_is_found() -> None:
    world = World(TEXT)
    world.record("issue", "agent", packet="ask")
    world.record("decide", "owner", packet="ask", option="GO")
    world.record("issue", "agent", packet="next")

    assert _faults(world, next="BEHIND") == ["packet `next` continues `AHEAD`, and the programme stood at `BEHIND` when record #3 issued it"]
    assert _faults(world, next="") == ["packet `next` continues `AHEAD`, and the programme stood at no declared status when record #3 issued it"]
