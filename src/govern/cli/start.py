"""`init`: scaffold a programme and start its ledger."""

import secrets
import shlex
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from govern.cli.adoptable import adoptable
from govern.cli.agent_files import plan_agent_files, write_agent_files
from govern.cli.memory import held
from govern.cli.missing import no_ledger
from govern.cli.options import Options
from govern.cli.output import table
from govern.cli.project import POLICY_FILE, Project
from govern.cli.recording import refuse_past
from govern.cli.render import write_documents
from govern.cli.session import Session, session_of
from govern.engine.replay import Replay
from govern.ledger.keeping import SharedStore, change
from govern.ledger.lines import encode_line
from govern.ledger.statements import Basis, Statement
from govern.policy import find
from govern.policy.load import load_policy
from govern.policy.model import Policy
from govern.problems import Exit, fault


def init(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="Where; this folder if left out.")] = None,
    agents: Annotated[bool, typer.Option("--agents", help="Have coding agents ask the hook: their settings, and AGENTS.md.")] = False,
    ci: Annotated[
        Literal["github", "gitlab"] | None, typer.Option("--ci", help="Write the pipeline of a programme that is there; see docs/ci.md.", show_default=False)
    ] = None,
    program: Annotated[str | None, typer.Option("--program", metavar="REPOSITORY@COMMIT", help="With --ci: where the pipeline takes govern from.")] = None,
    branch: Annotated[str, typer.Option("--branch", metavar="NAME", help="With --ci github: the branch that is protected.")] = "main",
    image: Annotated[str | None, typer.Option("--image", metavar="NAME@DIGEST", help="With --ci gitlab: the image that the job runs in.")] = None,
    actions: Annotated[list[str] | None, typer.Option("--gate", metavar="ACTION", help="With --ci: an action that must be allowed; may be repeated.")] = None,
) -> None:
    """Scaffold a programme: policy, templates, ledger."""
    session = session_of(context)
    refuse_past(session)
    where = session.options.directory / folder if folder else session.options.directory
    project = Project(where.resolve())
    if ci is not None:
        from govern.cli.pipelines import Pipeline, write_pipeline

        write_pipeline(session, project, Pipeline(ci, program, branch, image, tuple(actions or [])))
    if program is not None or image is not None or actions:
        raise fault(Exit.USAGE, "USAGE", "--program, --image and --gate are of a pipeline", help="say for whom: --ci github or --ci gitlab")
    declared = project.declared
    begun = project.files.exists() or (declared and project.store.exists())
    if agents and begun:
        _set_up_agents(session, project)
    if begun:
        raise fault(Exit.REFUSED, "REFUSED", f"{project.root} has a ledger already; nothing was written", help="`govern status` says where it stands")
    if declared and held(project.root):
        gone = no_ledger(project)
        raise fault(Exit.REFUSED, "REFUSED", f"{gone.message}; nothing was written", help=gone.help)
    if declared:
        load_policy(project.policy_bytes())
    if agents:
        plan_agent_files(project.root)
    written = scaffold(project.root)
    starter = start_ledger(project, session.now, secrets.token_hex(32))
    policy = load_policy(project.policy_bytes())
    if not declared:
        written += write_documents(Session(Options(directory=project.root)))
    written += write_agent_files(project.root) if agents else []
    lines = [
        f"{policy.programme.title}: a programme is set up in {project.root}",
        *(f"  wrote {name}" for name in written),
        "  started the ledger in governance/ledger/" if project.files.exists() else "  started the ledger in the database",
        "",
        "next",
        table(_first_steps(policy, "" if where == Path() else f"-C {shlex.quote(str(where))} ", starter), "  "),
    ]
    session.answer("init", {"root": str(project.root), "written": written, "programme": policy.programme.id}, "\n".join(lines))


def _set_up_agents(session: Session, project: Project) -> NoReturn:
    """Have coding agents ask the hook of a programme that is there already."""
    written = write_agent_files(project.root)
    lines = [f"coding agents ask the hook in {project.root}", *(f"  wrote {name}" for name in written)] if written else ["coding agents ask the hook already"]
    lines.append("govern doctor fires a probe through each")
    session.answer("init", {"root": str(project.root), "written": written, "programme": load_policy(project.policy_bytes()).programme.id}, "\n".join(lines))


def _first_steps(policy: Policy, there: str, starter: str) -> list[tuple[str, str]]:
    packet = next(iter(policy.packets), "PACKET")
    keyless = [] if policy.policy.signature_waiver else find.everyone(policy, policy.policy.adopted_by)
    preparer = find.members(policy, policy.preparation.by)[0] if policy.preparation else starter
    return [
        *((f"govern {there}key enroll FILE --as {each}", "their SSH key comes first: without it nothing is recorded") for each in keyless),
        (f"govern {there}packet issue {packet} --as {preparer}", "the first packet can then be decided"),
        (f"govern {there}packet", "read it"),
        (f"govern {there}status", "what is open, and who acts next"),
    ]


def scaffold(root: Path) -> list[str]:
    """Write the files of a small programme; what is there already stays as it is."""
    package = files("govern")
    texts = {POLICY_FILE: (package / "scaffold" / "states.yaml").read_text(encoding="utf-8")}
    texts[".gitattributes"] = (package / "scaffold" / "gitattributes").read_text(encoding="utf-8")
    if not (root / "templates").exists():
        templates = package / "templates"
        texts |= {f"templates/{each.name}": each.read_text(encoding="utf-8") for each in templates.iterdir() if each.name.endswith(".j2")}
    written = []
    for name, text in sorted(texts.items()):
        path = root / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written.append(name)
    return written


def start_ledger(project: Project, now: int, nonce: str) -> str:
    """Adopt the working policy and templates as version in force, by a genesis record; return who is named in it.

    Raises:
        GovernError: the policy or a template has faults (status 3), or holds a secret, or there is a ledger (status 4).
    """
    adopted = adoptable(project)
    policy = adopted.policy
    actor = find.everyone(policy, policy.policy.adopted_by)[0]
    body = {"programme": str(policy.programme.id), "version": policy.programme.version, "templates": adopted.templates, "nonce": nonce}
    replay = Replay(lambda _digest: policy)
    line = encode_line(replay.chain, Statement(None, "genesis", str(actor), body, Basis(0, ""), adopted.sha256), now)
    replay.take_all([line[:-1]])

    def begin(store: SharedStore) -> None:
        if store.exists():
            raise fault(Exit.REFUSED, "REFUSED", "there is a ledger already")
        project.keep_files(adopted.files)
        store.append(0, [line])

    change(project.store, begin)
    return str(actor)
