"""`mcp`: the questions that an agent asks, as tools of the Model Context Protocol, by the official SDK, over stdio.

It asks, prepares a packet and reserves ticket ids; no tool decides, signs or grants. Each call is a command of its own, with a
session of its own, so that it answers from the ledger as it is then.
"""

import io
import json
import os
import threading
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import BaseModel, Field

from govern import __version__
from govern.cli.files import read_below
from govern.cli.options import Options
from govern.cli.output import json_text
from govern.cli.session import Session, session_of
from govern.policy.model import Policy
from govern.policy.names import MAX_TEXT
from govern.problems import Exit, GovernError, did_you_mean, fault

if TYPE_CHECKING:
    from mcp.server import MCPServer
    from mcp.types import CallToolResult

_INSTRUCTIONS = (
    "What may happen in this programme, what blocks it, and who clears it. Only `exit` 0 of `gate` is a yes. "
    "A person decides, grants and signs, with the commands that `why_blocked` names; no tool here does."
)
_ONE_AT_A_TIME = threading.Lock()

Id = Annotated[str, Field(min_length=1, max_length=300, description="An option, blocker, leg, lane, grant, action, finding or packet.")]
Lane = Annotated[str | None, Field(max_length=128, description="The lane in which it would happen.")]


class Answer(BaseModel):
    """The one JSON object that every command prints; `exit` 0 is a yes."""

    answer: str = Field(alias="schema", description="Which command answered.")
    as_of: str | None = Field(description="The moment that it is about.")
    head: dict[str, Any] | None = Field(description="The head of the ledger that it was read at.")
    exit: int = Field(description="0 yes or answered, 1 no, 2 asked wrongly, 3 could not be told, 4 refused to record, 5 integrity.")
    result: dict[str, Any] | None = Field(description="What was answered.")
    diagnostics: list[dict[str, Any]] = Field(description="Problems, each with its help.")


class Desk:
    """Carries the questions of one agent to the command line, one at a time."""

    def __init__(self, root: Path, actor: str) -> None:
        self.root, self.actor = root, actor

    def ask(self, *words: str) -> "CallToolResult":
        """Return what a command answers."""
        return told(self.print(*words, "--json")[0])

    def about(self, command: str, *ids: str, before: Sequence[str] = ()) -> "CallToolResult":
        """Return what a command answers about what an agent names: no word of theirs is taken for an option."""
        return told(self.print(command, *before, "--json", behind=ids)[0])

    def writes(self, *words: str, behind: Sequence[str] = ()) -> "CallToolResult":
        """Record in the name of the agent, as long as it is one."""
        try:
            refuse_people(Session(Options(directory=self.root)), self.actor)
        except GovernError as error:
            return told(json_text(words[0], None, error.status, error.problems, {}))
        return told(self.print("--as", self.actor, *words, "--json", behind=behind)[0])

    def print(self, *words: str, behind: Sequence[str] = ()) -> tuple[str, str]:
        """Run a command in this process; return what it prints, and what it says of what went wrong."""
        from govern.cli.main import run

        printed, failed = io.StringIO(), io.StringIO()
        # What a command prints goes through the process's own streams.
        with _ONE_AT_A_TIME, redirect_stdout(printed), redirect_stderr(failed):
            run(["-C", str(self.root), *words, *(("--", *behind) if behind else ())])
        return printed.getvalue(), failed.getvalue()

    def policy(self) -> Policy:
        """Return the policy in force.

        Raises:
            ResourceError: there is none that can be judged by; why.
        """
        from mcp.server.mcpserver.exceptions import ResourceError

        try:
            return Session(Options(directory=self.root)).view.policy
        except GovernError as error:
            raise ResourceError("; ".join(each.message for each in error.problems)) from error


def told(text: str) -> "CallToolResult":
    """Return an answer as a tool's: an error, where it could not be given, or nothing was recorded; a no is an answer."""
    from mcp.types import CallToolResult, TextContent

    answer = Answer.model_validate(json.loads(text))
    spelled = answer.model_dump(mode="json", by_alias=True)
    return CallToolResult(content=[TextContent(text=text)], structured_content=spelled, is_error=answer.exit not in (Exit.YES, Exit.NO))


def refuse_people(session: Session, actor: str) -> None:
    """Refuse to act in the name of anybody but an agent.

    Raises:
        GovernError: the actor is not declared, or a person or a service (status 4).
    """
    actors = session.view.policy.actors
    agents = [name for name, each in actors.items() if each.kind == "agent"]
    if actor not in agents:
        what = f"`{actor}` is a {actors[actor].kind}" if actor in actors else f"no actor is called `{actor}`"
        hint = did_you_mean(actor, agents) or f"--as one of {', '.join(agents) or 'the agents that states.yaml declares'}"
        raise fault(Exit.REFUSED, "UNAUTHORISED", f"{what}; the server acts for an agent alone", help=hint)


