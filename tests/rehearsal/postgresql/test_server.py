"""The throw-away server: on a socket only, with passwords, and gone when it is stopped."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from govern.problems import GovernError
from govern.rehearsal.postgresql.roles import LOOKER, SESSION, renew_passwords
from govern.rehearsal.postgresql.server import SUPERUSER, Server
from govern.rehearsal.postgresql.trees import add_to_tree, copy_tree, digest_tree, revert_tree
from support.postgresql import ACCOUNT, installation_of


def test_a_server_listens_on_its_socket_alone(database: Connection[tuple[Any, ...]], cluster: Server) -> None:
    row = database.execute("SELECT current_setting('listen_addresses'), current_setting('server_version'), inet_server_addr()").fetchone()

    assert row is not None
    assert (row[0], row[1].split()[0], row[2]) == ("", cluster.installation.version, None)
    assert cluster.running
    assert "password" not in cluster.address(SUPERUSER, "postgres")


def test_nobody_comes_in_without_the_password(cluster: Server) -> None:
    other = Server(cluster.installation, cluster.data, cluster.sockets, {SUPERUSER: "a guess"})

    with pytest.raises(GovernError, match=r"the server of the rehearsal gave no connection as `govern_superuser`: .*password authentication failed"):
        other.connect(SUPERUSER, "postgres")


def test_passwords_are_renewed_and_the_old_ones_open_nothing(loading: Server) -> None:
    before = dict(loading.passwords)

    with loading.connect(SUPERUSER, "postgres") as superuser:
        renew_passwords(loading, superuser)

    assert {role for role, password in loading.passwords.items() if password != before[role]} == {SUPERUSER, SESSION, LOOKER}
    for role in (SUPERUSER, SESSION, LOOKER):
        loading.connect(role, "postgres").close()
        with pytest.raises(GovernError, match=f"gave no connection as `{role}`: .*password authentication failed"):
            Server(loading.installation, loading.data, loading.sockets, before).connect(role, "postgres")


def test_a_session_begins_with_its_settings(cluster: Server) -> None:
    with cluster.connect(SUPERUSER, "postgres", {"search_path": "", "datestyle": "ISO, DMY", "role": "pg_monitor"}) as connection:
        row = connection.execute("SELECT current_setting('search_path'), current_setting('datestyle'), current_user").fetchone()

    assert row == ("", "ISO, DMY", "pg_monitor")


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    server = Server(installation_of("wheel"), folder / "data", folder / "s", account=ACCOUNT)

    with pytest.raises(GovernError, match=r"the server of the rehearsal did not start: .*(data|No such file)"):
        server.start()
    assert not server.running
    server.stop()


def test_two_trees_are_equal_when_names_modes_and_bytes_are(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "deep" / "empty").mkdir(parents=True)
    (tree / "deep" / "file").write_bytes(b"content")
    (tree / "link").symlink_to("deep/file")
    copy_tree(tree, tmp_path / "copy")
    before = digest_tree(tree)

    assert digest_tree(tmp_path / "copy") == before
    for change in (
        lambda: (tree / "deep" / "file").write_bytes(b"Content"),
        lambda: (tree / "deep" / "file").chmod(0o400),
        (tree / "deep" / "empty").rmdir,
        lambda: (tree / "deep" / "file").rename(tree / "deep" / "other"),
        (tree / "link").unlink,
    ):
        change()
        assert digest_tree(tree) != before
        before = digest_tree(tree)


def test_a_tree_in_which_anything_was_written_is_made_the_copy_again_that_it_was(tmp_path: Path) -> None:
    kept, tree = tmp_path / "kept", tmp_path / "tree"
    (kept / "deep" / "empty").mkdir(parents=True)
    (kept / "other").mkdir()
    for name in ("deep/file", "deep/second", "other/third", "top"):
        (kept / name).write_bytes(name.encode())
    (kept / "link").symlink_to("deep/file")
    copy_tree(kept, tree)
    same = (tree / "other" / "third").stat().st_ino

    (tree / "deep" / "file").write_bytes(b"DEEP/FILE")
    (tree / "deep" / "second").unlink()
    (tree / "top").chmod(0o400)
    (tree / "new" / "within").mkdir(parents=True)
    (tree / "new" / "within" / "file").touch()
    (tree / "deep" / "empty").rmdir()
    (tree / "deep" / "empty").write_bytes(b"a file where a folder was")
    (tree / "link").unlink()
    (tree / "link").mkdir()
    revert_tree(kept, tree)
    assert digest_tree(tree) == digest_tree(kept)
    assert (tree / "other" / "third").stat().st_ino == same

    shutil.rmtree(tree / "deep")
    revert_tree(kept, tree)
    assert digest_tree(tree) == digest_tree(kept)


def test_a_file_that_was_written_to_is_put_back_where_it_is_whatever_its_length_is_now(tmp_path: Path) -> None:
    kept, tree = tmp_path / "kept", tmp_path / "tree"
    kept.mkdir()
    content = bytes(range(256)) * 3000
    for name in ("middle", "longer", "shorter", "empty", "read-only"):
        (kept / name).write_bytes(content)
    (kept / "empty").write_bytes(b"")
    (kept / "read-only").chmod(0o400)
    copy_tree(kept, tree)
    marks = {each.name: each.stat().st_mtime_ns for each in tree.iterdir()}
    for name, written in (("middle", content[:400_000] + b"x" + content[400_001:]), ("longer", content * 2), ("shorter", content[:9]), ("empty", b"x")):
        (tree / name).write_bytes(written)
    (tree / "read-only").unlink()
    (tree / "read-only").write_bytes(b"other")
    (tree / "read-only").chmod(0o400)
    places = {name: (tree / name).stat().st_ino for name in ("middle", "longer", "shorter", "empty")}

    revert_tree(kept, tree)

    assert digest_tree(tree) == digest_tree(kept)
    assert {each.name: each.stat().st_mtime_ns for each in tree.iterdir()} == marks
    assert {name: (tree / name).stat().st_ino for name in places} == places


def test_a_tree_is_copied_without_some_files_which_can_be_added(tmp_path: Path) -> None:
    tree, copy = tmp_path / "tree", tmp_path / "copy"
    for name in ("deep/er/file", "deep/er/other", "deep/file", "other/file", "top"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes(name.encode())
    (tree / "deep").chmod(0o700)
    without = frozenset({Path("deep/er/file"), Path("deep/file"), Path("top")})

    copy_tree(tree, copy, without=without)

    assert {each.relative_to(copy).as_posix() for each in copy.rglob("*")} == {"deep", "deep/er", "deep/er/other", "other", "other/file"}
    add_to_tree(tree, copy, without)
    assert digest_tree(copy) == digest_tree(tree)


def test_a_tree_that_cannot_be_copied_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GovernError, match=r"the cluster could not be copied: .*No such file"):
        copy_tree(tmp_path / "missing", tmp_path / "copy")
