"""Every page parses: headings in order, rows as long as their headers, no HTML, no empty table, a diagram with quoted labels."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.ledger.statements import Imported
from govern.policy.load import load_policy
from support.acts import attempts
from support.faults import SMALL
from support.markdown import blocks, body_of, faults, headings, section, tables
from support.pages import ROOT, all_bodies, packet_body, recorded_view, state_body
from support.plausible import wishes
from support.rehearsed import bound_to
from support.world import FIX7, World, evidence

RICH = (Path(__file__).parents[1] / "support" / "rich.yaml").read_text()
HOSPITAL = (Path(__file__).parents[1] / "programmes" / "hospital.yaml").read_text()
PROGRAMMES = {"FIX7": FIX7, "rich": RICH, "hospital": HOSPITAL, "small": SMALL}
BARE = """\
govern: 1
programme: {id: BARE, version: 1, title: Bare}
policy: {adopted_by: owner}
actors:
  owner: {kind: person}
scopes:
  work: {says: Work.}
lifecycles: {use: standard-1}
blocker_states:
  - {state: closed, when: {legs: all}, closes: true}
  - {state: open}
"""
# Texts that an agent, a document or a policy may carry.
HOSTILE = [
    "safe \u202edetpurroc\u202c",
    "a | b | c |",
    "<img src=x onerror=alert(1)><!-- hidden",
    "fine\n\n# Approved\n\n- [x] signed by the owner\n",
    "[read me](javascript:alert(1)) ![x](y)",
    "```\nend\n```",
    "| a |\n|---|\n| forged |",
    "{{7*7}} {% raw %} {#",
    "*bold* _it_ ~~gone~~ `code` $x$",
    "1. first\n2. second",
    "---",
    "> quoted",
    "https://evil.example www.evil.example",
]


@pytest.mark.parametrize("path", sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "governance").rglob("*.md")))
def test_every_committed_document_has_no_fault(path: str) -> None:
    assert faults(body_of((ROOT / path).read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("name", PROGRAMMES)
def test_every_page_of_a_programme_that_has_just_begun_has_no_fault(name: str) -> None:
    for page, body in all_bodies(World(PROGRAMMES[name]).view()).items():
        assert faults(body) == [], page


def test_the_pages_of_a_programme_of_nothing_have_no_empty_table() -> None:
    pages = all_bodies(World(BARE).view())
    assert list(pages) == ["map", "state"]
    assert tables(pages["map"]) == []
    assert tables(pages["state"]) == []
    assert [faults(body) for body in pages.values()] == [[], []]
    assert pages["state"].startswith("# Current state: Bare\n\nNo blocker is declared.\nDefault: HOLD, with no packet issued.\n")


@pytest.mark.parametrize("name", PROGRAMMES)
@settings(max_examples=12, deadline=None, derandomize=True)
@given(choices=st.data())
def test_every_page_of_every_state_has_no_fault(name: str, choices: st.DataObject) -> None:
    world = World(PROGRAMMES[name])
    policy = load_policy(PROGRAMMES[name].encode())
    for attempt in choices.draw(st.lists(attempts(policy), max_size=4)):
        if attempt.kind != "adopt" and not world.propose(attempt.kind, attempt.actor, attempt.body, attempt.imported):
            world.force(attempt.kind, attempt.actor, attempt.body, attempt.imported)
    for _ in range(choices.draw(st.integers(0, 12))):
        wish = choices.draw(st.sampled_from(wishes(world.view())))
        world.now += choices.draw(st.sampled_from([0, 60, 86_400]))
        if not world.propose(*wish):
            world.force(*wish)
    later = choices.draw(st.sampled_from([0, 86_400, 40 * 86_400]))
    for page, body in all_bodies(world.view(world.now + later)).items():
        assert faults(body) == [], page


def hostile_world(text: str) -> World:
    """Return a programme in whose policy and records a text stands wherever a text can stand."""
    policy = SMALL
    quoted = json.dumps(text)
    for plain in ("A small programme", "Work that can be undone.", "Nothing is done.", "It is tried.", "It is the first.", "The machine", "Nobody looked."):
        policy = policy.replace(f": {plain}", f": {quoted}")
    policy = policy.replace(
        "    legs:\n      tried: {", f"    title: {quoted}\n    no_preparation: {quoted}\n    legs:\n      tried: {{says: {quoted}, extent: {quoted}, "
    )
    policy = policy.replace("agreed: {by", f"agreed: {{open_note: {quoted}, by")
    policy = policy.replace("TRIAL: {", f"TRIAL: {{says: {quoted}, ")
    policy = policy.replace("    lane: gate\n", f"    lane: gate\n    separation_waiver: {quoted}\n    title: {quoted}\n")
    assert policy.count(quoted) == 16
    world = World(policy)
    world.report("quote", "maker", about="elsewhere", text=text)
    world.force("quote", "maker", {"about": "change", "text": text}, Imported(text, "e" * 64))
    world.report("discharge", "maker", leg="READY/tried", evidence={"kind": "rehearsal", "of": "copy", "says": text})
    world.record("finding", "maker", finding="sound", result="fail", why=text)
    world.record("issue", "owner", packet="first")
    return world


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_policy_and_records_changes_no_structure(text: str) -> None:
    plain, hostile = (all_bodies(hostile_world(each).view()) for each in ("x", text))
    for page, body in hostile.items():
        assert faults(body) == [], page
        assert blocks(body) == blocks(plain[page]), page


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_that_an_agent_records_is_inert_and_changes_the_digest(text: str) -> None:
    def page(why: str) -> str:
        world = World(HOSPITAL)
        world.record("finding", "head-nurse", finding="allergies-complete", result="fail", why=why)
        return packet_body("pilot", world.view())

    assert blocks(page(text)) == blocks(page("x"))
    assert page(text) != page(f"{text}\u200b") != page(text.replace("a", "\u0430"))


def test_the_labels_of_the_diagram_are_quoted_and_carry_no_markup() -> None:
    page = packet_body("final-real-data", recorded_view())
    labels = re.findall(r"  o[0-9]+(.*?):::", page)
    assert labels == [
        '["1 HOLD_REAL_DATA<br/>default"]',
        '["2 AUTHORIZE_OPERATOR_REAL_DATA_CLONE_HANDOFF<br/>open"]',
        '["3 AUTHORIZE_PRODUCTION_DRYRUN_ONLY<br/>locked: 1 missing"]',
        '["4 AUTHORIZE_PRODUCTION_REALRUN_PRECHECK_ONLY<br/>locked: 3 missing"]',
        '["5 AUTHORIZE_PRODUCTION_EXECUTION<br/>locked: 11 missing"]',
    ]
    assert page.count("```") == 2


def test_the_sections_of_a_page_keep_their_order() -> None:
    world = World(FIX7)
    leg = "FIX7-P0-DRYRUN-PROD-ROLLBACK-1/toy"
    world.record("discharge", "engineering", leg=leg, evidence=evidence("rehearsal", "toy") | bound_to(world.view().policy, leg))
    titles = [title for level, title in headings(state_body(world.view())) if level == 2]
    assert titles == ["Decisions and authority", "Open decisions", "Actions", "What was proven", "Blockers", "Findings", "Registry", "Boundaries", "Next"]
    packet = packet_body("final-real-data", world.view())
    assert [title for level, title in headings(packet) if level == 2] == ["Options", "Preconditions", "Boundaries", "Lineage"]
    assert section(packet, "Lineage") == "Consumes no known decision: The source names no decision that this packet consumes.\n"
