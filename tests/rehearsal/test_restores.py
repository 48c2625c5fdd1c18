"""What is kept of a restored source: found by what it depends on, believed only whole, and gone when there is no room."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from govern.rehearsal import restores
from govern.rehearsal.postgresql.trees import digest_tree
from govern.rehearsal.restores import RestoreCache

KEY, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def cache(tmp_path: Path) -> RestoreCache:
    return RestoreCache(tmp_path / "cache" / "restored", KEY)


def _tree(folder: Path, content: bytes = b"rows") -> Path:
    folder.mkdir(mode=0o700)
    (folder / "base").mkdir(parents=True)
    (folder / "base" / "1").write_bytes(content)
    (folder / "empty").mkdir()
    return folder


def _kept(cache: RestoreCache, folder: Path, content: bytes = b"rows") -> Path:
    tree = _tree(folder, content)
    cache.put(tree, {"stored": digest_tree(tree), "gate": {"tables": 1}})
    return cache.folder / cache.key


def test_what_was_kept_is_given_back_byte_for_byte_and_stays(cache: RestoreCache, tmp_path: Path) -> None:
    assert cache.take(tmp_path / "nothing") is None

    _kept(cache, tmp_path / "tree")

    stored = digest_tree(cache.folder / KEY / "tree")
    for name in ("one", "two"):
        assert cache.take(tmp_path / name) == {"stored": stored, "gate": {"tables": 1}}
        assert digest_tree(tmp_path / name) == stored
    assert [each.name for each in cache.folder.iterdir()] == [KEY]
    assert (cache.folder.stat().st_mode | (cache.folder / KEY).stat().st_mode) & 0o077 == 0
    assert RestoreCache(cache.folder, OTHER).take(tmp_path / "three") is None


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: (entry / "tree" / "base" / "1").write_bytes(b"ROWS"),
        lambda entry: (entry / "tree" / "base" / "1").write_bytes(b"row"),
        lambda entry: (entry / "tree" / "base" / "2").touch(),
        lambda entry: (entry / "tree" / "base" / "1").unlink(),
        lambda entry: (entry / "tree" / "empty").rmdir(),
        lambda entry: (entry / "tree" / "base" / "1").chmod(0o400),
        lambda entry: shutil.rmtree(entry / "tree"),
        lambda entry: (entry / "facts").write_bytes((entry / "facts").read_bytes().replace(b'"tables": 1', b'"tables": 2')),
        lambda entry: (entry / "facts").write_bytes((entry / "facts").read_bytes()[:-1]),
        lambda entry: (entry / "facts").write_bytes(b""),
    ],
)
def test_what_is_not_whole_is_not_believed_and_removed(change: Callable[[Path], object], cache: RestoreCache, tmp_path: Path) -> None:
    entry = _kept(cache, tmp_path / "tree")
    change(entry)

    assert cache.take(tmp_path / "taken") is None
    assert not (tmp_path / "taken").exists()
    assert cache.take(tmp_path / "taken") is None


def test_an_entry_under_another_name_is_not_the_one_of_that_name(cache: RestoreCache, tmp_path: Path) -> None:
    _kept(cache, tmp_path / "tree").rename(cache.folder / OTHER)

    assert RestoreCache(cache.folder, OTHER).take(tmp_path / "taken") is None


def test_what_others_could_have_written_is_not_believed(cache: RestoreCache, tmp_path: Path) -> None:
    entry = _kept(cache, tmp_path / "tree")
    entry.chmod(0o770)
    assert cache.take(tmp_path / "taken") is None

    shutil.move(_kept(cache, tmp_path / "tree"), tmp_path / "elsewhere")
    (cache.folder / KEY).symlink_to(tmp_path / "elsewhere")
    assert cache.take(tmp_path / "taken") is None

    (cache.folder / KEY).unlink()
    cache.folder.chmod(0o777)
    assert not _kept(cache, tmp_path / "tree").exists()


def test_a_tree_that_is_not_the_one_that_was_told_of_is_not_kept(cache: RestoreCache, tmp_path: Path) -> None:
    tree = _tree(tmp_path / "tree")
    told = digest_tree(tree)
    (tree / "base" / "1").write_bytes(b"otherwise")

    cache.put(tree, {"stored": told})
    elsewhere = _tree(tmp_path / "elsewhere")
    (tmp_path / "link").symlink_to(elsewhere)
    cache.put(tmp_path / "link", {"stored": digest_tree(elsewhere)})

    assert list(cache.folder.iterdir()) == []
    assert (elsewhere / "base" / "1").read_bytes() == b"rows"


def test_what_was_used_longest_ago_gives_way_and_what_is_in_use_stays(cache: RestoreCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restores, "MOST", 3000)
    entries = [RestoreCache(cache.folder, letter * 64) for letter in "abcd"]
    for at, each in enumerate(entries[:3]):
        os.utime(_kept(each, tmp_path / "tree", bytes(700)), (at, at))
    (cache.folder / "new-left").mkdir(mode=0o700)
    used = os.open(cache.folder / entries[1].key, os.O_RDONLY)
    fcntl.flock(used, fcntl.LOCK_SH)

    _kept(entries[3], tmp_path / "tree", bytes(700))
    assert sorted(each.name[0] for each in cache.folder.iterdir()) == ["b", "c", "d"]

    _kept(entries[0], tmp_path / "tree", bytes(2000))
    os.close(used)
    assert sorted(each.name[0] for each in cache.folder.iterdir()) == ["a", "b"]

    _kept(RestoreCache(cache.folder, OTHER + "x"), tmp_path / "tree", bytes(4000))
    assert sorted(each.name[0] for each in cache.folder.iterdir()) == ["a", "b"]
