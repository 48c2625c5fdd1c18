"""The port of a database engine: a clone that can be changed and put back. One conformance suite serves every engine."""

from collections.abc import Mapping
from typing import Any, Protocol

from govern.canonical import Json
from govern.rehearsal.states import Difference, Engine, State, Tried


class Clone(Protocol):
    """A database of one rehearsal, loaded and frozen: it lives in the work folder of a sandbox, and dies with it."""

    @property
    def engine(self) -> Engine:
        """The engine, as it says of itself."""

    @property
    def connections(self) -> tuple[str, ...]:
        """Every address that was connected to, without passwords."""

    def state(self) -> State:
        """Return the state as committed."""

    def read_beside(self) -> Json:
        """Return what is read of the state as loaded while the gate reads the rows, in a process of its own."""

    def know_loaded(self, read: Any, rows: Mapping[str, Any]) -> None:
        """Take that, and the digest and number of the rows of each table that the gate had, for the state."""

    def try_out(self, script: bytes) -> Tried:
        """Run a script in a transaction, roll it back, and return the state inside it and after it.

        Raises:
            GovernError: the script failed, or left the transaction that it was put in (status 3).
        """

    def snapshot(self) -> None:
        """Keep the whole database as it is now: what `restore` brings back, and `differences` compares with."""

    def kept(self) -> Mapping[str, Json] | None:
        """Return what is known of the snapshot, with which another clone can begin as it; nothing where loading is as quick."""

    def restore(self) -> None:
        """Put the snapshot back in place, where something may have been written since.

        Raises:
            GovernError: the bytes put back are not those of the snapshot (status 3).
        """

    def second(self) -> "Clone":
        """Return another clone, which begins as the snapshot; whoever asked for it closes it.

        Raises:
            GovernError: its bytes are not those of the snapshot (status 3).
        """

    def run(self, script: bytes) -> None:
        """Run a script and commit it.

        Raises:
            GovernError: the script failed (status 3).
        """

    def read_only(self, script: bytes) -> None:
        """Run a script through a role that cannot write.

        Raises:
            GovernError: the script tried to write (WRITE_REFUSED), or failed (status 3).
        """

    def differences(self) -> tuple[Difference, ...]:
        """Return how the database differs from the snapshot, by table, column, count and first keys."""

    def sabotage(self) -> str:
        """Falsify one row, so that a comparison which cannot fail is found out; return what was done, in words.

        Raises:
            GovernError: there is no row that could be falsified (status 3).
        """

    def close(self) -> None:
        """End every process that the clone started; of a second one, nothing is left."""
