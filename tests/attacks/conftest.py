"""Every attack has a clock that stands still, a home, a memory and a cache of its own, and a programme to be made on."""

import json
from pathlib import Path

import pytest

from govern.cli.memory import folder
from support.attacks import MoveAway, Victim, copy_real, copy_yard, key_folder
from support.cli import Clock
from support.isolation import isolate


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Clock:
    """A clock that stands still, after everything that FIX7 has on record."""
    key_folder()
    return isolate(monkeypatch, tmp_path)


@pytest.fixture
def yard(tmp_path: Path) -> Victim:
    """A small programme with a board of three, in which everybody has a key."""
    return copy_yard(tmp_path / "yard")


@pytest.fixture
def real(tmp_path: Path) -> Victim:
    """A copy of the programme of this repository, in which owner and operator have a key."""
    return copy_real(tmp_path / "real")


@pytest.fixture
def move_away(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> MoveAway:
    """What moves to another machine, which was told the pin and has seen no ledger yet."""

    def move() -> None:
        [memory] = folder().glob("*.json")
        monkeypatch.setenv("GOVERN_PIN", json.loads(memory.read_bytes())["pin"])
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))

    return move
