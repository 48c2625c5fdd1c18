"""A refusal is whole: every cause at once, a status of its own, and no byte of the tree has changed."""

import pytest

from govern.problems import Exit
from support.cli import EXECUTION, HANDOFF, HOLD, REAL_DUMP, SCOPING, Clock, Programme

# Every command that records, with words that are right but for what each test gets wrong.
WRITES: list[tuple[str, ...]] = [
    ("decide", "2"),
    ("refuse", "2", "--reason", "no"),
    ("delegate", "2", "--to", "gpt"),
    ("grant", "request", "QT001", "--reason", "now"),
    ("grant", "record", "QT001"),
    ("grant", "revoke", "#2", "--reason", "no more"),
    ("blocker", "discharge", SCOPING, "--attest", "scoped"),
    ("blocker", "reopen", "FIX7-P0-PROD-CI-SCOPE-1/gate", "--reason", "it is doubted"),
    ("lane", "open", "production-execution"),
    ("lane", "close", "production-execution"),
    ("finding", "ci-seal-vs-bytes", "pass", "--why", "seen"),
    ("note", "seen"),
    ("mark", "S5"),
    ("packet", "prepare", "final-real-data"),
    ("packet", "issue", "final-real-data"),
    ("ticket", "reserve", "--for", "tests"),
    ("policy", "adopt", "--reason", "changed"),
]
# What gives authority is confirmed: on a terminal by a word, elsewhere by a code.
CONFIRMED = [("decide", "2"), ("delegate", "2", "--to", "gpt"), ("grant", "record", "QT001", "PERMIT"), ("lane", "open", "production-execution")]
UNAUTHORISED = [
    ("decide", "2", "--as", "operator"),
    ("refuse", "2", "--reason", "no", "--as", "gpt"),
    ("delegate", "2", "--to", "gpt", "--as", "operator"),
    ("grant", "record", "QT001", "--as", "operator"),
    ("grant", "revoke", "#2", "--reason", "no", "--as", "gpt"),
    ("blocker", "discharge", SCOPING, "--attest", "scoped", "--as", "operator"),
    ("lane", "open", "production-execution", "--as", "engineering"),
    ("finding", "ci-seal-vs-bytes", "pass", "--why", "seen", "--as", "gpt"),
]
UNCONFIRMED = [words for words in WRITES if words[0] != "policy" and words[:2] not in [each[:2] for each in CONFIRMED]]
DIRTY = [("states.yaml", "POLICY_DIRTY"), ("templates/decision-packet.md.j2", "TEMPLATE_DIRTY")]
NAMES: list[tuple[str, ...]] = [words[:2] for words in WRITES]


def test_deciding_option_five_is_refused_with_all_causes_and_no_byte_has_changed(fix7: Programme) -> None:
    ran = fix7.refuses("decide", "5", "--as", "owner")
    asked = fix7.asks("why-blocked", "5")["requirements"]
    first, *lines = ran.err.rstrip("\n").split("\n")
    assert first == f"refused: deciding final-real-data/{EXECUTION}; 11 causes, nothing was recorded"
    assert [line.strip() for line in lines[1::2]] == [each["how"] for each in asked]
    assert [line.split()[0] for line in lines[0::2]] == [each["cause"] for each in asked]
    assert ran.out == ""


@pytest.mark.parametrize("words", WRITES, ids=map(str, NAMES))
def test_an_act_of_nobody_is_refused(words: tuple[str, ...], fix7: Programme) -> None:
    if words[0] == "policy":
        fix7.replace("states.yaml", "version: 1, title", "version: 2, title")
    assert fix7.refuses(*words, status=Exit.USAGE).codes[-1:] == ["NO_ACTOR"]


@pytest.mark.parametrize("words", WRITES, ids=map(str, NAMES))
def test_an_act_of_an_actor_that_is_not_declared_is_refused(words: tuple[str, ...], fix7: Programme) -> None:
    if words[0] == "policy":
        fix7.replace("states.yaml", "version: 1, title", "version: 2, title")
    ran = fix7.refuses(*words, "--as", "nobody")
    assert "unauthorised  no actor is called nobody; declared: owner, operator, engineering, gpt" in ran.err


@pytest.mark.parametrize("words", UNAUTHORISED, ids=lambda words: " ".join(words[:2]))
def test_an_act_without_authority_is_refused(words: tuple[str, ...], fix7: Programme) -> None:
    ran = fix7.refuses(*words)
    assert "\n  unauthorised  " in ran.err


@pytest.mark.parametrize("words", CONFIRMED, ids=lambda words: " ".join(words[:2]))
def test_what_gives_authority_is_refused_as_long_as_it_is_not_confirmed(words: tuple[str, ...], fix7: Programme) -> None:
    ran = fix7.refuses(*words, "--as", "owner")
    assert ran.codes == ["NOT_CONFIRMED"]
    assert f"--confirm {fix7.code(*words, '--as', 'owner')}" in ran.err


