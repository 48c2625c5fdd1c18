"""What coding agents are kept from: commands, paths and tools, each with what it asks for.

Pure. `govern hook` answers from it. A hook is advice for honest agents; what must hold is held by signatures and by CI.
"""

from typing import Annotated

from pydantic import Field, model_validator

from govern.policy.names import Declared, FilePath, Name, Text, word_like

_PROGRAM = r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}"
_COMMAND = rf"{_PROGRAM}( [A-Za-z0-9_][A-Za-z0-9_.:+-]{{0,63}}){{0,7}}"
_TOOL = r"[A-Za-z0-9_][A-Za-z0-9_.:/-]{0,127}\*?"

CommandWords = Annotated[str, word_like(_COMMAND, "a program and the first words behind it, such as `git push`; no folder, no option")]
ToolName = Annotated[str, word_like(_TOOL, "the name of a tool; a last `*` matches any rest")]


class AgentGuard(Declared):
    """A command, a path or a tool, and what it asks for before an agent may use it."""

    command: CommandWords | None = Field(
        default=None, description="A program, with the first words behind it: `git push`. In whatever folder, behind whatever runs it."
    )
    path: FilePath | None = Field(default=None, description="A file or a folder, from the programme's folder, that is not to be written.")
    tool: ToolName | None = Field(default=None, description="A tool of the agent, such as `mcp__db__*`.")
    action: Name | None = Field(default=None, description="The action that must be allowed.")
    surface: Name | None = Field(default=None, description="The surface: every action that touches it must be allowed.")
    never: Text | None = Field(default=None, description="It is never allowed; why, and what to do instead.")

    @model_validator(mode="after")
    def _one_of_each(self) -> "AgentGuard":
        given = self.model_fields_set
        if len(given & {"command", "path", "tool"}) != 1 or len(given & {"action", "surface", "never"}) != 1:
            raise ValueError("wanted one of command, path and tool, with one of action, surface and never")
        return self

    @property
    def guards(self) -> tuple[str, str]:
        """What is guarded: its kind, and its words in lower case."""
        [found] = [(kind, word.lower()) for kind, word in (("command", self.command), ("path", self.path), ("tool", self.tool)) if word is not None]
        return found


class Agents(Declared):
    """What agents are kept from, by `govern hook`."""

    guards: tuple[AgentGuard, ...] = Field(min_length=1, description="What asks first; what is not named here is not looked at.")
