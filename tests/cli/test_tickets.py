"""`ticket`: ids are reserved, folded, withdrawn, shown and checked; no two processes or branches ever hold one."""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from govern.cli.recording import Proposal
from support.cli import Clock, Programme, key_of
from support.git import commit, git

OWNER, AGENT = ("--as", "owner"), ("--as", "engineering")
ADDENDA = "governance/registry/addenda"


def reserve(programme: Programme, count: int, purpose: str = "tests", actor: str = "engineering") -> str:
    """Reserve ids; return their range."""
    ran = programme.does("ticket", "reserve", "--count", str(count), "--for", purpose, "--as", actor, "--json")
    return str(ran.answer["result"]["reservation"]["ids"])


def fold(programme: Programme, ids: str, *words: str) -> None:
    """Fold a range as its owner."""
    programme.confirms("ticket", "fold", ids, *OWNER, *words)


@pytest.fixture(name="shared")
def _shared(fix7: Programme) -> Programme:
    """A copy of FIX7 in a git repository of its own, on the branch `main`."""
    shutil.copy(Path(__file__).parents[2] / ".gitattributes", fix7.root)
    commit(fix7.root)
    return fix7


def test_a_reservation_prints_its_ids_what_applies_it_and_what_takes_it_back(fix7: Programme) -> None:
    ran = fix7.does("ticket", "reserve", "--count", "10", "--for", "the next lane", *AGENT)
    assert ran.out.splitlines() == [
        "recorded as #25: TKT-OBJ-508..517 is reserved, 10 ids above ceiling 507, APPLY_NOW=NO (unauthenticated)",
        f"wrote {ADDENDA}/508..517.md",
        f"wrote {ADDENDA}/508..517.json",
        "apply it: govern ticket fold TKT-OBJ-508..517 --as owner",
        'take it back: govern ticket withdraw TKT-OBJ-508..517 --reason "…" --as engineering; its ids are not given again',
    ]
    lone = fix7.does("ticket", "reserve", "--for", "mine", "--as", "owner").out
    assert "nobody can fold it: owner alone could, and has reserved it\n" in lone
    page = (fix7.root / ADDENDA / "508..517.md").read_text()
    assert "**APPLY_NOW=NO**: reserved, and not folded." in page
    assert "- For: the next lane\n- By: engineering, with record #25 (unauthenticated)\n- When: 2026-07-01T09:00:00Z\n" in page


def test_the_json_of_a_reservation_lists_every_id(fix7: Programme) -> None:
    result = fix7.does("ticket", "reserve", "--count", "3", "--for", "x", *AGENT, "--json").answer["result"]
    assert result["ids"] == ["TKT-OBJ-508", "TKT-OBJ-509", "TKT-OBJ-510"]
    assert (result["recorded"], result["reservation"]["above"], result["reservation"]["apply_now"]) == (25, 507, "NO")


def test_a_fold_puts_the_range_into_the_registry_and_its_pages_in_step(fix7: Programme) -> None:
    ids = reserve(fix7, 2)
    fold(fix7, ids, "--reason", "agreed")
    shown = fix7.asks("ticket", "show", "TKT-OBJ-509")["reservation"]
    assert (shown["state"], shown["folded"]["record"], shown["folded"]["by"], shown["why"]) == ("folded", "#26", "owner", "agreed")
    assert fix7.asks("ticket", "list")["body_max"] == 509
    for name in ("registry.md", "registry.json", "00-index.md", "00-index.json"):
        assert ids in (fix7.root / "governance/registry" / name).read_text()
    assert "no clash" in fix7.does("ticket", "check").out


def test_a_fold_is_confirmed_and_a_dry_run_records_nothing(fix7: Programme) -> None:
    ids = reserve(fix7, 1)
    before = fix7.tree()
    assert "folding TKT-OBJ-508" in fix7.does("ticket", "fold", ids, *OWNER, "--dry-run").out
    assert fix7.tree() == before
    assert fix7.refuses("ticket", "fold", ids, *OWNER).codes == ["NOT_CONFIRMED"]


def test_a_withdrawn_range_keeps_its_ids(fix7: Programme) -> None:
    ids = reserve(fix7, 5)
    ran = fix7.does("ticket", "withdraw", ids, "--reason", "not wanted", *AGENT)
    assert ran.out.endswith("nothing takes it back; `govern ticket reserve` takes new ids\n")
    assert "its ids are never given again" in fix7.refuses("ticket", "fold", ids, *OWNER).err
    assert reserve(fix7, 1) == "TKT-OBJ-513"
    assert fix7.asks("ticket", "list", "--waiting")["reservations"][0]["ids"] == "TKT-OBJ-513"


