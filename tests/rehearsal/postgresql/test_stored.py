"""A state of which only the tables with other files are read is the state that reading everything gives."""

from collections.abc import Iterator

import pytest

from govern.rehearsal.postgresql.change import begin, run_within
from govern.rehearsal.postgresql.clone import DATABASE, PostgresClone
from govern.rehearsal.postgresql.components import read_state
from govern.rehearsal.postgresql.listings import read_listing
from govern.rehearsal.postgresql.pinned import Session, pinned
from govern.rehearsal.postgresql.roles import READER, SESSION
from govern.rehearsal.postgresql.server import SUPERUSER
from govern.rehearsal.postgresql.session import PINNED
from govern.rehearsal.postgresql.stored import Unwritten
from govern.rehearsal.postgresql.tables import digest_rows, read_tables
from support.postgresql import KINDS, PLAIN, cloned

# Values that are stored elsewhere, text that a catalog decides, what may not survive a crash, and what no table stores.
DUMP = """--
-- PostgreSQL database dump
--
CREATE TYPE public.mood AS ENUM ('sad', 'glad');
CREATE TABLE public.people (id integer PRIMARY KEY, name text, photo text, weights numeric[]);
ALTER TABLE public.people ALTER COLUMN photo SET STORAGE EXTERNAL;
INSERT INTO public.people SELECT i, 'name ' || i, repeat(chr(64 + i), 5000), ARRAY[i, i + 0.5] FROM generate_series(1, 20) i;
CREATE TABLE public.feels (who integer, mood public.mood);
INSERT INTO public.feels VALUES (1, 'sad'), (2, 'glad');
CREATE TABLE public.names (what regclass);
INSERT INTO public.names VALUES ('public.people');
CREATE UNLOGGED TABLE public.fleeting (id integer PRIMARY KEY, what text);
INSERT INTO public.fleeting VALUES (1, 'x');
CREATE TABLE public.words (word text PRIMARY KEY, means jsonb, stored integer GENERATED ALWAYS AS (length(word)) STORED);
INSERT INTO public.words VALUES ('one', '{"a": 1}'), ('two', NULL);
CREATE TABLE public.empty (id integer);
CREATE TABLE public.parted (id integer, at date) PARTITION BY LIST (id);
CREATE TABLE public.part PARTITION OF public.parted FOR VALUES IN (1);
INSERT INTO public.parted VALUES (1, '2026-01-01');
CREATE MATERIALIZED VIEW public.counted AS SELECT count(*) FROM public.people;
CREATE MATERIALIZED VIEW public.unfilled AS SELECT 1 AS one WITH NO DATA;
--
-- PostgreSQL database dump complete
--

"""
# Of these, the files decide what they hold.
DECIDED = {"people", "words", "empty", "part", "counted", "unfilled"}
# What each script, and all before it, wrote of them: what is rolled back stays in the files.
CHANGES = {
    "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';": "",
    "UPDATE fleeting SET what = 'y';": "",
    "SELECT 1;": "",
    "ALTER TABLE people RENAME TO persons;": "people",
    "ALTER TABLE words ADD COLUMN more text DEFAULT 'the same for all';": "words",
    "ALTER TABLE words DROP COLUMN means;": "words",
    "ALTER TABLE words RENAME COLUMN means TO meant;": "words",
    "ALTER TABLE words DROP CONSTRAINT words_pkey;": "words",
    "ALTER TABLE people ALTER COLUMN name TYPE varchar(40);": "people",
    "DROP TABLE empty; CREATE TABLE empty (id integer); INSERT INTO empty VALUES (NULL);": "empty",
    "CREATE TABLE more AS SELECT * FROM people; DROP TABLE people CASCADE;": "people counted",
    "REFRESH MATERIALIZED VIEW unfilled;": "unfilled",
    "ALTER TABLE parted DETACH PARTITION part;": "part",
    "ALTER TABLE parted ADD COLUMN e mood;": "part",
    "UPDATE people SET photo = repeat('z', 5000) WHERE id = 3;": "people",
    "UPDATE words SET word = word;": "people words",
    "UPDATE parted SET at = at + 1;": "people words part",
    "SAVEPOINT s; DELETE FROM empty; INSERT INTO empty VALUES (1); ROLLBACK TO s; INSERT INTO feels VALUES (3, 'glad');": "people words part empty",
}


