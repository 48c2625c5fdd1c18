"""Writing to a segment: what was written is made durable, or taken back.

Part of `store`, which says what holds between any two calls.
"""

from contextlib import suppress

from govern.ledger.files import Folder, OpenFile


def extend(folder: Folder, name: str, content: bytes, *, create: bool) -> None:
    """Write behind what a segment holds, and make it durable. Made, or left empty by one cut short: its name first."""
    with folder.opened(name, create=create) as segment:
        before = segment.size()
        if before == 0:
            folder.sync()
        write(segment, content, before)


def write(file: OpenFile, content: bytes, before: int) -> None:
    """Write, and make durable what was taken, also if it is not all; what cannot be made so is taken back."""
    written = file.write(content)
    sync_or_cut(file, before)
    if written != len(content):
        raise OSError(0, f"{written} of {len(content)} bytes were written")


def sync_or_cut(file: OpenFile, before: int) -> None:
    """Make a file durable, or take back what was written behind `before`: no sync is tried twice on the same bytes."""
    try:
        file.sync()
    except OSError:
        with suppress(OSError):
            file.cut(before)
        raise
