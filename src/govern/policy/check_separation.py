"""Options that nobody is left to decide: who prepared what an option rests on does not decide it.

Pure. The rule itself is judged in `govern.engine.authority`; what it makes impossible is a fault of the policy.
"""

from collections.abc import Iterator
from itertools import islice, product

from govern.policy import find
from govern.policy.blockers import Leg
from govern.policy.model import Option, Policy
from govern.policy.preparing import legs_under, prepares
from govern.policy.reach import Everybody, can_be_entered, can_fill, followed, reachable
from govern.problems import Problem

# So many ways to fill an authority are tried; where there are more, somebody is taken to be left.
MAX_DECIDERS = 2000


def check_separation(policy: Policy) -> Iterator[Problem]:
    """Yield a problem for each option all of whose deciders must make evidence that it rests on."""
    for name, packet in policy.packets.items():
        for option in packet.options:
            if not option.hold and packet.separation_waiver is None and not _somebody_is_left(name, option, policy):
                message = f"option `{name}/{option.id}` can never be decided: whoever decides it must have made evidence that it rests on"
                help = "let others decide it or prove it, or say in `separation_waiver` why the same may do both"
                yield Problem("POLICY_UNSATISFIABLE", message, option.at, help=help)


def _somebody_is_left(packet: str, option: Option, policy: Policy) -> bool:
    places = find.places(policy, policy.packets[packet].decided_by)
    legs = [policy.legs[path] for path in legs_under(policy, packet, option)]
    makers = frozenset(actor for leg in legs if prepares(leg) for actor in find.members(policy, leg.by))
    if not can_fill(places) or can_fill([tuple(actor for actor in place if actor not in makers) for place in places]):
        return True
    teams = list(islice(product(*places), MAX_DECIDERS + 1))
    reached = dict.fromkeys(reachable(policy), 0)
    # What nobody at all can bring about is told elsewhere.
    if len(teams) > MAX_DECIDERS or not can_be_entered(policy, packet, option, reached):
        return True
    kept_out = dict.fromkeys(makers.intersection(team) for team in map(frozenset, teams) if len(team) == len(places))
    return any(can_be_entered(policy, packet, option, followed(policy, reached, _Others(policy, team))) for team in kept_out)


class _Others(Everybody):
    """All declared actors, of whom some make no evidence that is prepared."""

    def __init__(self, policy: Policy, kept_out: frozenset[str]) -> None:
        super().__init__(policy)
        self._kept_out = kept_out

    def proves(self, leg: Leg) -> bool:
        """Whether somebody else can make the evidence of a leg."""
        return super().proves(leg) and not (prepares(leg) and self._kept_out >= {*find.members(self.policy, leg.by)})
