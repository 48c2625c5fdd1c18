"""Tool calls as coding agents send them, and the hook asked about them in this process and in one of its own."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from govern.cli.main import run
from govern.hook import answering
from support.cli import Programme

GOVERN = Path(sys.executable).parent / "govern"


class Told(NamedTuple):
    """What the hook answered: its status, and what it printed."""

    status: int | None
    out: str
    err: str


def claude(command: str, cwd: str = "/", tool: str = "Bash") -> bytes:
    """Return a shell call as Claude Code and Codex send it."""
    return json.dumps({"session_id": "1", "cwd": cwd, "hook_event_name": "PreToolUse", "tool_name": tool, "tool_input": {"command": command}}).encode()


def copilot(command: str, cwd: str = "/") -> bytes:
    """Return a shell call as Copilot sends it: its arguments are JSON in a text."""
    return json.dumps({"timestamp": 1, "cwd": cwd, "toolName": "bash", "toolArgs": json.dumps({"command": command})}).encode()


def cursor(command: str, cwd: str = "/") -> bytes:
    """Return a shell call as Cursor sends it before it runs one."""
    return json.dumps({"command": command, "cwd": cwd, "hook_event_name": "beforeShellExecution"}).encode()


def gemini(command: str, cwd: str = "/") -> bytes:
    """Return a shell call as Gemini CLI sends it."""
    return json.dumps({"cwd": cwd, "hook_event_name": "BeforeTool", "tool_name": "run_shell_command", "tool_input": {"command": command}}).encode()


def tool(name: str, cwd: str = "/", /, **given: Any) -> bytes:
    """Return a call of any tool."""
    return json.dumps({"cwd": cwd, "hook_event_name": "PreToolUse", "tool_name": name, "tool_input": given}).encode()


def whole(programme: Programme, call: bytes, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Told:
    """Return what the hook answers in full; where everything is in order it leaves a snapshot behind."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(call)))
    capfd.readouterr()
    status = run(["-C", str(programme.root), "hook"])
    return Told(int(status), *capfd.readouterr())


def no_database(address: str, ledger: str) -> tuple[int, str]:
    """Fail where a ledger in a database is asked for: here it is in files."""
    raise AssertionError(f"{ledger} in {address} was asked for")


def quick(programme: Programme, call: bytes, capfd: pytest.CaptureFixture[str]) -> Told:
    """Return what the snapshot answers."""
    capfd.readouterr()
    status = answering.quick(call, str(programme.root), no_database)
    return Told(status, *capfd.readouterr())


def process(root: Path, call: bytes, *words: str, **more: Any) -> Told:
    """Return what the command answers in a process of its own."""
    environment = {**os.environ, **more.pop("environment", {})}
    done = subprocess.run([GOVERN, *words, "hook"], input=call, cwd=root, env=environment, capture_output=True, check=False, **more)
    return Told(done.returncode, done.stdout.decode(), done.stderr.decode())
