"""`show ID`: one thing, as declared, as it stands, and the records about it."""

from collections.abc import Mapping
from typing import Annotated, Any, NoReturn

import typer

from govern.cli.completion import any_id
from govern.cli.facts import requirement_lines, verdict_json
from govern.cli.log import log_rows, records_about
from govern.cli.output import table
from govern.cli.session import Session, session_of
from govern.engine.holds import respond_state
from govern.engine.judge import blocker_state
from govern.engine.verdicts import Target, find_target, verdict
from govern.engine.view import View
from govern.policy import find
from govern.policy.names import Declared, spell_duration


def show(context: typer.Context, id: Annotated[str, typer.Argument(metavar="ID", help="What to show.", autocompletion=any_id)]) -> None:
    """Show one thing: its declaration, its state, its records."""
    answer_show(session_of(context), id)


def answer_show(session: Session, id: str) -> NoReturn:
    """Print one thing."""
    view = session.view
    target = find_target(id, view)
    declared = _declared(target, view)
    found = verdict(target, view)
    rows = log_rows(records_about(session, target.name, target.kind))
    standing = _standing(target, view)
    result = {
        "id": target.name,
        "kind": target.kind,
        "declared": declared.model_dump(mode="json", by_alias=True, exclude_none=True),
        "declared_at": str(declared.at),
        "standing": standing,
        "verdict": verdict_json(found, session.view),
        "records": [row[0] for row in rows],
    }
    lines = [f"{target.kind} {target.name}: {standing}", f"  declared at {declared.at.file}:{declared.at.line}"]
    lines += [f"  {line}" for line in _facts(declared)]
    lines += ["", "requirements", requirement_lines(found.requirements, view.policy)]
    if rows:
        lines += ["", "records", table(rows, "  ")]
    session.answer("show", result, "\n".join(lines))


def _declared(target: Target, view: View) -> Declared:
    policy = view.policy
    if target.kind == "option":
        return find.option(policy, target.name)[1]
    if target.kind == "leg":
        return find.leg(policy, target.name)
    declared: dict[str, Mapping[str, Declared]] = {
        "blocker": policy.blockers,
        "lane": policy.lanes,
        "grant": policy.grants,
        "action": policy.actions,
        "packet": policy.packets,
        "finding": policy.findings,
        "claim": policy.claims,
    }
    return declared[target.kind][target.name]


# How a thing stands where it is allowed, and where it is not.
_STANDINGS = {
    "option": ("open", "locked"),
    "leg": ("proven", "open"),
    "lane": ("open", "closed"),
    "action": ("allowed", "not allowed"),
    "claim": ("supported", "not supported"),
}


def _standing(target: Target, view: View) -> str:
    name = target.name
    if target.kind == "blocker":
        return blocker_state(name, view) or "unknown"
    if target.kind == "packet":
        return f"{view.packet(name).state}, {respond_state(name, view)}"
    if target.kind == "finding":
        recorded = view.state.findings.get(name)
        return f"{recorded.result} by record #{recorded.seq}" if recorded else f"{view.policy.findings[name].result}, as declared"
    if target.kind == "grant":
        return ", ".join(f"{name}#{each.seq} {each.state}" for each in view.instances(name)) or "none on record"
    yes, no = _STANDINGS[target.kind]
    return ("selected; " if target.kind == "option" and _selected(name, view) else "") + (yes if verdict(target, view).allowed else no)


def _selected(address: str, view: View) -> bool:
    packet, option = find.option(view.policy, address)
    return view.packet(packet).selected == option.id and view.packet(packet).decision is not None


def _facts(declared: Declared) -> list[str]:
    """Return the plain keys of a declaration; guards and nested things are shown by what is judged of them."""
    plain: dict[str, Any] = {
        key: value
        for key, value in declared.model_dump(mode="json", by_alias=True, exclude_defaults=True).items()
        if isinstance(value, str | int) or (isinstance(value, list) and value and all(isinstance(each, str) for each in value))
    }
    rows = [(key, _spelled(key, value)) for key, value in plain.items()]
    return table(rows).split("\n") if rows else []


def _spelled(key: str, value: Any) -> str:
    if key in ("expires_after", "fresh_for", "respond_within"):
        return spell_duration(value)
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, list) else str(value)
