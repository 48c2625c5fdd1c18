"""The gate: whether an action, or whatever touches a surface, may happen now.

Pure. What is asked about and means nothing here is no yes: it matches nothing, and is told as that.
"""

from dataclasses import dataclass

from govern.canonical import Json, encode, text_digest
from govern.engine.causes import Cause, Judged, Requirement, combined, failing, leaf, once, requirements
from govern.engine.verdicts import Target, verdict
from govern.engine.view import View
from govern.policy import find
from govern.policy.guards import SelectedFact, facts
from govern.policy.model import Policy


@dataclass(frozen=True, slots=True)
class Gated:
    """One action as judged for the gate.

    `asked` is the word that was asked about: the action, or a surface it touches. `behind` is what keeps the options shut
    that it needs selected.
    """

    asked: str
    action: str
    judged: Judged
    behind: tuple[Requirement, ...] = ()

    @property
    def truth(self) -> bool | None:
        """Whether it may happen; None where that is unknown, which opens nothing."""
        return self.judged.truth

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """Every requirement, in the order of the policy."""
        return requirements(self.judged)

    @property
    def causes(self) -> tuple[Requirement, ...]:
        """Everything that keeps it shut, each once."""
        return once((*failing(self.judged), *self.behind))


def actions_of(asked: str, policy: Policy) -> tuple[str, ...]:
    """Return the actions that a word stands for: the action of that name, else all that touch the surface of that name.

    A surface is known by its id and by the words that name it, in any case. Which of several actions would touch it is
    not known, so that all of them are asked about. Nothing, where the word means nothing here.
    """
    if asked in policy.actions:
        return (asked,)
    word = asked.lower()
    surfaces = {name for name, surface in policy.surfaces.items() if word in (name.lower(), *(each.lower() for each in surface.named))}
    return tuple(name for name, action in policy.actions.items() if surfaces & set(action.touches))


def gate(asked: str, view: View, lane: str | None = None) -> tuple[Gated, ...]:
    """Return the actions that a word stands for, each judged now, and in a lane where one is named."""
    return tuple(Gated(asked, action, _judged(action, view, lane), _behind(action, view)) for action in actions_of(asked, view.policy))


def options_of(action: str, policy: Policy) -> tuple[str, ...]:
    """Return the options, as PACKET/OPTION, that an action's guard asks to be selected."""
    needs = policy.actions[action].needs
    named = [find.option(policy, fact.selected) for fact, _negated in facts(needs) if isinstance(fact, SelectedFact)] if needs else []
    return tuple(dict.fromkeys(f"{packet}/{option.id}" for packet, option in named))


def _behind(action: str, view: View) -> tuple[Requirement, ...]:
    """An option that is selected is judged with the action; of one that is not, what keeps it from being decided."""
    waiting = {each.id for each in failing(verdict(Target("action", action), view).judged)}
    shut = [address for address in options_of(action, view.policy) if f"selected:{address}" in waiting]
    return tuple(each for address in shut for each in failing(verdict(Target("option", address), view).judged))


def _judged(action: str, view: View, lane: str | None) -> Judged:
    judged = verdict(Target("action", action), view).judged
    return judged if lane is None else combined(2, (judged, leaf(_in_lane(action, lane, view.policy))))


def _in_lane(action: str, lane: str, policy: Policy) -> Requirement:
    """An action belongs to the lanes of the options that it needs selected."""
    declared = policy.actions[action]
    options = [find.option(policy, address) for address in options_of(action, policy)]
    lanes = tuple(dict.fromkeys(name for packet, option in options if (name := find.lane_of(policy, packet, option)) is not None))
    held = lane in lanes
    why = f"{action} belongs to lane {' or '.join(lanes)}" if lanes else f"{action} belongs to no lane"
    return Requirement(f"in-lane:{lane}", "lane", held, why if held else f"{why}, not to {lane}", declared.at, None if held else Cause.LANE)


def token_of(actions: tuple[str, ...], view: View, last: str, expires: int) -> str:
    """Return the token of an answer: what it was about, and until when, in seconds, it says that nothing has moved.

    It binds the policy, the last line of the ledger, which commits to all before it, the actions, and the digest of each
    piece of evidence on record as it was found. It is no secret and gives no authority: who acts is judged again.
    """
    before, after = token_parts(view, last)
    bound = '{"actions":' + encode(list(actions)) + f"{before}{expires}{after}"
    return f"gate-1.{expires}.{text_digest(bound)}"


def token_parts(view: View, last: str) -> tuple[str, str]:
    """Return what of a token's text stands between the actions and the moment it expires, and what stands behind that."""
    evidence: dict[str, Json] = {str(seq): fact.value for seq, fact in (view.evidence or {}).items()}
    digests: dict[str, Json] = {str(proof.seq): proof.sha256 for proofs in view.state.proofs.values() for proof in proofs if proof.sha256}
    before = f',"digests":{encode(digests)},"evidence":{encode(evidence)},"expires":'
    return before, f',"last":"{last}","policy":"{view.state.policy_digest}"}}'


def expiry_of(token: str) -> int | None:
    """Return until when a token says anything, in seconds; None where it is no token."""
    form, _, rest = token.partition(".")
    expires, _, digest = rest.partition(".")
    return int(expires) if form == "gate-1" and expires.isascii() and expires.isdigit() and len(expires) < 13 and len(digest) == 64 else None
