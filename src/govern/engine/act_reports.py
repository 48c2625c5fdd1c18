"""Acts that documents report: history is not judged, only taken right after genesis, and only of what is known here.

Pure. What a report claims counts as imported, which is never enough in a protected scope.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from govern.engine.act_grants import END_TRIGGERS, STATE_BEFORE
from govern.engine.act_tickets import against_report
from govern.engine.causes import Cause, Requirement
from govern.engine.refusing import refusal
from govern.engine.view import View
from govern.policy.lifecycles import Kind, Trigger

if TYPE_CHECKING:
    from govern.engine.acts import Act


# What authority itself rests on is never a document's word. What one says of ticket ids is in a `register`.
_NEVER_REPORTED = frozenset({"genesis", "adopt", "propose", "enroll", "retire", "repair", "reserve", "fold", "withdraw"})


def judge_report(act: "Act", view: View) -> Iterator[Requirement]:
    """History is reported right after genesis; it never adopts a policy or enrols a key, and goes on only with what is on record."""
    if not view.state.importing:
        yield refusal("import", Cause.REFUSED, "imported history is taken right after genesis only", view.policy.at)
    if act.kind in _NEVER_REPORTED:
        yield refusal(f"import:{act.kind}", Cause.REFUSED, f"a document cannot report a record of kind {act.kind}", view.policy.at)
        return
    against = _against(act, view)
    if against:
        yield refusal("import:record", Cause.MISSING, against, view.policy.at, how="govern log")
        return
    for kind, trigger in _steps(act, view):
        lifecycle = view.policy.lifecycles.of(kind)
        if not any(way.trigger == trigger for way in lifecycle.transitions):
            yield refusal(f"{kind}:{trigger}", Cause.REFUSED, f"the {kind} lifecycle knows no `{trigger}`", lifecycle.at)
        elif kind == "grant" and (source := _instance_state(act, view)) != lifecycle.initial and (trigger, source) not in lifecycle.ways:
            # What came before the first report of an instance is not known; from there on it goes the ways there are.
            why = f"it is reported to be {source}, and no way leads from there by `{trigger}`"
            yield refusal(f"{kind}:{trigger}", Cause.REFUSED, why, lifecycle.at, how="govern explain lifecycles")


def _against(act: "Act", view: View) -> str:
    """Return what a report goes on with that is not there, or nothing."""
    state, body = view.state, act.body
    match act.kind:
        case "grant" if "instance" in body and not _is_instance(body["instance"], body["grant"], view):
            return f"no {body['grant']}#{body['instance']} is on record"
        case "begin" if "grant" in body and not _is_instance(body["grant"], view.policy.actions[body["action"]].consumes, view):
            return f"record #{body['grant']} is no grant that {body['action']} uses up"
        case "decide" if "delegation" in body and body["delegation"] not in state.delegations:
            return f"record #{body['delegation']} is no delegation"
        case "revoke" if body["record"] not in {**state.instances, **state.delegations}:
            return f"record #{body['record']} is neither a grant nor a delegation"
        case "end" | "lose" | "resolve" if body["begin"] not in state.runs or state.runs[body["begin"]].state != STATE_BEFORE[act.kind]:
            return f"record #{body['begin']} began nothing that could {act.kind}"
        case "reopen" if body["leg"] not in state.proofs:
            return f"leg {body['leg']} was not proven"
        case "open" | "close" if view.policy.lanes[body["lane"]].opened_by is None:
            return f"lane {body['lane']} is not opened or closed by a record"
        case "mark" if body["name"] in state.marks:
            return f"@{body['name']} already marks record #{state.marks[body['name']]}"
        case "register":
            return against_report(act, view)
    return ""


def _instance_state(act: "Act", view: View) -> str:
    """Return the state of the instance of a grant that a report goes on with, or begins."""
    state, body = view.state, act.body
    run = state.runs.get(body.get("begin", -1))
    named = body.get("instance", body.get("record", run.grant if run else body.get("grant")))
    instance = state.instances.get(named) if isinstance(named, int) else None
    return instance.state if instance else view.policy.lifecycles.grant.initial


def _is_instance(seq: int, grant: str | None, view: View) -> bool:
    instance = view.state.instances.get(seq)
    return instance is not None and instance.grant == grant


def _steps(act: "Act", view: View) -> Iterator[tuple[Kind, Trigger]]:
    """Yield the steps of lifecycles that a report takes."""
    match act.kind:
        case "prepare":
            yield "packet", "prepare"
        case "issue":
            yield "packet", "issue"
            if view.policy.packets[act.body["packet"]].consumes:
                yield "packet", "consume"
        case "request":
            yield "grant", "request"
        case "grant":
            yield "grant", "record"
        case "revoke" if act.body["record"] in view.state.instances:
            yield "grant", "revoke"
        case "begin" if "grant" in act.body:
            yield "grant", "consume"
        case "end" | "lose" | "resolve" if view.state.runs[act.body["begin"]].grant is not None:
            yield "grant", END_TRIGGERS[act.kind]
        case "discharge":
            yield "leg", "discharge"
        case "reopen":
            yield "leg", "reopen"
        case "open":
            yield "lane", "open"
        case "close":
            yield "lane", "close"
