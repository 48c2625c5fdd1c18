"""Proving: a promise is proved, broken by a history, vacuous or unknown, and each answer says why."""

from dataclasses import replace

import pytest

from govern.policy.load import examine_policy
from govern.policy.model import Policy
from govern.policy.retelling import without_promises
from govern.proof import proving, sat
from govern.proof.checking import Check
from govern.proof.formulas import FALSE, TRUE, In, Not
from govern.proof.promising import build
from govern.proof.proving import Ending, Finding, Proof, Proofs, Prover, Retold, _confirmed, solver_there
from govern.proof.slicing import Slice
from govern.proof.system import Never, Reachable, Reached, Rule, Undecided, Unreached
from govern.proof.tracing import Trace
from support.policies import one_option

ENGINES = [
    pytest.param(True, id="solver", marks=pytest.mark.skipif(not sat.available(), reason="no solver is installed")),
    pytest.param(False, id="search"),
]
GRANTS = "{X: {scope: work, issuer: owner}, Z: {scope: work, issuer: owner}}"
ACTIONS = "{use: {needs: {selected: GO}, consumes: X}}"
INVARIANTS = """
  careful: {never: {selecting: GO}, unless: {grant: X}, first_hand: %s}
  both: {never: {selecting: GO}, unless: {at_least: 2, of: [{grant: X}, {grant: Z}]}}
  apart: {never: {selecting: GO}, by: preparer}
  back: {always_possible: {decide: ask/STOP}}
  there: {reachable: [GO]}
  each: {distinct: {selecting: GO}}
  own: {only_by: owner, acts: {decide: [GO], grant: [X], open: [gate], adopt: true}}
  others: {only_by: ann, acts: {grant: [X]}}"""


def _proofs(requires: str = "{grant: X}", *, first_hand: bool = False, solver: bool = True, **sections: str) -> Proofs:
    invariants = INVARIANTS % str(first_hand).lower()
    text = one_option(requires, **{"grants": GRANTS, "actions": ACTIONS, "invariants": invariants, **sections}).encode()
    source = without_promises(text)
    return Proofs(Retold(_read(source), source), _read(text), solver=solver, delegations=False)


def _read(source: bytes) -> Policy:
    """Return a policy, also where `govern check` finds that something in it can never come about."""
    policy = examine_policy(source).policy
    assert policy is not None
    return policy


def _found(proofs: Proofs) -> dict[str, list[Proof]]:
    found: dict[str, list[Proof]] = {}
    for promised in proofs.promised:
        found.setdefault(promised.invariant, []).append(proofs.prove(promised))
    return found


@pytest.mark.parametrize("solver", ENGINES)
def test_each_form_of_promise_is_proved_or_broken_as_the_policy_keeps_it(*, solver: bool) -> None:
    found = {name: [proof.finding for proof in proofs] for name, proofs in _found(_proofs(first_hand=True, solver=solver)).items()}

    assert found == {
        "careful": [Finding.BROKEN],
        "both": [Finding.BROKEN],
        "apart": [Finding.PROVED],
        "back": [Finding.PROVED],
        "there": [Finding.PROVED],
        "each": [Finding.PROVED],
        "own": [Finding.PROVED] * 4,
        "others": [Finding.BROKEN],
    }


@pytest.mark.parametrize("solver", ENGINES)
def test_a_broken_promise_is_told_with_its_history_and_a_proof_with_its_certificate(*, solver: bool) -> None:
    found = _found(_proofs(first_hand=True, solver=solver))
    [careful], [apart], [others] = found["careful"], found["apart"], found["others"]

    assert careful.trace is not None
    assert [(each.act, each.reported) for each in careful.trace.told] == [("grant X", True), ("issue ask", False), ("decide ask/GO", False)]
    assert others.trace is not None
    assert [(each.actor, each.act) for each in others.trace.told] == [("owner", "grant X")]
    assert apart.trace is None
    assert apart.by


@pytest.mark.parametrize("solver", ENGINES)
def test_a_promise_about_what_can_never_happen_is_vacuous_and_what_cannot_be_reached_is_broken(*, solver: bool) -> None:
    proofs = _proofs("{all: [{finding: F, is: pass}, {finding: F, is: fail}]}", solver=solver, findings="{F: {result: unknown, by: eve, why: Nobody looked.}}")

    careful, there = (proofs.prove(each) for each in proofs.promised if each.invariant in ("careful", "there"))

    assert (careful.finding, careful.why) == (Finding.IDLE, "no history ever takes that act, so it promises nothing")
    assert (there.finding, there.why) == (Finding.BROKEN, "no history leads there")


def test_where_the_hold_cannot_be_decided_any_history_breaks_the_promise_that_it_can() -> None:
    [back] = [promised for promised in _proofs().promised if promised.invariant == "back"]

    assert back.is_broken_by(Trace(), "")


def test_nobody_brings_about_the_opening_of_a_lane_that_always_stands_open() -> None:
    text = one_option(invariants="{own: {only_by: owner, acts: {open: [main]}}}").encode()

    [own] = build(_read(text))[1]

    assert (own.about, own.promise) == ((), Never(own.says, ()))


def test_a_solver_is_there_or_is_not() -> None:
    assert solver_there() is sat.available()


