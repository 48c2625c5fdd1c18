"""A command run in the foreground: its streams are ours, signals reach it once, and its status comes back."""

import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

# Those that somebody sends to have a command end, reload or report.
_PASSED = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)
# What `si_code` says of a signal that the kernel sent: one from the terminal has reached the command already.
_FROM_KERNEL = 0x80
NOT_FOUND, NOT_STARTED = 127, 126


class Foreground:
    """Signals held back from before a command starts until its end is told of, so that none is lost between."""

    def __init__(self) -> None:
        self._waited = {*_PASSED, signal.SIGCHLD}
        self._before: set[int] = set()

    def __enter__(self) -> Self:
        self._before = signal.pthread_sigmask(signal.SIG_BLOCK, self._waited)
        return self

    def __exit__(self, *_: object) -> None:
        # Whoever was told to end while the end was being recorded has ended already: what is left over ends nobody again.
        while signal.sigtimedwait(self._waited, 0):
            pass
        signal.pthread_sigmask(signal.SIG_SETMASK, self._before)

    def run(self, command: Sequence[str], output: int = 1) -> int:
        """Run a command to its end and return its status, as a shell tells it: 128 and the number of the signal that ended it.

        Signals that reach this process are passed on; those of the terminal reach both. What the command prints goes to
        the file descriptor `output`.

        Raises:
            OSError: it could not be started.
        """
        # Python ignores these two, and what is ignored stays so in a child.
        defaults = (signal.SIGPIPE, signal.SIGXFSZ)
        streams = [(os.POSIX_SPAWN_DUP2, output, 1)]
        pid = os.posix_spawnp(command[0], list(command), os.environ, file_actions=streams, setsigmask=self._before, setsigdef=defaults)
        while True:
            found = signal.sigwaitinfo(self._waited)
            if found.si_signo != signal.SIGCHLD:
                if found.si_code != _FROM_KERNEL:
                    with suppress(ProcessLookupError):
                        os.kill(pid, found.si_signo)
                continue
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                code = os.waitstatus_to_exitcode(status)
                return code if code >= 0 else 128 - code
