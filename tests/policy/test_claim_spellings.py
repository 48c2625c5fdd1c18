"""Spellings of a claim: every disguise that a reader could be taken in by is a use, and ordinary words are none."""

import json
import unicodedata
from importlib.resources import files

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from govern.policy.lookalikes import lookalikes
from govern.policy.spelling import Use, letters_of, tokens_of, uses

NAMES = ("PRODUCTION_PASS", "SEALED", "NO-RECORD-LOST", "MOVED", "MOVED_ONE", "CUTOVER_PASS")
TOKENS = tokens_of(NAMES)
FEW = settings(max_examples=150, deadline=None)


def found(text: str) -> list[str]:
    """Return the tokens that a text uses, in order."""
    return [use.token for use in uses(text, TOKENS)]


def _confusables() -> dict[str, list[str]]:
    """Return, for each ASCII letter or digit, the single characters that Unicode's confusables map to it."""
    source = json.loads((files("confusable_homoglyphs") / "confusables.json").read_text(encoding="utf-8"))
    found: dict[str, list[str]] = {}
    for character, others in source.items():
        if len(character) == 1 and not character.isascii():
            for other in others:
                if len(other["c"]) == 1 and other["c"].isascii() and other["c"].isalnum():
                    found.setdefault(other["c"], []).append(character)
    return found


CONFUSABLES = _confusables()
# What UTS 39 takes a capital for, where that is another letter.
SEEN_AS = {"I": "l", "0": "O", "1": "l"}
UNSEEN = [
    "\u200b",
    "\u200c",
    "\u200d",
    "\u2060",
    "\u00ad",
    "\u034f",
    "\u180e",
    "\ufe0f",
    "\ufeff",
    "\u115f",
    "\u3164",
    "\U000e0041",
    "\u0301",
    "\u0336",
    "\u20dd",
]
BETWEEN = [
    " ",
    "\u00a0",
    "\u2009",
    "\u3000",
    "\n",
    "\r\n  ",
    "\t",
    "-",
    "_",
    ".",
    "/",
    "\u2014",
    "\u00b7",
    "**",
    "\\_",
    "` `",
    " \u2028 ",
    "\\\\",
    "     " * 40,
]


def _framed(letter: str) -> list[str]:
    code = ord(letter) - 65
    return [chr(base + code) for base in (0xFF21, 0x1D400, 0x1D5A0, 0x24B6, 0x1F130, 0x1F150, 0x1F170, 0x1F1E6)]


@st.composite
def disguises(draw: st.DrawFn, token: str) -> str:
    """Return a token in capitals in which letters look alike, characters are unseen, and others stand between."""
    spelled = []
    for character in token:
        if not character.isalnum():
            spelled.append(draw(st.sampled_from(["", *BETWEEN])))
            continue
        looks = [character, character, *CONFUSABLES.get(SEEN_AS.get(character, character), []), *CONFUSABLES.get(character, []), *_framed(character)]
        spelled.append(draw(st.sampled_from(looks)) + draw(st.sampled_from(["", "", "", *UNSEEN])))
    between = draw(st.sampled_from(["", "", *BETWEEN]))
    return between.join(spelled)


@pytest.mark.parametrize("token", ["PRODUCTION_PASS", "SEALED", "NO-RECORD-LOST"])
def test_a_token_in_any_disguise_is_a_use(token: str) -> None:
    @FEW
    @given(disguises(token), st.sampled_from(["", "it is ", "(", "**", "Result: ", "\n\n", "日本"]), st.sampled_from(["", ".", "!", ")**", " today", "\n"]))
    def hold(spelled: str, before: str, after: str) -> None:
        # A mark behind the last letter, or a letter before the first, would make another word of it.
        assert token in found(before + spelled + after), (before, spelled, after)

    hold()


def test_every_character_that_unicode_confuses_with_a_letter_is_read_as_one() -> None:
    read = lookalikes()
    for letter, characters in CONFUSABLES.items():
        for character in characters:
            # What has a compatibility form of its own is read by that: the long s is an s, and no f.
            form = unicodedata.normalize("NFKC", character)
            wanted = form if form.isascii() and form.isalnum() else letter
            assert letters_of(read.get(ord(character), "")).lower() in {letters_of(wanted), letters_of(letter)}, (letter, character)


@pytest.mark.parametrize(
    "text",
    [
        "PRODUCTION_PASS",
        "production_pass",
        "Production Pass",
        "production\npass",
        "PRODUCTIONPASS",
        "production/pass",
        "PR0DUCT1ON_PASS",
        "PRODUCT|ON_PASS",
        "P R O D U C T I O N   P A S S",
        "P\nR\nO\nD\nU\nC\nT\nI\nO\nN\nP\nA\nS\nS",
        "PRODUCTION. PASS!",
        "| PRODUCTION | PASS |",
        "PROD**UCT**ION\\_PASS",
        "*PRODUCTION*_`PASS`",
        "PRODUCTION&#95;PASS",
        "PRODUCTION&lowbar;PASS",
        "&#x50;RODUCTION_PASS",
        "PROD&ZeroWidthSpace;UCTION_PASS",
        "PRODUCTION\\u005fPASS",
        "\\u0050RODUCTION_PASS",
        "PRODUCTION\\u{200b}_PASS",
        "\\nPRODUCTION_PASS",
        "PROD<b>UCT</b>ION_PASS",
        "PRODUCTION<!-- not yet -->_PASS",
        "\u202eSSAP_NOITCUDORP\u202c",
        "\u202eNOITCUDORP\u202c_PASS",
        "ＰＲＯＤＵＣＴＩＯＮ＿ＰＡＳＳ",
        "ᴘʀᴏᴅᴜᴄᴛɪᴏɴ_ᴘᴀss",
        "PRODUCTION_PASS_2",
        "FIX7-PRODUCTION_PASS",
        "no PRODUCTION_PASS",
        "é PRODUCTION_PASS",
    ],
)
def test_these_use_a_token_of_two_parts(text: str) -> None:
    assert found(text) == ["PRODUCTION_PASS"]


