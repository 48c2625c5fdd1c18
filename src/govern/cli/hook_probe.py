"""A probe through the hook: the configured command is run with calls that must be stopped and with one that must not."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from govern.cli.agent_files import AGENTS, Agent, commands_in
from govern.cli.session import Session
from govern.cli.snapshots import answers_of, guards_of
from govern.hook.answering import ALLOWED, DENIED
from govern.hook.guarding import Guard
from govern.problems import GovernError

_SECONDS = 60
_HARMLESS = "true"


@dataclass(frozen=True, slots=True)
class Probed:
    """An agent's hook as it was found: whether it blocks what it must and nothing else, and what was seen."""

    agent: str
    blocks: bool
    found: str


def probe_hooks(session: Session) -> list[Probed]:
    """Fire probes through the hook of each agent that has one in the project."""
    return [each for agent in AGENTS for each in _probes(agent, session)]


def _probes(agent: Agent, session: Session) -> list[Probed]:
    """Settings that are not understood are told of their agent; the others are probed all the same."""
    root = session.project.root
    try:
        commands = commands_in(root, agent)
    except GovernError as error:
        return [Probed(agent.name, blocks=False, found=error.problems[0].message)]
    return [_probed(agent, command, session, root) for command in commands]


def _probed(agent: Agent, command: str, session: Session, root: Path) -> Probed:
    shut = _shut(session)
    calls = [(f"{shut.kind} `{shut.words}`", _call(agent, shut, root))] if shut else []
    calls.append(("what is no call", b"{"))
    for what, call in calls:
        status, out = _fired(command, call, root)
        if status != DENIED:
            return Probed(agent.name, blocks=False, found=f"DOES NOT BLOCK: {what} went ahead (status {_spelled(status)})")
        if out:
            return Probed(agent.name, blocks=False, found=f"it stops {what}, and prints on stdout, where agents read a yes")
    status, out = _fired(command, _call(agent, None, root), root)
    if status != ALLOWED or out.strip() != b"{}":
        return Probed(agent.name, blocks=False, found=f"it stops what is harmless, too (status {_spelled(status)}): `{_HARMLESS}`")
    stopped = " and ".join(what for what, _each in calls)
    rest = "" if shut else "; nothing that is guarded is shut now, so that no guarded call was tried"
    return Probed(agent.name, blocks=True, found=f"it blocks: {stopped} stopped, `{_HARMLESS}` let through{rest}")


def _shut(session: Session) -> Guard | None:
    """Return something that is guarded, and may not happen now; of commands first, which every agent has."""
    answers = answers_of(session)
    guards = [each for each in guards_of(session.view.policy) if not each.actions or any(answers[name][0] != "yes" for name in each.actions)]
    return min(guards, key=lambda each: ("command", "path", "tool").index(each.kind), default=None)


def _call(agent: Agent, guard: Guard | None, root: Path) -> bytes:
    """Return a call as an agent would send it. Nothing of it is ever carried out."""
    kind = guard.kind if guard else "command"
    given = (
        {"file_path": f"{root}/{guard.words}", "content": ""}
        if guard and kind == "path"
        else {"command": guard.words if guard and kind == "command" else _HARMLESS}
    )
    tool = {"command": "Bash", "path": "Write"}.get(kind) or (guard.words.replace("*", "probe") if guard else "")
    if agent.name == "Copilot":
        sent: dict[str, Any] = {"timestamp": 0, "cwd": str(root), "toolName": tool, "toolArgs": json.dumps(given)}
    else:
        sent = {"session_id": "probe", "cwd": str(root), "hook_event_name": agent.event, "tool_name": tool, "tool_input": given}
    return json.dumps(sent).encode()


def _fired(command: str, call: bytes, root: Path) -> tuple[int | None, bytes]:
    """Run a command as agents do, by a shell, in the project; return its status, None where it did not end."""
    environment = {**os.environ, "CLAUDE_PROJECT_DIR": str(root), "GEMINI_PROJECT_DIR": str(root)}
    try:
        done = subprocess.run(["/bin/sh", "-c", command], input=call, cwd=root, env=environment, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None, b""
    return done.returncode, done.stdout


def _spelled(status: int | None) -> str:
    return "none in time" if status is None else str(status)