@pytest.mark.parametrize("words", CONFIRMED, ids=lambda words: " ".join(words[:2]))
def test_where_nothing_is_shown_no_code_is_given(words: tuple[str, ...], fix7: Programme) -> None:
    ran = fix7.refuses(*words, "--as", "owner", "--json")
    assert [each["code"] for each in ran.answer["diagnostics"]] == ["NOT_CONFIRMED"]
    assert fix7.code(*words, "--as", "owner") not in ran.out


@pytest.mark.parametrize("confirm", ["", "25-", "25-0000000000", "0-0000000000", "²-0000000000", "9" * 5000 + "-0"])
def test_a_wrong_code_is_refused(confirm: str, fix7: Programme) -> None:
    for words in (CONFIRMED[0], CONFIRMED[2]):
        assert fix7.refuses(*words, "--as", "owner", "--confirm", confirm).codes == ["NOT_CONFIRMED"]


@pytest.mark.parametrize("words", WRITES, ids=map(str, NAMES))
def test_the_past_cannot_be_written_to(words: tuple[str, ...], fix7: Programme) -> None:
    if words[0] == "policy":
        fix7.replace("states.yaml", "version: 1, title", "version: 2, title")
    assert fix7.refuses(*words, "--as", "owner", "--as-of", "#24", status=Exit.USAGE).codes == ["AS_OF"]


@pytest.mark.parametrize("words", UNCONFIRMED, ids=lambda words: " ".join(words[:2]))
def test_nothing_is_recorded_under_a_policy_and_a_template_that_were_not_adopted(words: tuple[str, ...], fix7: Programme) -> None:
    for name, _code in DIRTY:
        (fix7.root / name).write_bytes((fix7.root / name).read_bytes() + b"\n")
    assert fix7.refuses(*words, "--as", "owner").codes == [code for _name, code in DIRTY]


def test_hold_is_recorded_under_a_policy_and_a_template_that_were_not_adopted_too(fix7: Programme) -> None:
    fix7.confirms("decide", "2", "--as", "owner")
    for name, _code in DIRTY:
        (fix7.root / name).write_bytes((fix7.root / name).read_bytes() + b"\n")
    assert fix7.confirms("decide", HOLD, "--as", "owner").codes == [code for _name, code in DIRTY]
    assert fix7.asks("status")["packets"][1]["selected"] == "HOLD_REAL_DATA"
    assert fix7.does("verify").out.startswith("27 records verified")


@pytest.mark.parametrize(("name", "code"), DIRTY)
@pytest.mark.parametrize("words", CONFIRMED, ids=lambda words: " ".join(words[:2]))
def test_nothing_that_was_confirmed_is_recorded_once_policy_or_template_differ(words: tuple[str, ...], name: str, code: str, fix7: Programme) -> None:
    confirm = fix7.code(*words, "--as", "owner")
    (fix7.root / name).write_bytes((fix7.root / name).read_bytes() + b"\n")
    assert fix7.refuses(*words, "--as", "owner", "--confirm", confirm).codes == [code]


@pytest.mark.parametrize("words", [words for words in WRITES if words[0] in ("note", "mark", "finding", "blocker", "packet")], ids=" ".join)
def test_nothing_is_recorded_behind_a_torn_tail(words: tuple[str, ...], fix7: Programme) -> None:
    with fix7.ledger.open("ab") as stream:
        stream.write(b'{"at":"2026')
    ran = fix7.refuses(*words, "--as", "owner", status=Exit.BROKEN)
    assert ran.codes == ["TORN_TAIL"]
    assert ran.err.startswith("governance/ledger/000000.jsonl:26:1: error TORN_TAIL: 11 bytes")


def test_nothing_is_recorded_with_a_clock_that_is_behind_the_ledger(fix7: Programme, clock: Clock) -> None:
    clock.set("2026-06-11T23:59:59Z")
    assert fix7.refuses("note", "x", "--as", "owner").codes == ["TIME_ORDER"]
    clock.set("2026-06-12T00:00:00Z")
    assert fix7.does("note", "x", "--as", "owner").seqs == [25]


@pytest.mark.parametrize(
    "words",
    [
        ("note", ""),
        ("note", " \n"),
        ("note", "x" * 4001),
        ("note", "\udcff"),
        ("refuse", "2", "--reason", ""),
        ("grant", "request", "QT001", "--reason", ""),
        ("grant", "record", "QT001", "--reason", "", "--dry-run"),
        ("blocker", "discharge", SCOPING, "--attest", ""),
        ("blocker", "reopen", SCOPING, "--reason", ""),
        ("decide", HOLD, "--supersedes", "-1", "--dry-run"),
        ("decide", HOLD, "--reason", "", "--dry-run"),
        ("mark", "a b"),
    ],
    ids=str,
)
def test_words_that_no_ledger_takes_are_refused_before_anything_is_judged(words: tuple[str, ...], fix7: Programme) -> None:
    assert fix7.refuses(*words, "--as", "owner", status=Exit.USAGE).codes == ["USAGE"]


