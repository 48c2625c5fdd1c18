"""YAML 1.2 text to a tree of plain values that remember where they stand.

Pure: bytes in, values and problems out. Built from the event stream of ruamel.yaml's C parser, so that
what the language does not have (anchors, aliases, tags, a key twice, null) is refused as it passes.
"""

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from govern.policy.nodes import Block, Number, Row, Word
from govern.problems import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 40
MAX_NODES = 400_000
MAX_PROBLEMS = 50

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,15})")
# What another reader of YAML would not take for text: numbers, dates, YAML 1.1 booleans.
_AMBIGUOUS = re.compile(
    r"[-+]?(\.?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|0[xob][0-9a-fA-F_]+|\.(inf|Inf|INF|nan|NaN|NAN)|[0-9][0-9_]*(:[0-9]+)+(\.[0-9_]*)?)"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?"
    r"|y|Y|n|N|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|true|True|TRUE|false|False|FALSE|null|Null|NULL|~|=",
)
# What an editor shows differently from how it is read: controls, line ends that only some readers know (NEL, LS, PS,
# a CR alone), a byte-order mark inside, and marks that turn the direction of a line around ("Trojan Source").
_HIDDEN = re.compile("[^\t\n\r -~\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\r(?!\n)|[\u2028-\u202e\u2066-\u2069\ufeff]")
_AMBIGUOUS_STARTS = frozenset("+-.0123456789yYnNoOtTfF~=")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "false": False}
# A named tuple's own constructor takes twice as long, and every node has a place.
_new = tuple.__new__


def parse_tree(source: bytes, file: str) -> tuple[Block | None, list[Problem]]:
    """Return the tree of a document whose top is a mapping, and every fault of its spelling."""
    early = _unreadable(source, file)
    if early:
        return None, [early]
    text = source.decode()
    hidden = [_hidden(found, text, file) for found in islice(_HIDDEN.finditer(text), MAX_PROBLEMS)]
    if hidden:
        return None, hidden
    return _Builder(text, file).build()


def _unreadable(source: bytes, file: str) -> Problem | None:
    start = Place(file, 1, 1)
    if len(source) > MAX_BYTES:
        return Problem("YAML_LIMIT", f"the file has {len(source)} bytes, at most {MAX_BYTES} are read", start)
    if source.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return Problem("YAML_BOM", "a byte-order mark stands before the text", start, help="save it as plain UTF-8")
    try:
        source.decode()
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        before = source[source.rfind(b"\n", 0, error.start) + 1 : error.start].decode()
        return Problem("YAML_ENCODING", "not UTF-8", Place(file, line, len(before) + 1), help="save it as UTF-8")
    return None


def _hidden(found: re.Match[str], text: str, file: str) -> Problem:
    code = ord(found[0])
    line = text.count("\n", 0, found.start()) + 1
    column = found.start() - text.rfind("\n", 0, found.start())
    help = f'write "\\u{code:04x}" where a text needs it' if code <= 0xFFFF else "remove it"
    return Problem("YAML_CHARACTER", f"the character U+{code:04X} hides how the file is read", Place(file, line, column), help=help)


class _StopError(Exception):
    """A fault after which reading on would mislead or take too long."""


