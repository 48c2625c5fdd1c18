"""Whose key must stand behind a record, and whether the one that does may.

Pure. The signature itself was verified where the line was read; here it is asked what the key is worth.
"""

from typing import TYPE_CHECKING

from govern.engine.causes import Cause, Requirement
from govern.engine.refusing import refusal
from govern.engine.state import Key, State
from govern.engine.view import View
from govern.ledger.keys import KeyTypeError, parse_key
from govern.ledger.sshsig import Signer
from govern.policy import find
from govern.policy.model import Policy
from govern.policy.reach import can_fill
from govern.policy.who import LEVELS, SignsWith

if TYPE_CHECKING:
    from govern.engine.acts import Act

_LEVEL_WORDS = {"hardware": "a hardware key", "verified": "a hardware key that verifies its user (PIN or fingerprint)"}


def live_keys(state: State, actor: str) -> list[Key]:
    """Return the keys that an actor can sign with, oldest first."""
    return [key for key in state.keys.values() if key.actor == actor and key.retired is None]


def must_sign(policy: Policy, state: State, actor: str) -> bool:
    """Whether a record of an actor counts with a signature only: every person's, and that of whoever has, or had, a key."""
    if policy.actors[actor].kind == "person" and policy.policy.signature_waiver is None:
        return True
    # Without keys, which is asked for every record of a ledger without any, there is nothing to go through.
    return bool(state.keys) and any(key.actor == actor for key in state.keys.values())


def is_bootstrap(act: "Act", view: View) -> bool:
    """Whether an enrolment needs nobody's word: the first key of one who may change the policy, signed by itself, right after genesis."""
    from govern.engine.authority import is_member

    if act.kind != "enroll" or act.signer is None or not view.state.founding or act.actor != act.body["actor"]:
        return False
    mine = [key for key in view.state.keys.values() if key.actor == act.actor]
    return not mine and is_member(view, view.policy.policy.adopted_by, act.actor) and fingerprint_of(act.body["key"]) == act.signer.key


def fingerprint_of(key: str) -> str | None:
    """Return the fingerprint of a public key; of what is none, nothing."""
    try:
        return parse_key(key).fingerprint
    except KeyTypeError:
        return None


def signature_refusals(act: "Act", view: View) -> list[Requirement]:
    """Return why a record may not be made with the signature that it carries, or without one."""
    if act.imported or act.kind == "genesis" or is_bootstrap(act, view):
        return []
    first = _keys_first(act, view)
    if first:
        return [first]
    if act.signer is None:
        return [_missing(act, view)] if must_sign(view.policy, view.state, act.actor) else []
    against = _against_signer(act.signer, act.actor, view)
    return [against] if against else []


def speaks(policy: Policy, state: State, actor: str, signer: Signer | None) -> bool:
    """Whether a signature, or none, is plainly enough for a record of an actor: the answer of `signature_refusals`, sooner."""
    if actor not in policy.actors:
        return False
    if signer is None:
        return not must_sign(policy, state, actor)
    key = state.keys.get(signer.key)
    return key is not None and key.actor == actor and key.retired is None and policy.signing_levels[actor] == "any"


def can_change_policy(policy: Policy, state: State, without: str = "") -> bool:
    """Whether those who may change a policy have the keys that it asks for, also without the one of that fingerprint."""

    def can_sign(actor: str) -> bool:
        return any(key.fingerprint != without and fits(policy, actor, key.key) for key in live_keys(state, actor))

    return can_fill([tuple(filter(can_sign, place)) for place in find.places(policy, policy.policy.adopted_by)])


def fits(policy: Policy, actor: str, key: str) -> bool:
    """Whether a key can meet what an actor must sign with. Whether it verifies its user shows when it signs."""
    return policy.signing_levels.get(actor, "any") == "any" or key.startswith("sk-")


def _keys_first(act: "Act", view: View) -> Requirement | None:
    """Nothing is recorded before the keys of those who may change the policy: afterwards they would come too late."""
    if not view.state.founding or act.kind == "enroll" or view.policy.policy.signature_waiver or can_change_policy(view.policy, view.state):
        return None
    by = find.everyone(view.policy, view.policy.policy.adopted_by)
    why = f"the keys of {find.spell_who(view.policy.policy.adopted_by)}, who may change the policy, come first; nothing is recorded before them"
    how = f"govern key enroll FILE --as {by[0]}"
    return refusal("signature:founding", Cause.AWAITING, why, view.policy.policy.at, by=by, how=how, code="SIG_MISSING")


def _missing(act: "Act", view: View) -> Requirement:
    keys = live_keys(view.state, act.actor)
    if keys:
        why, how = f"a record of {act.actor} counts only with their signature, and no key of theirs is at hand (--key FILE)", "govern request --help"
    else:
        why = f"{act.actor} has no key on record, and a record of theirs counts only with their signature"
        how = f"govern key enroll FILE --for {act.actor} --as {find.everyone(view.policy, view.policy.policy.adopted_by)[0]}"
    return refusal(f"signature:{act.actor}", Cause.UNSIGNED, why, view.policy.actors[act.actor].at, by=(act.actor,), how=how)


def _against_signer(signer: Signer, actor: str, view: View) -> Requirement | None:
    """Return why a key does not speak for an actor, or None where it does."""
    key, place = view.state.keys.get(signer.key), view.policy.actors[actor].at
    if key is None or key.actor != actor:
        whose = "nobody's here" if key is None else f"{key.actor}'s"
        why = f"it is signed with {signer.key}, which is {whose}, not {actor}'s"
        return refusal(f"signature:{actor}", Cause.UNAUTHORISED, why, place, by=(actor,), how="govern key list", code="KEY_NOT_IN_ROLE")
    if key.retired is not None:
        why = f"it is signed with {signer.key}, which was retired by record #{key.retired}"
        return refusal(f"signature:{actor}", Cause.REVOKED, why, place, by=(actor,), how="govern key list", record=key.retired, code="KEY_NOT_IN_POLICY_AT_SEQ")
    wanted = view.policy.signing_levels[actor]
    if LEVELS.index(_level(signer)) < LEVELS.index(wanted):
        why = f"{actor} must sign with {_LEVEL_WORDS[wanted]}"
        return refusal(f"signature:{actor}", Cause.UNAUTHORISED, why, place, by=(actor,), how="govern explain signs_with", code="SIG_MIN_AUTH")
    return None


def _level(signer: Signer) -> SignsWith:
    if signer.hardware and signer.verified:
        return "verified"
    return "hardware" if signer.hardware else "any"
