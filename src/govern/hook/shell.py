"""A shell line as the commands that it runs, as far as that can be told by reading it.

Pure, and it imports nothing: the hook's quick answer reads with it. What a line really runs is undecidable, so that a word
whose value is not known from the text alone is marked as live, and a line that cannot be read is refused.
"""

GLOB, VALUE = 1, 2
MOST = 256 * 1024
_DEPTH = 20
_BREAKS = frozenset(";&|()\n")
_RESERVED = frozenset({"!", "{", "}", "if", "then", "elif", "else", "fi", "while", "until", "do", "done", "time", "coproc"})
_ENDS_NAME = frozenset(" \t\n;&|()<>\"'`\\$=/.,:-")


class UnreadableError(Exception):
    """The line cannot be read; why."""


class Word:
    """A word: its text without quotes, and whether its value is known (0), a pattern of names (GLOB), or not known (VALUE)."""

    __slots__ = ("live", "text")

    def __init__(self, text: str, live: int = 0) -> None:
        self.text = text
        self.live = live


class Command:
    """A simple command: its words, the files it writes to by redirection, what it is fed, whether a pipe feeds it, and what runs it."""

    __slots__ = ("fed", "outer", "piped", "words", "writes")

    def __init__(self, *, piped: bool = False) -> None:
        self.words: list[Word] = []
        self.writes: list[Word] = []
        self.fed: list[str] = []
        self.piped = piped
        self.outer: Command | None = None


def commands_of(line: str, depth: int = 0) -> list[Command]:
    """Return every simple command of a line, those in substitutions and subshells, too.

    Raises:
        UnreadableError: a quote or a bracket does not close, or it is too long or too deep.
    """
    if len(line) > MOST or depth > _DEPTH:
        raise UnreadableError("it is too long, or too deep")
    reader = _Reader(line, depth)
    reader.read_list(closed=False)
    return reader.found


