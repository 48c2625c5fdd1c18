"""A packet with 10,000 blockers: its template run over a ready context, against an f-string that makes the same text.

The f-string escapes nothing and is given what stands around the table; the template escapes every value, is counted
while it runs, and is tidied. Beside it: the context itself, and what a template costs when it is met first.
"""

import gc
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from generate import Size, programme

from govern.canonical import digest
from govern.documents import templates
from govern.documents.packet_page import packet_page
from govern.documents.render import DEFAULT_PACKET_TEMPLATE, _tidied
from govern.engine.state import PacketState, State
from govern.engine.view import View
from govern.policy.load import load_policy

BLOCKERS = 10_000
FOLDER = Path(__file__).resolve().parent.parent / "templates"
ROUNDS = 9
_PACKET = """\
packets:
  packet-0:
    lane: main
    decided_by: owner
    lineage_gap: It is generated and consumes nothing.
    options:
      - {number: "1", id: HOLD, hold: true, says: Nothing is done.}
      - {number: "2", id: OPTION, scope: change, says: It is done.}
"""


def packet_context() -> tuple[Mapping[str, Any], float]:
    """Return what the template of a packet with many blockers is given, and how long that took."""
    # Nothing rests on the blockers: 20,000 facts would be more than one guard may hold.
    text = (
        programme(Size(blockers=BLOCKERS, options=0))
        .replace("    legs:\n", "    guards_nothing: It is only shown.\n    legs:\n")
        .replace("packets:\n", _PACKET)
    )
    state = State()
    state.packets["packet-0"] = PacketState("issued", issued=1, issued_at=0)
    view = View(load_policy(text.encode()), state, 0)
    start = time.perf_counter()
    return packet_page("packet-0", view), time.perf_counter() - start


def formatted(before: str, rows: Sequence[Mapping[str, Any]], after: str) -> str:
    """Return the page by an f-string, given what stands around its table."""
    table = "".join([f"| {row['id']} | {row['preparation']} | {row['remaining']} |\n" for row in rows])
    return f"{before}{table}{after}"


def around(page: str, rows: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Return what stands before the first row of a rendered table of blockers, and behind its last."""
    first, last = f"| {rows[0]['id']} |", f"| {rows[-1]['id']} |"
    end = page.index("\n", page.index(last)) + 1
    return page[: page.index(first)], page[end:]


def pairs(render: Callable[[], str], peer: Callable[[], str]) -> Iterator[tuple[float, float]]:
    """Yield how long both take, one after the other."""
    for _ in range(ROUNDS):
        gc.collect()
        times = []
        for work in (render, peer):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
        yield times[0], times[1]


def main() -> None:
    """Print the ratio, the memory, and the time of what is around it."""
    source = (FOLDER / DEFAULT_PACKET_TEMPLATE).read_text(encoding="utf-8")
    context, built = packet_context()
    rows = context["map"]["blockers"]

    def render() -> str:
        return _tidied(templates.render(DEFAULT_PACKET_TEMPLATE, source, context))

    start = time.perf_counter()
    page = render()
    first = time.perf_counter() - start
    before, after = around(page, rows)
    if formatted(before, rows, after) != page:
        raise SystemExit("the f-string makes another text than the template")
    found = list(pairs(render, lambda: formatted(before, rows, after)))
    ratios = [ours / theirs for ours, theirs in found]
    tracemalloc.start()
    render()
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    kind = f"packet of {BLOCKERS:,} blockers, {len(page) / 1e6:.2f} MB"
    print(f"{kind}: {median(ratios):.1f} times an f-string of the same text (min {min(ratios):.1f}, max {max(ratios):.1f})")
    print(f"{kind}: {median(ours for ours, _theirs in found) * 1e3:.0f} ms, the f-string {median(theirs for _ours, theirs in found) * 1e3:.1f} ms")
    print(f"{kind}: at most {peak / 1e6:.1f} MB of memory, {peak / len(page):.1f} times the page; its context took {built:.2f} s")
    print(f"template {digest(source.encode())[:12]}: judged and compiled once, {(first - median(ours for ours, _theirs in found)) * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
