"""A way to a server that ends, on purpose, at any message: before it reaches the server, or before its answer comes back."""

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

# Sync and Query are answered to the end; in between, the server may say nothing.
_ANSWERED = (b"S", b"Q")
End = Literal["before", "after"]


class CuttingProxy:
    """Passes on what one client after the other says. The connection is cut once, at message `cut_at` counted from `arm`.

    `before`: the message does not reach the server. `after`: it does, and the answer does not come back. `refuse` keeps
    new connections out once it was cut.
    """

    def __init__(self, folder: Path, server: Path) -> None:
        self.folder, self._server = folder, server
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / ".s.PGSQL.5432"))
        self._listener.listen()
        self._threads: list[threading.Thread] = []
        self.messages = 0
        self.cut_at, self.end, self.refuse, self.cut = 0, "before", False, False
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def arm(self, cut_at: int, end: End, *, refuse: bool = False) -> None:
        """Cut at this message from now on, counted from 1; of 0, never."""
        self.messages, self.cut = 0, False
        self.cut_at, self.end, self.refuse = cut_at, end, refuse

    def address(self, role: str, database: str = "ledgers") -> str:
        return f"postgresql:///{database}?host={self.folder}&port=5432&user={role}"

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in (self._accepting, *self._threads):
            thread.join(20)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                if self.cut and self.refuse:
                    client.close()
                    continue
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self._server))
                thread = threading.Thread(target=self._pass_on, args=(client, server))
                self._threads.append(thread)
                thread.start()

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        with client, server, selectors.DefaultSelector() as waiting, suppress(OSError):
            for each, other in ((client, server), (server, client)):
                waiting.register(each, selectors.EVENT_READ, other)
            messages = _Messages()
            while True:
                for key, _ in waiting.select():
                    told = key.fileobj.recv(1 << 16)  # type: ignore[union-attr]
                    if not told:
                        return
                    for message in messages.of(told) if key.fileobj is client else [told]:
                        self.messages += key.fileobj is client
                        if key.fileobj is client and self.messages == self.cut_at:
                            self.cut = True
                            if self.end == "after":
                                server.sendall(message)
                                _hear_out(server, 5 if message[:1] in _ANSWERED else 0.05)
                            return
                        key.data.sendall(message)


class _Messages:
    """What a client says, message by message: the first without a type, the others with a byte for it before their length."""

    def __init__(self) -> None:
        self._rest, self._head = b"", 0

    def of(self, told: bytes) -> Iterator[bytes]:
        self._rest += told
        while len(self._rest) >= self._head + 4:
            size = self._head + int.from_bytes(self._rest[self._head : self._head + 4])
            if len(self._rest) < size:
                return
            message, self._rest = self._rest[:size], self._rest[size:]
            self._head = 1
            yield message


def _hear_out(server: socket.socket, patience: float) -> None:
    """Read what the server answers, to its end: it has done what it was told then."""
    server.settimeout(patience)
    heard = b"."
    with suppress(TimeoutError):
        while heard and heard[-6:-1] != b"Z\x00\x00\x00\x05":
            heard = server.recv(1 << 16)


@contextmanager
def cutting_proxy(folder: Path, server: Path) -> Iterator[CuttingProxy]:
    """A proxy in a folder, before the server with this socket."""
    proxy = CuttingProxy(folder, server)
    try:
        yield proxy
    finally:
        proxy.close()
