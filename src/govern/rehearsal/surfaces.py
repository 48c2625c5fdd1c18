"""The surfaces that a programme declares: which of them a rehearsal left untouched, and by what that is shown.

Pure. What nothing shows is UNKNOWN, and evidence with an unknown surface proves no leg.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from govern.canonical import Json
from govern.policy.model import Policy
from govern.policy.promises import Surface
from govern.problems import Exit, Place, fault

_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_$-]*")


def refuse_reaching(policy: Policy, scripts: Mapping[str, bytes]) -> None:
    """See that no script names a surface.

    Raises:
        GovernError: one does (status 3).
    """
    for script, content in scripts.items():
        for number, line in enumerate(content.decode(errors="replace").split("\n"), 1):
            words = {word.lower() for word in _WORD.findall(line)}
            for name, surface in policy.surfaces.items():
                for word in surface.named:
                    if word.lower() in words:
                        message = f"the script names `{word}`, and surface {name} must not be touched"
                        raise fault(Exit.UNJUDGED, "SURFACE_REACHED", message, place=Place(script, number, 1), help=f"`govern show {name}`")


def judge_surfaces(policy: Policy, isolation: Mapping[str, Any], changed: Sequence[str], begun: Mapping[str, int]) -> list[dict[str, Json]]:
    """Return each declared surface with its status and what shows it.

    `changed` are the components that the change moved; `begun` maps a surface to the record of an act on it that is on
    record, if there is one.
    """
    return [
        {"surface": name, "status": status, "because": why}
        for name, surface in policy.surfaces.items()
        for status, why in _judge(name, surface, isolation, changed, begun)
    ]


def _judge(name: str, surface: Surface, isolation: Mapping[str, Any], changed: Sequence[str], begun: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    named = [each for each in changed for word in surface.named if each.rsplit(".", 1)[-1].lower() == word.lower()]
    if named:
        yield "UNKNOWN", f"the change moved {named[0]}"
        return
    match surface.reached_by:
        case "network":
            silent = [each["name"] for each in isolation["canaries"] if each["control"] and not each["reached"]]
            apart = not isolation["routes"] and set(isolation["interfaces"]) <= {"lo"} and len(silent) == len(isolation["canaries"]) > 0
            told = f"no route, no interface but lo, and the canaries {', '.join(silent)} stayed silent"
            yield ("untouched", told) if apart else ("UNKNOWN", "the network was not shown to be out of reach")
        case "file":
            mounts = isolation["namespaces"]["mnt"]
            apart = mounts["inside"] != mounts["outside"]
            yield ("untouched", "its files were not there: the sandbox has a tree of its own") if apart else ("UNKNOWN", "the files were within reach")
        case "act":
            record = begun.get(name)
            yield (
                ("not-requested", "no act on it is on record, and the change does not name it")
                if record is None
                else ("UNKNOWN", f"record #{record} began an act on it")
            )
        case None:
            yield "UNKNOWN", "the policy does not say how it could be reached"
