"""The files by which the common coding agents learn of the hook: their settings in the project, and a paragraph of AGENTS.md.

What is there already stays; a file that is not understood is not written over.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from govern.cli.files import read_below, replace_below
from govern.problems import Exit, GovernError, Problem

_BEGIN, _END = "<!-- govern: begin -->", "<!-- govern: end -->"
_PARAGRAPH = f"""{_BEGIN}
## What may be done here is asked first

This project is governed by `govern`. Before anything that could hurt, ask: `govern gate ACTION`. Only status 0 is a yes.
`govern hook` is asked before each use of a tool. Where it says no, do not look for another way: tell whoever it names what is
missing, and go on with something else. `govern status` says what is open and who acts next; `govern why-blocked ID` says why
something is not. A person decides, grants and signs. What is recorded is never edited by hand.
{_END}
"""


@dataclass(frozen=True, slots=True)
class Agent:
    """A coding agent: the file of its settings in a project, the event before a tool is used, and the entry that asks the hook there."""

    name: str
    file: str
    event: str
    entry: dict[str, Any]
    versioned: bool = False


def _command(folder: str = "") -> str:
    # Where the program is not found the shell's status would let the call go ahead in most agents.
    return f"govern {folder and f'-C {chr(34)}${folder}{chr(34)} '}hook || exit 2"


AGENTS = (
    Agent(
        "Claude Code",
        ".claude/settings.json",
        "PreToolUse",
        {"matcher": "*", "hooks": [{"type": "command", "command": _command("CLAUDE_PROJECT_DIR"), "timeout": 30}]},
    ),
    Agent("Codex", ".codex/hooks.json", "PreToolUse", {"matcher": ".*", "hooks": [{"type": "command", "command": _command(), "timeout": 30}]}),
    Agent(
        "Gemini CLI",
        ".gemini/settings.json",
        "BeforeTool",
        {"matcher": ".*", "hooks": [{"name": "govern", "type": "command", "command": _command("GEMINI_PROJECT_DIR"), "timeout": 30000}]},
    ),
    Agent("Cursor", ".cursor/hooks.json", "preToolUse", {"command": _command()}, versioned=True),
    Agent("Copilot", ".github/hooks/govern.json", "preToolUse", {"type": "command", "bash": _command(), "timeoutSec": 30}, versioned=True),
)


def write_agent_files(root: Path) -> list[str]:
    """Write what is missing; return the names of the files that were written. All of them are understood, or none is written.

    Raises:
        GovernError: a file is not of the form that is known (status 4).
    """
    wanted = plan_agent_files(root)
    for name, text in wanted:
        replace_below(root, name, text.encode())
    return [name for name, _text_of in wanted]


def plan_agent_files(root: Path) -> list[tuple[str, str]]:
    """Return the files that are to be written, each with its text.

    Raises:
        GovernError: a file is not of the form that is known (status 4).
    """
    made = [(each.file, _merged(root, each)) for each in AGENTS]
    made.append(("AGENTS.md", _with_paragraph(_text(root, "AGENTS.md"))))
    return [(name, text) for name, text in made if text != _text(root, name)]


def commands_in(root: Path, agent: Agent) -> list[str]:
    """Return the commands that an agent's settings run before a tool is used, and that ask the hook; none where it has no settings.

    Raises:
        GovernError: the settings are not of the form that is known (status 4).
    """
    settings = _settings(_text(root, agent.file), agent)
    return [command for entry in _entries(settings, agent) for command in _hooks_of(entry)]


def _text(root: Path, name: str) -> str | None:
    try:
        return read_below(root, name).decode()
    except FileNotFoundError:
        return None
    except (GovernError, OSError, UnicodeDecodeError) as error:
        raise _refused(name, "it cannot be read as a plain file of text") from error


def _refused(name: str, why: str) -> GovernError:
    help = "nothing was written; docs/agents.md shows what belongs there"
    return GovernError(Exit.REFUSED, [Problem("AGENT_FILE", f"{name}: {why}", help=help)])


def _settings(text: str | None, agent: Agent) -> dict[str, Any]:
    if text is None:
        return {"version": 1} if agent.versioned else {}
    try:
        found = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise _refused(agent.file, "it is not plain JSON with each key once") from error
    if not isinstance(found, dict) or not isinstance(found.get("hooks", {}), dict) or not isinstance(found.get("hooks", {}).get(agent.event, []), list):
        raise _refused(agent.file, f"`hooks` holds no list `{agent.event}`")
    if agent.versioned and found.get("version") != 1:
        raise _refused(agent.file, "it is not of version 1")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _entries(settings: dict[str, Any], agent: Agent) -> list[Any]:
    entries: list[Any] = settings.get("hooks", {}).get(agent.event, [])
    return entries


def _hooks_of(entry: Any) -> Iterator[str]:
    """Yield the commands of an entry, or of those in it, that ask the hook."""
    if isinstance(entry, dict):
        for each in (entry.get("command"), entry.get("bash")):
            if isinstance(each, str) and "govern" in each and "hook" in each.split():
                yield each
        inner = entry.get("hooks", [])
        for each in inner if isinstance(inner, list) else ():
            yield from _hooks_of(each)


def _merged(root: Path, agent: Agent) -> str:
    text = _text(root, agent.file)
    settings = _settings(text, agent)
    if text is not None and any(any(_hooks_of(entry)) for entry in _entries(settings, agent)):
        return text
    settings.setdefault("hooks", {}).setdefault(agent.event, []).append(agent.entry)
    return json.dumps(settings, indent=2, ensure_ascii=False) + "\n"


def _with_paragraph(text: str | None) -> str:
    if text is None:
        return _PARAGRAPH
    if (text.count(_BEGIN), text.count(_END)) == (0, 0):
        return text.rstrip("\n") + ("\n\n" if text.strip() else "") + _PARAGRAPH
    if (text.count(_BEGIN), text.count(_END)) != (1, 1) or text.index(_BEGIN) > text.index(_END):
        raise _refused("AGENTS.md", f"`{_BEGIN}` and `{_END}` do not stand once each, in this order")
    before, _, rest = text.partition(_BEGIN)
    return before + _PARAGRAPH.rstrip("\n") + rest.partition(_END)[2]
