"""Acts on the policy: proposing a version, and adopting it under the version in force and under itself.

Pure.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from govern.engine.authority import Word
from govern.engine.causes import Cause, Requirement
from govern.engine.refusing import refusal
from govern.engine.signed import can_change_policy
from govern.engine.state import Version
from govern.engine.view import View
from govern.policy import find
from govern.policy.model import Policy
from govern.policy.reach import filled_by
from govern.policy.who import Who

if TYPE_CHECKING:
    from govern.engine.acts import Act


def version_of(act: "Act") -> Version:
    """Return what an adoption adopts: the policy and the templates, by their digests."""
    return act.body["policy"], tuple(sorted(act.body["templates"].items()))


def adoption_words(act: "Act", view: View) -> tuple[str, ...]:
    """Return the words already given for the adoption of the very same policy and templates."""
    return view.state.adopting.get(version_of(act), ())


def adopters(act: "Act", view: View) -> Who:
    """Return whose words adopt a version under the policy in force: where it permits anything more, it may ask for others'.

    A template is what owners are shown, so that another one counts as permitting more.
    """
    adoption = view.policy.policy
    if adoption.loosened_by is None:
        return adoption.adopted_by
    # Heavy, and wanted by nothing but an adoption.
    from govern.policy.diff.policies import loosens

    assert act.adopts is not None, "who judges an adoption knows what it adopts"
    new, key = act.adopts, ("loosens", version_of(act))
    more = view.memo.once(key, in_circle=True, judge=lambda: act.body["templates"] != view.state.templates or loosens(view.policy, new))
    return adoption.loosened_by if more else adoption.adopted_by


def adoption_word(act: "Act", view: View) -> Word:
    """Return what a word adds: complete only where the threshold in force is met, and the new one too.

    Were the new one not asked, a version could put the policy into hands that nobody can act for; were the old one not
    asked, a version could name its own judges (as root metadata rotates in The Update Framework, section 5.3).
    """
    assert act.adopts is not None, "who judges an adoption knows what it adopts"
    given = adoption_words(act, view)
    both = ((view.policy, adopters(act, view)), (act.adopts, act.adopts.policy.adopted_by))
    if act.actor in given or not any(_counts(policy, who, act.actor) for policy, who in both):
        return Word.NOTHING
    return Word.COMPLETE if all(filled_by(policy, who, (*given, act.actor)) for policy, who in both) else Word.PARTIAL


def _counts(policy: Policy, who: Who, actor: str) -> bool:
    return actor in find.everyone(policy, who) and policy.actors[actor].kind == "person"


def judge_propose(act: "Act", view: View) -> Iterator[Requirement]:
    """Anyone may propose a version; who does cannot adopt it."""
    if act.body["policy"] == view.state.policy_digest:
        yield refusal("policy:known", Cause.REFUSED, "this policy is in force", view.policy.policy.at)


def judge_adopt(act: "Act", view: View) -> Iterator[Requirement]:
    """Version exactly +1, naming the digest in force, by those who may adopt, none of whom proposed it."""
    if act.adopts is None:
        yield refusal("policy:unread", Cause.NOT_EVALUATED, f"policy {act.body['policy'][:12]} was not read", view.policy.policy.at)
        return
    who, then = adopters(act, view), act.adopts.policy.adopted_by
    place, body = view.policy.policy.at, act.body
    by = tuple(dict.fromkeys((*find.everyone(view.policy, who), *find.everyone(act.adopts, then))))
    given = adoption_words(act, view)
    if act.actor in given:
        why = f"the word of {act.actor} for this policy is already on record; another's is wanted"
        yield refusal("authority:adopt", Cause.QUORUM, why, place, by=tuple(each for each in by if each not in given), code="POLICY_THRESHOLD")
    elif adoption_word(act, view) is Word.NOTHING:
        both = find.spell_who(who) if then == who else f"{find.spell_who(who)} and, as it would be, {find.spell_who(then)}"
        yield refusal("authority:adopt", Cause.UNAUTHORISED, f"{act.actor} may not adopt a policy; that is for {both}", place, by=by)
    proposed = view.state.proposed.get(body["policy"], {})
    if act.actor in proposed:
        why = f"{act.actor} proposed this policy (record #{proposed[act.actor]}) and cannot adopt it"
        others = tuple(each for each in by if each not in proposed)
        yield refusal(f"separation:{act.actor}", Cause.SEPARATION, why, place, by=others, record=proposed[act.actor])
    if act.adopts.policy.signature_waiver is None and not can_change_policy(act.adopts, view.state):
        why = f"nobody could change it afterwards: {find.spell_who(then)} have not the keys that it asks for"
        yield refusal("policy:keys", Cause.MISSING, why, place, by=by, how="govern key list", code="POLICY_THRESHOLD")
    if body["version"] != view.state.version + 1:
        why = f"version {body['version']} follows version {view.state.version}; wanted {view.state.version + 1}"
        yield refusal("policy:version", Cause.REFUSED, why, view.policy.programme.at_key("version"), code="POLICY_VERSION")
    if body["previous"] != view.state.policy_digest:
        why = f"it replaces {body['previous'][:12]}, and {view.state.policy_digest[:12]} is in force"
        yield refusal("policy:previous", Cause.STALE, why, place, record=view.state.policy_seq, code="POLICY_PREV")
