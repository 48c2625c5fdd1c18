"""The clone: copied and put back whole, compared with what was kept, falsified to see that it is noticed."""

import gzip
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from psycopg import Connection

from govern.problems import GovernError
from govern.rehearsal.postgresql.clone import PostgresClone
from govern.rehearsal.postgresql.server import SUPERUSER
from govern.rehearsal.states import State, Tried
from support.dumps import DUMPS, needs_dumps
from support.postgresql import KINDS, PLAIN, TOY, cloned, installation_of

CUSTOM = {"format": "postgresql-custom", "compression": "none"}


def test_a_clone_says_what_it_is_and_where_it_was_connected_to(clone: PostgresClone) -> None:
    clone.state()
    engine = clone.engine

    assert engine.name == "postgresql"
    assert engine.version.split()[0] in {installation_of(kind).version for kind in KINDS}
    assert len(engine.binary_sha256) == 64
    assert {name: engine.settings[name] for name in ("TimeZone", "bytea_output", "fsync", "listen_addresses", "search_path") if name in engine.settings} == {
        "bytea_output": "hex",
        "fsync": "off",
        "listen_addresses": "",
        "search_path": '"$user", public',
    }
    assert engine.settings["timezone"] == "UTC"
    assert engine.settings["synchronize_seqscans"] == "off"
    assert all(each.startswith("postgresql:///clone?host=/") and "password" not in each for each in clone.connections)
    assert any("user=govern_session" in each for each in clone.connections)


def test_a_row_that_was_falsified_is_found_and_localised(clone: PostgresClone) -> None:
    before = clone.state()

    told = clone.sabotage()
    after = clone.state()
    found = clone.differences()

    assert told == "one row of table public.people was deleted"
    assert after.components["table public.people"] != before.components["table public.people"]
    assert [str(each) for each in found] == ["table public.people: 1 row missing (1)"]


def test_what_differs_is_measured_against_the_snapshot_every_time(clone: PostgresClone) -> None:
    assert clone.differences() == ()

    clone.run(b"UPDATE people SET name = 'x' WHERE id = 2;")
    first = clone.differences()
    clone.run(b"DELETE FROM visits;")
    second = clone.differences()

    assert [(each.component, each.kind, each.column, each.keys) for each in first] == [("table public.people", "changed", "name", ("2",))]
    assert {each.component for each in second} == {"table public.people", "table public.visits"}


def test_a_clone_without_rows_has_none_to_falsify(clone: PostgresClone) -> None:
    clone.run(b"TRUNCATE people, visits;")

    with pytest.raises(GovernError, match="no table has a row that could be falsified"):
        clone.sabotage()


def test_no_trigger_of_the_dump_runs_when_a_row_is_falsified(clone: PostgresClone) -> None:
    clone.run(
        b"CREATE TABLE noticed (who text);"
        b"CREATE FUNCTION notice() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.noticed VALUES (current_user); RETURN OLD; END $$;"
        b"CREATE TRIGGER notice AFTER DELETE ON people FOR EACH ROW EXECUTE FUNCTION notice();"
        b"CREATE TRIGGER notice AFTER DELETE ON visits FOR EACH ROW EXECUTE FUNCTION notice();"
        b"ALTER TABLE people ENABLE ALWAYS TRIGGER notice;"
    )

    assert clone.sabotage() == "one row of table public.visits was deleted"
    assert clone.state().rows["public.noticed"] == 0


def test_a_snapshot_whose_bytes_changed_is_not_put_back(clone: PostgresClone) -> None:
    clone.run(b"DELETE FROM visits;")
    kept = clone._work / "snapshot" / "PG_VERSION"
    before = kept.read_bytes()
    kept.write_bytes(before + b"\n")

    with pytest.raises(GovernError, match=r"the snapshot that was put back is [0-9a-f]{16}, and [0-9a-f]{16} was kept"):
        clone.restore()
    kept.write_bytes(before)


def test_what_was_written_and_given_its_old_time_again_is_put_back_all_the_same(clone: PostgresClone) -> None:
    clone.run(b"SELECT 1;")
    clone._server.stop()
    file = clone._server.data / "pg_hba.conf"
    before, content = file.stat(), file.read_bytes()
    file.write_bytes(content.replace(b"scram-sha-256", b"trust        "))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)

    clone.restore()

    assert file.read_bytes() == content


def test_the_state_inside_a_transaction_is_read_whatever_hides_rows_from_the_script(clone: PostgresClone) -> None:
    clone.run(b"ALTER TABLE people ENABLE ROW LEVEL SECURITY; ALTER TABLE people FORCE ROW LEVEL SECURITY; REVOKE ALL ON visits FROM registry;")
    before = clone.state()

    tried = clone.try_out(b"DO $$ BEGIN ASSERT (SELECT count(*) FROM people) = 0; END $$;")

    assert before.rows == tried.applied.rows == {"public.people": 3, "public.visits": 2}
    assert tried.applied.components == before.components


