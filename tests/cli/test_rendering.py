"""`render` and `render --check`: documents are what the state says, and every byte of another hand is found."""

import os

import pytest

from govern.canonical import digest
from govern.cli.options import Options
from govern.cli.recording import Proposal, record
from govern.cli.session import Session
from govern.engine.acts import Act
from govern.policy.load import load_policy
from govern.problems import Exit
from support.cli import REAL_DUMP, Programme
from support.rehearsed import bound_to

PACKET = "governance/packets/final-real-data-decision-packet.md"
MAP = "governance/reports/final-blocker-map.md"
TWIN = "governance/reports/final-blocker-map.json"
CURRENT = "governance/reports/current-state.md"
FIRST = "governance/reports/current-state-production-rehearsal-only-rollback.md"
HANDOFF = "governance/reports/fix7-p0-operator-real-data-clone-handoff-if-required-2026-06-12.md"
GAPS = "governance/reports/gap-closure-map.md"
ADOPTION = "governance/packets/ci-seal-vs-bytes-adoption-packet.md"
LINEAGE = "governance/reports/lineage.md"
REPORT = "governance/reports/fix7-p0-production-rehearsal-only-rollback-report-2026-06-12.md"
KEPT = "governance/reports/fix7-p0-production-rehearsal-only-rollback-checkpoint-2026-06-12.md"
AFTER = "governance/packets/fix7-p0-owner-gpt-production-decision-packet-after-rehearsal-2026-06-12.md"
RENDERED = (
    PACKET, MAP, TWIN, GAPS, GAPS.replace(".md", ".json"), ADOPTION, LINEAGE, REPORT, REPORT.replace(".md", ".json"), KEPT, AFTER, HANDOFF, CURRENT, FIRST,
)  # fmt: skip


def test_on_a_clean_copy_nothing_drifts_and_nothing_is_written(fix7: Programme) -> None:
    before = fix7.tree()
    assert fix7.does("render", "--check").out == "15 documents are what the state says\n"
    assert fix7.does("render").out == "every document is up to date\n"
    assert fix7.tree() == before


@pytest.mark.parametrize("part", [0.35, 0.7, 1.0])
def test_an_edit_of_any_rendered_file_is_found_with_its_line(part: float, fix7: Programme) -> None:
    wanted = []
    for name in RENDERED:
        path = fix7.root / name
        content = path.read_bytes()
        position = int(part * len(content))
        path.write_bytes(content[:position] + b"x" + content[position:])
        wanted.append(f"{name}:{content[:position].count(10) + 1}:1: error DRIFT_EDITED: ")
    ran = fix7.refuses("render", "--check", status=Exit.NO)
    assert ran.codes == ["DRIFT_EDITED"] * len(RENDERED)
    found = [line for line in ran.err.split("\n") if "DRIFT_EDITED" in line]
    assert all(line.startswith(place) for line, place in zip(found, wanted, strict=True)), found
    assert ran.out == f"{len(RENDERED)} of the rendered files differ from the state\n"


@pytest.mark.parametrize("first", [0, 5])
def test_every_single_line_of_front_matter_counts(first: int, fix7: Programme) -> None:
    for number, name in enumerate((PACKET, MAP, CURRENT, FIRST)):
        text = (fix7.root / name).read_text(encoding="utf-8")
        line = text.split("---\n")[1].split("\n")[first + number]
        fix7.replace(name, f"{line}\n", f"{line}0\n" if number else "")
    assert fix7.run("render", "--check").codes == ["DRIFT_EDITED"] * 4


@pytest.mark.parametrize("head", ["0", "26", "9" * 5000, "²"])
def test_a_head_that_is_none_is_an_edit_and_no_bug(head: str, fix7: Programme) -> None:
    fix7.replace(PACKET, "head: 25\n", f"head: {head}\n")
    assert fix7.refuses("render", "--check", status=Exit.NO).codes == ["DRIFT_EDITED"]


def test_line_ends_that_git_converted_are_said_to_match_and_not_accepted(fix7: Programme) -> None:
    for name in (MAP, TWIN):
        path = fix7.root / name
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    ran = fix7.refuses("render", "--check", status=Exit.NO)
    assert [line.split(":")[0] for line in ran.err.split("\n")[::2] if line] == [MAP, TWIN]
    assert ran.err.count("first on line 1; with LF line ends it would match, and is not accepted") == 2


def test_a_file_that_is_gone_or_not_plain_is_missing(fix7: Programme) -> None:
    (fix7.root / PACKET).unlink()
    (fix7.root / TWIN).rename(fix7.root / "twin.json")
    (fix7.root / TWIN).symlink_to(fix7.root / "twin.json")
    (fix7.root / CURRENT).write_bytes(b"\xff")
    ran = fix7.refuses("render", "--check", status=Exit.NO)
    assert ran.codes == ["DRIFT_MISSING"] * 3
    assert [line.split(":")[0] for line in ran.err.split("\n")[::2] if line] == [PACKET, TWIN, CURRENT]


