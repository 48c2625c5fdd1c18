"""The state of a database: what it depends on, what it does not, and who may read it."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection
from psycopg.pq import TransactionStatus

from govern.problems import GovernError
from govern.rehearsal.postgresql import rules
from govern.rehearsal.postgresql.catalogs import COLUMNS, Column, definitions_query
from govern.rehearsal.postgresql.components import read_state
from govern.rehearsal.postgresql.listings import COMPONENTS
from govern.rehearsal.postgresql.pinned import copied, pinned
from govern.rehearsal.postgresql.server import SUPERUSER, Server
from govern.rehearsal.postgresql.tables import digest_rows, read_tables
from govern.rehearsal.states import State

Session = Connection[tuple[Any, ...]]

TABLE = "CREATE TABLE t (id int PRIMARY KEY, a text, b text)"
# What only later or only earlier versions have; every other name in the rules must be a column of the server.
OF_SOME_VERSIONS = {"pg_attribute.attcacheoff", "pg_class.relallfrozen", "pg_database.dathasloginevt", "pg_database.datlastsysoid"}
# The same rows have the same digest on every version.
GOLDEN = "61fc41c61e3bade54e3d24ecfd751a0cdadbfcd31ed49a97eb955ae2ab59bab6"
VARIED = """
CREATE TABLE varied (k uuid PRIMARY KEY, b bytea, d date, f float8, i interval, j jsonb, n numeric, p point, r int4range, s text[], t timestamptz, m money, x "char");
INSERT INTO varied VALUES
  ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '\\x00ff', 'infinity', 'NaN', '1 mon -2 days', '{"b": 1.50, "a": null}', 1.10, '(0.1,-0)', '[1,5)', '{a,NULL,"NULL"}', '2026-01-01 12:00+02', 1.5, 'y'),
  ('00000000-0000-0000-0000-000000000000', NULL, '0044-03-15 BC', 0.1, '1 day', '[]', 'Infinity', NULL, 'empty', '[2:3]={x,y}', '-infinity', NULL, NULL);
"""


@contextmanager
def plain_session(cluster: Server, database: Session) -> Iterator[tuple[Session, str]]:
    """A session that is nothing but allowed to become a role that may read, and that role's name."""
    reader, plain = f"reader_{secrets.token_hex(4)}", f"plain_{secrets.token_hex(4)}"
    cluster.passwords[plain] = secrets.token_hex(16)
    database.execute(
        f"CREATE ROLE {reader} NOLOGIN BYPASSRLS IN ROLE pg_read_all_data; CREATE ROLE {plain} LOGIN PASSWORD '{cluster.passwords[plain]}' IN ROLE {reader}"
    )
    session = cluster.connect(plain, database.info.dbname)
    try:
        yield session, reader
    finally:
        session.close()
        for role in (plain, reader):
            database.execute(f"DROP OWNED BY {role} CASCADE; DROP ROLE {role}")


def changed(before: State, after: State) -> set[str]:
    return {name for name in before.components.keys() | after.components.keys() if before.components.get(name) != after.components.get(name)}


def digests_of_tables(database: Session) -> list[str]:
    with pinned(database):
        return [digest_rows(database, table)[0] for table in read_tables(database)]


def test_a_state_has_every_component_and_the_rows_of_each_table(database: Session) -> None:
    database.execute(TABLE + "; INSERT INTO t VALUES (1, 'a', NULL), (2, 'b', NULL)")
    state = read_state(database)
    assert set(state.components) == {*COMPONENTS, "table public.t"}
    assert state.rows == {"public.t": 2}


def test_no_digest_is_that_of_nothing(database: Session) -> None:
    database.execute("CREATE TABLE empty (a int); CREATE TABLE bare ()")
    assert hashlib.sha256(b"").hexdigest() not in read_state(database).components.values()


def test_an_open_transaction_is_read_with_its_own_changes_and_what_it_did_is_gone_after_the_rollback(database: Session) -> None:
    database.execute(TABLE + "; INSERT INTO t VALUES (1, 'a', NULL)")
    before = read_state(database)
    database.execute("BEGIN; INSERT INTO t VALUES (2, 'b', NULL); CREATE INDEX i ON t (a); SELECT lo_create(4711)")
    assert changed(before, read_state(database)) == {"schema", "table public.t", "large objects"}
    database.execute("ROLLBACK")
    assert read_state(database) == before


