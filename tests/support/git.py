"""Git, as somebody, with no settings but these."""

import os
import shutil
import subprocess
from pathlib import Path

_GIT = shutil.which("git")
_SETTINGS = ("-c", "user.name=somebody", "-c", "user.email=somebody@localhost", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false")


def git(folder: Path, *words: str, check: bool = True) -> str:
    """Run git in a folder; return what it printed. It must end with 0, unless it may be refused."""
    assert _GIT is not None
    environment = {"PATH": os.defpath, "HOME": str(folder), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
    done = subprocess.run([_GIT, *_SETTINGS, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or not check, (words, done)
    return done.stdout.strip()


def commit(folder: Path, message: str = "x") -> None:
    """Commit the whole tree; the first time, in a repository that is made for it."""
    if not (folder / ".git").exists():
        git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", message)
