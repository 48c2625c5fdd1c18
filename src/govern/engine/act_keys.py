"""Acts on keys: enrolling one for an actor, and retiring it.

Pure. The first key of who may change the policy is enrolled right after genesis without anybody's word, and marked so;
every other takes the words that a new policy takes.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from govern.engine.authority import Word, is_member, word
from govern.engine.causes import Cause, Requirement
from govern.engine.refusing import refusal
from govern.engine.signed import can_change_policy, fingerprint_of, fits, is_bootstrap
from govern.engine.view import View
from govern.ledger.keys import KeyTypeError, parse_key
from govern.policy import find

if TYPE_CHECKING:
    from govern.engine.acts import Act


def enrolment_words(act: "Act", view: View) -> tuple[str, ...]:
    """Return the words already given for the very same key of the very same actor."""
    return view.state.enrolling.get((act.body["actor"], str(fingerprint_of(act.body["key"]))), ())


def enrolls(act: "Act", view: View) -> bool:
    """Whether an enrolment that may be recorded also puts its key in force, or waits for others' words."""
    return is_bootstrap(act, view) or word(view, view.policy.policy.adopted_by, act.actor, enrolment_words(act, view)) is Word.COMPLETE


def judge_enroll(act: "Act", view: View) -> Iterator[Requirement]:
    """A key is one actor's, once and for all; who may change the policy says whose."""
    body, place = act.body, view.policy.policy.at
    try:
        key = parse_key(body["key"])
    except KeyTypeError as error:
        yield refusal("key:type", Cause.REFUSED, f"the key cannot be enrolled: {error}", place, code="KEY_TYPE")
        return
    if key.line() != body["key"]:
        yield refusal("key:type", Cause.REFUSED, "the key is not in its one spelling", place, code="KEY_TYPE")
    if not fits(view.policy, body["actor"], body["key"]):
        why = f"{body['actor']} must sign with a hardware key, and this one is none"
        yield refusal("key:level", Cause.REFUSED, why, view.policy.actors[body["actor"]].at, how="govern explain signs_with", code="SIG_MIN_AUTH")
    known = view.state.keys.get(key.fingerprint)
    if known:
        retired = "" if known.retired is None else f", retired by record #{known.retired}"
        why = f"{key.fingerprint} is {known.actor}'s since record #{known.seq}{retired}; a key is enrolled once"
        yield refusal("key:known", Cause.REFUSED, why, place, how="govern key list", record=known.seq)
    if is_bootstrap(act, view):
        return
    who, given = view.policy.policy.adopted_by, enrolment_words(act, view)
    by = find.everyone(view.policy, who)
    if act.actor in given:
        why = f"the word of {act.actor} for this key is already on record; another's is wanted"
        yield refusal("authority:enroll", Cause.QUORUM, why, place, by=tuple(each for each in by if each not in given))
    elif word(view, who, act.actor, given) is Word.NOTHING:
        yield refusal("authority:enroll", Cause.UNAUTHORISED, f"{act.actor} may not enrol a key; that is for {find.spell_who(who)}", place, by=by)


def judge_retire(act: "Act", view: View) -> Iterator[Requirement]:
    """A key is retired by its actor or by any one who may change the policy, unless nobody could change it then."""
    fingerprint, place, who = act.body["key"], view.policy.policy.at, view.policy.policy.adopted_by
    key = view.state.keys.get(fingerprint)
    if key is None or key.retired is not None:
        why = f"no key {fingerprint} is enrolled" if key is None else f"{fingerprint} was retired by record #{key.retired}"
        yield refusal("key:unknown", Cause.REFUSED, why, place, how="govern key list")
        return
    if act.actor != key.actor and not is_member(view, who, act.actor):
        by = tuple(dict.fromkeys((key.actor, *find.everyone(view.policy, who))))
        yield refusal("authority:retire", Cause.UNAUTHORISED, f"{act.actor} may not retire a key of {key.actor}", place, by=by)
    if can_change_policy(view.policy, view.state) and not can_change_policy(view.policy, view.state, without=fingerprint):
        why = "without it nobody could change the policy or enrol a key any more"
        yield refusal("key:last", Cause.REFUSED, why, place, how=f"govern key enroll FILE --for {key.actor} --as {act.actor}")
