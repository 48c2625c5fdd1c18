"""The store in PostgreSQL beyond what every store keeps to: two who append at once, connections that are lost, tables that others wrote to."""

import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from govern.ledger import postgresql, server, sql
from govern.ledger.keeping import AppendUnknownError, Contents, HeadMovedError, SharedStore, change
from govern.ledger.merkle import root_of
from govern.ledger.postgresql import Head, PostgresStore
from govern.ledger.postgresql import heads as every_head
from govern.ledger.server import Server, StandbyError
from govern.ledger.store import FileStore
from govern.problems import Exit, GovernError
from support.cutting_proxy import CuttingProxy, End, cutting_proxy
from support.ledgers import notes
from support.store_conformance import plain, statement_of
from support.team_server import OWNER, READER, WRITER, TeamServer, fresh, team_server

if TYPE_CHECKING:
    from psycopg import Connection

LINES = [line + b"\n" for line in notes(6).lines]
BARE = [line[:-1] for line in LINES]


@pytest.fixture
def store(ledgers: TeamServer) -> Iterator[PostgresStore]:
    with opened(ledgers.address()) as made:
        yield made


@contextmanager
def opened(address: str, ledger: str | None = None, patience: float = 20) -> Iterator[PostgresStore]:
    server = Server(address, patience)
    try:
        yield PostgresStore(server, ledger or fresh())
    finally:
        server.close()


def add(store: PostgresStore, size: int, *lines: bytes) -> None:
    with store.exclusive():
        store.append(size, list(lines))


def refused(work: Callable[[], object]) -> tuple[Exit, str, str]:
    """Return the status, code and message with which something is refused."""
    with pytest.raises(GovernError, match=r".") as caught:
        work()
    [problem] = caught.value.problems
    return caught.value.status, problem.code, problem.message


def as_owner(server: TeamServer, statement: str, *values: object) -> None:
    with server.connect(OWNER) as connection:
        assert connection.execute(statement, values).rowcount == 1


def test_the_lines_are_those_of_files_byte_for_byte(store: PostgresStore, tmp_path: Path) -> None:
    files = FileStore(tmp_path / "ledger")
    add(store, 0, *LINES)
    with files.exclusive():
        files.append(0, LINES)

    assert store.read() == files.read()
    assert root_of(store.read().lines) == root_of(BARE)
    assert store.head() == Head(6, sha256(BARE[-1]).hexdigest())


def test_ledgers_of_one_database_know_nothing_of_each_other(ledgers: TeamServer) -> None:
    with opened(ledgers.address()) as one, opened(ledgers.address()) as other:
        add(one, 0, *LINES[:3])
        add(other, 0, *LINES[:2])

        assert (one.read().lines, other.read().lines) == (BARE[:3], BARE[:2])
        heads = every_head(one._server)
        assert [head.size for head in heads.values() if head in (one.head(), other.head())] == [3, 2] or len(heads) > 2


def test_who_comes_second_adds_nothing_and_is_told(ledgers: TeamServer, store: PostgresStore) -> None:
    add(store, 0, LINES[0])
    with opened(ledgers.address(), store.named[1]) as other:
        store.read()
        other.read()
        add(other, 1, LINES[1])

        with pytest.raises(HeadMovedError) as caught:
            add(store, 1, LINES[2])

    assert caught.value.status is Exit.UNJUDGED
    assert [(each.code, each.message) for each in caught.value.problems] == [("HEAD_MOVED", "others appended behind record 0 while this was judged")]
    assert store.read() == Contents(BARE[:2])


def test_the_mark_moves_with_the_head_whoever_appends(ledgers: TeamServer, store: PostgresStore) -> None:
    marks = [store.mark()]
    with opened(ledgers.address(), store.named[1]) as other:
        for number, each in enumerate((store, other)):
            add(each, number, LINES[number])
            marks += [store.mark()]
            assert (store.mark(), other.mark()) == (marks[-1], marks[-1])

    assert len({*marks}) == 3


