"""Single facts: grants, evidence, lanes, findings and actions, each judged with its cause, and what a failing one proves.

Pure.
"""

from dataclasses import replace

from govern.engine import commands
from govern.engine.bindings import moved
from govern.engine.causes import Cause, Judged, Requirement, combined, failing
from govern.engine.state import GrantInstance, Proof, Run
from govern.engine.view import EvidenceFact, View
from govern.ledger.moments import spell_time
from govern.policy import find
from govern.policy.blockers import Leg
from govern.policy.guards import FindingFact, fact_id
from govern.policy.lifecycles import Lifecycle, Trigger
from govern.policy.model import Lane
from govern.policy.names import spell_duration
from govern.problems import Place

UNPINNED = "in a ledger that is not pinned on this machine"


def grant(name: str, view: View, at: Place, scope: str | None, *, honoured: bool) -> Requirement:
    """An instance counts: in a state that counts, inside its window, of the right scope, not merely imported."""
    declared = view.policy.grants[name]
    wanted = scope or declared.scope
    instances = view.instances(name)
    reasons = [(instance, against_instance(instance, view, wanted, honoured=honoured)) for instance in instances]
    good = tuple(instance.seq for instance, reason in reasons if reason is None)
    requirement_id = f"{'honoured' if honoured else 'grant'}:{name}"
    by = find.everyone(view.policy, declared.issuer)
    how = commands.record_grant(name, by, view)
    if good:
        why = f"{name}#{good[0]} is {view.state.instances[good[0]].state}"
        return Requirement(requirement_id, "grant", truth=True, why=why, at=at, record=good[0], records=good, again=(by, how))
    if not reasons:
        why = f"no {find.grant_says(name, declared)} on record"
        return Requirement(requirement_id, "grant", truth=False, why=why, at=at, cause=Cause.MISSING, by=by, how=how)
    # The newest instance is the one that people have in mind, and one of which nobody knows whether it was used
    # leaves all unknown. Its reason is told, the rest is in `govern show`.
    against = [(instance, *reason) for instance, reason in reasons if reason is not None]
    instance, cause, why = next((each for each in against if each[1] is Cause.UNKNOWN), against[-1])
    truth = None if cause is Cause.UNKNOWN else False
    return Requirement(requirement_id, "grant", truth, f"{name}#{instance.seq} {why}", at, cause, by, how, instance.changed)


def against_instance(instance: GrantInstance, view: View, scope: str, *, honoured: bool) -> tuple[Cause, str] | None:
    """Return why an instance does not count, or None where it does."""
    state = view.policy.lifecycles.grant.states.get(instance.state)
    if instance.scope != scope or view.policy.grants[instance.grant].scope != scope:
        return Cause.SCOPE, f"is of scope {instance.scope}, wanted {scope}"
    if instance.imported and view.protects(scope):
        return Cause.UNSIGNED, "is imported from a document, which is never enough in a protected scope"
    if not (view.pinned or instance.imported):
        return Cause.UNSIGNED, f"was granted {UNPINNED}"
    if state is None or not (state.counts or (honoured and state.honoured)):
        return _state_reason(instance, view)
    if not state.counts:
        return None
    if instance.expires is not None and view.now >= instance.expires:
        return Cause.EXPIRED, f"expired at {spell_time(instance.expires)}"
    if instance.recorded_at is not None and view.earliest < instance.recorded_at:
        return Cause.NOT_YET, f"says that it was recorded at {spell_time(instance.recorded_at)}, which is yet to come"
    if instance.not_before is not None and view.earliest < instance.not_before:
        return Cause.NOT_YET, f"is valid from {spell_time(instance.not_before)}"
    return None


def _state_reason(instance: GrantInstance, view: View) -> tuple[Cause, str]:
    cause = cause_of_state(view.policy.lifecycles.grant, instance.state)
    if cause is None and instance.approvals and instance.recorded_at is None:
        issuer = find.spell_who(view.policy.grants[instance.grant].issuer)
        return Cause.QUORUM, f"has the word of {', '.join(instance.approvals)}; wanted {issuer}"
    return cause or Cause.AWAITING, f"is {instance.state} (record #{instance.changed})"


_CAUSES: dict[Trigger, Cause] = {
    "revoke": Cause.REVOKED,
    "lose": Cause.UNKNOWN,
    "consume": Cause.CONSUMED,
    "complete": Cause.CONSUMED,
    "resolve": Cause.CONSUMED,
}


def cause_of_state(lifecycle: Lifecycle, state: str) -> Cause | None:
    """Return what a state means by the acts that lead to it: its name is the policy's own."""
    acts = {way.trigger for way in lifecycle.transitions if way.to == state}
    return next((cause for trigger, cause in _CAUSES.items() if trigger in acts), None)


