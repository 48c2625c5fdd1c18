"""`policy diff` and what `policy adopt` shows of it: what becomes possible and what no longer, loosening first."""

import json
import shutil
from pathlib import Path

import pytest

from govern.canonical import digest
from govern.problems import Exit
from support.cli import Programme, run_words

CUTOVER = "            - {grant: CUTOVER}\n"
DRYRUN = "PRODUCTION_DRYRUN: {scope: dry-run, issuer: owner"


def loosen(programme: Programme) -> None:
    programme.replace("states.yaml", CUTOVER, "")
    programme.replace("states.yaml", DRYRUN, f"{DRYRUN}, expires_after: 7d")
    programme.replace("states.yaml", "version: 1, title", "version: 2, title")


def test_the_adopted_and_the_working_policy_are_the_same_at_first(fix7: Programme) -> None:
    assert fix7.does("policy", "diff").out == "adopted (version 1) -> working (version 1): the same in every respect\n"
    assert fix7.does("policy", "diff", "--exit-code").status == Exit.YES


def test_what_loosens_comes_first_and_then_what_becomes_possible_where(fix7: Programme) -> None:
    loosen(fix7)
    out = fix7.does("policy", "diff").out.splitlines()
    assert out[0] == "adopted (version 1) -> working (version 2): 1 loosens, 1 tightens, 1 neither"
    assert out[2] == "loosens:"
    assert out[3].endswith("  packets.final-real-data.options.AUTHORIZE_PRODUCTION_EXECUTION.requires: the guard is another")
    assert out[3].startswith("  states.yaml:")
    assert out[5] == "tightens:"
    assert out[6].endswith("  grants.PRODUCTION_DRYRUN.expires_after: it lasts shorter: 1w, not without end")
    possible = out[out.index("possible now:") + 1]
    assert possible.startswith("  option final-real-data/AUTHORIZE_PRODUCTION_EXECUTION can be decided where grant:ACTIVATION + grant:PERMIT + ")
    assert possible.endswith("; on it rests action production-mutation, action real-run, action qt001 and 4 more")
    assert "grant:CUTOVER" not in possible


def test_the_answer_in_json_has_a_closed_form(fix7: Programme) -> None:
    loosen(fix7)
    result = fix7.asks("policy", "diff")
    assert set(result) == {"old", "new", "direction", "edits", "possible", "impossible"}
    assert result["direction"] == "both"
    assert result["new"] == {"name": "working", "version": 2, "policy": digest(fix7.policy.read_bytes())}
    assert [set(each) for each in result["edits"]] == [{"path", "at", "what", "direction", "gone", "entries"}] * 3
    [found] = result["possible"]
    assert set(found) == {"kind", "name", "act", "where", "then"}
    assert (found["kind"], found["where"]["smallest"], found["where"]["unknown"], found["where"]["persons"]) == ("option", True, False, [])
    assert len(found["where"]["facts"]) == 10
    assert result["impossible"] == []


def test_the_exit_status_says_on_request_that_something_is_loosened(fix7: Programme, tmp_path: Path) -> None:
    old = tmp_path / "old.yaml"
    shutil.copy(fix7.policy, old)
    loosen(fix7)
    assert fix7.run("policy", "diff", "--exit-code").status == Exit.NO
    fix7.policy.write_text(old.read_text().replace(DRYRUN, f"{DRYRUN}, expires_after: 7d"))
    assert fix7.run("policy", "diff", "--exit-code").status == Exit.YES
    assert fix7.run("policy", "diff", "working", str(old), "--exit-code").status == Exit.NO, "the other way round"


def test_one_file_is_the_new_one_and_two_need_no_ledger(fix7: Programme, tmp_path: Path) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_bytes(fix7.policy.read_bytes())
    new.write_text(fix7.policy.read_text().replace(CUTOVER, ""))
    assert fix7.does("policy", "diff", str(new)).out.startswith(f"adopted (version 1) -> {new} (version 1): 1 loosens\n")
    ran = run_words("-C", str(tmp_path), "policy", "diff", str(new), str(old), "--json")
    assert ran.status == Exit.YES
    assert [each["direction"] for each in json.loads(ran.out)["result"]["edits"]] == ["tightening"]
    assert json.loads(ran.out)["head"] is None


