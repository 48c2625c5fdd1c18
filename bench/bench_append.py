"""Durable append of one line through the store against a bare write and sync of the same bytes on the same file system."""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles

from govern.ledger.store import FileStore

APPENDS = 2000
LINE = b"x" * 899 + b"\n"


def bare(folder: Path) -> Callable[[int], None]:
    """Return an append of a line to a file that is open, and its sync."""
    handle = os.open(folder / "bare", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def append(_number: int) -> None:
        os.write(handle, LINE)
        os.fsync(handle)

    return append


def through_store(folder: Path) -> Callable[[int], None]:
    """Return an append of a line as a command makes it: a store of its own, the lock, the append."""

    def append(number: int) -> None:
        with FileStore(folder / "governance" / "ledger").exclusive() as store:
            store.append(number, [LINE])

    return append


def seconds(append: Callable[[int], None], number: int) -> float:
    """Return how long one append takes."""
    start = time.perf_counter()
    append(number)
    return time.perf_counter() - start


def main(appends: int) -> float:
    """Print the ratio, and return it. In the working folder: a temporary one may be in memory, where a sync costs nothing."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        peer, own = bare(Path(name)), through_store(Path(name))
        pairs = [(seconds(peer, number), seconds(own, number)) for number in range(appends)]
    ratios = quantiles([ours / theirs for theirs, ours in pairs], n=10)
    theirs, ours = median(each for each, _ in pairs) * 1e6, median(each for _, each in pairs) * 1e6
    told = f"median {ours:.0f} µs against {theirs:.0f} µs; pairs: median {ratios[4]:.2f}, a tenth below {ratios[0]:.2f}, a tenth above {ratios[8]:.2f}"
    print(f"durable append of a line of {len(LINE)} bytes: {ours / theirs:.2f} times a bare write and sync ({told})")
    return ours / theirs


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else APPENDS)
