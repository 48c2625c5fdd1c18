"""A dump is loaded statement by statement, by nobody special; what it asks for beyond its own objects is refused by line."""

import gzip
from pathlib import Path

import pytest

from govern.problems import Exit, GovernError
from govern.rehearsal.postgresql.archive import opened
from govern.rehearsal.postgresql.scripts import DUMP, Script
from support.dumps import DUMPS, needs_dumps
from support.postgresql import KINDS, PLAIN, TOY, Loader, installation_of

HEAD = b"--\n-- PostgreSQL database dump\n--\n\nSET client_encoding = 'UTF8';\n"
TAIL = b"\n--\n-- PostgreSQL database dump complete\n--\n"


def dump(*statements: bytes) -> bytes:
    return HEAD + b"\n".join(statements) + TAIL


def refusal(loader: Loader, text: bytes) -> tuple[str, str]:
    with pytest.raises(GovernError) as raised:
        loader.try_to_load(text)
    assert raised.value.status is Exit.UNJUDGED
    (problem,) = raised.value.problems
    return problem.code, str(problem)


def test_the_toy_is_loaded_whole_with_the_owners_and_grants_that_it_names(loader: Loader) -> None:
    count = loader.load(TOY.read_bytes())

    assert count == 22
    assert loader.ask("SELECT id, name, born::text FROM people ORDER BY id") == [
        (1, "Ann; \\! not a command", "1990-01-02"),
        (2, "Bø", None),
        (3, "'; DROP TABLE people; --", "2001-02-03"),
    ]
    assert loader.ask("SELECT last_value FROM people_id_seq") == [(3,)]
    assert loader.ask("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'") == [("registry",)]
    assert loader.ask("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()") == [("registry",)]
    assert loader.ask("SELECT has_table_privilege('clerk', 'people', 'SELECT'), has_table_privilege('clerk', 'people', 'INSERT')") == [(True, False)]
    assert loader.ask("SELECT rolcanlogin, rolsuper, rolcreaterole FROM pg_roles WHERE rolname IN ('registry', 'clerk')") == [(False, False, False)] * 2
    assert loader.ask("SELECT older('2000-01-01')") == [(1,)]


def test_owners_who_lack_the_right_to_create_in_a_schema_still_own_what_they_owned(loader: Loader) -> None:
    loader.load(
        dump(
            b"CREATE SCHEMA one; ALTER SCHEMA one OWNER TO first_owner;",
            b"CREATE SCHEMA two; ALTER SCHEMA two OWNER TO second_owner;",
            b'CREATE TABLE one.t (); ALTER TABLE one.t OWNER TO "third Owner";',
            b"CREATE TABLE public.t (); ALTER TABLE public.t OWNER TO second_owner;",
        )
    )

    assert loader.ask("SELECT schemaname, tableowner FROM pg_tables WHERE tablename = 't' ORDER BY 1") == [("one", "third Owner"), ("public", "second_owner")]
    assert loader.ask("SELECT has_schema_privilege('third Owner', 'one', 'CREATE'), has_schema_privilege('second_owner', 'public', 'CREATE')") == [
        (False, False)
    ]


def test_an_owner_named_postgres_is_no_superuser(loader: Loader) -> None:
    loader.load(dump(b"ALTER SCHEMA public OWNER TO postgres;", b"CREATE TABLE public.t (); ALTER TABLE public.t OWNER TO postgres;"))

    assert loader.ask("SELECT tableowner, rolsuper FROM pg_tables JOIN pg_roles ON rolname = tableowner WHERE tablename = 't'") == [("postgres", False)]


def test_what_somebody_else_granted_is_granted_by_them(loader: Loader) -> None:
    loader.load(
        dump(
            b"CREATE TABLE public.t (); ALTER TABLE public.t OWNER TO registry;",
            b"GRANT SELECT ON TABLE public.t TO clerk WITH GRANT OPTION;",
            b"SET SESSION AUTHORIZATION clerk;\nGRANT SELECT ON TABLE public.t TO guest;\nRESET SESSION AUTHORIZATION;",
        )
    )

    assert ("clerk", "guest") in loader.ask("SELECT grantor::regrole::text, grantee::regrole::text FROM pg_class, aclexplode(relacl) WHERE relname = 't'")