@pytest.fixture(scope="module", params=KINDS)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresClone]:
    dump = tmp_path_factory.mktemp("stored") / "dump.sql"
    dump.write_text(DUMP, encoding="utf-8")
    with cloned(request.param, dump, PLAIN) as clone:
        with clone.reading() as connection, pinned(connection):
            clone.know_definitions(read_listing(connection, "schema"))
        clone.snapshot()
        yield clone


@pytest.fixture
def clone(shared: PostgresClone) -> Iterator[PostgresClone]:
    """The clone as it was loaded: whatever a test leaves in it is taken back."""
    yield shared
    shared.restore()


def _known(clone: PostgresClone) -> Unwritten:
    known = clone._known()
    assert known is not None
    return known


def _demand_known_is_read(clone: PostgresClone, connection: Session, script: str) -> set[str]:
    """Return the tables that are known without reading; each of them is what reading it gives."""
    clone._flush()
    with pinned(connection, READER):
        tables = read_tables(connection)
        known = _known(clone).tables(connection, tables)
        assert {each.component: digest_rows(connection, each) for each in tables if each.component in known} == known, script
    return {name.removeprefix("table public.") for name in known}


def test_what_is_known_of_files_in_a_transaction_is_what_reading_all_rows_gives(clone: PostgresClone) -> None:
    clone._touched()
    with clone._server.connect(SESSION, DATABASE, PINNED) as connection:
        for script, written in CHANGES.items():
            run_within(connection, script.encode(), begin(connection))
            known = _demand_known_is_read(clone, connection, script)
            connection.pgconn.exec_(b"ROLLBACK")
            assert known == DECIDED - set(written.split()), script


def test_what_is_known_of_files_after_a_commit_is_what_reading_all_rows_gives(clone: PostgresClone) -> None:
    clone.run(b"DELETE FROM words WHERE word = 'one'; UPDATE people SET photo = photo || '' WHERE id = 4; UPDATE feels SET mood = 'glad';")
    with clone.reading() as connection:
        assert _demand_known_is_read(clone, connection, "as committed") == DECIDED - {"words", "people"}


def test_a_state_is_the_same_whether_tables_are_known_or_read(clone: PostgresClone) -> None:
    script = b"UPDATE words SET means = '{}'; ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';"
    before, tried = clone.state(), clone.try_out(script)
    assert tried.after.components == before.components
    clone.run(script)
    with clone.reading() as connection:
        whole = read_state(connection)
    assert clone.state().components == whole.components == tried.applied.components
    assert {name for name in whole.components if whole.components[name] != before.components[name]} == {"schema", "table public.feels", "table public.words"}


# The catalogs of built-in objects that each script, run by whoever may, writes to.
WRITTEN = {
    "SELECT 1;": set(),
    "ALTER TABLE people ADD COLUMN more text DEFAULT 'x';": {"pg_class"},
    "COMMENT ON SCHEMA public IS 'changed';": {"pg_description"},
    "GRANT CREATE ON SCHEMA public TO PUBLIC; ALTER TABLE words ADD UNIQUE (means);": {"pg_class", "pg_constraint"},
    "CREATE AGGREGATE summed (integer) (sfunc = int4pl, stype = integer);": None,
    "ALTER ROLE govern_looker RENAME TO other_looker;": None,
    "ALTER FUNCTION pg_catalog.int4pl(integer, integer) RENAME TO added;": None,
    "UPDATE pg_catalog.pg_operator SET oprcanhash = false WHERE oid = 96;": {"pg_operator"},
    "DELETE FROM pg_catalog.pg_conversion WHERE oid = (SELECT max(oid) FROM pg_catalog.pg_conversion WHERE oid < 16384);": {"pg_conversion"},
}


@pytest.mark.parametrize("script", WRITTEN)
def test_built_in_objects_are_known_where_no_file_of_theirs_or_of_their_names_was_written(clone: PostgresClone, script: str) -> None:
    settings = {**PINNED, "allow_system_table_mods": "on", "search_path": "public"}
    clone._touched()
    with clone._server.connect(SUPERUSER, DATABASE, settings) as connection:
        connection.execute(f"BEGIN; {script}".encode())
        clone._flush()
        with pinned(connection):
            known = _known(clone).built_in(connection)
            whole, with_known = read_listing(connection, "schema"), read_listing(connection, "schema", built_in=known)
        connection.execute("ROLLBACK")

    assert with_known == whole
    if (written := WRITTEN[script]) is None:
        assert known == {}
    else:
        assert {"pg_rewrite", "pg_proc", "pg_operator", "pg_description", "pg_class", "pg_conversion", "pg_constraint"} - known.keys() == written
