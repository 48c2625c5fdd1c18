"""The pages of the registry: both moments of the repository's own, and what each record changes in them."""

import json
from typing import Any

import pytest

from govern.documents.registry_pages import registry_line
from govern.documents.render import Head, document_named, documents_of, render_document
from support.markdown import faults, paragraphs, tables
from support.pages import ROOT, TEMPLATES, recorded_view, rendered
from support.policies import one_option
from support.seeds import source_says
from support.world import World

PAGES = """
  registry: {shows: registry, template: registry.md.j2, path: governance/registry/registry.md, json: governance/registry/registry.json}
  index: {shows: registry-index, template: registry-index.md.j2, path: governance/registry/00-index.md, json: governance/registry/00-index.json}
  addenda: {shows: addendum, template: addendum.md.j2, path: governance/registry/addenda, json: governance/registry/addenda}"""


def world() -> World:
    """Return a programme with a registry and its pages."""
    return World(one_option(registry="{prefix: T, folded_by: owner}", documents=PAGES))


def pages(world: World) -> dict[str, str]:
    """Return every page of a registry, without front matter."""
    view = world.view()
    return {name: rendered(document, view).body for name, document in documents_of(view).items()}


def reserve(world: World, count: int, purpose: str = "tests") -> dict[str, int]:
    """Reserve ids; return how a record names them."""
    first = world.state.register.next_free
    seq = world.record("reserve", "agent", first=first, last=first + count - 1, nonce="1" * 64, **{"for": purpose})
    return {"reservation": seq, "first": first, "last": first + count - 1}


def test_at_the_first_moment_the_registry_is_as_the_first_document_says() -> None:
    assert source_says("000", "TKT-OBJ-485..494 reserved via standalone addendum, APPLY_NOW=NO, above ceiling 484; canonical")
    assert source_says("000", "registry JSON rev24 / MD rev24 / 00-index rev116 untouched; canonical body max remains 461")
    line = registry_line(recorded_view("S0"))
    assert (line["body_max"], line["ceiling"], line["next_free"]) == (461, 484, "TKT-OBJ-495")
    assert line["revisions"] == {"json": 24, "markdown": 24, "index": 116}
    [waiting] = line["waiting"]
    assert (waiting["ids"], waiting["apply_now"], waiting["above"], waiting["count"]) == ("TKT-OBJ-485..494", "NO", 484, 10)
    assert (waiting["for"], waiting["by"], waiting["at"]) == ("unknown", "unknown", "unknown")


def test_at_the_second_moment_it_is_folded_and_its_revisions_are_unknown() -> None:
    assert source_says("004", "canonical governance is folded through TKT-OBJ-507")
    line = registry_line(recorded_view())
    assert (line["body_max"], line["ceiling"], line["next_free"], line["waiting"]) == (507, 507, "TKT-OBJ-508", [])
    assert line["revisions"] == dict.fromkeys(("json", "markdown", "index"), "unknown")


def test_what_made_the_ids_that_no_record_reserves_is_not_invented() -> None:
    twin = json.loads((ROOT / "governance/registry/registry.json").read_text())["shows"]
    assert twin["unrecorded"] == ["TKT-OBJ-1..484", "TKT-OBJ-495..507"]
    [folded] = twin["folds"]
    assert (folded["ids"], folded["by"], folded["for"], folded["folded"]["by"]) == ("TKT-OBJ-485..494", "unknown", "unknown", "unknown")


def test_the_addendum_of_the_first_document_says_apply_now_no_as_long_as_it_waits() -> None:
    view = recorded_view("S0")
    document = documents_of(view)["addenda/485..494"]
    body = render_document("addenda/485..494", document, view, Head(0, ""), TEMPLATES).body
    assert paragraphs(body)[0] == "APPLY_NOW=NO: reserved, and not folded. The canonical registry is as it was."
    assert "- Reserves: 10 ids, above ceiling 484\n" in body
    assert "- Left untouched: JSON revision 24, Markdown revision 24, index revision 116, body maximum 461\n" in body


def test_a_reservation_changes_no_byte_of_the_canonical_pages_and_adds_its_addendum() -> None:
    known = world()
    before = pages(known)
    reserve(known, 10)
    after = pages(known)
    assert after.pop("addenda/1..10")
    assert after == before


def test_a_fold_moves_json_markdown_and_index_together() -> None:
    known = world()
    named = reserve(known, 10)
    known.record("fold", "owner", **named)
    view, documents = known.view(), documents_of(known.view())
    twins = {name: json.loads(rendered(document, view).json_text)["shows"] for name, document in documents.items()}
    assert twins["registry"]["revisions"] == twins["index"]["revisions"] == {"json": 1, "markdown": 1, "index": 1}
    assert paragraphs(pages(known)["registry"])[0].startswith("Body maximum 10, revision 1 of A small programme")
    assert tables(pages(known)["index"])[0].rows == [["T-1..10", "tests", "#2", "addenda/1..10.md"]]
    assert twins["addenda/1..10"]["state"] == "folded"
    assert "APPLY_NOW=NO" not in pages(known)["addenda/1..10"]


def test_a_withdrawn_reservation_says_so_and_stays() -> None:
    known = world()
    before = pages(known)
    known.record("withdraw", "agent", **reserve(known, 1), reason="not wanted")
    after = pages(known)
    assert "**APPLY\\_NOW=NO**" not in after["addenda/1"]
    assert paragraphs(after["addenda/1"])[0] == ("APPLY_NOW=NO: withdrawn by agent with record #2, never to be folded. Its ids are not given again.")
    assert {name: body for name, body in after.items() if name != "addenda/1"} == before


def test_words_that_wait_for_others_are_named() -> None:
    known = World(one_option(registry="{prefix: T, folded_by: {all: [{of: board, at_least: 2}]}}", documents=PAGES))
    named = reserve(known, 2)
    known.record("fold", "ann", **named)
    assert "- Words given for its fold: ann; others are waited for\n" in pages(known)["addenda/1..2"]


@pytest.mark.parametrize("text", ["| a | b |", "# head", "- [x] done\n- more", "\u202etxt\u200b", "`code` <b>x</b> [a](http://b)", "x" * 4000])
def test_what_an_agent_says_it_is_for_forges_no_structure(text: str) -> None:
    plain, hostile = world(), world()
    for known, purpose in ((plain, "x"), (hostile, text)):
        named = reserve(known, 3, purpose)
        known.record("fold", "owner", **named)
        reserve(known, 1, purpose)
    for name, body in pages(hostile).items():
        assert faults(body) == [], name
        assert body.count("\n") == pages(plain)[name].count("\n"), name


@pytest.mark.parametrize("name", ["addenda", "addenda/2", "addenda/1..3", "registry/1..2", "1..2", "none", "none/1..2", ""])
def test_a_page_that_is_not_declared_is_not_found(name: str) -> None:
    known = world()
    reserve(known, 2)
    view = known.view()
    assert document_named(name, view) is None
    assert {each: document_named(each, view) for each in documents_of(view)} == documents_of(view)


def test_a_programme_without_a_registry_prints_nothing_of_one() -> None:
    known = World(one_option())
    line: dict[str, Any] = registry_line(known.view())
    assert line == {}
