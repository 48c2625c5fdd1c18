"""The end of a ledger is replaced in one step: wherever it is killed, fails or loses power, old or new is read, and the next writer finishes."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from govern.ledger import replacing
from govern.ledger.keeping import Contents
from govern.ledger.store import FileStore, Store
from govern.problems import GovernError
from support.simulated_disk import Image, KilledError, SimulatedDisk

LEDGER, SEGMENT_LINES = "ledger", 2
COMMON = [b"common 1", b"common 2", b"common 3"]
OLD = [*COMMON, b"mine 1", b"mine 2"]
NEW = [*COMMON, b"theirs 1", b"theirs 2", b"mine 1", b"mine 2"]
BEHIND = b"recorded afterwards"


def _image(lines: list[bytes]) -> Image:
    starts = range(0, len(lines), SEGMENT_LINES)
    return {LEDGER: {f"{at // SEGMENT_LINES:06d}.jsonl": b"".join(line + b"\n" for line in lines[at : at + SEGMENT_LINES]) for at in starts}}


def _replace(disk: SimulatedDisk) -> bool | None:
    """Replace the end; return whether it was acknowledged, or nothing where the process was killed."""
    store = Store(disk, LEDGER, SEGMENT_LINES)
    try:
        with store.exclusive():
            store.replace(len(COMMON), [line + b"\n" for line in NEW[len(COMMON) :]])
    except KilledError:
        return None
    except GovernError:
        return False
    return True


def _wrong(image: Image, *, acknowledged: bool) -> Iterator[str]:
    """Yield what is wrong with a state: what is read, what the next writer makes of it, and what it leaves."""
    disk = SimulatedDisk(image)
    store = Store(disk, LEDGER, SEGMENT_LINES)
    try:
        found = store.read()
        if found not in ([Contents(NEW)] if acknowledged else [Contents(OLD), Contents(NEW)]):
            yield f"read: {found}"
        with store.exclusive():
            if store.read() != found:
                yield f"under the lock: {store.read()}, and before {found}"
            store.append(len(found.lines), [BEHIND + b"\n"])
        left = {folder for folder, files in disk.image().items() if files is not None} - {LEDGER, "ledger-laid-out"}
        if store.read() != Contents([*found.lines, BEHIND]) or left:
            yield f"afterwards: {store.read()} beside {left}"
    except GovernError as error:
        yield f"stopped: {error}"


def _search(**ends: str) -> tuple[int, list[str]]:
    """End a replacement at each call, cut the power there too, and look at each state that may be left."""
    states, wrong = 0, list[str]()
    for end in ends.values():
        for call in count(1):
            disk = SimulatedDisk(_image(OLD))
            # A write that fails takes a part: it is short.
            disk.kept = 3
            setattr(disk, end, call)
            done = _replace(disk)
            images = [disk.image(), *disk.crash(3), *disk.crash(5, holes=True)]
            states += len(images)
            wrong += [f"{end} {call} ({disk.log[-1]}): {each}" for image in images for each in _wrong(image, acknowledged=done is True)]
            if disk.calls < call:
                break
    return states, wrong


def test_no_state_that_a_kill_a_failure_or_a_power_cut_may_leave_is_anything_but_the_old_or_the_new_history() -> None:
    states, wrong = _search(killed="kill_at", failed="fail_at")
    assert wrong == []
    assert states > 200


def test_a_replacement_that_was_cut_short_is_done_again_on_what_it_left() -> None:
    for first in range(1, 40):
        disk = SimulatedDisk(_image(OLD))
        disk.kill_at = first
        _replace(disk)
        disk.revive()
        store = Store(disk, LEDGER, SEGMENT_LINES)
        with store.exclusive():
            if store.read() == Contents(OLD):
                store.replace(len(COMMON), [line + b"\n" for line in NEW[len(COMMON) :]])
        assert store.read() == Contents(NEW), first


def _move_before_the_switch(disk: SimulatedDisk, name: str, segments: dict[str, bytes]) -> None:
    """Put each segment into its place by itself."""
    with disk.folder(name) as folder:
        for segment, content in segments.items():
            with folder.opened(segment, create=True) as file:
                file.cut(0)
                file.write(content)
                file.sync()
        folder.sync()


def test_the_search_finds_a_replacement_segment_by_segment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("govern.ledger.store.replace_segments", _move_before_the_switch)
    assert _search(killed="kill_at")[1] != []


def test_the_search_finds_a_reader_who_does_not_look_beside_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replacing.Laid, "names", lambda self: self._folder.names())
    monkeypatch.setattr(replacing.Laid, "read", lambda self, name: self._folder.read(name))
    assert _search(killed="kill_at")[1] != []


def test_on_a_real_disk_the_new_history_is_read_and_nothing_is_left_beside(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "governance" / "ledger")
    with store.exclusive():
        store.append(0, [b"old\n"] * 5000)
        store.replace(4000, [b"new\n"] * 5000)
    assert store.read() == Contents([b"old"] * 4000 + [b"new"] * 5000)
    assert [path.name for path in sorted((tmp_path / "governance").iterdir())] == ["ledger"]


@pytest.mark.parametrize("moved", [0, 1])
def test_what_waits_to_be_moved_is_read_from_a_real_disk_before_and_after(moved: int, tmp_path: Path) -> None:
    store = FileStore(tmp_path / "governance" / "ledger")
    with store.exclusive():
        store.append(0, [b"old\n"] * 5000)
    waiting = tmp_path / "governance" / "ledger-next"
    waiting.mkdir()
    laid_out = tmp_path / "governance" / "ledger-laid-out"
    laid_out.mkdir()
    (laid_out / "000007.jsonl").write_bytes(b"of a replacement that was cut short\n")
    for number, lines in ((0, 4096), (1, 2000)):
        folder = store.folder if number < moved else waiting
        (folder / f"{number:06d}.jsonl").write_bytes(b"new\n" * lines)
    before = sorted(path.name for path in waiting.iterdir())
    assert store.read() == Contents([b"new"] * 6096)
    assert sorted(path.name for path in waiting.iterdir()) == before, "reading moves nothing"
    with store.exclusive():
        store.replace(6096, [b"behind\n"])
    assert store.read() == Contents([b"new"] * 6096 + [b"behind"])
    assert (waiting.exists(), laid_out.exists()) == (False, False)


def test_a_history_that_ends_in_an_earlier_segment_replaces_nothing(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "governance" / "ledger")
    with store.exclusive():
        store.append(0, [b"old\n"] * 5000)
        with pytest.raises(GovernError, match="the new history has fewer segments than the old one"):
            store.replace(4000, [b"new\n"])
    assert store.read() == Contents([b"old"] * 5000)
