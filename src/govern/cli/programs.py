"""Other programs: found in fixed folders, run with an environment that holds nothing but what they need."""

import os
import shutil

_FOLDERS = "/usr/bin:/bin:/usr/local/bin:/opt/homebrew/bin"


def find_program(name: str) -> str | None:
    """Return the absolute path of a program, or None where it is not installed. The user's PATH is not asked."""
    return shutil.which(name, path=_FOLDERS)


def environment(*passed_on: str) -> dict[str, str]:
    """Return the environment of a child: fixed folders, one locale, and the variables named, where they are set."""
    return {"PATH": _FOLDERS, "LC_ALL": "C"} | {name: os.environ[name] for name in passed_on if name in os.environ}
