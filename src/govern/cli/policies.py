"""`policy adopt`: put the working policy and templates in force, judged under the version in force. `policy diff` is beside it."""

import json
import shlex
import sys
from typing import Annotated

import typer

from govern.canonical import digest
from govern.cli.adoptable import adoptable
from govern.cli.confirming import ask, check_code, confirmation_code
from govern.cli.decide import Confirm, DryRun
from govern.cli.deciding import judged_together
from govern.cli.output import write
from govern.cli.policy_diff import as_errors, diff, lines, summary, templates_changed, weakenings
from govern.cli.recording import Proposal, record, record_act, refuse_past
from govern.cli.session import Session, session_of
from govern.engine.replay import Replay
from govern.engine.view import View
from govern.policy.diff.edits import Edit
from govern.policy.diff.policies import compare
from govern.policy.load import load_policy
from govern.problems import Exit, GovernError, fault

app = typer.Typer(help="Adopt the working policy and templates.", rich_markup_mode=None, no_args_is_help=True, add_completion=False)


@app.command("adopt")
def adopt(
    context: typer.Context,
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    accept: Annotated[bool, typer.Option("--accept-weakening", help="Adopt it although it may permit more than before.")] = False,
    confirm: Confirm = None,
    dry_run: DryRun = False,
) -> None:
    """Put the working states.yaml and templates in force."""
    session = session_of(context)
    actor, old = session.actor(), session.view.state
    # That the working files are not the adopted ones is what this command is for.
    session.diagnostics = [problem for problem in session.diagnostics if problem.code not in ("POLICY_DIRTY", "TEMPLATE_DIRTY")]
    proposal = _proposal(session, reason)
    judged_together(session, [proposal])
    body = proposal.act.body
    edits = _edits(session, proposal)
    weakened = weakenings(edits)
    if weakened and not (accept or dry_run):
        raise GovernError(Exit.REFUSED, as_errors(weakened))
    session.diagnostics += weakened
    shown = json.dumps(dict(body), sort_keys=True)
    code = confirmation_code(session.size, actor, proposal.what, shown, old.policy_digest)
    again = f"govern policy adopt --reason {shlex.quote(reason)}{' --accept-weakening' if weakened else ''} --as {actor}"
    if dry_run:
        text = f"allowed: {proposal.what}, {body['policy'][:12]} after {old.policy_digest[:12]}\nto record it: {again} --confirm {code}"
        session.answer("policy", {"allowed": True, "confirm": code, "recorded": None}, text)
    refuse_past(session)
    if confirm is None and not session.options.json:
        shown_lines = [f"version {body['version']}: {body['policy']}", f"replaces {body['previous']}", summary(edits), *lines(edits), ""]
        write(sys.stdout, "\n".join(shown_lines) + "\n")
    question = f"Type the version ({body['version']}) to adopt it."
    given = ask(session, str(body["version"]), question, code=code, confirm=confirm, again=again)

    def propose_all(replay: Replay, view: View) -> list[Proposal]:
        check_code(given, replay.chain.size, lambda size: confirmation_code(size, actor, proposal.what, shown, view.state.policy_digest))
        return [proposal]

    done = record(session, propose_all, dirty_allowed=True)
    in_force = done.replay.state.policy_digest == body["policy"]
    standing = "is in force" if in_force else "has one word more, and waits for others"
    text = f"recorded as #{done.seqs[0]}: policy version {body['version']} {standing} ({session.standing.value})\nnothing takes it back but adopting another"
    session.answer("policy", {"recorded": done.seqs[0], "version": body["version"], "policy": body["policy"], "in_force": in_force}, text)


@app.command("propose")
def propose(context: typer.Context, reason: Annotated[str, typer.Option("--reason", help="Why.")]) -> None:
    """Say that the working states.yaml is to be adopted. Who proposes a version cannot adopt it."""
    session = session_of(context)
    content = session.project.policy_bytes()
    sha256, version = digest(content), load_policy(content).programme.version
    body = {"policy": sha256, "version": version, "reason": reason}
    seq = record_act(session, "propose", body, "proposing a policy", dirty_allowed=True).seqs[0]
    text = f"recorded as #{seq}: {sha256[:12]} is proposed as version {version} ({session.standing.value})\nnothing takes it back"
    session.answer("policy", {"recorded": seq, **body}, text)


app.command("diff")(diff)


def _edits(session: Session, proposal: Proposal) -> tuple[Edit, ...]:
    assert proposal.act.adopts is not None, "an adoption holds what it adopts"
    return compare(session.view.policy, proposal.act.adopts) + templates_changed(session)


def _proposal(session: Session, reason: str) -> Proposal:
    """Return the adoption of the working files, which the record binds, and which are kept by digest.

    Raises:
        GovernError: they have faults (status 3), hold a secret, or are the adopted ones (status 4).
    """
    new, old = adoptable(session.project), session.view.state
    if new.sha256 == old.policy_digest and new.templates == old.templates:
        raise fault(Exit.REFUSED, "POLICY_VERSION", "the working policy and templates are the adopted ones", help="nothing to adopt")
    version = new.policy.programme.version
    body = {"version": version, "policy": new.sha256, "previous": old.policy_digest, "templates": new.templates, "reason": reason}
    what = f"adopting policy version {version}"
    return Proposal(session.act("adopt", body, adopts=new.policy), what, ((f"policy:{version}", new.sha256),), files=new.files)
