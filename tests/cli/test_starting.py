"""`init`, `demo`, `doctor`, `check`: a programme of one's own, a story to watch, and what is wrong with the set-up."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from govern.cli import programs
from govern.cli.project import Project
from govern.cli.signing import make_key
from govern.cli.start import start_ledger
from govern.problems import Exit, GovernError
from support.cli import Clock, Programme, run_words, start, waived
from support.faults import HOSPITAL, SMALL
from support.policies import one_option

SCAFFOLD = [
    ".gitattributes",
    "governance/ledger/000000.jsonl",
    "governance/packets/move.md",
    "governance/reports/blocker-map.json",
    "governance/reports/blocker-map.md",
    "governance/reports/current-state.md",
    "governance/reports/gap-closure.md",
    "governance/reports/lineage.md",
    "governance/reports/report.md",
    "states.yaml",
    "templates/addendum.md.j2",
    "templates/adoption.md.j2",
    "templates/blocker-map.md.j2",
    "templates/checkpoint.md.j2",
    "templates/current-state.md.j2",
    "templates/decision-packet.md.j2",
    "templates/gap-closure.md.j2",
    "templates/lineage.md.j2",
    "templates/operator-handoff.md.j2",
    "templates/registry-index.md.j2",
    "templates/registry.md.j2",
    "templates/report.md.j2",
]
TRY = '}\n      - {number: "3", id: TRY, scope: work, says: It is tried.'


def files(root: Path) -> list[str]:
    """Return the files of a folder, but for the adopted ones that are kept by digest."""
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file() and path.parent.name not in ("policy", "govern", "places"))


def test_init_in_an_empty_folder_writes_a_programme_that_checks_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run_words("init")
    assert ran.status == Exit.YES
    assert files(tmp_path) == SCAFFOLD
    wrote = re.findall(r"^  wrote (.*)$", ran.out, re.MULTILINE)
    assert sorted(wrote) == [name for name in SCAFFOLD if "ledger" not in name]
    assert "\nnext\n  govern key enroll FILE --as lead       their SSH key comes first: without it nothing is recorded\n" in ran.out
    assert "\n  govern packet issue move --as builder  the first packet can then be decided\n" in ran.out
    assert run_words("check").out == "states.yaml: no fault found\n"
    assert run_words("doctor").status == Exit.YES


def test_the_commands_that_init_prints_work_from_where_it_was_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    ran = run_words("-C", "a", "init", "deep/er folder")
    commands = re.findall(r"^  govern (.*?)(?:  .*)?$", ran.out, re.MULTILINE)
    assert commands[0] == "-C 'a/deep/er folder' key enroll FILE --as lead"
    assert commands[1] == "-C 'a/deep/er folder' packet issue move --as builder"
    make_key(tmp_path / "key")
    enroll = commands[0].replace("FILE", "key")
    confirm = run_words(*shlex.split(enroll), "--dry-run", "--json").answer["result"]["confirm"]
    commands[0] = f"{enroll} --confirm {confirm}"
    for command in commands:
        done = subprocess.run(["bash", "-c", f"printf '%s\\n' {command}"], capture_output=True, text=True, check=True)
        assert run_words(*done.stdout.rstrip("\n").split("\n")).status == Exit.YES, command


def test_init_beside_a_policy_takes_it_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "states.yaml").write_text(waived(HOSPITAL.decode()), encoding="utf-8")
    before = (tmp_path / "states.yaml").read_bytes()
    programme = Programme(tmp_path)
    assert programme.asks("init")["written"] == [name for name in SCAFFOLD if "governance" not in name and name != "states.yaml"]
    assert programme.policy.read_bytes() == before
    assert programme.asks("status")["programme"] == "WARD-RECORDS"
    assert programme.does("packet", "issue", "inventory", "--as", "vendor").seqs == [1]


def test_init_beside_templates_adds_none(tmp_path: Path) -> None:
    (tmp_path / "states.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.md.j2").write_text("{{ title }}\n", encoding="utf-8")
    assert Programme(tmp_path).asks("init")["written"] == [".gitattributes"]


def test_init_beside_a_policy_with_faults_writes_nothing(tmp_path: Path) -> None:
    programme = Programme(tmp_path)
    programme.policy.write_text(SMALL + "more: 1\n", encoding="utf-8")
    ran = programme.refuses("init", status=Exit.UNJUDGED)
    assert ran.codes == ["POLICY_UNKNOWN_KEY"]
    assert ran.err.startswith("states.yaml:")


def test_init_where_a_ledger_is_writes_nothing(fix7: Programme) -> None:
    assert fix7.refuses("init").codes == ["REFUSED"]
    assert fix7.refuses("init", ".").codes == ["REFUSED"]


def test_init_where_no_folder_can_be_is_told_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert Programme(tmp_path).refuses("init", "file/inside", status=Exit.UNJUDGED).codes == ["FILE_IO"]


def test_two_programmes_that_begin_have_ledgers_of_their_own(tmp_path: Path) -> None:
    for name in ("one", "two"):
        run_words("-C", str(tmp_path), "init", name)
    assert (tmp_path / "one" / SCAFFOLD[1]).read_bytes() != (tmp_path / "two" / SCAFFOLD[1]).read_bytes()


def test_the_demo_of_this_programme_plays_it_from_blocked_to_tampered(fix7: Programme, clock: Clock, tmp_path: Path) -> None:
    clock.set("2020-01-01T00:00:00Z")
    before = fix7.tree()
    keep = tmp_path / "played"
    ran = fix7.does("demo", "--keep", str(keep))
    assert fix7.tree() == before
    assert [int(found) for found in re.findall(r"option 5: ([0-9]+) of 11 missing", ran.out)] == [*range(11, -1, -1)]
    assert re.findall(r"\[exit ([0-9]+)\]", ran.out) == ["4", "5", "5"]
    assert "\n  +NOT" not in ran.out
    assert ran.out.endswith(f"explore it: cd {keep} && govern status\n")
    clock.set("2026-07-01T00:00:00Z")
    assert run_words("-C", str(keep), "verify").status == Exit.YES
    assert run_words("-C", str(keep), "status").out.startswith("FIX7 P0: BLOCKED")


def test_the_demo_of_an_empty_folder_plays_a_small_programme_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    (tmp_path / "empty").mkdir()
    ran = run_words("-C", str(tmp_path / "empty"), "demo")
    assert (ran.status, ran.err) == (Exit.YES, "")
    assert ran.out.index("0. People sign with their SSH keys") < ran.out.index("0. A packet is issued; it starts in HOLD.")
    assert ran.out.endswith("played 27 commands; nothing of it is left\n")
    assert list((tmp_path / "temporary").iterdir()) == list((tmp_path / "empty").iterdir()) == []


def test_a_demo_is_not_kept_where_something_is(fix7: Programme) -> None:
    for name in ("governance", "states.yaml"):
        assert fix7.refuses("demo", "--keep", str(fix7.root / name)).codes == ["REFUSED"]


def test_a_programme_whose_story_is_another_is_told_so(tmp_path: Path) -> None:
    lonely = Programme(tmp_path / "lonely")
    lonely.root.mkdir()
    lonely.policy.write_text(SMALL.split("packets:")[0].split("blockers:")[0], encoding="utf-8")
    lonely.does("init")
    ran = lonely.refuses("demo", status=Exit.UNJUDGED)
    assert ran.codes == ["NO_STORY"]
    assert "it has no packet" in ran.err
    assert lonely.does("status").out.endswith("no packet is issued, so there is nothing to decide\n")


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        (one_option().split('      - {number: "2"')[0], "no current packet has an option beside HOLD"),
        (one_option("{done: act}", option=TRY, actions="{act: {needs: {selected: ask/TRY}}}"), "done:act is cleared by no act"),
    ],
)
def test_a_story_that_cannot_go_on_ends_there(policy: str, told: str, tmp_path: Path) -> None:
    ran = start(tmp_path / "other", policy).refuses("demo", status=Exit.UNJUDGED)
    assert ran.codes == ["NO_STORY"]
    assert told in ran.err


def test_a_story_without_an_open_option_and_without_templates_is_played_all_the_same(tmp_path: Path) -> None:
    policy = one_option("{grant: LEAVE}", grants="{LEAVE: {scope: work, issuer: owner}}")
    programme = start(tmp_path / "small", policy)
    programme.does("packet", "issue", "ask", "--as", "owner")
    assert "\n4. " not in programme.does("demo").out
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "states.yaml").write_text(policy, encoding="utf-8")
    (bare / "templates").mkdir()
    Programme(bare).does("init")
    (bare / "templates").rmdir()
    assert "`govern packet ask` ended with 3" in Programme(bare).refuses("demo", status=Exit.UNJUDGED).err


def test_a_ledger_is_begun_once(website: Programme) -> None:
    before = website.tree()
    with pytest.raises(GovernError, match="there is a ledger already"):
        start_ledger(Project(website.root), 0, "0" * 64)
    assert website.tree() == before


def test_doctor_names_each_part_that_needs_attention_and_what_to_do(fix7: Programme) -> None:
    assert re.match(r"all [0-9]+ parts are in order\n  ok  python  ", fix7.does("doctor").out)
    fix7.policy.write_bytes(fix7.policy.read_bytes() + b"more: 1\n")
    with fix7.ledger.open("ab") as stream:
        stream.write(b"torn")
    (fix7.root / "governance" / "reports" / "current-state.md").unlink()
    ran = fix7.refuses("doctor", status=Exit.NO)
    assert ran.out.startswith("4 of 14 parts need attention\n")
    assert [line.split()[1] for line in ran.out.split("\n") if line.startswith("  NO")] == ["policy", "ledger", "adopted", "documents"]
    assert "ok  store       files in governance/ledger\n" in ran.out
    assert "NO  policy      1 fault; govern check\n" in ran.out
    assert "NO  ledger      25 records, 4 torn bytes; govern verify\n" in ran.out
    assert "NO  documents   1 fault found by `govern render --check`; govern render\n" in ran.out


def test_doctor_goes_on_where_a_part_cannot_be_examined(tmp_path: Path) -> None:
    ran = Programme(tmp_path).refuses("doctor", status=Exit.NO)
    assert ran.out.startswith("4 of 12 parts need attention\n")
    assert ran.out.count("nothing is allowed without a policy; `govern init` writes one") == 4


def test_doctor_looks_for_tools_and_for_what_git_would_convert(fix7: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["git", "init", "--quiet", str(fix7.root)], check=True)
    assert "NO  line ends   git may convert or merge the ledger as text; in .gitattributes: governance/ledger/* -text merge=binary" in fix7.run("doctor").out
    (fix7.root / ".gitattributes").write_text("governance/ledger/* -text merge=binary\n", encoding="utf-8")
    assert "ok  line ends   the ledger is kept as bytes" in fix7.run("doctor").out
    monkeypatch.setattr(programs, "_FOLDERS", os.devnull)
    out = fix7.run("doctor").out
    assert "NO  git         not found; the ledger is shared by it" in out
    assert "ok  repository  not a git repository of its own" in out


def test_check_finds_every_fault_of_policy_templates_and_documents_at_once(fix7: Programme) -> None:
    (fix7.root / "templates" / "blocker-map.md.j2").unlink()
    (fix7.root / "templates" / "current-state.md.j2").write_text("{{ a.b() }}\n", encoding="utf-8")
    fix7.replace("states.yaml", "timezone: UTC", "timezone: Europe/Viena")
    ran = fix7.refuses("check", status=Exit.NO)
    assert ran.codes == ["TEMPLATE_FORBIDDEN", "TEMPLATE_MISSING", "POLICY_TIMEZONE"]
    assert "did you mean `Europe/Vienna`?" in ran.err
    assert ran.out == "states.yaml: 3 errors, 0 warnings\n"
    assert [fix7.run("check", "--json").answer["result"][key] for key in ("errors", "warnings")] == [3, 0]


def test_check_lists_what_several_guards_rest_on_where_it_is_asked_to(fix7: Programme) -> None:
    assert fix7.does("check").out == "states.yaml: no fault found\n"
    assert "  REAL_RUN is what these rest on: leg `FIX7-P0-PLAN-REALRUN-1/granted`, option `final-real-data/" in fix7.does("check", "--shared").out


def test_a_template_that_is_not_text_is_told_with_its_name(fix7: Programme) -> None:
    (fix7.root / "templates" / "blocker-map.md.j2").write_bytes(b"\xff")
    ran = fix7.refuses("check", status=Exit.UNJUDGED)
    assert ran.err.startswith("templates/blocker-map.md.j2:1:1: error TEMPLATE_SYNTAX: cannot be read")
    assert fix7.does("status").codes == ["TEMPLATE_DIRTY"], "it has no effect, so questions are answered"
    (fix7.root / "templates" / "blocker-map.md.j2").unlink()
    (fix7.root / "templates" / "blocker-map.md.j2").mkdir()
    assert fix7.does("status").codes == ["TEMPLATE_DIRTY"]