class _Builder:
    """One pass over the events, faults collected; `_StopError` where going on makes no sense."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.end = Place(file, text.count("\n") + 1, len(text) - text.rfind("\n"))
        self.problems: list[Problem] = []
        self.nodes = 0

    def build(self) -> tuple[Block | None, list[Problem]]:
        from _ruamel_yaml import CParser
        from ruamel.yaml.error import MarkedYAMLError

        try:
            top = self._document(CParser(self.text))
        except _StopError:
            return None, self.problems
        except MarkedYAMLError as error:
            self.problems.append(Problem("YAML_SYNTAX", str(error.problem), self._at(error.problem_mark)))
            return None, self.problems
        return top, self.problems

    def _document(self, parser: Any) -> Block | None:
        events: Iterator[Any] = iter(parser.get_event, None)
        next(events)
        start = next(events)
        if type(start).__name__ == "StreamEndEvent":
            self._note("YAML_EMPTY", "the file declares nothing", Place(self.file, 1, 1), "start with `govern init`")
            return None
        if start.version is not None or start.tags:
            self._note("YAML_DIRECTIVE", "a directive (`%`) stands before the document", self._place(start), "remove it")
        top = self._value(next(events), events, 0)
        next(events)
        after = next(events)
        if type(after).__name__ != "StreamEndEvent":
            self._note("YAML_SECOND_DOCUMENT", "a second document starts", self._place(after), "one file, one document")
        if not isinstance(top, Block):
            self._note("YAML_TOP", "the top of the file is not a mapping", self._place(start), "")
            return None
        return top

    def _value(self, event: Any, events: "Iterator[Any]", depth: int) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self._stop("YAML_LIMIT", f"more than {MAX_NODES} nodes", event)
        kind = event.__class__.__name__
        if kind == "ScalarEvent":
            return self._scalar(event)
        if kind == "AliasEvent":
            self._note("YAML_ALIAS", f"an alias (`*{event.anchor}`) is not in the language", self._place(event), "write it out")
            return _Unusable
        if depth >= MAX_DEPTH:
            self._stop("YAML_LIMIT", f"nested deeper than {MAX_DEPTH}", event)
        if event.anchor is not None or event.tag is not None:
            self._marked(event)
        if kind == "SequenceStartEvent":
            return self._sequence(event, events, depth)
        return self._mapping(event, events, depth)

    def _sequence(self, event: Any, events: "Iterator[Any]", depth: int) -> Row:
        row = Row()
        row.at = self._place(event)
        for inner in events:
            if type(inner).__name__ == "SequenceEndEvent":
                return row
            value = self._value(inner, events, depth + 1)
            if value is not _Unusable:
                row.append(value)
        raise AssertionError("the parser ended inside a sequence")

    def _mapping(self, event: Any, events: "Iterator[Any]", depth: int) -> Block:
        block = Block()
        block.at = self._place(event)
        block.keys_at = {}
        for inner in events:
            if inner.__class__.__name__ == "MappingEndEvent":
                return block
            key = self._key(inner, events, depth, block)
            value = self._value(next(events), events, depth + 1)
            if key is not None and value is not _Unusable:
                block[key] = value
        raise AssertionError("the parser ended inside a mapping")

    def _key(self, event: Any, events: "Iterator[Any]", depth: int, block: Block) -> str | None:
        place = self._at(event.start_mark)
        if event.__class__.__name__ != "ScalarEvent":
            self._value(event, events, depth + 1)
            self._note("YAML_KEY", "a key that is not a word", place, "")
            return None
        if event.anchor is not None or event.tag is not None:
            self._marked(event)
        text: str = event.value
        if text == "<<":
            self._note("YAML_MERGE", "a merge key (`<<`) is not in the language", place, "write it out")
            return None
        if text in block.keys_at:
            first = block.keys_at[text]
            self._note("YAML_DUPLICATE_KEY", f"`{text[:80]}` stands twice", place, f"first on line {first.line}")
            return None
        block.keys_at[text] = place
        word = self._word(event, place)
        if word.ambiguous:
            self._note("YAML_AMBIGUOUS", f"the key `{text[:80]}` could be read as a number, a date or a boolean", place, f'write "{text[:80]}"')
            word.ambiguous = False  # said once
        return word

    def _scalar(self, event: Any) -> Any:
        if event.anchor is not None or event.tag is not None:
            self._marked(event)
        text: str = event.value
        if not event.style:
            if text in _NULLS:
                self._note("YAML_NULL", "a null value", self._place(event), "leave the key out, or give it a value")
                return _Unusable
            if text in _BOOLEANS:
                return _BOOLEANS[text]
            if text[:1] in "-0123456789" and _INTEGER.fullmatch(text):
                number = Number(text)
                number.at = self._place(event)
                return number
        return self._word(event, self._at(event.start_mark))

    def _word(self, event: Any, place: Place) -> Word:
        text: str = event.value
        word = Word(text)
        word.at = place
        # Most words start with a letter that starts nothing ambiguous: they need no closer look.
        word.ambiguous = text[:1] in _AMBIGUOUS_STARTS and not event.style and _AMBIGUOUS.fullmatch(text) is not None
        return word

    def _marked(self, event: Any) -> None:
        if event.anchor is not None:
            self._note("YAML_ANCHOR", f"an anchor (`&{event.anchor}`) is not in the language", self._place(event), "remove it")
        if event.tag is not None:
            self._note("YAML_TAG", f"a tag (`{event.tag}`) is not in the language", self._place(event), "remove it")

    def _place(self, event: Any) -> Place:
        return self._at(event.start_mark)

    def _at(self, mark: Any) -> Place:
        # The parser puts the end of a text on a line of its own, also where no line end comes before it.
        line: int = mark.line + 1
        return _new(Place, (self.file, line, mark.column + 1)) if line <= self.end[1] else self.end

    def _note(self, code: str, message: str, place: Place, help: str) -> None:
        if len(self.problems) >= MAX_PROBLEMS:
            self.problems.append(Problem("YAML_LIMIT", f"more than {MAX_PROBLEMS} faults of spelling; the rest is not read", place))
            raise _StopError
        self.problems.append(Problem(code, message, place, help=help))

    def _stop(self, code: str, message: str, event: Any) -> None:
        self._note(code, message, self._place(event), "")
        raise _StopError


class _Unusable:
    """Stands for a value that was refused, so that its container goes on without it."""
