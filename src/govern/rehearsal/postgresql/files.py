"""The files of a table in two clusters: whether they are the same, and which of their pages are not.

A table is a file, and more of that name with `.1`, `.2` and so on behind it, each of which begins where the one before it is full.
"""

from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import count, zip_longest
from pathlib import Path
from typing import BinaryIO

_PIECE = 1 << 20


def same_files(one: Path, other: Path) -> bool:
    """Whether a file is there, and it and all that follows it, in parts of 1 GB, are the same in both places."""
    mine, others = list(parts_of(one)), list(parts_of(other))
    if not mine or _sizes(mine) != _sizes(others):
        return False
    return all(next(_unlike(*pair), None) is None for pair in zip(mine, others, strict=True))


def size_of(file: Path) -> int:
    """Return how many bytes a file and all that follows it have."""
    return sum(_sizes(parts_of(file)))


def unlike_pages(one: Path, other: Path, size: int) -> Iterator[int]:
    """Yield the numbers of the pages of `size` bytes that are other in one of two files, or in what follows them; those that only one has are."""
    before = 0
    for pair in zip_longest(parts_of(one), parts_of(other)):
        for at, left, right in _unlike(*pair):
            for within in range(0, max(len(left), len(right)), size):
                if left[within : within + size] != right[within : within + size]:
                    yield (before + at + within) // size
        before += max(_sizes(part for part in pair if part))


def parts_of(file: Path) -> Iterator[Path]:
    """Yield a file and all that follows it, as far as they are there."""
    for part in (file if number == 0 else Path(f"{file}.{number}") for number in count()):
        if not part.is_file():
            return
        yield part


def _sizes(parts: Iterable[Path]) -> list[int]:
    return [part.stat().st_size for part in parts]


def _unlike(one: Path | None, other: Path | None) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield where two files differ, and what is there, in pieces of 1 MB; a file that is not there is empty."""
    at = 0
    with _opened(one) as left, _opened(other) as right:
        while (mine := left.read(_PIECE)) != (theirs := right.read(_PIECE)) or mine:
            if mine != theirs:
                yield at, mine, theirs
            at += _PIECE


def _opened(file: Path | None) -> BinaryIO:
    return file.open("rb") if file else BytesIO()
