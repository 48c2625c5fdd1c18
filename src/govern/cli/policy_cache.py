"""A cache of validated policies, outside the tree, for questions alone.

It may answer faster and never differently: a policy is found by the digest of its bytes and the version of this
program, a file that is not whole, or stands under another's name, is not read, and whatever cannot be read back is
computed anew. What is recorded is never judged by it. It is a file of the user's own; who can write there can run
programs as that user anyway.
"""

import io
import os
import pickle
import stat
import tempfile
from collections.abc import Callable, Hashable
from contextlib import suppress
from pathlib import Path

from govern import __version__
from govern.canonical import digest
from govern.policy.model import Policy

_MODULES = ("agents", "blockers", "guards", "invariants", "lifecycles", "model", "nodes", "promises", "rehearsal", "who")
_SEAL = 64


class _Reader(pickle.Unpickler):
    """Reads nothing but the models of a policy, so that a file put there by another cannot name code to run."""

    def find_class(self, module: str, name: str) -> object:
        known = module in {f"govern.policy.{each}" for each in _MODULES} or (module, name) == ("govern.problems", "Place")
        # A dotted name would reach the methods of a class; a class that a module imports is not its own.
        found = super().find_class(module, name) if known and name.isidentifier() else None
        if not isinstance(found, type) or found.__module__ != module:
            raise pickle.UnpicklingError(f"{module}.{name} is not part of a policy")
        return found


class Parsed:
    """The policies that one question has read already: where many programmes have the same one, it is read once."""

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._known: dict[Hashable, Policy] = {}

    def once(self, key: Hashable, read: Callable[[], Policy]) -> Policy:
        """Return the policy of a key, from the last ones asked for where it is among them."""
        found = self._known.pop(key, None) or read()
        self._known[key] = found
        if len(self._known) > self._most:
            del self._known[next(iter(self._known))]
        return found


def cached_policy(content: bytes, file: str, sha256: str) -> Policy:
    """Return the policy of a text that was adopted, from the cache where it is there."""
    folder = cache_folder()
    if folder is None:
        return _computed(content, file)
    path = folder / f"policy-{_recipe()[:16]}-{sha256}-{digest(file.encode())[:8]}"
    with suppress(OSError, pickle.UnpicklingError, EOFError, AttributeError, TypeError, ValueError, IndexError, KeyError, ImportError, RecursionError):
        found = _Reader(io.BytesIO(_unsealed(path))).load()
        if isinstance(found, Policy):
            return found
    policy = _computed(content, file)
    with suppress(OSError):
        _write(path, pickle.dumps(policy, protocol=5))
    return policy


def _computed(content: bytes, file: str) -> Policy:
    # The reader of YAML is heavy; where the cache answers it is not imported.
    from govern.policy.load import load_policy

    return load_policy(content, file)


def cache_folder() -> Path | None:
    """Return the user's folder for caches; none where no absolute path is known: a relative one may lie in the tree."""
    named, home = os.environ.get("XDG_CACHE_HOME", ""), os.environ.get("HOME", "")
    base = Path(named) if named else Path(home) / ".cache"
    return base / "govern" if base.is_absolute() else None


def _recipe() -> str:
    """Return a digest of what makes a policy of a text: this program's version and the files of its language."""
    folder = Path(__file__).parent.parent / "policy"
    marks = [(path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(folder.iterdir()) if path.is_file()]
    return digest(repr((__version__, marks)).encode())


def _sealed(name: str, content: bytes) -> bytes:
    return digest(name.encode() + b"\n" + content).encode() + content


def _unsealed(path: Path) -> bytes:
    """Return what was written under this very name, whole, by this user.

    Raises:
        OSError: it was not.
    """
    with path.open("rb") as stream:
        status = os.fstat(stream.fileno())
        if status.st_uid != os.getuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise OSError(0, "others can write it", str(path))
        written = stream.read()
    content = written[_SEAL:]
    if _sealed(path.name, content) != written:
        raise OSError(0, "not as it was written", str(path))
    return content


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as stream:
        stream.write(_sealed(path.name, content))
    os.replace(name, path)  # noqa: PTH105 - the name is a text already
