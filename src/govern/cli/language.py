"""`check` and `schema`: the language of states.yaml."""

import json
from typing import Annotated

import typer

from govern.cli.adoptable import template_problems
from govern.cli.output import counted, print_diagnostics
from govern.cli.session import Session, session_of
from govern.documents.schemas import SHAPES, document_schema
from govern.policy.check_guards import shared_grants
from govern.policy.load import examine_policy
from govern.problems import Exit, Place, Problem, did_you_mean, fault, unknown_id


def check(context: typer.Context, shared: Annotated[bool, typer.Option("--shared", help="Also list the grants that several guards rest on.")] = False) -> None:
    """Find every static fault of policy, templates and documents."""
    session = session_of(context)
    if session.options.as_of is not None:
        raise fault(Exit.USAGE, "AS_OF", "the working files are checked, which are of today", help="leave out --as-of")
    examined = examine_policy(session.project.policy_bytes())
    problems = [*examined.problems, *template_problems(session.project.template_texts(), examined.policy.tokens if examined.policy else ())]
    if examined.policy:
        problems += _document_problems(session, {document.template: document.at for document in examined.policy.documents.values()})
        problems += _zone_problems(examined.policy.programme.timezone, examined.policy.programme.at_key("timezone"))
    shares = shared_grants(examined.policy) if examined.policy and examined.passed else {}
    errors = sum(problem.severity == "error" for problem in problems)
    if not session.options.json:
        print_diagnostics(problems, session.options.color, session.project.root)
    lines = [f"states.yaml: {counted(errors, 'error')}, {counted(len(problems) - errors, 'warning')}" if problems else "states.yaml: no fault found"]
    if shared:
        lines += [f"  {name} is what these rest on: {', '.join(wheres)}" for name, wheres in shares.items()]
    if session.options.json:
        session.diagnostics += problems
    session.answer("check", {"errors": errors, "warnings": len(problems) - errors, "shared": shares}, "\n".join(lines), Exit.NO if errors else Exit.YES)


def _document_problems(session: Session, wanted: dict[str, Place]) -> list[Problem]:
    known = session.project.template_texts()
    return [
        Problem("TEMPLATE_MISSING", f"there is no templates/{name}", place, help=did_you_mean(name, known) or "write it, or name another")
        for name, place in wanted.items()
        if name not in known
    ]


def _zone_problems(zone: str | None, place: Place) -> list[Problem]:
    from zoneinfo import available_timezones

    if zone is None or zone == "UTC" or zone in (known := available_timezones()):
        return []
    return [Problem("POLICY_TIMEZONE", f"unknown time zone `{zone}`", place, help=did_you_mean(zone, known) or "an IANA name such as Europe/Vienna")]


def schema(
    context: typer.Context,
    document: Annotated[str | None, typer.Argument(metavar="KIND", help="A kind of document, as `shows` names it: the schema of its JSON twin.")] = None,
) -> None:
    """Print the JSON Schema of states.yaml, or of a document's JSON twin."""
    session = session_of(context)
    if document is not None and document not in SHAPES:
        raise unknown_id("kind of document", document, SHAPES, ", ".join(SHAPES))
    found = json_schema() if document is None else document_schema(document)
    session.answer("schema", found, json.dumps(found, indent=2, ensure_ascii=False))


def json_schema() -> dict[str, object]:
    """Return the JSON Schema (draft 2020-12) of states.yaml, with the description of every key."""
    from govern.policy.model import Policy

    found = Policy.model_json_schema(by_alias=True)
    # The four lifecycles come from the standard set where they are left out.
    found["$defs"]["Lifecycles"]["required"] = ["use"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}
