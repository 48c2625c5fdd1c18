"""The peer, `ssh-keygen`: what it says to a signature, and signatures that it makes. It sees nothing of this machine."""

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from support.mutants import Question

_PATIENCE = 30


class SshKeygen:
    """The program in a folder of its own, which is removed in the end."""

    def __init__(self) -> None:
        program = shutil.which("ssh-keygen")
        assert program is not None, "the tests need ssh-keygen"
        self.program = program
        self._folder = TemporaryDirectory()
        self.folder = Path(self._folder.name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def run(self, *words: str, stdin: bytes = b"") -> bool:
        """Return whether it ends with 0."""
        environment = {"PATH": "/nonexistent", "HOME": str(self.folder)}
        done = subprocess.run([self.program, *words], cwd=self.folder, env=environment, input=stdin, capture_output=True, check=False, timeout=_PATIENCE)
        return done.returncode == 0

    @staticmethod
    def can_ask(question: Question) -> bool:
        """Whether the namespace can be a word of a command line."""
        return "\0" not in question.namespace

    def accepts(self, question: Question) -> bool:
        """Return whether it finds that the signature fits, whoever made it."""
        return self.run("-Y", "check-novalidate", "-n", question.namespace, "-s", self._write(question), stdin=question.message)

    def accepts_from(self, question: Question, key_line: str) -> bool:
        """Return whether it finds that this key, and for this namespace, has signed."""
        (self.folder / "allowed").write_text(f'owner namespaces="{question.namespace}" {key_line}\n')
        return self.run("-Y", "verify", "-f", "allowed", "-I", "owner", "-n", question.namespace, "-s", self._write(question), stdin=question.message)

    def make_key(self, name: str, *words: str) -> str:
        """Return the line of the `.pub` file of a new key."""
        assert self.run("-q", "-N", "", "-C", "", "-f", name, *words)
        return (self.folder / f"{name}.pub").read_text()

    def sign(self, name: str, message: bytes, namespace: str, digest: str) -> str:
        """Return the signature of a text with a key that it has made."""
        (self.folder / "text").write_bytes(message)
        (self.folder / "text.sig").unlink(missing_ok=True)
        assert self.run("-Y", "sign", "-q", "-f", name, "-n", namespace, "-O", f"hashalg={digest}", "text")
        return (self.folder / "text.sig").read_text()

    def fingerprint(self, key_line: str) -> str:
        """Return what it prints of a key."""
        (self.folder / "one.pub").write_text(key_line)
        done = subprocess.run([self.program, "-l", "-f", "one.pub"], cwd=self.folder, env={}, capture_output=True, check=True, timeout=_PATIENCE)
        return done.stdout.decode().split()[1]

    def _write(self, question: Question) -> str:
        (self.folder / "one.sig").write_bytes(question.armor.encode(errors="surrogateescape"))
        return "one.sig"
