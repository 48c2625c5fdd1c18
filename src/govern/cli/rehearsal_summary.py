"""A rehearsal in words: what a person understands in ten seconds."""

from collections.abc import Iterator, Mapping
from typing import Any

from govern.cli.output import counted, table
from govern.problems import Exit
from govern.rehearsal.states import Difference

_SHOWN = 12
_HEADS = {
    Exit.YES: "proved: every way back restores everything",
    Exit.NO: "differs: not every way back restores everything",
    Exit.UNJUDGED: "void: nothing can be concluded from this run",
}
_WAYS = {
    "transaction": "in a transaction, rolled back",
    "snapshot": "committed, then the snapshot restored",
    "revert": "committed, then its own revert script",
}


def summary(evidence: Mapping[str, Any], status: Exit, written: list[str] | None, sha256: str) -> str:
    """Return the summary of a rehearsal."""
    body = evidence["rehearsal"]
    rows = [("clone", _clone(evidence["of"], body)), ("changed", ", ".join(_changed(body)) or "nothing")]
    rows += [(f"path {path['path']}", _path(path)) for path in body["paths"]]
    rows += [("control", f"{body['control']['sabotage']}: noticed"), ("probes", _probes(body["probes"]))]
    if body["surfaces"]:
        rows.append(("surfaces", _surfaces(body["surfaces"])))
    rows.append(("legs", ", ".join(evidence["legs"]) or "none asks for it"))
    if written:
        rows.append(("evidence", f"{written[0]} ({sha256[:12]})"))
    lines = [_HEADS[status], table(rows, "  "), *_differences(body)]
    if written and status is Exit.YES and evidence["legs"]:
        lines += ["next: " + f"govern blocker discharge {evidence['legs'][0]} --evidence {written[0]} --as …"]
    return "\n".join(lines)


def _clone(of: str, body: Mapping[str, Any]) -> str:
    rows = body["paths"][0]["before"]["rows"]
    engine = body["engine"]
    tables = f"{counted(len(rows), 'table')}, {counted(sum(rows.values()), 'row')}"
    return f"{body['source']['name']} ({of}): {tables}; {engine['name']} {engine['version']} in {body['isolation']['sandbox']}"


def _changed(body: Mapping[str, Any]) -> Iterator[str]:
    path = body["paths"][1]
    before, applied = path["before"]["rows"], path["applied"]["rows"]
    for component in path["changed"]:
        name = component.removeprefix("table ")
        old, new = before.get(name), applied.get(name)
        yield component if old is None and new is None else f"{name} {_rows(old)} → {_rows(new)}" if old != new else f"{name} ({counted(old or 0, 'row')})"


def _rows(count: int | None) -> str:
    return "no table" if count is None else counted(count, "row")


def _path(path: Mapping[str, Any]) -> str:
    way = _WAYS[path["means"]]
    if path["differences"]:
        moved = sum(path["before"]["components"].get(name) != digest for name, digest in path["after"]["components"].items())
        left = list(path["residue"])
        if moved == len(left) > 0:
            return f"{way}: as before, but for {', '.join(left)} (allowed)"
        return f"{way}: {counted(len(path['differences']), 'difference')}"
    return f"{way}: everything as before"


def _probes(probes: list[Mapping[str, Any]]) -> str:
    bad = [each for each in probes if each["expected"] != "allowed"]
    refused = sum(each["got"] == each["expected"] for each in bad)
    control = all(each["got"] == "allowed" for each in probes if each["expected"] == "allowed")
    return f"{refused}/{len(bad)} refused, control {'allowed' if control else 'refused'}"


def _surfaces(surfaces: list[Mapping[str, Any]]) -> str:
    unknown = [each["surface"] for each in surfaces if each["status"] == "UNKNOWN"]
    shown = f"{len(surfaces) - len(unknown)}/{len(surfaces)} untouched or not requested"
    return shown + (f"; UNKNOWN: {', '.join(unknown)}" if unknown else "")


def _differences(body: Mapping[str, Any]) -> Iterator[str]:
    for path in body["paths"]:
        if path["differences"]:
            yield f"path {path['path']} left behind:"
            shown = path["differences"][:_SHOWN]
            yield from (f"  {_spelled(each)}" for each in shown)
            if len(path["differences"]) > len(shown):
                yield f"  and {len(path['differences']) - len(shown)} more"


def _spelled(found: Mapping[str, Any]) -> str:
    return str(Difference(found["component"], found["kind"], found["count"], found.get("column"), tuple(found["keys"]), found.get("object")))
