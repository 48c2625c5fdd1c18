"""A change script in a transaction: what it may do, what it must not, and what is left when it is rolled back."""

import pytest

from govern.problems import Exit, GovernError
from govern.rehearsal.postgresql.clone import PostgresClone
from govern.rehearsal.states import State

INSERT = b"INSERT INTO people (name) VALUES ('new');"


def moved(before: State, after: State) -> list[str]:
    return sorted(name for name in before.components.keys() | after.components.keys() if before.components.get(name) != after.components.get(name))


def refusal(clone: PostgresClone, script: bytes) -> tuple[str, str]:
    """The code and the words with which a script is refused, in both ways of running it alike."""
    with pytest.raises(GovernError) as raised:
        clone.try_out(script)
    assert raised.value.status is Exit.UNJUDGED
    (problem,) = raised.value.problems
    return problem.code, str(problem)


def test_a_change_is_seen_inside_its_transaction_and_gone_after_it_but_for_the_sequence(clone: PostgresClone) -> None:
    before = clone.state()

    tried = clone.try_out(INSERT)

    assert moved(before, tried.applied) == ["sequences", "table public.people"]
    assert tried.applied.rows["public.people"] == 4
    assert moved(before, tried.after) == ["sequences"]
    assert tried.transactions is not None
    assert tried.transactions[0] == tried.transactions[1]


def test_a_committed_change_stays_and_the_snapshot_takes_it_back_to_the_byte(clone: PostgresClone) -> None:
    before = clone.state()

    clone.run(INSERT + b"CREATE INDEX people_name ON people (name);")
    applied = clone.state()
    clone.restore()

    assert moved(before, applied) == ["schema", "sequences", "table public.people"]
    assert clone.state() == before
    assert before.stored is not None


def test_an_update_that_writes_what_was_there_is_no_change(clone: PostgresClone) -> None:
    before = clone.state()

    tried = clone.try_out(b"UPDATE people SET name = name;")
    clone.run(b"UPDATE people SET name = name;")

    assert moved(before, tried.applied) == []
    assert moved(before, clone.state()) == []


def test_a_sequence_that_was_set_is_the_residue_of_a_rollback(clone: PostgresClone) -> None:
    before = clone.state()

    tried = clone.try_out(b"SELECT setval('people_id_seq', 4711);")

    assert moved(before, tried.applied) == moved(before, tried.after) == ["sequences"]


def test_what_is_new_belongs_to_the_owner_of_what_was_loaded(clone: PostgresClone) -> None:
    clone.run(b"DO $$ BEGIN ASSERT current_user = 'registry' AND session_user = 'govern_session'; END $$; RESET ROLE; CREATE TABLE later ();")
    clone.run(b"DO $$ BEGIN ASSERT (SELECT tableowner FROM pg_tables WHERE tablename = 'later') = 'registry'; END $$;")


