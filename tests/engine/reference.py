"""The rules of evaluation, a second time and as plainly as can be: dicts and sets, nothing fast, nothing explained.

It knows no module of the program. A policy is the dict that its YAML spells; three-valued truth is True, False or None.
"""

import json
from collections.abc import Callable, Iterator
from itertools import combinations, permutations, product
from typing import Any

Body = dict[str, Any]
Truth = bool | None
# What a guard was found to be: (truth, how many parts are wanted, parts) or (truth, {which grant fact: records that could fill it}).
Tree = tuple[Truth, int, list[Any]] | tuple[Truth, dict[int, set[int]]]


def kleene(wanted: int, truths: list[Truth]) -> Truth:
    """So many of the truths hold; over nothing, nothing does."""
    if not truths:
        return False
    if sum(truth is True for truth in truths) >= wanted:
        return True
    return None if sum(truth is not False for truth in truths) >= wanted else False


def joined(wanted: int, parts: list[Tree]) -> Tree:
    """Join trees of which so many must hold."""
    return kleene(wanted, [part[0] for part in parts]), wanted, parts


def supports(tree: Tree) -> Iterator[dict[int, set[int]]]:
    """Yield every way to hold a tree, as the records that could fill each fact it uses; a fact that is used twice is one."""
    if tree[0] is not True:
        return
    if len(tree) == 2:
        yield tree[1]
        return
    for chosen in combinations(tree[2], tree[1]):
        for inner in product(*(list(supports(part)) for part in chosen)):
            found: dict[int, set[int]] = {}
            for facts in inner:
                found |= {fact: records & found.get(fact, records) for fact, records in facts.items()}
            yield found


def separable(tree: Tree) -> bool:
    """Whether a tree holds with a record of its own for each fact."""
    return any(any(len(set(picked)) == len(picked) for picked in product(*facts.values())) for facts in supports(tree))


