"""Claims in pages: a page that would use one unsupported is not rendered, whoever's words they are; a mention is, and nobody can forge one."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.documents.claims import template_faults
from govern.documents.escape import Mention, escape_code, escape_text, mark_mention, unmarked, without_mentions
from govern.documents.render import Head, Rendered, claim_faults, render_document, shown_digest
from govern.documents.templates import check_template, render
from govern.engine.view import View
from govern.policy.promises import Document
from govern.problems import Exit, GovernError
from support.markdown import section, tables
from support.pages import STATE, TEMPLATES, all_bodies, packet_document, recorded_view, rendered, state_body
from support.policies import one_option
from support.world import World, evidence

CLAIMS = "{TRIED_WELL: {needs: {leg: B/tried}}, OTHER_PASS: {needs: {finding: sound, is: pass}}}"
BLOCKERS = "{B: {guards_nothing: It is a sample., legs: {tried: {by: agent, evidence: {attest: trial}}, other: {by: agent, evidence: {attest: it}}}}}"
FINDINGS = "{sound: {result: unknown, by: owner, why: Nobody has looked.}}"
STATUSES = "[{id: ALL_IS_TRIED, when: {leg: B/tried}}, {id: GETTING_READY}]"
POLICY = one_option(claims=CLAIMS, blockers=BLOCKERS, findings=FINDINGS, statuses=STATUSES, packet="\n    continues: ALL_IS_TRIED")


def page(view: View, template: str) -> Rendered:
    """Return the current state rendered by a template of its own."""
    return render_document("page", STATE, view, Head(0, ""), {**TEMPLATES, STATE.template: template})


LINEAGE = Document(shows="lineage", template="lineage.md.j2", path="governance/lineage.md")


def test_a_status_that_a_packet_continues_is_named_in_the_picture_of_the_chain_as_a_mention() -> None:
    view = World(POLICY).view()
    assert "ALL_IS_TRIED" in [token for token, *_spellings in view.policy.tokens]
    made = render_document("chain", LINEAGE, view, Head(0, ""), TEMPLATES)
    assert '  s0(["ALL_IS_TRIED"])\n  s0 -.->|"continues"| p0\n' in made.body
    assert json.loads(made.json_text)["shows"]["diagram"] == made.body.split("```mermaid\n")[1].split("\n```")[0]
    assert without_mentions(made.body) == made.body


def test_what_prints_a_picture_in_another_way_makes_no_mention_of_it() -> None:
    with pytest.raises(GovernError, match=r"would use ALL_IS_TRIED, and nothing supports it now"):
        render_document("chain", LINEAGE, World(POLICY).view(), Head(0, ""), {**TEMPLATES, LINEAGE.template: "{{ diagram | code }}\n"})


def refused(view: View, template: str) -> GovernError:
    """Return the refusal of a page, which must be refused for a claim."""
    with pytest.raises(GovernError, match=r"nothing supports it now") as found:
        page(view, template)
    assert {problem.code for problem in found.value.problems} == {"CLAIM_UNSUPPORTED"}
    assert found.value.status is Exit.NO
    return found.value


def said(where: str = "finding") -> World:
    """Return a programme in which somebody said, while it was supported, that it is tried well; and then it was not any more."""
    world = World(POLICY)
    world.report("quote", "robot", about="it", text="The log is there.", without=["OTHER_PASS"])
    world.record("discharge", "agent", leg="B/tried", evidence=evidence("attest", "trial"))
    if where == "finding":
        world.record("finding", "owner", finding="sound", result="fail", why="It is TRIED_WELL, and not sound.")
    else:
        world.record("discharge", "agent", leg="B/other", evidence={**evidence("attest", "it"), "says": "TRIED_WELL"})
    return world


@pytest.mark.parametrize(("where", "whose"), [("finding", "it is the word of owner (record #3)"), ("proof", "it is the word of agent (record #3)")])
def test_a_page_with_words_that_are_supported_no_more_is_not_rendered_again(where: str, whose: str) -> None:
    world = said(where)
    assert "TRIED_WELL" in state_body(world.view())
    world.record("reopen", "agent", leg="B/tried", reason="The log was of another day.")

    with pytest.raises(GovernError) as found:
        state_body(world.view())

    [problem] = found.value.problems
    assert found.value.status is Exit.NO
    assert problem.message == f"`page` would use TRIED_WELL, and nothing supports it now; {whose}"
    assert problem.help.startswith("by agent: govern why-blocked TRIED_WELL")


def test_what_is_pieced_together_from_several_words_is_found_in_the_finished_page() -> None:
    world = World(POLICY)
    world.record("finding", "owner", finding="sound", result="fail", why="TRIED")
    found = refused(world.view(), "{% for each in findings %}{{ each.why }}_WELL{% endfor %}\n")
    assert "it is pieced together from several words" in found.problems[0].message


@pytest.mark.parametrize(
    "template",
    [
        "It is TRIED_WELL.\n",
        "It is TRIED{{ '' }}_WELL.\n",
        "It is {% if title %}TRIED{% endif %}_WELL.\n",
        "It is {{ 'TRIED' }}_{{ 'WELL' | code }}.\n",
        "TRI<b>ED</b>_WELL\n",
        "TRIED&#95;WELL\n",
        "ΤRIED\u200b_WELL\n",
    ],
)
def test_a_template_s_own_words_are_refused_with_the_line(template: str) -> None:
    problem = refused(World(POLICY).view(), f"one\n{template}").problems[0]
    if "{%" in template:
        # Only the finished page has it.
        assert problem.place is None
    else:
        assert (problem.place and problem.place.file, problem.place and problem.place.line) == (f"templates/{STATE.template}", 2)


@pytest.mark.parametrize("spelled", ["TRIED_WELL", "TR&#73;ED_W&#69;LL", "\u202eLLEW_DEIRT"])
def test_the_twin_is_refused_for_what_only_it_holds(spelled: str) -> None:
    world = World(POLICY)
    world.record("discharge", "agent", leg="B/tried", evidence=evidence("attest", "trial"))
    world.record("finding", "owner", finding="sound", result="fail", why=spelled)
    world.record("reopen", "agent", leg="B/tried", reason="The log was of another day.")
    found = refused(world.view(), "A page that says nothing.\n")
    assert "it is the word of owner (record #2)" in found.problems[0].message


def test_a_mention_is_printed_in_the_page_and_in_the_twin() -> None:
    world = said()
    view = world.view()
    shown = page(view, "{% for each in quotes %}{% for claim in each.without %}{{ claim }} {{ claim | code }}{% endfor %}{% endfor %}\n")
    assert shown.body == "OTHER_PASS `OTHER_PASS`\n"
    assert json.loads(shown.json_text)["shows"]["quotes"][0]["without"] == ["OTHER_PASS"]
    assert "OTHER_PASS" in state_body(view)


def test_a_status_that_a_packet_continues_is_named_and_not_said_to_hold() -> None:
    world = World(POLICY)
    world.record("issue", "robot", packet="ask")
    assert "Continues `ALL_IS_TRIED`." in rendered(packet_document("ask"), world.view()).body
    assert "ALL_IS_TRIED" in state_body(world.view())
    assert "Status: `GETTING_READY`." in state_body(world.view())


def test_beside_a_mention_a_use_is_a_use() -> None:
    view = said().view()
    for around in ("OTHER_PASS {{ claim }}", "{{ claim }} OTHER_PASS", "{{ claim }}{% if claim %}O{% endif %}THER_PASS", "{{ claim | code }} OTHER PASS"):
        refused(view, f"{{% for each in quotes %}}{{% for claim in each.without %}}{around}{{% endfor %}}{{% endfor %}}\n")


def test_what_stands_around_a_mention_is_not_joined_across_it() -> None:
    shown = page(said().view(), "{% for each in quotes %}{% for claim in each.without %}OTHER {{ claim }} PASS{% endfor %}{% endfor %}\n")
    assert shown.body == "OTHER OTHER_PASS PASS\n"


MARKS = re.findall("[\ue000-\uf8ff]", mark_mention(escape_text("x")))


def test_no_value_brings_in_the_mark_of_a_mention() -> None:
    assert len(MARKS) == 2
    forged = f"{MARKS[0]}OTHER_PASS{MARKS[1]}"
    for shown in (escape_text(forged), escape_code(forged), render("t", "{{ a }}{{ a | code }}", {"a": forged})):
        assert not set(MARKS) & set(shown)
        assert without_mentions(shown) == shown == unmarked(shown)
    world = World(POLICY)
    assert "claim:OTHER_PASS" in world.refusals("note", "robot", text=forged)


def test_no_template_brings_in_the_mark_of_a_mention() -> None:
    for source in (f"a\n{MARKS[0]}OTHER_PASS{MARKS[1]}", f"a\n{{{{ '{MARKS[0]}' }}}}"):
        [problem] = check_template("t", source)
        assert (problem.code, problem.message, problem.place and problem.place.line) == ("TEMPLATE_FORBIDDEN", "holds a private-use character", 2)
        with pytest.raises(GovernError, match="private-use"):
            render("t", source, {})


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from(["a", " ", "\n", "`", "|", "_", "\\", "\ue000", "\ue001", "O", "é"]), max_size=12))
def test_a_mention_among_any_text_is_cut_out_exactly(text: str) -> None:
    marked = render("t", "{{ text }}[{{ claim }}]{{ text }}[{{ claim | code }}]", {"text": text, "claim": Mention("OTHER_PASS")})
    shown = render("t", "{{ text }}[]{{ text }}[]", {"text": text})
    assert without_mentions(marked).replace("\x00", "") == shown
    assert unmarked(marked) == render("t", "{{ text }}[{{ claim }}]{{ text }}[{{ claim | code }}]", {"text": text, "claim": "OTHER_PASS"})


def test_what_a_template_spells_is_told_with_its_line() -> None:
    tokens = World(POLICY).view().policy.tokens
    [problem] = template_faults("templates/t", "one\nTRIED\\_WELL\n{{ status }}", tokens)
    assert (problem.code, problem.place and problem.place.line) == ("TEMPLATE_CLAIM", 2)
    assert list(template_faults("templates/t", "{{ tried_badly }} well tried", tokens)) == []


def test_going_back_to_hold_hangs_on_nobody_s_words() -> None:
    world = said()
    world.record("issue", "robot", packet="ask")
    document, template = packet_document("ask"), "{% for option in options %}{{ option.says }}{% endfor %}\nTRIED_WELL\n"
    templates = {**TEMPLATES, document.template: template}
    before = shown_digest(document, world.view(), templates)
    assert before == render_document("page", document, world.view(), Head(0, ""), templates).body_sha256
    assert claim_faults("page", document, world.view(), templates) == ()
    world.record("reopen", "agent", leg="B/tried", reason="The log was of another day.")
    [fault] = claim_faults("page", document, world.view(), templates)
    assert fault.code == "CLAIM_UNSUPPORTED"
    assert shown_digest(document, world.view(), templates) == before


def test_every_page_of_this_programme_mentions_claims_and_uses_none() -> None:
    for mark in ("S0", "S4"):
        view = recorded_view(mark)
        rows = {row[0]: row[1] for row in tables(section(state_body(view), "Quoted from documents"))[0].rows}
        assert rows["probes"].endswith("none of PRODUCTION_PASS, REAL_RUN_PASS, CUTOVER_PASS, SEALED is claimed")
        assert all_bodies(view)


def test_that_the_next_step_is_a_decision_is_said_until_there_is_one() -> None:
    world = World(
        one_option(preparation="{by: agent}", blockers="{B: {guards_nothing: It is a sample., legs: {tried: {by: agent, evidence: {attest: trial}}}}}")
    )
    world.record("issue", "robot", packet="ask")
    document = packet_document("ask")
    assert "decision, not more" not in rendered(document, world.view()).body
    world.record("discharge", "agent", leg="B/tried", evidence=evidence("attest", "trial"))
    assert "All that agent can close is closed. The next step is a decision, not more preparation." in rendered(document, world.view()).body
    world.record("decide", "owner", packet="ask", option="GO")
    assert "All that agent can close is closed.\n" in rendered(document, world.view()).body
    world.record("reopen", "agent", leg="B/tried", reason="The log was of another day.")
    assert "can close is closed" not in rendered(document, world.view()).body


CLOSED = ("All that engineering can close is closed", "The next step is a decision")


def test_that_preparation_is_closed_is_said_only_while_it_is() -> None:
    legs = ["FIX7-P0-DRYRUN-PROD-ROLLBACK-1/toy", "FIX7-P0-OPERATOR-INPUT-1/surrogate", "FIX7-P0-PROD-CI-SCOPE-1/gate"]
    assert any(CLOSED[0] in body for body in all_bodies(recorded_view("S4")).values())
    assert not any(word in body for body in all_bodies(recorded_view("S0")).values() for word in CLOSED)
    for leg in legs:
        view = recorded_view("S4")
        proofs = view.state.proofs[leg]
        kept = proofs.pop()
        try:
            pages = all_bodies(view)
        finally:
            proofs.append(kept)
        assert not any(word in body for body in pages.values() for word in CLOSED), leg
