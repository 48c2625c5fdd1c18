"""The sections of the page of a programme: each a name, a title, and what its template is given.

Pure. A section more is a function here, a line in `SECTIONS`, and a template of its name beside the others.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from govern.documents.blocker_map import blocker_map
from govern.documents.html.markdown import markdown_html
from govern.documents.html.pictures import Box, Picture, picture_svg
from govern.documents.packet_page import packet_page
from govern.documents.standing import spell_standing
from govern.documents.state_page import state_page
from govern.documents.times import spell_local
from govern.engine.judge import judge
from govern.engine.leverage import Leverage, Opening
from govern.engine.lineage import lineage
from govern.engine.view import View
from govern.policy import find
from govern.policy.guards import GrantFact

# Older records are counted, and asked of `govern log`.
MOST_RECORDS = 500


@dataclass(frozen=True, slots=True)
class Record:
    """A record as the log tells it."""

    number: str
    at: str
    kind: str
    actor: str
    told: str
    standing: str


@dataclass(frozen=True, slots=True)
class Told:
    """What the page is made of: a view, its newest records, how many there are, and its documents as Markdown, by name."""

    view: View
    records: Sequence[Record]
    size: int
    documents: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Section:
    """A section: its anchor, which is also the name of its template, its title, and what the template is given."""

    id: str
    title: str
    context: Callable[[Told], Mapping[str, Any]]


def _state(told: Told) -> Mapping[str, Any]:
    return state_page(told.view)


def _decisions(told: Told) -> dict[str, Any]:
    view = told.view
    packets, leverage = [], Leverage(view)
    for name in view.current_packets():
        page, issued = packet_page(name, view), view.packet(name).issued_at
        options = [{**option, "unlocks": _unlocks(leverage.of_option(name, option["id"]))} for option in page["options"]]
        since = view.packet(name).decided_at if view.packet(name).decision is not None else issued
        packets.append(
            {
                **page,
                "options": options,
                "since": spell_local(since, view.policy) if since is not None else "",
                "answered": view.packet(name).decision is not None,
            }
        )
    pictures = [picture_svg(_options_picture(page), f"drawing-{number}") for number, page in enumerate(packets)]
    return {"packets": packets, "pictures": pictures}


def _unlocks(opening: Opening | None) -> list[str]:
    """Return what a decision would unlock, each thing with its kind."""
    kinds = ("option", "lane", "action", "leg")
    return [f"{kind} {name}" for kind in kinds for name in getattr(opening, f"{kind}s")] if opening else []


def _options_picture(page: Mapping[str, Any]) -> Picture:
    """Return the options of a packet: HOLD, and what can be decided from it."""
    boxes = []
    for option in page["options"]:
        stands = "default, always open" if option["hold"] else "open" if option["selectable"] else f"locked: {option['missing']} missing"
        note = option["selected"] or stands
        boxes.append(Box(f"{option['number']}  {option['id']}", (note,), "hold" if option["hold"] else "open" if option["selectable"] else "locked"))
    start = next(place for place, option in enumerate(page["options"]) if option["hold"])
    arrows = tuple((start, place) for place in range(len(boxes)) if place != start)
    dashed = frozenset(arrow for arrow in arrows if boxes[arrow[1]].stands == "locked")
    return Picture(f"The options of {page['title']}", tuple(boxes), arrows, dashed, across=True, letters=19)


def _blockers(told: Told) -> dict[str, Any]:
    shown = blocker_map(told.view)
    rows: list[dict[str, Any]] = [{**row, "actors": list(dict.fromkeys(leg["by"] for leg in row["waiting"]))} for row in shown["blockers"]]
    states = list(dict.fromkeys(row["state"] for row in rows))
    actors = list(dict.fromkeys(actor for row in rows for actor in row["actors"]))
    return {**shown, "blockers": rows, "states": states, "actors": actors}


def _grants(told: Told) -> dict[str, Any]:
    view = told.view
    rows = []
    for name, grant in view.policy.grants.items():
        counts = judge(GrantFact(grant=name), view).truth is True
        instances = [
            {
                "name": f"{name}#{each.seq}",
                "state": each.state,
                "expires": spell_local(each.expires, view.policy) if each.expires is not None else "",
                "standing": spell_standing(each.seq, view, imported=each.imported),
            }
            for each in view.instances(name)
        ]
        rows.append(
            {
                "id": name, "says": find.grant_says(name, grant), "scope": grant.scope, "protected": view.protects(grant.scope),
                "issuer": find.spell_who(grant.issuer), "counts": counts, "instances": instances,
            }
        )  # fmt: skip
    return {"grants": rows}


def _lineage(told: Told) -> dict[str, Any]:
    steps = lineage(told.view)
    index = {step["packet"]: place for place, step in enumerate(steps)}
    boxes = []
    for step in steps:
        lines = [step["lifecycle"] + (f", decided {step['decision']}" if step["decision"] else "")]
        lines += [f"consumes {step['consumed_option']}: {step['consumes'].split('/')[1]}"] if step["consumes"] else []
        lines += [f"continues {step['continues']}"] if step["continues"] else []
        lines += ["a declared gap"] if step["gap"] else []
        boxes.append(Box(step["packet"], tuple(lines), "open" if told.view.is_current(step["packet"]) else "past" if step["standing"] else "ahead"))
    arrows = tuple((index[step["consumes"].split("/")[0]], index[step["packet"]]) for step in steps if step["consumes"])
    picture = Picture("The chain of packets: each consumes a decision of the one above it", tuple(boxes), arrows, letters=42)
    return {"steps": steps, "drawing": picture_svg(picture, "lineage") if boxes else ""}


def _records(told: Told) -> dict[str, Any]:
    records = list(told.records)[-MOST_RECORDS:]
    return {
        "records": records,
        "left_out": told.size - len(records),
        "kinds": list(dict.fromkeys(each.kind for each in records)),
        "actors": list(dict.fromkeys(each.actor for each in records)),
    }


def _documents(told: Told) -> dict[str, Any]:
    return {"documents": [{"name": name, "html": markdown_html(text)} for name, text in told.documents.items()]}


SECTIONS = (
    Section("state", "Where it stands", _state),
    Section("decisions", "Open decisions", _decisions),
    Section("blockers", "Blockers", _blockers),
    Section("grants", "Grants", _grants),
    Section("lineage", "Lineage", _lineage),
    Section("records", "Records", _records),
    Section("documents", "Documents", _documents),
)
