"""Pages are good to read: a linter finds nothing, links lead somewhere, what is long is folded, and the first lines say what is asked."""

import re
from pathlib import Path, PurePosixPath
from typing import get_args

import pytest
from pymarkdown.api import PyMarkdownApi

from govern.documents.anchors import anchor_of, link_from
from govern.documents.files import documents_of
from govern.documents.templates import check_template
from govern.policy.promises import Document
from support.markdown import PARSER, anchor, body_of, faults, headings, paragraphs, section, tables
from support.pages import ROOT, TEMPLATES, all_bodies, packet_body, recorded_view, span_bodies
from support.programmes import PROGRAMMES
from support.world import World, evidence

COMMITTED = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "governance").rglob("*.md"))
DOCUMENTS = documents_of(recorded_view())


def lint(text: str) -> list[str]:
    """Return what the linter finds in a page, by the rules that this repository declares."""
    found = PyMarkdownApi().configuration_file_path(str(ROOT / "pyproject.toml")).scan_string(text)
    assert not found.pragma_errors
    return [f"{each.line_number}: {each.rule_id} {each.rule_description} {each.extra_error_information}" for each in found.scan_failures]


def begun(programme: str) -> World:
    """Return a programme with its first packet issued, a report of a document and a word of an actor."""
    world = World(PROGRAMMES[programme])
    actor = next(iter(world.view().policy.actors))
    for about in ("surfaces", "evidence", "registry", "weather"):
        world.report("quote", actor, about=about, text="As it says.")
    world.record("issue", actor, packet=next(iter(world.view().policy.packets)))
    return world


def test_the_linter_works() -> None:
    assert lint("# One\n\n### Three\n\n<div>\n\n</div>\n")[0].startswith("3: MD001")
    assert lint("# One\n\n<details>\n<summary>x</summary>\n\n</details>\n") == []


@pytest.mark.parametrize("path", COMMITTED)
def test_the_linter_finds_nothing_in_a_committed_page(path: str) -> None:
    assert lint((ROOT / path).read_text(encoding="utf-8")) == []


def test_the_linter_finds_nothing_in_any_page_of_another_programme() -> None:
    world = begun("hospital")
    for page, body in {**all_bodies(world.view()), **span_bodies(world)}.items():
        assert lint(body) == [], page
        assert faults(body) == [], page


@pytest.mark.parametrize("path", COMMITTED)
def test_every_link_leads_to_a_file_or_a_heading_that_is_there(path: str) -> None:
    text = body_of((ROOT / path).read_text(encoding="utf-8"))
    links = [str(child.attrs["href"]) for token in PARSER.parse(text) for child in token.children or [] if child.type == "link_open"]
    for link in links:
        if link.startswith("#"):
            assert [anchor(title) for _level, title in headings(text)].count(link[1:]) == 1, link
        else:
            assert (ROOT / PurePosixPath(path).parent / link).resolve().is_relative_to(ROOT)
            assert (ROOT / PurePosixPath(path).parent / link).is_file(), link


def test_the_options_of_a_packet_are_linked_and_the_current_state_links_every_other_document() -> None:
    packet = packet_body("final-real-data", recorded_view())
    assert len(re.findall(r"\]\(#", packet)) == 5
    state = body_of((ROOT / DOCUMENTS["current-state"].path).read_text(encoding="utf-8"))
    assert len(re.findall(r"\]\(", state)) == len(DOCUMENTS) - 1


@pytest.mark.parametrize(
    ("heading", "wanted"),
    [
        ("5. AUTHORIZE_PRODUCTION_EXECUTION", "5-authorize_production_execution"),
        ("1. STAY (DEFAULT)", "1-stay-default"),
        ("A.B  c-d", "ab--c-d"),
    ],
)
def test_an_anchor_is_spelled_as_github_spells_it(heading: str, wanted: str) -> None:
    assert anchor_of(heading) == wanted


