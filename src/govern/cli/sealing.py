"""Sealing one folder: judge what is in it, say what would change, write, and compare what was written with the bytes."""

import subprocess
import sys
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import NoReturn

from govern.cli.claimed import refuse_claims_below
from govern.cli.files import replace_below
from govern.cli.output import counted
from govern.cli.programs import environment
from govern.cli.session import Session
from govern.evidence.manifest import MANIFEST, VALIDATOR, Seal
from govern.evidence.members import opened
from govern.evidence.sealing import changes, make_seal, read_earlier, read_parts
from govern.evidence.seals import examine
from govern.ledger.statements import is_name
from govern.policy import find
from govern.problems import Exit, GovernError, Place, Problem, fault, unknown_id


def seal_folder(session: Session, below: str, name: str | None, legs: tuple[str, ...], *, again: bool) -> NoReturn:
    """Seal a folder below the programme's, and say how the seal is used.

    Raises:
        GovernError: something in it cannot be sealed (status 3), its evidence does not pass (status 1), or it has another seal (status 4).
    """
    root, of = session.project.root, wanted_name(session, name, legs)
    try:
        with opened(root, below) as folder:
            earlier, sha256 = read_earlier(folder)
            if earlier is not None and of is None:
                of, legs = earlier.of, earlier.legs
            parts = read_parts(folder)
            refuse_claims_below(session, root, below, "")
            seal, made = make_seal(parts, _named(below.rpartition("/")[2] if of is None else of), legs, _validator() if parts.evidence else b"")
            changed = [_placed(below, each) for each in changes(folder, made, seal)]
    except GovernError as error:
        raise GovernError(error.status, [_placed(below, each) for each in error.problems]) from error
    except OSError as error:
        raise fault(Exit.UNJUDGED, "EVIDENCE_TYPE", f"`{below}` cannot be opened: {error.strerror}", help="a folder that no link leads to is wanted") from error
    if changed:
        _refuse(session, changed, sha256, again=again)
    _refuse_failing(root / below, below, tuple(parts.evidence))
    for each, content in made.items():
        replace_below(root, f"{below}/{each}", content)
    _answer(session, below, seal, changed)


def wanted_name(session: Session, name: str | None, legs: tuple[str, ...]) -> str | None:
    """Return what the packet is to be called, where that was said or follows from the legs.

    Raises:
        GovernError: a leg is not declared, or asks for something else (status 2).
    """
    known = dict(find.leg_paths(session.view.policy)) if legs else {}
    for each in legs:
        if each not in known:
            raise unknown_id("leg", each, known, "`govern show BLOCKER` lists its legs")
        evidence = known[each].evidence
        if evidence is None or evidence.kind != "packet" or name not in {None, evidence.of}:
            asks = f"{evidence.kind} of {evidence.of}" if evidence else "no evidence"
            raise fault(Exit.USAGE, "SCOPE", f"{each} asks for {asks}, and this is the packet {name or 'that another leg asks for'}")
        name = evidence.of
    return name


def _named(name: str) -> str:
    if not is_name(name):
        raise fault(Exit.USAGE, "USAGE", f"`{name}` is no name of a packet", help="--name takes ASCII letters, digits and . _ -")
    return name


def _refuse(session: Session, changed: list[Problem], sha256: str, *, again: bool) -> None:
    """Refuse to replace a seal that was not asked to be replaced, or that is on record.

    Raises:
        GovernError: with everything that would change (status 4).
    """
    if sha256 and session.project.store.exists():
        seqs = [proof.seq for proofs in session.view.state.proofs.values() for proof in proofs if proof.sha256 == sha256]
        if seqs:
            help = "copy the parts to another folder, and seal them there"
            raise GovernError(Exit.REFUSED, [Problem("EVIDENCE_DIGEST", f"the seal is on record #{seqs[0]}, and is not replaced", help=help), *changed])
    if not again:
        raise GovernError(Exit.REFUSED, [replace(each, help="nothing was written; --again seals what is there now") for each in changed])


def _refuse_failing(folder: Path, below: str, evidence: tuple[str, ...]) -> None:
    """Refuse to seal evidence that the validator does not pass, or beside a validator that does not pass its own test.

    Raises:
        GovernError: it fails (status 1), or could not be judged (status 3).
    """
    found: list[tuple[Exit, Problem]] = []
    with as_file(files("govern.evidence") / VALIDATOR) as validator:
        for name, argument in [("", "--selftest"), *((path, str(folder / path)) for path in evidence)] if evidence else []:
            words = [sys.executable, "-I", "-B", str(validator), argument]
            done = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
            if done.returncode == Exit.YES:
                continue
            told = (done.stdout.strip() or done.stderr.strip() or "it says nothing").split("\n")[-1].strip()
            status = Exit.NO if name and done.returncode == Exit.NO else Exit.UNJUDGED
            help = "`govern validate` tells more; evidence that does not pass is not sealed" if name else "the validator that is installed here is broken"
            place = Place(f"{below}/{name}", 1, 1) if name else None
            found.append((status, Problem("EVIDENCE_FORMAT", f"the validator ends with {done.returncode}: {told}", place, help=help)))
    if found:
        raise GovernError(max(status for status, _problem in found), [problem for _status, problem in found])


def _answer(session: Session, below: str, made: Seal, changed: list[Problem]) -> NoReturn:
    """Compare what was written with the bytes, and say how the seal is used."""
    found = examine(session.project.root, below)
    if found.findings:
        raise GovernError(Exit.UNJUDGED, [each.problem(below) for each in found.findings])
    lines = [f"sealed {below}: {counted(len(made.files), 'file')}, and the manifest {found.sha256}"]
    lines += [f"  sealed anew: {each.place.file if each.place else ''} {each.message}" for each in changed]
    lines += ["repeat it: sh commands.sh, and sh RERUN.sh, in that folder, on any machine", "compare it: govern seal --check"]
    lines += [f"discharge a leg: govern blocker discharge {each} --evidence {below}/{MANIFEST} --as …" for each in made.legs]
    result = {"folder": below, "of": made.of, "legs": list(made.legs), "files": len(made.files), "manifest": found.sha256, "changed": len(changed)}
    session.answer("seal", result, "\n".join(lines))


def _validator() -> bytes:
    return (files("govern.evidence") / VALIDATOR).read_bytes()


def _placed(below: str, problem: Problem) -> Problem:
    """Return a problem of a file in the folder, with its place in the programme."""
    return replace(problem, place=problem.place._replace(file=f"{below}/{problem.place.file}")) if problem.place else problem
