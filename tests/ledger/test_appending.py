import errno
import fcntl
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from govern.ledger.keeping import Contents
from govern.ledger.lines import SEGMENT_LINES, Chain, read_records
from govern.ledger.store import FileStore
from govern.problems import Exit, Problem
from support.ledgers import content, notes, the_problem

TESTS = Path(__file__).parents[1]
FIRST, SECOND, THIRD = (line + b"\n" for line in notes(3).lines)


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    """Return a ledger of one line."""
    store = FileStore(tmp_path / "ledger")
    with store.exclusive():
        store.append(0, [FIRST])
    return store


def failed(act: Callable[[], object]) -> Problem:
    """Return the problem for which it is not known what became of an act, or that it could not be done."""
    return the_problem(act, Exit.UNJUDGED)


def failing(number: int) -> Callable[..., Any]:
    def fail(*_arguments: object) -> Any:
        raise OSError(number, os.strerror(number))

    return fail


def append(store: FileStore, size: int, *lines: bytes) -> None:
    with store.exclusive():
        store.append(size, list(lines))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_a_write_that_fails_is_not_acknowledged(store: FileStore, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setattr(os, "write", failing(number))

    problem = failed(lambda: append(store, 1, SECOND))

    assert problem.code == "APPEND_UNKNOWN"
    assert problem.message == f"the record may or may not have been kept: {os.strerror(number)}"
    assert problem.place is not None
    assert problem.place.file == str(store.folder / "000000.jsonl")
    assert problem.help == "`govern log` says whether it was; then decide whether to repeat it"
    assert store.read() == Contents([FIRST[:-1]])


@pytest.mark.parametrize("kept", [0, 1, len(SECOND) - 1])
def test_a_write_that_falls_short_is_not_acknowledged(store: FileStore, monkeypatch: pytest.MonkeyPatch, kept: int) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, text: write(handle, text[:kept]))

    problem = failed(lambda: append(store, 1, SECOND))

    assert (problem.code, problem.message) == ("APPEND_UNKNOWN", f"the record may or may not have been kept: {kept} of {len(SECOND)} bytes were written")
    assert store.read() == Contents([FIRST[:-1]], SECOND[:kept])


def test_a_sync_that_fails_is_not_acknowledged_and_not_tried_again(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def fail(handle: int) -> None:
        tried.append(handle)
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)

    problem = failed(lambda: append(store, 1, SECOND))

    assert (problem.code, problem.message) == ("APPEND_UNKNOWN", "the record may or may not have been kept: Input/output error")
    assert len(tried) == 1


def test_a_new_segment_is_not_acknowledged_before_its_name_is_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileStore(tmp_path)
    append(store, 0, *[b"line\n"] * SEGMENT_LINES)
    sync = os.fsync

    def fail(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EIO, "Input/output error")
        sync(handle)

    monkeypatch.setattr(os, "fsync", fail)

    assert failed(lambda: append(store, SEGMENT_LINES, FIRST)).code == "APPEND_UNKNOWN"
    assert (tmp_path / "000001.jsonl").read_bytes() == b""


