"""The recipe of `docs/seals.md`, run as it stands there: a seal is checked with no govern."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from govern.canonical import digest
from support.cli import ROOT, Programme
from support.sealed import LEG, SAMPLE, seal, seal_sample, write_parts

CHECK, RECORDED = re.findall(r"^```sh\n(.*?)^```$", (ROOT / "docs" / "seals.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def run(script: str, folder: Path, home: Path) -> list[str]:
    """Run commands in a folder with an empty home; return the lines that they print."""
    environment = {"PATH": os.defpath, "HOME": str(home), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["sh", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout.splitlines()


@pytest.fixture
def packet(tmp_path: Path) -> Path:
    """A sealed folder."""
    found = write_parts(tmp_path / "packet")
    seal(found)
    return found


def test_by_hand_a_sealed_folder_is_found_to_be_as_sealed(packet: Path, tmp_path: Path) -> None:
    lines = run(CHECK, packet, tmp_path)
    assert len(lines) == len(list(packet.rglob("*.*"))) + 1
    assert all(line.endswith(": OK") for line in lines[:-1])
    assert lines[-2:] == ["tree: OK", f"{digest((packet / 'MANIFEST.json').read_bytes())}  MANIFEST.json"]


def _swap(folder: Path) -> None:
    (folder / "one.txt").write_bytes(b"onE\n")


def _add(folder: Path) -> None:
    (folder / "logs" / "more").touch()


def _rename(folder: Path) -> None:
    (folder / "one.txt").rename(folder / "uno.txt")


@pytest.mark.parametrize("made", [_swap, _add, _rename])
def test_by_hand_what_was_changed_is_found(made: Callable[[Path], None], packet: Path, tmp_path: Path) -> None:
    made(packet)
    assert "tree: FAILED" in run(CHECK, packet, tmp_path)


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed, so the recipe for the seals on record was NOT tried")
def test_by_hand_the_seal_on_record_is_the_digest_of_the_manifest(website: Programme, tmp_path: Path) -> None:
    seal_sample(website, "--leg", LEG)
    website.does("blocker", "discharge", LEG, "--evidence", f"{SAMPLE}/MANIFEST.json", "--as", "builder")
    assert run(RECORDED, website.root, tmp_path) == [f"{digest((website.root / SAMPLE / 'MANIFEST.json').read_bytes())}\t{LEG}"]
