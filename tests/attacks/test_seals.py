"""Attacks on sealed folders: bytes swapped, files added, removed, renamed, linked; and folders too large to be held."""

import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from govern.evidence.manifest import MANIFEST
from govern.problems import Exit
from support.attacks import Victim
from support.cli import start
from support.sealed import LEG, SAMPLE, write_parts

CHECK = ("seal", "--check")
MANY = 10_000


@pytest.fixture
def website(tmp_path: Path) -> Victim:
    """The programme that `init` scaffolds."""
    return Victim(start(tmp_path / "website").root)


@pytest.fixture
def sealed(website: Victim) -> Victim:
    """The same with a seal on record."""
    write_parts(website.root / SAMPLE)
    website.does("seal", SAMPLE, "--leg", LEG)
    website.does("blocker", "discharge", LEG, "--evidence", f"{SAMPLE}/{MANIFEST}", "--as", "builder")
    return website


def test_row_43_a_byte_that_was_swapped_after_sealing_is_found(sealed: Victim) -> None:
    (sealed.root / SAMPLE / "one.txt").write_bytes(b"onE\n")
    sealed.meets("EVIDENCE_DIGEST", by=CHECK, status=Exit.NO, told="was changed: sealed as 2c8b08da5ce60398 (4 bytes), found")


def test_row_43_a_byte_that_was_swapped_with_size_and_times_kept_is_found(sealed: Victim) -> None:
    path = sealed.root / SAMPLE / "logs" / "three.txt"
    status = path.stat()
    path.write_bytes(b"threE\n")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    sealed.meets("EVIDENCE_DIGEST", by=CHECK, status=Exit.NO)


@pytest.mark.parametrize("name", ["more.txt", ".hidden", "logs/\u202etxt.exe", "TWO.txt"])
def test_row_43_a_file_that_was_added_is_found(name: str, sealed: Victim) -> None:
    (sealed.root / SAMPLE / name).write_bytes(b"")
    sealed.meets("EVIDENCE_SET", by=CHECK, status=Exit.NO, told="was added")


def test_row_43_a_file_that_was_removed_is_found(sealed: Victim) -> None:
    (sealed.root / SAMPLE / "two.txt").unlink()
    sealed.meets("EVIDENCE_SET", by=CHECK, status=Exit.NO, told="was removed")


@pytest.mark.parametrize("name", ["three.txt", "Two.txt", "logs/two.txt"])
def test_row_43_a_file_that_was_renamed_is_found_with_both_names(name: str, sealed: Victim) -> None:
    (sealed.root / SAMPLE / "two.txt").rename(sealed.root / SAMPLE / name)
    sealed.meets("EVIDENCE_SET", by=CHECK, status=Exit.NO, told="was renamed: sealed as two.txt, with the same bytes")


def test_row_43_a_manifest_that_was_made_to_fit_is_found(sealed: Victim) -> None:
    folder = sealed.root / SAMPLE
    for name in (MANIFEST, "SHA256SUMS", "EXPECTED.txt", "RERUN.sh", "commands.sh"):
        (folder / name).unlink()
    (folder / "one.txt").write_bytes(b"forged\n")
    sealed.does("seal", SAMPLE, "--leg", LEG)
    sealed.meets("SEAL_BROKEN", by=CHECK, status=Exit.NO, told=f"and {SAMPLE}/{MANIFEST} has ")


def test_row_43_a_seal_on_record_is_not_sealed_over(sealed: Victim) -> None:
    (sealed.root / SAMPLE / "more.txt").write_bytes(b"")
    sealed.meets("EVIDENCE_DIGEST", "EVIDENCE_DIGEST", "EVIDENCE_SET", by=("seal", SAMPLE, "--again"), status=Exit.REFUSED, told="is not replaced")


def test_row_43_a_seal_that_no_longer_fits_discharges_nothing(website: Victim) -> None:
    write_parts(website.root / SAMPLE)
    website.does("seal", SAMPLE, "--leg", LEG)
    (website.root / SAMPLE / "one.txt").write_bytes(b"onE\n")
    words = ("blocker", "discharge", LEG, "--evidence", f"{SAMPLE}/{MANIFEST}", "--as", "builder")
    assert website.run(*words).status != Exit.YES


def _passwords(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/passwd")


def _same_bytes(path: Path) -> None:
    path.symlink_to(path.rename(path.parents[4] / "aside"))


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _second_name(path: Path) -> None:
    (path.parents[4] / "second").hardlink_to(path)


def _zeros(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


MADE = [_passwords, _same_bytes, _pipe, _second_name, _zeros]


@pytest.mark.parametrize("made", MADE)
def test_row_44_what_is_no_plain_file_with_one_name_is_not_as_sealed(made: Callable[[Path], None], sealed: Victim) -> None:
    made(sealed.root / SAMPLE / "two.txt")
    ran = sealed.meets("EVIDENCE_TYPE", by=CHECK, status=Exit.NO)
    assert "root:" not in ran.out


@pytest.mark.parametrize("made", MADE)
def test_row_44_what_is_no_plain_file_with_one_name_is_not_sealed(made: Callable[[Path], None], website: Victim) -> None:
    made(write_parts(website.root / SAMPLE) / "two.txt")
    website.meets("EVIDENCE_TYPE", by=("seal", SAMPLE), status=Exit.UNJUDGED)


@pytest.mark.skipif(os.getuid() != 0, reason="only root makes devices, so a device in a sealed folder was NOT tried")
def test_row_44_a_device_is_not_as_sealed(sealed: Victim) -> None:
    (sealed.root / SAMPLE / "two.txt").unlink()
    try:
        os.mknod(sealed.root / SAMPLE / "two.txt", 0o600 | 0o020000, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("this machine makes no devices, so a device in a sealed folder was NOT tried")
    sealed.meets("EVIDENCE_TYPE", by=CHECK, status=Exit.NO, told="is a device")


@pytest.mark.parametrize("name", ["evidence", "evidence/sample"])
def test_row_44_a_seal_behind_a_link_is_not_taken_for_one(name: str, sealed: Victim, tmp_path: Path) -> None:
    path = sealed.root / "governance" / name
    path.rename(tmp_path / "aside")
    path.symlink_to(tmp_path / "aside")
    ran = sealed.run(*CHECK)
    assert (ran.status, "EVIDENCE_TYPE" in ran.codes, "as sealed, manifest" in ran.out) == (Exit.NO, True, False)


def test_row_44_nothing_is_sealed_through_a_link(website: Victim, tmp_path: Path) -> None:
    write_parts(tmp_path / "outside")
    (website.root / "governance" / "evidence").mkdir(exist_ok=True)
    (website.root / SAMPLE).symlink_to(tmp_path / "outside")
    website.meets("EVIDENCE_TYPE", by=("seal", SAMPLE), status=Exit.UNJUDGED, told="cannot be opened")
    website.meets("EVIDENCE_TYPE", by=("seal", f"{SAMPLE}/logs"), status=Exit.UNJUDGED, told="cannot be opened")


def test_row_58_a_folder_of_very_many_files_is_sealed_and_compared_within_bounds(website: Victim) -> None:
    write_parts(website.root / SAMPLE, {f"{number // 500}/{number}": b"%d\n" % number for number in range(MANY)})
    before = resource.getrusage(resource.RUSAGE_SELF)
    website.does("seal", SAMPLE)
    assert website.does(*CHECK).out.startswith(f"1 seal, {MANY + 5} files: each byte as sealed\n")
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert after.ru_utime - before.ru_utime < 20
    assert after.ru_maxrss - before.ru_maxrss < 200 * 1024
