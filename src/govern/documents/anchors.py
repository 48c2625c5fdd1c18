"""Anchors: the fragment under which GitHub finds a heading, and the way from one file to another.

Pure. GitHub lowers a heading, drops what is no letter, digit, `-`, `_` or space, and spells each space `-`.
"""

import posixpath
import re

_DROPPED = re.compile(r"[^\w\- ]")


def anchor_of(heading: str) -> str:
    """Return the fragment of a heading that stands once on its page."""
    return _DROPPED.sub("", heading.strip().lower()).replace(" ", "-")


def link_from(page: str, target: str) -> str:
    """Return the relative link from one file of the programme to another."""
    return posixpath.relpath(target, posixpath.dirname(page))
