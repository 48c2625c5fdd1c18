"""Following a history in a system: the local states that are possible after each record, as far as what is observed tells them apart."""

from collections.abc import Iterator, Mapping

from govern.engine.view import View
from govern.policy.model import Policy
from govern.proof.building import Building
from govern.proof.formulas import And, AtLeast, Formula, In, Not, Or
from govern.proof.system import Rule
from support.labels import Labels
from support.walks import Done

Possible = dict[str, frozenset[str]]
# Of these there can be any number, and what documents report of one may be told as late as it shows.
_MANY = ("grant:", "run:")
_SPELLED = {"decide": ("packet", "option"), "refuse": ("packet", "option")}


def maybe(formula: Formula, possible: Possible) -> bool | None:
    """Return whether a formula holds in all, in none (False), or in some of the situations that are possible."""
    match formula:
        case In(component=name, states=states):
            inside = possible[name] & states
            return False if not inside else True if inside == possible[name] else None
        case And(parts=parts):
            return _of_number(len(parts), [maybe(part, possible) for part in parts])
        case Or(parts=parts):
            return _of_number(1, [maybe(part, possible) for part in parts])
        case AtLeast(wanted=wanted, parts=parts):
            return _of_number(wanted, [maybe(part, possible) for part in parts])
        case Not(part=part):  # pragma: no branch - the forms are these
            inner = maybe(part, possible)
            return None if inner is None else not inner


def _of_number(wanted: int, found: list[bool | None]) -> bool | None:
    if sum(each is True for each in found) >= wanted:
        return True
    return None if sum(each is not False for each in found) >= wanted else False


class Following:
    """A history followed in the system of a policy, component by component."""

    def __init__(self, building: Building, observed: Labels) -> None:
        self.parts, self.system = building.parts, building.system()
        self.policy: Policy = building.policy
        self.possible: Possible = {name: frozenset(component.starts) for name, component in self.system.components.items()}
        # Of what there can be any number, only the labels that are asked for are counted far enough.
        self.told = {
            name: building.labels.get(name, frozenset()) if name.startswith(_MANY) else frozenset().union(*part.labels.values())
            for name, part in self.parts.items()
        }
        self.silent([rule for rule in self.system.rules.values() if rule.deed.kind == "time"])
        self.observe(observed)

    def observe(self, labels: Labels) -> None:
        """Keep the local states that have just the labels that are observed."""
        for name, part in self.parts.items():
            seen = labels.get(name, frozenset()) & self.told[name]
            self.possible[name] = frozenset(state for state in self.possible[name] if part.labels[state] & self.told[name] == seen)

    def pass_time(self, later: frozenset[str] = frozenset()) -> None:
        """Let any time pass, and documents tell of grants and actions what they told before.

        `later` are grants of which one may count later than it was given: it is as good as one that is given then.
        """
        rules = self.system.rules.values()
        late = [rule for rule in rules if rule.deed.kind.startswith("report ") and all(name.startswith(_MANY) for name in rule.moves)]
        late += [rule for rule in rules if rule.deed.kind in ("grant", "approve") and rule.deed.of in later]
        self.silent([*late, *(rule for rule in rules if rule.deed.kind == "time")])

    def report(self) -> None:
        """Let documents report anything."""
        self.silent([rule for rule in self.system.rules.values() if rule.deed.kind == "time" or rule.deed.kind.startswith("report ")])

    def silent(self, rules: list[Rule]) -> None:
        """Let any of these rules be taken, any number of times."""
        while True:
            before = dict(self.possible)
            for rule in rules:
                for name, ways in rule.moves.items():
                    self.possible[name] |= _moved(self.possible[name], ways)
            if self.possible == before:
                return

    def take(self, done: Done, view: View) -> list[Rule]:
        """Take the rules that an act may be, or none, where nothing need show; return those that can be taken."""
        rules = [rule for rule in self.matching(done, view) if maybe(rule.guard, self.possible) is not False and self._can_move(rule)]
        after = dict(self.possible)
        for rule in rules:
            for name, ways in rule.moves.items():
                after[name] |= _moved(self.possible[name], ways)
        self.possible = after
        return rules

    def _can_move(self, rule: Rule) -> bool:
        return all(self.possible[name] & ways.keys() for name, ways in rule.moves.items())

    def matching(self, done: Done, view: View) -> Iterator[Rule]:
        """Yield the rules of the kind of an act, about what it is about, by its actor. `view` is that before it."""
        kind, of = done.kind, _about(done, view)
        kinds = {"end": ("fail",) if done.body.get("status") else ("end",), "grant": ("grant", "approve"), "open": ("open", "approve open")}.get(kind, (kind,))
        for rule in self.system.rules.values():
            if rule.deed.kind in kinds and rule.deed.of == of and done.actor in rule.actors:
                yield rule


def _moved(states: frozenset[str], ways: Mapping[str, frozenset[str]]) -> frozenset[str]:
    return frozenset(to for state in states & ways.keys() for to in ways[state])


def _about(done: Done, view: View) -> str:
    body = done.body
    match done.kind:
        case "decide" | "refuse":
            return f"{body['packet']}/{body['option']}"
        case "delegate":
            return f"{body['packet']}/{body['options'][0]}"
        case "revoke":
            instance = view.state.instances.get(body["record"])
            return instance.grant if instance else ""
        case "end" | "lose" | "resolve":
            return view.state.runs[body["begin"]].action
        case "begin":
            return str(body["action"])
    return str(next(body[key] for key in ("grant", "leg", "lane", "finding", "packet") if key in body))
