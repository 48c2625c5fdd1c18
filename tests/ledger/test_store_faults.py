"""A system call of an append fails, or the process ends there: it is told, nothing acknowledged is lost, a retry makes one copy."""

import errno
import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property, partial
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from govern.ledger.keeping import AppendUnknownError, Contents
from govern.ledger.store import FileStore
from govern.problems import Exit, GovernError
from support.store_conformance import ASIDE, BATCHES, LINES, carry_on, statement_of

WHOLE = Contents([line[:-1] for line in LINES])
CALLS: list[tuple[Any, str]] = [(os, "open"), (os, "write"), (os, "fsync"), (os, "close"), (os, "mkdir"), (os, "fstat"), (os, "ftruncate"), (fcntl, "flock")]
TOLD = {"APPEND_UNKNOWN", "LEDGER_IO", "EVIDENCE_TYPE"}


def check_after(folder: Path, acknowledged: int) -> None:
    """Check what a process left that ended somewhere: first what is read, then what a retry makes of it."""
    store = FileStore(folder)
    found = store.read()
    assert len(found.lines) >= acknowledged
    assert found.lines == WHOLE.lines[: len(found.lines)]
    assert b"".join(LINES).startswith(b"".join(line + b"\n" for line in found.lines) + found.torn)
    carry_on(store, BATCHES)
    assert store.read() == WHOLE


def codes(act: Callable[[], object]) -> set[str]:
    """Return the codes with which an act is refused; of one that succeeds, none."""
    try:
        act()
    except GovernError as error:
        return {each.code for each in error.problems}
    return set()


@contextmanager
def failing_call(of: Any, name: str, number: int, error: int) -> Iterator[list[int]]:
    """Let a call fail the `number`-th time; yield a list that is no longer empty then."""
    real: Callable[..., Any] = getattr(of, name)
    calls, failed = count(1), list[int]()

    def call(*arguments: Any, **options: Any) -> Any:
        if next(calls) == number:
            failed.append(number)
            if name == "close":
                real(*arguments)
            raise OSError(error, os.strerror(error))
        return real(*arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(of, name, call)
        yield failed


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC], ids=["EIO", "ENOSPC"])
@pytest.mark.parametrize(("of", "name"), CALLS, ids=lambda each: each if isinstance(each, str) else "")
def test_a_call_that_fails_anywhere_is_told_and_loses_nothing(tmp_path: Path, of: Any, name: str, error: int) -> None:
    for number in count(1):
        folder, told = tmp_path / f"{number}" / "governance" / "ledger", [0]
        (tmp_path / f"{number}").mkdir()
        with failing_call(of, name, number, error) as failed:
            said = codes(partial(carry_on, FileStore(folder), BATCHES, told.append))
        assert said <= TOLD
        check_after(folder, max(told))
        if not failed:
            break


@pytest.mark.parametrize(("of", "name"), CALLS, ids=lambda each: each if isinstance(each, str) else "")
def test_a_call_of_a_repair_that_fails_loses_neither_the_lines_nor_the_tail(tmp_path: Path, of: Any, name: str) -> None:
    for number in count(1):
        folder = tmp_path / f"{number}" / "governance" / "ledger"
        folder.mkdir(parents=True)
        (folder / "000000.jsonl").write_bytes(LINES[0] + LINES[1][:100])
        with failing_call(of, name, number, errno.EIO) as failed:
            said = codes(partial(repair, FileStore(folder)))
        assert said <= TOLD
        found = FileStore(folder).read()
        assert found.lines == WHOLE.lines[:1]
        repair(FileStore(folder))
        assert [path.read_bytes() for path in (folder.parent / ASIDE).iterdir()] == [LINES[1][:100]]
        assert FileStore(folder).read() == Contents(WHOLE.lines[:1])
        if not failed:
            break


def repair(store: FileStore) -> None:
    with store.exclusive():
        store.repair(ASIDE)


def test_a_repair_that_was_cut_short_while_it_kept_the_tail_is_made_whole(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "ledger")
    store.folder.mkdir()
    (store.folder / "000000.jsonl").write_bytes(b"torn")
    repair(store)
    [kept] = (tmp_path / ASIDE).iterdir()
    (store.folder / "000000.jsonl").write_bytes(b"torn")
    kept.write_bytes(b"to")

    repair(store)

    assert kept.read_bytes() == b"torn"
    assert store.read() == Contents([])


@pytest.mark.parametrize("kept", [0, 1, len(LINES[1]) - 1, len(LINES[1]), len(LINES[1]) + 1])
def test_several_lines_of_which_only_the_first_were_written_are_not_acknowledged(tmp_path: Path, kept: int) -> None:
    store, write = FileStore(tmp_path / "ledger"), os.write
    carry_on(store, BATCHES[:1])

    with pytest.MonkeyPatch.context() as patch, store.exclusive():
        patch.setattr(os, "write", lambda handle, text: write(handle, text[:kept]))
        with pytest.raises(AppendUnknownError, match=f"{kept} of {len(LINES[1] + LINES[2])} bytes were written") as caught:
            store.append(1, LINES[1:3])

    assert caught.value.status is Exit.UNJUDGED
    assert caught.value.statements == (statement_of(LINES[1]), statement_of(LINES[2]))
    assert [store.read().find(each) for each in caught.value.statements] == ([1, None] if kept >= len(LINES[1]) else [None, None])
    check_after(store.folder, 1)


def test_what_a_sync_failed_on_is_taken_back(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "ledger")
    carry_on(store, BATCHES[:1])

    with store.exclusive(), failing_call(os, "fsync", 1, errno.EIO), pytest.raises(AppendUnknownError, match="Input/output error"):
        store.append(1, LINES[1:3])

    assert store.read() == Contents(WHOLE.lines[:1])


