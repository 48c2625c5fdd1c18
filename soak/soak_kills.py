"""Eight writers of one ledger, killed and started again at random: each record that was acknowledged is there, once."""

import os
import random
import select
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from govern.ledger.disk import FileDisk
from govern.ledger.keeping import Contents
from govern.ledger.lines import Chain, encode_line, read_records
from govern.ledger.statements import Basis, Statement
from govern.ledger.store import Store
from support.ledgers import notes

WRITERS = 8
SECONDS = 60
RECORDS_A_LEDGER = 400
SEGMENT_LINES = 8
SLOW = 0.1
ASIDE = "ledger-torn"
POLICY, AT = "a" * 64, 1_790_000_000


def store_of(folder: Path) -> Store:
    """Return a store of short segments: their borders are where the most can go wrong."""
    return Store(FileDisk(folder.parent), folder.name, SEGMENT_LINES)


class Told(NamedTuple):
    """How many writers were killed, how many records acknowledged, and how many of these were not there, or not once."""

    kills: int
    acknowledged: int
    lost: int


@dataclass(slots=True)
class Writer:
    """A writer as its parent knows it: the last statement that it began, by its number and basis; what it acknowledged."""

    name: str
    process: int = 0
    pipe: int = -1
    begun: str = ""
    unread: bytes = b""
    acknowledged: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Take what it said."""
        while select.select([self.pipe], [], [], 0)[0] and (said := os.read(self.pipe, 1 << 16)):
            *lines, self.unread = (self.unread + said).split(b"\n")
            for line in lines:
                word, _, rest = line.decode().partition(" ")
                if word == "begin":
                    self.begun = rest
                else:
                    self.acknowledged.append(rest)


class Appender:
    """What a writer does, in a process of its own."""

    def __init__(self, folder: Path, name: str, pipe: int) -> None:
        self.store, self.name, self.pipe, self.chain = store_of(folder), name, pipe, Chain()

    def retry(self, begun: str) -> int:
        """Record the statement of the process before, if it is not there; return the number of the next one."""
        if not begun:
            return 0
        number, size, last = begun.split()
        with self.store.exclusive():
            statement = self.statement(int(number), Basis(int(size), last), self.known())
            self.acknowledge(statement, self.known())
        return int(number) + 1

    def record(self, number: int) -> None:
        """Record a statement of one's own at the head."""
        with self.store.exclusive():
            contents = self.known()
            basis = Basis(self.chain.size, self.chain.last)
            os.write(self.pipe, f"begin {number} {basis.size} {basis.last}\n".encode())
            self.acknowledge(self.statement(number, basis, contents), contents)

    def known(self) -> Contents:
        """Return what is there, after setting aside what one before was killed on; the chain is moved behind it."""
        self.store.repair(ASIDE)
        contents = self.store.read()
        for _record in read_records(contents.lines[self.chain.size :], self.chain):
            pass
        return contents

    def statement(self, number: int, basis: Basis, contents: Contents) -> Statement:
        """Return a statement that nobody else makes."""
        assert contents.lines
        return Statement(self.chain.ledger, "note", "owner", {"text": f"{self.name} {number}"}, basis, POLICY)

    def acknowledge(self, statement: Statement, contents: Contents) -> None:
        """Make a statement durable, and say so."""
        line = encode_line(self.chain, statement, AT)
        digest = line[-73:-9].decode()
        if contents.find(digest) is None:
            self.store.append(self.chain.size, [line])
        else:
            self.store.settle()
        os.write(self.pipe, f"done {digest}\n".encode())


def start(folder: Path, writer: Writer) -> None:
    """Start a writer, which goes on from what it had begun."""
    writer.unread = b""
    end, pipe = os.pipe()
    writer.process = os.fork()
    if writer.process == 0:
        os.close(end)
        _write_for_ever(Appender(folder, writer.name, pipe), writer.begun)
    os.close(pipe)
    writer.pipe = end


def _write_for_ever(appender: Appender, begun: str) -> None:
    try:
        os.write = slow_write(os.write, random.Random(os.getpid()))
        number = appender.retry(begun)
        while True:
            appender.record(number)
            number += 1
    finally:
        # Only an error leads here, and the parent finds its process gone.
        os._exit(1)


def slow_write(write: Callable[[int, Any], int], chance: random.Random) -> Callable[[int, Any], int]:
    """Return a write of lines that now and then stops in the middle for a while, where a writer can be killed."""

    def written(handle: int, content: Any) -> int:
        if not content.endswith(b'"v":1}\n') or chance.random() > SLOW:
            return write(handle, content)
        taken = write(handle, content[: chance.randrange(len(content))])
        time.sleep(0.02)
        return taken + write(handle, content[taken:])

    return written


def kill(writer: Writer) -> None:
    """Kill a writer, wherever it is; take the last of what it said."""
    os.kill(writer.process, signal.SIGKILL)
    _process, status = os.waitpid(writer.process, 0)
    writer.listen()
    os.close(writer.pipe)
    if not os.WIFSIGNALED(status):
        raise RuntimeError(f"{writer.name} ended by itself")


def one_ledger(folder: Path, until: float, chance: random.Random) -> Told:
    """Let writers write and kill them, until a time or until the ledger is long; check what is there."""
    genesis = notes(1).lines[0] + b"\n"
    with store_of(folder).exclusive() as store:
        store.append(0, [genesis])
    writers = [Writer(f"writer-{number}") for number in range(WRITERS)]
    for writer in writers:
        start(folder, writer)
    kills = 0
    while time.monotonic() < until and sum(len(writer.acknowledged) for writer in writers) < RECORDS_A_LEDGER:
        time.sleep(chance.uniform(0, 0.01))
        for writer in writers:
            writer.listen()
        victim = chance.choice(writers)
        kill(victim)
        kills += 1
        start(folder, victim)
    for writer in writers:
        kill(writer)
    acknowledged = [digest for writer in writers for digest in writer.acknowledged]
    return Told(kills + WRITERS, len(set(acknowledged)), sum(1 for _ in _lost(folder, acknowledged)))


def _lost(folder: Path, acknowledged: list[str]) -> Iterator[str]:
    """Yield each statement that was acknowledged and is not there once. The chain must read."""
    with store_of(folder).exclusive() as store:
        store.repair(ASIDE)
    there = Counter(record.stmt_digest for record in read_records(store_of(folder).read().lines, Chain()))
    yield from (digest for digest in dict.fromkeys(acknowledged) if there[digest] != 1)


def main(seconds: float) -> Told:
    """Kill for so long; print a line."""
    chance, until = random.Random(1), time.monotonic() + seconds
    kills = acknowledged = lost = torn = ledgers = 0
    with tempfile.TemporaryDirectory() as place:
        while time.monotonic() < until:
            folder = Path(place) / f"{ledgers}" / "ledger"
            folder.parent.mkdir()
            told = one_ledger(folder, until, chance)
            kills, acknowledged, lost = kills + told.kills, acknowledged + told.acknowledged, lost + told.lost
            torn += len(list((folder.parent / ASIDE).glob("*")))
            ledgers += 1
    print(
        f"kills: {kills} of {WRITERS} writers in {seconds:.0f} s, {ledgers} ledgers, {acknowledged} records acknowledged, {torn} torn tails kept, {lost} lost"
    )
    return Told(kills, acknowledged, lost)


if __name__ == "__main__":
    sys.exit(bool(main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS).lost))
