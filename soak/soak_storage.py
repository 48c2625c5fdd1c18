"""States of a disk by the hundred thousand, each left by a power cut behind a kill or a failed call: nothing acknowledged is lost."""

import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.store_conformance import LINES, CrashSearch

STATES = 100_000


def random_search(seed: int) -> CrashSearch:
    """Return a search with batches, a size of segments and places to tear of its own."""
    chance = random.Random(seed)
    lines, batches = list(LINES), []
    while lines:
        size = chance.randint(1, 4)
        batches.append(lines[:size])
        lines = lines[size:]
    return CrashSearch(batches, chance.randint(1, 4), every=chance.choice([3, 5, 7, 11]))


def main(states: int) -> tuple[int, int]:
    """Look at so many states that differ, or a few more; return their number and that of the violations, and print a line."""
    start = time.perf_counter()
    looked_at = different = seed = 0
    wrong: list[str] = []
    while different < states:
        search = random_search(seed)
        search.search()
        search.search_twice()
        looked_at += search.states
        different += len(search.seen)
        wrong += search.violations
        seed += 1
    seconds = time.perf_counter() - start
    told = "".join(f"; {each}" for each in dict.fromkeys(wrong))
    print(f"storage: {looked_at} crash states of {seed} runs, {different} of them different: {len(wrong)} violations, {seconds:.0f} s{told}")
    return different, len(wrong)


if __name__ == "__main__":
    sys.exit(bool(main(int(sys.argv[1]) if len(sys.argv) > 1 else STATES)[1]))
