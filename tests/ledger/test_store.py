import os
import shutil
import stat
from hashlib import sha256
from pathlib import Path

import pytest

from govern.ledger.keeping import Contents, HeadMovedError, SharedStore, change
from govern.ledger.lines import SEGMENT_LINES, Chain, read_records
from govern.ledger.replacing import NEXT
from govern.ledger.store import FileStore
from govern.problems import Exit, GovernError
from support.ledgers import content, notes, the_problem

LINES = [b"line %d" % number for number in range(2 * SEGMENT_LINES + 2)]


def with_lf(lines: list[bytes]) -> list[bytes]:
    return [line + b"\n" for line in lines]


def files(folder: Path) -> dict[str, bytes]:
    """Return everything under a folder, with kind, mode and bytes."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        body = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
        found[str(path)] = b"%o %d %s" % (status.st_mode, status.st_mtime_ns, sha256(body).digest())
    return found


def refused(store: FileStore) -> tuple[str, str, str]:
    """Return the code, the name of the file and the message with which reading is refused as broken."""
    problem = the_problem(store.read, Exit.BROKEN)
    assert problem.place is not None
    return problem.code, Path(problem.place.file).name, problem.message


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "governance" / "ledger")


def written(store: FileStore, lines: list[bytes]) -> FileStore:
    with store.exclusive():
        store.append(0, with_lf(lines))
    return store


def append(store: FileStore, size: int, lines: list[bytes]) -> None:
    with store.exclusive():
        store.append(size, with_lf(lines))


def test_what_is_read_is_what_was_appended(store: FileStore) -> None:
    ledger = notes(20)
    for number, line in enumerate(ledger.lines):
        with store.exclusive():
            store.append(number, [line + b"\n"])

    assert store.read() == Contents(ledger.lines)
    assert len(list(read_records(store.read().lines, Chain()))) == 20


def test_the_files_are_the_lines_with_a_line_end_each(store: FileStore) -> None:
    ledger = notes(3)

    written(store, ledger.lines)

    assert (store.folder / "000000.jsonl").read_bytes() == content(ledger.lines)


@pytest.mark.parametrize("size", [1, SEGMENT_LINES - 1, SEGMENT_LINES, SEGMENT_LINES + 1, 2 * SEGMENT_LINES, 2 * SEGMENT_LINES + 1])
def test_lines_go_into_segments_of_4096(store: FileStore, size: int) -> None:
    written(store, LINES[:size])

    names = sorted(path.name for path in store.folder.iterdir())
    assert names == [f"{number:06d}.jsonl" for number in range((size + 4095) // 4096)]
    assert store.read() == Contents(LINES[:size])


@pytest.mark.parametrize("before", [SEGMENT_LINES - 2, SEGMENT_LINES - 1, SEGMENT_LINES, SEGMENT_LINES + 1])
@pytest.mark.parametrize("more", [1, 2, 3, SEGMENT_LINES + 1])
def test_lines_are_appended_over_the_border_of_a_segment(store: FileStore, before: int, more: int) -> None:
    written(store, LINES[:before])

    with store.exclusive():
        store.append(before, with_lf(LINES[before : before + more]))

    assert store.read() == Contents(LINES[: before + more])


def test_a_ledger_that_is_not_there_is_empty(store: FileStore) -> None:
    assert store.read() == Contents([])
    assert not store.exists()


def test_a_ledger_is_there_from_its_first_byte_on(store: FileStore) -> None:
    with store.exclusive():
        assert not store.exists()
        store.append(0, [b"line\n"])
        assert store.exists()


def test_an_append_that_was_cut_short_before_its_first_byte_can_be_made_again(store: FileStore) -> None:
    written(store, LINES[:SEGMENT_LINES])
    (store.folder / "000001.jsonl").touch()

    assert store.read() == Contents(LINES[:SEGMENT_LINES])
    with store.exclusive():
        store.append(SEGMENT_LINES, [b"line\n"])
    assert store.read().lines[-1] == b"line"


def test_a_genesis_that_was_cut_short_before_its_first_byte_can_be_made_again(store: FileStore) -> None:
    store.folder.mkdir(parents=True)
    (store.folder / "000000.jsonl").touch()

    assert not store.exists()
    assert written(store, LINES[:1]).read() == Contents(LINES[:1])


@pytest.mark.parametrize("tail", [b"x", b'{"at":', b"\r", b"\x00" * 10])
@pytest.mark.parametrize("size", [1, SEGMENT_LINES - 1, SEGMENT_LINES + 1])
def test_bytes_after_the_last_line_end_are_told_as_a_torn_tail(store: FileStore, size: int, tail: bytes) -> None:
    written(store, LINES[:size])
    with max(store.folder.iterdir()).open("ab") as last:
        last.write(tail)

    assert store.read() == Contents(LINES[:size], tail)


def test_the_start_of_a_first_line_is_a_torn_tail(store: FileStore) -> None:
    store.folder.mkdir(parents=True)
    (store.folder / "000000.jsonl").write_bytes(b'{"at":')

    assert store.read() == Contents([], b'{"at":')
    assert store.exists()


def test_a_torn_tail_in_a_segment_that_is_not_the_last_is_broken(store: FileStore) -> None:
    written(store, LINES[: SEGMENT_LINES + 1])
    with (store.folder / "000000.jsonl").open("ab") as first:
        first.write(b"x")

    assert refused(store) == ("SEGMENT", "000000.jsonl", "segment 000000.jsonl does not end in a line end, and another follows")


@pytest.mark.parametrize("number", [0, 1])
def test_a_missing_segment_is_named(store: FileStore, number: int) -> None:
    written(store, LINES[: 2 * SEGMENT_LINES + 1])
    (store.folder / f"{number:06d}.jsonl").unlink()

    assert refused(store) == ("SEGMENT", "ledger", f"segment {number:06d}.jsonl is missing")


def test_a_segment_that_is_not_the_last_has_no_line_too_few(store: FileStore) -> None:
    written(store, LINES[: SEGMENT_LINES + 1])
    (store.folder / "000000.jsonl").write_bytes(content(LINES[: SEGMENT_LINES - 1]))

    assert refused(store) == ("SEGMENT", "000000.jsonl", "segment 000000.jsonl has 4095 lines, wanted 4096")


@pytest.mark.parametrize("size", [SEGMENT_LINES, SEGMENT_LINES + 1])
@pytest.mark.parametrize("last", [False, True])
def test_no_segment_has_a_line_too_many(store: FileStore, size: int, last: bool) -> None:  # noqa: FBT001 - a parameter of the test
    written(store, LINES[: SEGMENT_LINES + 1])
    if last:
        (store.folder / "000001.jsonl").unlink()
    (store.folder / "000000.jsonl").write_bytes(content(LINES[:size]))

    if size == SEGMENT_LINES:
        assert store.read().lines[:SEGMENT_LINES] == LINES[:SEGMENT_LINES]
        return
    assert refused(store) == ("SEGMENT", "000000.jsonl", "segment 000000.jsonl has 4097 lines, wanted 4096")


@pytest.mark.parametrize("name", ["notes.txt", ".DS_Store", "000000.jsonl.orig", "0.jsonl", "000000.JSONL", "١٢٣٤٥٦.jsonl", "backup"])
def test_a_stray_file_is_named(store: FileStore, name: str) -> None:
    written(store, LINES[:1])
    (store.folder / name).write_bytes(b"")

    assert refused(store) == ("LAYOUT_STRAY", name, f"`{name}` is no segment of the ledger")


def test_an_extra_segment_behind_a_gap_is_named_as_the_gap(store: FileStore) -> None:
    written(store, LINES[:1])
    (store.folder / "000002.jsonl").write_bytes(b"")

    assert refused(store) == ("SEGMENT", "ledger", "segment 000001.jsonl is missing")


def test_a_segment_that_is_a_link_is_not_followed(store: FileStore, tmp_path: Path) -> None:
    store.folder.mkdir(parents=True)
    (tmp_path / "elsewhere").write_bytes(content(LINES[:1]))
    (store.folder / "000000.jsonl").symlink_to(tmp_path / "elsewhere")

    assert refused(store) == ("EVIDENCE_TYPE", "000000.jsonl", "cannot be read as a plain file: Too many levels of symbolic links")
    with store.exclusive(), pytest.raises(GovernError, match="cannot be opened as a plain file: Too many levels of symbolic links"):
        store.append(0, [b"line\n"])
    assert (tmp_path / "elsewhere").read_bytes() == content(LINES[:1])


def test_a_segment_that_is_a_pipe_is_not_waited_for(store: FileStore) -> None:
    store.folder.mkdir(parents=True)
    os.mkfifo(store.folder / "000000.jsonl")

    assert refused(store) == ("EVIDENCE_TYPE", "000000.jsonl", "is no plain file")
    with store.exclusive(), pytest.raises(GovernError, match="cannot be opened as a plain file: No such device or address"):
        store.append(0, [b"line\n"])


def test_a_segment_that_is_a_folder_is_refused(store: FileStore) -> None:
    (store.folder / "000000.jsonl").mkdir(parents=True)

    assert refused(store) == ("EVIDENCE_TYPE", "000000.jsonl", "is no plain file")


def test_a_ledger_that_is_a_file_is_refused(store: FileStore) -> None:
    store.folder.parent.mkdir(parents=True)
    store.folder.write_bytes(b"")

    assert refused(store) == ("EVIDENCE_TYPE", "ledger", "cannot be read as a folder: Not a directory")


def test_reading_writes_nothing(store: FileStore) -> None:
    written(store, LINES[: SEGMENT_LINES + 1])
    with (store.folder / "000001.jsonl").open("ab") as last:
        last.write(b"torn")
    before = files(store.folder)

    store.read()
    store.exists()

    assert files(store.folder) == before


def test_reading_what_is_not_there_makes_nothing(store: FileStore, tmp_path: Path) -> None:
    store.read()
    store.exists()

    assert list(tmp_path.iterdir()) == []


def test_the_mark_moves_with_whatever_is_done_to_the_folder(store: FileStore) -> None:
    marks = [store.mark()]
    for step in (
        lambda: written(store, LINES[:SEGMENT_LINES]),
        lambda: append(store, SEGMENT_LINES, LINES[SEGMENT_LINES : SEGMENT_LINES + 1]),
        lambda: append(store, SEGMENT_LINES + 1, LINES[SEGMENT_LINES + 1 : SEGMENT_LINES + 2]),
        (store.folder / "stray").touch,
        store.folder.with_name(f"{store.folder.name}{NEXT}").mkdir,
        lambda: shutil.rmtree(store.folder),
    ):
        step()
        marks += [store.mark()]
        assert store.mark() == marks[-1]

    assert len({*marks}) == len(marks)


def test_what_is_adopted_is_in_the_folder_beside_it(store: FileStore) -> None:
    store.keep({"a": b"text"})

    assert store.text("a") is None
    assert store.named == ("", str(store.folder))
    assert not store.folder.exists()


def test_what_always_comes_second_is_given_up(store: FileStore) -> None:
    tried = []

    def beaten(_store: SharedStore) -> None:
        tried.append(1)
        raise HeadMovedError("here", 3)

    with pytest.raises(HeadMovedError, match="others appended behind record 2 while this was judged"):
        change(store, beaten, patience=0.05)
    assert len(tried) > 1
