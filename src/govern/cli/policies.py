"""`policy adopt`: put the working policy and templates in force, judged under the version in force."""

from typing import Annotated

import typer

from govern.canonical import digest
from govern.cli.confirming import ask, check_code, confirmation_code
from govern.cli.decide import Confirm, DryRun
from govern.cli.recording import Proposal, record
from govern.cli.session import session_of
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
    """Put the working states.yaml and templates in force, as the next version."""
    session = session_of(context)
    actor = session.actor()
    content, templates = session.project.policy_bytes(), session.project.template_texts()
    new = load_policy(content)
    problems = [problem for name, text in templates.items() for problem in check_template(name, text)]
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
    proposal = Proposal(
        Act("adopt", actor, body), f"adopting policy version {new.programme.version}", ((f"policy:{new.programme.version}", sha256),), files=files
    )
    from govern.cli.deciding import judged_together

    judged_together(session, [proposal])
    shown = f"{sha256} {sorted(digests.items())}"
    code = confirmation_code(session.size, actor, proposal.what, shown, old.policy_digest)
    if dry_run:
        text = f"allowed: {proposal.what}, {sha256[:12]} after {old.policy_digest[:12]}\nto record it: govern policy adopt --reason … --as {actor} --confirm {code}"
        session.answer("policy", {"allowed": True, "confirm": code, "recorded": None}, text)
    given = ask(
        session,
        str(new.programme.version),
        f"Type the version ({new.programme.version}) to adopt it.",
        code=code,
        confirm=confirm,
        again="govern policy adopt …",
    )

    def propose_all(replay: Replay, view: View) -> list[Proposal]:
        if given is not None:
            expected = confirmation_code(replay.chain.size, actor, proposal.what, shown, view.state.policy_digest)
            check_code(given, lambda _size: expected, replay.chain.size, lambda _size: "")
        return [proposal]

    seq = record(session, propose_all, dirty_allowed=True).seqs[0]
    text = f"recorded as #{seq}: policy version {new.programme.version} is in force (unauthenticated)\nnothing takes it back but adopting another"
    session.answer("policy", {"recorded": seq, "version": new.programme.version, "policy": sha256}, text)