class _Reader:
    def __init__(self, line: str, depth: int) -> None:
        self.line, self.at, self.depth = line, 0, depth
        self.found: list[Command] = []
        self.command = Command()
        self.parts: list[str] = []
        self.live = 0
        self.open = False  # whether a word has begun, which an empty pair of quotes does
        self.plain = True  # whether nothing of it was quoted
        self.into = ""
        self.inside = 0  # in how many substitutions
        self.waiting: list[tuple[Command, str, bool, bool]] = []

    def read_list(self, *, closed: bool) -> None:
        """Read up to the end, or to the bracket that closes."""
        self.depth += 1
        if self.depth > _DEPTH:
            raise UnreadableError("it is too deep")
        nested = 0
        while self.at < len(self.line):
            character = self.line[self.at]
            if character in " \t":
                self.end_word()
                self.at += 1
            elif character in "<>" or self.line.startswith("&>", self.at):
                self.redirect()
            elif character in _BREAKS:
                self.separate(character)
                nested += (character == "(") - (character == ")")
                if closed and nested < 0:
                    self.depth -= 1
                    return
            elif character == "#" and not self.open:
                self.at = self.find_or_end("\n")
            else:
                self.take(character)
        self.end_command(piped=False)
        if closed or self.waiting:
            raise UnreadableError("a bracket, or a here-document, does not close")

    def separate(self, character: str) -> None:
        """Take what separates commands."""
        self.at += 1
        self.end_command(piped=character == "|" and not self.line.startswith("|", self.at))
        if character == "|" and self.line.startswith("|", self.at):
            self.at += 1
        if character == "\n":
            self.take_documents()

    def take(self, character: str) -> None:
        """Take what belongs to a word."""
        self.open = True
        self.at += 1
        match character:
            case "\\":
                self.escape()
            case "'":
                self.plain = False
                self.add(self.up_to("'"))
            case '"':
                self.plain = False
                self.quoted()
            case "$":
                self.expand()
            case "`":
                self.backticks()
            case "*" | "?" | "[":
                self.add(character, GLOB)
            case _:
                self.add(character)

    def add(self, text: str, live: int = 0) -> None:
        self.parts.append(text)
        self.live = max(self.live, live)

    def escape(self) -> None:
        following = self.line[self.at : self.at + 1]
        self.at += 1
        if following == "\n":
            self.open = bool(self.parts) or not self.plain
            return
        self.plain = False
        self.add(following)

    def up_to(self, end: str) -> str:
        at = self.line.find(end, self.at)
        if at < 0:
            raise UnreadableError("a quote does not close")
        text = self.line[self.at : at]
        self.at = at + len(end)
        return text

    def find_or_end(self, wanted: str) -> int:
        at = self.line.find(wanted, self.at)
        return len(self.line) if at < 0 else at

    def quoted(self) -> None:
        while self.at < len(self.line):
            character = self.line[self.at]
            self.at += 1
            if character == '"':
                return
            if character == "$":
                self.expand(quoted=True)
            elif character == "`":
                self.backticks()
            elif character == "\\" and self.line[self.at : self.at + 1] in ("$", "`", '"', "\\", "\n"):
                self.add(self.line[self.at].strip("\n"))
                self.at += 1
            else:
                self.add(character)
        raise UnreadableError("a quote does not close")

    def expand(self, *, quoted: bool = False) -> None:
        """Take what follows a dollar."""
        following = self.line[self.at : self.at + 1]
        if following == "(":
            self.at += 1
            self.substitute()
        elif following == "{":
            self.at += 1
            inner = self.up_to("}")
            if any(each in inner for each in "`'\"{") or "$(" in inner:
                raise UnreadableError("an expansion holds more than a name")
            self.add("$" + inner, VALUE)
        elif following == "'" and not quoted:
            self.at += 1
            self.plain = False
            inner = self.up_to("'")
            if "\\" in inner:
                raise UnreadableError("a quote holds escapes")
            self.add(inner)
        elif not following or following in _ENDS_NAME:
            self.add("$")
        else:
            start = self.at
            while self.at < len(self.line) and (self.line[self.at].isalnum() or self.line[self.at] == "_"):
                self.at += 1
            self.at = max(self.at, start + 1)
            self.add("$" + self.line[start : self.at], VALUE)

    def substitute(self) -> None:
        """Read the commands of a substitution, which stand in the middle of a word."""
        kept = self.command, self.parts, self.live, self.open, self.plain, self.into
        self.command, self.parts, self.live, self.open, self.plain, self.into = Command(), [], 0, False, True, ""
        self.inside += 1
        self.read_list(closed=True)
        self.command, self.parts, self.live, self.open, self.plain, self.into = kept
        self.inside -= 1
        self.add("$", VALUE)

    def backticks(self) -> None:
        inner = self.up_to("`")
        if "\\" in inner:
            raise UnreadableError("a substitution holds escapes")
        self.found += commands_of(inner, self.depth)
        self.add("$", VALUE)

    def redirect(self) -> None:
        """Take an operator of redirection: where the next word goes."""
        if not ("".join(self.parts).isdigit() and self.plain):
            self.end_word()
        self.parts, self.open, self.live = [], False, 0
        rest = self.line[self.at : self.at + 3]
        operator = next(each for each in ("&>>", "<<<", "<<-", "<<", "<(", ">(", "<>", ">>", ">|", ">&", "<&", "&>", ">", "<") if rest.startswith(each))
        self.at += len(operator)
        if operator in ("<(", ">("):
            self.open = True
            self.substitute()
        elif operator in ("<<", "<<-"):
            self.await_document(stripped=operator == "<<-")
        else:
            self.into = {"<<<": "fed", "<": "read", "<&": "read"}.get(operator, "write")

    def await_document(self, *, stripped: bool) -> None:
        while self.line[self.at : self.at + 1] in (" ", "\t"):
            self.at += 1
        start = self.at
        while self.at < len(self.line) and self.line[self.at] not in " \t\n;&|()<>":
            self.at += 1
        mark = self.line[start : self.at]
        bare = mark.replace("'", "").replace('"', "").replace("\\", "")
        if not bare:
            raise UnreadableError("a here-document has no end")
        self.waiting.append((self.command, bare, stripped, bare != mark))

    def take_documents(self) -> None:
        """Take the here-documents that begin behind this line."""
        for command, end, stripped, quoted in self.waiting:
            lines: list[str] = []
            while True:
                if self.at >= len(self.line):
                    raise UnreadableError("a here-document does not end")
                stop = self.find_or_end("\n")
                line, self.at = self.line[self.at : stop], stop + 1
                if (line.lstrip("\t") if stripped else line) == end:
                    break
                lines.append(line)
            text = "\n".join(lines)
            if not quoted and ("$(" in text or "`" in text):
                raise UnreadableError("a here-document holds a substitution")
            command.fed.append(text)
        self.waiting = []

    def end_word(self) -> None:
        if not self.open:
            return
        text, into = "".join(self.parts), self.into
        if self.live == GLOB and text in ("[", "[["):
            self.live = 0
        if self.plain and "{" in text and ("," in text or ".." in text):
            self.live = max(self.live, GLOB)
        word = Word(text, self.live)
        if into == "fed":
            self.command.fed.append(text)
        elif into == "write":
            if not (text.isdigit() or text == "-"):
                self.command.writes.append(word)
        elif not into and not (self.plain and not self.command.words and text in _RESERVED):
            self.command.words.append(word)
        self.parts, self.live, self.open, self.plain, self.into = [], 0, False, True, ""

    def end_command(self, *, piped: bool) -> None:
        self.end_word()
        if self.inside and self.command.words and self.command.words[0].text == "case":
            raise UnreadableError("brackets that open nothing stand in a substitution")
        if self.command.words or self.command.writes or self.command.fed or any(each[0] is self.command for each in self.waiting):
            self.found.append(self.command)
        self.command = Command(piped=piped)
