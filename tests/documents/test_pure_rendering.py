"""Rendering is a pure function of policy, state and templates: same state, same bytes; one fact changed, its lines changed."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from govern.canonical import text_digest
from govern.documents.files import documents_of
from govern.documents.render import Head, packet_document, page, read_front, render_document
from govern.documents.spans import SPANNING
from govern.engine.view import View
from govern.policy.promises import Document
from govern.problems import Exit, GovernError
from support.faults import SMALL, changed
from support.markdown import body_of
from support.pages import (
    MAP,
    ROOT,
    STATE,
    TEMPLATES,
    all_bodies,
    map_body,
    new_lines,
    packet_body,
    recorded,
    recorded_page,
    recorded_view,
    rendered,
    state_body,
)
from support.pages import packet_document as shows_packet
from support.world import FIX7, World, evidence

DOCUMENTS = documents_of(recorded_view())
PACKET = "final-real-data"
ACTS = ("REAL_RUN", "QT001", "PERMIT", "ACTIVATION", "REPOINT", "CUTOVER")


def fix7() -> World:
    """Return FIX7 with its packet issued and nothing else."""
    world = World(FIX7)
    world.record("issue", "engineering", packet=PACKET)
    return world


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_committed_document_is_what_its_state_renders_byte_for_byte(name: str) -> None:
    document = DOCUMENTS[name]
    again = recorded_page(name)
    assert (ROOT / document.path).read_bytes() == again.markdown.encode()
    if document.json_path:
        assert (ROOT / document.json_path).read_bytes() == again.json_text.encode()


def test_the_templates_of_this_repository_are_the_adopted_ones() -> None:
    assert recorded().state.templates == {name: text_digest(text) for name, text in TEMPLATES.items()}


def test_pages_asked_for_in_another_order_are_the_same() -> None:
    one, other = recorded_view(), recorded_view()
    alone = [document for document in DOCUMENTS.values() if document.shows not in (*SPANNING, "checkpoint")]
    forward = [rendered(document, one).markdown for document in alone]
    backward = [rendered(document, other).markdown for document in reversed(alone)]
    assert forward == backward[::-1] == [rendered(document, one).markdown for document in alone]


def test_neither_zone_nor_locale_nor_hash_order_changes_a_byte() -> None:
    script = "from support.pages import all_bodies, recorded_view; print(all_bodies(recorded_view()))"
    printed = set()
    for seed, zone, locale in (("0", "UTC", "C.UTF-8"), ("1", "Pacific/Kiritimati", "C.UTF-8"), ("2", "America/St_Johns", "POSIX")):
        paths = os.pathsep.join((str(ROOT / "src"), str(ROOT / "tests")))
        environment = {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale, "PYTHONPATH": paths, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        printed.add(subprocess.run([sys.executable, "-c", script], env=environment, check=True, capture_output=True).stdout)
    assert printed == {f"{all_bodies(recorded_view())}\n".encode()}


@pytest.mark.parametrize("document", [STATE, MAP, shows_packet(PACKET)])
def test_a_note_changes_no_line_of_any_page(document: Document) -> None:
    world = fix7()
    before = rendered(document, world.view())
    world.now += 86_400
    world.record("note", "engineering", text="nothing new")
    after = rendered(document, world.view())
    assert after.body == before.body
    assert after.body_sha256 == before.body_sha256


def test_the_digest_of_a_packet_depends_on_neither_head_nor_moment() -> None:
    world = fix7()
    first = rendered(shows_packet(PACKET), world.view(), Head(2, "a" * 64))
    later = rendered(shows_packet(PACKET), world.view(world.now + 10**6), Head(9, "b" * 64))
    assert first.markdown != later.markdown
    assert first.body_sha256 == later.body_sha256 == text_digest(body_of(first.markdown))


def test_the_digest_of_a_packet_depends_on_what_is_shown() -> None:
    world = fix7()
    before = rendered(shows_packet(PACKET), world.view()).body_sha256
    world.record("grant", "owner", grant="PRODUCTION_DRYRUN", scope="dry-run")
    assert rendered(shows_packet(PACKET), world.view()).body_sha256 != before


def test_a_grant_changes_exactly_the_lines_that_rest_on_it() -> None:
    world = fix7()
    before = all_bodies(world.view())
    world.record("grant", "owner", grant="PRODUCTION_DRYRUN", scope="dry-run")
    after = all_bodies(world.view())
    assert new_lines(before[f"packet {PACKET}"], after[f"packet {PACKET}"]) == [
        '-   o2["3 AUTHORIZE_PRODUCTION_DRYRUN_ONLY<br/>locked: 1 missing"]:::locked',
        '-   l2_0["owner:<br/>explicit dry-run grant"]:::lock',
        "-   o0 -.- l2_0 -.-> o2",
        "- | 3 | [AUTHORIZE_PRODUCTION_DRYRUN_ONLY](#3-authorize_production_dryrun_only) | locked, 1 missing | dry-run |",
        "- | explicit dry-run grant | missing |  | owner |",
        "- | FIX7-P0-PROD-BIRTH-SURFACE-1 | n/a (live scoping) | operator + owner |",
        '+   o2["3 AUTHORIZE_PRODUCTION_DRYRUN_ONLY<br/>open"]:::open',
        "+   o0 <--> o2",
        "+ | 3 | [AUTHORIZE_PRODUCTION_DRYRUN_ONLY](#3-authorize_production_dryrun_only) | open | dry-run |",
        "+ | explicit dry-run grant | on record (signed) | #2 |  |",
        "+ | FIX7-P0-PROD-BIRTH-SURFACE-1 | n/a (live scoping) | operator |",
    ]
    assert new_lines(before["map"], after["map"]) == [
        "- | FIX7-P0-PROD-BIRTH-SURFACE-1 | n/a (live scoping) | operator + owner | open |",
        "- | FIX7-P0-PROD-BIRTH-SURFACE-1 | authorized | owner | open |  | explicit dry-run grant |",
        "+ | FIX7-P0-PROD-BIRTH-SURFACE-1 | n/a (live scoping) | operator | partially-discharged |",
        "+ | FIX7-P0-PROD-BIRTH-SURFACE-1 | authorized | owner | proven | #2 (signed) |  |",
    ]


def test_a_lane_that_opens_changes_exactly_the_lines_that_rest_on_it() -> None:
    world = fix7()
    before = all_bodies(world.view())
    world.record("open", "owner", lane="production-execution")
    after = all_bodies(world.view())
    gone = "**NOT SELECTABLE BY THIS LANE.** It belongs to lane `production-execution`, which is not open; it is listed for completeness only."
    row = "| 5 | [AUTHORIZE_PRODUCTION_EXECUTION](#5-authorize_production_execution) |"
    words = "<br/>".join(["production OPT-4", "distinct production-rollback grant", *(f"{name} grant" for name in ACTS)])
    assert new_lines(before[f"packet {PACKET}"], after[f"packet {PACKET}"]) == [
        '-   o4["5 AUTHORIZE_PRODUCTION_EXECUTION<br/>locked: 11 missing"]:::locked',
        f'-   l4_0["owner:<br/>lane production-execution open<br/>{words}"]:::lock',
        '-   l4_1["operator:<br/>real-dump rehearsal proven<br/>production surface scoped"]:::lock',
        f"- {row} locked, 11 missing, not in this lane | production |",
        f"- {gone}",
        '+   o4["5 AUTHORIZE_PRODUCTION_EXECUTION<br/>locked: 10 missing"]:::locked',
        '+   l4_0["operator:<br/>real-dump rehearsal proven<br/>production surface scoped"]:::lock',
        f'+   l4_1["owner:<br/>{words}"]:::lock',
        f"+ {row} locked, 10 missing | production |",
    ]
    assert before["map"] == after["map"]
    assert new_lines(before["state"], after["state"]) == ["- 1. owner: lane production-execution open (towards option 5)"]


def test_a_result_changes_exactly_its_own_line() -> None:
    world = fix7()
    before = state_body(world.view())
    world.record("finding", "operator", finding="ci-seal-vs-bytes", result="fail", why="Two bytes differ.")
    tail = "carried by `FIX7-P0-PROD-CI-SCOPE-1`, does not affect `rehearsal-only`"
    assert new_lines(before, state_body(world.view())) == [
        f"- - `ci-seal-vs-bytes`: **UNKNOWN** (declared in the policy), {tail}: The gate of seal against bytes cannot be resolved read-only.",
        f"+ - `ci-seal-vs-bytes`: **FAIL** (#2 of operator, signed), {tail}: Two bytes differ.",
    ]


def test_a_decision_changes_the_standing_and_the_picture_and_nothing_of_the_other_options() -> None:
    world = fix7()
    before = packet_body(PACKET, world.view())
    world.record("decide", "owner", packet=PACKET, option="AUTHORIZE_OPERATOR_REAL_DATA_CLONE_HANDOFF")
    issued = "The packet is issued (unauthenticated), in lane `final-pre-real-data`."
    row = "| 2 | [AUTHORIZE_OPERATOR_REAL_DATA_CLONE_HANDOFF](#2-authorize_operator_real_data_clone_handoff) |"
    assert new_lines(before, packet_body(PACKET, world.view())) == [
        f"- Standing: **HOLD (default)**. {issued}",
        '-   o1["2 AUTHORIZE_OPERATOR_REAL_DATA_CLONE_HANDOFF<br/>open"]:::open',
        f"- {row} open | clone-handoff |",
        f"+ Standing: **selected**, AUTHORIZE_OPERATOR_REAL_DATA_CLONE_HANDOFF by record #2 (signed). {issued}",
        '+   o1["2 AUTHORIZE_OPERATOR_REAL_DATA_CLONE_HANDOFF<br/>selected, in force"]:::open',
        f"+ {row} selected, in force | clone-handoff |",
    ]


def test_evidence_changes_exactly_the_lines_of_its_leg() -> None:
    world = fix7()
    before = map_body(world.view())
    world.record("discharge", "operator", leg="FIX7-P0-OPERATOR-INPUT-1/real-dump", evidence=evidence("intake", "real-dump"))
    assert new_lines(before, map_body(world.view())) == [
        "- **BLOCKED — 7 OPEN** of 7 blockers. Every column is computed from the legs below.",
        "- | FIX7-P0-OPERATOR-INPUT-1 | surrogate substitute open | operator | open |",
        "- | FIX7-P0-OPERATOR-INPUT-1 | real-dump | operator | open |  | intake of real-dump |",
        "+ **BLOCKED — 6 OPEN** of 7 blockers. Every column is computed from the legs below.",
        "+ | FIX7-P0-OPERATOR-INPUT-1 | surrogate substitute open | nobody | closed |",
        "+ | FIX7-P0-OPERATOR-INPUT-1 | real-dump | operator | proven | #2 (signed) |  |",
    ]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_front_matter_is_read_back_as_it_was_written(name: str) -> None:
    document = recorded_page(name)
    assert read_front(document.markdown) == dict(document.front)
    assert list(document.front) == ["document", "head", "head_sha256", "as_of", "evidence", "policy_version", "policy_sha256", "template", "template_sha256"]
    assert document.front["template_sha256"] == text_digest(TEMPLATES[DOCUMENTS[name].template])
    assert document.front["policy_sha256"] == recorded().state.policy_digest


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("---\n", "----\n", 1),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\n" + text,
        lambda text: text.replace("head: 0\n", "", 1),
        lambda text: text.replace("head: 0\n", "head: 0\nhead: 1\n", 1),
        lambda text: text.replace("document: page", "approved: yes", 1),
        body_of,
        lambda _text: "",
    ],
)
def test_front_matter_of_another_form_is_none(change: Callable[[str], str]) -> None:
    text = rendered(STATE, fix7().view()).markdown
    assert read_front(text) is not None
    assert read_front(change(text)) is None


def test_as_of_is_the_moment_since_which_the_state_is_as_it_is() -> None:
    world = fix7()
    world.record("grant", "owner", grant="PRODUCTION_DRYRUN", scope="dry-run", expires="1970-01-02T00:00:00Z")
    assert rendered(STATE, world.view(86_399)).front["as_of"] == "1970-01-01T00:00:00Z"
    assert rendered(STATE, world.view(86_400)).front["as_of"] == "1970-01-02T00:00:00Z"
    assert rendered(STATE, world.view(10**9)).front["as_of"] == "1970-01-02T00:00:00Z"


def test_the_json_twin_says_what_the_page_was_given() -> None:
    view = recorded_view()
    twin = json.loads(rendered(MAP, view, Head(25, "c" * 64)).json_text)
    assert twin["schema"] == "govern.blocker-map/1"
    assert (twin["head"], twin["policy_version"]) == (25, 1)
    assert twin["shows"] == page(MAP, view)


def test_a_template_that_was_not_adopted_is_missing_and_nothing_is_rendered() -> None:
    with pytest.raises(GovernError, match=r"no adopted template is called `current-state\.md\.j2`; adopted: a\.j2, b\.j2") as caught:
        render_document("page", STATE, fix7().view(), Head(0, ""), {"b.j2": "", "a.j2": ""})
    assert (caught.value.status, caught.value.problems[0].code) == (Exit.UNJUDGED, "TEMPLATE_MISSING")
    with pytest.raises(GovernError, match="adopted: none"):
        render_document("page", STATE, fix7().view(), Head(0, ""), {})


def test_a_packet_is_shown_by_its_own_document_and_else_by_the_default_template() -> None:
    view = recorded_view()
    assert packet_document(PACKET, view) == ("final-real-data-decision-packet", DOCUMENTS["final-real-data-decision-packet"])
    name, document = packet_document("production", view)
    assert (name, document.template, document.path) == ("production", "decision-packet.md.j2", "governance/packets/production.md")


def test_a_document_of_the_past_is_not_what_an_owner_is_shown_now() -> None:
    past = changed(("template: page.md.j2, packet: second,", 'template: page.md.j2, packet: second, as_of: "#1",'))
    assert packet_document("second", World(past).view())[0] == "second"
    assert packet_document("second", World(SMALL).view())[0] == "page"


def test_blank_lines_of_conditions_are_folded_and_the_page_ends_with_one_line_end() -> None:
    source = "\n\n{{ title }}  \n\n\n\n{% if title %}\n\n{% endif %}\nend\n\n\n"
    page_ = render_document("page", STATE, fix7().view(), Head(0, ""), {"current-state.md.j2": source})
    assert page_.body == "FIX7 P0\n\nend\n"


def test_a_view_is_not_changed_by_rendering_it() -> None:
    view: View = recorded_view()
    before = repr([(name, getattr(view.state, name)) for name in type(view.state).__slots__])
    all_bodies(view)
    assert repr([(name, getattr(view.state, name)) for name in type(view.state).__slots__]) == before


def test_no_word_of_a_programme_stands_in_a_template() -> None:
    policy = recorded_view().policy
    words = [*policy.blockers, *policy.packets, *(status.id for status in policy.statuses), *(name for name in policy.grants if "_" in name)]
    assert words
    for text in TEMPLATES.values():
        assert not [word for word in words if re.search(rf"\b{re.escape(str(word))}\b", text)]


def test_the_package_carries_the_templates_of_this_repository() -> None:
    carried = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "src" / "govern" / "templates").glob("*.j2")}
    assert carried == TEMPLATES
    assert Path(ROOT / "src" / "govern" / "templates").resolve() == (ROOT / "templates").resolve()
