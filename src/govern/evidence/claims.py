"""Claims in files: uses of declared tokens in bytes of any kind, a block at a time.

Pure. Text is searched for every spelling; what is no text for the plain token alone, since in enough random bytes the
letters of any word stand behind one another.
"""

import codecs
import re
from collections.abc import Iterable

from govern.policy.spelling import Tokens, Use, uses

# A block with more control characters than one in so many is binary. A single one makes no text unsearched.
_ONE_IN = 100
_CONTROLS = bytes(sorted({*range(32)} - {*b"\t\n\f\r\x1b"}))
# What the end of a block may hold of a spelling that goes on in the next.
_HELD = 4_096
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def file_uses(blocks: Iterable[bytes], wanted: Tokens, tokens: Tokens) -> tuple[Use, ...]:
    """Return the uses of the wanted tokens in the first part of a file that has any; `tokens` are all that are declared."""
    held, behind, line = "", b"", 1
    decoder: codecs.IncrementalDecoder | None = None
    wide = False
    for block in blocks:
        if decoder is None:
            wide = block.startswith(_WIDE)
            decoder = codecs.getincrementaldecoder("utf-16" if wide else "utf-8")("replace")
        text = held + decoder.decode(block)
        found = _plain_uses(behind + block, wanted) if _is_binary(block) and not wide else _text_uses(text, wanted, tokens)
        if found:
            return tuple(use._replace(line=use.line + line - 1) for use in found)
        held, behind = text[-_HELD:], block[-_HELD:]
        line += text.count("\n", 0, len(text) - len(held))
    return ()


def _is_binary(block: bytes) -> bool:
    return (len(block) - len(block.translate(None, _CONTROLS))) * _ONE_IN > len(block)


def _text_uses(text: str, wanted: Tokens, tokens: Tokens) -> tuple[Use, ...]:
    # Most parts hold none of the wanted; only one that seems to is asked whether it is a part of a longer token.
    names = {name for name, _letters in wanted}
    return tuple(use for use in uses(text, tokens) if use.token in names) if uses(text, wanted) else ()


def _plain_uses(block: bytes, wanted: Tokens) -> tuple[Use, ...]:
    """Return the tokens that stand in bytes as declared, in one byte or two for each letter."""
    forms = (block, block.replace(b"\x00", b""))
    plain = [name for name, _letters in wanted if any(re.search(rb"(?<![0-9A-Za-z])" + re.escape(name.encode()) + rb"(?![0-9A-Za-z])", form) for form in forms)]
    return tuple(Use(name, 1, name) for name in plain)