def test_rows_can_be_copied_in_by_a_script(clone: PostgresClone) -> None:
    tried = clone.try_out(
        b"COPY people (id, name) FROM STDIN;\n10\tten\n11\televen\n\\.\nCOPY people TO STDOUT;\nUPDATE people SET name = 'x' WHERE id = 10;\n"
    )

    assert tried.applied.rows["public.people"] == 5


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (b"COMMIT;", "CHANGE_COMMITS"),
        (b"END;", "CHANGE_COMMITS"),
        (INSERT + b"COMMIT; BEGIN;", "CHANGE_COMMITS"),
        (INSERT + b"COMMIT AND CHAIN;", "CHANGE_COMMITS"),
        (b"BEGIN;" + INSERT + b"COMMIT;", "CHANGE_COMMITS"),
        (b"ROLLBACK;" + INSERT, "CHANGE_ROLLS_BACK"),
        (b"ABORT;", "CHANGE_ROLLS_BACK"),
        (b"ROLLBACK AND CHAIN;", "CHANGE_ROLLS_BACK"),
        (INSERT + b"PREPARE TRANSACTION 'later';", "CHANGE_PREPARES"),
        (b"", "CHANGE_EMPTY"),
        (b"-- nothing\n/* ; */ ;;\n", "CHANGE_EMPTY"),
        (b"VACUUM people;", "CHANGE_FAILED"),
        (b"CREATE INDEX CONCURRENTLY i ON people (name);", "CHANGE_FAILED"),
        (b"CREATE DATABASE other;", "CHANGE_FAILED"),
        (b"DO $$ BEGIN COMMIT; END $$;", "CHANGE_FAILED"),
        (b"CREATE ROLE someone;", "CHANGE_FAILED"),
        (b"SELECT 1", "CHANGE_FAILED"),
        (b"SELECT 'open;", "CHANGE_FAILED"),
        (b"COPY people FROM STDIN;\n1\t2\n", "CHANGE_FAILED"),
        (b"SELECT 1; SELECT \0 2;", "CHANGE_FAILED"),
        (b"SET client_encoding = 'SJIS';", "CHANGE_FAILED"),
        (b"SELECT 1 \\gexec\n", "META_COMMAND"),
        (b"\\restrict abc\nSELECT 1;\n\\unrestrict abc\n", "META_COMMAND"),
        (b"\\! touch /tmp/reached\n", "META_COMMAND"),
        (b"PREPARE p AS SELECT 1;", "CHANGE_LEAVES"),
        (b"SELECT pg_advisory_lock(7);", "CHANGE_LEAVES"),
        (b"DECLARE c CURSOR WITH HOLD FOR SELECT 1;", "CHANGE_LEAVES"),
        (b"LISTEN somebody;", "CHANGE_LEAVES"),
    ],
)
def test_a_script_that_leaves_its_transaction_or_outlives_it_is_refused_for_its_own_reason(clone: PostgresClone, script: bytes, code: str) -> None:
    assert refusal(clone, script)[0] == code


@pytest.mark.parametrize(
    "script",
    [
        b"SELECT pg_advisory_xact_lock(7);",
        b"PREPARE p AS SELECT 1; EXECUTE p; DEALLOCATE p;",
        b"SAVEPOINT a; DELETE FROM visits; ROLLBACK TO SAVEPOINT a; RELEASE SAVEPOINT a;",
        b"SET search_path = ''; SET bytea_output = escape; SET datestyle = german; SET row_security = on; SET standard_conforming_strings = off;",
        b"SET statement_timeout = 1; SET ROLE govern_session;",
        b"CREATE TEMP TABLE pg_class (relname text); CREATE TEMP TABLE people ();",
    ],
)
def test_what_a_rollback_takes_with_it_is_no_residue(clone: PostgresClone, script: bytes) -> None:
    before = clone.state()

    tried = clone.try_out(script)

    assert moved(before, tried.applied) == moved(before, tried.after) == []


