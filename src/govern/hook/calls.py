"""A tool call of a coding agent, read from JSON as the common agents spell it.

Pure. It uses the C scanner of JSON, whose module costs most of a start.
"""

MOST_BYTES = 4 * 1024 * 1024
_DEPTH = 50
_COMMANDS = ("command", "cmd")
# How agents name the folder that a shell line runs in.
_FOLDERS = ("workdir", "cwd", "directory", "dir_path", "working_directory")


class NoCallError(Exception):
    """What came is no tool call that can be judged; why."""


class Call:
    """A tool call: the tool, its shell line or arguments where it has one, its other texts, and where it is made."""

    __slots__ = ("arguments", "cwd", "line", "texts", "tool")

    def __init__(self, tool: str, given: object, cwd: str) -> None:
        self.tool, self.cwd = tool, cwd
        self.line: str | None = None
        self.arguments: list[str] | None = None
        self.texts: list[str] = []
        if isinstance(given, dict) and tool.lower() != "apply_patch":
            given = self._command(given)
        self._texts(given, 0)

    def _command(self, given: dict[str, object]) -> dict[str, object]:
        """Take the command, and where it runs; return what else is given."""
        named = [given[key] for key in _COMMANDS if given.get(key) is not None]
        if not named:
            return given
        [command, *more] = named
        if isinstance(command, str):
            self.line = command
        elif isinstance(command, list) and command and all(isinstance(each, str) for each in command):
            self.arguments = command
        else:
            raise NoCallError("its command is neither a text nor a list of words")
        if more:
            raise NoCallError("it has two commands")
        for folder in (given.get(key) for key in _FOLDERS):
            if isinstance(folder, str) and folder:
                self.cwd = folder if folder.startswith("/") else f"{self.cwd}/{folder}"
        return {key: each for key, each in given.items() if key not in (*_COMMANDS, *_FOLDERS)}

    def _texts(self, given: object, depth: int) -> None:
        if isinstance(given, str):
            self.texts.append(given)
        elif isinstance(given, dict | list):
            if depth == _DEPTH:
                raise NoCallError("it is nested too deep")
            for each in given.values() if isinstance(given, dict) else given:
                self._texts(each, depth + 1)


class _Scanning:
    """What the C scanner of JSON asks of its context: no key twice, no number that JSON does not have."""

    strict = True
    object_hook = None
    parse_float, parse_int = float, int
    memo: dict[str, str] = {}  # noqa: RUF012 - the scanner's own

    @staticmethod
    def object_pairs_hook(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise NoCallError("a key stands twice")
        return found

    @staticmethod
    def parse_constant(name: str) -> object:
        raise NoCallError(f"{name} is no JSON")


def _parse(text: str) -> object:
    """Parse JSON without its module, which costs most of a start."""
    from _json import make_scanner

    stripped = text.strip(" \t\r\n")
    try:
        found, end = make_scanner(_Scanning)(stripped, 0)  # type: ignore[arg-type] # any object with these attributes does
    except (StopIteration, ValueError, RecursionError) as error:
        raise NoCallError("it is no JSON") from error
    if end != len(stripped):
        raise NoCallError("more follows the JSON")
    return found


def read_call(content: bytes, here: str) -> Call:
    """Return the tool call that an agent sends: as Claude Code, Codex and Gemini, as Copilot, or as Cursor spells it.

    Raises:
        NoCallError: it is none.
    """
    if len(content) > MOST_BYTES:
        raise NoCallError(f"it is longer than {MOST_BYTES} bytes")
    try:
        sent = _parse(content.decode())
    except UnicodeDecodeError as error:
        raise NoCallError("it is not UTF-8") from error
    if not isinstance(sent, dict):
        raise NoCallError("it is no object")
    tool = sent.get("tool_name", sent.get("toolName"))
    given = sent.get("tool_input", sent.get("toolArgs"))
    if tool is None and isinstance(sent.get("command"), str):
        tool, given = "Shell", {"command": sent["command"]}
    if isinstance(given, str) and given.lstrip()[:1] == "{":
        given = _parse(given)
    if not isinstance(tool, str) or not tool or given is None:
        raise NoCallError("it names no tool, or no input of it")
    cwd = sent.get("cwd")
    return Call(tool, given, cwd if isinstance(cwd, str) and cwd.startswith("/") else here)
