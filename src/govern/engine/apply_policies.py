"""Applying a record about the policy or a key that was allowed: the part of `govern.engine.apply` that moves authority itself."""

from govern.engine.act_keys import enrolls, enrolment_words
from govern.engine.act_policies import adoption_word, adoption_words, version_of
from govern.engine.acts import Act
from govern.engine.authority import Word
from govern.engine.signed import fingerprint_of, is_bootstrap
from govern.engine.state import Key
from govern.engine.view import View
from govern.ledger.lines import Record


def adopt(act: Act, record: Record, view: View) -> None:
    """Take a word for a policy. Once all are given, what was decided in part, under the old one, counts no more."""
    given, state = adoption_words(act, view), view.state
    if adoption_word(act, view) is not Word.COMPLETE:
        state.adopting[version_of(act)] = (*given, act.actor)
        return
    state.adopting.clear()
    state.enrolling.clear()
    state.version, state.policy_digest, state.policy_seq = act.body["version"], act.body["policy"], record.seq
    state.templates = dict(act.body["templates"])
    for packet in state.packets.values():
        packet.approvals.clear()
    for lane in state.lanes.values():
        lane.approvals = ()
    for instance in state.instances.values():
        if instance.recorded_at is None:
            instance.approvals = ()
    state.register.forget_words()


def propose(act: Act, record: Record, view: View) -> None:
    """Keep who proposed a policy."""
    view.state.proposed.setdefault(act.body["policy"], {}).setdefault(act.actor, record.seq)


def enroll(act: Act, record: Record, view: View) -> None:
    """Put a key in force, or take a word for it."""
    actor, key, state = act.body["actor"], act.body["key"], view.state
    fingerprint = str(fingerprint_of(key))
    if enrolls(act, view):
        state.keys[fingerprint] = Key(fingerprint, actor, key, record.seq, bootstrap=is_bootstrap(act, view))
        state.enrolling.pop((actor, fingerprint), None)
    else:
        state.enrolling[actor, fingerprint] = (*enrolment_words(act, view), act.actor)


def retire(act: Act, record: Record, view: View) -> None:
    """Take a key out of force, for good."""
    view.state.keys[act.body["key"]].retired = record.seq
