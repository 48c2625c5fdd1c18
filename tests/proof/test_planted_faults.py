"""Every fault that is planted in a policy is found: by both engines, with a history that the evaluator plays and that is as short as it can be."""

import pytest

from govern.proof import sat
from govern.proof.proving import Finding
from support.planted import BREACHES, REFUSED, UNFILLED, Asked, Edit, Planted, asked, refusals, text_of
from support.replayed import takes_effect

ENGINES = [
    pytest.param(True, id="solver", marks=pytest.mark.skipif(not sat.available(), reason="no solver is installed")),
    pytest.param(False, id="search"),
]


def _asked(fault: Planted, *, solver: bool) -> Asked:
    return asked(text_of(fault.base, *fault.edits), solver=solver, delegations=fault.delegations)


# Faults that need many states of grants told apart: without a solver that takes too long, and the answer is unknown.
FOR_A_SOLVER = (
    "a revoked grant counts",
    "a revoked grant is recorded again",
    "revoking a grant leaves it recorded",
    "a grant in use or lost sight of is resolved to recorded",
)
TRIED = [
    pytest.param(fault, engine, id=f"{fault.name}-{'solver' if engine else 'search'}")
    for fault in BREACHES
    for engine in (True, False)
    if engine or fault.name not in FOR_A_SOLVER
]


@pytest.mark.parametrize(("fault", "solver"), TRIED)
def test_a_planted_fault_is_found_by_a_history_from_which_no_record_can_be_left_out(fault: Planted, *, solver: bool) -> None:
    if solver and not sat.available():
        pytest.skip("no solver is installed")
    broken, unedited = _asked(fault, solver=solver), asked(text_of(fault.base), solver=solver)
    proof = broken.prove(fault.says)
    assert proof.finding is Finding.BROKEN, proof.why
    trace = proof.trace
    assert trace is not None

    def breaks(without: int | None = None) -> bool:
        allowed = takes_effect(broken.policy, broken.source, trace, without)
        return allowed and (fault.delegations or not takes_effect(unedited.policy, unedited.source, trace, without))

    assert breaks(), [each.act for each in trace.told]
    assert not [each.act for each in trace.told[:-1] if breaks(each.seq)]


@pytest.mark.parametrize("solver", ENGINES)
@pytest.mark.parametrize("base", ["fix7", "transfer"])
def test_the_unedited_policy_is_proved(base: str, *, solver: bool) -> None:
    policy = asked(text_of(base), solver=solver)  # type: ignore[arg-type]
    found = {f"{each.invariant}: {each.says}": policy.proofs.prove(each) for each in policy.proofs.promised}
    assert {says: proof.why for says, proof in found.items() if proof.finding is not Finding.PROVED} == {}


@pytest.mark.parametrize("solver", ENGINES)
@pytest.mark.parametrize(("fault", "finding", "why"), [pytest.param(fault, finding, why, id=fault.name) for fault, finding, why in UNFILLED])
def test_what_can_never_come_about_is_told_with_its_reason_and_is_no_pass(fault: Planted, finding: Finding, why: str, *, solver: bool) -> None:
    policy = _asked(fault, solver=solver)
    proof = policy.prove(fault.says)
    assert (proof.finding, proof.trace) == (finding, None)
    assert why in proof.why


@pytest.mark.parametrize(("code", "edit"), [pytest.param(code, edit, id=name) for name, code, edit in REFUSED])
def test_a_fault_that_check_refuses_is_never_asked_about(code: str, edit: Edit) -> None:
    assert refusals(text_of("transfer")) == set()
    assert code in refusals(text_of("transfer", edit))


@pytest.mark.parametrize("solver", ENGINES)
def test_two_requirements_for_one_grant_take_two_records(*, solver: bool) -> None:
    needs = "says: It is used., requires: {all: [{grant: LEAVE}, {grant: LEAVE}]}"
    distinct = ("invariants:\n", "invariants:\n  once: {distinct: {selecting: USE}}\n")
    policy = asked(text_of("transfer", ("says: It is used., requires: {grant: LEAVE}", needs), distinct), solver=solver)
    assert policy.prove("no record fills two").finding is Finding.PROVED
    shown = policy.prove("using/USE can be decided after some history").trace
    assert shown is not None
    assert [each.act for each in shown.told].count("grant LEAVE") == 2
