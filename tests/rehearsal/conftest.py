"""Every test of the sandbox runs in each sandbox that this machine can have."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from govern.rehearsal.bubblewrap import Bubblewrap
from govern.rehearsal.confine import Confined, confine
from govern.rehearsal.namespaces import Namespaces
from govern.rehearsal.sandbox import Sandbox

TASKS = Path(__file__).parent / "confined"
Run = Callable[..., Any]

_UNSHARE_USER = "import ctypes, sys; sys.exit(ctypes.CDLL(None).unshare(0x10000000) != 0)"


@pytest.fixture(params=["bubblewrap", "namespaces"])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    if request.param == "bubblewrap":
        if not Path("/usr/bin/bwrap").exists():
            pytest.skip("bubblewrap is not installed")
        return Bubblewrap()
    if subprocess.run([sys.executable, "-I", "-c", _UNSHARE_USER], check=False).returncode:
        pytest.skip("this kernel forbids user namespaces")
    return Namespaces()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one folder in which anything temporary is made, so that what remains is seen."""
    found = tmp_path / "tmp"
    found.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(found))
    return found


@pytest.fixture
def confined(sandbox: Sandbox, place: Path) -> Callable[..., Confined]:
    """Run a task of `tests/rehearsal/confined` in the sandbox; nothing may remain of it."""

    def run(task: str, order: Mapping[str, Any] | None = None, **given: Any) -> Confined:
        try:
            return confine(task, order or {}, **{"inputs": {}, "sandbox": sandbox, "modules": TASKS, **given})
        finally:
            assert list(place.iterdir()) == []

    return run


@pytest.fixture
def run(confined: Callable[..., Confined]) -> Run:
    """Like `confined`, and return the result alone."""
    return lambda *task, **given: confined(*task, **given).result
