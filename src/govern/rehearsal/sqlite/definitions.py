"""What a SQLite database defines, each object in one spelling: its text without what does not matter, and what SQLite reads out of it."""

import re
import sqlite3
from collections.abc import Iterator

_PRAGMAS = ("application_id", "encoding", "user_version")
# As SQLite reads: only these are spaces, and a letter outside ASCII is part of a name.
_TOKEN = re.compile(
    r"""[xX]'[^']*+'|'(?:[^']++|'')*+'|"(?:[^"]++|"")*+"|`(?:[^`]++|``)*+`|\[[^\]]*+\]|--[^\n]*+|/\*.*?(?:\*/|\Z)|[A-Za-z0-9_$\x80-\U0010ffff]++|[ \t\n\f\r]++|.""",
    re.DOTALL,
)
# A name that reads the same bare; U+FEFF is a space where it comes first.
_NAME = re.compile(r"[A-Za-z_\x80-\ufefe\uff00-\U0010ffff][A-Za-z0-9_\x80-\ufefe\uff00-\U0010ffff]*")
# Quoted, each of these means something else than bare.
_KEYWORDS = frozenset({
    "ABORT", "ACTION", "ADD", "AFTER", "ALL", "ALTER", "ALWAYS", "ANALYZE", "AND", "AS", "ASC", "ATTACH", "AUTOINCREMENT", "BEFORE", "BEGIN",
    "BETWEEN", "BY", "CASCADE", "CASE", "CAST", "CHECK", "COLLATE", "COLUMN", "COMMIT", "CONFLICT", "CONSTRAINT", "CREATE", "CROSS", "CURRENT",
    "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "DATABASE", "DEFAULT", "DEFERRABLE", "DEFERRED", "DELETE", "DESC", "DETACH", "DISTINCT",
    "DO", "DROP", "EACH", "ELSE", "END", "ESCAPE", "EXCEPT", "EXCLUDE", "EXCLUSIVE", "EXISTS", "EXPLAIN", "FAIL", "FALSE", "FILTER", "FIRST",
    "FOLLOWING", "FOR", "FOREIGN", "FROM", "FULL", "GENERATED", "GLOB", "GROUP", "GROUPS", "HAVING", "IF", "IGNORE", "IMMEDIATE", "IN", "INDEX",
    "INDEXED", "INITIALLY", "INNER", "INSERT", "INSTEAD", "INTERSECT", "INTO", "IS", "ISNULL", "JOIN", "KEY", "LAST", "LEFT", "LIKE", "LIMIT",
    "MATCH", "MATERIALIZED", "NATURAL", "NO", "NOT", "NOTHING", "NOTNULL", "NULL", "NULLS", "OF", "OFFSET", "OID", "ON", "OR", "ORDER", "OTHERS",
    "OUTER", "OVER", "PARTITION", "PLAN", "PRAGMA", "PRECEDING", "PRIMARY", "QUERY", "RAISE", "RANGE", "RECURSIVE", "REFERENCES", "REGEXP", "REINDEX",
    "RELEASE", "RENAME", "REPLACE", "RESTRICT", "RETURNING", "RIGHT", "ROLLBACK", "ROW", "ROWID", "ROWS", "SAVEPOINT", "SELECT", "SET", "STORED",
    "STRICT", "TABLE", "TEMP", "TEMPORARY", "THEN", "TIES", "TO", "TRANSACTION", "TRIGGER", "TRUE", "UNBOUNDED", "UNION", "UNIQUE", "UPDATE", "USING",
    "VACUUM", "VALUES", "VIEW", "VIRTUAL", "WHEN", "WHERE", "WINDOW", "WITH", "WITHIN", "WITHOUT", "_ROWID_",
})  # fmt: skip
# What SQLite keeps for itself.
WITHOUT = ("sqlite_sequence", "sqlite_stat")


def quoted(name: str) -> str:
    """Return a name as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def read_definitions(connection: sqlite3.Connection, schema: str = "main") -> dict[str, str]:
    """Return what is defined: each object and setting, such as `index by_name`, with its definition in one spelling."""
    query = f"SELECT type, name, tbl_name, sql FROM {schema}.sqlite_master"  # noqa: S608 - the schema is one of ours
    objects = [row for row in connection.execute(query).fetchall() if not row[1].startswith(WITHOUT)]
    found = {f"{kind} {name}": f"{table}\x1f{_plain(sql or '')}" for kind, name, table, sql in objects}
    for kind, name, table, _sql in objects:
        found[f"{kind} {name}"] += "".join(f"\x1e{fact!r}" for fact in _facts(connection, schema, kind, name, table))
    return found | {f"pragma {name}": str(connection.execute(f"PRAGMA {schema}.{name}").fetchone()[0]) for name in _PRAGMAS}


def tokens(sql: str) -> list[str]:
    """Return what a definition consists of, without spaces and comments."""
    return [token for token in _TOKEN.findall(sql) if token[0] not in " \t\n\f\r" and not token.startswith(("--", "/*"))]


def _plain(sql: str) -> str:
    """Return a definition without the quotes that mean nothing: a table that was renamed and renamed back is the same."""
    return "\x1f".join(map(_bare, tokens(sql)))


def _bare(token: str) -> str:
    inner = token[1:-1]
    return inner if token[0] in '"`[' and _NAME.fullmatch(inner) and inner.upper() not in _KEYWORDS else token


def _facts(connection: sqlite3.Connection, schema: str, kind: str, name: str, table: str) -> Iterator[tuple[object, ...]]:
    """Yield what SQLite made of a definition: where two of them were spelt alike and read otherwise, this differs."""
    try:
        match kind:
            case "table":
                for place, column, sort, required, default, key, hidden in connection.execute(f"PRAGMA {schema}.table_xinfo({quoted(name)})"):
                    yield place, column, sort, required, default and _plain(default), key, hidden
                yield from connection.execute(f"PRAGMA {schema}.foreign_key_list({quoted(name)})")
            case "index":
                indexes = connection.execute(f"PRAGMA {schema}.index_list({quoted(table)})")
                yield from [(unique, origin, partial) for _seq, each, unique, origin, partial in indexes if each == name]
                yield from connection.execute(f"PRAGMA {schema}.index_xinfo({quoted(name)})")
            case "view":
                # A view whose columns cannot be found any more; its names are in its text.
                yield (len(connection.execute(f"PRAGMA {schema}.table_xinfo({quoted(name)})").fetchall()),)
    except sqlite3.OperationalError:
        yield ("unreadable",)
