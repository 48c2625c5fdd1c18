"""What holds for the repository as a whole, whatever the code does."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from govern.documents.anchors import anchor_of

ROOT = Path(__file__).resolve().parent.parent
# What tools keep beside it, such as caches, is no part of it.
PROGRAM = sorted(
    path
    for folder in ("src/govern", "templates")
    for path in (ROOT / folder).rglob("*")
    if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in path.relative_to(ROOT).parts)
)


def test_no_word_of_a_programme_stands_in_the_program_or_a_template() -> None:
    words = re.compile(r"FIX7|QT001|TKT|HOLD_REAL|HOLD_PROD|birth_registry|Directus")

    found = [f"{path.relative_to(ROOT)}: {word[0]}" for path in PROGRAM for word in words.finditer(path.read_text(encoding="utf-8"))]

    assert len(PROGRAM) > 60
    assert found == []


@pytest.mark.parametrize("path", [path for path in PROGRAM if path.suffix == ".py"], ids=lambda path: path.name)
def test_no_file_of_the_program_is_a_book(path: Path) -> None:
    # The validator is one file by its purpose: anyone can run it, and nothing else is needed.
    most = 1000 if path.name == "validator.py" else 300
    assert len(path.read_text(encoding="utf-8").splitlines()) <= most


def test_the_lock_holds_hashes_and_no_addresses() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = re.findall(r"^[a-z0-9._-]+==", lock, re.MULTILINE)

    assert len(pinned) > 20
    assert len(re.findall(r"--hash=sha256:", lock)) >= len(pinned)
    assert "://" not in lock
    assert "index-url" not in lock


def test_the_first_screen_of_the_readme_has_the_two_commands() -> None:
    first_screen = "\n".join((ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:24])

    assert "make demo" in first_screen
    assert "make test" in first_screen


def test_the_committed_ledger_is_what_its_script_makes(tmp_path: Path) -> None:
    for name in ("states.yaml", "templates", "governance"):
        subprocess.run(["cp", "-r", str(ROOT / name), str(tmp_path / name)], check=True)
    committed = {path.relative_to(ROOT): path.read_bytes() for folder in ("ledger", "policy") for path in (ROOT / "governance" / folder).iterdir()}

    subprocess.run([sys.executable, str(tmp_path / "governance" / "make_ledger.py")], check=True, capture_output=True)

    made = {path.relative_to(tmp_path): path.read_bytes() for folder in ("ledger", "policy") for path in (tmp_path / "governance" / folder).iterdir()}
    assert made == committed


def test_links_of_the_documentation_resolve() -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    missing = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]

    assert len(pages) > 5
    assert missing == []


def test_the_headings_that_the_documentation_links_to_are_there() -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    headings = {page: {anchor_of(each) for each in re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)} for page in pages}
    links = [
        (page, (page.parent / target).resolve() if target else page, anchor)
        for page in pages
        for target, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text(encoding="utf-8"))
    ]

    assert links
    assert [f"{page.relative_to(ROOT)}: #{anchor}" for page, target, anchor in links if anchor not in headings[target]] == []
