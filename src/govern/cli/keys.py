"""`key enroll|retire|list`."""

from pathlib import Path
from typing import Annotated

import typer

from govern.cli.decide import Confirm, DryRun, confirmed
from govern.cli.memory import pin_of, remember
from govern.cli.output import table
from govern.cli.recording import Proposal, record_act
from govern.cli.session import session_of
from govern.cli.signing import read_key
from govern.engine.signed import can_change_policy
from govern.policy import find
from govern.problems import unknown_id

app = typer.Typer(help="Enrol, retire and list the keys that people sign with.", rich_markup_mode=None, no_args_is_help=True, add_completion=False)


@app.command("enroll")
def enroll(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The SSH key: its private file, or its .pub.")],
    owner: Annotated[str | None, typer.Option("--for", metavar="ACTOR", help="Whose key it is; the actor's own if left out.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why.")] = None,
    confirm: Confirm = None,
    dry_run: DryRun = False,
) -> None:
    """Put a key on record as an actor's."""
    session = session_of(context)
    actor, state = session.actor(), session.view.state
    whose = owner or actor
    if whose not in session.view.policy.actors:
        raise unknown_id("actor", whose, session.view.policy.actors)
    public = read_key(file).public
    if state.founding and whose == actor and not any(key.actor == actor for key in state.keys.values()) and session.options.key is None:
        # The first key of who may change the policy vouches for itself.
        session.options.key = file
    body = {"actor": whose, "key": public.line()} | ({"reason": reason} if reason is not None else {})
    proposal = Proposal(session.act("enroll", body), f"enrolling {public.fingerprint} for {whose}")
    # An edit that came before the first key waits for it: nobody can adopt it without.
    done = confirmed(session, [proposal], "key", whose, confirm, dry_run=dry_run, dirty_allowed=state.founding)
    key = done.replay.state.keys.get(public.fingerprint)
    memory, pin = session.memory(session.contents), ""
    if key and key.bootstrap:
        pin = pin_of(memory.ledger, done.replay.state)
        remember(memory, session.contents.lines, pin)
    standing = "has one word more, and waits for others" if key is None else f"is {whose}'s" + (", on nobody's word but its own" if key.bootstrap else "")
    lines = [f"recorded as #{done.seqs[0]}: {public.fingerprint} {standing} ({session.standing.value})"]
    lines += [f"pinned on this machine; elsewhere: govern ledger pin {pin}"] if pin else []
    if can_change_policy(session.view.policy, done.replay.state, without=public.fingerprint):
        lines.append(f'take it back: govern key retire {public.fingerprint} --reason "…" --as {actor}')
    else:
        lines.append("it is the only key that can change the policy: nothing takes it back but another")
    result = {"recorded": done.seqs[0], "actor": whose, "fingerprint": public.fingerprint, "in_force": key is not None, "pin": pin or None}
    session.answer("key", result, "\n".join(lines))


@app.command("retire")
def retire(
    context: typer.Context,
    fingerprint: Annotated[str, typer.Argument(metavar="SHA256:…", help="The key, as `govern key list` prints it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
) -> None:
    """Retire a key. What it signed stays; it signs nothing more, and never comes back."""
    session = session_of(context)
    if fingerprint not in session.view.state.keys:
        raise unknown_id("key", fingerprint, session.view.state.keys, "`govern key list` prints them")
    seq = record_act(session, "retire", {"key": fingerprint, "reason": reason}, f"retiring {fingerprint}").seqs[0]
    text = f"recorded as #{seq}: {fingerprint} is retired ({session.standing.value})\nnothing takes it back; enrol another"
    session.answer("key", {"recorded": seq, "fingerprint": fingerprint}, text)


@app.command("list")
def list_keys(context: typer.Context) -> None:
    """List the keys on record."""
    session = session_of(context)
    rows, listed = [], []
    for key in session.view.state.keys.values():
        standing = "retired" if key.retired is not None else "in force"
        words = [standing + (f" by record #{key.retired}" if key.retired is not None else ""), "bootstrap" if key.bootstrap else f"record #{key.seq}"]
        rows.append((key.actor, key.fingerprint, key.key.split()[0], ", ".join(words)))
        listed.append({"actor": key.actor, "fingerprint": key.fingerprint, "key": key.key, "seq": key.seq, "bootstrap": key.bootstrap, "retired": key.retired})
    policy = session.view.policy
    result = {
        "keys": listed,
        "persons": [name for name, actor in policy.actors.items() if actor.kind == "person"],
        "adopters": list(find.everyone(policy, policy.policy.adopted_by)),
        "waiver": policy.policy.signature_waiver,
    }
    session.answer("key", result, table(rows) if rows else "No key is enrolled, so no person can act: govern key enroll FILE --as ACTOR")
