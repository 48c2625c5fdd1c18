"""Power cuts for real: a file system of its own is shut down without a last flush while a writer appends; what it acknowledged is there.

What was acknowledged is what was said before the cut began. A sync that is under way when ext4 is shut down may return
success for what is lost (a bare write and sync does so, too, about once in seven cuts): no power was left to say it.

Needs root, loop devices and ext4; elsewhere it says why it did nothing. What it mounts it unmounts.
"""

import fcntl
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from govern.ledger.disk import FileDisk
from govern.ledger.lines import Chain, encode_line, read_records
from govern.ledger.statements import Basis, Statement
from govern.ledger.store import Store
from govern.problems import GovernError
from support.ledgers import notes

ROUNDS = 50
ASIDE = "ledger-torn"
POLICY, AT = "a" * 64, 1_790_000_000
# EXT4_IOC_SHUTDOWN, and its flag that throws away what the journal has not written yet.
SHUTDOWN, NO_FLUSH = 0x8004587D, 2
SIZE = 128 * 1024 * 1024
SEGMENT_LINES = 8
NEEDED = ("mkfs.ext4", "losetup", "mount", "umount")


class Told(NamedTuple):
    """How many power cuts there were, how many records were acknowledged, how many of these were lost."""

    cuts: int
    acknowledged: int
    lost: int


def store_of(folder: Path) -> Store:
    """Return a store of short segments: their borders are where the most can go wrong."""
    return Store(FileDisk(folder.parent), folder.name, SEGMENT_LINES)


def reason_not_to() -> str:
    """Return why no power can be cut here, or nothing."""
    if os.geteuid() != 0:
        return "only root may mount"
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        return f"{missing[0]} is not installed"
    try:
        with tempfile.TemporaryDirectory() as name, device(Path(name)) as loop, mounted(loop, Path(name) / "mounted"):
            return ""
    except subprocess.CalledProcessError as error:
        return f"{error.cmd[0]}: {error.stderr.strip()}"


def run(*command: str) -> str:
    """Run a program; return what it prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def device(place: Path) -> Iterator[str]:
    """Make a file system in a file, and a device of it."""
    image = place / "image"
    with image.open("wb") as stream:
        stream.truncate(SIZE)
    run("mkfs.ext4", "-q", str(image))
    name = run("losetup", "--find", "--show", str(image))
    try:
        yield name
    finally:
        run("losetup", "--detach", name)


@contextmanager
def mounted(name: str, place: Path) -> Iterator[Path]:
    """Mount a device; what its journal holds is replayed."""
    place.mkdir(exist_ok=True)
    run("mount", name, str(place))
    try:
        yield place
    finally:
        run("umount", str(place))


def cut_power(place: Path) -> None:
    """Stop a file system at once: what is not on the device will never be."""
    handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.ioctl(handle, SHUTDOWN, struct.pack("I", NO_FLUSH))
    finally:
        os.close(handle)


def write_for_ever(folder: Path, pipe: int) -> None:
    """Record notes; say the digest of each statement when it is durable. Ends with the first error."""
    store, chain, number = store_of(folder), Chain(), 0
    try:
        while True:
            with store.exclusive():
                for _record in read_records(store.read().lines[chain.size :], chain):
                    pass
                text = f"{os.getpid()} {number} " + "x" * (number % 7 * 500)
                note = Statement(chain.ledger, "note", "owner", {"text": text}, Basis(chain.size, chain.last), POLICY)
                line = encode_line(chain, note, AT) if chain.size else notes(1).lines[0] + b"\n"
                store.append(chain.size, [line])
                os.write(pipe, b"%s %d\n" % (line[-73:-9], time.monotonic_ns()))
            number += 1
    except GovernError:
        os._exit(0)
    finally:
        os._exit(1)


def one_cut(place: Path, chance: random.Random) -> tuple[set[str], set[str]]:
    """Let a writer write, and cut the power; return what it acknowledged before, and meanwhile."""
    end, pipe = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(end)
        write_for_ever(place / "governance" / "ledger", pipe)
    os.close(pipe)
    time.sleep(chance.uniform(0.01, 0.3))
    cut_at = time.monotonic_ns()
    cut_power(place)
    with os.fdopen(end, "rb") as stream:
        # The writer finds that nothing can be written any more, and ends.
        told = stream.read()
    _process, status = os.waitpid(process, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError(f"the writer ended with {os.waitstatus_to_exitcode(status)}, wanted a ledger that cannot be written to")
    said = {digest.decode(): int(at) for digest, at in (line.split() for line in told.splitlines())}
    before = {digest for digest, at in said.items() if at < cut_at}
    return before, said.keys() - before


def lost(folder: Path, acknowledged: set[str]) -> set[str]:
    """Set aside a torn tail; return which records are not there. The chain must read."""
    store = store_of(folder)
    with store.exclusive():
        store.repair(ASIDE)
    return acknowledged - {record.stmt_digest for record in read_records(store.read().lines, Chain())}


def main(rounds: int) -> Told:
    """Cut the power so often; print a line."""
    reason = reason_not_to()
    if reason:
        print(f"power cuts: skipped, {reason}")
        return Told(0, 0, 0)
    acknowledged, late, missing = set[str](), set[str](), set[str]()
    chance = random.Random(1)
    torn = 0
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        with device(place) as loop:
            for _ in range(rounds):
                with mounted(loop, place / "mounted") as root:
                    before, meanwhile = one_cut(root, chance)
                acknowledged, late = acknowledged | before, late | meanwhile
                with mounted(loop, place / "mounted") as root:
                    missing |= lost(root / "governance" / "ledger", acknowledged)
                    torn = len(list((root / "governance" / ASIDE).glob("*")))
    told = f"{len(acknowledged)} records acknowledged before, {len(late)} while the power went; {torn} torn tails kept"
    print(f"power cuts: {rounds} on ext4, {told}, {len(missing)} lost of those acknowledged before")
    return Told(rounds, len(acknowledged), len(missing))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_arguments: sys.exit(143))
    sys.exit(bool(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS).lost))