def test_a_session_without_privileges_reads_what_a_superuser_reads(cluster: Server, database: Session) -> None:
    database.execute(
        TABLE
        + """; INSERT INTO t VALUES (1, 'a', 'b'); CREATE ROLE other_owner;
        CREATE SCHEMA hidden; CREATE TABLE hidden.t (a int, b text); INSERT INTO hidden.t VALUES (1, 'x'); ALTER TABLE hidden.t OWNER TO other_owner;
        ALTER TABLE hidden.t ENABLE ROW LEVEL SECURITY; ALTER TABLE hidden.t FORCE ROW LEVEL SECURITY; CREATE POLICY nothing ON hidden.t USING (false);
        CREATE SEQUENCE hidden.s; ALTER SEQUENCE hidden.s OWNER TO other_owner; SELECT nextval('hidden.s'); SELECT lo_from_bytea(4712, 'large');
        CREATE MATERIALIZED VIEW hidden.mv AS SELECT 1 AS one; REVOKE ALL ON SCHEMA public FROM PUBLIC;
        CREATE FOREIGN DATA WRAPPER w; CREATE SERVER w FOREIGN DATA WRAPPER w; CREATE USER MAPPING FOR other_owner SERVER w OPTIONS (password 'p');
        CREATE SUBSCRIPTION sub CONNECTION 'password=p' PUBLICATION p WITH (connect = false, slot_name = NONE, enabled = false, create_slot = false);
        """
    )
    try:
        with plain_session(cluster, database) as (session, reader):
            whole = read_state(database)
            assert read_state(session, reader=reader) == whole
            session.execute("BEGIN")
            assert read_state(session, reader=reader) == whole
            session.execute("ROLLBACK")
    finally:
        database.execute("DROP SUBSCRIPTION sub; DROP OWNED BY other_owner CASCADE; DROP ROLE other_owner")


def test_what_cannot_be_read_is_no_state(cluster: Server, database: Session) -> None:
    with plain_session(cluster, database) as (session, reader):
        database.execute(f"REVOKE pg_read_all_data FROM {reader}")
        with pytest.raises(GovernError, match="cannot be read: ERROR:  permission denied for table pg_authid"):
            read_state(session, reader=reader)
        assert session.info.transaction_status is TransactionStatus.IDLE


def test_a_session_that_may_not_become_the_reader_reads_nothing(cluster: Server, database: Session) -> None:
    with (
        plain_session(cluster, database) as (session, _reader),
        pytest.raises(GovernError, match='role "govern_nobody" does not exist'),
    ):
        read_state(session, reader="govern_nobody")


def test_row_security_is_never_a_part_of_the_rows(cluster: Server, database: Session) -> None:
    database.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1); ALTER TABLE t ENABLE ROW LEVEL SECURITY")
    with plain_session(cluster, database) as (session, reader):
        database.execute(f"ALTER ROLE {reader} NOBYPASSRLS")
        with pytest.raises(GovernError, match='query would be affected by row-level security policy for table "t"'):
            read_state(session, reader=reader)


def test_a_transaction_that_failed_is_not_read(database: Session) -> None:
    database.execute("BEGIN")
    with pytest.raises(psycopg.errors.DivisionByZero):
        database.execute("SELECT 1 / 0")
    with pytest.raises(GovernError, match="the session is in no state to be read: INERROR"):
        read_state(database)


def test_reading_leaves_the_session_as_it_was(cluster: Server, database: Session) -> None:
    shown = "SELECT name, setting FROM pg_catalog.pg_settings WHERE name NOT IN ('transaction_deferrable') UNION ALL SELECT 'role', current_user::text ORDER BY 1, 2"
    with plain_session(cluster, database) as (session, reader):
        session.execute(
            "SET DateStyle = 'German'; SET TimeZone = 'Asia/Kolkata'; SET search_path = pg_temp; SET client_encoding = 'LATIN1'; SET work_mem = '1MB'"
        )
        for begin, end in (("SELECT", "SELECT"), ("BEGIN", "COMMIT")):
            session.execute(begin)
            before = session.execute(shown).fetchall()
            read_state(session, reader=reader)
            assert session.execute(shown).fetchall() == before
            session.execute("CREATE TEMPORARY TABLE IF NOT EXISTS writable (a int)")
            session.execute(end)


def test_nothing_that_a_script_sets_or_shadows_changes_what_is_read(cluster: Server, database: Session) -> None:
    database.execute(VARIED + "CREATE VIEW v AS SELECT k FROM varied WHERE d = NULL")
    with plain_session(cluster, database) as (session, reader):
        before = read_state(session, reader=reader)
        session.execute(
            "BEGIN; SET DateStyle = 'SQL, DMY'; SET IntervalStyle = iso_8601; SET TimeZone = 'Asia/Kolkata'; SET extra_float_digits = -15; SET bytea_output = escape;"
            "SET quote_all_identifiers = on; SET standard_conforming_strings = off; SET client_encoding = 'LATIN1'; SET transform_null_equals = on;"
            "SET row_security = off; SET search_path = pg_temp, public; SET lc_monetary = 'POSIX'; SET xmlbinary = hex;"
            "CREATE TEMPORARY TABLE pg_class (oid int, relname text); CREATE DOMAIN pg_temp.text AS int; CREATE TEMPORARY TABLE regclass (a int)"
        )
        assert read_state(session, reader=reader) == before