def evidence(path: str, declared: Leg, view: View, at: Place, scope: str | None) -> Requirement:
    """The newest proof of the leg stands: right kind and provenance, by its actor, fresh, its file unchanged."""
    by = find.members(view.policy, declared.by)
    how = commands.discharge(path, declared, by)
    proofs = view.state.proofs.get(path, [])
    if not proofs:
        says = declared.says or f"leg {path} proven"
        return Requirement(f"leg:{path}", "leg", truth=False, why=f"not on record: {says}", at=at, cause=Cause.MISSING, by=by, how=how)
    proof = proofs[-1]
    against = _against_proof(proof, declared, view, scope)
    if against is None:
        words = f"proven by {proof.actor}'s {proof.kind} of {proof.of}"
        return Requirement(f"leg:{path}", "leg", truth=True, why=words, at=at, record=proof.seq, records=(proof.seq,))
    cause, why = against
    truth = None if cause is Cause.UNKNOWN else False
    return Requirement(f"leg:{path}", "leg", truth, f"the evidence of record #{proof.seq} {why}", at, cause, by, how, proof.changed)


def substitute(path: str, declared: Leg, at: Place) -> Requirement:
    """A substitute never satisfies a guard."""
    why = f"{path} stands in for {declared.stands_in_for} and never closes"
    return Requirement(f"leg:{path}", "leg", truth=False, why=why, at=at, cause=Cause.SCOPE)


def _against_proof(proof: Proof, declared: Leg, view: View, scope: str | None) -> tuple[Cause, str] | None:
    """Return why a proof does not stand, or None where it does."""
    assert declared.evidence is not None
    state = view.policy.lifecycles.leg.states.get(proof.state)
    if state is None or not state.counts:
        return Cause.REVOKED, f"was reopened by record #{proof.changed}"
    if (proof.kind, proof.of) != (declared.evidence.kind, declared.evidence.of):
        return Cause.STALE, f"is {proof.kind} of {proof.of}; the policy now wants {declared.evidence.kind} of {declared.evidence.of}"
    if proof.actor not in find.members(view.policy, declared.by):
        return Cause.UNAUTHORISED, f"is by {proof.actor}; the policy now wants {declared.by}"
    if proof.imported and view.protects(scope):
        return Cause.UNSIGNED, f"is imported from {proof.imported.document}, which is never enough in a protected scope"
    if not (view.pinned or proof.imported) and _is_person(proof.actor, view):
        return Cause.UNSIGNED, f"was recorded {UNPINNED}"
    if proof.imported is None and (other := next(moved(proof.binds, proof.of, declared, view), None)):
        return Cause.STALE, other[1]
    if declared.fresh_for is not None and view.now >= proof.at + declared.fresh_for:
        return Cause.STALE, f"is older than {spell_duration(declared.fresh_for)}"
    if declared.fresh_for is not None and view.earliest < proof.at:
        return Cause.STALE, f"says that it was recorded at {spell_time(proof.at)}, which is yet to come"
    return _against_file(proof, view)


def _is_person(actor: str, view: View) -> bool:
    """Whether an actor is a person; of one that the policy in force no longer declares, that is to be feared."""
    declared = view.policy.actors.get(actor)
    return declared is None or declared.kind == "person"


def _against_file(proof: Proof, view: View) -> tuple[Cause, str] | None:
    if proof.path is None or view.evidence is None:
        return None
    match view.evidence.get(proof.seq):
        case EvidenceFact.SAME:
            return None
        case EvidenceFact.CHANGED:
            return Cause.STALE, f"is of other bytes than {proof.path} has now"
        case EvidenceFact.MISSING:
            return Cause.UNKNOWN, f"binds {proof.path}, which is not there"
        case None:  # pragma: no branch - the facts about a file are these
            return Cause.NOT_EVALUATED, f"binds {proof.path}, which was not read"


def lane_record(name: str, lane: Lane, view: View, at: Place) -> Requirement:
    """The lane was opened by a record of its own, and not closed since."""
    assert lane.opened_by is not None
    standing = view.lane(name)
    state = view.policy.lifecycles.lane.states.get(standing.state)
    by = find.everyone(view.policy, lane.opened_by)
    how = f"govern lane open {name} --as {next((each for each in by if each not in standing.approvals), by[0])}"
    is_open = state is not None and state.counts
    reported = standing.imported and view.protects(lane.scope)
    if is_open and not reported and (view.pinned or standing.imported):
        records = () if standing.changed is None else (standing.changed,)
        return Requirement(f"lane:{name}", "lane", truth=True, why=f"lane {name} is open", at=at, record=standing.changed, records=records)
    cause, why = Cause.LANE, f"lane {name} is closed"
    if standing.approvals:
        cause, why = Cause.QUORUM, f"lane {name} has the word of {', '.join(standing.approvals)}; wanted {find.spell_who(lane.opened_by)}"
    elif is_open and not reported:
        cause, why, how = Cause.UNSIGNED, f"lane {name} was opened {UNPINNED}", "govern ledger pin"
    elif is_open:
        cause, why = Cause.UNSIGNED, f"lane {name} was opened by imported history only; close it, then open it"
        how = f"govern lane close {name} --as {by[0]}"
    return Requirement(f"lane:{name}", "lane", truth=False, why=why, at=at, cause=cause, by=by, how=how, record=standing.changed)


