"""Where a statement of SQL ends: the lexical rules of PostgreSQL, as far as quotes, comments and bodies go.

Follows `scan.l` and, for `BEGIN ATOMIC … END`, `psqlscan.l`. Pure: it is fed with lines. A mistake here shows no more
than an error: the server is given one statement at a time, and refuses two in one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

_TOKEN = re.compile(
    rb"""\s*(?:
      (?P<comment>--[^\n\r]*)
    | (?P<open>/\*)
    | (?P<escaped>[eE]')
    | (?P<quote>')
    | (?P<name>")
    | (?P<dollar>\$(?:[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)?\$)
    | (?P<word>[A-Za-z_\x80-\xff][A-Za-z0-9_$\x80-\xff]*)
    | (?P<end>;)
    | (?P<up>\()
    | (?P<down>\))
    | (?P<backslash>\\)
    | (?P<other>[0-9][A-Za-z0-9_]*|\S)
    )""",
    re.VERBOSE,
)
_QUOTE = re.compile(rb"''|'")
_ESCAPED = re.compile(rb"\\.|''|'", re.DOTALL)
_NAME = re.compile(rb'""|"')
_COMMENT = re.compile(rb"/\*|\*/")
_ROUTINES = (b"function", b"procedure")

End = Literal["statement", "backslash", "line"]


class Token(NamedTuple):
    """A token of a whole statement: a `word` in lower case, a `name` or `string` without its quotes, or another `sign`."""

    kind: Literal["word", "name", "string", "sign"]
    text: bytes

    @property
    def bare(self) -> bytes:
        """The keyword or sign that it is, or nothing for what stood in quotes."""
        return self.text if self.kind in {"word", "sign"} else b""


@dataclass(slots=True)
class Lexer:
    """How far one statement has come; `feed` it with lines until it says that the statement has ended.

    `standard` tells whether a backslash in a plain string is an ordinary character (standard_conforming_strings).
    `remark` is the last comment of the line that stood before the statement began.
    """

    standard: bool = True
    started: bool = False
    remark: bytes = b""
    _inside: re.Pattern[bytes] | bytes | None = None
    _comments: int = 0
    _parentheses: int = 0
    _bodies: int = 0
    _leading: list[bytes] = field(default_factory=list)
    _previous: bytes = b""
    _resumes: bool = False

    @property
    def open(self) -> bool:
        """Whether a quote, comment, parenthesis or body waits for its end."""
        return self._inside is not None or self._comments > 0 or self._parentheses > 0 or self._bodies > 0

    def feed(self, line: bytes, at: int) -> tuple[int, End]:
        """Read a line from a position on; return where it stopped, and why."""
        newline = at == 0
        while at < len(line):
            if self._inside is not None or self._comments:
                at = self._leave(line, at)
                newline = False
                continue
            matched = _TOKEN.match(line, at)
            if matched is None:
                break
            at, kind = matched.end(), str(matched.lastgroup)
            if kind == "end" and not self._parentheses and not self._bodies:
                return at, "statement"
            if kind == "backslash":
                return at - 1, "backslash"
            self._take(kind, matched[kind], resumes=self._resumes and newline)
        return len(line), "line"

    def _take(self, kind: str, text: bytes, *, resumes: bool) -> None:
        if kind == "comment":
            self.remark = b"" if self.started else text
            return
        if kind == "open":
            self._comments = 1
            return
        self.started, self._resumes = True, False
        match kind:
            case "escaped":
                self._inside = _ESCAPED
            case "quote":
                # A string that goes on after a line break is read like its first part.
                self._inside = _ESCAPED if resumes or not self.standard else _QUOTE
            case "name":
                self._inside = _NAME
            case "dollar":
                self._inside = text
            case "up":
                self._parentheses += 1
            case "down":
                self._parentheses = max(0, self._parentheses - 1)
            case "word":
                self._word(text.lower())
        if kind != "word":
            self._previous = b""

    def _word(self, word: bytes) -> None:
        if len(self._leading) < 4:
            self._leading.append(word)
        if self._parentheses == 0 and self._routine():
            if (word == b"atomic" and self._previous == b"begin") or (word == b"case" and self._bodies):
                self._bodies += 1
            elif word == b"end" and self._bodies:
                self._bodies -= 1
        self._previous = word

    def _routine(self) -> bool:
        match self._leading:
            case [b"create", b"or", b"replace", kind, *_] | [b"create", kind, *_]:
                return kind in _ROUTINES
        return False

    def _leave(self, line: bytes, at: int) -> int:
        """Go on inside of a quote or comment, to its end or that of the line."""
        if self._comments:
            matched = _COMMENT.search(line, at)
            if matched is None:
                return len(line)
            self._comments += 1 if matched[0] == b"/*" else -1
            return matched.end()
        if isinstance(self._inside, bytes):
            found = line.find(self._inside, at)
            if found < 0:
                return len(line)
            at, self._inside = found + len(self._inside), None
            return at
        assert self._inside is not None, "one of the two is open"
        for matched in self._inside.finditer(line, at):
            if len(matched[0]) == 1:
                self._resumes, self._inside = self._inside is _ESCAPED, None
                return matched.end()
        return len(line)


def tokens(text: bytes, *, standard: bool = True) -> Iterator[Token]:
    """Yield the tokens of a whole statement, without comments; what does not end is left out."""
    at = 0
    while matched := _TOKEN.match(text, at):
        at, kind, found = matched.end(), str(matched.lastgroup), matched[str(matched.lastgroup)]
        match kind:
            case "word":
                yield Token("word", found.lower())
            case "comment":
                continue
            case "open":
                at = _comment_end(text, at)
            case "dollar":
                end = text.find(found, at)
                yield Token("string", text[at : max(at, end)])
                at = len(text) if end < 0 else end + len(found)
            case "escaped" | "quote" | "name":
                pattern = _NAME if kind == "name" else _ESCAPED if kind == "escaped" or not standard else _QUOTE
                end = next((each.end() for each in pattern.finditer(text, at) if len(each[0]) == 1), len(text) + 1)
                mark = found[-1:]
                yield Token("name" if kind == "name" else "string", text[at : end - 1].replace(mark * 2, mark))
                at = end
            case _:
                yield Token("sign", found)


def _comment_end(text: bytes, at: int) -> int:
    depth = 1
    for matched in _COMMENT.finditer(text, at):
        depth += 1 if matched[0] == b"/*" else -1
        if not depth:
            return matched.end()
    return len(text)
