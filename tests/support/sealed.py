"""Sealed folders for tests: the parts of a small packet, evidence that the validator passes, and a seal made without the command."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from govern.canonical import digest, encode
from govern.evidence import validator
from govern.evidence.manifest import Seal
from govern.evidence.members import opened
from govern.evidence.sealing import make_seal, read_parts
from support.cli import Programme, Ran

VALIDATOR = Path(validator.__file__).read_bytes()
SAMPLE = "governance/evidence/sample"
LEG = "CONTENT/compared"
PARTS = {"one.txt": b"one\n", "two.txt": b"two\n", "logs/three.txt": b"three\n", "logs/größe's $(id).txt": "fünf\n".encode()}

# The interpreter itself: what is found by name may be a script that needs other programs.
PYTHON = str(Path(sys.base_prefix) / "bin" / "python3")


def write_parts(folder: Path, parts: dict[str, bytes] | None = None) -> Path:
    """Write the parts of a packet into a folder; return it."""
    for name, content in (PARTS if parts is None else parts).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def rehearsed() -> dict[str, bytes]:
    """Return the parts of a packet with a rehearsal: evidence that the validator passes, its source and its two scripts."""
    evidence: dict[str, Any] = validator.good("sqlite")
    evidence["rehearsal"]["programme"]["validator"] = digest(VALIDATOR)
    evidence["rehearsal"]["run"] |= {"started": "2020-01-01T05:00:00Z", "ended": "2020-01-01T05:00:02Z"}
    return {"toy.json": f"{encode(evidence)}\n".encode(), "toy.sql": b"source", "apply.sql": b"apply", "revert.sql": b"revert"}


def seal(folder: Path, of: str = "sample", legs: tuple[str, ...] = ()) -> Seal:
    """Seal a folder by the library, and write what makes the seal."""
    with opened(folder) as handle:
        found, made = make_seal(read_parts(handle), of, legs, VALIDATOR)
    for name, content in made.items():
        (folder / name).write_bytes(content)
    return found


def seal_sample(programme: Programme, *words: str, parts: dict[str, bytes] | None = None) -> Ran:
    """Have the small packet of a programme sealed."""
    write_parts(programme.root / SAMPLE, parts)
    return programme.does("seal", SAMPLE, *words)


@contextmanager
def public_copy(folder: Path) -> Iterator[Path]:
    """Yield a copy of a folder in a place that every user may enter, as the folders of a test are not."""
    with TemporaryDirectory(prefix="govern-tests-") as made:
        Path(made).chmod(0o755)
        copied = Path(shutil.copytree(folder, Path(made) / "copied", symlinks=True))
        copied.chmod(0o755)
        yield copied


class Ended(NamedTuple):
    """A script that has ended: its status and its lines."""

    status: int
    lines: list[str]
    err: str


def run_script(folder: Path, name: str, *words: str, tools: tuple[str, ...] | None = None, home: Path, shell: str = "sh", path: str = "") -> Ended:
    """Run a script of a packet with an empty home, with no other programs than the tools named, where some are, and those in `path`."""
    path = os.pathsep.join(filter(None, (path, os.defpath if tools is None else str(_toolbox(home, tools)))))
    environment = {"PATH": path, "HOME": str(home), "TMPDIR": str(home)}
    program = shutil.which(shell)
    assert program is not None
    done = subprocess.run([program, str(folder / name), *words], env=environment, cwd="/", capture_output=True, text=True, check=False, timeout=120)
    return Ended(done.returncode, done.stdout.splitlines(), done.stderr)


def _toolbox(home: Path, tools: tuple[str, ...]) -> Path:
    box = home / "-".join(("tools", *tools))
    box.mkdir(exist_ok=True)
    for name in tools:
        found = PYTHON if name == "python3" else shutil.which(name)
        assert found is not None, name
        if not (box / name).exists():
            (box / name).symlink_to(Path(found).resolve())
    return box