def test_what_cannot_be_taken_back_is_told_all_the_same(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "ledger")
    carry_on(store, BATCHES[:1])

    sync, cut = failing_call(os, "fsync", 1, errno.EIO), failing_call(os, "ftruncate", 1, errno.EROFS)
    with store.exclusive(), sync, cut, pytest.raises(AppendUnknownError, match="Input/output error"):
        store.append(1, LINES[1:3])

    assert store.read() == Contents(WHOLE.lines[:3])


# One append, between two marks that the trace shows; it says what became of it.
APPEND = """
import os, sys
from pathlib import Path
from govern.ledger.store import FileStore
from govern.problems import GovernError
store, size, lines = FileStore(Path(sys.argv[1])), int(sys.argv[2]), Path(sys.argv[3]).read_bytes().splitlines(keepends=True)
os.access("/mark", 0)
try:
    with store.exclusive():
        store.append(size, lines)
    said = "acknowledged"
except GovernError as error:
    said = error.problems[0].code
os.access("/mark", 0)
print(said)
"""
Calls = list[tuple[str, str]]
NO_FILE = {"brk", "mmap", "munmap", "mremap", "madvise", "rt_sigaction", "rt_sigprocmask", "futex", "getrandom", "access", "clock_gettime"}


class Inject(NamedTuple):
    """What is to happen at which call of the append: the name, its number among those of that name behind the first mark, and what."""

    name: str
    number: int
    what: str


class Traced:
    """An append of so many lines behind others, in a process that is traced."""

    def __init__(self, place: Path, size: int) -> None:
        self.place, self.size, self.turn = place, size, count()
        (place / "lines").write_bytes(b"".join(LINES[size : size + 1]))

    def run(self, inject: Inject | None) -> tuple[Path, str, str]:
        """Return the ledger, what was said, and the trace, in which what was to happen did."""
        # How many calls an interpreter makes before the append is not the same each time: beside others it may open a file more or less.
        before = Counter(name for name, _call in self._plain[0]) if inject else Counter[str]()
        for _attempt in range(5):
            found = self._run(Inject(inject.name, before[inject.name] + inject.number, inject.what) if inject else None)
            if inject is None or _at(inject, found[2]):
                return found
            before[inject.name] = Counter(name for name, _call in _calls(self._run(None)[2])[0])[inject.name]
        raise AssertionError(f"{inject} never happened at its call")

    def _run(self, inject: Inject | None) -> tuple[Path, str, str]:
        root = self.place / f"{next(self.turn)}"
        root.mkdir()
        folder, trace = root / "governance" / "ledger", root / "trace"
        if self.size:
            carry_on(FileStore(folder), [LINES[: self.size]])
        options = [] if inject is None else ["-e", f"trace={inject.name},access", "-e", f"inject={inject.name}:{inject.what}:when={inject.number}"]
        command = ["strace", "-f", "-o", str(trace), *options, sys.executable, "-c", APPEND, str(folder), str(self.size), str(self.place / "lines")]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env={**os.environ, "PYTHONHASHSEED": "0"})
        assert "Traceback" not in ran.stderr, ran.stderr
        return folder, ran.stdout.strip(), trace.read_text()

    @cached_property
    def _plain(self) -> tuple[Calls, Calls]:
        self._run(None)
        return _calls(self._run(None)[2])

    def calls(self) -> list[tuple[str, int]]:
        """Return the calls of the append: name, and how many of that name the append made before, with this one."""
        made: Counter[str] = Counter()
        found = list[tuple[str, int]]()
        for name, _call in self._plain[1]:
            made[name] += 1
            if name not in NO_FILE:
                found.append((name, made[name]))
        return found


def _calls(trace: str) -> tuple[Calls, Calls]:
    """Return the calls before the first mark, with it, and those between the marks."""
    calls = re.findall(r"^\d+ +(\w+)\((.*)$", trace, re.MULTILINE)
    marks = [number for number, (_name, rest) in enumerate(calls) if rest.startswith('"/mark"')]
    return calls[: marks[0] + 1], calls[marks[0] + 1 : marks[1] if len(marks) > 1 else None]


def _at(inject: Inject, trace: str) -> bool:
    """Whether it happened behind the mark, and at the call of that number there."""
    calls = [call for name, call in _calls(trace)[1] if name == inject.name] if '"/mark"' in trace else []
    killed = "KILL" in inject.what
    if len(calls) < inject.number or (killed and "killed by SIGKILL" not in trace):
        return False
    return len(calls) == inject.number if killed else "(INJECTED)" in calls[inject.number - 1]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("size", [0, 1])
def test_at_every_system_call_of_an_append_a_kill_or_an_error_loses_nothing(tmp_path: Path, size: int) -> None:
    traced = Traced(tmp_path, size)
    calls = traced.calls()
    assert {"openat", "flock", "write", "fsync", "close"} <= {name for name, _number in calls}

    kinds = {"write": ("signal=KILL", "error=EIO", "error=ENOSPC"), "fsync": ("signal=KILL", "error=EIO", "error=ENOSPC")}
    injections = [Inject(name, number, what) for name, number in calls for what in kinds.get(name, ("signal=KILL", "error=EIO"))]
    with ThreadPoolExecutor(2) as pool:
        ran = list(pool.map(traced.run, injections))
    for inject, (folder, said, _trace) in zip(injections, ran, strict=True):
        assert said == "" if "KILL" in inject.what else said in {"acknowledged", *TOLD}, inject
        check_after(folder, size + 1 if said == "acknowledged" else size)