def test_of_two_who_begin_a_ledger_one_does(ledgers: TeamServer, store: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(ledgers.address(), store.named[1]) as other:
        assert (store.exists(), other.exists()) == (False, False)
        add(other, 0, LINES[0])
        # It has looked before the other began.
        monkeypatch.setattr(store, "_last_of", lambda _size: "")
        with pytest.raises(HeadMovedError, match="others appended behind record -1"):
            add(store, 0, LINES[1])

    assert store.read() == Contents(BARE[:1])


def test_an_append_behind_another_size_than_the_head_is_told(store: PostgresStore) -> None:
    add(store, 0, LINES[0])
    for size in (0, 2):
        with pytest.raises(HeadMovedError):
            add(store, size, LINES[1])

    assert store.read() == Contents(BARE[:1])


def add_behind(line: bytes, store: SharedStore) -> None:
    store.append(len(store.read().lines), [line])


@pytest.mark.parametrize("isolation", ["read committed", "serializable"])
def test_eight_who_append_at_once_are_put_in_one_order_and_nothing_is_lost(ledgers: TeamServer, isolation: str) -> None:
    ledger, told = fresh(), []
    options = "-c default_transaction_isolation=" + isolation.replace(" ", r"\ ")
    address = f"{ledgers.address()}&options={quote(options)}"

    def write(writer: int) -> None:
        with opened(address, ledger) as mine:
            for number in range(10):
                line = plain(writer * 10 + number)
                change(mine, partial(add_behind, line))
                told.append(line[:-1])

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    with opened(ledgers.address(READER), ledger) as reader:
        lines = reader.read().lines
    assert sorted(lines) == sorted(told) == sorted(plain(number)[:-1] for number in range(80))
    for writer in range(8):
        of_one = [line for line in lines if line in {plain(writer * 10 + number)[:-1] for number in range(10)}]
        assert of_one == [plain(writer * 10 + number)[:-1] for number in range(10)]


def test_what_was_read_before_is_not_fetched_again(ledgers: TeamServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(ledgers.address()) as store, opened(ledgers.address(), store.named[1]) as other:
        add(store, 0, *LINES[:4])
        store.read()
        add(other, 4, *LINES[4:])
        asked: list[tuple[int, int]] = []
        fetched = store._rows

        def rows(first: int, end: int, connection: "Connection[tuple[Any, ...]]") -> list[tuple[int, bytes]]:
            asked.append((first, end))
            return fetched(first, end, connection)

        monkeypatch.setattr(store, "_rows", rows)

        assert store.read().lines == BARE
        assert asked == [(4, 6)]


def test_many_records_are_fetched_part_by_part(store: PostgresStore, ledgers: TeamServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "_FETCHED", 4)
    add(store, 0, *LINES)
    with opened(ledgers.address(READER), store.named[1]) as reader:
        assert reader.read() == Contents(BARE)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM govern.record WHERE ledger = %s AND seq = 2", "its head says 6 records, and record 2 is not there"),
        ("DELETE FROM govern.record WHERE ledger = %s AND seq = 5", "its head says 6 records, and record 5 is not there"),
        ("UPDATE govern.head SET size = 7 WHERE ledger = %s", "its head says 7 records, and record 6 is not there"),
        ("UPDATE govern.head SET size = 5 WHERE ledger = %s", "record 4, the last, is not the one that its head was moved to"),
        ("UPDATE govern.record SET line = 'x' WHERE ledger = %s AND seq = 5", "record 5, the last, is not the one that its head was moved to"),
        ("UPDATE govern.head SET last = 'x' WHERE ledger = %s", "record 5, the last, is not the one that its head was moved to"),
    ],
)
def test_tables_that_somebody_wrote_to_are_found(ledgers: TeamServer, statement: str, said: str) -> None:
    ledger = fresh()
    with opened(ledgers.address(), ledger) as store, opened(ledgers.address(READER), ledger) as reader:
        add(store, 0, *LINES)
        as_owner(ledgers, statement, ledger)

        assert refused(reader.read) == (Exit.BROKEN, "HEAD_MISMATCH", f"ledger {ledger}: {said}")


def test_what_was_rewritten_behind_lines_that_were_read_before_is_read_anew(ledgers: TeamServer) -> None:
    ledger = fresh()
    with opened(ledgers.address(), ledger) as store:
        add(store, 0, *LINES[:2])
        store.read()
        as_owner(ledgers, "UPDATE govern.record SET line = %s WHERE ledger = %s AND seq = 1", BARE[2], ledger)
        as_owner(ledgers, "UPDATE govern.head SET last = %s WHERE ledger = %s", sha256(BARE[2]).hexdigest(), ledger)

        assert store.read() == Contents([BARE[0], BARE[2]])


