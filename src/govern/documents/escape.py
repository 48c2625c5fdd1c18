r"""The one escaper: every value that a template prints passes here, so that no text can forge structure.

Pure. For GitHub-flavoured Markdown: a value takes one line, starts no block and no span, makes no link of an address
of the web, and shows characters that hide or reorder text as `\u{…}`. An e-mail address stays one: GitHub links it
to itself whatever is escaped, and it can say nothing else.
"""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Self

# The patterns are compiled when they are first used: plain text never needs them.
# What hides or reorders text: controls but the tab, format characters, spaces but the plain one, blank letters and
# fillers, variation selectors, surrogates, tags, private use. Written out, not asked of `unicodedata`: its tables
# change with the interpreter, and the digest of a packet would change with them. A tab is left to the terminal.
_HIDDEN = (
    "[\x00-\x08\x0a-\x1f\x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f"
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ud800-\uf8ff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)
_BREAKS = r"[\r\n\v\f\x85\u2028\u2029]+"
_SPACES = r"[ \t\r\n\v\f\x85\u2028\u2029]+"

# Where these stand inside a line they could start or end a span, a cell, an address or a heading's closing run.
_INSIDE = (
    r"[\\`*\[\]<|~$]"
    r"|&(?=#?[A-Za-z0-9]+;)"
    r"|(?<![A-Za-z0-9])_"
    r"|:(?=//)|(?<=[Ww]{3})\."
    r"|(?<= )#(?=#*$)"
)
# Where these start a line they could start a heading, a quotation, a list, an underline or the second row of a table.
_START = r"^(?=#{1,6}(?: |$)|[>+=:-])"
_NUMBER = r"^([0-9]{1,9})(?=[.)](?: |$))"

# Text in which nothing of the above can be found: most values, told by one pattern in one pass.
_PLAIN = r"""[A-Za-z](?:[A-Za-z0-9(),;'"/+=>!?%-]|(?<=[A-Za-z0-9])_|(?<![Ww])\.|:(?!/)| (?=[^ ]))*"""


@lru_cache(maxsize=1)
def _plain() -> Callable[[str], object]:
    return re.compile(_PLAIN).fullmatch


class Markdown(str):
    """Text that is Markdown already: made by a filter or an emitter of ours, never by a record."""

    __slots__ = ()


class Mention(str):
    """A declared claim that is named and not made, such as in "none of … leaked": from a typed field, never from free text."""

    __slots__ = ()


# Private-use characters, which no value and no template can bring in: the escaper spells them out, a template is refused.
_MENTION, _END = "\ue000", "\ue001"
# Wider than anything that a spelling of a claim spans, so that what stands around a mention is not joined across it.
_FAR_APART = "\x00" * 64


def mark_mention(shown: str) -> Markdown:
    """Return what is shown for a mention, marked for the check of the finished page."""
    return Markdown(f"{_MENTION}{shown}{_END}")


class Drawn(Markdown):
    """Markdown in which claims are mentioned: as it is written, and as `marked` for the check of the finished page."""

    __slots__ = ("marked",)
    marked: str

    def __new__(cls, marked: str) -> Self:
        """Take Markdown with its mentions marked."""
        drawn = super().__new__(cls, unmarked(marked))
        drawn.marked = marked
        return drawn


def without_mentions(page: str) -> str:
    """Return a page without its marked mentions."""
    return re.sub(f"{_MENTION}[^{_END}]*{_END}", _FAR_APART, page)


def unmarked(page: str) -> str:
    """Return a page without the marks, as it is written."""
    return page.replace(_MENTION, "").replace(_END, "")


def escape_text(value: str) -> Markdown:
    """Return text that Markdown shows as it is, on one line, each run of white space as one space."""
    if _plain()(value):
        return Markdown(value)
    return escape_any(value)


def escape_any(value: str) -> Markdown:
    """Return the same of any text, however plain it is."""
    text = re.sub(_INSIDE, r"\\\g<0>", _one_line(value))
    return Markdown(re.sub(_NUMBER, r"\1\\", re.sub(_START, r"\\", text)))


def escape_code(value: str) -> Markdown:
    r"""Return a code span that shows the text as it is. A bar is shown as `\u{7c}`: in a table it would end the cell."""
    text = _one_line(value).replace("|", "\\u{7c}")
    if not text:
        return Markdown()
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return Markdown(f"{fence}{padding}{text}{padding}{fence}")


def escape_terminal(value: str) -> str:
    """Return text for a terminal line: no control, hiding or reordering character takes effect."""
    return _visible(re.sub(_BREAKS, " ", value))


def escape_xml(value: str) -> str:
    """Return text for an attribute of XML on one line; characters that XML 1.0 does not have, and those that hide or reorder, are shown."""
    return _one_line(value)


def escape_json(text: str) -> str:
    """Return JSON text of the same value, in which characters that hide or reorder text are spelled as escapes."""
    return re.sub(_HIDDEN, lambda found: found[0] if found[0] == "\n" else json.dumps(found[0])[1:-1], text)


def _one_line(value: str) -> str:
    return _visible(re.sub(_SPACES, " ", value).strip(" "))


def _visible(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return re.sub(_HIDDEN, lambda found: f"\\u{{{ord(found[0]):x}}}", text)
