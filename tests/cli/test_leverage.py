"""`govern status` weighs what is open: by what it would unlock, by age, by who answered, and by what decisions share."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from govern.cli.leverage import spell_age
from support.cli import Clock, Programme


def _status(programme: Programme) -> Mapping[str, Any]:
    result = json.loads(programme.does("status", "--json").out)["result"]
    assert isinstance(result, dict)
    return result


def test_the_decision_that_would_unlock_most_comes_first(fix7: Programme) -> None:
    assert _status(fix7)["decisions"] == ["final-real-data", "production-after-rehearsal"]
    lines = fix7.does("status").out.splitlines()
    assert [line.split()[1].rstrip(":") for line in lines if line.startswith("packet ")] == ["final-real-data", "production-after-rehearsal"]
    [execution] = [line for line in lines if "AUTHORIZE_PRODUCTION_EXECUTION " in line]
    assert execution.endswith("locked, 11 missing    unlocks 7 actions")


def test_an_act_that_opens_more_comes_before_others_and_says_so(fix7: Programme) -> None:
    acts = [each for each in _status(fix7)["next"] if each["opens"] is not None]

    assert acts[0]["command"] == "govern grant record PRODUCTION_DRYRUN --as owner"
    assert acts[0]["opens"]["options"] == ["final-real-data/AUTHORIZE_PRODUCTION_DRYRUN_ONLY"]
    assert "explicit dry-run grant (towards option 3); opens 1 option, 1 leg" in fix7.does("status").out


def test_decisions_that_wait_for_the_same_rehearsal_are_one_line(fix7: Programme) -> None:
    assert "2 decisions: 4 and 5 of final-real-data  rehearsal of real-dump, dry-run of birth-surface  operator" in fix7.does("status").out
    [group] = _status(fix7)["waits_together"]
    assert group["legs"] == ["FIX7-P0-DRYRUN-PROD-ROLLBACK-1/real-dump", "FIX7-P0-PROD-BIRTH-SURFACE-1/scoped"]


def test_a_hold_says_how_long_it_has_lasted_and_whether_anybody_answered(fix7: Programme, clock: Clock) -> None:
    header = "packet final-real-data: HOLD (default) for"
    assert any(line.startswith(header) and line.endswith("; nobody has answered (default HOLD_REAL_DATA)") for line in fix7.does("status").out.splitlines())

    fix7.does("refuse", "3", "--reason", "not yet", "--as", "owner")
    refused = next(each for each in _status(fix7)["packets"] if each["packet"] == "final-real-data")["held"]
    assert (refused["answer"], refused["record"]) == ("refused", 25)
    assert "; answered by a refusal, record #25 (default HOLD_REAL_DATA)" in fix7.does("status").out

    fix7.confirms("decide", "final-real-data/HOLD_REAL_DATA", "--as", "owner")
    clock.seconds += 7_300
    decided = next(each for each in _status(fix7)["packets"] if each["packet"] == "final-real-data")["held"]
    assert (decided["answer"], decided["record"], decided["seconds"]) == ("hold", 26, 7_300)
    assert "HOLD (decided), HOLD_REAL_DATA by record #26 for 2 hours, since" in fix7.does("status").out


def test_a_decision_that_nobody_took_in_time_says_so_and_a_selected_one_comes_last(hospital: Programme, clock: Clock) -> None:
    hospital.confirms("decide", "inventory/COUNT", "--as", "head-nurse")
    assert "packet inventory: selected, COUNT by record #2 for less than a minute, since" in hospital.does("status").out

    hospital.does("packet", "issue", "copying", "--as", "vendor")
    clock.seconds += 5 * 86_400

    assert (
        hospital.does("status")
        .out.splitlines()[3]
        .startswith("packet copying: HOLD (no response by 2026-07-06T09:00:00Z) for 5 days, since 2026-07-01T09:00:00Z; nobody has answered")
    )
    assert _status(hospital)["packets"][-1]["held"]["answer"] == "no-response"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a minute"),
        (59, "less than a minute"),
        (60, "1 minute"),
        (3_599, "59 minutes"),
        (3_600, "1 hour"),
        (86_399, "23 hours"),
        (86_400, "1 day"),
        (172_800, "2 days"),
    ],
)
def test_an_age_is_spelled_in_its_largest_whole_unit(seconds: int, words: str) -> None:
    assert spell_age(seconds) == words
