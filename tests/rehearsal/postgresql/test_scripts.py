"""Where statements end, by the lexical rules of PostgreSQL; what is cut off, and what is no SQL, is refused."""

from io import BytesIO
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.problems import GovernError
from govern.rehearsal.postgresql.blocks import CHUNK
from govern.rehearsal.postgresql.scripts import CHANGE, DUMP, Script, statements
from support.dumps import DUMPS, needs_dumps

DIRECTUS = DUMPS / "directus-small.sql"
TOY = Path(__file__).with_name("toy.sql")


def read(text: bytes) -> list[tuple[bytes, bytes]]:
    """The statements of a dump, each with the rows that follow it."""
    script = Script(BytesIO(text), DUMP)
    return [(each.text, b"".join(script.data())) for each in script]


@pytest.mark.parametrize(
    "statement",
    [
        b"SELECT ';'",
        b"SELECT 'it''s; fine'",
        b"SELECT E'it\\'s; fine\\\\'",
        b"SELECT e'\\\\'",
        b"SELECT U&'\\0441;' , U&\"a;b\"",
        b'SELECT 1 AS "a;""b;"',
        b"SELECT $$ ; $$",
        b"SELECT $a$ ; $b$ ; $$ ; $a$",
        b"SELECT $\xc3\xa4$ ; $\xc3\xa4$",
        b"SELECT a$b$ , c$b$ FROM t",
        b"SELECT $1",
        b"SELECT /* ; /* ; */ ' ; */ 1",
        b"SELECT 1 -- ; '\n + 1",
        b"SELECT 1 -- ; '\r + 1",
        b"SELECT 'one;'\n  -- ;\n  'two;'",
        b"SELECT E'one;'\n  'two\\';'",
        b"CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b)",
        b"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END",
        b"CREATE OR REPLACE PROCEDURE p() LANGUAGE sql BEGIN ATOMIC DELETE FROM t; BEGIN; END",
        b"CREATE FUNCTION begin() RETURNS int AS 'SELECT 1; SELECT 2' LANGUAGE sql",
        b"CREATE FUNCTION f(atomic int) RETURNS int RETURN CASE WHEN true THEN 1 END",
        b"CREATE TABLE t (begin int, atomic int)",
        b"SELECT 5 OPERATOR(pg_catalog.-) -1, a<@b, '{}'::int[]",
    ],
)
def test_a_statement_ends_where_the_server_says(statement: bytes) -> None:
    found = statements(statement + b";\n SELECT 2;")

    assert [each.text for each in found] == [statement, b"SELECT 2"]


def test_statements_know_their_lines_and_comments_between_them_are_none() -> None:
    found = statements(b"\xef\xbb\xbf-- first\n/* a\nb */ SELECT 1; SELECT\n2;\n;;\n\n-- last\n  SELECT 3;\n-- end")

    assert [(each.text, each.line) for each in found] == [(b"/* a\nb */ SELECT 1", 3), (b"SELECT\n2", 3), (b"SELECT 3", 8)]


def test_rows_are_not_read_as_statements() -> None:
    rows = b"1\t;'\"$$\n\\N\t\\\\.\n\\.x\n--\n\\!\tid\n"

    script = Script(BytesIO(b"COPY t (a, b) FROM STDIN (FORMAT text);\n" + rows + b"\\.\nCOPY u FROM stdin;\r\n\\.\r\nSELECT 1;"), CHANGE)
    found = [(each.text, each.copies, each.line, b"".join(script.data())) for each in script]

    assert found == [
        (b"COPY t (a, b) FROM STDIN (FORMAT text)", True, 1, rows),
        (b"COPY u FROM stdin", True, 8, b""),
        (b"SELECT 1", False, 10, b""),
    ]


@pytest.mark.parametrize(
    "text", [b"COPY (SELECT 1 FROM stdin) TO STDOUT", b"COPY t FROM 'stdin'", b'COPY t FROM "stdin"', b"COPY t TO STDIN", b"SELECT a FROM stdin"]
)
def test_what_only_looks_like_rows_to_come_copies_nothing(text: bytes) -> None:
    (found,) = statements(text + b";")

    assert not found.copies


def test_rows_that_nobody_took_are_passed_over() -> None:
    script = Script(BytesIO(b"COPY t FROM stdin;\n1\n2\n\\.\nSELECT 1;"), CHANGE)

    assert [each.text for each in script] == [b"COPY t FROM stdin", b"SELECT 1"]


@given(rows=st.lists(st.binary(max_size=40).filter(lambda row: b"\n" not in row and row not in {b"\\.", b"\\.\r"}), max_size=30), size=st.integers(1, 50))
def test_rows_come_out_as_they_went_in_however_the_stream_is_cut(rows: list[bytes], size: int) -> None:
    text = b"".join(row + b"\n" for row in rows)

    script = Script(Dripping(b"COPY t FROM stdin;\n" + text + b"\\.\nSELECT 'end';", size), CHANGE)
    found = [(each.text, each.line, b"".join(script.data())) for each in script]

    assert found == [(b"COPY t FROM stdin", 1, text), (b"SELECT 'end'", len(rows) + 3, b"")]