@pytest.mark.parametrize("size", [0, 2])
def test_a_record_where_none_can_be_is_named_and_nothing_is_added(ledgers: TeamServer, size: int) -> None:
    ledger = fresh()
    with opened(ledgers.address(), ledger) as store:
        add(store, 0, *LINES[:size])
        as_owner(ledgers, sql.ADDED, ledger, size, "stray", b"stray")

        status, code, message = refused(lambda: add(store, size, LINES[2]))

        assert (status, code) == (Exit.BROKEN, "LAYOUT_STRAY")
        assert message == f"ledger {ledger}: a record stands behind its head of {size}, or has a statement that is on record: no append would have written it"
        assert store.read() == Contents(BARE[:size])


def test_a_statement_stands_once(store: PostgresStore) -> None:
    add(store, 0, *LINES[:2])

    assert refused(lambda: add(store, 2, LINES[1]))[:2] == (Exit.BROKEN, "LAYOUT_STRAY")
    assert store.read() == Contents(BARE[:2])


def test_texts_are_kept_by_digest_and_the_first_stays(store: PostgresStore) -> None:
    assert store.text("a" * 64) is None
    store.keep({"a" * 64: b"one", "b" * 64: b"\x00two"})
    store.keep({"a" * 64: b"other"})

    assert (store.text("a" * 64), store.text("b" * 64)) == (b"one", b"\x00two")


@pytest.fixture(scope="module")
def proxied(ledgers: TeamServer) -> Iterator[CuttingProxy]:
    with tempfile.TemporaryDirectory(prefix="govern-cut-", dir="/tmp") as folder, cutting_proxy(Path(folder), ledgers.sockets / ".s.PGSQL.5432") as proxy:
        yield proxy


@pytest.mark.parametrize("begun", [True, False])
@pytest.mark.parametrize("end", ["before", "after"])
def test_a_connection_cut_at_any_message_of_an_append_leaves_it_there_once(proxied: CuttingProxy, end: End, *, begun: bool) -> None:
    for cut_at in count(1):
        with opened(proxied.address(WRITER)) as store:
            proxied.arm(0, end)
            if begun:
                add(store, 0, *LINES[:2])
            else:
                assert not store.exists()
            proxied.arm(cut_at, end)
            add(store, 2 if begun else 0, *LINES[2:4])

            assert store.read() == Contents(BARE[2:4] if not begun else BARE[:4])
            if not proxied.cut:
                break
    assert cut_at > 5, "the append has fewer messages than statements"


def add_missing(store: SharedStore) -> int:
    """Add what is not there of four lines; return how many lines were."""
    contents = store.read()
    missing = [line for line in LINES[2:4] if contents.find(statement_of(line)) is None]
    store.append(len(contents.lines), missing)
    return len(contents.lines)


@pytest.mark.parametrize("end", ["before", "after"])
def test_where_no_connection_comes_back_the_append_is_unknown_and_a_retry_settles_it(proxied: CuttingProxy, ledgers: TeamServer, end: End) -> None:
    kept = []
    for cut_at in count(1):
        ledger = fresh()
        with opened(proxied.address(WRITER), ledger, patience=0.1) as store:
            proxied.arm(0, end)
            add(store, 0, *LINES[:2])
            proxied.arm(cut_at, end, refuse=True)
            with suppress(AppendUnknownError):
                add(store, 2, *LINES[2:4])
            if not proxied.cut:
                break

        with opened(ledgers.address(), ledger) as again:
            kept.append(change(again, add_missing) == 4)
            assert again.read() == Contents(BARE[:4])
    # Kept it is where it was told to commit, and not before; it may be known to nobody.
    assert kept == sorted(kept)
    assert {*kept} == ({False} if end == "before" else {False, True})


