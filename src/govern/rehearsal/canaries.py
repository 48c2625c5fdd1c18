"""Listeners outside the sandbox that nobody inside may reach: by TCP, by DNS, by a socket in a folder, by an abstract socket.

The same call is made outside first, and must be answered there: a canary that cannot sing proves nothing.
"""

import contextlib
import os
import secrets
import selectors
import shutil
import socket
import tempfile
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from govern.problems import Exit, fault

NAMES = ("tcp", "dns", "unix", "abstract")
_PATIENCE = 1.0
# A query for the address of `canary.invalid`, RFC 1035 section 4; its first two bytes are the id.
_QUERY = b"\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x06canary\x07invalid\x00\x00\x01\x00\x01"


def reach(name: str, address: Any, song: str) -> bool:
    """Say whether the canary at this address answers with its song."""
    family = {"tcp": socket.AF_INET, "dns": socket.AF_INET}.get(name, socket.AF_UNIX)
    with socket.socket(family, socket.SOCK_DGRAM if name == "dns" else socket.SOCK_STREAM) as caller, contextlib.suppress(OSError):
        caller.settimeout(_PATIENCE)
        caller.connect(("127.0.0.1", address) if family == socket.AF_INET else address)
        if name == "dns":
            caller.send(secrets.token_bytes(2) + _QUERY)
        return caller.recv(64).endswith(song.encode())
    return False


class Canaries:
    """Four listeners, up while the context lasts; each counts the calls that it heard."""

    def __init__(self) -> None:
        self.song = secrets.token_hex(8)
        self._heard: Counter[str] = Counter()
        self._folder = _short_folder()
        self.addresses: Mapping[str, str | int] = {}
        self._listeners: dict[str, socket.socket] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sing, daemon=True)

    def __enter__(self) -> Self:
        """Open the listeners."""
        try:
            self._listen()
        except BaseException:
            self._close()
            raise
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the listeners."""
        self.silence()
        self._close()

    def demand_control(self) -> None:
        """Call each canary from out here.

        Raises:
            GovernError: one did not answer (CANARY_MUTE).
        """
        for name in NAMES:
            if not reach(name, self.addresses[name], self.song):
                message = f"the {name} canary does not answer outside the sandbox either: that it is silent inside proves nothing"
                raise fault(Exit.UNJUDGED, "CANARY_MUTE", message, help="see what keeps this process from listening on 127.0.0.1 and on Unix sockets")

    def heard(self, name: str) -> int:
        """Return how many calls a canary has heard, the control included."""
        return self._heard[name]

    def silence(self) -> None:
        """Answer what has arrived, and no more."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _listen(self) -> None:
        self._listeners = {name: socket.socket(socket.AF_UNIX if name in {"unix", "abstract"} else socket.AF_INET, kind) for name, kind in _KINDS.items()}
        path, abstract = str(self._folder / "s"), f"\0govern-{self.song}"
        for name, address in (("tcp", ("127.0.0.1", 0)), ("dns", ("127.0.0.1", 0)), ("unix", path), ("abstract", abstract)):
            self._listeners[name].bind(address)
            if name != "dns":
                self._listeners[name].listen()
        ports = {name: self._listeners[name].getsockname()[1] for name in ("tcp", "dns")}
        self.addresses = ports | {"unix": path, "abstract": abstract}

    def _sing(self) -> None:
        with selectors.DefaultSelector() as selector:
            for name, listener in self._listeners.items():
                selector.register(listener, selectors.EVENT_READ, name)
            ended = False
            while True:
                # What arrived before the end is in the kernel's queue already: one last look, without waiting.
                ready = selector.select(0 if (ended := self._ended.is_set()) else 0.02)
                for key, _ in ready:
                    self._heard[key.data] += 1
                    self._answer(key.data, self._listeners[key.data])
                if ended and not ready:
                    return

    def _answer(self, name: str, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if name == "dns":
                query, caller = listener.recvfrom(512)
                listener.sendto(query[:2] + self.song.encode(), caller)
                return
            with listener.accept()[0] as called:
                called.send(self.song.encode())

    def _close(self) -> None:
        for listener in self._listeners.values():
            listener.close()
        shutil.rmtree(self._folder, ignore_errors=True)


_KINDS = {"tcp": socket.SOCK_STREAM, "dns": socket.SOCK_DGRAM, "unix": socket.SOCK_STREAM, "abstract": socket.SOCK_STREAM}


def _short_folder() -> Path:
    """A path of a Unix socket has at most 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="govern-canary-"))
    if len(os.fsencode(folder)) > 100:
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="govern-canary-", dir="/tmp"))
    return folder