@given(
    rows=st.lists(st.binary(max_size=40).filter(lambda row: b"\n" not in row and row not in {b"\\.", b"\\.\r"}), max_size=30), long=st.integers(0, 3 * CHUNK)
)
@settings(max_examples=50, deadline=None)
def test_rows_that_were_passed_over_are_read_where_they_stand(rows: list[bytes], long: int) -> None:
    text = b"".join(row + b"\n" for row in (*rows, b"x" * long))

    with TemporaryFile() as file:
        file.write(b"\xef\xbb\xbfCOPY t FROM stdin;\r\n" + text + b"\\.\r\nCOPY u FROM stdin;\n\\.\nSELECT 'end';")
        file.seek(0)
        found = []
        for each in (script := Script(file, CHANGE)):
            block = script.aside() if each.copies else None
            found.append((each.text, each.line, block and (block.whole, b"".join(block.pieces()))))

    end = len(rows) + 4
    assert found == [(b"COPY t FROM stdin", 1, (True, text)), (b"COPY u FROM stdin", end, (True, b"")), (b"SELECT 'end'", end + 2, None)]


def test_rows_whose_end_is_missing_or_that_are_gone_by_now_are_told_when_they_are_read() -> None:
    with TemporaryFile() as file:
        file.write(b"COPY t FROM stdin;\n1\n2\n")
        file.seek(0)
        script = Script(file, DUMP)
        next(iter(script))
        cut = script.aside()
        file.write(b"\\.\n")
        file.seek(0)
        script = Script(file, DUMP)
        next(iter(script))
        gone = script.aside()
        file.truncate(21)

        for block in (cut, gone):
            pieces = block.pieces()
            next(pieces)
            with pytest.raises(GovernError, match=r"^dump:1:1: the rows of COPY have no end") as raised:
                list(pieces)
            assert raised.value.problems[0].code == "DUMP_TRUNCATED"

    assert (cut.whole, gone.whole) == (False, True)


class Dripping(BytesIO):
    """Gives fewer bytes than it is asked for."""

    def __init__(self, content: bytes, size: int) -> None:
        super().__init__(content)
        self.drop = size

    def read(self, size: int | None = -1, /) -> bytes:
        del size
        return super().read(self.drop)


def test_long_rows_and_many_of_them_pass_through_in_pieces() -> None:
    row = b"x" * (CHUNK // 3) + b"\n"

    script = Script(BytesIO(b"COPY t FROM stdin;\n" + row * 10 + b"\\.\n"), CHANGE)
    next(iter(script))
    pieces = list(script.data())

    assert b"".join(pieces) == row * 10
    assert max(map(len, pieces)) <= 2 * CHUNK


@given(st.binary(max_size=60))
def test_whatever_bytes_come_are_statements_or_refused(text: bytes) -> None:
    try:
        found = statements(text)
    except GovernError as error:
        assert error.problems[0].code in {"META_COMMAND", "CHANGE_FAILED"}  # noqa: PT017 - it need not be raised
    else:
        assert all(earlier.line <= later.line for earlier, later in pairwise(found))


@pytest.mark.parametrize(
    "text",
    [b"SELECT 1", b"SELECT '", b'SELECT "', b"SELECT $$", b"/* ", b"SELECT (1;", b"CREATE FUNCTION f() BEGIN ATOMIC SELECT 1;", b"COPY t FROM stdin;\n1\n"],
)
def test_a_script_that_does_not_end_is_refused(text: bytes) -> None:
    with pytest.raises(GovernError, match=r"^script:1:1: (the last statement has no end|the rows of COPY have no end)"):
        statements(text)


@needs_dumps
def test_a_dump_is_read_whole() -> None:
    found = read(DIRECTUS.read_bytes())

    assert len(found) == 224
    assert sum(rows.count(b"\n") for _text, rows in found) > 800


@needs_dumps
@pytest.mark.parametrize("source", [TOY, DIRECTUS], ids=["toy", "directus"])
def test_a_dump_is_refused_wherever_it_is_cut_off(source: Path) -> None:
    whole = source.read_bytes()
    # All cuts of the toy; of the larger one, every thousandth, and all of the last lines.
    cuts = {*range(_begins(whole), len(whole.rstrip()), 1 if len(whole) < 10_000 else 1009), *range(len(whole) - 100, len(whole.rstrip()))}

    for cut in sorted(cuts):
        with pytest.raises(GovernError) as raised:
            read(whole[:cut])
        assert raised.value.problems[0].code in {"DUMP_TRUNCATED", "META_COMMAND"}, cut


def _begins(whole: bytes) -> int:
    """Where the first line of a dump ends: before that, it is no dump."""
    return whole.index(b"database dump\n") + len(b"database dump\n")


def test_a_dump_without_the_mark_of_newer_versions_ends_with_its_last_line() -> None:
    text = b"".join(line for line in TOY.read_bytes().splitlines(keepends=True) if not line.startswith((b"\\restrict", b"\\unrestrict")))

    assert len(read(text)) == 22
    with pytest.raises(GovernError, match=r"the last line of a dump \(`-- PostgreSQL database dump complete`\) is missing"):
        read(text.replace(b"dump complete", b"dump"))
    with pytest.raises(GovernError, match="is missing"):
        read(text + b"SELECT 1;\n")
