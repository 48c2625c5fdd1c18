"""The scripts of a packet, run as a stranger would: another folder, an empty home, no govern, and not always every tool."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from govern.evidence.manifest import MADE
from govern.evidence.scripts import Rehearsed, commands, expected
from support.sealed import rehearsed, run_script, seal, write_parts

BASE = ("sh", "dirname", "find", "tail", "cat", "rm", "mktemp", "mkdir", "cp", "cmp", "sort", "env")
PLAIN = ["PASS only plain files", "PASS digests", "PASS tree"]
JUDGED = [*PLAIN, "PASS selftest of validator.py", "PASS evidence toy.json"]
GOOD = [*PLAIN, "3 passed, 0 failed, 0 unknown", "OVERALL PASS"]
SHELLS = [each for each in ("sh", "bash", "dash", "busybox") if shutil.which(each) and each != "busybox"]


@pytest.fixture
def packet(tmp_path: Path) -> Path:
    """A sealed packet without evidence of a rehearsal."""
    found = write_parts(tmp_path / "a packet's folder")
    seal(found)
    return found


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """A sealed packet with evidence of a rehearsal, its source and its scripts."""
    found = write_parts(tmp_path / "judged", rehearsed())
    seal(found)
    return found


@pytest.mark.parametrize("shell", SHELLS)
def test_the_commands_of_a_sealed_packet_pass(shell: str, packet: Path, tmp_path: Path) -> None:
    assert run_script(packet, "commands.sh", shell=shell, home=tmp_path).lines == GOOD
    ended = run_script(packet, "RERUN.sh", shell=shell, home=tmp_path)
    assert (ended.status, ended.lines) == (0, [*GOOD, "MATCH"])


def test_what_is_expected_is_what_is_printed(packet: Path, judged: Path, tmp_path: Path) -> None:
    for folder in (packet, judged):
        ended = run_script(folder, "commands.sh", "--reproducible", home=tmp_path)
        assert (ended.status, ended.lines) == (0, (folder / "EXPECTED.txt").read_text(encoding="utf-8").splitlines())


def test_the_scripts_write_nothing_into_the_packet_and_leave_nothing_behind(judged: Path, tmp_path: Path) -> None:
    def tree() -> dict[str, tuple[int, int]]:
        return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in judged.rglob("*")}

    home = tmp_path / "home"
    home.mkdir()
    before = tree()
    run_script(judged, "commands.sh", home=home)
    run_script(judged, "RERUN.sh", home=home)
    assert tree() == before
    assert list(home.iterdir()) == []


def test_evidence_is_judged_by_the_validator_of_the_packet_and_not_by_what_lies_beside_it(tmp_path: Path) -> None:
    folder = write_parts(tmp_path / "packet", {**rehearsed(), "json.py": b"raise SystemExit(0)", "hashlib.py": b"raise SystemExit(0)"})
    seal(folder)
    lines = [*JUDGED, "UNKNOWN replay toy.json: govern is not installed here", "5 passed, 0 failed, 1 unknown", "OVERALL PASS"]
    tools = (*BASE, "sha256sum", "python3")
    assert run_script(folder, "commands.sh", tools=tools, home=tmp_path).lines == lines
    assert run_script(folder, "RERUN.sh", tools=tools, home=tmp_path).lines[-2:] == ["OVERALL PASS", "MATCH"]


def test_evidence_that_does_not_pass_fails_the_whole(judged: Path, tmp_path: Path) -> None:
    """Sealed again by hand with its digests right: the validator finds it, not the digests."""
    content = (judged / "toy.json").read_bytes()
    (judged / "toy.json").write_bytes(content.replace(b'"findings":0', b'"findings":1'))
    for name in MADE:
        (judged / name).unlink()
    seal(judged)
    ended = run_script(judged, "commands.sh", "--reproducible", home=tmp_path)
    assert (ended.status, ended.lines) == (1, [*JUDGED[:-1], "FAIL evidence toy.json", "4 passed, 1 failed, 0 unknown", "OVERALL FAIL"])
    assert run_script(judged, "RERUN.sh", home=tmp_path).lines[-1] == "MISMATCH"


def _swapped(folder: Path) -> None:
    (folder / "one.txt").write_bytes(b"oNe\n")


def _added(folder: Path) -> None:
    (folder / "more").write_bytes(b"")


def _removed(folder: Path) -> None:
    (folder / "two.txt").unlink()


def _edited(folder: Path) -> None:
    sums = folder / "SHA256SUMS"
    sums.write_text(sums.read_text(encoding="utf-8").replace("  one.txt", "  two.txt"), encoding="utf-8")


@pytest.mark.parametrize(
    ("made", "failed"), [(_swapped, ["digests", "tree"]), (_added, ["tree"]), (_removed, ["digests", "tree"]), (_edited, ["digests", "tree"])]
)
def test_a_packet_that_was_changed_fails_and_mismatches(made: Callable[[Path], None], failed: list[str], packet: Path, tmp_path: Path) -> None:
    made(packet)
    ended = run_script(packet, "commands.sh", home=tmp_path)
    assert ended.status == 1
    assert [each.removeprefix("FAIL ") for each in ended.lines if each.startswith("FAIL ")] == failed
    assert ended.lines[-1] == "OVERALL FAIL"
    again = run_script(packet, "RERUN.sh", home=tmp_path)
    assert (again.status, again.lines[-1]) == (1, "MISMATCH")


def test_a_script_that_was_made_to_lie_does_not_match(packet: Path, tmp_path: Path) -> None:
    (packet / "commands.sh").write_text("echo OVERALL PASS\n", encoding="utf-8")
    assert run_script(packet, "RERUN.sh", home=tmp_path).lines[-1] == "MISMATCH"
    (packet / "commands.sh").write_text("cat packet/EXPECTED.txt; echo x > packet/one.txt\n", encoding="utf-8")
    assert run_script(packet, "RERUN.sh", home=tmp_path).lines[-2:] == ["files differ after the run", "MISMATCH"]


@pytest.mark.parametrize("link", [True, False])
def test_what_is_no_plain_file_is_not_read(link: bool, packet: Path, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter of the test
    (packet / "two.txt").unlink()
    if link:
        (packet / "two.txt").symlink_to("/dev/zero")
    else:
        os.mkfifo(packet / "two.txt")
    ended = run_script(packet, "commands.sh", home=tmp_path)
    assert (ended.status, ended.lines) == (1, ["FAIL only plain files", "0 passed, 1 failed, 0 unknown", "OVERALL FAIL"])
    assert run_script(packet, "RERUN.sh", home=tmp_path).lines == ["something here is no plain file", "MISMATCH"]


def test_what_cannot_be_run_is_unknown_which_is_neither_a_pass_nor_a_failure(judged: Path, tmp_path: Path) -> None:
    tools = (*BASE, "sha256sum")
    ended = run_script(judged, "commands.sh", "--reproducible", tools=tools, home=tmp_path)
    unknown = [f"UNKNOWN {each.removeprefix('PASS ')}: python3 is not installed here" for each in JUDGED[2:]]
    assert (ended.status, ended.lines) == (3, [*JUDGED[:2], *unknown, "2 passed, 0 failed, 3 unknown", "OVERALL UNKNOWN"])
    again = run_script(judged, "RERUN.sh", tools=tools, home=tmp_path)
    assert (again.status, again.lines[-1]) == (3, "UNKNOWN")
    (judged / "toy.sql").write_bytes(b"Source")
    assert run_script(judged, "commands.sh", tools=tools, home=tmp_path).lines[-1] == "OVERALL FAIL"


def test_without_any_program_for_digests_they_are_unknown(packet: Path, tmp_path: Path) -> None:
    ended = run_script(packet, "commands.sh", tools=(*BASE, "python3"), home=tmp_path)
    assert ended.lines == [
        "PASS only plain files",
        "UNKNOWN digests: shasum is not installed here",
        "PASS tree",
        "2 passed, 0 failed, 1 unknown",
        "OVERALL UNKNOWN",
    ]


@pytest.mark.skipif(shutil.which("shasum") is None, reason="shasum is not installed, so it was NOT tried in the place of sha256sum")
def test_where_there_is_no_sha256sum_shasum_takes_its_place(packet: Path, tmp_path: Path) -> None:
    tools = (*BASE, "shasum", "perl", "python3")
    assert run_script(packet, "commands.sh", tools=tools, home=tmp_path).lines == GOOD
    assert run_script(packet, "RERUN.sh", tools=tools, home=tmp_path).lines[-1] == "MATCH"


_GOVERN = """#!/bin/sh
printf '%s|' "$@" >> {told}
exit {status}
"""


@pytest.mark.parametrize(("status", "line"), [(0, "PASS replay toy.json"), (1, "FAIL replay toy.json"), (3, "UNKNOWN replay toy.json: ")])
def test_where_govern_is_installed_rehearsals_are_repeated(status: int, line: str, judged: Path, tmp_path: Path) -> None:
    """What the words mean to `govern validate` is tested there; here a program that only notes them stands for it."""
    box = tmp_path / "bin"
    box.mkdir()
    (box / "govern").write_text(_GOVERN.format(told=tmp_path / "told", status=status), encoding="utf-8")
    (box / "govern").chmod(0o755)
    environment = {"PATH": f"{box}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    done = subprocess.run(["sh", str(judged / "commands.sh")], env=environment, capture_output=True, text=True, check=False, timeout=60)
    lines = done.stdout.splitlines()
    assert lines[len(JUDGED)] == line
    assert lines[-1] == ("OVERALL FAIL" if status == 1 else "OVERALL PASS")
    here = judged.resolve()
    told = f"-C|/|validate|{here}/toy.json|--replay|{here}/toy.sql|--change|{here}/apply.sql|--revert|{here}/revert.sql|"
    assert (tmp_path / "told").read_text() == told


def test_scripts_of_the_packets_own_are_run_where_govern_is_installed(tmp_path: Path) -> None:
    folder = write_parts(tmp_path / "packet", {"a": b"", "checks/own.sh": b"exit 0\n", "checks/none.txt": b"exit 1\n", "other.sh": b"exit 1\n"})
    seal(folder)
    ended = run_script(folder, "commands.sh", tools=(*BASE, "sha256sum", "python3"), home=tmp_path)
    assert ended.lines[3:] == ["UNKNOWN script checks/own.sh: govern is not installed here", "3 passed, 0 failed, 1 unknown", "OVERALL PASS"]


def test_names_are_words_to_the_shell_whatever_is_in_them() -> None:
    evil = "it's; echo `id` $(id) & #.json"
    text = commands([Rehearsed(evil, evil, evil, evil)], [f"checks/{evil}"])
    quoted = "'it'\"'\"'s; echo `id` $(id) & #.json'"
    assert f"  check 1 {quoted.replace('it', 'evidence it', 1)} validator './it" in text
    shell = shutil.which("sh")
    assert shell is not None
    assert subprocess.run([shell, "-n"], input=text, text=True, check=False).returncode == 0


def test_only_rehearsals_of_which_every_part_is_there_are_repeated() -> None:
    whole, part = Rehearsed("a.json", "s", "c"), Rehearsed("b.json", "s")
    assert whole.replay == '"$here"/a.json --replay "$here"/s --change "$here"/c'
    assert not part.replay
    assert "replay b.json" not in commands([whole, part], [])
    assert "PASS evidence b.json" in expected([whole, part])


def test_the_same_parts_give_the_same_seal_wherever_they_are(tmp_path: Path) -> None:
    first, second = (write_parts(tmp_path / name, rehearsed()) for name in ("first", "second"))
    assert seal(first) == seal(second)
    for name in (*MADE, "MANIFEST.json"):
        content = (first / name).read_bytes()
        assert content == (second / name).read_bytes()
        assert str(tmp_path).encode() not in content
    assert run_script(first, "commands.sh", "--reproducible", home=tmp_path).status == 0
    assert seal(first) == seal(second), "a folder that was used, too"
