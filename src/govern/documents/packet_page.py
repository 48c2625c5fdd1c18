"""The decision packet: the options as they stand, what each takes and opens, the blockers, the boundaries.

Pure. It selects nothing. Record numbers of what it rests on are printed, the head is not: a note in between does
not change what an owner was shown.
"""

from govern.documents.anchors import anchor_of
from govern.documents.blocker_map import blocker_map
from govern.documents.hands import spell_hands
from govern.documents.lineage_page import step_rows
from govern.documents.mermaid import packet_diagram, spell_selected
from govern.documents.shapes import BoundaryRow, OptionRow, PacketPage, RequirementRow
from govern.documents.standing import decision_standing, record_standing, spell_standing
from govern.documents.times import spell_local
from govern.engine.causes import Cause, Judged, Requirement, requirements
from govern.engine.holds import respond_state
from govern.engine.judge import in_force, judge_lane
from govern.engine.verdicts import judge_option
from govern.engine.view import View
from govern.engine.words import spell_requirement
from govern.policy import find
from govern.policy.guards import Guard, SelectedFact, facts
from govern.policy.model import Boundary, Option


def packet_page(packet: str, view: View) -> PacketPage:
    """Return what a decision packet prints."""
    declared = view.policy.packets[packet]
    standing = view.packet(packet)
    hold = find.hold_of(declared)
    options = [_option(packet, option, view) for option in declared.options]
    return {
        "id": packet,
        "title": declared.title or packet,
        "lane": declared.lane or "",
        "decided_by": find.spell_who(declared.decided_by),
        "default": hold.id,
        "lifecycle": standing.state,
        "state": respond_state(packet, view),
        "selected": _selected(packet, view),
        "respond_by": _respond_by(packet, view),
        "separation_waiver": declared.separation_waiver or "",
        "signature_waiver": view.policy.policy.signature_waiver or "",
        "known_options_only": declared.known_options_only,
        "options": options,
        "selectable": [each["id"] for each in options if each["selectable"]],
        "boundaries": [_boundary(each, view) for each in declared.boundaries],
        "lineage": next(step for step in step_rows(view) if step["packet"] == packet),
        "diagram": packet_diagram(packet, view),
        "standing": spell_standing(standing.issued, view, imported=standing.imported is not None) if standing.issued is not None else "",
        "map": blocker_map(view),
    }


def _selected(packet: str, view: View) -> str:
    standing = view.packet(packet)
    if standing.selected is None:
        return ""
    words = f"{standing.selected} by record #{standing.decision} ({decision_standing(standing, view)})"
    # An option of an earlier policy may be declared no more.
    stands = any(in_force(packet, option, view) is True for option in view.policy.packets[packet].options if option.id == standing.selected)
    return words if stands else f"{words}, not in force"


def _respond_by(packet: str, view: View) -> str:
    limit, issued = view.policy.packets[packet].respond_within, view.packet(packet).issued_at
    return spell_local(issued + limit, view.policy) if limit is not None and issued is not None else ""


def _option(packet: str, option: Option, view: View) -> OptionRow:
    judged = judge_option(packet, option, view)
    lane = find.lane_of(view.policy, packet, option) or ""
    asked = requirements(judged)
    return {
        "number": option.number,
        "id": option.id,
        "anchor": anchor_of(f"{option.number}. {option.id}{' (DEFAULT)' if option.hold else ''}"),
        "says": option.says,
        "hold": option.hold,
        "scope": option.scope or "",
        "scope_says": view.policy.scopes[option.scope].says if option.scope else "",
        "lane": lane,
        "in_lane": option.hold or judge_lane(lane, view, option.at).truth is True,
        "selectable": judged.truth is True,
        "selected": spell_selected(packet, option, view),
        "delegable": option.delegable,
        "refused": option.id in view.packet(packet).refused,
        "requires_all": _asks_all(judged),
        "leads_to": list(option.leads_to),
        "requires": [_requirement(each, view) for each in _prerequisites(judged, lane, view)],
        "missing": 0 if judged.truth is True else sum(not each.satisfied for each in asked),
        "opens": [name for name, lane_ in view.policy.lanes.items() if _opens(lane_.opens_when, option, packet, view)],
    }


def _prerequisites(judged: Judged, lane: str, view: View) -> list[Requirement]:
    """Return what an option asks for beyond the record that opens its lane: whether that is open is said of its own."""
    by_record = bool(lane) and view.policy.lanes[lane].opens_when is None
    return [each for each in requirements(judged) if each.kind != "hold" and not (by_record and each.id == f"lane:{lane}")]


def _asks_all(judged: Judged) -> bool:
    """Whether a guard holds only if each of its requirements does."""
    return judged.requirement is not None or (judged.wanted == len(judged.parts) and all(map(_asks_all, judged.parts)))


def _opens(guard: Guard | None, option: Option, packet: str, view: View) -> bool:
    if guard is None:
        return False
    return any(isinstance(fact, SelectedFact) and find.option(view.policy, fact.selected) == (packet, option) for fact, _negated in facts(guard))


def _requirement(requirement: Requirement, view: View) -> RequirementRow:
    return {
        "id": requirement.id,
        "says": spell_requirement(requirement, view.policy),
        "satisfied": requirement.satisfied,
        "status": _status(requirement, view),
        "record": f"#{requirement.record}" if requirement.record is not None else "",
        "by": "" if requirement.satisfied else spell_hands(requirement, view.policy),
        "why": requirement.why,
    }


def _status(requirement: Requirement, view: View) -> str:
    """Return how a prerequisite stands: on record and how well known, missing, or what there is and why it does not count."""
    if requirement.satisfied:
        return "holds" if requirement.record is None else f"on record ({record_standing(requirement.record, view)})"
    cause = requirement.cause or Cause.MISSING
    # An invariant and a negation say of themselves why they do not hold.
    told = cause is Cause.MISSING or spell_requirement(requirement, view.policy) == requirement.why
    return cause.value if told else f"{cause.value}: {requirement.why}"


def _boundary(boundary: Boundary, view: View) -> BoundaryRow:
    return {
        "scope": boundary.scope or "",
        "does_not_authorize": boundary.does_not_authorize or "",
        "label": boundary.label or "",
        "never_presented_as": boundary.never_presented_as or "",
        "forbidden": [{"action": name, "ungranted": view.policy.actions[name].ungranted} for name in boundary.forbidden_until_own_grant],
    }