def test_the_longest_text_that_a_ledger_takes_is_recorded(fix7: Programme) -> None:
    assert fix7.does("note", "x" * 4000, "--as", "owner").seqs == [25]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("decide", "1"), "AMBIGUOUS_ID"),
        (("decide", "9"), "UNKNOWN_ID"),
        (("decide", "final-real-data"), "UNKNOWN_ID"),
        (("decide", EXECUTION[:-1]), "UNKNOWN_ID"),
        (("refuse", "1", "--reason", "x"), "AMBIGUOUS_ID"),
        (("delegate", "2", "production/2", "--to", "gpt"), "USAGE"),
        (("delegate", "2", "--to", "nobody"), "UNKNOWN_ID"),
        (("delegate", "2", "--to", "gpt", "--uses", "0"), "USAGE"),
        (("delegate", "2", "--to", "gpt", "--expires", "2026-08-01T00:00:00"), "TIME"),
        (("grant", "record", "QT01"), "UNKNOWN_ID"),
        (("grant", "record", ""), "UNKNOWN_ID"),
        (("grant", "record", "#2"), "UNKNOWN_ID"),
        (("grant", "record", "QT001#x"), "UNKNOWN_ID"),
        (("grant", "record", "QT001#²"), "UNKNOWN_ID"),
        (("grant", "record", "QT001", "--expires", "tomorrow"), "TIME"),
        (("grant", "request", "QT001#3", "--reason", "x"), "USAGE"),
        (("grant", "revoke", "", "--reason", "x"), "UNKNOWN_ID"),
        (("grant", "revoke", "QT001", "--reason", "x"), "AMBIGUOUS_ID"),
        (("grant", "revoke", "QT001#2", "--reason", "x"), "UNKNOWN_ID"),
        (("blocker", "discharge", "FIX7-P0-PROD-OPT4-1", "--attest", "x"), "UNKNOWN_ID"),
        (("blocker", "discharge", SCOPING), "USAGE"),
        (("blocker", "discharge", SCOPING, "--attest", "x", "--evidence", "y"), "USAGE"),
        (("lane", "open", "production"), "UNKNOWN_ID"),
        (("finding", "seal", "pass", "--why", "x"), "UNKNOWN_ID"),
        (("packet", "issue", "final"), "UNKNOWN_ID"),
        (("packet", "isue", "final-real-data"), "USAGE"),
    ],
    ids=str,
)
def test_what_is_not_known_or_not_one_thing_is_refused_with_a_hint(words: tuple[str, ...], code: str, fix7: Programme) -> None:
    ran = fix7.refuses(*words, "--as", "owner", status=Exit.USAGE)
    assert ran.codes == [code]
    assert "\n    help: " in ran.err


def test_an_ambiguous_number_is_refused_with_both_candidates(fix7: Programme) -> None:
    ran = fix7.refuses("decide", "1", "--as", "owner", status=Exit.USAGE)
    assert "one of `production-after-rehearsal/HOLD_PRODUCTION` (option), `final-real-data/HOLD_REAL_DATA` (option)" in ran.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("grant", "record", "QT001#3"), "missing  no QT001#3 is on record    states.yaml:"),
        (("grant", "record", "QT001", "--expires", "2026-01-01T00:00:00Z"), "expired  it would end at 2026-01-01T00:00:00Z, before it could be used"),
        (("grant", "revoke", "#3", "--reason", "x"), "missing  record #3 is neither a grant nor a delegation    states.yaml:"),
        (("refuse", HOLD, "--reason", "x"), "refused  HOLD cannot be refused; it is always there    states.yaml:"),
        (("delegate", "2", "--to", "operator"), "unauthorised  operator may not receive a delegation from owner    states.yaml:"),
        (("lane", "open", "real-data-clone"), "refused  lane real-data-clone is not opened or closed by a record    states.yaml:"),
        (("blocker", "discharge", REAL_DUMP, "--attest", "x"), f"the evidence is attest of nothing, and {REAL_DUMP} wants rehearsal of real-dump"),
    ],
    ids=lambda each: " ".join(each[:2]) if isinstance(each, tuple) else "",
)
def test_a_cause_is_told_once_in_plain_words(words: tuple[str, ...], told: str, fix7: Programme) -> None:
    ran = fix7.refuses(*words, "--as", "owner")
    assert ran.err.count(told) == 1
    sentence = told.split("  ", 1)[-1].split("    ", maxsplit=1)[0]
    assert ran.err.count(sentence) == 1


def test_of_several_acts_all_or_none_are_recorded(fix7: Programme) -> None:
    ran = fix7.refuses("grant", "record", "QT001", "PERMIT#7", "--as", "owner", "--confirm", "25-0000000000")
    assert "granting PERMIT#7 in scope production" in ran.err
    assert fix7.confirms("grant", "record", "QT001", "PERMIT", "--as", "owner").seqs == [25, 26]


def test_a_refused_option_is_decided_only_by_who_takes_the_refusal_back(fix7: Programme) -> None:
    [seq] = fix7.does("refuse", "2", "--reason", "not now", "--as", "owner").seqs
    ran = fix7.refuses("decide", "2", "--as", "owner")
    assert f"govern decide final-real-data/{HANDOFF} --supersedes {seq} --as owner" in ran.err
    fix7.confirms("decide", "2", "--supersedes", str(seq), "--as", "owner")
    assert fix7.asks("status")["packets"][1]["selected"] == HANDOFF
