"""The nodes of a positioned tree: plain values that remember where they were written.

Pure. Apart from the reader of YAML, so that a policy that is at hand already does not bring the reader along.
"""

from typing import Any

from govern.problems import Place, Problem, did_you_mean


class Word(str):
    """A scalar as written, with its place; `ambiguous` when it is unquoted and could be read as no text."""

    __slots__ = ("ambiguous", "at")
    at: Place
    ambiguous: bool


class Number(int):
    """An integer with its place."""

    at: Place


class Block(dict[str, Any]):
    """A mapping with its place and the places of its keys."""

    __slots__ = ("at", "keys_at")
    at: Place
    keys_at: dict[str, Place]


class Row(list[Any]):
    """A sequence with its place."""

    __slots__ = ("at",)
    at: Place


def unknown_key(key: str, known: "list[str]", place: Place, where: str) -> Problem:
    """Return the fault of a key that the language does not have."""
    hint = did_you_mean(key, known) or "known here: " + ", ".join(known)
    return Problem("POLICY_UNKNOWN_KEY", f"unknown key `{key[:80]}` in {where}", place, help=hint)