@pytest.mark.parametrize("solver", ENGINES)
def test_what_a_coarse_system_leaves_unknown_is_asked_of_finer_ones(*, solver: bool) -> None:
    proofs = _proofs(first_hand=True, solver=solver)
    hidden = tuple(replace(each, brings=("selected:ask", "NOWHERE")) for each in proofs.promised)
    proofs.promised = hidden
    careful, there = (each for each in hidden if each.invariant in ("careful", "there"))

    assert proofs.prove(there).finding is Finding.PROVED
    assert proofs.prove(careful).finding in (Finding.UNKNOWN, Finding.BROKEN)


@pytest.mark.parametrize("solver", ENGINES)
def test_what_too_few_people_decide_is_vacuous_and_says_who_they_are(*, solver: bool) -> None:
    proofs = _proofs(solver=solver, invariants="{apart: {never: {selecting: GO}, by: preparer}, own: {only_by: owner, acts: {open: [gate]}}}")

    proof = Prover(proofs.system, proofs.retold, solver=solver).prove(replace(proofs.promised[0], idle="nobody is there"))

    assert (proof.finding, proof.why) == (Finding.IDLE, "nobody is there")


@pytest.mark.parametrize("solver", ENGINES)
def test_what_neither_a_proof_nor_a_history_settles_is_unknown(*, solver: bool) -> None:
    # It is told apart by what nothing shows: no trace brings this label about, and a history of the rules does.
    proofs = _proofs(first_hand=True, solver=solver)
    [careful] = [each for each in proofs.promised if each.invariant == "careful"]
    [there] = [each for each in proofs.promised if each.invariant == "there"]
    prover = Prover(proofs.system, proofs.retold, solver=solver)
    hidden = replace(careful, brings=("selected:ask", "NOWHERE"))

    proof = prover.prove(hidden)
    reached = prover.prove(replace(there, brings=("selected:ask", "NOWHERE")))

    assert (proof.finding, reached.finding) == (Finding.UNKNOWN, Finding.UNKNOWN)
    assert proof.why
    assert reached.why == "the evaluator plays no history that was found to its end"


def test_a_certificate_that_the_second_engine_refutes_is_no_proof() -> None:
    proofs = _proofs()
    goal = In("packet:ask", frozenset(("issued",)))
    false = Unreached("somebody", proofs.system, (Not(goal),))

    told = _confirmed(false, Slice(proofs.system, goal))

    assert told == Undecided("the second engine refutes the certificate of the somebody: that is a fault of govern")


def test_a_history_that_shows_nothing_is_told_as_none() -> None:
    proofs = _proofs()
    prover = Prover(proofs.system, proofs.retold, solver=False)
    goal = In("packet:ask", frozenset(("issued",)))

    assert [len(rules) for _trace, rules in prover.played(goal, Ending((), lambda _trace, _last: True))][:1] == [1]
    assert list(prover.played(goal, Ending((), lambda _trace, _last: False))) == []
    assert list(prover.played(FALSE, Ending((), lambda _trace, _last: True))) == []


def test_a_last_act_is_taken_by_those_who_are_left() -> None:
    rule = Rule("grant X", TRUE, {}, ("owner", "ann"))

    assert Ending((), lambda _trace, _last: True, without=("owner",)).of(rule).actors == ("ann",)


def test_a_promise_is_not_settled_by_a_history_where_none_breaks_it_and_is_where_one_reaches_it() -> None:
    proofs = _proofs()
    prover = Prover(proofs.system, proofs.retold, solver=False)
    by_name = {promised.invariant: promised for promised in proofs.promised}

    assert prover.settled_by_history(by_name["apart"]) is None
    reached = prover.settled_by_history(by_name["there"])
    assert reached is not None
    assert (reached.finding, isinstance(prover.reach(by_name["there"])[0], Reached)) == (Finding.PROVED, True)
    assert prover.settled_by_history(replace(by_name["there"], about=(), promise=Reachable("", ()))) is None


def test_what_holds_says_nothing_for_sure_where_it_is_not_known_whether_its_act_ever_comes_about() -> None:
    proofs = _proofs()
    apart, back = (each for each in proofs.promised if each.invariant in ("apart", "back"))
    prover = Prover(proofs.system, proofs.retold, solver=False)

    proof = prover.prove(replace(apart, brings=("selected:ask", "NOWHERE")))

    assert proof.finding is Finding.UNKNOWN
    assert proof.why.startswith("it holds; whether it promises anything is not known: ")
    assert prover.settled_by_history(back) is None


def test_what_is_no_proof_of_itself_is_proved_with_all_that_bears_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Prover, "_plainly", lambda _prover, _goal: Undecided("it is not tried"))
    proofs = _proofs(solver=False)
    promised = next(each for each in proofs.promised if each.invariant == "back")

    assert proofs.prove(promised).finding is Finding.PROVED


def test_where_no_search_comes_to_an_end_the_answer_is_unknown_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "search", lambda _system, _goal, *, limit: Undecided(f"{limit} is too few"))
    monkeypatch.setattr(Prover, "_guessed", lambda _prover, _goal, _ending: None)
    proofs = _proofs(solver=False)
    promised = next(each for each in proofs.promised if each.invariant == "there")

    proof = proofs.prove(promised)

    assert proof.finding is Finding.UNKNOWN
    assert "is too few" in proof.why


def test_a_proof_that_the_second_engine_does_not_finish_with_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "check", lambda _found, _goal: Check.UNFINISHED)
    proofs = _proofs(solver=False)
    promised = next(each for each in proofs.promised if each.invariant == "back")

    proof = proofs.prove(promised)

    assert (proof.finding, proof.why.partition(";")[0]) == (Finding.UNKNOWN, "the second engine did not come to an end with the certificate of the search")
