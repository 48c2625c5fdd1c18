"""The JSON Schema of the language, as an editor uses it."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from govern.policy.load import load_policy
from govern.policy.model import Policy
from govern.policy.names import Declared
from support.faults import FIX7, HOSPITAL, SMALL, changed, reported

SCHEMA = Policy.model_json_schema(by_alias=True)
VALIDATOR = Draft202012Validator(SCHEMA)


def properties(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every property that a schema describes, with where it stands."""
    if isinstance(node, dict):
        for key, value in node.get("properties", {}).items():
            yield f"{path}/{key}", value
        for key, inner in node.items():
            yield from properties(inner, f"{path}/{key}")
    elif isinstance(node, list):
        for inner in node:
            yield from properties(inner, path)


def declared_types(kind: type[Declared]) -> Iterator[type[Declared]]:
    """Yield what can be declared in a policy; what generated data is like is described in a file of its own."""
    for inner in kind.__subclasses__():
        if inner.__module__ != "govern.policy.dataset":
            yield inner
            yield from declared_types(inner)


def faults(text: str) -> list[ValidationError]:
    return list(VALIDATOR.iter_errors(yaml.safe_load(text)))


def test_the_schema_is_one_of_draft_2020_12() -> None:
    Draft202012Validator.check_schema(SCHEMA)

    assert len(list(properties(SCHEMA))) > 100


def test_every_property_is_described_in_a_sentence() -> None:
    undescribed = [path for path, schema in properties(SCHEMA) if not schema.get("description", "").endswith(".")]

    assert undescribed == []


def test_everything_that_can_be_declared_is_described_in_a_sentence_and_closed() -> None:
    assert [name for name, schema in SCHEMA["$defs"].items() if not schema["description"].strip().endswith((".", "!"))] == []
    assert [name for name, schema in SCHEMA["$defs"].items() if schema["additionalProperties"] is not False] == []
    assert {kind.__name__ for kind in declared_types(Declared)} - {"Policy"} <= SCHEMA["$defs"].keys()


@pytest.mark.parametrize("source", [FIX7, HOSPITAL, SMALL.encode()])
def test_a_right_policy_is_right_for_the_schema_too(source: bytes) -> None:
    assert faults(source.decode()) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("govern: 1", "govern: 1\nunknown: 1"),
        ("govern: 1", "govern: 2"),
        ("govern: 1", "govern: true"),
        ("govern: 1\n", ""),
        ("{kind: agent,", "{kind: agent, unknown: 1,"),
        ("kind: agent", "kind: agnt"),
        ("members: [owner, second]", "members: []"),
        ("members: [owner, second]", "members: [2]"),
        ("members: [owner, second]", "members: [a b]"),
        ("title: The machine}", "title: ~}"),
        ("title: The machine}", "title: ''}"),
        ("machine: {title", "ma chine: {title"),
        ("machine: {title", "mächine: {title"),
        ("{grant: TRIAL}", "~"),
        ("{grant: TRIAL}", "{}"),
        ("{grant: TRIAL}", "{grunt: TRIAL}"),
        ("{grant: TRIAL}", "{grant: TRIAL, honoured: LEAVE}"),
        ("{grant: TRIAL}", "{all: []}"),
        ("{grant: TRIAL}", "{not: {leg: READY/tried}}"),
        ("{grant: TRIAL}", "{leg: READY}"),
        ("{grant: TRIAL}", "{finding: sound, is: maybe}"),
        ("issuer: board", "issuer: {all: []}"),
        ("issuer: board", "issuer: {all: [{of: board, at_least: 0}]}"),
        ("issuer: board", "issuer: {all: [{of: board, at_least: 100}]}"),
        ("TRIAL: {scope: work", "TRIAL: {expires_after: 14, scope: work"),
        ("TRIAL: {scope: work", "TRIAL: {expires_after: 14x, scope: work"),
        ("title: A small programme", "title: A small programme, timezone: Europe Vienna"),
        ("governance/packets/page.md", "/etc/passwd"),
        ("standing: true", "standing: 1"),
        ("use: standard-1", "use: standard-2"),
        ("{use: standard-1}", "{}"),
    ],
)
def test_a_wrong_policy_is_wrong_for_the_schema_too(right: str, wrong: str) -> None:
    text = changed((right, wrong))

    assert reported(text)
    assert faults(text)


@pytest.mark.parametrize("source", ["discharge, from: a,", "discharge, from: [a, b],"])
def test_a_lifecycle_may_be_replaced_and_names_its_sources_one_way_or_the_other(source: str) -> None:
    leg = f"{{initial: a, states: {{a: {{}}, b: {{counts: true}}}}, transitions: [{{trigger: {source} to: b, by: authority}}]}}"
    text = changed(("{use: standard-1}", f"{{use: standard-1, leg: {leg}}}"))

    assert faults(text) == []
    assert faults(text.replace(source, "discharge, from: [],"))
    assert faults(text.replace(source, "discharge, from: 5,"))


@pytest.mark.parametrize(
    "text",
    [
        SMALL,
        changed(
            ("issuer: board", "issuer: {all: [{of: board, at_least: 2}, {of: maker}]}"),
            ("{grant: TRIAL}", "{any: [{not: {lane: gate}}, {all: [{finding: sound, is: pass}]}, {at_least: 1, of: [{done: change}]}]}"),
        ),
    ],
)
def test_a_policy_is_written_out_as_it_was_declared(text: str) -> None:
    from govern.policy.load import examine_policy

    policy = examine_policy(text.encode()).policy
    assert policy is not None
    written = policy.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"lifecycles"})
    declared = deepcopy(yaml.safe_load(text))
    del declared["lifecycles"]

    assert written == declared


def test_a_boolean_that_is_left_out_is_false_and_a_list_or_section_empty() -> None:
    defaults = {
        (kind.__name__, name): field.get_default(call_default_factory=True)
        for kind in declared_types(Declared)
        for name, field in kind.model_fields.items()
        if not field.is_required()
    }

    assert {default for default in defaults.values() if isinstance(default, bool)} == {False}
    assert {repr(default) for default in defaults.values() if not isinstance(default, bool)} == {"None", "()", "{}", "1", "'proven'", "'any'"}


def test_a_declared_thing_cannot_be_changed() -> None:
    policy = load_policy(SMALL.encode())

    with pytest.raises(ValueError, match="frozen"):
        setattr(policy.grants["TRIAL"], "scope", "live")  # noqa: B010 - a type checker would refuse the plain form