def test_an_extension_that_any_owner_may_create_is_created_and_another_refused_by_name(loader: Loader) -> None:
    loader.load(dump(b"COMMENT ON EXTENSION plpgsql IS 'as old dumps do';", b"CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public;"))
    assert loader.ask("SELECT count(*) FROM pg_extension WHERE extname = 'hstore'") == [(1,)]

    code, told = refusal(loader, dump(b"CREATE EXTENSION IF NOT EXISTS dblink WITH SCHEMA public;"))

    assert code == "LOAD_REFUSED"
    assert told.startswith('dump:6:1: the server refused it: permission denied to create extension "dblink"; `dblink` is not an extension')


def test_large_objects_come_along(loader: Loader) -> None:
    loader.load(
        dump(
            b"SELECT pg_catalog.lo_create('4711');\nALTER LARGE OBJECT 4711 OWNER TO registry;",
            b"BEGIN;\nSELECT pg_catalog.lo_open('4711', 131072);\nSELECT pg_catalog.lowrite(0, '\\x616263');\nSELECT pg_catalog.lo_close(0);\nCOMMIT;",
        )
    )

    assert loader.ask("SELECT convert_from(lo_get(4711), 'UTF8')") == [("abc",)]


def test_a_dump_in_another_encoding_is_read_as_it_says(loader: Loader) -> None:
    loader.load(dump(b"SET client_encoding = 'LATIN1'; CREATE TABLE public.t (v text);", b"COPY public.t (v) FROM stdin;\nB\xf8\n\\.\n"))

    assert loader.ask("SELECT v FROM t") == [("Bø",)]


@pytest.mark.parametrize("setting", [b"SET client_encoding = 'SJIS';", b"SELECT pg_catalog.set_config('client_encoding', 'BIG5', false);"])
def test_an_encoding_in_which_a_quote_may_be_half_a_character_is_refused(loader: Loader, setting: bytes) -> None:
    code, told = refusal(loader, dump(setting, b"SELECT 1;"))

    assert code == "LOAD_REFUSED"
    assert "is not read: hand it over in UTF-8" in told


