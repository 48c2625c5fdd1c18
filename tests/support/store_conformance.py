"""What every store of a ledger keeps to; and the search for a crash after which one did not.

`StoreConformance` is inherited by a test class for each store. `CrashSearch` runs a store on the simulated disk, ends
it at every call, cuts the power, and looks at every state that may be left.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256
from itertools import count, product
from typing import NamedTuple

import pytest

from govern.ledger.keeping import Contents, LedgerStore
from govern.ledger.lines import Chain, read_records
from govern.ledger.store import Store
from govern.problems import GovernError
from support.ledgers import notes
from support.simulated_disk import Image, KilledError, SimulatedDisk

LEDGER, ASIDE = "ledger", "ledger-torn"
LINES = [line + b"\n" for line in notes(6).lines]
# In segments of two lines: within one, over a border, behind one, into a new one.
BATCHES = [LINES[:1], LINES[1:3], LINES[3:4], LINES[4:6]]


def statement_of(line: bytes) -> str:
    """Return the digest of a line's statement."""
    return line[-73:-9].decode()


def _tell_nobody(_size: int) -> None:
    pass


def carry_on(store: LedgerStore, batches: Sequence[list[bytes]], acknowledge: Callable[[int], object] = _tell_nobody) -> None:
    """Do what a caller does, first or again: record each batch once, setting aside what an append left that was cut short.

    `acknowledge` is told how many lines are durable.
    """
    size = 0
    for batch in batches:
        with store.exclusive():
            if store.read().torn:
                store.repair(ASIDE)
            contents = store.read()
            missing = [line for line in batch if contents.find(statement_of(line)) is None]
            if missing:
                store.append(len(contents.lines), missing)
            else:
                store.settle()
        size += len(batch)
        acknowledge(size)


def plain(number: int) -> bytes:
    """Return a line, with its LF, that says nothing but has the digest of a statement where lines have it."""
    return b'{"stmt_sha256":"%064x","v":1}\n' % number


class StoreConformance(ABC):
    """The tests; a subclass says how to make a store, with nothing in it, in segments of 4,096 lines where it has any."""

    @pytest.fixture
    @abstractmethod
    def store(self) -> LedgerStore:
        """Return an empty store."""

    def add(self, store: LedgerStore, size: int, *lines: bytes) -> None:
        with store.exclusive():
            store.append(size, list(lines))

    def test_nothing_is_there_before_the_first_line(self, store: LedgerStore) -> None:
        assert not store.exists()
        assert store.read() == Contents([])

    def test_what_is_read_is_what_was_appended(self, store: LedgerStore) -> None:
        for number, line in enumerate(LINES):
            self.add(store, number, line)

        assert store.exists()
        assert store.read() == Contents([line[:-1] for line in LINES])

    @pytest.mark.parametrize("before", [4094, 4095, 4096])
    def test_lines_go_over_the_border_of_a_segment(self, store: LedgerStore, before: int) -> None:
        lines = [plain(number) for number in range(before + 3)]
        self.add(store, 0, *lines[:before])
        self.add(store, before, *lines[before:])

        assert store.read() == Contents([line[:-1] for line in lines])

    def test_a_record_is_found_by_its_statement(self, store: LedgerStore) -> None:
        self.add(store, 0, *LINES[:3])

        contents = store.read()
        assert [contents.find(statement_of(line)) for line in LINES[:4]] == [0, 1, 2, None]
        assert [record.stmt_digest for record in read_records(contents.lines, Chain())] == [statement_of(line) for line in LINES[:3]]

    def test_each_batch_is_there_once_however_often_it_is_retried(self, store: LedgerStore) -> None:
        told: list[int] = []
        for _ in range(3):
            carry_on(store, BATCHES, told.append)

        assert told == [1, 3, 4, 6] * 3
        assert store.read() == Contents([line[:-1] for line in LINES])

    def test_an_append_of_no_lines_changes_nothing(self, store: LedgerStore) -> None:
        self.add(store, 0)
        assert store.read() == Contents([])

    def test_nothing_is_repaired_where_nothing_is_torn(self, store: LedgerStore) -> None:
        self.add(store, 0, LINES[0])
        with store.exclusive():
            assert store.repair(ASIDE) == b""

        assert store.read() == Contents([LINES[0][:-1]])

    def test_an_empty_store_is_settled(self, store: LedgerStore) -> None:
        with store.exclusive():
            store.settle()

        assert store.read() == Contents([])

    def test_nothing_is_written_without_the_lock(self, store: LedgerStore) -> None:
        for write in (lambda: store.append(0, LINES[:1]), store.settle, lambda: store.repair(ASIDE)):
            with pytest.raises(RuntimeError, match="the ledger is written to under `exclusive` only"):
                write()

        assert store.read() == Contents([])


