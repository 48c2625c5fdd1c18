"""Diagrams: every label is quoted and carries nothing that Mermaid would take for markup."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.documents.mermaid import _label, lifecycle_diagram, packet_diagram
from govern.policy.lifecycles import KINDS
from support.faults import SMALL, changed
from support.programmes import PROGRAMMES
from support.world import FIX7, World


def test_the_diagram_of_a_packet_shows_hold_open_and_locked() -> None:
    world = World(SMALL)
    world.record("issue", "maker", packet="first")
    assert packet_diagram("first", world.view()).split("\n")[:5] == [
        "flowchart LR",
        '  o0["1 STAY<br/>default, always possible"]:::hold',
        '  o1["2 TRY<br/>locked: 1 missing"]:::locked',
        '  l1_0["owner:<br/>TRIAL grant"]:::lock',
        "  o0 -.- l1_0 -.-> o1",
    ]
    world.record("grant", "owner", grant="TRIAL", scope="work")
    assert packet_diagram("first", world.view()).split("\n")[2:4] == ['  o1["2 TRY<br/>open"]:::open', "  o0 <--> o1"]
    world.record("decide", "owner", packet="first", option="STAY")
    assert packet_diagram("first", world.view()).split("\n")[1] == '  o0["1 STAY<br/>selected, in force"]:::hold'


def test_who_can_clear_a_lock_is_said_as_short_as_it_can_be() -> None:
    labels = [
        line.split('"')[1].split(":<br/>")[0] for line in packet_diagram("cut-over", World(PROGRAMMES["hospital"]).view()).split("\n") if ":::lock" in line
    ]
    labels = [label for label in labels if not label.startswith("2 MOVE-HOUSE")]
    assert labels == ["anyone", "2 of board and ward", "vendors", "privacy-officer", "ward", "board", "to come first"]


def test_of_very_many_locks_of_one_hand_the_first_are_shown_and_the_rest_counted() -> None:
    names = [f"G{number}" for number in range(14)]
    grants = "".join(f"  {name}: {{scope: work, issuer: owner}}\n" for name in names)
    asked = "{all: [" + ", ".join(f"{{grant: {name}}}" for name in names) + "]}"
    world = World(changed(("grants:\n", f"grants:\n{grants}"), ("requires: {grant: TRIAL}", f"requires: {asked}")))
    world.record("issue", "maker", packet="first")
    [lock] = [line for line in packet_diagram("first", world.view()).split("\n") if ":::lock" in line and "l1_" in line]
    assert lock.count("<br/>") == 13
    assert lock.endswith('<br/>G11 grant<br/>and 2 more"]:::lock')


@pytest.mark.parametrize("kind", KINDS)
def test_the_diagram_of_a_lifecycle_declares_every_state_before_it_is_used(kind: str) -> None:
    policy = World(FIX7).view().policy
    lifecycle = policy.lifecycles.of(kind)  # type: ignore[arg-type]
    first, *lines = lifecycle_diagram(kind, policy).split("\n")  # type: ignore[arg-type]
    states = [f'  state "{name}" as s{number}' for number, name in enumerate(lifecycle.states)]
    assert first == "stateDiagram-v2"
    assert lines[: len(states)] == states
    assert lines[len(states)] == f"  [*] --> s{list(lifecycle.states).index(lifecycle.initial)}"
    ways = lines[len(states) + 1 :]
    assert all(re.fullmatch(r"  s[0-9]+ --> s[0-9]+: [a-z]+ by [a-z]+", way) for way in ways)
    assert len(ways) == sum(len(way.from_) for way in lifecycle.transitions)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(text=st.text(max_size=20) | st.sampled_from(['"]; click o0 "x"', "end", "#quot;", "%%{init: {}}%%", "a\nb", "<script>", "```", "\u202e"]))
def test_a_label_is_one_line_without_a_character_of_markup(text: str) -> None:
    label = _label(text)
    assert label.splitlines() in ([], [label])
    assert not set(re.sub(r"#[0-9]+;", "", label)) & set('"#<>&;`\\[]{}()|')
