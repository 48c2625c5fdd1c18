"""What is worked out from the pages that were written is what reading every row gives, whatever was written."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from govern.problems import GovernError
from govern.rehearsal.postgresql import splicing
from govern.rehearsal.postgresql.change import begin, run_within
from govern.rehearsal.postgresql.clone import DATABASE, SAFE, PostgresClone
from govern.rehearsal.postgresql.localise import differences
from govern.rehearsal.postgresql.pages import USUALLY, Worth, rows_on
from govern.rehearsal.postgresql.pinned import Session, pinned, run
from govern.rehearsal.postgresql.roles import READER, SESSION
from govern.rehearsal.postgresql.session import PINNED
from govern.rehearsal.postgresql.stored import Kept
from govern.rehearsal.postgresql.tables import Table, digest_rows, lines_of, read_tables
from support.postgresql import KINDS, PLAIN, cloned

# Keys of numbers, of text, of both; rows that fill a page, values that are stored elsewhere; no key, one of another type; names as a query has them.
DUMP = r"""--
-- PostgreSQL database dump
--
CREATE TABLE public.numbered (id bigint PRIMARY KEY, v text, w numeric);
INSERT INTO public.numbered SELECT 2 * i, 'v' || i, i / 3.0 FROM generate_series(-700, 700) i;
CREATE TABLE public.named (size smallint, name text, v bytea, PRIMARY KEY (name, size));
INSERT INTO public.named SELECT i % 3, CASE i % 7 WHEN 0 THEN E'\\' WHEN 1 THEN E'\t' WHEN 2 THEN E'\n' WHEN 3 THEN 'ü' WHEN 4 THEN E'\x7f' WHEN 5 THEN 'Z' ELSE '' END || i, '\x00ff'
  FROM generate_series(1, 700) i;
CREATE TABLE public.wide (a text, id integer PRIMARY KEY);
ALTER TABLE public.wide ALTER COLUMN a SET STORAGE PLAIN;
INSERT INTO public.wide SELECT repeat('x', 3000), i FROM generate_series(1, 30) i;
CREATE TABLE public.apart (id integer PRIMARY KEY, a text);
ALTER TABLE public.apart ALTER COLUMN a SET STORAGE EXTERNAL;
INSERT INTO public.apart SELECT i, repeat('y', 3000) FROM generate_series(1, 300) i;
CREATE TABLE public.keyless (a integer, b text);
INSERT INTO public.keyless SELECT i / 2, NULL FROM generate_series(1, 700) i;
CREATE TABLE public.dated (at date PRIMARY KEY, a integer);
INSERT INTO public.dated SELECT '2026-01-01'::date + i, i FROM generate_series(1, 700) i;
CREATE TABLE public.govern_rows (govern_rows integer PRIMARY KEY, govern_runs text, govern_found text, first_at text, end_at text);
INSERT INTO public.govern_rows SELECT i, 'a', 'b', 'c', 'd' FROM generate_series(1, 700) i;
CREATE TABLE public.none (id integer PRIMARY KEY);
CREATE TABLE public.bare ();
--
-- PostgreSQL database dump complete
--

