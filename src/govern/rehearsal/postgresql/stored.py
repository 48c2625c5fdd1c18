"""What a PostgreSQL database holds that it held in a snapshot: the tables and catalogs whose files are the same, byte by byte, and all that decides how they are read.

Files can be compared after a checkpoint, also those of a transaction that is still open. The snapshot is of a stopped server,
so every transaction that wrote to it has ended, and what a row says of its transaction cannot come to mean something else.
Of a large table with few other pages, only the rows on those are read.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from govern.canonical import digest
from govern.rehearsal.postgresql.catalogs import stands_alone
from govern.rehearsal.postgresql.files import same_files
from govern.rehearsal.postgresql.listings import Entry
from govern.rehearsal.postgresql.pages import USUALLY, Worth, page_size
from govern.rehearsal.postgresql.pinned import Session, run, text
from govern.rehearsal.postgresql.splicing import digest_spliced
from govern.rehearsal.postgresql.tables import Table
from govern.rehearsal.states import State

Files: TypeAlias = tuple[str, ...]
# Types whose text is decided by the stored value and by what a session pins; that of others, such as an enum, stands in a catalog.
_SELF_CONTAINED = b"""'bit bool bpchar bytea char cidr date float4 float8 inet int2 int4 int8 interval json jsonb macaddr macaddr8 numeric text
time timetz timestamp timestamptz uuid varbit varchar xml _bool _bpchar _date _float4 _float8 _int2 _int4 _int8 _jsonb _numeric _text _timestamp
_timestamptz _uuid _varchar'"""
# A checkpoint writes what is permanent; an access method other than `heap` may keep rows anywhere.
_STORED = (
    b"""
SELECT n.nspname, c.relname, pg_relation_filepath(c.oid), pg_relation_filepath(nullif(c.reltoastrelid, 0)),
  (SELECT string_agg(a::text, chr(10) ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid),
  (SELECT string_agg(pg_relation_filepath(i.indexrelid), ' ') FROM pg_catalog.pg_index i WHERE i.indrelid IN (c.oid, c.reltoastrelid))
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND c.relpersistence = 'p' AND c.oid >= 16384 AND c.relam = 2
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND (t.oid >= 16384 OR t.typname <> ALL (regexp_split_to_array("""
    + _SELF_CONTAINED
    + rb""", '[ \n]+'))))
"""
)
_CATALOGS = b"""
SELECT c.relname, pg_relation_filepath(c.oid), pg_relation_filepath(nullif(c.reltoastrelid, 0))
FROM pg_catalog.pg_class c WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r'
"""
# What a row that is shown as it is stored names by number: those who have privileges, and functions.
_NAMING = ("pg_authid", "pg_proc")


@dataclass(frozen=True, slots=True)
class Stored:
    """A table, the files that hold its rows and its long values, its columns as the catalog has them, and the files of its indexes, which decide nothing."""

    table: Table
    files: Files
    columns: bytes
    indexes: Files = field(compare=False)


@dataclass(frozen=True, slots=True)
class Kept:
    """A snapshot: its folder and the digest of that, the state that it holds, and what is known of built-in objects, by catalog.

    In `lines` rows are kept that were read, and `worth` says of which tables single pages are looked at. `tables` tells how its tables
    are stored, by component, and `catalogs` the files of its system catalogs, where that was looked at.
    """

    folder: Path
    stored: str
    state: State
    built_in: Mapping[str, Entry]
    lines: Path
    worth: Worth = USUALLY
    tables: Mapping[str, Stored] = field(default_factory=dict)
    catalogs: Mapping[str, Files] = field(default_factory=dict)

    def within(self, data: Path) -> "Unwritten":
        """Return what is known of the cluster in a folder, after a checkpoint."""
        return Unwritten(self, data)


@dataclass(frozen=True, slots=True)
class Unwritten:
    """What nobody has written to since a snapshot was kept; the port is `components.Known`."""

    kept: Kept
    data: Path

    def tables(self, connection: Session, tables: Iterable[Table]) -> dict[str, tuple[str, int]]:
        """Return the digest and the number of rows of each table whose files are those of the snapshot, or other in a few pages; see `read_stored`."""
        state = self.kept.state
        found: dict[str, tuple[str, int]] = {}
        for component, stored in self._comparable(connection, tables):
            if self._same(stored.files):
                found[component] = (state.components[component], state.rows[stored.table.full])
            elif stored.table.key_is_plain and (pages := self._few_pages(connection, stored)) is not None:
                folder = self.kept.lines / digest(f"{self.kept.stored} {component}".encode())
                found[component] = digest_spliced(connection, stored.table, pages, folder)
        return found

    def pages(self, connection: Session, tables: Iterable[Table]) -> dict[str, frozenset[int]]:
        """Return, by component, the pages of each table on which a row may differ from the snapshot, where they are few."""
        found = ((component, self._few_pages(connection, stored)) for component, stored in self._comparable(connection, tables))
        return {component: pages for component, pages in found if pages is not None}

    def _comparable(self, connection: Session, tables: Iterable[Table]) -> Iterator[tuple[str, Stored]]:
        for component, stored in read_stored(connection, tables).items():
            if stored == self.kept.tables.get(component):
                yield component, stored

    def _few_pages(self, connection: Session, stored: Stored) -> frozenset[int] | None:
        file, *long_values = stored.files
        size = page_size(connection)
        if size is None or not self._same(tuple(long_values)):
            return None
        return self.kept.worth.few_pages(self.kept.folder / file, self.data / file, size)

    def built_in(self, connection: Session) -> dict[str, Entry]:
        """Return the entries of built-in objects of each catalog whose files are those of the snapshot, if names are, too."""
        now = read_catalogs(connection)
        same = {name for name, files in now.items() if files == self.kept.catalogs.get(name) and self._same(files)}
        if not same.issuperset(_NAMING):
            return {}
        return {name: entry for name, entry in self.kept.built_in.items() if name in same and stands_alone(name)}

    def _same(self, files: Files) -> bool:
        return all(same_files(self.kept.folder / each, self.data / each) for each in files)


def read_catalogs(connection: Session) -> dict[str, Files]:
    """Return the files of each system catalog, by name; the session is pinned."""
    return {text(connection, name): _files(row) for name, *row in run(connection, _CATALOGS)}


def read_stored(connection: Session, tables: Iterable[Table]) -> dict[str, Stored]:
    """Return, by component, how those tables are stored of which the files decide what they hold; the session is pinned."""
    known = {(each.schema, each.name): each for each in tables}
    found: dict[str, Stored] = {}
    for schema, name, file, long_values, columns, indexes in run(connection, _STORED):
        table = known.get((text(connection, schema), text(connection, name)))
        if table is not None and file is not None:
            found[table.component] = Stored(table, _files((file, long_values)), columns or b"", _files((indexes or b"").split()))
    return found


def _files(paths: Iterable[bytes | None]) -> Files:
    return tuple(each.decode("ascii") for each in paths if each is not None)
