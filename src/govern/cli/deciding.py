"""What an owner is shown before a decision: what it opens, leads to and does not cover, and what is selectable next."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from govern.cli.confirming import confirmation_code
from govern.cli.facts import requirement_json, requirement_lines
from govern.cli.output import table
from govern.cli.recording import Proposal, RefusedError
from govern.cli.session import Session
from govern.documents.render import claim_faults, packet_document, shown_digest
from govern.engine.acts import Act, judge_act
from govern.engine.authority import delegations_for, is_member
from govern.engine.causes import Requirement
from govern.engine.supposed import after
from govern.engine.upcoming import choices
from govern.engine.verdicts import Target, verdict
from govern.engine.view import EvidenceFact, View
from govern.ledger.statements import Basis
from govern.policy.model import Option
from govern.problems import Exit, GovernError


@dataclass(frozen=True, slots=True)
class Shown:
    """A decision as it was shown, with the digest of the packet and the head that it was shown at."""

    session: Session
    packet: str
    option: Option
    actor: str
    size: int
    packet_sha256: str
    refusals: tuple[Requirement, ...]
    result: dict[str, Any]
    supersedes: int | None
    reason: str | None

    def refuse(self) -> NoReturn:
        """Raise the refusal with all causes."""
        raise RefusedError(f"deciding {self.packet}/{self.option.id}", self.refusals, self.session.view.policy)

    def code(self, size: int, sha256: str, policy: str) -> str:
        """Return the code that confirms this decision on a packet as it was shown at a head."""
        return confirmation_code(size, self.actor, f"{self.packet}/{self.option.id}", sha256, policy)

    def codes_at(self, size: int, view: View) -> list[str]:
        """Return the codes that could be made at a head, judged at the view's moment: with the evidence as it is, or as it was."""
        project = self.session.project
        earlier = project.replay(project.store.read(), fresh=True, stop=lambda record: record.seq >= size)
        views = [earlier.view(view.now, evidence) for evidence in (project.evidence_facts(earlier.state), None)]
        return [self.code(size, packet_digest(self.session, self.packet, each), earlier.state.policy_digest) for each in views]


def packet_digest(session: Session, packet: str, view: View) -> str:
    """Return the digest of a packet as an owner would be shown it: without front matter, head and moment."""
    _name, document = packet_document(packet, view)
    return shown_digest(document, view, session.project.adopted_templates(view.state))


def refuse_claims(session: Session, packet: str, option: Option, view: View) -> None:
    """Refuse to decide on a packet that claims what nothing supports. HOLD is always possible.

    Raises:
        GovernError: CLAIM_UNSUPPORTED, for each claim (status 4).
    """
    name, document = packet_document(packet, view)
    found = () if option.hold else claim_faults(name, document, view, session.project.adopted_templates(view.state))
    if found:
        raise GovernError(Exit.REFUSED, found)


def show_decision(session: Session, packet: str, option: Option, actor: str, supersedes: int | None, reason: str | None) -> Shown:
    """Judge a decision at the head and work out what it would change."""
    view = session.view
    refuse_claims(session, packet, option, view)
    sha256 = packet_digest(session, packet, view)
    result: dict[str, Any] = {"packet": packet, "option": option.id, "actor": actor, "packet_sha256": sha256}
    shown = Shown(session, packet, option, actor, session.size, sha256, (), result, supersedes, reason)
    act = propose(shown, view, sha256).act
    refusals = judged(session, act, view)
    result |= {"allowed": not refusals, "requirements": [requirement_json(each) for each in refusals]}
    if not refusals:
        result |= _consequences(act, option, view)
    return replace(shown, refusals=refusals)


def propose(shown: Shown, view: View, sha256: str, basis: Basis | None = None) -> Proposal:
    """Return the decision as it would be recorded: what it supersedes and by which delegation are found, not asked for."""
    packet, option = shown.packet, shown.option
    body: dict[str, Any] = {"packet": packet, "option": str(option.id), "packet_sha256": sha256}
    supersedes = shown.supersedes if shown.supersedes is not None else view.packet(packet).decision
    if supersedes is not None:
        body["supersedes"] = supersedes
    delegation = _delegation(shown, view)
    if delegation is not None:
        body["delegation"] = delegation
    if shown.reason is not None:
        body["reason"] = shown.reason
    return Proposal(shown.session.act("decide", body), f"deciding {packet}/{option.id}", ((f"packet:{packet}", sha256),), basis)


