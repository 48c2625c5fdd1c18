"""What a database holds besides rows, as lists of entries: definitions, settings, roles, sequences, large objects.

An entry is what kind of thing it is, its name, and what is known of it, in one spelling. Whatever order the server gives
them in, the list is sorted; a component's digest is that of its list.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, groupby
from typing import NamedTuple

from govern.rehearsal.postgresql.catalogs import COLUMNS, Column, definitions_query
from govern.rehearsal.postgresql.pinned import Session, copied, run, text

DEFINITIONS = ("database", "globals", "schema")
COMPONENTS = (*DEFINITIONS, "large objects", "sequences")
# What outlives a session, although no catalog holds it.
_LEFT_BEHIND = b"""
SELECT 'pg_replication_slots', 'replication slot ' || slot_name, ROW(plugin, slot_type, database)::text FROM pg_catalog.pg_replication_slots WHERE NOT temporary
UNION ALL SELECT 'pg_prepared_xacts', 'prepared transaction ' || gid, ROW(owner, database)::text FROM pg_catalog.pg_prepared_xacts
"""
_SEQUENCES = b"""
SELECT 'SELECT ''sequence''::text, ' || quote_literal(format('%I.%I', n.nspname, c.relname)) || ', ROW(last_value, is_called)::text FROM '
  || quote_ident(n.nspname) || '.' || quote_ident(c.relname)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' AND c.relpersistence <> 't' ORDER BY c.oid
"""
_LARGE_OBJECTS = b"""
SELECT m.oid, ROW(m.lomowner::regrole, ARRAY(SELECT e::text FROM unnest(coalesce(m.lomacl, acldefault('L', m.lomowner))) e ORDER BY e::text COLLATE "C"))::text
FROM pg_catalog.pg_largeobject_metadata m
"""
_PAGES = b"SELECT p.loid, p.pageno, p.data FROM pg_catalog.pg_largeobject p ORDER BY p.loid, p.pageno"
# As many sequences as one query asks for.
_AT_ONCE = 200


class Entry(NamedTuple):
    """One thing of a component; `kind` is the catalog of a definition."""

    kind: bytes
    name: bytes
    body: bytes


def read_columns(connection: Session) -> list[Column]:
    """Return the columns of all catalogs, which every listing of definitions is written from."""
    rows = [[text(connection, each) for each in row] for row in run(connection, COLUMNS)]
    return [Column(catalog, name, kind, refers_to or None, many == "t") for catalog, name, kind, refers_to, many in rows]


def read_listing(
    connection: Session, component: str, *, columns: Iterable[Column] | None = None, built_in: Mapping[str, Entry] | None = None, detailed: bool = False
) -> list[Entry]:
    """Return the entries of a component, sorted; `detailed` has one for every built-in object, too.

    Where they are known, `columns` are those of `read_columns`, and `built_in` the entries of `schema` for built-in objects, by catalog.
    """
    match component:
        case "sequences":
            found = _sequences(connection)
        case "large objects":
            found = _large_objects(connection)
        case _:
            known = built_in if built_in and component == "schema" else {}
            query = definitions_query(component, read_columns(connection) if columns is None else columns, known=known, detailed=detailed)
            found = chain(known.values(), _entries(connection, query.encode()), _entries(connection, _LEFT_BEHIND) if component == "globals" else ())
    return sorted(found)


def digest_listing(component: str, entries: Iterable[Entry]) -> str:
    """Return the SHA-256 of a component's entries."""
    digest = hashlib.sha256(f"govern {component} 1\n".encode())
    for entry in entries:
        digest.update(b"\t".join(entry) + b"\n")
    return digest.hexdigest()


def _sequences(connection: Session) -> Iterator[Entry]:
    queries = [query for (query,) in run(connection, _SEQUENCES) if query]
    for start in range(0, len(queries), _AT_ONCE):
        yield from _entries(connection, b" UNION ALL ".join(queries[start : start + _AT_ONCE]))


def _large_objects(connection: Session) -> Iterator[Entry]:
    contents = dict(_contents(connection))
    for line in copied(connection, _LARGE_OBJECTS):
        number, _, owned = line.rstrip(b"\n").partition(b"\t")
        yield Entry(b"large object", number, owned + b"\t" + contents.get(number, b"empty"))


def _contents(connection: Session) -> Iterator[tuple[bytes, bytes]]:
    """Yield what each large object holds, as a digest: a hole and a page of zeros read the same, so neither counts."""
    pages = (line.rstrip(b"\n").split(b"\t") for line in copied(connection, _PAGES))
    for number, own in groupby(pages, key=lambda page: page[0]):
        digest, end = hashlib.sha256(), b""
        for _number, page, shown in own:
            held = bytes.fromhex(shown.removeprefix(b"\\\\x").decode())
            end = b"%s+%d" % (page, len(held))
            if kept := held.rstrip(b"\0"):
                digest.update(b"%s:%d:%s" % (page, len(kept), kept))
        yield number, b"%s\t%s" % (end, digest.hexdigest().encode())


def _entries(connection: Session, query: bytes) -> Iterator[Entry]:
    for line in copied(connection, query):
        kind, name, body = line.rstrip(b"\n").split(b"\t")
        yield Entry(kind, name, body)
