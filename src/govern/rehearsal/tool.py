"""What program made a piece of evidence: its version, and a digest over its own code."""

import hashlib
from functools import cache
from pathlib import Path

import govern

_ROOT = Path(govern.__file__).parent


@cache
def code_sha256() -> str:
    """Return the SHA-256 over every module of the program: path, size and bytes, in the order of the paths."""
    found = hashlib.sha256()
    for path in sorted(_ROOT.rglob("*.py")):
        content = path.read_bytes()
        found.update(f"{path.relative_to(_ROOT).as_posix()}\n{len(content)}\n".encode())
        found.update(content)
    return found.hexdigest()
