"""`grant request|record|revoke|lose|resolve`."""

import re
from typing import Annotated, Any

import typer

from govern.cli.completion import grants as complete_grants
from govern.cli.decide import Confirm, DryRun, confirmed, stored
from govern.cli.recording import Proposal, record_act
from govern.cli.session import Session, session_of
from govern.engine.authority import issuer_of
from govern.policy import find
from govern.problems import Exit, fault, unknown_id

app = typer.Typer(help="Request, record, revoke or settle a grant.", rich_markup_mode=None, no_args_is_help=True, add_completion=False)

Grants = Annotated[list[str], typer.Argument(metavar="GRANT[#SEQ]", help="The grants; #SEQ goes on with an instance.", autocompletion=complete_grants)]
_SEQ = re.compile(r"[0-9]{1,9}", re.ASCII)
Begin = Annotated[str, typer.Argument(metavar="#SEQ", help="The record that began the action.")]
Reason = Annotated[str, typer.Option("--reason", help="Why.")]


def _parse(session: Session, text: str, *, instance_alone: bool = False) -> tuple[str, int | None]:
    """Return the grant and the record that a word names; `#SEQ` alone names one where a delegation may be meant."""
    name, hash_sign, seq = text.partition("#")
    if name not in session.view.policy.grants and not (hash_sign and not name and instance_alone):
        raise unknown_id("grant", name, session.view.policy.grants)
    if hash_sign and not _SEQ.fullmatch(seq):
        raise fault(Exit.USAGE, "UNKNOWN_ID", f"`{text}` names no record", help="write GRANT#SEQ")
    return name, int(seq) if seq else None


@app.command("request")
def request(context: typer.Context, grant: Annotated[str, typer.Argument(metavar="GRANT", autocompletion=complete_grants)], reason: Reason) -> None:
    """Ask for a grant. It gives nothing; who asks cannot grant it."""
    session = session_of(context)
    name, seq = _parse(session, grant)
    if seq is not None:
        raise fault(Exit.USAGE, "USAGE", f"`{grant}` names a record; a request makes a new one", help=f"govern grant request {name}")
    seq = record_act(session, "request", {"grant": name, "reason": reason}, f"requesting {name}").seqs[0]
    issuer = find.everyone(session.view.policy, session.view.policy.grants[name].issuer)[0]
    text = (
        f'recorded as #{seq}: {name}#{seq} is requested ({session.standing.value})\ntake it back: govern grant revoke {name}#{seq} --reason "…" --as {issuer}'
    )
    session.answer("grant", {"recorded": [seq], "grants": [name]}, text)


@app.command("record")
def record_grants(
    context: typer.Context,
    grants: Grants,
    not_before: Annotated[str | None, typer.Option("--not-before", metavar="TIME", help="From when, with offset.")] = None,
    expires: Annotated[str | None, typer.Option("--expires", metavar="TIME", help="Until when, with offset.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why.")] = None,
    confirm: Confirm = None,
    dry_run: DryRun = False,
) -> None:
    """Record grants: one confirmation, and as many records."""
    session = session_of(context)
    actor = session.actor()
    proposals: list[Proposal] = []
    for text in grants:
        name, seq = _parse(session, text)
        body: dict[str, Any] = {"grant": name, "scope": str(session.view.policy.grants[name].scope)}
        body |= {"instance": seq} if seq is not None else {}
        body |= {key: stored(value) for key, value in (("not_before", not_before), ("expires", expires)) if value is not None}
        body |= {"reason": reason} if reason is not None else {}
        proposals.append(Proposal(session.act("grant", body), f"granting {text} in scope {body['scope']}"))
    done = confirmed(session, proposals, "grant", " ".join(grants), confirm, dry_run=dry_run)
    lines = []
    for text, seq in zip(grants, done.seqs, strict=True):
        instance = text if "#" in text else f"{text}#{seq}"
        found = done.replay.state.instances[int(instance.partition("#")[2])]
        standing = f"is {found.state}" if found.recorded_at is not None else f"has the word of {', '.join(found.approvals)}, and waits for others"
        lines.append(
            f'recorded as #{seq}: {instance} {standing} ({session.standing.value})\ntake it back: govern grant revoke {instance} --reason "…" --as {actor}'
        )
    session.answer("grant", {"recorded": list(done.seqs), "grants": grants}, "\n".join(lines))


@app.command("revoke")
def revoke(
    context: typer.Context,
    instance: Annotated[str, typer.Argument(metavar="[GRANT]#SEQ", help="The instance, or the delegation's record.", autocompletion=complete_grants)],
    reason: Reason,
) -> None:
    """Revoke a grant or a delegation. It stays on record and opens nothing."""
    session = session_of(context)
    name, seq = _parse(session, instance, instance_alone=True)
    if seq is None:
        known = [each.seq for each in session.view.instances(name)]
        if len(known) != 1:
            several = ", ".join(f"{name}#{each}" for each in known) or "none on record"
            raise fault(Exit.USAGE, "AMBIGUOUS_ID", f"which instance of {name}?", help=several)
        seq = known[0]
    found = session.view.state.instances.get(seq)
    if name and (found is None or found.grant != name):
        raise fault(Exit.USAGE, "UNKNOWN_ID", f"there is no {name}#{seq} on record", help=f"govern log {name}")
    done = record_act(session, "revoke", {"record": seq, "reason": reason}, f"revoking {instance}").seqs[0]
    again = f"grant it anew: govern grant record {found.grant} --as {session.actor()}" if found else "nothing takes it back; delegate anew"
    session.answer("grant", {"recorded": [done], "revoked": seq}, f"recorded as #{done}: {instance} is revoked ({session.standing.value})\n{again}")


@app.command("lose")
def lose(context: typer.Context, begin: Begin, reason: Reason) -> None:
    """Say that nobody knows how an action ended."""
    _settle(context, "lose", begin, reason, "is lost from sight", 'resolve it: govern grant resolve {begin} --reason "…" --as {issuer}')


@app.command("resolve")
def resolve(context: typer.Context, begin: Begin, reason: Reason) -> None:
    """Say what became of an action that was lost."""
    _settle(context, "resolve", begin, reason, "is resolved", "nothing takes it back")


def _settle(context: typer.Context, kind: str, begin: str, reason: str, standing: str, then: str) -> None:
    session = session_of(context)
    seq = int(begin.removeprefix("#")) if _SEQ.fullmatch(begin.removeprefix("#")) else -1
    run = session.view.state.runs.get(seq)
    if run is None:
        raise fault(Exit.USAGE, "UNKNOWN_ID", f"`{begin}` is no record that began an action", help="govern log names it")
    done = record_act(session, kind, {"begin": seq, "reason": reason}, f"{kind} of {run.action}#{seq}").seqs[0]
    owners = session.view.policy.policy.adopted_by if run.grant is None else issuer_of(session.view, session.view.state.instances[run.grant].grant)
    next_ = then.format(begin=f"'#{seq}'", issuer=find.everyone(session.view.policy, owners)[0])
    session.answer("grant", {"recorded": [done], "begin": seq}, f"recorded as #{done}: {run.action}#{seq} {standing} ({session.standing.value})\n{next_}")
