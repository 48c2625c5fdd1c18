"""A connection to PostgreSQL that is given up where the server says nothing for too long.

A server that hangs, or one whose row is locked by somebody who hangs, still acknowledges at the level of TCP, so that no
setting of the client library ends the wait; and a setting of the server is another statement.
"""

import logging
import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg

T = TypeVar("T")
# What it would warn of on standard error is told as a problem, or was mended by then.
logging.getLogger("psycopg").addHandler(logging.NullHandler())


class Listening(psycopg.Connection[tuple[Any, ...]]):
    """A connection on which each wait ends; `silence` is in seconds."""

    silence = 30.0

    def wait(self, gen: Generator[Any, Any, T], *args: Any, **kwargs: Any) -> T:
        """Wait for what a generator waits for, as long as the server says something.

        Raises:
            psycopg.OperationalError: it said nothing for too long, and the connection is closed.
        """
        try:
            return super().wait(_heard(gen, self.silence), *args, **kwargs)
        except _SilentError as error:
            self.close()
            raise psycopg.OperationalError(str(error)) from None


class _SilentError(Exception):
    """The server said nothing for too long."""


def _heard(asked: Generator[Any, Any, T], silence: float) -> Generator[Any, Any, T]:
    """Pass on what is waited for, and what became ready: nothing, ten times a second, where nothing did."""
    since = time.monotonic()
    try:
        wanted = next(asked)
        while True:
            ready = yield wanted
            if ready:
                since = time.monotonic()
            elif time.monotonic() - since > silence:
                raise _SilentError(f"the server said nothing for {silence:g} seconds")
            wanted = asked.send(ready)
    except StopIteration as end:
        found: T = end.value
        return found
