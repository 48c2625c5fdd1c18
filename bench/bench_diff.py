"""Two guards of a thousand facts, compared both ways with a smallest witness: after an edit, and after none but of the order."""

import json
import random
import sys
import time
from statistics import median
from typing import Any

from govern.policy.diff.effects import of_gates
from govern.policy.load import load_policy

FACTS = 1000
LIMIT = 0.2


def guard(names: list[str], chance: random.Random) -> dict[str, Any]:
    """Return a nested guard over grants, each named once."""
    parts: list[dict[str, Any]] = [{"grant": name} for name in names]
    while len(parts) > 1:
        several = [parts[start : start + 8] for start in range(0, len(parts), 8)]
        parts = [chance.choice([{"all": each}, {"any": each}, {"at_least": (len(each) + 1) // 2, "of": each}]) for each in several]
    return parts[0]


def shuffled(part: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Return a guard with its parts in another order."""
    found = {key: [shuffled(each, chance) for each in value] if isinstance(value, list) else value for key, value in part.items()}
    for value in found.values():
        if isinstance(value, list):
            chance.shuffle(value)
    return found


def edited(part: dict[str, Any], chance: random.Random) -> None:
    """Change one fact, somewhere at the bottom."""
    while True:
        several = next(value for value in part.values() if isinstance(value, list))
        index = chance.randrange(len(several))
        if "grant" in several[index]:
            several[index] = {"grant": "ANOTHER"}
            return
        part = several[index]


def policy(requires: dict[str, Any], facts: int) -> Any:
    """Return a policy with one option behind a guard."""
    stop = {"number": "1", "id": "STOP", "hold": True, "says": "Nothing."}
    go = {"number": "2", "id": "GO", "scope": "work", "says": "It is done.", "requires": requires}
    spec = {
        "govern": 1,
        "programme": {"id": "LARGE", "version": 1, "title": "Large"},
        "policy": {"adopted_by": "owner"},
        "actors": {"owner": {"kind": "person"}},
        "scopes": {"work": {"says": "Work."}},
        "lifecycles": {"use": "standard-1"},
        "blocker_states": [{"state": "closed", "when": {"legs": "all"}, "closes": True}, {"state": "open"}],
        "lanes": {"main": {"scope": "work", "standing": True}},
        "grants": {name: {"scope": "work", "issuer": "owner"} for name in (*(f"G{number}" for number in range(facts)), "ANOTHER")},
        "packets": {"ask": {"lane": "main", "decided_by": "owner", "lineage_gap": "First.", "options": [stop, go]}},
    }
    return load_policy(json.dumps(spec).encode())


def main(facts: int) -> float:
    """Print how long it takes at most, and return it."""
    times = []
    for seed in range(7):
        chance = random.Random(seed)  # noqa: S311 - no secret
        one = guard([f"G{number}" for number in range(facts)], chance)
        two = shuffled(one, chance)
        same = list(of_gates(policy(one, facts), policy(two, facts)))
        edited(two, chance)
        old, new = policy(one, facts), policy(two, facts)
        start = time.process_time()
        found = [each for each in of_gates(old, new) if each.act == "can be decided"]
        times.append(time.process_time() - start)
        witnesses = [each for effect in found for each in (effect.opens, effect.closes) if each is not None]
        if same or any(each.unknown or not each.smallest for each in witnesses):
            raise SystemExit("a wrong answer")
    worst = max(times)
    print(f"policy diff of two guards of {facts} facts, both ways with a smallest witness: median {median(times):.3f} s, at most {worst:.3f} s (aim {LIMIT} s)")
    return worst


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else FACTS)