def finding(fact: FindingFact, view: View, scope: str | None) -> Requirement:
    """The finding has the wanted result, as declared or as last recorded."""
    declared = view.policy.findings[fact.finding]
    recorded = view.state.findings.get(fact.finding)
    result = recorded.result if recorded else declared.result
    record = recorded.seq if recorded else None
    by = find.members(view.policy, declared.by)
    how = f"govern finding {fact.finding} {fact.is_} --why … --as {by[0]}"
    if recorded and recorded.imported and view.protects(scope):
        why = f"finding {fact.finding} is imported from {recorded.imported.document}, which is never enough in a protected scope"
        return Requirement(fact_id(fact), "finding", truth=False, why=why, at=fact.at, cause=Cause.UNSIGNED, by=by, how=how, record=record)
    if recorded and not (view.pinned or recorded.imported) and _is_person(recorded.actor, view):
        why = f"finding {fact.finding} was recorded {UNPINNED}"
        return Requirement(fact_id(fact), "finding", truth=False, why=why, at=fact.at, cause=Cause.UNSIGNED, by=by, how="govern ledger pin", record=record)
    if result == fact.is_:
        return Requirement(fact_id(fact), "finding", truth=True, why=f"finding {fact.finding} is {result}", at=fact.at, record=record)
    why = f"finding {fact.finding} is {result}, wanted {fact.is_}: {recorded.why if recorded else declared.why}"
    truth, cause = (None, Cause.UNKNOWN) if result == "unknown" else (False, Cause.REFUSED)
    return Requirement(fact_id(fact), "finding", truth, why, fact.at, cause, by, how, record)


def done(name: str, view: View, at: Place, scope: str | None) -> Requirement:
    """The action was carried out to a good end."""
    runs = [run for run in view.state.runs.values() if run.action == name]
    told = [run for run in runs if (view.pinned or run.imported) and not (run.imported and view.protects(scope))]
    ended = tuple(run.seq for run in told if run.state == "ended" and not run.status)
    if ended:
        return Requirement(f"done:{name}", "done", truth=True, why=f"{name} was carried out", at=at, record=ended[-1], records=ended)
    # A run of which nobody knows how it ended leaves all unknown.
    newest = next((run for run in told if run.state != "ended"), told[-1] if told else None)
    truth, cause, why = _not_done(name, newest)
    if runs and not told:
        why = f"{name} was carried out {UNPINNED}" if not view.pinned else f"{name} is reported by a document, which is never enough in a protected scope"
        truth, cause = False, Cause.UNSIGNED
    return Requirement(f"done:{name}", "done", truth, why, at, cause, how=f"govern why-blocked {name}", record=runs[-1].seq if runs else None)


def _not_done(name: str, run: Run | None) -> tuple[bool | None, Cause, str]:
    if run is None:
        return False, Cause.MISSING, f"{name} was not carried out"
    if run.state == "ended":
        return False, Cause.MISSING, f"{name} was begun by record #{run.seq} and ended with status {run.status}"
    return None, Cause.UNKNOWN, f"{name} was begun by record #{run.seq}, and its end is not on record"


# What does not count for a yes for one of these causes is no proof of a no either.
_DOUBTFUL = frozenset({Cause.UNSIGNED, Cause.SCOPE, Cause.STALE, Cause.UNAUTHORISED, Cause.NOT_EVALUATED})


def doubted(judged: Judged) -> Judged:
    """Return a judgement with all that fails for a doubt alone taken as unknown."""
    requirement = judged.requirement
    if requirement is None:
        return combined(judged.wanted, tuple(map(doubted, judged.parts)))
    doubtful = requirement.truth is False and requirement.cause in _DOUBTFUL
    return replace(judged, truth=None) if doubtful else judged


def doubt(judged: Judged) -> Cause | None:
    """Return the cause for which what is judged false could yet be true, or None where it could not."""
    if judged.truth is not False or doubted(judged).truth is False:
        return None
    return next(each.cause for each in failing(judged) if each.cause in _DOUBTFUL)