class Reference:
    """A programme's state, as the rules say it."""

    def __init__(self, policy: dict[str, Any]) -> None:
        # Each fact that is written is an object of its own.
        self.policy = json.loads(json.dumps(policy))
        self.doubting = False
        self.now = 0
        self.size = 1
        self.marks: set[str] = set()
        self.grants: dict[int, Body] = {}
        self.proofs: dict[str, Body] = {}
        self.lanes: dict[str, Body] = {name: {"open": False, "words": [], "seq": None} for name in policy["lanes"]}
        self.packets: dict[str, Body] = {name: self._draft() for name in policy["packets"]}
        self.delegations: dict[int, Body] = {}
        self.findings: dict[str, str] = {name: each["result"] for name, each in policy["findings"].items()}
        self.runs: dict[int, Body] = {}
        self.asked: list[tuple[str, ...]] = []

    def _draft(self) -> Body:
        return {"state": "draft", "selected": None, "decision": None, "refused": {}, "words": {}, "prepared": set()}

    # Who

    def members(self, name: str) -> list[str]:
        """The persons and agents that a name stands for."""
        return [name] if name in self.policy["actors"] else list(self.policy["roles"][name]["members"])

    def places(self, who: Any) -> list[list[str]]:
        """The places that must all be filled."""
        slots: list[Body] = [{"of": who}] if isinstance(who, str) else who["all"]
        return [self.members(slot["of"]) for slot in slots for _ in range(slot.get("at_least", 1))]

    def entitled(self, who: Any, actor: str) -> bool:
        """Whether an actor is part of an authority."""
        return any(actor in place for place in self.places(who))

    def complete(self, who: Any, words: list[str]) -> bool:
        """Whether distinct persons fill every place."""
        places = self.places(who)
        return any(all(person in place for person, place in zip(chosen, places, strict=True)) for chosen in permutations(words, len(places)))

    # What holds

    def leg(self, path: str) -> Body:
        """The declared leg."""
        blocker, name = path.split("/")
        found: Body = self.policy["blockers"][blocker]["legs"][name]
        return found

    def option(self, address: str) -> tuple[str, Body]:
        """The packet and the option of an address."""
        packet, name = address.split("/")
        return packet, next(each for each in self.policy["packets"][packet]["options"] if each["id"] == name)

    def tree(self, guard: Body, *, standing: bool = False) -> Tree:
        """What a guard is found to be; `standing` takes what was rightly used for usable."""
        for key, wanted in (("all", len(guard.get("all", []))), ("any", 1), ("of", guard.get("at_least", 0))):
            if key in guard:
                return joined(wanted, [self.tree(part, standing=standing) for part in guard[key]])
        if "not" in guard:
            truth = self._doubted(lambda: self.tree(guard["not"])[0], doubting=True)
            return None if truth is None else not truth, {}
        kind = next(key for key in guard if key != "is")
        judge: Callable[..., Tree] = getattr(self, f"_{kind}")
        return judge(guard, standing=standing)

    def _grant(self, guard: Body, *, standing: bool) -> Tree:
        return self._instances(guard, guard["grant"], usable=not standing)

    def _honoured(self, guard: Body, *, standing: bool) -> Tree:
        del standing
        return self._instances(guard, guard["honoured"], usable=False)

    def _instances(self, guard: Body, grant: str, *, usable: bool) -> Tree:
        mine = {seq: each for seq, each in self.grants.items() if each["grant"] == grant}
        good = [seq for seq, each in mine.items() if self._usable(each) or (not usable and each["state"] in ("consumed", "completed"))]
        if good:
            return True, {id(guard): set(good)}
        return None if any(each["state"] == "used-unknown" for each in mine.values()) else False, {}

    def _usable(self, instance: Body) -> bool:
        started = instance["start"] is None or self.now >= instance["start"]
        return instance["state"] == "recorded" and started and (instance["end"] is None or self.now < instance["end"])

    def _leg(self, guard: Body, *, standing: bool) -> Tree:
        path = guard["leg"]
        declared = self.leg(path)
        if "stands_in_for" in declared:
            return False, {}
        if "requires" in declared:
            return self._once(("leg", path, str(standing)), lambda: self.tree(declared["requires"], standing=standing))
        proof = self.proofs.get(path)
        if proof is None or not proof["proven"]:
            return False, {}
        fresh = "fresh_for" not in declared or self.now < proof["at"] + 60
        # What is stale is no proof of a no.
        return True if fresh else None if self.doubting else False, {}

    def _lane(self, guard: Body, *, standing: bool) -> Tree:
        del standing
        name = guard["lane"]
        declared = self.policy["lanes"][name]
        if declared.get("standing"):
            return True, {}
        ways: list[Tree] = []
        if "opened_by" in declared:
            ways.append((self.lanes[name]["open"], {}))
        if "opens_when" in declared:
            ways.append(self._once(("lane", name), lambda: self.tree(declared["opens_when"])))
        return joined(1, ways)

    def _blocker(self, guard: Body, *, standing: bool) -> Tree:
        name, wanted = guard["blocker"], guard["is"]
        state = self._doubted(lambda: self.blocker_state(name, standing=standing), doubting=False)
        if state is None:
            return None, {}
        for each, condition in self._conditions(name, standing=standing):
            if each == wanted:
                # What it rests on where it holds; where it does not, whether it could.
                return condition if state == wanted or (condition[0] is None and self.doubting) else (False, {})
            if condition[0]:
                break
        return False, {}

    def _doubted(self, judge: Callable[[], Any], *, doubting: bool) -> Any:
        """What is found where stale evidence is taken as unknown, or is not."""
        before, self.doubting = self.doubting, doubting
        found = judge()
        self.doubting = before
        return found

    def blocker_state(self, name: str, *, standing: bool = False) -> str | None:
        """The first state that holds, from the legs afresh."""
        for state, condition in self._conditions(name, standing=standing):
            if condition[0] is not False:
                return state if condition[0] else None
        return None

    def _conditions(self, name: str, *, standing: bool) -> Iterator[tuple[str, Tree]]:
        legs = [(f"{name}/{leg}", each) for leg, each in self.policy["blockers"][name]["legs"].items() if "stands_in_for" not in each]
        for state in self.policy["blocker_states"]:
            when = state.get("when")
            if when is None:
                yield str(state["state"]), (True, {})
                return
            trees = [self._leg({"leg": path}, standing=standing) for path, each in legs if when.get("by") in (None, each["by"])]
            yield str(state["state"]), joined(len(trees) if when["legs"] == "all" else 1, trees)

    def _selected(self, guard: Body, *, standing: bool) -> Tree:
        del standing
        packet, option = self.option(guard["selected"])
        if self.packets[packet]["selected"] != option["id"]:
            return False, {}
        return self.in_force(packet, option), {}

    def _done(self, guard: Body, *, standing: bool) -> Tree:
        del standing
        mine = {seq: run for seq, run in self.runs.items() if run["action"] == guard["done"]}
        if any(run["state"] == "ended" and not run["status"] for run in mine.values()):
            return True, {}
        return None if any(run["state"] != "ended" for run in mine.values()) else False, {}

    def _finding(self, guard: Body, *, standing: bool) -> Tree:
        del standing
        result = self.findings[guard["finding"]]
        return True if result == guard["is"] else None if result == "unknown" else False, {}

    def _once(self, key: tuple[str, ...], judge: Callable[[], Tree]) -> Tree:
        """What waits for itself is unknown."""
        if key in self.asked:
            return None, {}
        self.asked.append(key)
        found = judge()
        self.asked.pop()
        return found

    def in_force(self, packet: str, option: Body) -> Truth:
        """Whether a selected option stands."""
        if option.get("hold"):
            return True
        if self.packets[packet]["state"] != "issued":
            return False
        tree = self._once(("in-force", packet, option["id"]), lambda: self._entry(packet, option, standing=True))
        return tree[0] if tree[0] is not True or separable(tree) else False

    def _entry(self, packet: str, option: Body, *, standing: bool) -> Tree:
        lane = option.get("lane", self.policy["packets"][packet]["lane"])
        parts = [self._lane({"lane": lane}, standing=standing)]
        if "requires" in option:
            parts.append(self.tree(option["requires"], standing=standing))
        return joined(len(parts), parts)

    def holds(self, guard: Body, *, standing: bool = False) -> bool:
        """Whether a guard holds, no record filling two of its facts."""
        tree = self.tree(guard, standing=standing)
        return tree[0] is True and separable(tree)

    def open(self, address: str, superseding: int | None = None) -> bool:
        """Whether an option can be decided."""
        packet, option = self.option(address)
        if option.get("hold"):
            return True
        state = self.packets[packet]
        entry = self._entry(packet, option, standing=False)
        refused = state["refused"].get(option["id"])
        free = state["state"] == "issued" and refused in (None, superseding)
        return free and entry[0] is True and separable(entry) and self._promised(address, standing=False)

    def _promised(self, address: str, *, standing: bool) -> bool:
        promises = [each for each in self.policy.get("invariants", {}).values() if each["never"]["selecting"] == address]
        return all(self.holds(each["unless"], standing=standing) for each in promises)

    def can(self, action: str) -> bool:
        """Whether an action may be carried out."""
        declared = self.policy["actions"][action]
        if "needs" not in declared or not self.holds(declared["needs"]):
            return False
        if "consumes" in declared and self._grant({"grant": declared["consumes"]}, standing=False)[0] is not True:
            return False
        chosen = [(name, self.option(f"{name}/{each['selected']}")[1]) for name, each in self.packets.items() if each["selected"]]
        return all(self._promised(f"{name}/{option['id']}", standing=True) for name, option in chosen if self.in_force(name, option))
