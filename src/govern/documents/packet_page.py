"""The decision packet: the options as they stand, what each takes and opens, the blockers, the boundaries.

Pure. It selects nothing. Record numbers of what it rests on are printed, the head is not: a note in between does
not change what an owner was shown.
"""

from typing import Any

from govern.documents.blocker_map import blocker_map
from govern.documents.mermaid import packet_diagram
from govern.documents.times import spell_local
from govern.engine.causes import Requirement, requirements
from govern.engine.judge import in_force, respond_state
from govern.engine.lineage import lineage
from govern.engine.verdicts import judge_option
from govern.engine.view import View
from govern.engine.words import spell_requirement
from govern.policy import find
from govern.policy.guards import AnyOf, AtLeast, Guard, SelectedFact, facts, parts
from govern.policy.model import Boundary, Option


def packet_page(packet: str, view: View) -> dict[str, Any]:
    """Return what a decision packet prints."""
    declared = view.policy.packets[packet]
    standing = view.packet(packet)
    hold = find.hold_of(declared)
    options = [_option(packet, option, view) for option in declared.options]
    return {
        "id": packet,
        "title": declared.title or packet,
        "lane": declared.lane or "not known",
        "decided_by": find.spell_who(declared.decided_by),
        "default": hold.id,
        "lifecycle": standing.state,
        "state": respond_state(packet, view),
        "selected": _selected(packet, view),
        "respond_by": _respond_by(packet, view),
        "separation_waiver": declared.separation_waiver or "",
        "known_options_only": declared.known_options_only,
        "options": options,
        "selectable": [each["id"] for each in options if each["selectable"]],
        "boundaries": [_boundary(each, view) for each in declared.boundaries],
        "lineage": next(step for step in lineage(view) if step["packet"] == packet),
        "diagram": packet_diagram(packet, view),
        "standing": "imported" if standing.imported else "unauthenticated",
        "map": blocker_map(view),
    }


def _selected(packet: str, view: View) -> str:
    standing = view.packet(packet)
    if standing.selected is None:
        return ""
    option = find.option(view.policy, f"{packet}/{standing.selected}")[1]
    words = f"{option.id} by record #{standing.decision}"
    if any(approval.delegation is not None for approval in standing.decided_by):
        words += " (delegated)"
    words += " (imported)" if all(approval.imported for approval in standing.decided_by) else " (unauthenticated)"
    if in_force(packet, option, view) is not True:
        words += ", not in force"
    return words


def _respond_by(packet: str, view: View) -> str:
    limit, issued = view.policy.packets[packet].respond_within, view.packet(packet).issued_at
    return spell_local(issued + limit, view.policy) if limit is not None and issued is not None else ""


def _option(packet: str, option: Option, view: View) -> dict[str, Any]:
    judged = judge_option(packet, option, view)
    asked = requirements(judged)
    lane = find.lane_of(view.policy, packet, option)
    lane_requirement = next((each for each in asked if each.kind == "lane" and lane and each.id == f"lane:{lane}"), None)
    return {
        "number": option.number,
        "id": option.id,
        "says": option.says,
        "hold": option.hold,
        "scope": option.scope or "",
        "scope_says": view.policy.scopes[option.scope].says if option.scope else "",
        "lane": lane or "",
        "in_lane": option.hold or lane_requirement is None or lane_requirement.satisfied,
        "selectable": judged.truth is True,
        "delegable": option.delegable,
        "refused": option.id in view.packet(packet).refused,
        "requires_all": option.requires is None or not any(isinstance(part, AnyOf | AtLeast) for part in parts(option.requires)),
        "leads_to": list(option.leads_to),
        "requires": [_requirement(each, view) for each in asked if each is not lane_requirement and each.kind != "hold"],
        "opens": [name for name, lane_ in view.policy.lanes.items() if _opens(lane_.opens_when, option, packet, view)],
    }


def _opens(guard: Guard | None, option: Option, packet: str, view: View) -> bool:

    if guard is None:
        return False
    return any(isinstance(fact, SelectedFact) and find.option(view.policy, fact.selected) == (packet, option) for fact, _negated in facts(guard))


def _requirement(requirement: Requirement, view: View) -> dict[str, Any]:
    return {
        "id": requirement.id,
        "says": spell_requirement(requirement, view.policy),
        "satisfied": requirement.satisfied,
        "status": "on record" if requirement.satisfied else requirement.cause.value if requirement.cause else "missing",
        "record": f"#{requirement.record}" if requirement.record is not None else "",
        "by": " or ".join(requirement.by),
        "why": requirement.why,
    }


def _boundary(boundary: Boundary, view: View) -> dict[str, Any]:
    return {
        "scope": boundary.scope or "",
        "does_not_authorize": boundary.does_not_authorize or "",
        "label": boundary.label or "",
        "never_presented_as": boundary.never_presented_as or "",
        "forbidden": [{"action": name, "ungranted": view.policy.actions[name].ungranted} for name in boundary.forbidden_until_own_grant],
    }
