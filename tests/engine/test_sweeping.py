"""What another version of the policy does to what is open: the same records judged under both."""

import pytest

from govern.engine.causes import Cause
from govern.engine.sweeping import Moved, moved
from govern.engine.view import View
from govern.policy.load import load_policy
from support.policies import programme
from support.random_programmes import programmes, text_of
from support.walks import Walk
from support.world import World, evidence

SECTIONS = {
    "lanes": "{main: {scope: work, standing: true}, gate: {scope: live, opened_by: owner}, far: {scope: work, opens_when: {honoured: X}}}",
    "grants": '{X: {scope: work, issuer: owner}, "Y": {scope: work, issuer: owner}}',
    "blockers": """
  B: {legs: {tried: {by: agent, evidence: {rehearsal: real}}, twin: {by: agent, evidence: {rehearsal: toy}, stands_in_for: tried}}}
  C: {legs: {told: {by: owner, requires: {honoured: X}}}}""",
    "packets": """
  ask:
    lane: main
    decided_by: owner
    lineage_gap: It starts the story.
    options:
      - {number: "1", id: STOP, hold: true, says: Nothing is done.}
      - {number: "2", id: GO, scope: work, requires: {all: [{grant: X}]}, says: It is done.}
      - {number: "3", id: TRY, scope: work, requires: {all: [{leg: B/tried}]}, says: It is tried.}
      - {number: "4", id: END, scope: work, requires: {all: [{blocker: C, is: closed}]}, says: It ends.}""",
    "actions": "{act: {needs: {selected: ask/GO}, consumes: X}}",
    "claims": "{ALL_DONE: {needs: {leg: B/tried}}}",
}
TEXT = programme(**SECTIONS)


def _world() -> World:
    """Return a world in which everything that X and the rehearsal allow is open, option 2 selected, and the gate open."""
    world = World(TEXT, now=100)
    world.record("issue", "agent", packet="ask")
    world.record("grant", "owner", grant="X", scope="work")
    world.record("discharge", "agent", leg="B/tried", evidence=evidence("rehearsal", "real"))
    world.record("discharge", "agent", leg="B/twin", evidence=evidence("rehearsal", "toy"))
    world.record("open", "owner", lane="gate")
    world.record("decide", "owner", packet="ask", option="GO")
    return world


def _under(text: str, view: View) -> View:
    return View(load_policy(text.encode()), view.state, view.now, view.evidence, view.pinned, view.clock)


def _moved(old: str, new: str, world: World | None = None) -> dict[str, Moved]:
    view = (world or _world()).view()
    return {f"{each.kind} {each.name}": each for each in moved(_under(old, view), _under(new, view))}


def test_under_the_same_policy_nothing_is_judged_differently() -> None:
    assert _moved(TEXT, TEXT) == {}


def test_all_that_rests_on_what_was_tightened_is_told_with_who_can_clear_it() -> None:
    found = _moved(TEXT, TEXT.replace("{by: agent, evidence: {rehearsal: real}}", "{by: robot, evidence: {rehearsal: real}}"))

    assert {name: (each.before, each.after, each.stricter) for name, each in found.items()} == dict.fromkeys(
        ["option ask/TRY", "blocker B", "leg B/tried", "claim ALL_DONE"], ("holds", "fails", True)
    )
    for each in found.values():
        [cause] = each.causes
        assert (cause.id, cause.cause, cause.by) == ("leg:B/tried", Cause.UNAUTHORISED, ("robot",))
        assert cause.how == "govern blocker discharge B/tried --evidence FILE --as robot"


def test_the_other_way_round_it_is_loosened_and_told_by_what_kept_it_shut() -> None:
    tight = TEXT.replace("{by: agent, evidence: {rehearsal: real}}", "{by: robot, evidence: {rehearsal: real}}")
    found = _moved(tight, TEXT)

    assert {(each.before, each.after, each.stricter) for each in found.values()} == {("fails", "holds", False)}
    assert [cause.cause for cause in found["option ask/TRY"].causes] == [Cause.UNAUTHORISED]


def test_a_grant_that_is_asked_for_now_takes_with_it_the_option_the_decision_and_the_action() -> None:
    found = _moved(TEXT, TEXT.replace("[{grant: X}]", '[{grant: "Y"}]').replace("consumes: X", 'consumes: "Y"'))

    assert {name: (each.before, each.after) for name, each in found.items()} == dict.fromkeys(
        ["option ask/GO", "decision ask/GO", "action act"], ("holds", "fails")
    )
    assert [(cause.id, cause.cause, cause.by) for cause in found["decision ask/GO"].causes] == [("honoured:Y", Cause.MISSING, ("owner",))]


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("tried: {by: agent, ", "tested: {by: agent, renamed_from: tried, ", {"leg B/tested": "B/tried"}),
        ("  B: {legs: {tried", "  D: {renamed_from: B, legs: {tried", {"blocker D": "B", "leg D/tried": "B/tried", "leg D/twin": "B/twin"}),
        ('"Y": {scope: work, ', 'W: {scope: work, renamed_from: "Y", ', {}),
        ("gate: {scope: live, ", "port: {scope: live, renamed_from: gate, ", {"lane port": "gate"}),
    ],
)
def test_what_has_another_name_is_one_thing_that_starts_anew(old: str, new: str, wanted: dict[str, str]) -> None:
    text = TEXT.replace(old, new)
    for was, is_ in (
        (("B/tried", "B/tested"), ("stands_in_for: tried", "stands_in_for: tested")) if "tested" in new else (("B/", "D/"),) if "  D:" in new else ()
    ):
        text = text.replace(was, is_)
    found = _moved(TEXT, text)

    assert {name: each.was for name, each in found.items() if each.was} == wanted
    assert {(each.before, each.after) for each in found.values() if each.was} <= {("holds", "fails")}


