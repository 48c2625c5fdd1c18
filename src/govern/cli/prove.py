"""`prove`: each invariant of the policy proved over every history, or refuted by one that can be replayed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from govern.canonical import digest
from govern.cli.files import read_named
from govern.cli.outputs import demand_out, write_out
from govern.cli.progress import progress_bar
from govern.cli.prove_text import promela_text, proofs_json, proofs_text
from govern.cli.session import Session, session_of
from govern.problems import Exit, GovernError, Problem, fault, unknown_id

if TYPE_CHECKING:
    from govern.policy.model import Policy
    from govern.proof.proving import Proof

# A policy with these faults can be read; that somebody is missing is what a proof then says.
_ASKED = frozenset(("POLICY_UNSATISFIABLE", "POLICY_UNREACHABLE"))


def prove(
    context: typer.Context,
    invariant: Annotated[str | None, typer.Argument(metavar="INVARIANT", help="The invariant; all of them if left out.")] = None,
    policy: Annotated[Path | None, typer.Option("--policy", metavar="FILE", help="Prove another policy than the adopted one.")] = None,
    engine: Annotated[Literal["auto", "solver", "search"], typer.Option("--engine", help="With a solver (govern[proof]), or by search alone.")] = "auto",
    delegations: Annotated[bool, typer.Option("--with-delegations", help="Assume that every delegation the policy allows can be on record.")] = False,
    trace: Annotated[Path | None, typer.Option("--write-trace", metavar="DIR", help="Write the first history found as a ledger.")] = None,
    export: Annotated[Literal["promela"] | None, typer.Option("--export", help="Print the model for another checker, and prove nothing.")] = None,
) -> None:
    """Prove the invariants over every history that the policy allows, or print one that breaks them."""
    from govern.policy.retelling import without_promises
    from govern.proof.proving import Finding, Proofs, Retold, solver_there

    session = session_of(context)
    source, name = _source(session, policy)
    if trace and export:
        raise fault(Exit.USAGE, "USAGE", "`--export` proves nothing, so there is no history to write", help="leave one of the two options out")
    if trace:
        _demand_elsewhere(session, trace)
    declared, retold = _read(source, name), without_promises(source)
    solver = _with_solver(engine, there=solver_there())
    proving = Proofs(Retold(_read(retold, "states.yaml"), retold), declared, solver=solver, delegations=delegations)
    chosen = [each for each in proving.promised if invariant in (None, each.invariant)]
    if not chosen:
        raise _nothing(invariant, declared)
    if export:
        session.answer("prove", {"promela": promela_text(proving.system, chosen)}, lambda: promela_text(proving.system, chosen).rstrip("\n"))
    with progress_bar(session) as tell:
        proofs = [(tell(each.invariant, done, len(chosen)), proving.prove(each))[1] for done, each in enumerate(chosen)]
    written = _write_trace(session, trace, proofs, retold) if trace else []
    findings = {proof.finding for proof in proofs}
    status = Exit.NO if Finding.BROKEN in findings else Exit.YES if findings == {Finding.PROVED} else Exit.UNJUDGED
    about = {"policy": digest(source), "version": declared.programme.version, "programme": str(declared.programme.id), "written": written}
    session.answer(
        "prove", lambda: about | proofs_json(proofs), lambda: proofs_text(declared, digest(source), proofs, written, delegations=delegations), status
    )


def _source(session: Session, file: Path | None) -> tuple[bytes, str]:
    """Return the text that is proved: a file's, or that of the policy in force."""
    if file is not None:
        return read_named(file, "--policy takes a states.yaml"), str(file)
    return session.project.adopted_policy(session.view.state.policy_digest)


def _demand_elsewhere(session: Session, folder: Path) -> None:
    """Go on only where a trace makes a folder of its own: it is another programme, and no part of this one's records."""
    place = (session.options.directory / folder).resolve()
    if place.is_relative_to(session.project.root.resolve() / "governance"):
        raise fault(Exit.REFUSED, "OUT_TAKEN", f"`{folder}` lies among this programme's records; nothing was written", help="name a folder elsewhere")
    demand_out(session, folder, ["states.yaml"])


def _read(source: bytes, name: str) -> "Policy":
    """Return a policy that has no other faults than that something can never come about.

    Raises:
        GovernError: it has (status 3).
    """
    from govern.policy.load import examine_policy

    examined = examine_policy(source, name)
    errors = [problem for problem in examined.problems if problem.severity == "error" and problem.code not in _ASKED]
    if examined.policy is None or errors:
        raise GovernError(Exit.UNJUDGED, errors or list(examined.problems))
    return examined.policy


def _with_solver(engine: str, *, there: bool) -> bool:
    if engine == "solver" and not there:
        raise fault(Exit.UNJUDGED, "PROOF_EXTRA", "no solver is installed", help="`pip install 'govern[proof]'`, or `--engine search`")
    return there if engine == "auto" else engine == "solver"


def _nothing(invariant: str | None, policy: "Policy") -> GovernError:
    if invariant is None:
        message = "the policy declares no invariants, and nothing proved is no proof"
        return fault(Exit.UNJUDGED, "NOTHING_TO_PROVE", message, place=policy.at, help="`govern explain invariants`")
    return unknown_id("invariant", invariant, policy.invariants)


def _write_trace(session: Session, folder: Path, proofs: "list[Proof]", retold: bytes) -> list[str]:
    """Write the first history that breaks something, else the first that shows something, as the ledger of a programme of its own."""
    from govern.proof.proving import Finding

    found = sorted((proof for proof in proofs if proof.trace), key=lambda proof: proof.finding is not Finding.BROKEN)
    if not found or found[0].trace is None:
        session.diagnostics.append(Problem("NO_TRACE", "no history was found, so none is written", severity="warning"))
        return []
    trace = found[0].trace
    heading = f"# A trace, and no policy to adopt: {found[0].promised.says}.\n# The invariants of the policy are left out, and signatures are waived.\n"
    files: dict[str, bytes] = {
        "states.yaml": retold,
        f"governance/policy/{digest(retold)}.yaml": retold,
        "governance/ledger/000000.jsonl": b"".join(trace.lines),
        "TRACE.txt": heading.encode() + "".join(f"{each.seq} {each.actor} {each.act}\n" for each in trace.told).encode(),
    }
    return write_out(session, folder, files | trace.files)