def test_the_list_is_of_any_moment(fix7: Programme) -> None:
    first, last = fix7.does("ticket", "list", "--as-of", "@S0").out, fix7.does("ticket", "list").out
    assert first.splitlines()[:2] == [
        "TKT-OBJ: next free TKT-OBJ-495, ceiling 484, body maximum 461",
        "  canonical registry: JSON revision 24, Markdown revision 24, index revision 116",
    ]
    assert "TKT-OBJ-485..494  reserved, APPLY_NOW=NO" in first
    assert last.splitlines()[:2] == [
        "TKT-OBJ: next free TKT-OBJ-508, ceiling 507, body maximum 507",
        "  canonical registry: JSON revision unknown, Markdown revision unknown, index revision unknown",
    ]
    assert "TKT-OBJ-485..494  folded (#22)" in last


@pytest.mark.parametrize(
    ("id", "told"),
    [
        ("TKT-OBJ-490", "TKT-OBJ-485..494 (10 ids): folded"),
        ("490", "TKT-OBJ-485..494 (10 ids): folded"),
        ("TKT-OBJ-485..494", "TKT-OBJ-485..494 (10 ids): folded"),
        ("#16", "TKT-OBJ-485..494 (10 ids): folded"),
        ("495", "TKT-OBJ-495 is allotted, as a document reports; no record says by whom or for what, or whether it is used"),
        ("508", "TKT-OBJ-508 is free: nobody has reserved it"),
        (str(2**53 - 1), f"TKT-OBJ-{2**53 - 1} is free: nobody has reserved it"),
    ],
)
def test_an_id_is_shown_with_who_when_and_for_what(fix7: Programme, id: str, told: str) -> None:
    assert fix7.does("ticket", "show", id).out.splitlines()[0] == told


@pytest.mark.parametrize(
    "id", ["TKT-OBJ-0485", "tkt-obj-485", "TKT-485", "0", "-1", "485..", "485..490", "494..485", "508..510", "#17", "#x", str(2**53), "9" * 20, "", "١"]
)
def test_what_is_spelled_otherwise_names_nothing(fix7: Programme, id: str) -> None:
    assert fix7.refuses("ticket", "show", "--", id, status=2).codes == ["UNKNOWN_ID"]


@pytest.mark.parametrize("range", ["508", "508..511", "509..512", "TKT-OBJ-600", "#3"])
def test_a_part_of_a_reservation_or_none_is_not_folded(fix7: Programme, range: str) -> None:
    reserve(fix7, 5)
    assert fix7.refuses("ticket", "fold", range, *OWNER, status=2).codes == ["UNKNOWN_ID"]


@pytest.mark.parametrize("count", ["0", "-1", "10001", str(2**53), "1e3", "ten", ""])
def test_a_count_that_is_none_or_unbearable_is_refused(fix7: Programme, count: str) -> None:
    assert fix7.refuses("ticket", "reserve", "--count", count, "--for", "x", *AGENT, status=2).codes == ["USAGE"]


def test_an_agent_and_who_reserved_it_do_not_fold(fix7: Programme) -> None:
    ids = reserve(fix7, 1, actor="owner")
    assert "engineering may not fold" in fix7.refuses("ticket", "fold", ids, *AGENT).err
    assert "owner reserved TKT-OBJ-508 and cannot fold it" in fix7.refuses("ticket", "fold", ids, *OWNER).err