def synced(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> list[str]:
    """Return the paths that an act makes durable, in order."""
    paths: list[str] = []
    sync = os.fsync

    def note(handle: int) -> None:
        paths.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        sync(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", note)
        act()
    return paths


def test_an_append_is_durable_with_its_names_when_it_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "governance" / "ledger"
    store = FileStore(folder)

    assert synced(monkeypatch, lambda: append(store, 0, FIRST)) == [str(each) for each in (folder.parent, tmp_path, folder, folder / "000000.jsonl")]
    assert synced(monkeypatch, lambda: append(store, 1, SECOND)) == [str(folder / "000000.jsonl")]


def test_several_lines_are_one_write(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []
    write = os.write

    def note(handle: int, text: bytes) -> int:
        written.append(text)
        return write(handle, text)

    monkeypatch.setattr(os, "write", note)
    append(store, 1, SECOND, THIRD)

    assert written == [SECOND + THIRD]
    assert store.read() == Contents([FIRST[:-1], SECOND[:-1], THIRD[:-1]])


def test_over_the_border_of_a_segment_each_part_is_durable_before_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileStore(tmp_path)
    append(store, 0, *[b"line\n"] * (SEGMENT_LINES - 1))

    assert synced(monkeypatch, lambda: append(store, SEGMENT_LINES - 1, b"last\n", b"first\n")) == [
        str(tmp_path / "000000.jsonl"),
        str(tmp_path),
        str(tmp_path / "000001.jsonl"),
    ]


class KilledError(BaseException):
    """Stands for the end of the process at a system call."""


@pytest.mark.parametrize("call", ["open", "write", "fsync", "close"])
@pytest.mark.parametrize("size", [1, SEGMENT_LINES])
def test_what_was_acknowledged_is_there_wherever_the_next_append_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, size: int) -> None:
    store = FileStore(tmp_path)
    before = notes(size).lines if size == 1 else [b"line"] * size
    append(store, 0, *(line + b"\n" for line in before))

    def end(*_arguments: object, **_options: object) -> None:
        raise KilledError

    with store.exclusive(), monkeypatch.context() as patch:
        patch.setattr(os, call, end)
        with pytest.raises(KilledError, match=r"^$"):
            store.append(size, [b"new\n"])

    contents = store.read()
    assert contents in (Contents(before), Contents([*before, b"new"]))
    append(store, len(contents.lines), b"again\n")
    assert store.read() == Contents([*contents.lines, b"again"])


def test_a_lock_that_cannot_be_had_is_told(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "flock", failing(errno.ENOLCK))

    problem = failed(lambda: append(store, 1, SECOND))

    assert (problem.code, problem.message, problem.help) == ("LEDGER_IO", f"{store.folder}: No locks available", "nothing is acknowledged")
    monkeypatch.undo()
    assert store.read() == Contents([FIRST[:-1]])


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "governance").write_bytes(b"")
    store = FileStore(tmp_path / "governance" / "ledger")

    problem = failed(lambda: append(store, 0, FIRST))

    assert (problem.code, problem.message) == ("LEDGER_IO", f"{store.folder}: Not a directory")


def test_a_file_that_fails_while_the_lock_is_held_is_told_by_its_name(store: FileStore, tmp_path: Path) -> None:
    def read_under_lock() -> None:
        with store.exclusive():
            (tmp_path / "missing").read_bytes()

    problem = failed(read_under_lock)

    assert (problem.code, problem.message) == ("LEDGER_IO", f"{tmp_path / 'missing'}: No such file or directory")


def test_a_lock_is_given_back_after_a_failure(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", failing(errno.ENOSPC))
        failed(lambda: append(store, 1, SECOND))

    handle = os.open(store.folder, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(handle)


def test_another_cannot_have_the_lock_while_it_is_held(store: FileStore) -> None:
    handle = os.open(store.folder, os.O_RDONLY | os.O_DIRECTORY)
    with store.exclusive(), pytest.raises(BlockingIOError, match="Resource temporarily unavailable"):
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(handle)


def test_eight_writers_at_once_lose_nothing_and_record_nothing_twice(store: FileStore) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-m", "support.appender", str(store.folder), f"writer-{number}", "25"], cwd=TESTS, stderr=subprocess.PIPE)
        for number in range(8)
    ]
    for writer in writers:
        _out, told = writer.communicate(timeout=120)
        assert (writer.returncode, told) == (0, b"")

    contents = store.read()
    records = list(read_records(contents.lines, Chain()))
    said = [record.statement.body["text"] for record in records[1:]]
    assert contents.torn == b""
    assert len(records) == 201
    assert sorted(said) == sorted(f"writer-{number} {turn}" for number in range(8) for turn in range(25))
    for number in range(8):
        assert [text for text in said if text.startswith(f"writer-{number} ")] == [f"writer-{number} {turn}" for turn in range(25)]
    assert (store.folder / "000000.jsonl").read_bytes() == content(contents.lines)
