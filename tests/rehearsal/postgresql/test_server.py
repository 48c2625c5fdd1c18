"""The throw-away server: on a socket only, with passwords, and gone when it is stopped."""

from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from govern.problems import GovernError
from govern.rehearsal.postgresql.server import SUPERUSER, Server
from govern.rehearsal.postgresql.trees import copy_tree, digest_tree
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


def test_a_tree_that_cannot_be_copied_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GovernError, match=r"the cluster could not be copied: .*No such file"):
        copy_tree(tmp_path / "missing", tmp_path / "copy")