def test_where_no_connection_could_be_had_at_all_nothing_was_appended(proxied: CuttingProxy) -> None:
    with opened(proxied.address(WRITER), patience=0.1) as store:
        proxied.arm(0, "before")
        add(store, 0, *LINES[:2])
        store._server.close()
        proxied.cut = proxied.refuse = True
        status, code, _message = refused(lambda: add(store, 2, LINES[2]))
        proxied.refuse = False

        assert (status, code) == (Exit.UNJUDGED, "LEDGER_IO")
        assert store.read() == Contents(BARE[:2])


def test_an_unknown_append_names_its_statements(proxied: CuttingProxy) -> None:
    with opened(proxied.address(WRITER), patience=0.1) as store:
        proxied.arm(0, "before")
        add(store, 0, *LINES[:2])
        proxied.arm(2, "after", refuse=True)
        with pytest.raises(AppendUnknownError, match="the record may or may not have been kept") as caught:
            add(store, 2, *LINES[2:4])

    assert caught.value.statements == tuple(statement_of(line) for line in LINES[2:4])


def test_another_that_comes_first_after_a_cut_is_not_taken_for_ones_own(proxied: CuttingProxy, ledgers: TeamServer, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = fresh()
    with opened(proxied.address(WRITER), ledger) as store, opened(ledgers.address(), ledger) as other:
        proxied.arm(0, "before")
        add(store, 0, *LINES[:2])
        other.read()
        tried = store._add

        def between(*values: Any) -> bool:
            if proxied.cut:
                add(other, 2, LINES[5])
            return tried(*values)

        monkeypatch.setattr(store, "_add", between)
        proxied.arm(2, "before")
        with pytest.raises(HeadMovedError):
            add(store, 2, LINES[2])
        assert other.read() == Contents([*BARE[:2], BARE[5]])


@pytest.mark.parametrize("end", ["before", "after"])
def test_an_append_that_is_refused_after_a_cut_is_unknown(proxied: CuttingProxy, monkeypatch: pytest.MonkeyPatch, end: End) -> None:
    """What was cut may have been kept, whatever becomes of the next try: the address may lead to a standby by then."""
    real = Server._connected

    def standby(server: Server) -> "Connection[tuple[Any, ...]]":
        if proxied.cut:
            raise StandbyError
        return real(server)

    ledger = fresh()
    with opened(proxied.address(WRITER), ledger) as store:
        proxied.arm(0, end)
        add(store, 0, *LINES[:2])
        proxied.arm(8, end)
        monkeypatch.setattr(Server, "_connected", standby)
        with pytest.raises(AppendUnknownError, match="the server is a standby") as caught:
            add(store, 2, LINES[2])

    assert proxied.cut
    assert "nothing was recorded" not in str(caught.value)


def test_a_refusal_after_a_cut_is_no_refusal_of_the_append(proxied: CuttingProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = fresh()
    with opened(proxied.address(WRITER), ledger) as store:
        proxied.arm(0, "before")
        add(store, 0, *LINES[:2])
        tried = store._add

        def between(*values: Any) -> bool:
            if proxied.cut:
                monkeypatch.setattr(sql, "MOVED", "UPDATE govern.record SET seq = %s, line = %s WHERE ledger = %s AND seq = %s AND statement = %s")
            return tried(*values)

        monkeypatch.setattr(store, "_add", between)
        proxied.arm(2, "after")
        with pytest.raises(AppendUnknownError, match="permission denied for table record"):
            add(store, 2, LINES[2])


def test_one_statement_of_two_who_record_it_at_once_is_the_first_ones_alone(
    proxied: CuttingProxy, ledgers: TeamServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was cut and finds the other's record under the digest has not appended it: its line is another."""
    ledger, at = fresh(), b'"at":"'
    with opened(proxied.address(WRITER), ledger) as store, opened(ledgers.address(), ledger) as other:
        proxied.arm(0, "before")
        add(store, 0, *LINES[:2])
        other.read()
        tried = store._add
        theirs = LINES[2].replace(at + b"2", at + b"3")
        assert theirs != LINES[2]
        assert statement_of(theirs) == statement_of(LINES[2])

        def between(*values: Any) -> bool:
            if proxied.cut and other.head().size == 2:
                add(other, 2, theirs)
            return tried(*values)

        monkeypatch.setattr(store, "_add", between)
        proxied.arm(2, "before")
        with pytest.raises(HeadMovedError):
            add(store, 2, LINES[2])
        assert store.read() == Contents([*BARE[:2], theirs[:-1]])


def test_who_waits_for_somebody_that_hangs_is_told_in_time(ledgers: TeamServer) -> None:
    ledger = fresh()
    server = Server(ledgers.address(), patience=0.2, silence=0.4)
    store = PostgresStore(server, ledger)
    add(store, 0, *LINES[:2])
    with ledgers.connect(WRITER) as hanging:
        hanging.execute("BEGIN")
        hanging.execute("UPDATE govern.head SET last = last WHERE ledger = %s", (ledger,))
        with pytest.raises(AppendUnknownError, match=r"the server said nothing for 0\.4 seconds; `govern log`"):
            add(store, 2, LINES[2])
        assert store.read() == Contents(BARE[:2])
        hanging.execute("ROLLBACK")

    add(store, 2, LINES[2])
    assert store.read() == Contents(BARE[:3])
    server.close()


def test_a_text_that_no_database_takes_is_refused_at_once(ledgers: TeamServer) -> None:
    with opened(ledgers.address(), "a\0b", patience=600) as store:
        status, code, message = refused(store.read)

    assert (status, code) == (Exit.UNJUDGED, "LEDGER_IO")
    assert "NUL" in message


def test_what_a_server_refuses_for_a_reason_of_its_own_is_told_with_its_sqlstate(ledgers: TeamServer) -> None:
    with opened(f"{ledgers.address()}&options=-c%20default_transaction_read_only%3Don") as store:
        with pytest.raises(GovernError, match="cannot execute INSERT in a read-only transaction") as caught:
            add(store, 0, LINES[0])
        assert not store.exists()

    [problem] = caught.value.problems
    assert (problem.code, problem.help) == ("LEDGER_IO", "nothing was recorded; PostgreSQL's manual says what SQLSTATE 25006 is")


def test_a_connection_of_another_process_is_left_to_it(store: PostgresStore) -> None:
    server = store._server
    inherited = server.ask(lambda connection: connection)
    server._process = 0

    assert server.ask(lambda connection: connection) is not inherited
    assert inherited.execute("SELECT 1").fetchone() == (1,)
    inherited.close()


def test_what_the_client_library_warns_of_is_not_told_on_standard_error() -> None:
    """It warns of each connection that was lost in the middle of an append, also of one that was mended."""
    program = "import logging, govern.ledger.listening; logging.getLogger('psycopg').warning('error ignored terminating a pipeline')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)

    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_a_process_that_was_forked_asks_over_a_connection_of_its_own(ledgers: TeamServer) -> None:
    program = """
import os, sys
from govern.ledger.server import Server
server = Server(sys.argv[1])
def mine():
    return server.ask(lambda connection: connection.info.backend_pid)
before = mine()
child = os.fork()
if not child:
    os._exit(0 if mine() != before else 1)
print(os.waitpid(child, 0)[1], mine() == before)
server.close()
"""
    done = subprocess.run([sys.executable, "-c", program, ledgers.address()], capture_output=True, text=True, timeout=60, check=False)

    assert (done.stdout, done.stderr, done.returncode) == ("0 True\n", "", 0)


def test_a_server_that_is_not_there_is_not_waited_for() -> None:
    with opened("postgresql:///ledgers?host=/nowhere&user=nobody") as store:
        status, code, message = refused(store.read)

    assert (status, code) == (Exit.UNJUDGED, "LEDGER_IO")
    assert "/nowhere" in message


def test_a_database_without_tables_is_told_how_to_make_them(ledgers: TeamServer) -> None:
    with opened(ledgers.address(WRITER, "postgres")) as store, pytest.raises(GovernError) as caught:
        store.read()

    [problem] = caught.value.problems
    assert (problem.code, problem.message, problem.help) == (
        "LEDGER_IO",
        'relation "govern.head" does not exist',
        "`govern ledger provision` prints the tables and roles that it needs",
    )


def test_without_the_client_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "find_spec", lambda _name: None)
    with opened("postgresql:///ledgers") as store:
        assert refused(store.read)[:2] == (Exit.UNJUDGED, "NEEDS_EXTRA")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE govern.record SET line = 'x'",
        "UPDATE govern.record SET seq = seq + 1",
        "DELETE FROM govern.record",
        "TRUNCATE govern.record",
        "UPDATE govern.head SET ledger = 'other'",
        "DELETE FROM govern.head",
        "TRUNCATE govern.head",
        "UPDATE govern.adopted SET content = 'x'",
        "DELETE FROM govern.adopted",
        "TRUNCATE govern.adopted",
        "DROP TABLE govern.record",
        "ALTER TABLE govern.record DROP CONSTRAINT record_pkey",
        "CREATE TABLE govern.mine (x text)",
        "CREATE TRIGGER mine BEFORE INSERT ON govern.record FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE RULE mine AS ON INSERT TO govern.record DO INSTEAD NOTHING",
    ],
)
@pytest.mark.parametrize("role", [WRITER, READER])
def test_a_writer_changes_and_removes_nothing(ledgers: TeamServer, store: PostgresStore, statement: str, role: str) -> None:
    from psycopg.errors import InsufficientPrivilege

    add(store, 0, *LINES)
    with ledgers.connect(role) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(statement)

    assert store.read() == Contents(BARE)


