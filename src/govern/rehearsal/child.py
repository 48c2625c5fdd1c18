"""A process in a sandbox, seen from outside: spoken to in lines of JSON, and dead with all that it started when it was used."""

import collections
import contextlib
import json
import os
import select
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any

from govern.problems import Exit, fault
from govern.rehearsal.sandbox import ENVIRONMENT, Sandbox, View

MAX_MESSAGE = 1 << 26
_MAX_SAID = 1 << 16


class Child:
    """Both ends of the talk."""

    def __init__(self, process: subprocess.Popen[bytes], orders: IO[bytes], answers: IO[bytes], said: "_Tail") -> None:
        self._process, self._orders, self._answers, self._said = process, orders, answers, said
        self._answered = False

    def send(self, message: Mapping[str, Any]) -> None:
        """Send a message. That the child is gone is told by `receive`."""
        with contextlib.suppress(BrokenPipeError):
            self._orders.write(json.dumps(message).encode() + b"\n")
            self._orders.flush()

    def receive(self) -> dict[str, Any]:
        """Return the next message.

        Raises:
            GovernError: the sandbox did not start (SANDBOX_FAILED), or its process was killed (SANDBOX_KILLED).
            RuntimeError: it ended otherwise without an answer, or what it said is no message.
        """
        line = self._answers.readline(MAX_MESSAGE)
        if not line.endswith(b"\n"):
            raise self._ended(len(line))
        try:
            message = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise RuntimeError("the sandbox sent what is not JSON") from error
        if not isinstance(message, dict) or len(message) != 1:
            raise RuntimeError("the sandbox sent what is not a message")
        self._answered = True
        return message

    def _ended(self, partial: int) -> Exception:
        if partial >= MAX_MESSAGE:
            return RuntimeError(f"the sandbox sent a message of more than {MAX_MESSAGE} bytes")
        _close(self._orders)
        status = self._process.wait()
        number = -status if status < 0 else status - 128
        if number in set(signal.Signals):
            message = f"the process in the sandbox was killed by {signal.Signals(number).name}"
            return fault(Exit.UNJUDGED, "SANDBOX_KILLED", message, help="if it was the kernel, memory ran out")
        said = self._said.text()
        if not self._answered:
            why = said.splitlines()[-1] if said else f"status {status}"
            return fault(Exit.UNJUDGED, "SANDBOX_FAILED", f"the sandbox did not start ({why})", help="see why; nothing was run")
        return RuntimeError(f"the process in the sandbox ended with status {status} and without an answer\n{said}".rstrip())


@contextmanager
def started(sandbox: Sandbox, view: View, argv: Sequence[str]) -> Iterator[Child]:
    """Start a command in a sandbox; when the context ends, nothing that it started is alive."""
    reading, writing = os.pipe()
    pipe = subprocess.PIPE
    with os.fdopen(reading, encoding="utf-8") as info:
        try:
            command = sandbox.wrap(view, argv, writing)
            # Root can leave its groups behind; a user cannot. A session of its own: Ctrl-C reaches us alone, and we end the sandbox.
            groups: list[int] | None = [] if os.geteuid() == 0 else None
            process = subprocess.Popen(  # noqa: S603 (the sandbox's own program, no shell)
                command,
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                env=dict(ENVIRONMENT),
                pass_fds=[writing],
                cwd="/",
                start_new_session=True,
                extra_groups=groups,
            )
        finally:
            os.close(writing)
        first = None
        try:
            first = _first_process(info)
            with _talk(process) as child:
                yield child
        finally:
            _kill(process, first)


@contextmanager
def _talk(process: subprocess.Popen[bytes]) -> Iterator[Child]:
    assert process.stdin
    assert process.stdout
    assert process.stderr
    said = _Tail(process.stderr)
    try:
        yield Child(process, process.stdin, process.stdout, said)
    finally:
        _close(process.stdin)
        process.stdout.close()


def _close(end: IO[bytes]) -> None:
    """Close it, also where what was not read any more is still waiting to be written."""
    with contextlib.suppress(BrokenPipeError):
        end.close()


def _first_process(info: IO[str]) -> int | None:
    """A handle on the first process of the sandbox's process namespace; none where it did not come that far."""
    said = ""
    # Not to the end: whoever is inside may have been left with the other end of the pipe.
    while not said.endswith("}") and (read := info.read(1)):
        said += read
    try:
        return os.pidfd_open(int(json.loads(said)["child-pid"]))
    except (ValueError, KeyError, ProcessLookupError):
        return None


def _kill(process: subprocess.Popen[bytes], first: int | None) -> None:
    """Kill the first process, with which the kernel kills all others, and wait: it ends after the last of them."""
    if first is not None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(first, signal.SIGKILL)
        select.select([first], [], [])
        os.close(first)
    process.kill()
    process.wait()


class _Tail:
    """The end of what a process said on standard error, however much that was."""

    def __init__(self, source: IO[bytes]) -> None:
        self._chunks: collections.deque[bytes] = collections.deque(maxlen=16)
        self._thread = threading.Thread(target=self._read, args=(source,), daemon=True)
        self._thread.start()

    def _read(self, source: IO[bytes]) -> None:
        with source:
            while chunk := os.read(source.fileno(), _MAX_SAID // 16):
                self._chunks.append(chunk)

    def text(self) -> str:
        """Return the last lines, without control characters, when the process has ended."""
        self._thread.join()
        lines = b"".join(self._chunks).decode(errors="replace").splitlines()[-20:]
        return "\n".join("".join(each if each.isprintable() else "�" for each in line) for line in lines)