@pytest.mark.parametrize("text", ["SEALED", "**SEALED**", "S E A L E D", "S.E.A.L.E.D.", "SEALED!", "SEA\u00adLED", "ЅЕАLЕD", "[SEALED]", "SeAlEd", "🅂🄴🄰🄻🄴🄳"])
def test_these_use_a_token_of_one_part(text: str) -> None:
    assert found(text) == ["SEALED"]


@pytest.mark.parametrize(
    "text",
    [
        "The packet is sealed.",
        "Sealed evidence is compared with its bytes.",
        "s e a l e d",
        "UNSEALED, RESEALED and SEALEDNESS are other words.",
        "The cutover passed no gate; CUTOVER is forbidden until its own grant exists.",
        "What is in production. Pass it on.",
        "in production, pass it on",
        "in production (pass 2)",
        "| production | pass |",
        '{"production": "pass"}',
        "production\n\npass",
        "- in production\n- pass it on",
        "PRODUCTION_PASSED is what nobody said.",
        "XPRODUCTION_PASS",
        "production" + " - " * 6 + "pass",
        "PRODUCTION" + "-" * 17 + "PASS",
        "no word is lost, and no record",
        "It was moved to the other ward.",
        "",
        "12345",
        "ÄÖÜ — „ß“ …",
    ],
)
def test_ordinary_words_are_no_use(text: str) -> None:
    assert found(text) == []


@FEW
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
@example("\\u{ffffff}")
@example("\\ud800")
@example("&#xFFFFFFFF;|<|>")
def test_any_text_is_read_and_one_without_the_letters_is_passed(text: str) -> None:
    among = [name for name in NAMES if letters_of(name) in letters_of(text)]
    # An escape, a tag or a reversal can bring letters together that stand apart as written.
    assert set(found(text)) <= set(among) or any(mark in text for mark in "\\&<|\u202e")


def test_letters_apart_by_white_space_count_as_one_apart_and_so_many_others_do_not() -> None:
    assert found("SEA" + " \n" * 50 + "LED") == ["SEALED"]
    assert found("SEA" + "-" * 16 + "LED") == ["SEALED"]
    assert found("SEA" + "-" * 17 + "LED") == []
    assert found("production" + "/" * 8 + "pass") == ["PRODUCTION_PASS"]
    assert found("production" + "/" * 9 + "pass") == []


def test_half_of_the_letters_in_capitals_are_capitals() -> None:
    assert found("SEAled") == ["SEALED"]
    assert found("SEaled") == []


def test_a_part_of_a_longer_token_is_a_use_of_that_one_alone() -> None:
    assert found("MOVED_ONE") == ["MOVED_ONE"]
    assert found("MOVED_ONE and MOVED") == ["MOVED", "MOVED_ONE"]


def test_an_m_is_as_good_as_r_and_n_together() -> None:
    assert uses("the rn0ved and the RNOVED", TOKENS) == (Use("MOVED", 1, "RNOVED"),)
    assert found("NO-RECORD-LOST for NO-RECORD-LOST") == ["NO-RECORD-LOST"]
    assert found("froM NO-RECORD-LOST") == ["NO-RECORD-LOST"]
    assert found("forMOVED") == []


def test_a_use_is_told_with_its_line_and_as_it_is_read() -> None:
    assert uses("one\ntwo SEA LED\nthree\nＳＥＡＬＥＤ", TOKENS) == (Use("SEALED", 2, "SEA LED"), Use("SEALED", 4, "SEALED"))


@pytest.mark.parametrize("behind", range(16_384 - 20, 16_384 + 4))
def test_a_use_across_the_edge_of_a_window_is_found_once_and_no_other_word_is(behind: int) -> None:
    assert uses("." * behind + "\nSEALED\n" + "." * 20_000, TOKENS) == (Use("SEALED", 2, "SEALED"),)
    assert uses("x" * behind + "SEALED" + "x" * 20_000, TOKENS) == ()


def test_the_start_of_the_next_window_begins_no_word() -> None:
    assert uses("x" * (16_384 - 4_096) + "SEALED" + " " * 20_000, TOKENS) == ()
    assert uses(" " * (16_384 - 4_096) + "SEALED" + " " * 20_000, TOKENS) == (Use("SEALED", 1, "SEALED"),)


def test_where_nothing_is_declared_nothing_is_used() -> None:
    assert uses("PRODUCTION_PASS — &amp;", ()) == ()
