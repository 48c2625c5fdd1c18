"""A policy of 1,000 blockers: YAML to a positioned tree against PyYAML's CSafeLoader; loading; one verdict with all causes."""

import time
from collections.abc import Callable
from statistics import median

import yaml
from generate import Size, programme

from govern.engine.state import State
from govern.engine.unlocking import unlock
from govern.engine.verdicts import Target, verdict
from govern.engine.view import View
from govern.policy.load import examine_policy, load_policy
from govern.policy.tree import parse_tree

ROUNDS = 9


def seconds(work: Callable[[], object]) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Print ratios and times."""
    source = programme(Size()).encode()
    ratios = []
    for _ in range(ROUNDS):
        peer = seconds(lambda: yaml.load(source, Loader=yaml.CSafeLoader))
        ratios.append(seconds(lambda: parse_tree(source, "states.yaml")) / peer)
    print(
        f"YAML to a positioned tree, {len(source) // 1024} KiB: {median(ratios):.2f} times PyYAML's CSafeLoader (min {min(ratios):.2f}, max {max(ratios):.2f})"
    )
    print(f"examined whole (tree, shape, meaning): {seconds(lambda: examine_policy(source)):.2f} s")
    policy = load_policy(source)
    view_state = State()
    packet, declared = next(iter(policy.packets.items()))
    target = Target("option", f"{packet}/{declared.options[-1].id}")
    judged = [seconds(lambda: verdict(target, View(policy, view_state, 0)).requirements) for _ in range(ROUNDS)]
    count = len(verdict(target, View(policy, view_state, 0)).requirements)
    print(f"one verdict with all {count} causes, nothing remembered: {median(judged) * 1000:.2f} ms")
    explained = [seconds(lambda: unlock(verdict(target, View(policy, view_state, 0)).judged)) for _ in range(ROUNDS)]
    print(f"the same with the smallest sets that unlock: {median(explained) * 1000:.2f} ms")


if __name__ == "__main__":
    main()
