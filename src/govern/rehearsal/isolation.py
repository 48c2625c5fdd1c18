"""Whether a process was isolated, judged from both sides of the sandbox."""

from collections.abc import Mapping
from typing import Any

from govern.canonical import Json
from govern.problems import Exit, GovernError, Problem
from govern.rehearsal.canaries import NAMES, Canaries
from govern.rehearsal.inside import NAMESPACES, namespaces
from govern.rehearsal.sandbox import ENVIRONMENT

_WRITABLE = {"/rehearsal", "/tmp", "/dev/shm", "/dev/pts"}  # noqa: S108 (paths inside)
_CAPABILITIES = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")


def judge(sandbox: str, inside: Mapping[str, Any], canaries: Canaries) -> dict[str, Json]:
    """Return the evidence of isolation.

    Raises:
        GovernError: a canary was reached, or something of the host could be (status 3).
    """
    canaries.silence()
    outside = namespaces()
    reached = {name: bool(inside["reached"][name]) or canaries.heard(name) > 1 for name in NAMES}
    mute = [name for name in NAMES if not canaries.heard(name)]
    problems = [Problem("CANARY_MUTE", f"nobody called the {name} canary outside first: its silence proves nothing", help=_HELP) for name in mute]
    problems += [Problem("CANARY_REACHED", f"the sandbox reached the {name} canary outside", help=_HELP) for name in NAMES if reached[name]]
    problems += [Problem("NOT_ISOLATED", why, help=_HELP) for why in _faults(inside, outside)]
    if problems:
        raise GovernError(Exit.UNJUDGED, problems)
    return {
        "sandbox": sandbox,
        "namespaces": {name: {"inside": inside["namespaces"][name], "outside": outside[name]} for name in NAMESPACES},
        "interfaces": list(inside["interfaces"]),
        "routes": list(inside["routes"]),
        "sockets": list(inside["sockets"]),
        "environment": list(inside["environment"]),
        "canaries": [{"name": name, "control": name not in mute, "reached": reached[name]} for name in NAMES],
    }


_HELP = "nothing was run; no change is rehearsed where something outside could be touched"


def _faults(inside: Mapping[str, Any], outside: Mapping[str, int]) -> list[str]:
    found = [f"the {name} namespace is the one outside" for name in NAMESPACES if inside["namespaces"][name] == outside[name]]
    found += [f"there is a network interface `{name}`" for name in inside["interfaces"] if name != "lo"]
    found += ["there is a route"] if inside["routes"] else []
    found += ["a socket is open"] if inside["sockets"] else []
    found += [f"the environment has {name}" for name in inside["environment"] if name not in ENVIRONMENT]
    status = inside["status"]
    found += [f"the process has capabilities ({name})" for name in _CAPABILITIES if int(status[name], 16)]
    found += [] if status["NoNewPrivs"] == "1" else ["the process may gain privileges"]
    found += [] if status["Seccomp"] == "2" else ["system calls are not filtered on a machine of this kind"]
    mounts = [line.split() for line in inside["mounts"]]
    return found + [
        f"{fields[4]} can be written" for fields in mounts if "ro" not in fields[5].split(",") and fields[4] not in _WRITABLE and not _is_device(fields)
    ]


def _is_device(fields: list[str]) -> bool:
    return fields[4] in {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"}
