"""`policy adopt`: put the working policy and templates in force, judged under the version in force."""

import json
import shlex
from typing import Annotated

import typer

from govern.canonical import digest
from govern.cli.confirming import ask, check_code, confirmation_code
from govern.cli.decide import Confirm, DryRun
from govern.cli.deciding import judged_together
from govern.cli.recording import Proposal, record, refuse_past
from govern.cli.session import Session, session_of
from govern.documents.templates import check_template
from govern.engine.acts import Act
from govern.engine.replay import Replay
from govern.engine.view import View
from govern.policy.load import load_policy
from govern.problems import Exit, GovernError, fault

app = typer.Typer(help="Adopt the working policy and templates.", rich_markup_mode=None, no_args_is_help=True, add_completion=False)


@app.callback()
def policy() -> None:
    """Adopt the working policy and templates."""


@app.command("adopt")
def adopt(context: typer.Context, reason: Annotated[str, typer.Option("--reason", help="Why.")], confirm: Confirm = None, dry_run: DryRun = False) -> None:
    """Put the working states.yaml and templates in force."""
    session = session_of(context)
    actor, old = session.actor(), session.view.state
    # That the working files are not the adopted ones is what this command is for.
    session.diagnostics = [problem for problem in session.diagnostics if problem.code not in ("POLICY_DIRTY", "TEMPLATE_DIRTY")]
    proposal = _proposal(session, actor, reason)
    judged_together(session, [proposal])
    body = proposal.act.body
    shown = json.dumps(dict(body), sort_keys=True)
    code = confirmation_code(session.size, actor, proposal.what, shown, old.policy_digest)
    again = f"govern policy adopt --reason {shlex.quote(reason)} --as {actor}"
    if dry_run:
        text = f"allowed: {proposal.what}, {body['policy'][:12]} after {old.policy_digest[:12]}\nto record it: {again} --confirm {code}"
        session.answer("policy", {"allowed": True, "confirm": code, "recorded": None}, text)
    refuse_past(session)
    question = f"Type the version ({body['version']}) to adopt it."
    given = ask(session, str(body["version"]), question, code=code, confirm=confirm, again=again)

    def propose_all(replay: Replay, view: View) -> list[Proposal]:
        check_code(given, replay.chain.size, lambda size: confirmation_code(size, actor, proposal.what, shown, view.state.policy_digest))
        return [proposal]

    done = record(session, propose_all, dirty_allowed=True)
    in_force = done.replay.state.policy_digest == body["policy"]
    standing = "is in force" if in_force else "has one word more, and waits for others"
    text = f"recorded as #{done.seqs[0]}: policy version {body['version']} {standing} (unauthenticated)\nnothing takes it back but adopting another"
    session.answer("policy", {"recorded": done.seqs[0], "version": body["version"], "policy": body["policy"], "in_force": in_force}, text)


def _proposal(session: Session, actor: str, reason: str) -> Proposal:
    """Return the adoption of the working files, which the record binds, and which are kept by digest.

    Raises:
        GovernError: they have faults (status 3), or are the adopted ones (status 4).
    """
    content, templates = session.project.policy_bytes(), session.project.template_texts()
    new = load_policy(content)
    problems = [problem for name, text in templates.items() for problem in check_template(f"templates/{name}", text)]
    if problems:
        raise GovernError(Exit.UNJUDGED, problems)
    sha256, old = digest(content), session.view.state
    digests = {name: digest(text.encode()) for name, text in templates.items()}
    if sha256 == old.policy_digest and digests == old.templates:
        raise fault(Exit.REFUSED, "POLICY_VERSION", "the working policy and templates are the adopted ones", help="nothing to adopt")
    body = {"version": new.programme.version, "policy": sha256, "previous": old.policy_digest, "templates": digests, "reason": reason}
    files = (
        (f"governance/policy/{sha256}.yaml", content),
        *((f"governance/policy/{digests[name]}.j2", text.encode()) for name, text in templates.items()),
    )
    what = f"adopting policy version {new.programme.version}"
    return Proposal(Act("adopt", actor, body), what, ((f"policy:{new.programme.version}", sha256),), files=files)
