"""The meaning of guards as formulas, against the evaluator, on programmes and histories at random.

What the evaluator allows, a formula allows; and it allows no more, except where a `not` stands over what is doubted: the
evaluator takes what a document reports in a protected scope, evidence gone stale and guards in a circle for unknown
there, a formula for false. That errs on the side of allowing more, as a model for proofs must.
"""

import os
from collections.abc import Callable, Iterator
from itertools import chain, product
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.engine.judge import in_force, judge, judge_lane, judge_leg
from govern.engine.verdicts import judge_option
from govern.engine.view import View
from govern.policy import find
from govern.policy.blockers import Leg
from govern.policy.check_guards import resting_on
from govern.policy.guards import Guard, LaneFact, LegFact, Not, SelectedFact, fact_id, parts
from govern.policy.load import load_policy
from govern.policy.model import Lane, Option, Policy
from govern.proof.formulas import Formula, In, conjunction
from govern.proof.meaning import Meaning, Reading, Where
from support.labels import Labels, evaluated, labels_of
from support.random_programmes import programmes, text_of
from support.walks import Walk
from support.world import World

pytestmark = pytest.mark.search

EXAMPLES = int(os.environ.get("PROOF_EXAMPLES", "20"))
SEEDS = st.integers(0, 2**48)


class Question(NamedTuple):
    """Something that the evaluator can be asked, and the formula that must say the same."""

    what: str
    asked: Callable[[View], bool | None]
    formula: Formula
    scope: str | None = None


def _questions(policy: Policy) -> Iterator[Question]:
    """Yield what can be asked of a programme."""
    meaning = Meaning(policy, Reading.GUARD)
    for packet, declared in policy.packets.items():
        for option in declared.options:
            if not option.hold:
                yield from _of_option(packet, option, meaning)
    for name, lane in policy.lanes.items():
        yield _of_lane(name, lane, meaning)
    for (path, leg), scope in product(find.leg_paths(policy), (None, *policy.scopes)):
        yield _of_leg(path, leg, scope, meaning)
    for name, action in policy.actions.items():
        if action.needs is not None:
            yield _of_guard(f"action {name}", action.needs, find.action_scope(policy, action), meaning)
    for where, guard in find.guards(policy):
        yield _of_guard(where, guard, None, meaning)


def _of_lane(name: str, lane: Lane, meaning: Meaning) -> Question:
    return Question(f"lane {name}", lambda view: judge_lane(name, view, lane.at).truth, meaning.lane(name))


def _of_leg(path: str, leg: Leg, scope: str | None, meaning: Meaning) -> Question:
    def proven(view: View) -> bool | None:
        return judge_leg(path, view, leg.at, scope=scope).truth

    return Question(f"leg {path} in {scope}", proven, meaning.holds(LegFact(leg=path), Where(scope)), scope)


def _of_option(packet: str, option: Option, meaning: Meaning) -> Iterator[Question]:
    address = f"{packet}/{option.id}"

    def decided(view: View) -> bool | None:
        return judge_option(packet, option, view, superseding=view.packet(packet).refused.get(option.id)).truth

    def stands(view: View) -> bool | None:
        return view.packet(packet).selected == option.id and in_force(packet, option, view)

    current = In(f"packet:{packet}", frozenset(("current",)))
    yield Question(f"decide {address}", decided, conjunction([current, meaning.opens(packet, option)]))
    yield Question(f"selected {address}", stands, meaning.selected(packet, option, option.scope))


def _of_guard(what: str, guard: Guard, scope: str | None, meaning: Meaning) -> Question:
    return Question(what, lambda view: judge(guard, view, scope=scope).truth, meaning.judged(guard, scope))


def _negations(policy: Policy) -> Iterator[tuple[Question, Not]]:
    """Yield each `not` that is written in a guard, asked in each scope."""
    meaning = Meaning(policy, Reading.GUARD)
    written = (part for _where, guard in find.guards(policy) for part in parts(guard) if isinstance(part, Not))
    for scope, negation in product((None, *policy.scopes), written):
        yield _of_guard(f"not {fact_id(negation.not_)} in {scope}", negation, scope, meaning)._replace(scope=scope), negation


