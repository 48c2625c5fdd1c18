"""The roster: whether the people who exist can ever unlock an option, under separation of duties, and whom it hangs on.

Pure. It rests on the policy alone; keys, and what is on record, are other questions.
"""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations, islice

from govern.engine.crews import Crew
from govern.engine.duties import Duty, duties
from govern.policy import find
from govern.policy.guards import fact_id, facts
from govern.policy.model import Option, Policy

# So many groups of persons are tried for a smaller one; where there are more, the least is not shown to be that.
MAX_TRIES = 500


@dataclass(frozen=True, slots=True)
class Roster:
    """Whether an option can ever be decided; by whom, or what is wanting. Where not all was `gone_through`, perhaps it can.

    `single_points` are those without any one of whom it cannot. `least` is how many distinct persons it takes; where
    `least_exact` is false, not more than that.
    """

    packet: str
    option: Option
    lacks: tuple[str, ...]
    duties: tuple[Duty, ...] = ()
    single_points: tuple[str, ...] = ()
    least: int = 0
    least_exact: bool = True
    gone_through: bool = True

    @property
    def possible(self) -> bool:
        """Whether it can be decided at all."""
        return not self.lacks


def roster(policy: Policy, packet: str, option: Option) -> Roster:
    """Return whether the declared actors can ever bring an option to its decision, and who does what."""
    everybody = frozenset(policy.actors)
    if not unlocks(policy, packet, option, everybody):
        if unlocks(policy, packet, option, everybody, trusting=True):
            return Roster(packet, option, ("more groups of persons could decide than were tried; of those, none can",), gone_through=False)
        return Roster(packet, option, _lacks(policy, packet, option, Crew(policy, everybody)))
    needed = tuple(actor for actor in policy.actors if not unlocks(policy, packet, option, everybody - {actor}, trusting=True))
    few, exact = _fewest(policy, packet, option, frozenset(needed))
    persons = [actor for actor in few if policy.actors[actor].kind == "person"]
    return Roster(packet, option, (), duties(packet, option, Crew(policy, few)), needed, len(persons), exact)


def unlocks(policy: Policy, packet: str, option: Option, there: Collection[str], *, trusting: bool = False) -> bool:
    """Whether these actors can bring an option to its decision, nobody deciding on what they prepared.

    Where there are too many groups of them to try, they cannot, or (`trusting`) they can.
    """
    crew = Crew(policy, there, trusting=trusting)
    lane = find.lane_of(policy, packet, option)
    return (option.hold or f"lane:{lane}" in crew.ranks) and crew.decides(packet, option, crew.ranks)


def _fewest(policy: Policy, packet: str, option: Option, needed: frozenset[str]) -> tuple[frozenset[str], bool]:
    """Return actors with as few persons as possible who unlock an option, and whether no fewer do."""
    persons = [actor for actor, declared in policy.actors.items() if declared.kind == "person"]
    others = frozenset(policy.actors) - frozenset(persons)
    found = frozenset(policy.actors)
    for actor in reversed(persons):
        if actor not in needed and unlocks(policy, packet, option, found - {actor}):
            found -= {actor}
    free = [actor for actor in persons if actor not in needed]
    must = needed & frozenset(persons)
    crowded = any(map(Crew(policy, policy.actors).crowds, policy.packets))
    left, exact = MAX_TRIES, True
    for more in range(len(found - others) - len(must)):
        for chosen in islice(combinations(free, more), left + 1):
            if left == 0:
                return found, False
            left -= 1
            group = must | others | frozenset(chosen)
            if unlocks(policy, packet, option, group):
                return group, exact
            exact = exact and not (crowded and unlocks(policy, packet, option, group, trusting=True))
    return found, exact


def _lacks(policy: Policy, packet: str, option: Option, crew: Crew) -> tuple[str, ...]:
    """Return what keeps an option from ever being decided."""
    declared, lane = policy.packets[packet], find.lane_of(policy, packet, option)
    lacks = [] if f"lane:{lane}" in crew.ranks else [f"lane:{lane} can never be open"]
    if declared.consumes and f"selected:{declared.consumes}" not in crew.ranks:
        lacks.append(f"{packet} consumes {declared.consumes}, which can never be decided")
    if not crew.fills(declared.decided_by):
        lacks.append(f"{find.spell_who(declared.decided_by)} decides it, and there are not so many distinct persons")
    for fact, negated in facts(option.requires) if option.requires else ():
        if not negated and fact_id(fact) not in crew.ranks:
            lacks.append(f"{fact_id(fact)} can never hold")
    return tuple(dict.fromkeys(lacks)) or ("whoever decides it must have made evidence that it rests on",)
