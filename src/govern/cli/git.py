"""Git, asked by absolute path with an environment of its own: read only, no hook and no variable of the caller's takes effect."""

import subprocess
from pathlib import Path

from govern.cli.programs import environment, find_program


class GitError(Exception):
    """Git is not there, or refused; with its first words."""


def git(root: Path, *arguments: str, said: bytes = b"") -> bytes:
    """Return what git prints in a folder.

    Raises:
        GitError: it is not installed, or failed.
    """
    program = find_program("git")
    if program is None:
        raise GitError("git is not installed")
    ran = subprocess.run([program, "-C", str(root), *arguments], env=environment("HOME"), input=said, capture_output=True, check=False)
    if ran.returncode != 0:
        reason = ran.stderr.decode(errors="replace").strip().splitlines()
        raise GitError(f"git: {reason[0] if reason else 'failed'}")
    return ran.stdout