def test_a_table_is_filled_wherever_rows_can_stand(loader: Loader) -> None:
    rows = b"COPY %s (v) FROM stdin;\n1\n2\n\\.\n"
    loader.load(
        dump(
            b"CREATE TABLE public.plain (v int PRIMARY KEY); CREATE TABLE public.child (v int REFERENCES public.plain);",
            rows % b"public.plain",
            b'CREATE TABLE public."Odd ""name""" (v int); CREATE TABLE public.parted (v int) PARTITION BY LIST (v);',
            b"CREATE TABLE public.part PARTITION OF public.parted DEFAULT; CREATE TABLE public.own (v int); CREATE TABLE public.twice (v int);",
            rows % b'public."Odd ""name"""',
            rows % b"public.child",
            rows % b"public.parted",
            rows % b"public.twice" + b"INSERT INTO public.twice VALUES (3);\n" + rows % b"public.twice",
            b"BEGIN;\nINSERT INTO public.own VALUES (3);\n" + rows % b"public.own" + b"COMMIT;",
        )
    )

    counted = "SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in ("plain", "child", '"Odd ""name"""', "parted", "twice", "own"))
    assert loader.ask(counted) == [(2, 2, 2, 2, 5, 3)]


def test_old_strings_are_read_with_their_backslashes(loader: Loader) -> None:
    loader.load(dump(b"SET standard_conforming_strings = off;", b"SET escape_string_warning = off;", rb"CREATE TABLE public.t AS SELECT 'it\'s; '::text AS v;"))

    assert loader.ask("SELECT v FROM t") == [("it's; ",)]


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        (b"\\! touch /tmp/reached", 6),
        (b"\\copy public.t from program 'id'", 6),
        (b"\\o |cat", 6),
        (b"\\connect other", 6),
        (b"SELECT 1 \\g |cat", 6),
        (b"SELECT\n\\! id\n1;", 7),
        (b"  \\! id", 6),
        (b"\\restrict a b", 6),
        (b"\\restrict a;\\! id", 6),
        (b"\\restrict abc\\! id", 6),
        (b"\\restrict", 6),
        (b"\\restrict `id`", 6),
        (b"\\restrict :v", 6),
        (b"\\unrestrict never", 6),
        (b"\\restrict one\n\\restrict two", 7),
        (b"\\restrict one\n\\unrestrict two", 7),
        (b"\\restrict one\nSELECT 1;\n\\! id\n\\unrestrict one", 8),
        (b"SELECT 1 \\restrict one", 6),
        (b"\\restrict\\\nx", 6),
    ],
)
def test_no_meta_command_is_ever_carried_out(loader: Loader, statement: bytes, line: int) -> None:
    code, told = refusal(loader, dump(statement))

    assert code == "META_COMMAND"
    assert told.startswith(f"dump:{line}:1: ")


@pytest.mark.parametrize(
    "statement",
    [
        b"COPY public.t FROM PROGRAM 'id';",
        b"COPY (SELECT 1) TO PROGRAM 'cat > /tmp/reached';",
        b"COPY (SELECT 1) TO '/tmp/reached';",
        b"CREATE TABLE public.t (v text);\nCOPY public.t FROM '/etc/passwd';",
        b"SELECT pg_read_file('/etc/passwd');",
        b"SET ROLE govern_superuser;",
        b"ALTER ROLE govern_session SUPERUSER;",
        b"CREATE TABLE public.t ();\nALTER TABLE public.t OWNER TO govern_superuser;",
        b"GRANT govern_superuser TO registry;",
        b"CREATE ROLE mallory SUPERUSER;",
        b"CREATE FUNCTION public.f() RETURNS int LANGUAGE c AS '/tmp/f', 'f';",
        b"ALTER SYSTEM SET archive_command = 'id';",
        b"CREATE SUBSCRIPTION s CONNECTION 'host=/tmp' PUBLICATION p WITH (connect = false);",
        b"SELECT 1, 2 FROM;",
        b"DO $$ BEGIN RAISE EXCEPTION 'my secret'; END $$;",
        b"SELECT \x00 1;",
        b"CREATE TABLE public.t (v text);\nCOPY public.t FROM stdin; SELECT 1;\n\\.\n",
    ],
)
def test_what_a_dump_asks_for_beyond_its_own_objects_is_refused(loader: Loader, statement: bytes) -> None:
    code, told = refusal(loader, dump(statement))

    assert code == "LOAD_REFUSED"
    assert told.startswith(("dump:6:1: ", "dump:7:1: "))
    assert "my secret" not in told
    assert not Path("/tmp/reached").exists()


def test_a_row_that_does_not_fit_is_named_without_its_value(loader: Loader) -> None:
    code, told = refusal(loader, TOY.read_bytes().replace(b"1990-01-02", b"my secret"))

    line = TOY.read_text().splitlines().index("1\tAnn; \\\\! not a command\t1990-01-02") + 1
    assert code == "LOAD_REFUSED"
    assert told == f'dump:{line}:1: the server refused it: invalid input syntax for type date: "…" (column born)'


def test_nothing_is_no_dump(loader: Loader) -> None:
    assert refusal(loader, b"")[0] == "LOAD_REFUSED"
    assert refusal(loader, HEAD.replace(b"SET client_encoding = 'UTF8';\n", b"") + TAIL)[0] == "LOAD_REFUSED"


@needs_dumps
@pytest.mark.parametrize("part", [0.2, 0.5, 0.75, 0.9, 0.99])
def test_a_dump_that_was_cut_off_is_refused_by_the_loader(loader: Loader, part: float) -> None:
    whole = (DUMPS / "directus-small.sql").read_bytes()

    assert refusal(loader, whole[: int(len(whole) * part)])[0] == "DUMP_TRUNCATED"


@needs_dumps
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", [0.1, 0.6, 0.95])
def test_an_archive_that_was_cut_off_is_refused(folder: Path, kind: str, part: float) -> None:
    whole = (DUMPS / "directus-small.dump").read_bytes()
    source = folder / "cut.dump"
    source.write_bytes(whole[: int(len(whole) * part)])

    with (
        pytest.raises(GovernError, match="pg_restore cannot read the archive to its end"),
        opened(source, {"format": "postgresql-custom", "compression": "none"}, installation_of(kind), folder) as stream,
    ):
        list(Script(stream, DUMP))


@pytest.mark.parametrize("cut", [20, 40, 400])
def test_a_packed_dump_that_was_cut_off_is_refused(folder: Path, cut: int) -> None:
    source = folder / "cut.sql.gz"
    source.write_bytes(gzip.compress(TOY.read_bytes())[:-cut])

    with (
        pytest.raises(GovernError, match="what gzip packed does not end as it should"),
        opened(source, PLAIN | {"compression": "gzip"}, installation_of("wheel"), folder) as stream,
    ):
        list(Script(stream, DUMP))
