"""The one escaper: every value that a template prints passes here, so that no text can forge structure.

Pure. For GitHub-flavoured Markdown. A line break becomes a space; characters that hide or reorder text are shown.
"""

import re
import unicodedata

# Where these stand inside a line they could start or end a construct.
_SPECIAL = re.compile(r"([\\`*\[\]<>|~$])")
_ENTITY = re.compile(r"&(?=#?[A-Za-z0-9]+;)")
_EDGE_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_LINE_START = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|[>+=-]|[0-9]+(?=[.)]))")
_AUTOLINK = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp|javascript|data|vbscript):")
_WWW = re.compile(r"(?i)\bwww\.")
_BREAKS = re.compile(r"[\r\n\v\f\x85\u2028\u2029]+")


class Markdown(str):
    """Text that is Markdown already: made by a filter or an emitter of ours, never by a record."""

    __slots__ = ()


def escape_text(value: str) -> Markdown:
    """Return text that Markdown shows as it is, on one line."""
    text = _visible(_BREAKS.sub(" ", value))
    text = _SPECIAL.sub(r"\\\1", text)
    text = _ENTITY.sub(r"\\&", text)
    text = _EDGE_UNDERSCORE.sub(r"\\_", text)
    text = _AUTOLINK.sub(r"\1\\:", text)
    text = _WWW.sub(lambda found: found[0][:-1] + "\\.", text)
    return Markdown(_LINE_START.sub(_escaped_start, text))


def _escaped_start(found: re.Match[str]) -> str:
    mark = found[2]
    return f"{found[1]}{mark}\\" if mark.isdigit() else f"{found[1]}\\{mark}"


def escape_code(value: str) -> Markdown:
    """Return a code span that shows the text as it is, in a table cell as well."""
    text = _visible(_BREAKS.sub(" ", value)).replace("|", "\\|")
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return Markdown(f"{fence}{padding}{text}{padding}{fence}")


def escape_terminal(value: str) -> str:
    """Return text for a terminal line: no control, hiding or reordering character takes effect."""
    return _visible(_BREAKS.sub(" ", value))


def _visible(text: str) -> str:
    r"""Show control, format and private characters, bidi overrides and zero-width ones among them, as `\u{…}`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(f"\\u{{{ord(each):x}}}" if _hides(each) else each for each in text)


def _hides(character: str) -> bool:
    if character in " \t":
        return False
    # Cf: bidi and zero-width; Zs other than space: look like nothing; Mn without a base is left to the reader's font.
    return unicodedata.category(character) in ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp", "Zs")
