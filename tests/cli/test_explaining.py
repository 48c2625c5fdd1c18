"""`explain`, `schema` and the help: everything that is printed elsewhere is explained here, offline."""

import ast
import importlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from jsonschema import Draft202012Validator

import govern
from govern.cli.codes import CAUSES, CODES, TOPICS
from govern.cli.explain import fields
from govern.cli.main import COMMANDS, app
from govern.engine.causes import CODE_OF, Cause
from govern.policy.tree import parse_tree
from support.cli import run_words
from support.faults import FIX7, HOSPITAL

SOURCE = Path(govern.__file__).parent
# What makes a problem: the function, and which of its arguments is the code.
MAKERS = {"Problem": 0, "fault": 1, "_broken": 0, "_invalid": 1, "_refused": 0}


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Yield every call in the source of what makes a problem."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
                yield path.name, node


def raised() -> set[str]:
    """Return every code that stands in the source, or is made of a cause."""
    found = set()
    for _file, node in calls():
        position = MAKERS[node.func.id]  # type: ignore[attr-defined]  # it is a name, as `calls` has seen to
        for each in ast.walk(node.args[position]) if len(node.args) > position else []:
            if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value.replace("_", "").isupper():
                found.add(each.value)
    return found | {CODE_OF.get(cause, cause.value.upper().replace("-", "_")) for cause in Cause}


def test_every_code_that_is_raised_anywhere_is_explained() -> None:
    assert len(raised()) > 90
    assert raised() - set(CODES) == set()


def test_every_code_that_is_explained_stands_in_the_source() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py") if path.name != "codes.py"}
    made_of_causes = {CODE_OF.get(cause, cause.value.upper().replace("-", "_")) for cause in Cause}
    assert [code for code in CODES if code not in made_of_causes and not any(f'"{code}"' in text for text in texts.values())] == []


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_code_is_explained_by_its_name_in_any_case(code: str) -> None:
    if code.lower() not in CAUSES:
        assert run_words("explain", code.lower()).out.startswith(f"{code}\n  {CODES[code]}\n")
    assert f"{code}\n  {CODES[code]}\n" in run_words("explain", code).out


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_is_explained(cause: Cause) -> None:
    assert run_words("explain", cause.value).out.startswith(f"{cause.value}\n  {CAUSES[cause.value]}\n")


def test_the_causes_that_are_explained_are_the_closed_list() -> None:
    assert list(CAUSES) == [cause.value for cause in Cause]


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_has_something_to_tell(topic: str) -> None:
    ran = run_words("explain", topic)
    assert (ran.status, ran.err) == (0, "")
    assert len(ran.out) > 60


def keys_of(text: bytes) -> set[str]:
    """Return the paths of the keys that a policy uses, without the names that it declares itself."""
    found: set[str] = set()

    def walk(node: object, path: str) -> None:
        if isinstance(node, dict):
            for key, inner in node.items():
                found.add(f"{path}{key}")
                walk(inner, f"{path}{key}.")
        elif isinstance(node, list):
            for inner in node:
                walk(inner, path)

    walk(json.loads(json.dumps(parse_tree(text, "p.yaml")[0], default=str)), "")
    return found


def test_every_key_of_the_language_is_explained_by_its_path_and_by_its_last_word() -> None:
    known = fields()
    assert len(known) > 90
    assert all(known.values()), "every key has words"
    for path in ("packets.options.requires", "grants.expires_after", "guard.at_least", "documents.current", "invariants.never"):
        assert f"{path}\n  {known[path]}" in run_words("explain", path).out
        assert f"{path}\n  {known[path]}" in run_words("explain", path.rpartition(".")[2]).out


def test_the_top_keys_topics_and_causes_are_listed_without_a_word() -> None:
    out = run_words("explain").out
    used = {path for text in (FIX7, HOSPITAL) for path in keys_of(text) if "." not in path}
    assert all(f"\n  {key} " in out for key in used)
    assert f"topics: {', '.join(TOPICS)}" in out
    assert f"causes: {', '.join(CAUSES)}" in out
    assert run_words("explain", "codes").out.count("\n") == len(CODES)


@pytest.mark.parametrize(("word", "hint"), [("quorun", "did you mean `quorum`?"), ("zzz", "`govern explain` lists what there is")])
def test_what_cannot_be_explained_is_refused_with_a_hint(word: str, hint: str) -> None:
    ran = run_words("explain", word)
    assert (ran.status, ran.codes) == (2, ["UNKNOWN_ID"])
    assert hint in ran.err


def test_the_schema_that_is_printed_is_a_schema_that_the_programmes_meet() -> None:
    schema = json.loads(run_words("schema").out)
    Draft202012Validator.check_schema(schema)
    for text in (FIX7, HOSPITAL):
        tree = json.loads(json.dumps(parse_tree(text, "p.yaml")[0]))
        assert list(Draft202012Validator(schema).iter_errors(tree)) == []
        assert list(Draft202012Validator(schema).iter_errors({**tree, "more": 1}))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_begins_as_the_table_of_commands_says(command: str) -> None:
    where, told = COMMANDS[command]
    module, attribute = where.split(":")
    found = getattr(importlib.import_module(f"govern.cli.{module}"), attribute)
    words = str(found.info.help if isinstance(found, typer.Typer) else found.__doc__)
    assert words.partition("\n")[0].partition(" Without a command")[0] == told
    ran = run_words(command, "--help")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: govern {command} ")


def test_the_help_lists_every_command_in_the_order_of_the_table() -> None:
    out = run_words("--help").out
    listed = [line.split()[0] for line in out.partition("Commands:\n")[2].split("\n") if line.startswith("  ") and not line.startswith("   ")]
    assert listed == [*COMMANDS, "`govern"]
    assert typer.main.get_group(app).list_commands(typer.Context(typer.main.get_command(app))) == list(COMMANDS)


@pytest.mark.parametrize("group", ["grant", "blocker", "lane", "packet", "policy", "key", "ledger"])
def test_no_help_of_a_group_is_cut_off(group: str) -> None:
    listed = run_words(group, "--help").out.partition("Commands:\n")[2]
    assert listed.count("\n") >= 1
    assert "..." not in listed
