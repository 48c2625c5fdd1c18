"""Names of files that stay the same on every system: on Windows and macOS, in git, in `sha256sum`, in a shell.

Pure.
"""

import re
import unicodedata
from collections.abc import Iterable

MAX_NAME = 200
MAX_PATH = 900
# Windows refuses these characters, `sha256sum` escapes the backslash, and a shell or a terminal acts on controls.
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\\:*?\"<>|\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


def name_fault(path: str) -> str:
    """Return why a path does not stay the same everywhere, or nothing where it does."""
    if len(path.encode(errors="replace")) > MAX_PATH:
        return f"the path is longer than {MAX_PATH} bytes"
    return next(filter(None, map(_step_fault, path.split("/"))), "")


def _step_fault(name: str) -> str:
    if _FORBIDDEN.search(name):
        return "a character in it is not allowed in a name on every system"
    if name in {"", ".", ".."} or name != name.strip() or name.endswith("."):
        return "it begins or ends with a blank, or ends with a dot"
    if name.startswith("-"):
        return "it begins with a hyphen, and would be taken for an option"
    if _RESERVED.fullmatch(name):
        return "Windows keeps that name for a device"
    if name.casefold().startswith(".git"):
        return "git reads it as its own"
    if unicodedata.normalize("NFC", name) != name:
        return "it is not in Unicode's composed form (NFC), and macOS and Linux would spell it in two ways"
    return f"it is longer than {MAX_NAME} bytes" if len(name.encode()) > MAX_NAME else ""


def folded(path: str) -> str:
    """Return what is equal for two paths that some systems take for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def collisions(paths: Iterable[str]) -> list[tuple[str, str]]:
    """Return the pairs of files or folders that some systems take for one."""
    known: dict[str, str] = {}
    found: dict[tuple[str, str], None] = {}
    for path in sorted(paths):
        steps = path.split("/")
        for count in range(1, len(steps) + 1):
            part = "/".join(steps[:count])
            first = known.setdefault(folded(part), part)
            if first != part:
                found[first, part] = None
                break
    return list(found)