class TornConformance(StoreConformance):
    """What a store keeps to, beyond that, whose append may be cut short behind some of its bytes."""

    @abstractmethod
    def tear(self, tail: bytes) -> None:
        """Leave bytes behind the last line, as an append does that is cut short."""

    @abstractmethod
    def kept_aside(self) -> dict[str, bytes]:
        """Return what `repair` kept."""

    def test_a_torn_tail_is_told_kept_and_cut(self, store: LedgerStore) -> None:
        self.add(store, 0, *LINES[:2])
        self.tear(b'{"at":')
        assert store.read() == Contents([line[:-1] for line in LINES[:2]], b'{"at":')

        with store.exclusive():
            assert store.repair(ASIDE) == b'{"at":'
            store.append(2, LINES[2:3])

        assert store.read() == Contents([line[:-1] for line in LINES[:3]])
        assert self.kept_aside() == {sha256(b'{"at":').hexdigest(): b'{"at":'}

    def test_a_torn_first_line_is_kept_and_the_ledger_can_be_begun_again(self, store: LedgerStore) -> None:
        self.add(store, 0, LINES[0][:-1])
        with store.exclusive():
            assert store.repair(ASIDE) == LINES[0][:-1]

        assert not store.exists()
        self.add(store, 0, LINES[0])
        assert store.read() == Contents([LINES[0][:-1]])

    def test_the_same_tail_is_kept_once_and_another_beside_it(self, store: LedgerStore) -> None:
        self.add(store, 0, LINES[0])
        for tail in (b"x", b"x", b"y"):
            self.tear(tail)
            with store.exclusive():
                assert store.repair(ASIDE) == tail

        assert sorted(self.kept_aside().values()) == [b"x", b"y"]

    def test_nothing_is_kept_where_nothing_is_torn(self, store: LedgerStore) -> None:
        self.add(store, 0, LINES[0])
        with store.exclusive():
            assert store.repair(ASIDE) == b""

        assert self.kept_aside() == {}


class Start(NamedTuple):
    """A disk and how many of its lines are acknowledged; how finely to tear what is written to it; the tail that it holds."""

    prepare: Callable[[], tuple[SimulatedDisk, int]]
    every: int
    torn: bytes = b""