# What only a superuser, or a role with more than ownership, may do. The server refuses each; those that reach beyond the clone are named so.
PROBES = {
    "copy to program": (b"COPY people TO PROGRAM 'cat > /tmp/reached';", "CHANGE_REACHES"),
    "copy from program": (b"COPY people FROM PROGRAM 'id';", "CHANGE_REACHES"),
    "copy to file": (b"COPY people TO '/tmp/reached';", "CHANGE_REACHES"),
    "copy from file": (b"COPY people FROM '/etc/passwd';", "CHANGE_REACHES"),
    "read a file": (b"SELECT pg_read_file('/etc/passwd');", "CHANGE_REACHES"),
    "list a folder": (b"SELECT pg_ls_dir('/');", "CHANGE_REACHES"),
    "import a large object": (b"SELECT lo_import('/etc/passwd');", "CHANGE_REACHES"),
    "export a large object": (b"SELECT lo_export(lo_create(0), '/tmp/reached');", "CHANGE_REACHES"),
    "dblink": (b"CREATE EXTENSION dblink;", "CHANGE_REACHES"),
    "postgres_fdw": (b"CREATE EXTENSION postgres_fdw;", "CHANGE_REACHES"),
    "foreign data wrapper": (b"CREATE FOREIGN DATA WRAPPER w;", "CHANGE_REACHES"),
    "physical slot": (b"SELECT pg_create_physical_replication_slot('s');", "CHANGE_REACHES"),
    "logical slot": (b"SELECT pg_create_logical_replication_slot('s', 'pgoutput');", "CHANGE_REACHES"),
    "subscription": (b"CREATE SUBSCRIPTION s CONNECTION 'host=/tmp' PUBLICATION p WITH (connect = false);", "CHANGE_REACHES"),
    "become another user": (b"SET SESSION AUTHORIZATION govern_superuser;", "CHANGE_FAILED"),
    "take the superuser's role": (b"SET ROLE govern_superuser;", "CHANGE_FAILED"),
    "make a superuser": (b"ALTER ROLE govern_session SUPERUSER;", "CHANGE_FAILED"),
    "grant a server's privileges": (b"GRANT pg_execute_server_program TO registry;", "CHANGE_FAILED"),
    "c function": (b"CREATE FUNCTION f() RETURNS int LANGUAGE c AS '/tmp/f', 'f';", "CHANGE_FAILED"),
    "internal function": (b"CREATE FUNCTION f() RETURNS int LANGUAGE internal AS 'f';", "CHANGE_FAILED"),
    "write a catalog": (b"UPDATE pg_authid SET rolsuper = true;", "CHANGE_FAILED"),
    "switch triggers off": (b"SET session_replication_role = replica;", "CHANGE_FAILED"),
    "event trigger": (b"CREATE EVENT TRIGGER e ON sql_drop EXECUTE FUNCTION f();", "CHANGE_FAILED"),
    "tablespace": (b"CREATE TABLESPACE t LOCATION '/tmp';", "CHANGE_FAILED"),
    "the server's settings": (b"ALTER SYSTEM SET fsync = on;", "CHANGE_FAILED"),
    "reload the server": (b"SELECT pg_reload_conf();", "CHANGE_FAILED"),
    "another log": (b"SELECT pg_switch_wal();", "CHANGE_FAILED"),
    "what the log shows": (b"SET log_statement = 'all';", "CHANGE_FAILED"),
    "load a library of one's own": (b"LOAD '/tmp/evil';", "CHANGE_REACHES"),
}


@pytest.mark.parametrize("name", PROBES)
def test_what_takes_a_superuser_is_refused_by_the_server(toy_clone: PostgresClone, name: str) -> None:
    script, code = PROBES[name]

    found, told = refusal(toy_clone, script)

    assert found == code, told


def test_after_everything_that_was_refused_the_clone_is_as_it_was(clone: PostgresClone) -> None:
    before = clone.state()

    for script, _code in PROBES.values():
        refusal(clone, script)

    assert moved(before, clone.state()) == []


def test_a_fault_names_the_line_and_not_the_value(clone: PostgresClone) -> None:
    code, told = refusal(clone, b"SELECT 1;\n-- two\nSELECT\n  'my secret'::integer;\n")

    assert code == "CHANGE_FAILED"
    assert told == 'script:4:1: the script failed: invalid input syntax for type integer: "…"'


def test_a_row_that_cannot_be_copied_is_named_by_line_and_column(clone: PostgresClone) -> None:
    _code, told = refusal(clone, b"\nCOPY people (id, born)\nFROM STDIN;\n7\t2000-01-01\n8\tmy secret\n\\.\n")

    assert told == 'script:5:1: the script failed: invalid input syntax for type date: "…" (column born)'


def test_a_duplicate_key_is_told_without_the_key(clone: PostgresClone) -> None:
    _code, told = refusal(clone, b"INSERT INTO people (id) VALUES (1);")

    assert told == 'script:1:1: the script failed: duplicate key value violates unique constraint "people_pkey"'


def test_a_constraint_that_fails_at_the_end_fails_the_commit(clone: PostgresClone) -> None:
    script = b"ALTER TABLE visits ALTER CONSTRAINT visits_person_fkey DEFERRABLE INITIALLY DEFERRED; INSERT INTO visits VALUES (99);"

    with pytest.raises(GovernError, match=r"^the script could not be committed: insert or update on table .* violates foreign key constraint"):
        clone.run(script)


def test_what_a_committed_script_leaves_in_its_session_is_refused_too(clone: PostgresClone) -> None:
    with pytest.raises(GovernError, match="the script leaves a session's advisory lock and a channel that it listens to behind"):
        clone.run(b"DO $$ BEGIN PERFORM pg_advisory_lock(1); EXECUTE 'LISTEN x'; END $$;")