def test_a_link_leads_from_the_folder_of_its_page() -> None:
    assert link_from("governance/reports/state.md", "governance/packets/one.md") == "../packets/one.md"
    assert link_from("governance/reports/state.md", "governance/reports/map.md") == "map.md"


def test_what_is_long_is_folded_and_what_decides_is_not() -> None:
    world = begun("fix7")
    world.record("issue", "engineering", packet="final-real-data")
    page = packet_body("final-real-data", world.view())
    assert re.findall(r"<summary>(.*)</summary>", page) == ["10 prerequisites"]
    fifth = section(page, "5. AUTHORIZE_PRODUCTION_EXECUTION")
    assert "NOT SELECTABLE BY THIS LANE" in fifth.split("<details>")[0]
    assert len(tables(fifth)[0].rows) == 10, "a table within a fold is still one"


@pytest.mark.parametrize(
    ("source", "refused"),
    [
        ("<details>\n<summary>{{ title }}</summary>\n\nx\n", True),
        ("<details>\n{% if title %}\n<summary>{{ title | code }}</summary>\n{% endif %}\n", True),
        ("<div>\n  {{ title }}\n</div>\n", True),
        ("- <div>\n  {{ title }}\n  </div>\n", True),
        ("1. > <!-- {{ title }} -->\n", True),
        ('text <a href="{{ title }}">x</a>\n', True),
        ("text <b>{{ title }}</b>\n", False),
        ("{% if title %}<b>{{ title }}</b>{% endif %}\n", True),
        ("<details>\n<summary>{{ title | length }} letters</summary>\n\n{{ title }}\n\n</details>\n", False),
        ("a < {{ title }}\n", False),
    ],
)
def test_a_template_prints_no_text_within_html_where_nothing_escapes_it(source: str, refused: bool) -> None:  # noqa: FBT001 - a table of cases
    assert [each.code for each in check_template("page.md.j2", source)] == (["TEMPLATE_FORBIDDEN"] if refused else [])


def test_the_first_paragraph_of_a_page_that_asks_for_something_says_what_and_what_happens_without_an_answer() -> None:
    world = begun("hospital")
    packet = paragraphs(packet_body("cut-over", world.view()))[0]
    assert "Once it is, it asks 2 of board and ward to pick exactly one option" in packet
    assert "The default is WAIT, and no answer leaves it there." in packet
    adoption = paragraphs(span_bodies(world)["adoption of MAPPING"])[0]
    assert adoption.startswith("head-nurse will be asked to put into force what vendors prepared")
    assert "The default is that it is not" in adoption


def test_a_text_of_the_policy_or_of_a_record_says_whose_word_it_is() -> None:
    world = World(PROGRAMMES["hospital"])
    world.report("quote", "vendor", about="weather", text="Dry.")
    world.record("discharge", "head-nurse", leg="MAPPING/read", evidence=evidence("attest", "field-mapping", says="Read twice."))
    world.record("finding", "head-nurse", finding="allergies-complete", result="fail", why="Two are missing.")
    pages = {**all_bodies(world.view()), **span_bodies(world)}
    assert "Record #2 says: Read twice." in pages["state"]
    assert "| MAPPING/read | attestation of field-mapping | head-nurse | #2 (signed) |" in pages["state"]
    assert "**FAIL** (#3 of head-nurse, signed)" in pages["state"]
    assert "| weather | Dry. | D1 (#1) |" in pages["state"]
    assert "Host: Records office, ground floor (declared in the policy)" in pages["state"]
    assert "the policy says: It is the first stage." in pages["packet inventory"]
    assert "are the words of the policy; what is on record has its number." in pages["packet inventory"]
    assert "| #3 finding | 1970-01-01T00:00:00Z | head-nurse |" in pages["report"]


def test_every_kind_of_document_is_rendered_from_one_template_that_stands_in_the_package() -> None:
    assert len(TEMPLATES) == len(get_args(Document.model_fields["shows"].annotation))
    assert {path.name for path in Path(ROOT / "src" / "govern" / "templates").glob("*.j2")} == set(TEMPLATES)
