r"""A dump or a change script as statements and the data of COPY, one after the other, in memory that stays flat.

No meta-command of psql is ever carried out: where a backslash stands outside of quotes, the script is refused. A dump
may carry `\restrict` and `\unrestrict`, which newer versions of pg_dump write; they are left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import IO

from govern.problems import Exit, GovernError, Place, fault
from govern.rehearsal.postgresql.blocks import CHUNK, Block
from govern.rehearsal.postgresql.lexer import Lexer, tokens

LONGEST = 256 << 20
_HEADER = b"-- PostgreSQL database dump"
_TRAILER = b"-- PostgreSQL database dump complete"
_RESTRICT = re.compile(rb"\\(restrict|unrestrict) ([A-Za-z0-9]{1,128})\r?\n?\Z")
_DATA_END = re.compile(rb"\\\.(?:\r?\n|\Z)")
_LINES_AND_END = re.compile(rb"\n(\\\.(?:\r?\n|\Z))")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, without the semicolon, and the line that it begins in; `copies`: rows of data follow it."""

    text: bytes
    line: int
    copies: bool
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a script is called in messages, and the codes of its faults."""

    name: str
    refused: str
    incomplete: str


DUMP = Kind("dump", "LOAD_REFUSED", "DUMP_TRUNCATED")
CHANGE = Kind("script", "CHANGE_FAILED", "CHANGE_FAILED")


class Script:
    """A stream of SQL. Iterate over its statements; after one that copies, take `data` to its end."""

    def __init__(self, stream: IO[bytes], kind: Kind) -> None:
        self.kind = kind
        # What the server says of its setting standard_conforming_strings; whoever runs the statements keeps it current.
        self.standard = True
        self._lines = _Lines(stream, self)
        self._complete: bool | None = None
        self._restricted: bytes | None = None
        self._copying = False

    def __iter__(self) -> Iterator[Statement]:
        """Yield one statement after the other.

        Raises:
            GovernError: META_COMMAND, or the codes of its kind: what is refused, and what does not end (status 3).
        """
        while statement := self._next():
            self._copying = statement.copies
            yield statement
            for _left in self.data() if self._copying else ():
                pass
        if self.kind is DUMP and self._complete is False:
            raise self.fault(self.kind.incomplete, f"the last line of a dump (`{_TRAILER.decode()}`) is missing", self._lines.number)
        if self._restricted is not None:
            raise self.fault(self.kind.incomplete, "the dump begins with `\\restrict`, and `\\unrestrict` is missing", self._lines.number)

    def data(self) -> Iterator[bytes]:
        """Yield the data of the statement that copies, in whole lines, without the mark at its end."""
        begun = self._lines.number
        while self._copying:
            piece, self._copying = self._lines.block()
            if piece:
                yield piece
            elif self._copying:
                raise self._without_end(begun)

    def aside(self) -> Block:
        """Pass over the data of the statement that copies, in a stream that is a file; return where they stand, whether they end or not."""
        start, size, whole, missing = self._lines.offset(), 0, True, self._without_end(self._lines.number)
        try:
            for piece in self.data():
                size += len(piece)
        except GovernError as error:
            whole, missing = False, error
        return Block(self._lines.file, start, size, whole, missing)

    def fault(self, code: str, message: str, line: int, *, help: str = "") -> GovernError:
        """Return an error that names a line of this script."""
        helps = {"DUMP_TRUNCATED": "make the dump again, and compare the sizes after it was copied"}
        return fault(Exit.UNJUDGED, code, message, place=Place(self.kind.name, line, 1), help=help or helps.get(code, ""))

    def _without_end(self, begun: int) -> GovernError:
        return self.fault(self.kind.incomplete, "the rows of COPY have no end (`\\.`)", begun)

    def _next(self) -> Statement | None:
        lexer, begun, size = Lexer(standard=self.standard), 0, 0
        parts: list[bytes] = []
        while line := self._lines.line():
            at, why = lexer.feed(line, self._lines.at)
            begun = begun or (self._lines.number if lexer.started else 0)
            if why == "backslash":
                self._meta_command(line, at, inside=lexer.started)
                continue
            parts.append(line[self._lines.at : at])
            size += len(parts[-1])
            if size > LONGEST:
                raise self.fault(self.kind.incomplete, f"a statement has more than {LONGEST >> 20} MiB, or does not end", begun)
            self._lines.at = at
            if why == "statement":
                if not lexer.started:
                    parts, lexer, begun = [], Lexer(standard=self.standard), 0
                    continue
                return self._statement(b"".join(parts)[:-1], begun)
            if not lexer.started and not lexer.open:
                self._mark(lexer.remark)
                parts, lexer = [], Lexer(standard=self.standard)
        if lexer.open or lexer.started:
            raise self.fault(
                self.kind.incomplete, "the last statement has no end", begun or self._lines.number, help="" if self.kind is DUMP else "end it with `;`"
            )
        return None

    def _statement(self, text: bytes, line: int) -> Statement:
        if b"\0" in text:
            raise self.fault(self.kind.refused, "a NUL byte stands in a statement", line)
        if self._complete:
            self._complete = False
        text = text.strip()
        leading = tuple(islice(tokens(text, standard=self.standard), 8))
        copies = bool(leading) and leading[0].bare == b"copy" and _from_stdin(text, standard=self.standard)
        if copies and self._lines.rest().strip():
            raise self.fault(self.kind.refused, "the rows of COPY begin in the line after its statement, and more stands in this one", line)
        if copies:
            self._lines.line_break()
        return Statement(text, line, copies, tuple(each.text.decode("ascii", "replace") if each.kind == "word" else "" for each in leading))

    def _mark(self, remark: bytes) -> None:
        """Notice the first and the last line of a dump."""
        if remark == _HEADER and self._complete is None:
            self._complete = False
        elif remark == _TRAILER:
            self._complete = True

    def _meta_command(self, line: bytes, at: int, *, inside: bool) -> None:
        number = self._lines.number
        matched = _RESTRICT.match(line) if at == 0 and not inside and self.kind is DUMP else None
        if matched is None:
            message = "a meta-command of psql (a backslash outside of quotes), and none is carried out"
            raise self.fault("META_COMMAND", message, number, help="hand over plain SQL: what pg_dump writes, or statements of a script")
        expected = None if matched[1] == b"restrict" else matched[2]
        if self._restricted != expected:
            raise self.fault("META_COMMAND", f"`\\{matched[1].decode()}` is not the one that fits", number)
        self._restricted = matched[2] if expected is None else None
        self._lines.at = len(line)


def statements(script: bytes) -> list[Statement]:
    """Return the statements of a change script.

    Raises:
        GovernError: META_COMMAND or CHANGE_FAILED (status 3).
    """
    return list(Script(BytesIO(script), CHANGE))


def _from_stdin(text: bytes, *, standard: bool) -> bool:
    depth, previous = 0, b""
    for token in tokens(text, standard=standard):
        depth += (token.bare == b"(") - (token.bare == b")")
        if not depth and previous == b"from" and token.bare == b"stdin":
            return True
        previous = token.bare
    return False


class _Lines:
    """The lines of a stream, of which one at a time is being read (`at` is how far), and blocks of whole lines."""

    def __init__(self, stream: IO[bytes], script: Script) -> None:
        self._stream, self._script = stream, script
        self._buffer, self._from, self._ended = b"", 0, False
        self._line, self.at, self.number = b"", 0, 0

    def line(self) -> bytes:
        """Return the line that is being read, or the next one; nothing at the end."""
        if self.at < len(self._line):
            return self._line
        while (end := self._buffer.find(b"\n", self._from)) < 0 and self._more():
            pass
        cut = end + 1 if end >= 0 else len(self._buffer)
        self._line, self._from, self.at = self._buffer[self._from : cut], cut, 0
        self.number += bool(self._line)
        if self.number == 1 and self._line.startswith(_BOM):
            self.at = len(_BOM)
        return self._line

    def rest(self) -> bytes:
        """Return what is left of the line."""
        return self._line[self.at :]

    def line_break(self) -> None:
        """Leave the line."""
        self.at = len(self._line)

    @property
    def file(self) -> int:
        """The file that is read."""
        return self._stream.fileno()

    def offset(self) -> int:
        """Return where in the file the next line begins."""
        return self._stream.tell() - len(self._buffer) + self._from

    def block(self) -> tuple[bytes, bool]:
        """Return the next whole lines of data, and whether more may follow; nothing and yes where the stream ends before the data."""
        while True:
            mark = self._mark()
            # At the end of the buffer, `\.` may be the beginning of a longer line.
            if mark and (mark[1] < len(self._buffer) or self._buffer.endswith(b"\n") or self._ended):
                piece, self._from = self._buffer[self._from : mark[0]], mark[1]
                self.number += piece.count(b"\n") + 1
                return piece, False
            last = self._buffer.rfind(b"\n", self._from) + 1
            if last > self._from:
                piece, self._from = self._buffer[self._from : last], last
                self.number += piece.count(b"\n")
                return piece, True
            if not self._more():
                return b"", True

    def _mark(self) -> tuple[int, int] | None:
        """Return where the mark at the end of data stands, a line of its own, as far as the buffer goes."""
        if matched := _DATA_END.match(self._buffer, self._from):
            return matched.span()
        matched = _LINES_AND_END.search(self._buffer, self._from)
        return matched.span(1) if matched else None

    def _more(self) -> bool:
        """Read on; the part of the buffer that was used is dropped."""
        if self._ended:
            return False
        # As much again as there is, so that a long line is not copied over and over.
        piece = self._stream.read(max(CHUNK, len(self._buffer) - self._from))
        self._ended = not piece
        self._buffer, self._from = self._buffer[self._from :] + piece, 0
        if len(self._buffer) > LONGEST + CHUNK:
            raise self._script.fault(self._script.kind.incomplete, f"a line has more than {LONGEST >> 20} MiB", self.number + 1)
        return not self._ended