"""
# Long values that were written once stay in the files, and with them `apart` is read whole.
SPLICED = {f"table public.{name}" for name in ("numbered", "named", "wide", "govern_rows", "none")}
EVERY = Worth(least=0, share=1.0)

_texts = st.one_of(st.text("\\\t\n\r\v\b\fNüé中'Zz\x7f", max_size=4), st.sampled_from(["\\N", "\\.", ""]))
_keys = {
    "numbered": st.integers(-1500, 1500).map(str),
    "named": st.tuples(_texts, st.integers(0, 3)).map(lambda key: f"{_quoted(key[0])}, {key[1]}"),
    "wide": st.integers(-3, 40).map(str),
    "apart": st.integers(-3, 310).map(str),
    "govern_rows": st.integers(-3, 710).map(str),
    "none": st.integers(-3, 10).map(str),
}
_key_columns = {"numbered": "id", "named": "name, size", "wide": "id", "apart": "id", "govern_rows": "govern_rows", "none": "id"}
_texts_of = {"numbered": "v", "wide": "a", "keyless": "b", "govern_rows": "first_at"}
_some = st.sampled_from(["hashtext(t::text) % 2 = 0", "hashtext(t::text) % 50 = 0", "ctid < '(1,0)'", "ctid = '(0,3)'", "ctid > '(3,0)'", "true"])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _insert(table: str) -> st.SearchStrategy[str]:
    return _keys[table].map(lambda key: f"INSERT INTO {table} ({_key_columns[table]}) VALUES ({key}) ON CONFLICT DO NOTHING;")


def _update(table: str) -> st.SearchStrategy[str]:
    column = _texts_of[table]
    # As it was: other pages, and the same rows.
    values = st.one_of(_texts.map(_quoted), st.sampled_from([column, "NULL", "repeat('w', 2500)", f"{column} || ''"]))
    return st.tuples(values, _some).map(lambda found: f"UPDATE {table} t SET {column} = {found[0]} WHERE {found[1]};")


_statements = st.one_of(
    st.sampled_from(sorted(_keys)).flatmap(_insert),
    st.sampled_from(sorted(_texts_of)).flatmap(_update),
    st.tuples(st.sampled_from([*_keys, "keyless", "dated"]), _some).map(lambda found: f"DELETE FROM {found[0]} t WHERE {found[1]};"),
    st.sampled_from(["id - 10000000", "id + 10000000"]).map(lambda moved: f"UPDATE numbered t SET id = {moved} WHERE id > 700 OR id % 90 = 7 AND id > 0;"),
    st.integers(300, 3000).map(lambda size: f"UPDATE apart SET a = repeat('z', {size}) WHERE id % 90 = 1;"),
    st.integers(1, 2000).map(lambda size: f"INSERT INTO numbered SELECT i FROM generate_series(1000, 1000 + {size}) i ON CONFLICT DO NOTHING;"),
    st.sampled_from(
        [
            "SAVEPOINT s; UPDATE wide SET id = id + 1000; ROLLBACK TO s;",
            "DELETE FROM named WHERE size = 1; INSERT INTO named SELECT 1, name || 'x' FROM named WHERE size = 2 ON CONFLICT DO NOTHING;",
            "SELECT * FROM numbered WHERE id > 600 FOR UPDATE;",
            "UPDATE dated SET at = at + 1000 WHERE a % 9 = 0;",
            "INSERT INTO keyless SELECT * FROM keyless WHERE a = 7;",
            "INSERT INTO bare DEFAULT VALUES;",
            "SET enable_tidscan = off; SET enable_seqscan = on;",
        ]
    ),
)
_others = st.sampled_from(
    [
        "",
        "TRUNCATE govern_rows;",
        "ALTER TABLE numbered ADD COLUMN more integer DEFAULT 3;",
        "ALTER TABLE named DROP CONSTRAINT named_pkey;",
        "ALTER TABLE wide RENAME COLUMN a TO z;",
        "ALTER TABLE wide ALTER COLUMN id TYPE bigint;",
        "ALTER TABLE apart RENAME TO other;",
    ]
)
_scripts = st.tuples(st.lists(_statements, min_size=1, max_size=4).map("\n".join), _others).map("\n".join)


@pytest.fixture(scope="module", params=KINDS)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresClone]:
    dump = tmp_path_factory.mktemp("pages") / "dump.sql"
    dump.write_text(DUMP, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch, cloned(request.param, dump, PLAIN) as clone:
        # So many pieces that most of what is written lies in some and not in others.
        patch.setattr(splicing, "_PIECE", 500)
        clone.snapshot()
        yield clone


@pytest.fixture
def clone(shared: PostgresClone) -> Iterator[PostgresClone]:
    """The clone as it was loaded: whatever a test leaves in it is taken back."""
    kept = _kept(shared)
    shared._kept = replace(kept, worth=EVERY)
    yield shared
    shared.restore()
    shared._kept = kept


@pytest.fixture
def before(clone: PostgresClone) -> Iterator[Session]:
    """A session on the snapshot."""
    clone.differences()
    assert clone._before is not None
    with clone._connected(SESSION, {**SAFE, "role": READER}, clone._before.with_rows_of(_kept(clone).tables.keys())) as connection:
        yield connection


def _kept(clone: PostgresClone) -> Kept:
    assert clone._kept is not None
    return clone._kept


@contextmanager
def _within(clone: PostgresClone, script: str) -> Iterator[Session]:
    """Run a script in a transaction, and give the session in it; it is taken back, and what it wrote of the files is not."""
    clone._touched()
    with clone._server.connect(SESSION, DATABASE, PINNED) as connection:
        run_within(connection, script.encode(), begin(connection))
        clone._flush()
        yield connection
        connection.pgconn.exec_(b"ROLLBACK")


def _known(clone: PostgresClone, connection: Session) -> dict[str, tuple[str, int]]:
    """Return what is known of tables; each of them is what reading it gives."""
    with pinned(connection, READER):
        tables = read_tables(connection)
        found = _kept(clone).within(clone._server.data).tables(connection, tables)
        assert {each.component: digest_rows(connection, each) for each in tables if each.component in found} == found
    return found


def _tables(connection: Session) -> list[Table]:
    with pinned(connection):
        return read_tables(connection)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=_scripts, earlier=st.one_of(st.just(""), st.just(""), _scripts))
@example(script="INSERT INTO numbered VALUES (101);", earlier="DELETE FROM numbered WHERE id > 1350;")
def test_digests_and_differences_in_a_transaction_are_those_of_reading_every_row(clone: PostgresClone, before: Session, script: str, earlier: str) -> None:
    if earlier:
        # Else as the example before left it: what was rolled back stays on its pages, and the rows that were kept are those of another time.
        clone.restore()
        shutil.rmtree(_kept(clone).lines, ignore_errors=True)
        with _within(clone, earlier) as connection:
            _known(clone, connection)
    with _within(clone, script) as connection:
        known = _known(clone, connection)
        tables = {each.component for each in _tables(connection)} | {*_kept(clone).tables}
        found = differences(before, connection, tables, _kept(clone).within(clone._server.data))
        assert found == differences(before, connection, tables)

    if not {"ALTER", "TRUNCATE"} & set(script.split()):
        assert known.keys() >= SPLICED, "a table of which only pages were written was read whole"


def test_digests_and_differences_after_a_commit_are_those_of_reading_every_row(clone: PostgresClone) -> None:
    for script in (
        b"DELETE FROM numbered WHERE id % 7 = 0; UPDATE named SET size = 7 WHERE size = 0;",
        b"INSERT INTO numbered VALUES (1); UPDATE wide SET a = '';",
    ):
        clone.run(script)
        clone._flush()
        with clone.reading() as connection:
            assert _known(clone, connection).keys() >= SPLICED
        told = clone.differences()
        clone._kept, clone._state = replace(_kept(clone), worth=USUALLY), None
        assert told == clone.differences()
        clone._kept = replace(_kept(clone), worth=EVERY)


def test_a_table_of_which_long_values_were_written_is_read_whole(clone: PostgresClone) -> None:
    clone.restore()
    with _within(clone, "DELETE FROM apart WHERE id = 7 AND a = '';") as connection:
        assert "table public.apart" in _known(clone, connection)
    with _within(clone, "INSERT INTO apart VALUES (1000, 'short');") as connection:
        assert "table public.apart" in _known(clone, connection)
    with _within(clone, "UPDATE apart SET a = a || 'longer' WHERE id = 7;") as connection:
        assert "table public.apart" not in _known(clone, connection)


def test_the_differences_of_a_few_pages_are_told_as_ever(clone: PostgresClone) -> None:
    clone.run(b"DELETE FROM numbered WHERE id = -1400; UPDATE named SET v = v; UPDATE numbered SET v = 'x' WHERE id IN (2, 4); INSERT INTO keyless VALUES (7);")

    assert [str(each) for each in clone.differences()] == [
        "table public.keyless: 1 row added",
        "table public.numbered: 1 row missing (-1400)",
        "table public.numbered: column v differs in 2 rows (2, 4)",
    ]


def test_the_snapshot_beside_has_the_rows_that_were_asked_for_and_finds_others_later(clone: PostgresClone) -> None:
    clone._forget_before()
    clone.run(b"DELETE FROM numbered WHERE id = 0; ALTER TABLE named ADD COLUMN more integer;")
    assert [str(each) for each in clone.differences() if each.component != "schema"] == [
        "table public.named: column more is defined otherwise",
        "table public.numbered: 1 row missing (0)",
    ]
    assert clone._before is not None
    with clone._connected(SESSION, {**SAFE, "role": READER}, clone._before.with_rows_of(())) as connection, pinned(connection):
        tables = {each.name: each for each in read_tables(connection)}
        assert digest_rows(connection, tables["named"])[1] == 700
        for lacking in ("wide", "apart"):
            with (
                pytest.raises(GovernError, match="could not open file"),
                clone._connected(SESSION, {**SAFE, "role": READER}, clone._before.with_rows_of(())) as other,
            ):
                digest_rows(other, tables[lacking])
    clone.run(b"DELETE FROM wide WHERE id = 7; UPDATE apart SET a = 'x' WHERE id = 9;")
    told = [str(each) for each in clone.differences()]
    assert told[-2:] == ["table public.numbered: 1 row missing (0)", "table public.wide: 1 row missing (7)"]
    assert "table public.apart: column a differs in 1 row (9)" in told


def test_rows_are_kept_by_whoever_reads_them_first_and_once(clone: PostgresClone) -> None:
    clone._kept = replace(_kept(clone), lines=_kept(clone).lines.with_name("once"))
    folder = clone._kept.lines
    with _within(clone, "DELETE FROM numbered WHERE id < 0;") as connection:
        _known(clone, connection)
    [index] = folder.glob("*/index")
    first = index.stat().st_mtime_ns
    with _within(clone, "UPDATE numbered SET v = 'x' WHERE id > 300;") as connection:
        _known(clone, connection)
    assert [index.stat().st_mtime_ns] == [each.stat().st_mtime_ns for each in folder.glob("*/index")] == [first]


def test_rows_that_were_not_kept_to_the_end_are_kept_anew(clone: PostgresClone) -> None:
    clone._kept = replace(_kept(clone), lines=_kept(clone).lines.with_name("anew"))
    folder = clone._kept.lines
    with _within(clone, "DELETE FROM numbered WHERE id < 0;") as connection:
        _known(clone, connection)
        [index] = folder.glob("*/index")
        index.unlink()
        index.with_name("lines").write_bytes(b"half a li")
        _known(clone, connection)
        assert index.exists()
        _known(clone, connection)


def test_rows_that_cannot_be_kept_are_refused(clone: PostgresClone, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    clone._kept = replace(_kept(clone), lines=tmp_path / "file" / "lines")
    with _within(clone, "DELETE FROM numbered WHERE id < 0;") as connection:
        with pytest.raises(Exception, match="rows could not be kept: Not a directory"):
            _known(clone, connection)
        clone._kept = replace(_kept(clone), worth=Worth())
        assert "table public.numbered" not in _known(clone, connection)


def test_pages_are_read_by_ranges_whatever_a_script_has_set(clone: PostgresClone) -> None:
    with _within(clone, "SET enable_tidscan = off;") as connection, pinned(connection, READER):
        table = next(each for each in read_tables(connection) if each.name == "numbered")
        source = rows_on(table, {0, 1, 3})
        plan = b"\n".join(line or b"" for [line] in run(connection, b"EXPLAIN SELECT * FROM " + source))
        rows = list(lines_of(connection, table, source))
        placed = run(connection, b"SELECT id FROM public.numbered WHERE (ctid::text::point)[0] IN (0, 1, 3) ORDER BY id")

    assert b"Tid Range Scan on numbered govern_rows" in plan
    assert [(line.split(b"\t")[0],) for line in rows] == placed
    assert rows[0] == b"-1400\tv-700\t-233.3333333333333333\n"
