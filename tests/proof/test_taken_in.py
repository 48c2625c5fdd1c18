"""A rehearsal on handed-over data waits for its intake, in the model as in the evaluator."""

import pytest

from govern.policy.load import load_policy
from govern.policy.retelling import without_promises
from govern.proof.promising import build
from govern.proof.proving import Finding, Prover, Retold, solver_there
from support.policies import programme

LEGS = "{real: {by: agent, evidence: {rehearsal: real}}, taken: {by: agent, evidence: {intake: real}}, given: {by: owner, requires: {leg: B/real}}}"
PACKETS = """
  ask:
    lane: main
    decided_by: owner
    lineage_gap: The first.
    options:
      - {number: "1", id: STOP, hold: true, says: Stop.}
      - {number: "2", id: GO, scope: work, requires: {leg: B/real}, says: Go.}"""
PINNED = f"{{sources: {{real: {{file: real.sql, sha256: {'d' * 64}}}}}}}"


def _findings(unless: str, *, solver: bool, **sections: str) -> dict[str, tuple[Finding, list[str]]]:
    invariants = f"{{intake-first: {{never: {{selecting: GO}}, unless: {{leg: {unless}}}}}, can-be-had: {{reachable: [GO]}}}}"
    source = programme(blockers=f"{{B: {{legs: {LEGS}}}}}", packets=PACKETS, invariants=invariants, **sections).encode()
    system, promised = build(load_policy(source))
    retold = without_promises(source)
    prover = Prover(system, Retold(load_policy(retold), retold), solver=solver)
    proofs = [prover.prove(each) for each in promised]
    return {proof.promised.invariant: (proof.finding, [told.act for told in proof.trace.told] if proof.trace else []) for proof in proofs}


SOLVERS = [False, pytest.param(True, marks=pytest.mark.skipif(not solver_there(), reason="no solver is installed"))]


@pytest.mark.parametrize("solver", SOLVERS)
def test_an_option_behind_such_a_rehearsal_is_reached_through_the_intake(*, solver: bool) -> None:
    finding, acts = _findings("B/real", solver=solver)["can-be-had"]
    assert finding is Finding.PROVED
    assert acts.index("discharge B/taken") < acts.index("discharge B/real")


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_pinned_source_is_rehearsed_on_without_an_intake(*, solver: bool) -> None:
    finding, acts = _findings("B/real", solver=solver, rehearsal=PINNED)["can-be-had"]
    assert (finding, "discharge B/taken" in acts) == (Finding.PROVED, False)
