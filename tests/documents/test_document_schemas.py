"""The JSON twin of every kind of document fits its published schema, which is closed: what a page is given, no more and no less."""

import json
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from govern.documents.files import documents_of
from govern.documents.render import Head
from govern.documents.schemas import SHAPES, document_schema
from govern.documents.spans import Sources
from govern.policy import find
from govern.policy.promises import Document
from support.pages import ROOT, TEMPLATES, recorded_page, recorded_view, rendered, sources_for
from support.programmes import PROGRAMMES
from support.rehearsed import bound_to
from support.world import World, evidence

DOCUMENTS = documents_of(recorded_view())
TEMPLATE_OF = {"packet": "decision-packet.md.j2", "hand-off": "operator-handoff.md.j2"}


def validator(shows: str) -> Draft202012Validator:
    schema = document_schema(shows)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def every_document(world: World) -> list[Document]:
    """Return one document of each kind, and one for each packet and blocker where a kind is about one."""
    policy, found = world.view().policy, []
    for shows in SHAPES:
        abouts: list[dict[str, Any]] = [{}]
        abouts = [{"packet": name} for name in policy.packets] if shows == "packet" else abouts
        abouts = [{"blocker": name} for name in policy.blockers] if shows == "adoption" else abouts
        abouts = [{"since": "#0"}] if shows == "gap-closure" else abouts
        spans = [each.span for each in world.state.register.reservations.values()]
        abouts = [{"path": f"governance/registry/{span}.md"} for span in spans] if shows == "addendum" else abouts
        abouts = [] if shows.startswith("registry") and policy.registry is None else abouts
        template = TEMPLATE_OF.get(shows, f"{shows}.md.j2")
        found += [Document(shows=shows, template=template, **{"path": "governance/reports/page.md", **about}) for about in abouts]
    return found


def moved(name: str) -> World:
    """Return a programme in which something of every kind is on record, as far as it may be."""
    world = World(PROGRAMMES[name])
    policy = world.view().policy
    for about in ("surfaces", "evidence", "registry", "weather", *policy.actions):
        world.report("quote", next(iter(policy.actors)), about=about, text=f"Of {about}.")
    if policy.registry is not None:
        first = world.state.register.next_free
        world.record("reserve", next(iter(policy.actors)), first=first, last=first + 1, nonce="1" * 64, **{"for": "tests"})
    for packet in policy.packets:
        if not world.propose("issue", next(iter(policy.actors)), {"packet": packet}):
            world.record("issue", next(iter(policy.actors)), packet=packet)
    for path, leg in policy.legs.items():
        if leg.evidence is not None and leg.by in policy.actors:
            body = {"leg": path, "evidence": evidence(leg.evidence.kind, leg.evidence.of, says="It is so.") | bound_to(policy, path)}
            if not world.propose("discharge", leg.by, body):
                world.record("discharge", leg.by, **body)
                world.record("reopen", leg.by, leg=path, reason="A mistake.") if path.endswith("toy") else None
    for finding, declared in policy.findings.items():
        world.record("finding", find.everyone(policy, declared.by)[0], finding=finding, result="fail", why="Cracks.")
    return world


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_twin_of_every_declared_document_fits_its_schema(name: str) -> None:
    twin = json.loads(recorded_page(name).json_text)
    assert list(validator(DOCUMENTS[name].shows).iter_errors(twin)) == []


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_the_twin_of_every_kind_fits_its_schema_in_every_programme(programme: str) -> None:
    for world in (World(PROGRAMMES[programme]), moved(programme)):
        for document in every_document(world):
            twin = json.loads(rendered_twin(document, world))
            assert list(validator(document.shows).iter_errors(twin)) == [], document


def rendered_twin(document: Document, world: World) -> str:
    sources: Sources = sources_for(document, world.lines, world.view(), world.fresh)
    chain = world.replay.chain
    found = rendered(document, world.view(), Head(chain.size, chain.last), sources)
    return found.json_text


@pytest.mark.parametrize("shows", SHAPES)
def test_a_twin_with_a_key_too_many_or_too_few_fits_no_schema(shows: str) -> None:
    world = moved("fix7")
    twin = json.loads(rendered_twin(next(each for each in every_document(world) if each.shows == shows), world))
    check = validator(shows)
    assert check.is_valid(twin)
    assert not check.is_valid({**twin, "approved": True})
    assert not check.is_valid({**twin, "shows": {**twin["shows"], "approved": True}})
    for key in twin["shows"]:
        assert not check.is_valid({**twin, "shows": {other: value for other, value in twin["shows"].items() if other != key}})
    for key in twin:
        assert not check.is_valid({other: value for other, value in twin.items() if other != key})


@pytest.mark.parametrize("shows", SHAPES)
def test_every_object_of_a_schema_is_closed_and_described(shows: str) -> None:
    schema = document_schema(shows)
    for name, part in schema["$defs"].items():
        assert part["additionalProperties"] is False, name
        assert part["required"] == list(part["properties"]), name
        assert part["description"], name


def test_every_kind_of_the_language_has_a_schema_a_template_and_a_page_in_the_docs() -> None:
    kinds = get_args(Document.model_fields["shows"].annotation)
    assert set(SHAPES) == set(kinds)
    for shows in SHAPES:
        assert json.loads((ROOT / "docs" / "schemas" / f"{shows}.schema.json").read_text(encoding="utf-8")) == document_schema(shows)
    assert {TEMPLATE_OF.get(shows, f"{shows}.md.j2") for shows in SHAPES} == set(TEMPLATES)
