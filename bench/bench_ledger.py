"""Replay of a long ledger against the least that any reader must do: three digests and two JSON texts a line; and what it keeps."""

import gc
import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from hashlib import sha256
from statistics import median

from generate import Size, ledger, programme

from govern.engine.replay import Replay
from govern.policy.load import load_policy
from govern.policy.model import Policy

RECORDS = 100_000
ROUNDS = 7


def seconds(work: Callable[[], object]) -> float:
    """Return how long one call takes."""
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def bare(lines: list[bytes]) -> None:
    """Digest each line, with and without its check field, and its statement; decode both."""
    for line in lines:
        statement = json.loads(line)["stmt"]
        sha256(line).digest()
        sha256(line[:29] + line[104:]).digest()
        sha256(statement.encode()).digest()
        json.loads(statement)


def replayed(lines: list[bytes], policy: Policy) -> Replay:
    """Read, judge and apply every line."""
    replay = Replay(lambda _digest: policy)
    replay.take_all(lines)
    return replay


def kept_bytes(lines: list[bytes], policy: Policy) -> int:
    """Return what is in memory after a replay, and was not before; the lines are not counted."""
    gc.collect()
    tracemalloc.start()
    replay = replayed(lines, policy)
    gc.collect()
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert replay.state.size == len(lines)
    return kept


def main(records: int) -> None:
    """Print ratios."""
    size = Size()
    text = programme(size)
    lines, policy = ledger(text, size, records), load_policy(text.encode())
    peers, ours = [], []
    for _ in range(ROUNDS):
        peers.append(seconds(lambda: bare(lines)))
        ours.append(seconds(lambda: replayed(lines, policy)))
    ratios = [own / peer for own, peer in zip(ours, peers, strict=True)]
    told = f"best {min(ours) / records * 1e6:.1f} µs a record; pairs: median {median(ratios):.2f}, min {min(ratios):.2f}, max {max(ratios):.2f}"
    print(
        f"replay of {records} records, {sum(map(len, lines)) // records} bytes a line: {min(ours) / min(peers):.2f} times three digests and two JSON texts ({told})"
    )
    print(f"state kept by a replay: {kept_bytes(lines, policy) / records:.0f} bytes a record")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS)
