"""The model that `govern prove --export promela` prints, run by spin: it answers as the proof does, about the policy as it is and with faults in it."""

import os
import subprocess
from pathlib import Path
from shutil import which

import pytest

from govern.cli.prove_text import promela_text
from govern.proof.promela import export
from govern.proof.proving import Finding
from govern.proof.slicing import sliced
from govern.proof.system import Reachable, sought
from support.planted import BREACHES, Asked, Planted, asked, text_of

pytestmark = pytest.mark.skipif(which("spin") is None or which("cc") is None, reason="spin is not installed")

_SMALL = 2_000_000
FAULTS = (
    "the dry run without its grant",
    "the precheck with two of three",
    "the surrogate in the place of the real dump",
    "a lane of the owner opened by the operator",
    "a policy adopted by the operator",
    "what opens a lane lacks the grant",
    "a lane that stands open",
)


def _reached(model: str, folder: Path) -> bool:
    """Ask spin whether what the one promise of a model looks for is reached."""
    (folder / "model.pml").write_text(model, encoding="utf-8")
    _run(folder, "spin", "-DPROMISE=1", "-a", "model.pml")
    _run(folder, "cc", "-w", "-DSAFETY", "-DNOREDUCE", "-DVECTORSZ=4096", "-o", "pan", "pan.c")
    said = _run(folder, "./pan", "-m1000000")
    if "assertion violated" in said:
        return True
    assert "search depth too small" not in said, said
    assert "errors: 0" in said, said
    return False


def _run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]})
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


def _models(policy: Asked) -> list[tuple[str, str, bool]]:
    """Return each promise of which spin can look at every situation: what it says, its model, and whether its goal is reached by what `prove` finds."""
    models = []
    for promised in policy.proofs.promised:
        part = sliced(policy.proofs.system, sought(promised.promise, policy.proofs.system), free=False)
        situations = 1
        for component in part.system.components.values():
            situations *= len(component.states)
        if 1 < situations <= _SMALL:
            found = policy.proofs.prove(promised).finding
            assert found in (Finding.PROVED, Finding.BROKEN)
            reached = (found is Finding.PROVED) is isinstance(promised.promise, Reachable)
            models.append((promised.says, export(part.system, {promised.says: part.formula}), reached))
    return models


def test_spin_answers_each_promise_of_this_programme_as_the_proof_does(tmp_path: Path) -> None:
    models = _models(asked(text_of("fix7")))
    assert len(models) >= 6
    assert {says: _reached(model, tmp_path) for says, model, _found in models} == {says: found for says, _model, found in models}


@pytest.mark.parametrize("fault", [each for each in BREACHES if each.name in FAULTS], ids=lambda fault: fault.name)
def test_spin_finds_the_planted_fault_that_the_proof_finds(fault: Planted, tmp_path: Path) -> None:
    policy = asked(text_of(fault.base, *fault.edits), delegations=fault.delegations)
    goal = sought(policy.promise(fault.says).promise, policy.proofs.system)
    part = sliced(policy.proofs.system, goal, free=False)
    assert _reached(export(part.system, {fault.says: part.formula}), tmp_path)
    whole = asked(text_of(fault.base))
    part = sliced(whole.proofs.system, sought(whole.promise(fault.says).promise, whole.proofs.system), free=False)
    assert not _reached(export(part.system, {fault.says: part.formula}), tmp_path)


@pytest.mark.parametrize("invariant", ["execution-needs-everything", "execution-not-by-who-prepared-it", "dry-run-needs-its-grant", "precheck-needs-its-legs"])
def test_what_the_command_line_exports_of_one_invariant_spin_goes_through(invariant: str, tmp_path: Path) -> None:
    policy = asked(text_of("fix7"))
    chosen = [each for each in policy.proofs.promised if each.invariant == invariant]

    assert not _reached(promela_text(policy.proofs.system, chosen), tmp_path)