def test_what_is_declared_no_more_holds_no_more_and_what_is_new_is_told_only_where_it_holds() -> None:
    old = TEXT.replace('"Y": {scope: work, issuer: owner}', "Z: {scope: work, issuer: owner}")
    new = TEXT.replace('\n      - {number: "4"', '\n      - {number: "5", id: EASY, scope: work, says: At once.}\n      - {number: "4"').replace(
        "claims:", "claims: {LATER: {needs: {grant: X}}}\nunused:"
    )
    new = "".join(line for line in new.splitlines(keepends=True) if not line.startswith("unused:"))
    found = _moved(old, new)

    assert {name: (each.before, each.after, each.causes) for name, each in found.items()} == {
        "option ask/EASY": ("undeclared", "holds", ()),
        "claim LATER": ("undeclared", "holds", ()),
        "claim ALL_DONE": ("holds", "undeclared", ()),
    }


def test_an_option_that_is_gone_takes_its_decision_with_it() -> None:
    gone = TEXT.replace('      - {number: "2", id: GO, scope: work, requires: {all: [{grant: X}]}, says: It is done.}\n', "").replace(
        "needs: {selected: ask/GO}", "needs: {selected: ask/TRY}"
    )
    found = _moved(TEXT, gone)

    assert {name: each.after for name, each in found.items()} == {"action act": "fails", "option ask/GO": "undeclared", "decision ask/GO": "undeclared"}


@pytest.mark.parametrize("kind", ["option", "decision"])
def test_a_packet_with_another_name_starts_anew_and_is_told_under_both(kind: str) -> None:
    renamed = TEXT.replace("  ask:\n", "  plea:\n    renamed_from: ask\n").replace("ask/GO", "plea/GO")
    found = _moved(TEXT, renamed)[f"{kind} plea/GO"]

    assert (found.was, found.before, found.after) == ("ask/GO", "holds", "fails")
    cause = found.causes[0]
    assert cause.id == {"option": "packet:plea", "decision": "selected:plea/GO"}[kind]
    if kind == "decision":
        assert (cause.cause, cause.by, cause.how) == (Cause.MISSING, ("owner",), "govern decide plea/GO --as owner")


def test_a_substitute_that_is_proven_is_told_where_it_would_not_be() -> None:
    found = _moved(TEXT, TEXT.replace("evidence: {rehearsal: toy}, stands_in_for", "evidence: {rehearsal: other}, stands_in_for"))

    assert {name: (each.before, each.after) for name, each in found.items()} == {"leg B/twin": ("holds", "fails")}


def test_what_stands_by_the_word_of_somebody_who_could_not_give_it_now_is_told() -> None:
    found = _moved(TEXT, TEXT.replace("gate: {scope: live, opened_by: owner}", "gate: {scope: live, opened_by: ann}"))

    [(name, word)] = found.items()
    assert (name, word.before, word.after) == ("word lane gate is open", "holds", "fails")
    [cause] = word.causes
    assert (cause.cause, cause.by, cause.record, cause.how) == (Cause.UNAUTHORISED, ("ann",), 5, "govern lane close gate --as ann")
    assert cause.why == "lane gate is open by the word of owner; in this version that is for ann"


def test_a_word_for_what_the_version_before_did_not_declare_was_not_given_under_it() -> None:
    before = TEXT.replace("gate: {scope: live, opened_by: owner}, ", "")
    after = TEXT.replace("gate: {scope: live, opened_by: owner}", "gate: {scope: live, opened_by: ann}")

    assert {name: (each.before, each.after) for name, each in _moved(before, after).items()} == {"lane gate": ("undeclared", "holds")}


def test_what_is_unknown_in_one_version_does_not_hold_in_it() -> None:
    findings = "findings: {F: {result: unknown, by: ann, why: It is so.}}\n"
    found = _moved(
        TEXT + findings, TEXT.replace("{all: [{leg: B/tried}]}, says: It is tried.", "{all: [{finding: F, is: pass}]}, says: It is tried.") + findings
    )

    assert (found["option ask/TRY"].before, found["option ask/TRY"].after, found["option ask/TRY"].stricter) == ("holds", "unknown", True)


@pytest.mark.parametrize("seed", range(12))
def test_swept_back_and_forth_the_same_things_differ(seed: int) -> None:
    drawn = programmes(seed)
    text, other = text_of(next(drawn)), text_of(next(drawn))
    world = World(text, now=100)
    list(Walk(world, load_policy(text.encode()), seed).steps(4, 12))
    view = world.view()
    another = _under(other, view)

    assert moved(view, view) == ()
    there, back = moved(view, another), moved(another, view)
    assert {(each.kind, each.name, each.before, each.after) for each in there} == {(each.kind, each.name, each.after, each.before) for each in back}
    assert all(each.causes or "undeclared" in (each.before, each.after) for each in there)
