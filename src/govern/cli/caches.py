"""What is kept in the user's cache from one question to the next: by kind and key, bound to this very program, owner only.

It may answer faster and never differently: whoever keeps something says, in what is kept, what it rests on, and compares.
"""

import os
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import govern
from govern.canonical import digest
from govern.snapshot import NoAnswerError, pack, place_of, read_plain, unpack


def kept(kind: str, key: str) -> list[str] | None:
    """Return what was kept under a key by this program; None where there is nothing, or nothing whole."""
    with suppress(OSError, NoAnswerError, ValueError, LookupError):
        found = unpack(read_plain(place_of(key, kind), single=True, own=True))
        if found[:2] == [_recipe(), key]:
            return found[2:]
    return None


def keep(kind: str, key: str, fields: list[str]) -> None:
    """Keep fields under a key. Where nothing can be kept, nothing is."""
    with suppress(OSError, NoAnswerError):
        write_own(Path(place_of(key, kind)), pack([_recipe(), key, *fields]))


def write_own(place: Path, content: bytes) -> None:
    """Put a file of the user's alone into the cache, all of it or nothing.

    Raises:
        OSError: it cannot be.
    """
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    os.replace(name, place)  # noqa: PTH105 - the name is a text already


@cache
def _recipe() -> str:
    """Return a digest of this program: its version, and what shows that each of its files is the one that was there."""
    root = Path(govern.__file__).parent
    files = [(str(path.relative_to(root)), path.stat()) for path in sorted(root.rglob("*.py"))]
    marks = [(name, status.st_size, status.st_mtime_ns) for name, status in files]
    return digest(repr((govern.__version__, marks)).encode())
