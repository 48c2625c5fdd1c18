"""A cache of validated policies, outside the tree, for questions alone.

It may answer faster and never differently: a policy is found by the digest of its bytes and the version of this
program, and whatever cannot be read back is computed anew. What is recorded is never judged by it. It is a file of
the user's own; who can write there can run programs as that user anyway.
"""

import io
import os
import pickle
import tempfile
from contextlib import suppress
from pathlib import Path

from govern import __version__
from govern.canonical import digest
from govern.policy.load import load_policy
from govern.policy.model import Policy

_MODULES = ("blockers", "guards", "lifecycles", "model", "promises", "tree", "who")


class _Reader(pickle.Unpickler):
    """Reads nothing but the models of a policy, so that a file put there by another cannot name code to run."""

    def find_class(self, module: str, name: str) -> object:
        known = module in {f"govern.policy.{each}" for each in _MODULES} or (module, name) == ("govern.problems", "Place")
        if not known or not name[0].isupper():
            raise pickle.UnpicklingError(f"{module}.{name} is not part of a policy")
        return super().find_class(module, name)


def cached_policy(content: bytes, file: str, sha256: str) -> Policy:
    """Return the policy of a text that was adopted, from the cache where it is there."""
    path = _folder() / f"policy-{_recipe()[:16]}-{sha256}-{digest(file.encode())[:8]}"
    with suppress(OSError, pickle.UnpicklingError, EOFError, AttributeError, TypeError, ValueError, IndexError, KeyError, ImportError):
        found = _Reader(io.BytesIO(path.read_bytes())).load()
        if isinstance(found, Policy):
            return found
    policy = load_policy(content, file)
    with suppress(OSError):
        _write(path, pickle.dumps(policy, protocol=5))
    return policy


def _folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "govern"


def _recipe() -> str:
    """Return a digest of what makes a policy of a text: this program's version and the files of its language."""
    folder = Path(__file__).parent.parent / "policy"
    marks = [(path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(folder.iterdir()) if path.is_file()]
    return digest(repr((__version__, marks)).encode())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    os.replace(name, path)  # noqa: PTH105 - the name is a text already