def _delegation(shown: Shown, view: View) -> int | None:
    """Return the delegation that an actor decides by; one that counts for nothing only where they have nothing else."""
    if is_member(view, view.policy.packets[shown.packet].decided_by, shown.actor):
        return None
    found = delegations_for(view, shown.actor, shown.packet, shown.option)
    usable = [delegation.seq for delegation, against in found if not against]
    return usable[0] if usable else found[-1][0].seq if found else None


def _consequences(act: Act, option: Option, view: View) -> dict[str, Any]:
    then = after(act, view)
    before = {each.address for each in choices(view) if each.missing == 0}
    actions = {name: verdict(Target("action", name), then).allowed for name in view.policy.actions}
    return {
        "opens": [name for name in view.policy.lanes if _lane(name, then) and not _lane(name, view)],
        "closes": [name for name in view.policy.lanes if _lane(name, view) and not _lane(name, then)],
        "leads_to": list(option.leads_to),
        "selectable_next": [each.address for each in choices(then) if each.missing == 0 and each.address not in before],
        "allows": [name for name, allowed in actions.items() if allowed],
        "does_not_cover": [name for name, allowed in actions.items() if not allowed],
        "scope": option.scope,
    }


def _lane(name: str, view: View) -> bool:
    return verdict(Target("lane", name), view).allowed


def decision_text(session: Session, shown: Shown) -> str:
    """Return what an owner reads before deciding."""
    option, policy, result = shown.option, session.view.policy, shown.result
    lines = [f"{shown.packet} option {option.number}: {option.id}", f"  {option.says}"]
    if shown.refusals:
        lines += ["", f"It cannot be decided by {shown.actor} now:", requirement_lines(shown.refusals, policy)]
        return "\n".join(lines)
    scope = f"{option.scope}: {policy.scopes[option.scope].says}" if option.scope else "none; HOLD gives no authority"
    rows = [
        ("scope", scope),
        ("opens", ", ".join(f"lane {name}" for name in result["opens"]) or "no lane"),
        ("closes", ", ".join(f"lane {name}" for name in result["closes"]) or "no lane"),
        ("leads to", ", ".join(result["leads_to"]) or "no leg"),
        ("allows", ", ".join(result["allows"]) or "no action"),
        ("does not cover", ", ".join(result["does_not_cover"]) or "-"),
        ("selectable next", ", ".join(result["selectable_next"]) or "nothing more than now"),
    ]
    lines += [table(rows, "  "), "  Deciding proves nothing by itself: a leg is proven by its evidence."]
    return "\n".join(lines)


def moved_since(session: Session, size: int, view: View) -> str:
    """Return what can have changed what was shown at a head: the records since, and the evidence files that changed."""
    from govern.ledger.lines import Chain, read_records

    lines = session.project.store.read().lines
    records = list(read_records(lines, Chain(known=len(lines))))[size:]
    told = [f"#{record.seq} {record.statement.kind} by {record.statement.actor}" for record in records if record.statement.kind not in ("note", "mark")]
    facts = session.project.evidence_facts(view.state)
    told += [f"the evidence of record #{seq} is {fact.value}" for seq, fact in facts.items() if fact is not EvidenceFact.SAME]
    return ", ".join(told)


def judged(session: Session, act: Act, view: View) -> tuple[Requirement, ...]:
    """Return why an act is refused. What is only supposed is signed by nobody, and is not refused for it."""
    refusals = judge_act(act, view)
    return tuple(each for each in refusals if not (session.options.supposing and each.id.startswith("signature:")))


def judged_together(session: Session, proposals: Sequence[Proposal]) -> None:
    """Judge acts one after another, each as if those before it were on record.

    Raises:
        RefusedError: the first that is not allowed.
    """
    view = session.view
    for proposal in proposals:
        refusals = judged(session, proposal.act, view)
        if refusals:
            raise RefusedError(proposal.what, refusals, view.policy)
        view = after(proposal.act, view)
