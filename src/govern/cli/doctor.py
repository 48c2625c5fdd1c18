"""`doctor`: the set-up, part by part, each with what to do about it."""

import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import typer

from govern.cli.configuration import FILES, ledger_address, programme_of, said_in
from govern.cli.drift import check_documents
from govern.cli.memory import can_remember
from govern.cli.output import counted, table
from govern.cli.programs import environment, find_program
from govern.cli.session import Session, session_of
from govern.engine.view import EvidenceFact
from govern.policy.load import examine_policy
from govern.problems import Exit, GovernError

_LEDGER = "governance/ledger"


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of the set-up: fine or not, what was found, and what to do."""

    part: str
    passed: bool
    found: str
    help: str = ""


def doctor(context: typer.Context) -> None:
    """Check the set-up: tools, files, ledger, documents."""
    session = session_of(context)
    findings = [finding for part in _PARTS for finding in _examined(part, session)]
    failed = [each for each in findings if not each.passed]
    rows = [("ok" if each.passed else "NO", each.part, each.found + (f"; {each.help}" if each.help and not each.passed else "")) for each in findings]
    summary = f"{len(failed)} of {len(findings)} parts need attention" if failed else f"all {len(findings)} parts are in order"
    session.diagnostics.clear()
    result = {"parts": [{"part": each.part, "passed": each.passed, "found": each.found, "help": each.help} for each in findings]}
    session.answer("doctor", result, f"{summary}\n{table(rows, '  ')}", Exit.NO if failed else Exit.YES)


def _examined(part: Callable[[Session], Iterator[Finding]], session: Session) -> Iterator[Finding]:
    """A part that cannot be examined is not in order; the others go on."""
    try:
        yield from part(session)
    except GovernError as error:
        yield Finding(part.__name__.strip("_"), passed=False, found=error.problems[0].message, help=error.problems[0].help)


def _tools(session: Session) -> Iterator[Finding]:
    del session
    version = platform.python_version()
    yield Finding("python", passed=sys.version_info >= (3, 11), found=version, help="Python 3.11 or newer is wanted")
    for tool, use in (("git", "the ledger is shared by it"), ("ssh-keygen", "people sign with it")):
        path = find_program(tool)
        yield Finding(tool, passed=path is not None, found=path or "not found", help=use)


def _policy(session: Session) -> Iterator[Finding]:
    examined = examine_policy(session.project.policy_bytes())
    errors = sum(problem.severity == "error" for problem in examined.problems)
    yield Finding("policy", passed=examined.passed, found=counted(errors, "fault") if errors else "no fault", help="govern check")


def _store(session: Session) -> Iterator[Finding]:
    """Where the ledger is kept, also where it cannot be read. An address that holds a password is refused before it is told."""
    policy = session.project.policy_bytes
    address = ledger_address(policy)
    found = f"files in {_LEDGER}" if address == FILES else f"database {address}, ledger {programme_of(policy())}, as {said_in()} says"
    yield Finding("store", passed=True, found=found)


def _ledger(session: Session) -> Iterator[Finding]:
    records = session.replay.chain.size
    torn = len(session.contents.torn)
    yield Finding("ledger", passed=not torn, found=counted(records, "record") + (f", {torn} torn bytes" if torn else ""), help="govern verify")
    dirty = session.project.dirty(session.replay.state)
    yield Finding(
        "adopted",
        passed=not dirty,
        found=f"{counted(len(dirty), 'file')} not as adopted" if dirty else "policy and templates are the adopted ones",
        help="govern policy adopt",
    )
    facts = session.project.evidence_facts(session.replay.state)
    gone = [f"#{seq}" for seq, fact in facts.items() if fact is not EvidenceFact.SAME]
    found = f"changed or missing: the evidence of {', '.join(gone)}" if gone else f"{counted(len(facts), 'bound file')}, none changed"
    yield Finding("evidence", passed=not gone, found=found, help="bring the files back from a clone")


def _memory(session: Session) -> Iterator[Finding]:
    keeps = can_remember()
    yield Finding("memory", passed=keeps, found="heads are remembered on this machine" if keeps else "nothing can be kept", help="set HOME, or XDG_STATE_HOME")
    _ = session.replay
    yield Finding(
        "pin", passed=session.pinned, found="no first key is in doubt" if session.pinned else "no person's word counts here", help="govern ledger pin"
    )


def _rehearsal(session: Session) -> Iterator[Finding]:
    from govern.rehearsal.sandbox import find_sandbox

    del session
    yield Finding("sandbox", passed=True, found=f"{find_sandbox().name} isolates")


def _documents(session: Session) -> Iterator[Finding]:
    drift = check_documents(session)
    yield Finding(
        "documents",
        passed=not drift,
        found=f"{counted(len(drift), 'fault')} found by `govern render --check`" if drift else "none drifts",
        help="govern render",
    )


def _git(session: Session) -> Iterator[Finding]:
    git = find_program("git")
    if git is None or not (session.project.root / ".git").exists():
        yield Finding("repository", passed=True, found="not a git repository of its own; nothing to check")
        return
    if _in_database(session):
        yield Finding("line ends", passed=True, found="the ledger is in a database, where git changes nothing")
        return
    attributes = subprocess.run(
        [git, "-C", str(session.project.root), "check-attr", "text", "merge", "--", f"{_LEDGER}/000000.jsonl"],
        env=environment("HOME"),
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    kept = "text: unset" in attributes and "merge: binary" in attributes
    yield Finding(
        "line ends",
        passed=kept,
        found="the ledger is kept as bytes" if kept else "git may convert or merge the ledger as text",
        help=f"in .gitattributes: {_LEDGER}/* -text merge=binary",
    )


def _in_database(session: Session) -> bool:
    """Whether the ledger is in a database; where that is not clear, the files are looked at."""
    with suppress(GovernError):
        return ledger_address(session.project.policy_bytes) != FILES
    return False


def _tickets(session: Session) -> Iterator[Finding]:
    from govern.cli.ticket_refs import all_clashes

    shared = find_program("git") is not None and (session.project.root / ".git").exists()
    if not shared or session.view.policy.registry is None:
        return
    held = [span for span, _held in all_clashes(session)]
    found = f"held twice: {', '.join(held)}" if held else "no id is held twice on any branch"
    yield Finding("tickets", passed=not held, found=found, help="govern ticket check --all-refs")


def _agents(session: Session) -> Iterator[Finding]:
    from govern.cli.hook_probe import probe_hooks

    probed = probe_hooks(session)
    if not probed:
        yield Finding("agents", passed=True, found="no coding agent is set up here; `govern init --agents` does it")
        return
    guarded = session.view.policy.agents is not None
    yield Finding(
        "guards", passed=guarded, found="the policy says what asks first" if guarded else "states.yaml keeps agents from nothing", help="declare `agents`"
    )
    for each in probed:
        yield Finding(f"hook of {each.agent}", passed=each.blocks, found=each.found, help="docs/agents.md; `govern init --agents` writes what is missing")


_PARTS = (_tools, _policy, _store, _ledger, _memory, _rehearsal, _documents, _git, _tickets, _agents)