def test_near_the_last_number_what_is_left_is_told(fix7: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("govern.cli.tickets.MAX_ID", 510)
    assert reserve(fix7, 2) == "TKT-OBJ-508..509"
    ran = fix7.refuses("ticket", "reserve", "--count", "2", "--for", "x", *AGENT)
    assert (ran.codes, "1 of 2 ids left" in ran.err) == (["TICKET_RANGE"], True)


def test_an_edited_addendum_or_registry_is_found(fix7: Programme) -> None:
    ids = reserve(fix7, 1)
    page = fix7.root / ADDENDA / "508.md"
    page.write_text(page.read_text().replace("APPLY_NOW=NO", "APPLY_NOW=YES"))
    ran = fix7.run("ticket", "check")
    assert (ran.status, ran.codes) == (1, ["DRIFT_EDITED"])
    assert "DRIFT_EDITED" in fix7.run("render", "--check").codes
    fix7.does("render")
    assert fix7.does("ticket", "check").out == "2 reservations in the working tree: no clash\n"
    assert ids == "TKT-OBJ-508"


def test_a_page_that_cannot_be_written_is_a_warning_and_the_record_stands(fix7: Programme) -> None:
    shutil.rmtree(fix7.root / ADDENDA)
    (fix7.root / ADDENDA).symlink_to(fix7.root / "templates")
    ran = fix7.does("ticket", "reserve", "--for", "x", *AGENT)
    assert "recorded as #25" in ran.out
    assert ran.codes == ["EVIDENCE_TYPE"]
    assert not list((fix7.root / "templates").glob("508*"))


def test_what_a_reservation_would_take_can_be_asked_beforehand(fix7: Programme) -> None:
    before = fix7.tree()
    ran = fix7.does("what-if", "ticket reserve --count 3 --for x --as gpt", "--", "ticket", "show", "509")
    assert "TKT-OBJ-508..510 (3 ids): reserved, APPLY_NOW=NO" in ran.out
    assert fix7.tree() == before


def test_without_a_registry_the_command_says_so(website: Programme) -> None:
    for words in (("list",), ("show", "1"), ("check",), ("reserve", "--for", "x", "--as", "builder"), ("fold", "1", "--as", "builder")):
        assert website.refuses("ticket", *words, status=3).codes == ["NO_REGISTRY"]


def test_a_reservation_that_is_signed_elsewhere_keeps_what_tells_it_from_others(signed: Programme, tmp_path: Path) -> None:
    request = tmp_path / "reserve.json"
    words = ("ticket", "reserve", "--count", "2", "--for", "x", "--as", "operator")
    key = key_of("operator")
    signed.does("request", str(request), *words, *key)
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", "govern-reserve", "-f", key[1], str(request)], check=True, capture_output=True)
    signed.does(*words, "--signature", f"{request}.sig")
    [record] = signed.asks("log", "-n", "1")["records"]
    assert record["standing"] == "signed"
    assert record["body"]["nonce"] == json.loads(request.read_text())["predicate"]["body"]["nonce"]


def test_who_waited_for_the_lock_records_behind_what_was_recorded_meanwhile(fix7: Programme, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(self: Proposal) -> None:
        """The clock goes on, and another records, while the first has read it and waits."""
        monkeypatch.setattr(Proposal, "__post_init__", kept)
        clock.set("2026-07-01T09:00:07Z")
        fix7.does("note", "meanwhile", *AGENT)
        kept(self)

    kept = Proposal.__post_init__
    monkeypatch.setattr(Proposal, "__post_init__", slow)
    assert reserve(fix7, 1) == "TKT-OBJ-508"
    assert [record["at"] for record in fix7.asks("log", "-n", "2")["records"]] == ["2026-07-01T09:00:07Z"] * 2


def test_processes_that_reserve_at_once_hold_no_id_twice(fix7: Programme) -> None:
    words = [sys.executable, "-m", "govern", "-C", str(fix7.root), "ticket", "reserve", "--count", "5", "--for", "the same", *AGENT, "--json"]
    with ThreadPoolExecutor(4) as pool:
        answers = [json.loads(each.stdout) for each in pool.map(lambda _turn: subprocess.run(words, capture_output=True, check=True), range(4))]
    assert sorted(answer["result"]["reservation"]["first"] for answer in answers) == [508, 513, 518, 523]
    subprocess.run([sys.executable, "-m", "govern", "-C", str(fix7.root), "verify"], capture_output=True, check=True)


def test_two_branches_that_reserve_the_same_ids_are_named_with_who_when_and_where(shared: Programme, clock: Clock) -> None:
    git(shared.root, "checkout", "-qb", "other")
    reserve(shared, 10, "the same")
    commit(shared.root)
    theirs = shared.ledger.read_bytes()
    git(shared.root, "checkout", "-q", "main")
    _forget(shared)
    # At the same second, by the same actor and for the same: it is another reservation all the same.
    reserve(shared, 10, "the same")
    assert shared.ledger.read_bytes() != theirs
    clock.set("2026-07-01T09:00:01Z")

    ran = shared.run("ticket", "check", "--all-refs")

    assert (ran.status, ran.codes) == (1, ["TICKET_CLASH"])
    assert ran.out.splitlines() == [
        "TKT-OBJ-508..517 is held 2 times:",
        *sorted(
            [
                '  TKT-OBJ-508..517 by engineering, 2026-07-01T09:00:00Z, record #25, for: "the same", in the working tree',
                '  TKT-OBJ-508..517 by engineering, 2026-07-01T09:00:00Z, record #25, for: "the same", in refs/heads/other',
            ],
            key=ran.out.find,
        ),
        "3 reservations in the working tree and 2 git refs: 1 clash",
    ]
    [clash] = shared.run("ticket", "check", "--all-refs", "--json").answer["result"]["clashes"]
    assert clash["ids"] == "TKT-OBJ-508..517"
    assert sorted(ref for held in clash["held"] for ref in held["refs"]) == ["refs/heads/other", "the working tree"]
    assert shared.does("ticket", "check").codes == []
    assert "tickets     held twice: 508..517" in shared.run("doctor").out


def test_a_rebase_moves_what_was_not_published_and_rewrites_its_addendum(shared: Programme) -> None:
    git(shared.root, "checkout", "-qb", "other")
    reserve(shared, 10, "theirs")
    commit(shared.root)
    git(shared.root, "checkout", "-q", "main")
    _forget(shared)
    ids = reserve(shared, 5, "mine")
    fold(shared, ids)
    shared.does("ticket", "withdraw", reserve(shared, 1, "no use"), "--reason", "not wanted", *AGENT)
    commit(shared.root)
    git(shared.root, "merge", "other", check=False)

    # My fold would stand before what is below it now: that is for its owner to say again.
    assert "TKT-OBJ-508..517 stands below it" in shared.run("ledger", "rebase", "other").err
    shared.does("ledger", "rebase", "other", "--leave-out")
    shared.does("render")
    commit(shared.root)

    found = {each["ids"]: (each["for"], each["state"]) for each in shared.asks("ticket", "list")["reservations"][1:]}
    assert found == {"TKT-OBJ-508..517": ("theirs", "reserved"), "TKT-OBJ-518..522": ("mine", "reserved"), "TKT-OBJ-523": ("no use", "withdrawn")}
    assert sorted(path.name for path in (shared.root / ADDENDA).glob("*.md")) == ["485..494.md", "508..517.md", "518..522.md", "523.md"]
    assert "- For: mine\n" in (shared.root / ADDENDA / "518..522.md").read_text()
    shared.does("render", "--check")
    assert "no clash" in shared.does("ticket", "check", "--all-refs").out


def test_an_edited_addendum_of_mine_is_left_for_me_to_look_at(shared: Programme, tmp_path: Path) -> None:
    others = tmp_path / "others"
    shutil.copytree(shared.root, others)
    reserve(shared, 2, "mine")
    page = shared.root / ADDENDA / "508..509.md"
    page.write_text(page.read_text() + "my own words\n")
    _forget(shared)
    reserve(Programme(others), 1, "theirs")
    _forget(shared)
    shared.does("ledger", "rebase", str(others / "governance" / "ledger"))
    assert "my own words" in page.read_text()
    assert "DRIFT_STRAY" in shared.run("render", "--check").codes


def test_refs_that_cannot_be_compared_are_named(shared: Programme) -> None:
    ledger = shared.ledger.read_bytes()
    for name, content in (("torn", ledger + b"{"), ("changed", ledger.replace(b"Production", b"production", 1)), ("empty", b"")):
        git(shared.root, "checkout", "-qb", name, "main")
        shared.ledger.write_bytes(content)
        commit(shared.root)
    git(shared.root, "checkout", "-q", "main")
    ran = shared.run("ticket", "check", "--all-refs")
    assert (ran.status, ran.codes) == (5, ["TICKET_REF"] * 3)
    assert "refs/heads/torn: its ledger is broken: it ends in the middle of a record" in ran.err
    assert "refs/heads/changed: its ledger is broken: CHAIN_BROKEN" in ran.err
    assert "refs/heads/empty: its ledger is broken: it is empty" in ran.err
    assert ran.out == "1 reservation in the working tree and 1 git ref: no clash, 3 refs not compared\n"


def test_another_ledger_on_a_ref_is_named_and_no_fault_of_this_one(shared: Programme, website: Programme) -> None:
    git(shared.root, "checkout", "-qb", "website")
    shutil.copy(website.ledger, shared.ledger)
    commit(shared.root)
    git(shared.root, "checkout", "-q", "main")
    ran = shared.does("ticket", "check", "--all-refs")
    assert (ran.codes, "refs/heads/website: it holds another ledger" in ran.err) == (["TICKET_REF"], True)


def test_nothing_to_compare_is_no_answer(fix7: Programme) -> None:
    outside = fix7.refuses("ticket", "check", "--all-refs", status=3)
    assert outside.codes == ["TICKET_REF"]
    git(fix7.root, "init", "-q")
    assert "no git ref has a ledger" in fix7.refuses("ticket", "check", "--all-refs", status=3).err


def _forget(programme: Programme) -> None:
    """Be a machine that has seen nothing of the ledger; another branch is then no step back."""
    assert programme.ledger.exists()
    shutil.rmtree(os.environ["XDG_STATE_HOME"], ignore_errors=True)


def test_who_reserved_and_folded_what_a_document_reports_is_said_to_be_unknown_once(fix7: Programme) -> None:
    rows = fix7.does("ticket", "show", "TKT-OBJ-490").out.splitlines()
    assert rows[2].startswith("  reserved   by whom and when is unknown, record #16 (imported from Current State")
    assert rows[5].startswith("  folded     by whom and when is unknown, record #22 (imported from FIX7 P0 - FINAL")