def test_an_adopted_version_is_named_by_the_digits_that_its_digest_begins_with(fix7: Programme) -> None:
    first = digest(fix7.policy.read_bytes())
    loosen(fix7)
    fix7.confirms("policy", "adopt", "--reason", "it is time", "--accept-weakening", "--as", "owner")
    assert "1 loosens, 1 tightens" in fix7.does("policy", "diff", first[:12], "adopted").out
    for name in ("nothing.yaml", "0123456789", first[:4]):
        ran = fix7.refuses("policy", "diff", name, "adopted", status=Exit.USAGE)
        assert ran.codes == ["UNKNOWN_ID"]
        assert "no adopted version begins so" in ran.err


def test_a_version_is_not_read_through_a_link(fix7: Programme) -> None:
    (fix7.root / "link.yaml").symlink_to(fix7.policy)
    ran = fix7.refuses("policy", "diff", str(fix7.root / "link.yaml"), status=Exit.USAGE)
    assert (ran.codes, "help: A file, `adopted`, `working`" in ran.err) == (["FILE_IO"], True)


def test_a_version_with_faults_is_not_compared(fix7: Programme) -> None:
    fix7.replace("states.yaml", "title: FIX7 P0", "titel: FIX7 P0")
    assert "POLICY_UNKNOWN_KEY" in fix7.refuses("policy", "diff", status=Exit.UNJUDGED).codes


def test_a_template_that_was_edited_loosens(fix7: Programme) -> None:
    path = fix7.root / "templates" / "decision-packet.md.j2"
    path.write_text(path.read_text() + "\nAll is well.\n")
    ran = fix7.run("policy", "diff", "--exit-code")
    assert ran.status == Exit.NO
    assert "loosens:\n  templates/decision-packet.md.j2:1:1  templates/decision-packet.md.j2 shows something else\n" in ran.out


def test_an_adoption_shows_what_it_loosens_before_it_asks(fix7: Programme) -> None:
    loosen(fix7)
    ran = fix7.types("2\n", "policy", "adopt", "--reason", "it is time", "--accept-weakening", "--as", "owner")
    assert ran.status == Exit.YES
    assert "1 loosens, 1 tightens, 1 neither\n\nloosens:\n" in ran.out
    assert ran.out.index("possible now:\n  option final-real-data/AUTHORIZE_PRODUCTION_EXECUTION can be decided") < ran.out.index("recorded as #25")


@pytest.mark.parametrize("who", ["ann", "bob"])
def test_a_version_that_loosens_waits_where_that_takes_more_words(who: str, tmp_path: Path) -> None:
    from support.attacks import POLICY, start_yard
    from support.cli import waived

    board = "adopted_by: {all: [{of: board, at_least: 2}]}"
    assert board in POLICY
    yard = start_yard(tmp_path / "yard", waived(POLICY.replace(board, "adopted_by: board, loosened_by: {all: [{of: board, at_least: 2}]}")))
    yard.replace("states.yaml", "version: 1", "version: 2")
    yard.replace("states.yaml", "expires_after: 30d", "expires_after: 31d")
    words = ("policy", "adopt", "--reason", "x", "--accept-weakening", "--as", who)
    done = yard.does(*words, "--confirm", yard.code(*words), "--json").answer["result"]
    assert done["in_force"] is False


def test_histories_tell_the_records_that_lead_to_each_difference(fix7: Programme) -> None:
    loosen(fix7)
    out = fix7.does("policy", "diff", "--histories").out.splitlines()
    head = out.index("option final-real-data/AUTHORIZE_PRODUCTION_EXECUTION, possible now:")
    assert len(out[head + 1 :]) == 13
    assert out[-1].split() == [
        "#13",
        "owner",
        "decide",
        "final-real-data/AUTHORIZE_PRODUCTION_EXECUTION",
        "HOLD_REAL_DATA",
        "->",
        "AUTHORIZE_PRODUCTION_EXECUTION",
    ]
    [found] = fix7.asks("policy", "diff", "--histories")["histories"]
    assert (found["kind"], found["name"], found["possible"]) == ("option", "final-real-data/AUTHORIZE_PRODUCTION_EXECUTION", True)
    assert "grant CUTOVER" not in [each["act"] for each in found["records"]]


def test_a_difference_that_no_history_shows_is_told_without_one(fix7: Programme, tmp_path: Path) -> None:
    new = tmp_path / "new.yaml"
    new.write_text(fix7.policy.read_text().replace("CUTOVER: {scope: production, issuer: owner}", "CUTOVER: {scope: production, issuer: operator}"))
    out = fix7.does("policy", "diff", str(new), "--histories").out
    assert "grant CUTOVER, possible now:\n  no history was found that shows it" in out