def mcp_command(context: typer.Context) -> None:
    """Serve the questions of an agent over stdio, by the Model Context Protocol; --as names the agent."""
    if find_spec("mcp") is None:
        raise fault(Exit.UNJUDGED, "NEEDS_EXTRA", "the Model Context Protocol is not installed", help="`pip install 'govern[mcp]'`")
    session = session_of(context)
    if session.options.json:
        raise fault(Exit.USAGE, "USAGE", "stdout is the protocol's own", help="leave out --json; each answer is what --json prints")
    refuse_people(session, session.actor())
    # Nothing is signed in the name of an agent by a key that its environment names.
    os.environ.pop("GOVERN_KEY", None)
    os.environ.pop("SSH_AUTH_SOCK", None)
    server(session.project.root, session.actor()).run("stdio")


def server(root: Path, actor: str) -> "MCPServer":
    """Return the server of a programme."""
    from mcp.server import MCPServer

    made = MCPServer("govern", version=__version__, instructions=_INSTRUCTIONS, log_level="WARNING")
    desk = Desk(root, actor)
    _add_questions(made, desk)
    _add_writes(made, desk)
    _add_pages(made, desk)
    return made


def _add_questions(made: "MCPServer", desk: Desk) -> None:
    from mcp.types import CallToolResult, ToolAnnotations

    asks = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)

    @made.tool(title="What is open, and who acts next", annotations=asks)
    def status() -> Annotated[CallToolResult, Answer]:
        """Say what is open, who is waited for, and what comes next."""
        return desk.ask("status")

    @made.tool(title="Why something is blocked", annotations=asks)
    def why_blocked(id: Id) -> Annotated[CallToolResult, Answer]:
        """Name what is missing, who can clear it, and with which command."""
        return desk.about("why-blocked", id)

    @made.tool(title="One thing, as it stands", annotations=asks)
    def show(id: Id) -> Annotated[CallToolResult, Answer]:
        """Show one thing: its declaration, its state, its records."""
        return desk.about("show", id)

    @made.tool(title="Whether an action may happen now", annotations=asks)
    def gate(actions: Annotated[list[Id], Field(min_length=1, max_length=50)], lane: Lane = None) -> Annotated[CallToolResult, Answer]:
        """Say whether actions, or all that touches a surface, may happen now. Only `exit` 0 is a yes."""
        return desk.about("gate", *actions, before=() if lane is None else (f"--lane={lane}",))


def _add_writes(made: "MCPServer", desk: Desk) -> None:
    from mcp.types import CallToolResult, ToolAnnotations

    adds = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False)

    @made.tool(title="Prepare a packet", annotations=adds)
    def prepare_packet(packet: Annotated[str, Field(min_length=1, max_length=128, description="The packet.")]) -> Annotated[CallToolResult, Answer]:
        """Record that this agent prepared a packet. Nothing is decided by it, and nothing takes it back."""
        return desk.writes("packet", "prepare", behind=(packet,))

    @made.tool(title="Reserve ticket ids", annotations=adds)
    def reserve_ticket(
        purpose: Annotated[str, Field(min_length=1, max_length=MAX_TEXT, description="For what.")],
        count: Annotated[int, Field(ge=1, le=100, description="How many ids.")] = 1,
    ) -> Annotated[CallToolResult, Answer]:
        """Reserve the next free ticket ids. Nothing is applied: an owner folds them."""
        return desk.writes("ticket", "reserve", f"--count={count}", f"--for={purpose}")


def _add_pages(made: "MCPServer", desk: Desk) -> None:
    from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

    @made.resource("govern://packets", title="Packets", mime_type="application/json")
    def packets() -> str:
        """Every packet with its address."""
        return json.dumps({name: f"govern://packets/{name}" for name in desk.policy().packets})

    @made.resource("govern://packets/{packet}", title="A packet, as it stands", mime_type="text/markdown")
    def packet(packet: str) -> str:
        """A packet as Markdown, rendered from the state."""
        if packet not in desk.policy().packets:
            raise ResourceNotFoundError(f"no packet is called {packet}")
        text, failed = desk.print("packet", "show", behind=(packet,))
        if not text:
            raise ResourceError(failed)
        return text

    @made.resource("govern://documents", title="Documents", mime_type="application/json")
    def documents() -> str:
        """Every document with its address."""
        return json.dumps({name: f"govern://documents/{name}" for name in desk.policy().documents})

    @made.resource("govern://documents/{document}", title="A document, as it was last rendered", mime_type="text/markdown")
    def document(document: str) -> str:
        """A document that `govern render` wrote."""
        declared = desk.policy().documents.get(document)
        if declared is None:
            raise ResourceNotFoundError(f"no document is called {document}")
        try:
            return read_below(desk.root, str(declared.path)).decode()
        except (GovernError, OSError, UnicodeDecodeError) as error:
            raise ResourceError(f"document {document} cannot be read; govern render writes it") from error