def test_temporary_tables_are_no_part_of_a_state(database: Session) -> None:
    before = read_state(database)
    database.execute("CREATE TEMPORARY TABLE t (id serial PRIMARY KEY, v text UNIQUE CHECK (v <> '')); COMMENT ON TABLE t IS 'temporary'")
    assert read_state(database) == before


def test_the_order_in_which_rows_are_stored_makes_no_difference(database: Session) -> None:
    for name, order in (("one", "ASC"), ("two", "DESC")):
        database.execute(
            f"CREATE SCHEMA {name}; CREATE TABLE {name}.keyed (id int PRIMARY KEY, v text); CREATE TABLE {name}.bag (id int, v text);"
            f"INSERT INTO {name}.keyed SELECT n, 'v' || n FROM generate_series(-50, 50) n ORDER BY n {order};"
            f"INSERT INTO {name}.bag SELECT n % 7, NULL FROM generate_series(1, 100) n ORDER BY n {order}"
        )
    components = read_state(database).components
    assert components["table one.keyed"] == components["table two.keyed"]
    assert components["table one.bag"] == components["table two.bag"]


def test_the_order_of_columns_belongs_to_the_schema_and_not_to_the_rows(database: Session) -> None:
    database.execute("CREATE TABLE t (id int PRIMARY KEY, a text, b text); INSERT INTO t VALUES (1, 'a', 'b')")
    before = read_state(database)
    database.execute("ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD COLUMN a text; UPDATE t SET a = 'a'")
    assert changed(before, read_state(database)) == {"schema"}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param("(1, 'a', 'b'), (2, 'c', 'd')", "(1, 'c', 'b'), (2, 'a', 'd')", id="values swapped between rows"),
        pytest.param("(1, 'a', 'b')", "(1, 'b', 'a')", id="values swapped between columns"),
        pytest.param("(1, E'a\\tb', 'c')", "(1, 'a', E'b\\tc')", id="a delimiter moved between columns"),
        pytest.param("(1, E'a\\n2\\tb', 'c')", "(1, 'a', NULL), (2, 'b', 'c')", id="a row inside a value"),
        pytest.param("(1, NULL, 'a')", "(1, E'\\\\N', 'a')", id="NULL and its spelling"),
        pytest.param("(1, '', 'a')", "(1, NULL, 'a')", id="empty and NULL"),
        pytest.param("(1, E'\\\\t', 'a')", "(1, E'\\t', 'a')", id="a tab and its spelling"),
        pytest.param("(1, 'a', 'b'), (2, 'a', 'b')", "(1, 'x', 'y'), (2, 'x', 'y')", id="what cancels out in an XOR of rows"),
        pytest.param("(1, 'a ', 'b')", "(1, 'a', ' b')", id="a blank moved"),
        pytest.param("(1, 'a', 'b')", "(1, 'A', 'b')", id="case"),
    ],
)
@pytest.mark.parametrize("table", ["CREATE TABLE t (id int PRIMARY KEY, a text, b text)", "CREATE TABLE t (id int, a text, b text)"], ids=["key", "no key"])
def test_no_two_contents_have_one_digest(database: Session, table: str, one: str, two: str) -> None:
    found = []
    for rows in (one, two):
        database.execute(f"DROP TABLE IF EXISTS t; {table}; INSERT INTO t VALUES {rows}")
        found += digests_of_tables(database)
    assert len(set(found)) == 2


values = st.one_of(
    st.none(), st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=4), st.sampled_from(["\t", "\n", "\\N", "\\", "(,)", '"', ""])
)
rows = st.lists(st.tuples(values, values), max_size=4)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows, rows)
def test_digests_are_equal_exactly_when_the_rows_are(database: Session, one: list[tuple[Any, Any]], two: list[tuple[Any, Any]]) -> None:
    database.execute("DROP TABLE IF EXISTS one, two; CREATE TABLE one (a text, b text); CREATE TABLE two (a text, b text)")
    with database.cursor() as cursor:
        cursor.executemany("INSERT INTO one VALUES (%s, %s)", one)
        cursor.executemany("INSERT INTO two VALUES (%s, %s)", two)
    first, second = digests_of_tables(database)
    assert (first == second) == (sorted(map(repr, one)) == sorted(map(repr, two)))


def test_the_same_rows_have_the_same_digest_on_every_version(database: Session) -> None:
    database.execute(VARIED)
    assert read_state(database).components["table public.varied"] == GOLDEN