def _walked(seed: int, reports: int, acts: int) -> tuple[Policy, Iterator[tuple[View, Labels, str]]]:
    """Return a programme, and the moments of a walk through it."""
    text = text_of(next(programmes(seed)))
    policy, world = load_policy(text.encode()), World(text)

    def moments() -> Iterator[tuple[View, Labels, str]]:
        for done in Walk(world, policy, seed).steps(reports, acts):
            view = world.view()
            yield view, labels_of(view), f"{done}"

    return policy, moments()


def _doubted(view: View) -> bool:
    """Whether anything on record may fail for a doubt alone: it is reported, or evidence has gone stale."""
    state = view.state
    reported = [
        *(each.imported for each in state.instances.values()),
        *(each.imported for each in state.lanes.values()),
        *(each.imported for each in state.runs.values()),
        *(each.imported is not None for each in state.findings.values()),
        *(each.reported for each in state.packets.values()),
    ]
    stale = (
        view.now >= proof.at + (leg.fresh_for or view.now + 1) or proof.imported or proof.actor not in find.members(view.policy, leg.by)
        for path, leg in find.leg_paths(view.policy)
        for proof in state.proofs.get(path, [])
    )
    return any(reported) or any(stale)


def _in_circles(policy: Policy) -> bool:
    """Whether guards of lanes rest on themselves."""
    ahead = {f"lane:{name}": set(_rests(lane.opens_when, policy)) for name, lane in policy.lanes.items() if lane.opens_when}
    for packet, declared in policy.packets.items():
        for option in declared.options:
            lane = find.lane_of(policy, packet, option)
            ahead[f"selected:{packet}/{option.id}"] = {*(_rests(option.requires, policy) if option.requires else ()), f"lane:{lane}"}
    for _ in ahead:
        ahead = {name: set(chain(rests, *(ahead.get(each, ()) for each in rests))) for name, rests in ahead.items()}
    return any(name in rests for name, rests in ahead.items())


def _rests(guard: Guard, policy: Policy) -> Iterator[str]:
    for fact, _via, _negated in resting_on(guard, policy):
        match fact:
            case LaneFact(lane=name):
                yield f"lane:{name}"
            case SelectedFact(selected=address):
                packet, option = find.option(policy, address)
                yield f"selected:{packet}/{option.id}"


@settings(max_examples=EXAMPLES, deadline=None)
@given(seed=SEEDS, reports=st.integers(0, 6), acts=st.integers(0, 25))
def test_a_formula_holds_wherever_the_evaluator_says_so_and_nowhere_else_where_nothing_is_doubted(seed: int, reports: int, acts: int) -> None:
    policy, moments = _walked(seed, reports, acts)
    questions, exact = tuple(_questions(policy)), not _in_circles(policy)
    for view, labels, last in moments:
        sure = exact and not _doubted(view)
        for question in questions:
            truth, held = question.asked(view), evaluated(question.formula, labels)
            assert held or truth is not True, f"{question.what} holds, and the model forbids it, after {last} at {view.now}"
            # Grants that are asked for in another scope than theirs are doubted.
            more = held and truth is not True and sure and question.scope is None
            assert not more, f"the model allows {question.what}, and it is {truth}, after {last} at {view.now}"


@settings(max_examples=EXAMPLES, deadline=None)
@given(seed=SEEDS, reports=st.integers(0, 6), acts=st.integers(0, 25))
def test_what_must_not_hold_plainly_fails_in_the_formula_and_what_is_doubted_may(seed: int, reports: int, acts: int) -> None:
    policy, moments = _walked(seed, reports, acts)
    negations = tuple(_negations(policy))
    for view, labels, last in moments:
        for question, negation in negations:
            fails = evaluated(question.formula, labels)
            assert fails or question.asked(view) is not True, f"the evaluator says {question.what}, and the model does not, after {last} at {view.now}"
            held = judge(negation.not_, view, scope=question.scope).truth
            assert not fails or held is not True, f"the model says {question.what}, and it holds, after {last} at {view.now}"
