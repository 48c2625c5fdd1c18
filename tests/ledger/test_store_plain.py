"""Only plain files of one name, in folders that no link leads to, are read or written as a ledger."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from govern.ledger.disk import FileDisk
from govern.ledger.keeping import Contents
from govern.ledger.store import FileStore
from govern.problems import Exit, Problem
from support.ledgers import the_problem
from support.store_conformance import ASIDE, LINES

NAME = "000000.jsonl"


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    """Return a ledger of one line."""
    store = FileStore(tmp_path / "governance" / "ledger")
    with store.exclusive():
        store.append(0, LINES[:1])
    return store


def refusal(act: Callable[[], object]) -> tuple[str, str, str]:
    """Return the code, the file and the message for which an act is refused as broken."""
    problem = the_problem(act, Exit.BROKEN)
    assert problem.place is not None
    assert problem.help
    return problem.code, problem.place.file, problem.message


def told(act: Callable[[], object]) -> Problem:
    """Return why an act could not be done."""
    return the_problem(act, Exit.UNJUDGED)


def append(store: FileStore) -> None:
    with store.exclusive():
        store.append(1, LINES[1:2])


@pytest.mark.parametrize("linked", ["governance", "ledger"])
def test_a_folder_that_is_a_link_is_refused(store: FileStore, tmp_path: Path, linked: str) -> None:
    folder = tmp_path / "governance" if linked == "governance" else store.folder
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")

    wanted = ("EVIDENCE_TYPE", str(folder), "is a link, wanted a folder")
    assert refusal(store.read) == wanted
    assert refusal(store.exists) == wanted
    assert refusal(lambda: append(store)) == wanted


@pytest.mark.parametrize("linked", ["governance", "ledger"])
def test_a_link_that_leads_nowhere_is_refused_and_nothing_is_made_where_it_leads(tmp_path: Path, linked: str) -> None:
    store = FileStore(tmp_path / "governance" / "ledger")
    folder = tmp_path / "governance" if linked == "governance" else store.folder
    folder.parent.mkdir(exist_ok=True)
    folder.symlink_to(tmp_path / "nowhere")

    assert refusal(store.read) == ("EVIDENCE_TYPE", str(folder), "is a link, wanted a folder")
    assert refusal(lambda: append(store)) == ("EVIDENCE_TYPE", str(folder), "is a link, wanted a folder")
    assert not (tmp_path / "nowhere").exists()


def test_a_link_above_the_programme_is_followed(store: FileStore, tmp_path: Path) -> None:
    (tmp_path.parent / f"{tmp_path.name}-link").symlink_to(tmp_path)

    linked = FileStore(tmp_path.parent / f"{tmp_path.name}-link" / "governance" / "ledger")

    append(linked)
    assert store.read() == Contents([line[:-1] for line in LINES[:2]])


def test_a_segment_of_two_names_is_refused(store: FileStore, tmp_path: Path) -> None:
    (tmp_path / "second").hardlink_to(store.folder / NAME)

    wanted = ("EVIDENCE_TYPE", str(store.folder / NAME), "has 2 names in the file system, wanted 1")
    assert refusal(store.read) == wanted
    assert refusal(lambda: append(store)) == wanted
    assert (tmp_path / "second").read_bytes() == LINES[0]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
def test_a_segment_that_is_a_device_is_refused(store: FileStore) -> None:
    (store.folder / NAME).unlink()
    os.mknod(store.folder / NAME, 0o600 | 0o020000, os.makedev(1, 5))

    assert refusal(store.read) == ("EVIDENCE_TYPE", str(store.folder / NAME), "is no plain file")
    assert refusal(lambda: append(store)) == ("EVIDENCE_TYPE", str(store.folder / NAME), "is no plain file")


def test_a_segment_that_is_a_folder_is_not_written_to(store: FileStore) -> None:
    (store.folder / NAME).unlink()
    (store.folder / NAME).mkdir()

    assert refusal(lambda: append(store)) == ("EVIDENCE_TYPE", str(store.folder / NAME), "cannot be opened as a plain file: Is a directory")


def test_a_segment_that_is_gone_is_told_before_anything_is_written(store: FileStore) -> None:
    (store.folder / NAME).unlink()

    problem = told(lambda: append(store))

    assert (problem.code, problem.message) == ("APPEND_UNKNOWN", "the record may or may not have been kept: No such file or directory")
    assert list(store.folder.iterdir()) == []


def test_a_torn_tail_is_not_kept_through_a_link(store: FileStore, tmp_path: Path) -> None:
    with (store.folder / NAME).open("ab") as last:
        last.write(b"torn")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "governance" / ASIDE).symlink_to(tmp_path / "elsewhere")

    with store.exclusive():
        assert refusal(lambda: store.repair(ASIDE)) == ("EVIDENCE_TYPE", str(tmp_path / "governance" / ASIDE), "is a link, wanted a folder")
    assert store.read().torn == b"torn"
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_ledger_whose_folder_is_named_alone_is_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = FileStore(Path("ledger"))

    with store.exclusive():
        store.append(0, LINES[:1])

    assert (tmp_path / "ledger" / NAME).read_bytes() == LINES[0]


def test_every_missing_folder_is_made(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "a" / "b" / "governance" / "ledger")

    with store.exclusive():
        store.append(0, LINES[:1])

    assert store.read() == Contents([LINES[0][:-1]])


def test_a_folder_that_may_not_be_read_is_told(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)

    assert refusal(store.read) == ("EVIDENCE_TYPE", str(store.folder), "cannot be read as a folder: Permission denied")
    assert told(lambda: append(store)).message == f"{store.folder}: Permission denied"


def test_a_disk_names_its_folders_by_their_paths(tmp_path: Path) -> None:
    assert FileDisk(tmp_path).where("ledger") == str(tmp_path / "ledger")
