"""Whatever a kill, a failed call or a power cut leaves: what was acknowledged is there, and a retry makes one copy of each."""

import pytest

from govern.ledger import store as module
from govern.ledger import writing
from govern.ledger.files import Folder, OpenFile
from govern.ledger.store import Store
from support.simulated_disk import SimulatedDisk
from support.store_conformance import CrashSearch

pytestmark = pytest.mark.search


def test_no_state_that_a_power_cut_may_leave_loses_what_was_acknowledged() -> None:
    search = CrashSearch(every=13)

    search.search()

    assert search.violations == []
    assert len(search.seen) > 5_000


def test_a_first_run_torn_at_every_byte_loses_nothing() -> None:
    search = CrashSearch()

    search.power_cuts(lambda: (SimulatedDisk(), 0), 1)

    assert search.violations == []
    assert len(search.seen) > 5_000


def test_two_ends_in_a_row_lose_nothing() -> None:
    search = CrashSearch(every=400)

    search.search_twice()

    assert search.violations == []
    assert len(search.seen) > 500


def write_only(file: OpenFile, _before: int) -> None:
    """Acknowledge before the sync."""


def sync_only(file: OpenFile, _before: int) -> None:
    """Leave what a sync failed on."""
    file.sync()


def sync_again(file: OpenFile, _before: int) -> None:
    """Try a failed sync again."""
    try:
        file.sync()
    except OSError:
        file.sync()


def extend_without_the_name(folder: Folder, name: str, content: bytes, *, create: bool) -> None:
    with folder.opened(name, create=create) as segment:
        segment.write(content)
        segment.sync()


def extend_with_the_name_last(folder: Folder, name: str, content: bytes, *, create: bool) -> None:
    extend_without_the_name(folder, name, content, create=create)
    if create:
        folder.sync()


def sync_nothing(_store: Store, _folder: Folder, _name: str) -> None:
    """Leave to the one who wrote it what is not durable."""


def keep_nothing(_store: Store, _aside: str, _torn: bytes) -> None:
    """Cut without keeping."""


make = SimulatedDisk.make


def make_once(disk: SimulatedDisk, name: str) -> None:
    """Make the names of folders durable only as the one that made the folders."""
    if name not in disk.nodes:
        make(disk, name)


@pytest.mark.parametrize(
    ("of", "part", "broken"),
    [
        (writing, "sync_or_cut", write_only),
        (writing, "sync_or_cut", sync_only),
        (writing, "sync_or_cut", sync_again),
        (module, "extend", extend_without_the_name),
        (module, "extend", extend_with_the_name_last),
        (Store, "_sync", sync_nothing),
        (Store, "_keep", keep_nothing),
        (SimulatedDisk, "make", make_once),
    ],
    ids=lambda each: getattr(each, "__name__", str(each)),
)
def test_the_search_finds_a_store_that_leaves_out_one_step(monkeypatch: pytest.MonkeyPatch, of: object, part: str, broken: object) -> None:
    monkeypatch.setattr(of, part, broken)
    search = CrashSearch(every=300, first_only=True)

    search.search()

    assert search.violations != []