def test_a_key_that_was_never_validated_does_not_order_rows(cluster: Server, database: Session) -> None:
    if cluster.installation.major < 18:
        pytest.skip("does not apply: NOT NULL can be left unvalidated since PostgreSQL 18")
    database.execute("CREATE TABLE t (a int UNIQUE, b int); INSERT INTO t VALUES (NULL, 1), (NULL, 2); ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID")
    before = read_state(database)
    database.execute(
        "BEGIN; CREATE TABLE kept AS TABLE t; ALTER TABLE t DROP CONSTRAINT n; DELETE FROM t; INSERT INTO t SELECT * FROM kept ORDER BY b DESC; DROP TABLE kept; ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID; COMMIT"
    )
    assert read_state(database) == before


def test_a_virtual_column_is_defined_and_holds_nothing(cluster: Server, database: Session) -> None:
    if cluster.installation.major < 18:
        pytest.skip("does not apply: columns are virtual since PostgreSQL 18")
    database.execute("CREATE TABLE t (id int PRIMARY KEY, v int GENERATED ALWAYS AS (1 / id) VIRTUAL); INSERT INTO t VALUES (0)")
    assert read_state(database).rows == {"public.t": 1}


def test_the_passwords_of_the_rehearsals_own_roles_do_not_count(database: Session) -> None:
    database.execute("CREATE ROLE govern_corpus PASSWORD 'one'; CREATE ROLE plain_corpus PASSWORD 'one'")
    try:
        before = read_state(database)
        database.execute("ALTER ROLE govern_corpus PASSWORD 'two'")
        assert read_state(database) == before
        database.execute("ALTER ROLE plain_corpus PASSWORD 'two'")
        assert changed(before, read_state(database)) == {"globals"}
    finally:
        database.execute("DROP ROLE govern_corpus; DROP ROLE plain_corpus")


def test_a_database_that_is_not_unicode_is_read_in_its_own_encoding(cluster: Server) -> None:
    with cluster.connect(SUPERUSER, "postgres") as maintenance:
        maintenance.execute("CREATE DATABASE bytes_only TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
        try:
            with cluster.connect(SUPERUSER, "bytes_only") as connection:
                connection.execute("SET client_encoding = 'SQL_ASCII'")
                connection.execute("CREATE TABLE t (a bytea, v text)")
                before = read_state(connection)
                connection.pgconn.exec_(b"INSERT INTO t VALUES ('', '\xff\xfe')")
                assert changed(before, read_state(connection)) == {"table public.t"}
        finally:
            maintenance.execute("DROP DATABASE bytes_only WITH (FORCE)")


def test_every_column_in_the_rules_is_one_of_the_catalogs(database: Session) -> None:
    columns = {f"{row[0]}.{row[1]}" for row in database.execute(COLUMNS)}
    listed = {f"{catalog}.{name}" for mapping in (rules.LEFT_OUT, rules.SETS) for catalog, names in mapping.items() for name in names.split()}
    named = listed | rules.EXPRESSIONS.keys() | rules.DEFAULT_PRIVILEGES.keys()
    assert named - columns <= OF_SOME_VERSIONS


def test_every_catalog_of_the_server_is_a_part_of_a_state_or_left_out_by_name(database: Session) -> None:
    catalogs = {row[0] for row in database.execute(COLUMNS)}
    assert catalogs <= rules.SCHEMA.keys() | rules.GLOBALS.keys() | rules.IGNORED


def test_a_catalog_of_a_later_version_counts_before_it_has_a_rule() -> None:
    later = [Column("pg_later", "oid", "oid", None, many=False), Column("pg_later", "latowner", "oid", "pg_authid", many=False)]
    query = definitions_query("schema", later)
    assert "SELECT 'pg_later', 'pg_later', ROW(r.latowner::regrole::text)::text FROM pg_catalog.pg_later r WHERE true AND r.oid >= 16384" in query


def test_a_comment_is_never_taken_for_that_of_a_table_with_the_same_number() -> None:
    described = [Column("pg_description", name, "oid", None, many=False) for name in ("objoid", "classoid")]
    query = definitions_query("schema", described)
    assert "NOT (r.classoid = 'pg_class'::regclass AND r.objoid IN (SELECT oid FROM hidden))" in query


def test_a_reading_that_is_left_early_leaves_the_session_usable(database: Session) -> None:
    with pinned(database):
        lines = copied(database, b"SELECT generate_series(1, 100000)")
        assert next(lines) == b"1\n"
        lines.close()  # type: ignore[attr-defined]  # it is a generator
    assert database.execute("SELECT 1").fetchone() == (1,)


def test_an_error_in_the_middle_of_the_rows_is_no_state(database: Session) -> None:
    with pinned(database), pytest.raises(GovernError, match="ERROR:  division by zero"):
        list(copied(database, b"SELECT 1 / (500 - i) FROM generate_series(1, 1000) i"))