@pytest.mark.parametrize("work", [lambda store: add(store, 0, LINES[0]), lambda store: store.keep({"a": b""})])
def test_a_reader_adds_nothing(ledgers: TeamServer, work: Callable[[PostgresStore], object]) -> None:
    with opened(ledgers.address(READER)) as store:
        status, code, message = refused(lambda: work(store))

    assert (status, code) == (Exit.UNJUDGED, "LEDGER_IO")
    assert message.startswith("permission denied for table")


@pytest.mark.parametrize("name", ["", "Writer", "a b", "a;drop", 'a"b', "a" * 64, "1a"])
def test_roles_have_plain_names(name: str) -> None:
    with pytest.raises(ValueError, match="is no plain name of a role"):
        sql.provision("reader", name)
    with pytest.raises(ValueError, match="cannot be the role of readers and of writers"):
        sql.provision("same", "same")


def test_the_documentation_lists_the_statements() -> None:
    text = (Path(__file__).parents[2] / "docs" / "teams.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([A-Z].*)` \| (.*) \|$", text, re.MULTILINE)

    assert listed == [(sql.numbered(statement), purpose) for statement, purpose in sql.STATEMENTS]


def test_no_other_statement_is_sent_than_those_listed_and_every_append_is_durable() -> None:
    with team_server() as server, opened(server.address(), "one") as store, opened(server.address(), "one") as other:
        assert not store.exists()
        store.keep({"a": b"text"})
        add(store, 0, *LINES[:3])
        other.read()
        add(other, 3, LINES[3])
        with pytest.raises(HeadMovedError):
            add(store, 3, LINES[4])
        store.read()
        every_head(store._server)
        store.text("a")
        with pytest.raises(GovernError):
            add(store, 4, LINES[0])
        # What settles an append whose acknowledgement was lost.
        assert store._server.ask(lambda connection: store._is_there(connection, [BARE[0]]))
        said = server.said(WRITER)

    assert set(said) == {sql.numbered(statement) for statement, _ in sql.STATEMENTS}
    assert sql.BEGIN.endswith("; SET LOCAL synchronous_commit TO on")
    assert said.count(sql.BEGIN) == 4


def test_a_standby_is_named_and_not_believed() -> None:
    with team_server() as server:
        with opened(server.address(), "one") as store:
            add(store, 0, *LINES[:2])
        standby = TeamServer(server.installation, server.folder, {"port": "5433"})
        standby.data = server.folder / "standby"
        standby.run("pg_basebackup", "-h", str(server.sockets), "-U", OWNER, "-D", str(standby.data), "-R", "-c", "fast")
        try:
            standby.start()
            with opened(standby.address(), "one") as behind:
                found = refused(behind.read)
            with opened(
                f"postgresql:///ledgers?host={server.sockets},{server.sockets}&port=5433,5432&user={WRITER}&target_session_attrs=primary", "one"
            ) as both:
                assert both.read() == Contents(BARE[:2])
        finally:
            standby.stop(at_once=True)

    assert found == (Exit.UNJUDGED, "LEDGER_REPLICA", "the server is a standby: what it has may be behind what is on record")
