"""`--as-of`: a time with offset, a record or a mark; what names no one moment is refused with what there is."""

import pytest

from govern.problems import Exit
from support.cli import Clock, Programme


@pytest.mark.parametrize(
    ("when", "size", "as_of"),
    [
        ("#0", 1, "2026-06-12T00:00:00Z"),
        ("#12", 13, "2026-06-12T00:00:00Z"),
        ("#24", 25, "2026-06-12T00:00:00Z"),
        ("#0000024", 25, "2026-06-12T00:00:00Z"),
        ("@S0", 19, "2026-06-12T00:00:00Z"),
        ("@S4", 25, "2026-06-12T00:00:00Z"),
        ("2026-06-12T00:00:00Z", 25, "2026-06-12T00:00:00Z"),
        ("2026-06-12T02:00:00+02:00", 25, "2026-06-12T00:00:00Z"),
        ("2026-06-11T20:30:00-03:30", 25, "2026-06-12T00:00:00Z"),
        ("2026-06-12t00:00:01z", 25, "2026-06-12T00:00:01Z"),
        ("2026-06-13", 25, "2026-06-13T23:59:59Z"),
        ("9999-12-31T23:59:59Z", 25, "9999-12-31T23:59:59Z"),
    ],
)
def test_a_moment_is_a_head_and_a_time(when: str, size: int, as_of: str, fix7: Programme) -> None:
    answer = fix7.does("status", "--as-of", when, "--json").answer
    assert (answer["head"]["size"], answer["as_of"]) == (size, as_of)


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("2026-06-12T09:00:00", "is no time such as 2026-06-12T09:30:00+02:00"),
        ("2026-06-12 09:00:00Z", "is no time such as"),
        ("09:00", "is no time such as"),
        ("", "is no time such as"),
        ("yesterday", "is no time such as"),
        ("2026-02-30T00:00:00Z", "does not exist"),
        ("2026-06-12T24:00:01Z", "does not exist"),
        ("0001-01-01T00:00:00+14:00", "does not exist"),
        ("9999-12-31T23:59:59-14:00", "does not exist"),
        ("2026-13-45", "there is no day 2026-13-45"),
        ("2026-06-11T23:59:59Z", "nothing was on record on 2026-06-11T23:59:59Z"),
        ("2026-06-12T00:00:00+02:00", "nothing was on record on"),
        ("2026-06-11", "nothing was on record on 2026-06-11"),
        ("#25", "there is no record `#25`"),
        ("#-1", "there is no record `#-1`"),
        ("#", "there is no record `#`"),
        ("#²", "there is no record"),
        ("#" + "9" * 5000, "there is no record"),
        ("@S9", "there is no mark `@S9`"),
        ("@", "there is no mark `@`"),
        ("@s0", "there is no mark `@s0`"),
    ],
    ids=lambda each: str(each)[:30],
)
def test_what_names_no_moment_is_refused(when: str, told: str, fix7: Programme) -> None:
    ran = fix7.refuses("status", "--as-of", when, status=Exit.USAGE)
    assert ran.codes == ["AS_OF"]
    assert told in ran.err
    assert "\n    help: " in ran.err


def test_a_bare_date_that_covers_several_heads_is_refused_with_their_list(fix7: Programme) -> None:
    ran = fix7.refuses("status", "--as-of", "2026-06-12", status=Exit.USAGE)
    assert "2026-06-12 covers 25 heads\n    help: name one: @S0 (#18), @S4 (#24); #0 genesis, #1 issue, #2 delegate, #3 decide" in ran.err
    assert ran.err.endswith("#11 quote and 13 more\n")


def test_a_bare_date_of_one_head_is_that_head(fix7: Programme, clock: Clock) -> None:
    fix7.does("note", "on a day of its own", "--as", "gpt")
    clock.set("2026-07-03T00:00:00Z")
    fix7.does("note", "later", "--as", "gpt")
    assert fix7.does("status", "--as-of", "2026-07-01", "--json").answer["head"]["size"] == 26
    assert fix7.does("status", "--as-of", "2026-07-02", "--json").answer["head"]["size"] == 26
    assert fix7.does("status", "--as-of", "2026-07-03", "--json").answer["head"]["size"] == 27


def test_a_date_without_marks_is_told_its_records(fix7: Programme) -> None:
    fix7.does("note", "one", "--as", "gpt")
    fix7.does("note", "two", "--as", "gpt")
    assert "2026-07-01 covers 2 heads\n    help: name one: #25 note, #26 note\n" in fix7.refuses("status", "--as-of", "2026-07-01", status=Exit.USAGE).err


def test_a_mark_that_is_nearly_right_is_suggested(fix7: Programme) -> None:
    fix7.does("mark", "cut-over", "--as", "gpt")
    assert "did you mean `cut-over`?" in fix7.run("status", "--as-of", "@cut-ovr").err
    assert "marks: @S0, @S4, @cut-over" in fix7.run("status", "--as-of", "@zzz").err


def test_the_first_state_of_the_programme_is_as_it_was(fix7: Programme) -> None:
    text = fix7.does("status", "--as-of", "@S0").out
    assert "as of 2026-06-12T00:00:00Z, policy version 1, 19 records" in text
    assert "FIX7-P0-DRYRUN-PROD-ROLLBACK-1  partially-discharged" in text
    assert fix7.asks("log", "--as-of", "@S0")["count"] == 19
    assert fix7.asks("lineage", "--as-of", "@S0")["packets"][2]["lifecycle"] == "draft"


def test_windows_are_judged_at_the_moment_that_is_asked_about(fix7: Programme, clock: Clock) -> None:
    fix7.confirms("grant", "record", "QT001", "--not-before", "2026-07-02T00:00:00Z", "--expires", "2026-07-03T00:00:00Z", "--as", "owner")
    moments = {
        "2026-07-01T09:00:00Z": "not-yet",
        "2026-07-01T23:59:59Z": "not-yet",
        "2026-07-02T00:00:00Z": None,
        "2026-07-02T23:59:59Z": None,
        "2026-07-03T00:00:00Z": "expired",
        "2028-07-03T00:00:00Z": "expired",
    }
    assert {when: fix7.asks("why-blocked", "QT001", "--as-of", when)["requirements"][0]["cause"] for when in moments} == moments
    clock.set("2026-07-02T12:00:00Z")
    assert fix7.asks("why-blocked", "QT001")["allowed"] is True


@pytest.mark.parametrize("words", [("--as-of", "@S0", "status"), ("status", "--as-of", "@S0"), ("status", "--as-of=@S0"), ("--as-of=@S0", "status")])
def test_the_moment_may_stand_before_and_after_the_command(words: tuple[str, ...], fix7: Programme) -> None:
    assert "19 records" in fix7.does(*words).out


@pytest.mark.parametrize("words", [("verify",), ("check",), ("init",), ("demo",), ("render",)])
def test_what_is_of_today_alone_is_not_asked_of_the_past(words: tuple[str, ...], fix7: Programme) -> None:
    assert fix7.refuses(*words, "--as-of", "@S0", status=Exit.USAGE).codes == ["AS_OF"]