def test_a_stray_page_is_drift_unless_a_record_binds_it(fix7: Programme) -> None:
    stray = fix7.root / "governance" / "reports" / "by-hand.md"
    stray.write_text("# By hand\n", encoding="utf-8")
    ran = fix7.refuses("render", "--check", status=Exit.NO)
    assert (ran.codes, ran.out) == (["DRIFT_STRAY"], "1 of the rendered files differs from the state\n")
    assert ran.err.startswith("governance/reports/by-hand.md:1:1: error DRIFT_STRAY: is neither rendered nor bound by a record\n")


def test_a_page_that_a_record_binds_is_no_stray_as_long_as_it_is_unchanged(fix7: Programme) -> None:
    content, name = b"# Sealed\n", "governance/evidence/sealed.md"
    bound = {"kind": "rehearsal", "of": "real-dump", "sha256": digest(content), "path": name}
    fix7.takes_in()
    bound |= bound_to(load_policy(fix7.policy.read_bytes()), REAL_DUMP) | {"source": fix7.asks("log", "-n", "1")["records"][0]["body"]["evidence"]["source"]}
    act = Act("discharge", "operator", {"leg": REAL_DUMP, "evidence": bound})
    record(Session(Options(fix7.root)), lambda _replay, _view: [Proposal(act, "discharging", files=((name, content),))])
    assert "DRIFT_STRAY" not in fix7.run("render", "--check").codes
    (fix7.root / name).write_bytes(content + b"more\n")
    assert fix7.run("render", "--check").codes.count("DRIFT_STRAY") == 1
    (fix7.root / name).unlink()
    (fix7.root / name).symlink_to(fix7.root / PACKET)
    assert fix7.run("render", "--check").codes.count("DRIFT_STRAY") == 1


def test_render_writes_again_what_was_edited_removed_or_converted(fix7: Programme) -> None:
    before = fix7.tree()
    (fix7.root / PACKET).unlink()
    (fix7.root / TWIN).write_text("{}", encoding="utf-8")
    assert fix7.does("render").out == f"wrote {PACKET}\nwrote {TWIN}\n"
    assert fix7.tree() == before


def test_an_outdated_document_is_a_warning_and_an_outdated_current_one_an_error(fix7: Programme) -> None:
    fix7.confirms("grant", "record", "QT001", "--as", "owner")
    ran = fix7.refuses("render", "--check", status=Exit.NO)
    severity = {line.split(":")[0]: line.split()[1] for line in ran.err.split("\n") if "DRIFT_OUTDATED" in line}
    assert severity[CURRENT] == "error"
    assert severity[PACKET] == "warning"
    assert FIRST not in severity, "what is declared as of a mark does not age"
    assert "shows the state after 25 records, and it has moved" in ran.err
    fix7.does("render")
    assert fix7.does("render", "--check").err == ""


def test_a_note_outdates_nothing(fix7: Programme) -> None:
    fix7.does("note", "seen", "--as", "gpt")
    assert fix7.does("render", "--check").err == ""


def test_warnings_of_drift_are_left_out_where_quiet_is_asked_for(fix7: Programme) -> None:
    before = {name: (fix7.root / name).read_bytes() for name in (PACKET, MAP, TWIN)}
    fix7.confirms("grant", "record", "QT001", "--as", "owner")
    current = (fix7.root / CURRENT).read_bytes()
    fix7.does("render")
    for name, content in before.items():
        (fix7.root / name).write_bytes(content)
    assert current != (fix7.root / CURRENT).read_bytes()
    assert set(fix7.does("render", "--check").codes) == {"DRIFT_OUTDATED"}
    assert fix7.does("render", "--check", "-q").err == ""


def test_the_past_is_checked_and_not_written(fix7: Programme) -> None:
    assert fix7.refuses("render", "--as-of", "@S0", status=Exit.USAGE).codes == ["AS_OF"]


def test_a_packet_is_printed_as_it_is_rendered(fix7: Programme) -> None:
    assert fix7.does("packet", "final-real-data").out == (fix7.root / PACKET).read_text(encoding="utf-8")
    assert fix7.does("packet", "show", "final-real-data").out == fix7.does("packet", "final-real-data").out
    assert fix7.does("packet").out == fix7.does("packet", "final-real-data").out, "the newest that is undecided"
    assert fix7.does("packet", "--as-of", "@S0").out.startswith("---\ndocument: production-after-rehearsal\nhead: 19\n")


def test_where_no_packet_is_issued_none_is_printed(fix7: Programme) -> None:
    assert fix7.refuses("packet", "--as-of", "#0", status=Exit.UNJUDGED).codes == ["NO_PACKET"]


def test_a_folder_that_cannot_be_written_is_told_without_a_traceback(fix7: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    (fix7.root / PACKET).unlink()

    def full(_source: str, name: str, **_folders: int) -> None:
        raise OSError(28, os.strerror(28), name)

    monkeypatch.setattr(os, "rename", full)
    ran = fix7.refuses("render", status=Exit.UNJUDGED)
    assert ran.codes == ["FILE_IO"]
    assert "No space left on device" in ran.err


def test_files_are_written_and_checked_at_the_head_alone(fix7: Programme) -> None:
    for words, done in ((("render",), "written"), (("render", "--check"), "checked")):
        ran = fix7.refuses("--as-of", "@S0", *words, status=Exit.USAGE)
        assert ran.err.startswith(f"error AS_OF: documents are {done} at the head\n")
