"""The cache of policies answers faster and never differently, and no write asks it."""

import io
import os
import pickle
from pathlib import Path

import pytest

from govern.canonical import digest
from govern.cli import policy_cache
from govern.policy.load import load_policy
from govern.policy.model import Policy
from govern.policy.tree import parse_tree
from support.cli import Clock, Programme
from support.faults import FIX7, HOSPITAL

NAME = "states.yaml"


def cached(content: bytes = FIX7, name: str = NAME) -> Policy:
    """Return a policy by way of the cache."""
    return policy_cache.cached_policy(content, name, digest(content))


def cache_file() -> Path:
    """Return the one file of the cache."""
    [path] = (Path(os.environ["XDG_CACHE_HOME"]) / "govern").iterdir()
    return path


def written(policy: Policy) -> None:
    """Put a policy where the one of FIX7 is cached, sealed as this user could seal it."""
    policy_cache._write(cache_file(), pickle.dumps(policy, protocol=5))


def places(policy: Policy) -> list[str]:
    """Return every place that a policy names, in order."""
    return [str(policy.at), *(str(each.at) for packet in policy.packets.values() for each in packet.options), str(policy.programme.at_key("version"))]


def read_from_cache() -> bool:
    """Whether what is in the cache's file would be taken."""
    return isinstance(policy_cache._Reader(io.BytesIO(policy_cache._unsealed(cache_file()))).load(), Policy)


@pytest.mark.parametrize("content", [FIX7, HOSPITAL], ids=["fix7", "hospital"])
def test_a_cached_policy_is_the_computed_one_with_its_places(content: bytes) -> None:
    computed, first = load_policy(content, NAME), cached(content)
    assert read_from_cache()
    second = cached(content)
    assert second is not first
    for each in (first, second):
        assert each.model_dump() == computed.model_dump()
        assert places(each) == places(computed)
        assert each == computed


def test_a_policy_is_cached_for_the_file_that_it_was_read_from() -> None:
    cached()
    assert cached(name="governance/policy/x.yaml").at.file == "governance/policy/x.yaml"
    assert cached().at.file == NAME


def test_no_byte_of_a_cache_file_can_be_changed_or_cut_unnoticed() -> None:
    cached()
    path = cache_file()
    honest = path.read_bytes()
    computed = load_policy(FIX7, NAME).model_dump()
    for position in range(0, len(honest), len(honest) // 97):
        path.write_bytes(honest[:position] + bytes([honest[position] ^ 1]) + honest[position + 1 :])
        with pytest.raises(OSError, match="not as it was written"):
            policy_cache._unsealed(path)
        path.write_bytes(honest[:position])
        with pytest.raises(OSError, match="not as it was written"):
            policy_cache._unsealed(path)
    assert cached().model_dump() == computed
    assert path.read_bytes() == honest, "what was poisoned is written anew"


def test_a_cache_file_of_another_policy_is_not_taken() -> None:
    cached(HOSPITAL)
    foreign = cache_file()
    computed = cached()
    [path] = [each for each in foreign.parent.iterdir() if each != foreign]
    path.write_bytes(foreign.read_bytes())
    assert cached() == computed


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_cache_file_that_others_can_write_is_not_taken(mode: int) -> None:
    cached()
    cache_file().chmod(mode)
    with pytest.raises(OSError, match="others can write it"):
        policy_cache._unsealed(cache_file())
    cache_file().chmod(0o600)
    assert read_from_cache()


class _Runs:
    """A pickle that would run a program."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("exit 1",)


class _Dotted:
    """A pickle that would reach a method of a known class."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Policy.model_validate_json, ("{}",)


class _Function:
    """A pickle that would call a function of a known module."""

    def __reduce__(self) -> tuple[object, tuple[bytes, str]]:
        return parse_tree, (b"", "x")


@pytest.mark.parametrize("planted", [_Runs(), _Dotted(), _Function(), load_policy, Path("x"), [Policy]], ids=lambda each: type(each).__name__)
def test_a_pickle_that_names_anything_but_the_models_of_a_policy_is_refused(planted: object) -> None:
    content = pickle.dumps(planted, protocol=5)
    if not isinstance(planted, list):
        with pytest.raises(pickle.UnpicklingError, match="is not part of a policy"):
            policy_cache._Reader(io.BytesIO(content)).load()
    cached()
    policy_cache._write(cache_file(), content)
    assert cached() == load_policy(FIX7, NAME)


@pytest.mark.parametrize("home", ["", "relative"])
def test_without_an_absolute_folder_nothing_is_cached(home: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", home)
    monkeypatch.setenv("HOME", home)
    assert cached() == load_policy(FIX7, NAME)
    assert list(tmp_path.iterdir()) == []


def test_without_a_cache_of_its_own_the_one_in_the_home_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    cached()
    assert [each.name for each in (tmp_path / ".cache" / "govern").iterdir()]


def test_a_cache_that_cannot_be_written_is_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert cached() == load_policy(FIX7, NAME)


def test_a_newer_program_does_not_read_what_an_older_one_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    cached()
    before = cache_file()
    monkeypatch.setattr(policy_cache, "__version__", "9.9.9")
    cached()
    assert len(list(before.parent.iterdir())) == 2


def test_no_write_asks_the_cache(fix7: Programme, clock: Clock) -> None:
    """A poisoned cache, sealed by who owns it, may mislead a question; what is recorded is judged anew."""
    del clock
    fix7.does("status")
    honest = load_policy(fix7.policy.read_bytes(), NAME)
    grant = honest.grants["QT001"].model_copy(update={"issuer": "operator"})
    written(honest.model_copy(update={"grants": {**honest.grants, "QT001": grant}}))
    code = fix7.code("grant", "record", "QT001", "--as", "operator")
    ran = fix7.refuses("grant", "record", "QT001", "--as", "operator", "--confirm", code)
    assert "operator may not grant QT001; that is for owner" in ran.err
    assert fix7.does("verify").out.startswith("25 records verified")