class CrashSearch:
    """States looked at, those of them that differ, and what was found wrong.

    A run records `batches` in segments of `segment_lines`. What one write leaves is torn at each `every` bytes;
    `first_only` ends the search at what is found wrong first.
    """

    def __init__(self, batches: Sequence[list[bytes]] = BATCHES, segment_lines: int = 2, *, every: int = 1, first_only: bool = False) -> None:
        self.batches, self.segment_lines, self.every, self.first_only = batches, segment_lines, every, first_only
        self.lines = [line for batch in batches for line in batch]
        self.states = 0
        self.seen: set[int] = set()
        self.violations: list[str] = []

    def search(self) -> None:
        """Cut the power anywhere: in a first run; in the run after one that was killed, or failed, anywhere; in a repair."""
        self._cut_each(self._once())

    def search_twice(self) -> None:
        """Cut the power in the run after two, each killed or failed anywhere; not a failure after a kill, which `store` names."""
        self._cut_each(self._twice())

    def _cut_each(self, starts: Iterable[Start]) -> None:
        for prepare, every, torn in starts:
            self.power_cuts(prepare, every, torn=torn)
            if self.first_only and self.violations:
                return

    def _once(self) -> Iterator[Start]:
        yield Start(lambda: (SimulatedDisk(), 0), self.every)
        coarse = max(self.every, 97)
        for call, kept in product(range(1, self._calls() + 1), (0, 1, 400, 900)):
            yield Start(partial(self._ended, {"kill_at": call, "kept": kept}), coarse)
            yield Start(partial(self._ended, {"fail_at": call, "kept": kept}), coarse)
        for done, line in enumerate(self.lines):
            for torn in (line[:place] for place in range(1, len(line), max(self.every, 61))):
                yield Start(partial(self._torn_disk, done, torn), coarse, torn)

    def _twice(self) -> Iterator[Start]:
        for first, second in (("kill_at", "kill_at"), ("fail_at", "kill_at"), ("fail_at", "fail_at")):
            for call, other, kept in product(range(1, self._calls() + 1), range(1, 9), (0, 400)):
                yield Start(partial(self._ended, {first: call, "kept": kept}, {second: other}), 400)

    def power_cuts(self, prepare: Callable[[], tuple[SimulatedDisk, int]], every: int, *, torn: bytes = b"") -> None:
        """Cut the power at each call of a run on the disk that `prepare` returns, on which so many lines are acknowledged."""
        for call in count(1):
            disk, acknowledged = prepare()
            disk.kill_at = call
            acknowledged = self._run(disk, acknowledged)
            for holes in (False, True):
                for image in disk.crash(every, holes=holes):
                    self._look(image, acknowledged, torn, holes=holes)
            if disk.calls < call or (self.first_only and self.violations):
                return

    def _torn_disk(self, done: int, torn: bytes) -> tuple[SimulatedDisk, int]:
        """Return a disk with so many lines, all acknowledged, and a tail; and their number."""
        size = self.segment_lines
        files = {f"{number:06d}.jsonl": b"".join(self.lines[:done][size * number : size * (number + 1)]) for number in range(done // size + 1)}
        files[max(files)] += torn
        return SimulatedDisk({LEDGER: files}), done

    def _calls(self) -> int:
        disk = SimulatedDisk()
        self._run(disk, 0)
        return disk.calls

    def _ended(self, *ends: Mapping[str, int]) -> tuple[SimulatedDisk, int]:
        """Return the disk that processes left, each of which ended so, and how many lines were acknowledged."""
        disk, acknowledged = SimulatedDisk(), 0
        for end in ends:
            disk.revive(**end)
            acknowledged = self._run(disk, acknowledged)
        disk.revive()
        return disk, acknowledged

    def _run(self, disk: SimulatedDisk, acknowledged: int) -> int:
        told = [acknowledged]
        try:
            carry_on(Store(disk, LEDGER, self.segment_lines), self.batches, told.append)
        except KilledError:
            pass
        except GovernError as error:
            if not disk.fail_at:
                self.violations.append(f"a run stopped: {error}")
        return max(told)

    def _look(self, image: Image, acknowledged: int, torn: bytes, *, holes: bool) -> None:
        self.states += 1
        key = hash((acknowledged, torn, holes, *((folder, *(files or {"": b""}).items()) for folder, files in image.items())))
        if key not in self.seen:
            self.seen.add(key)
            self.violations += self._wrong(image, acknowledged, torn, holes=holes)

    def _wrong(self, image: Image, acknowledged: int, torn: bytes, *, holes: bool) -> Iterator[str]:
        """Yield what is wrong with a state: what is read, and what a retry makes of it."""
        lines = [line[:-1] for line in self.lines]
        disk = SimulatedDisk(image)
        store = Store(disk, LEDGER, self.segment_lines)
        try:
            found = store.read()
            if found.lines[:acknowledged] != lines[:acknowledged]:
                yield f"{acknowledged} lines were acknowledged, {len(found.lines)} are there"
            if torn and found.torn != torn and (image.get(ASIDE) or {}).get(sha256(torn).hexdigest()) != torn:
                yield "a torn tail is neither there nor kept"
            if holes:
                return
            rest = b"".join(self.lines)[sum(map(len, found.lines)) + len(found.lines) :]
            if found.lines != lines[: len(found.lines)] or not rest.startswith(found.torn):
                yield "what is there is not the start of what was written"
            carry_on(store, self.batches)
            if store.read() != Contents(lines):
                yield "a retry does not give one copy of each"
            if found.torn and disk.image().get(ASIDE, {}).get(sha256(found.torn).hexdigest()) != found.torn:  # type: ignore[union-attr]
                yield "a torn tail was not kept"
        except GovernError as error:
            yield f"stopped: {error}"
