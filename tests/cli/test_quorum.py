"""Where several must agree: each word is a record of its own, and what waits for others says so."""

import pytest

from support.cli import Programme

COPYING = "copying/COPY"


@pytest.fixture
def copying(hospital: Programme) -> Programme:
    """The hospital, at the stage that two of the board and one of the ward decide."""
    hospital.confirms("decide", "inventory/COUNT", "--as", "head-nurse")
    hospital.does("blocker", "discharge", "MAPPING/mapped", "--evidence", hospital.evidence("packet", "field-mapping", "MAPPING/mapped"), "--as", "vendor")
    hospital.does("blocker", "discharge", "PRIVACY/assessed", "--attest", "assessed", "--as", "privacy-officer")
    hospital.does("packet", "issue", "copying", "--as", "vendor")
    return hospital


def test_an_option_is_selected_by_the_last_word_that_was_wanted_and_not_before(copying: Programme) -> None:
    for actor in ("huber", "novak"):
        assert "copying/COPY has one word more, and waits for others" in copying.confirms("decide", COPYING, "--as", actor).out
        assert copying.asks("status")["packets"][0]["selected"] is None
    assert copying.asks("status")["packets"][0]["waiting"] == {"COPY": ["huber", "novak"]}
    assert "(default WAIT); COPY has the word of huber, novak\n" in copying.does("status").out
    last = copying.confirms("decide", COPYING, "--as", "head-nurse", "--json").answer["result"]
    assert (last["selected"], copying.asks("status")["packets"][0]["selected"]) == (True, "COPY")


def test_every_place_must_be_filled_and_who_could_fill_two_fills_one(copying: Programme) -> None:
    for actor in ("huber", "novak"):
        copying.confirms("decide", COPYING, "--as", actor)
    assert copying.confirms("decide", COPYING, "--as", "leitner", "--json").answer["result"]["selected"] is True, "of board and ward"
    copying.confirms("decide", "copying/WAIT", "--as", "huber")
    copying.confirms("decide", COPYING, "--as", "head-nurse")
    assert copying.confirms("decide", COPYING, "--as", "night-nurse", "--json").answer["result"]["selected"] is False
    assert copying.confirms("decide", COPYING, "--as", "huber", "--json").answer["result"]["selected"] is False


def test_nobody_gives_two_words(copying: Programme) -> None:
    copying.confirms("decide", COPYING, "--as", "huber")
    ran = copying.refuses("decide", COPYING, "--as", "huber")
    assert "quorum  the word of huber for COPY is already on record; another's is wanted  novak or leitner or head-nurse or night-nurse" in ran.err
    assert copying.run("decide", COPYING, "--as", "huber", "--json").answer["diagnostics"][0]["code"] == "THRESHOLD"


def test_a_service_gives_no_word_and_one_of_the_many_ends_it_by_hold(copying: Programme) -> None:
    assert "unauthorised" in copying.refuses("decide", COPYING, "--as", "vendor").err
    copying.confirms("decide", COPYING, "--as", "huber")
    copying.confirms("decide", "copying/WAIT", "--as", "night-nurse")
    assert copying.asks("status")["packets"][0]["waiting"] == {}


def test_a_grant_waits_for_the_words_of_all_and_says_whose_it_has(hospital: Programme) -> None:
    [seq] = hospital.does("grant", "request", "PILOT", "--reason", "it is time", "--as", "vendor").seqs
    assert f"PILOT#{seq} has the word of huber, and waits for others" in hospital.confirms("grant", "record", f"PILOT#{seq}", "--as", "huber").out
    [waiting] = hospital.asks("why-blocked", "PILOT")["requirements"]
    assert (waiting["cause"], waiting["why"]) == ("quorum", f"PILOT#{seq} has the word of huber; wanted board and ward")
    assert waiting["how"] == f"govern grant record PILOT#{seq} --as novak"
    assert "quorum" in hospital.refuses("grant", "record", f"PILOT#{seq}", "--as", "huber").err
    assert f"PILOT#{seq} is given" in hospital.confirms("grant", "record", f"PILOT#{seq}", "--as", "head-nurse").out
    assert hospital.asks("why-blocked", "PILOT")["allowed"] is True


def test_what_is_declared_as_a_duration_is_shown_as_one(hospital: Programme) -> None:
    assert "  expires_after  2w\n" in hospital.does("show", "PILOT").out
    assert "  fresh_for  2w\n" in hospital.does("show", "DRILL/on-copy").out


def test_a_lane_opens_with_the_last_word_and_a_word_is_not_taken_back(hospital: Programme) -> None:
    first = hospital.confirms("lane", "open", "ward-3", "--as", "huber").out
    assert "lane ward-3 has the word of huber, and waits for others (unauthenticated)\nnothing takes a word back\n" in first
    hospital.confirms("lane", "open", "ward-3", "--as", "novak")
    assert hospital.asks("why-blocked", "ward-3")["allowed"] is False
    last = hospital.confirms("lane", "open", "ward-3", "--as", "night-nurse").out
    assert "lane ward-3 is open (unauthenticated)\ntake it back: govern lane close ward-3 --as night-nurse\n" in last
    closed = hospital.does("lane", "close", "ward-3", "--as", "leitner").out
    assert closed.endswith("lane ward-3 is closed (unauthenticated)\ntake it back: govern lane open ward-3 --as huber\n")


def test_a_policy_is_in_force_with_the_last_word(hospital: Programme) -> None:
    hospital.replace("states.yaml", "version: 1\n", "version: 2\n")
    adopt = ("policy", "adopt", "--reason", "a new version", "--as")
    for actor in ("huber", "novak"):
        ran = hospital.confirms(*adopt, actor)
        assert "policy version 2 has one word more, and waits for others" in ran.out
        assert hospital.asks("status")["policy_version"] == 1
        assert "POLICY_DIRTY" in hospital.run("note", "x", "--as", "huber").codes
    assert "policy version 2 is in force" in hospital.confirms(*adopt, "head-nurse").out
    assert hospital.asks("status")["policy_version"] == 2
