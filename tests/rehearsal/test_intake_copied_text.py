"""What COPY writes is read back byte for byte, whatever is in it."""

from hypothesis import example, given
from hypothesis import strategies as st

from govern.rehearsal.gate.postgresql import _by_column
from govern.rehearsal.gate.restored import Column, Table

ESCAPES = {b"\\": b"\\\\", b"\b": b"\\b", b"\f": b"\\f", b"\n": b"\\n", b"\r": b"\\r", b"\t": b"\\t", b"\v": b"\\v"}
# Every byte but zero, which no text of PostgreSQL holds; those that COPY escapes, often.
TEXT = st.lists(st.sampled_from([*ESCAPES, b"n", b"N", b"x", b"\xc3", b"\xbc", b" "])).map(b"".join)
VALUES = st.one_of(st.none(), TEXT)


def copied(value: bytes | None) -> bytes:
    """Spell a value as the server does (`CopyAttributeOutText`)."""
    return b"\\N" if value is None else b"".join(ESCAPES.get(bytes([each]), bytes([each])) for each in value)


def table(*kinds: str) -> Table:
    return Table("public", "t", tuple(Column(f"c{number}", kind) for number, kind in enumerate(kinds)))


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1))
@example([(b"\\N", None), (b"\\\\", b"\\"), (b"\\n", b"\n"), (b"", b"\\\\\\")])
def test_text_is_read_back_as_it_was(rows: list[tuple[bytes | None, bytes | None]]) -> None:
    lines = [b"\t".join(map(copied, row)) + b"\n" for row in rows]

    assert [list(column) for column in _by_column(lines, table("text", "text"))] == [list(column) for column in zip(*rows, strict=True)]


@given(st.lists(st.one_of(st.none(), st.binary()), min_size=1))
def test_bytes_are_read_back_as_they_were(values: list[bytes | None]) -> None:
    lines = [copied(None if value is None else b"\\x" + value.hex().encode()) + b"\n" for value in values]

    assert _by_column(lines, table("bytea")) == [values]