WRITES = {
    "insert": b"INSERT INTO people (id) VALUES (9);",
    "update": b"UPDATE people SET name = '';",
    "delete": b"DELETE FROM people;",
    "truncate": b"TRUNCATE people;",
    "merge": b"MERGE INTO people p USING visits v ON p.id = v.person WHEN MATCHED THEN DELETE;",
    "lock": b"SELECT * FROM people FOR UPDATE;",
    "nextval": b"SELECT nextval('people_id_seq');",
    "setval": b"SELECT setval('people_id_seq', 9);",
    "table": b"CREATE TABLE t ();",
    "temporary table": b"CREATE TEMP TABLE t ();",
    "schema": b"CREATE SCHEMA s;",
    "copy in": b"COPY people FROM STDIN;\n\\.\n",
    "large object": b"SELECT lo_create(0);",
    "large object from bytes": b"SELECT lo_from_bytea(0, 'x');",
    "writing after all": b"SET TRANSACTION READ WRITE; INSERT INTO people (id) VALUES (9);",
    "writing by setting": b"SET transaction_read_only = off; INSERT INTO people (id) VALUES (9);",
    "as the owner": b"SET ROLE registry; DELETE FROM people;",
    "the owner's function": b"SELECT sweep();",
    "comment": b"COMMENT ON TABLE people IS 'x';",
    "transaction id": b"SELECT pg_current_xact_id();",
}


@pytest.fixture(scope="module")
def swept(toy_clone: PostgresClone) -> PostgresClone:
    """A clone in which a function writes with the owner's privileges, whoever calls it."""
    toy_clone.restore()
    toy_clone.run(b"CREATE FUNCTION sweep() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM public.visits';")
    return toy_clone


@pytest.mark.parametrize("name", WRITES)
def test_a_script_that_may_only_look_is_refused_every_write(swept: PostgresClone, name: str) -> None:
    with pytest.raises(GovernError) as raised:
        swept.read_only(WRITES[name])

    assert raised.value.problems[0].code in {"WRITE_REFUSED", "CHANGE_FAILED"}
    assert "read-only" in str(raised.value) or "permission denied" in str(raised.value) or "only read" in str(raised.value) or "read-write" in str(raised.value)


@pytest.mark.parametrize("script", [b"COPY people TO '/tmp/reached';", b"COPY people TO PROGRAM 'true';", b"SELECT lo_export(1, '/tmp/reached');"])
def test_a_script_that_may_only_look_reaches_no_file(swept: PostgresClone, script: bytes) -> None:
    with pytest.raises(GovernError, match=r"reaches beyond the clone|may only read"):
        swept.read_only(script)


@pytest.mark.parametrize(("script", "code"), [(b"COMMIT;", "CHANGE_COMMITS"), (b"ROLLBACK; SELECT 1;", "CHANGE_ROLLS_BACK"), (b"", "CHANGE_EMPTY")])
def test_a_script_that_may_only_look_stays_in_its_transaction(swept: PostgresClone, script: bytes, code: str) -> None:
    with pytest.raises(GovernError) as raised:
        swept.read_only(script)

    assert raised.value.problems[0].code == code


def test_a_script_that_only_looks_reads_everything_and_leaves_everything(swept: PostgresClone) -> None:
    before = swept.state()

    swept.read_only(b"SELECT * FROM people; SELECT older(now()::date); COPY visits TO STDOUT;")
    for script in WRITES.values():
        with pytest.raises(GovernError):
            swept.read_only(script)

    assert swept.state() == before


@needs_dumps
@pytest.mark.parametrize("kind", KINDS)
def test_plain_custom_and_packed_dumps_make_equal_states(kind: str, folder: Path) -> None:
    plain, custom = DUMPS / "directus-small.sql", DUMPS / "directus-small.dump"
    packed = {"compression": "gzip"}
    for source in (plain, custom):
        (folder / f"{source.name}.gz").write_bytes(gzip.compress(source.read_bytes()))

    states = [
        _directus(kind),
        _state_of(kind, custom, CUSTOM),
        _state_of(kind, folder / "directus-small.sql.gz", PLAIN | packed),
        _state_of(kind, folder / "directus-small.dump.gz", CUSTOM | packed),
    ]

    assert states[0].rows["public.birth_registry"] == 800
    assert {each.root for each in states} == {states[0].root}


@needs_dumps
def test_both_installations_agree_on_every_table() -> None:
    states = [_directus(kind) for kind in KINDS]

    assert states[0].rows == states[1].rows
    assert _tables(states[0]) == _tables(states[1])


def test_what_has_several_owners_is_changed_by_a_member_of_all(folder: Path) -> None:
    source = folder / "two.sql"
    source.write_bytes(TOY.read_bytes().replace(b"ALTER TABLE public.visits OWNER TO registry", b"ALTER TABLE public.visits OWNER TO clinic"))

    with cloned("wheel", source, PLAIN) as clone:
        tried: Tried = clone.try_out(b"ALTER TABLE people ADD x int; ALTER TABLE visits ADD x int;")

    assert tried.applied.components["schema"] != tried.after.components["schema"]


def test_nothing_of_a_clone_that_could_not_be_loaded_is_left_running(folder: Path) -> None:
    source = folder / "broken.sql"
    source.write_bytes(TOY.read_bytes()[:900])

    with pytest.raises(GovernError, match="the last"), cloned("wheel", source, PLAIN):
        pass


def test_the_superuser_is_out_of_reach_of_a_script(clone: PostgresClone) -> None:
    server = clone._server
    with server.connect(SUPERUSER, "clone") as superuser:
        assert _is_superuser(superuser)
    with server.connect("govern_session", "clone") as session:
        assert not _is_superuser(session)


def _is_superuser(connection: "Connection[tuple[object, ...]]") -> bool:
    row = connection.execute("SELECT current_setting('is_superuser')").fetchone()
    assert row is not None
    return row[0] == "on"


@cache
def _directus(kind: str) -> State:
    return _state_of(kind, DUMPS / "directus-small.sql", PLAIN)


def _state_of(kind: str, source: Path, facts: Mapping[str, str]) -> State:
    with cloned(kind, source, facts) as clone:
        return clone.state()


def _tables(state: State) -> dict[str, str]:
    return {name: digest for name, digest in state.components.items() if name.startswith("table ")}
