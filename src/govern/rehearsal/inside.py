"""The process inside the sandbox: shows that it is isolated, waits for leave, and runs the one task.

Speaks with `confine` in lines of JSON: what it was given on standard input, what it answers on standard output. The task
itself sees neither.
"""

import gc
import importlib
import json
import os
import resource
import sys
import traceback
from collections.abc import Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from govern.problems import Exit, GovernError, fault
from govern.rehearsal.canaries import NAMES, reach
from govern.rehearsal.job import Job
from govern.rehearsal.kernel import hide_from_others
from govern.rehearsal.seccomp import filter_calls

NAMESPACES = ("net", "user", "mnt", "ipc", "pid")
_SOCKETS = ("tcp", "tcp6", "udp", "udp6", "raw", "raw6", "packet", "unix")


def main() -> None:
    """Show the isolation, wait for the order, carry it out, answer."""
    # Whatever the task starts is the same user: it shall not speak in our place.
    hide_from_others()
    filter_calls()
    os.umask(0o077)
    # At 1 not even a core dump that is piped to a program outside is made: see the kernel's coredump.c.
    limit = min(1, resource.getrlimit(resource.RLIMIT_CORE)[1] % (1 << 64))
    resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))
    orders, answers = _take_over()
    canaries = json.loads(orders.readline())
    _say(answers, {"isolation": isolation(canaries)})
    if line := orders.readline():
        _say(answers, _carry_out(json.loads(line), answers))


def isolation(canaries: Mapping[str, Any]) -> dict[str, Any]:
    """Return what shows, from in here, that this process is isolated."""
    return {
        "namespaces": namespaces(),
        "interfaces": [line.split(":")[0].strip() for line in _lines("dev")[2:]],
        "routes": [*_lines("route")[1:], *(line for line in _lines("ipv6_route") if line.split()[-1] != "lo")],
        "sockets": [f"{kind} {line.strip()}" for kind in _SOCKETS for line in _lines(kind)[1:]],
        "environment": sorted(os.environ),
        "status": {name: value.strip() for name, _, value in (line.partition(":") for line in Path("/proc/self/status").read_text().splitlines())},
        "mounts": Path("/proc/self/mountinfo").read_text().splitlines(),
        "reached": {name: reach(name, canaries["addresses"][name], canaries["song"]) for name in NAMES},
    }


def namespaces() -> dict[str, int]:
    """Return the inode of each namespace of this process."""
    return {name: Path("/proc/self/ns", name).stat().st_ino for name in NAMESPACES}


def _take_over() -> tuple[TextIOWrapper, TextIOWrapper]:
    """Keep both ends of the talk for ourselves: the task reads nothing, and what it prints goes to standard error."""
    orders, answers = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return orders, answers


def _carry_out(given: Mapping[str, Any], answers: TextIOWrapper) -> dict[str, Any]:
    def step(what: str, done: int, total: int) -> None:
        _say(answers, {"step": [what, done, total]})

    def keep(name: str, facts: Mapping[str, Any]) -> None:
        _say(answers, {"keep": [name, facts]})

    try:
        if extra := given["modules"]:
            sys.path.append(extra)
        module, _, function = given["task"].partition(":")
        run = getattr(importlib.import_module(module), function)
        # What is imported stays, so it need not be searched for what can go; the rest is mostly bytes, which never can.
        gc.freeze()
        gc.set_threshold(10_000)
        inputs = {name: _readable(name, Path(path)) for name, path in given["inputs"].items()}
        return {"result": run(Job(given["order"], inputs, Path.cwd(), step, keep))}
    except GovernError as error:
        problems = [{"code": p.code, "message": p.message, "place": p.place, "severity": p.severity, "help": p.help} for p in error.problems]
        return {"refused": {"status": int(error.status), "problems": problems}}
    except BaseException:  # noqa: BLE001 (told outside, and raised there)
        return {"crashed": traceback.format_exc()}


def _readable(name: str, path: Path) -> Path:
    """What root may read only because it is root cannot be read in here."""
    if not os.access(path, os.R_OK):
        message = f"the input `{name}` cannot be read in the sandbox, where nobody has root's privileges"
        raise fault(Exit.UNJUDGED, "INPUT_UNREADABLE", message, help="let the user who rehearses own it")
    return path


def _say(answers: TextIOWrapper, message: Mapping[str, Any]) -> None:
    answers.write(json.dumps(message, allow_nan=False) + "\n")
    answers.flush()


def _lines(name: str) -> list[str]:
    path = Path("/proc/self/net", name)
    return path.read_text().splitlines() if path.exists() else []
