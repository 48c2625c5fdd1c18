"""A test on a machine of its own: a clock that stands still, a home, a cache and a memory that nothing else has."""

import time
from pathlib import Path

import pytest

from support.cli import Clock


def isolate(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Clock:
    """Return the clock, which stands after everything that FIX7 has on record."""
    standing = Clock()
    monkeypatch.setattr(time, "time", standing)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for variable in ("NO_COLOR", "GOVERN_KEY", "GOVERN_LEDGER", "GOVERN_PIN", "SSH_AUTH_SOCK", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(variable, raising=False)
    return standing
