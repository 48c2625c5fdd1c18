"""Every statement that a ledger in PostgreSQL is read and written with, and the tables and roles that these need.

Pure: texts. They lean on nothing but primary keys, a unique constraint and the row lock of `UPDATE`, at READ COMMITTED,
so that engines which speak PostgreSQL's protocol run them unchanged: no advisory lock, no notification, no trigger, no
function of the server. `docs/teams.md` lists them, and a test reads in a server's log that no other was sent.
"""

import re

# In one message. Whatever the role or the database was set to: what is acknowledged is on the disk.
BEGIN = "BEGIN; SET LOCAL synchronous_commit TO on"
COMMIT, ROLLBACK = "COMMIT", "ROLLBACK"
HEAD = "SELECT size, last FROM govern.head WHERE ledger = %s"
HEADS = "SELECT ledger, size, last FROM govern.head ORDER BY ledger"
LINES = "SELECT seq, line FROM govern.record WHERE ledger = %s AND seq >= %s AND seq < %s ORDER BY seq"
FIND = "SELECT line FROM govern.record WHERE ledger = %s AND statement = ANY(%s)"
BEGUN = "INSERT INTO govern.head (ledger, size, last) VALUES (%s, %s, %s)"
MOVED = "UPDATE govern.head SET size = %s, last = %s WHERE ledger = %s AND size = %s AND last = %s"
ADDED = "INSERT INTO govern.record (ledger, seq, statement, line) VALUES (%s, %s, %s, %s)"
KEPT = "INSERT INTO govern.adopted (ledger, sha256, content) VALUES (%s, %s, %s) ON CONFLICT (ledger, sha256) DO NOTHING"
TEXT = "SELECT content FROM govern.adopted WHERE ledger = %s AND sha256 = %s"

# Each with what it is for.
STATEMENTS: tuple[tuple[str, str], ...] = (
    (HEAD, "the head of a ledger: how many records it has, and the digest of the last line"),
    (HEADS, "the heads of all ledgers, for `govern board`"),
    (LINES, "records, by number"),
    (FIND, "the records of statements, by digest: what settles an append whose acknowledgement was lost"),
    (BEGIN, "an append begins; it is acknowledged when it is on the disk"),
    (MOVED, "the head moves, if it is still the one that was judged; no row means that another came first"),
    (BEGUN, "the first append makes the head instead"),
    (ADDED, "a record"),
    (COMMIT, "the append ends"),
    (ROLLBACK, "or is given up"),
    (KEPT, "the text of an adopted policy or template is kept, by digest"),
    (TEXT, "such a text"),
)

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}", re.ASCII)
_TABLES = """\
CREATE SCHEMA govern;
-- How many records a ledger has, and the digest of its last line: an append moves it from the head that was judged.
CREATE TABLE govern.head (
  ledger text NOT NULL PRIMARY KEY,
  size bigint NOT NULL CHECK (size > 0),
  last text NOT NULL
);
-- The lines, byte for byte as in a ledger of files, without their line ends.
CREATE TABLE govern.record (
  ledger text NOT NULL,
  seq bigint NOT NULL CHECK (seq >= 0),
  statement text NOT NULL,
  line bytea NOT NULL,
  PRIMARY KEY (ledger, seq),
  UNIQUE (ledger, statement)
);
-- The texts of adopted policies and templates.
CREATE TABLE govern.adopted (
  ledger text NOT NULL,
  sha256 text NOT NULL,
  content bytea NOT NULL,
  PRIMARY KEY (ledger, sha256)
);
"""
_ROLES = """\
-- Roles are of the whole server: for its second database leave these two lines out, or name other roles.
CREATE ROLE {reader} NOLOGIN;
CREATE ROLE {writer} NOLOGIN;
GRANT USAGE ON SCHEMA govern TO {reader}, {writer};
GRANT SELECT ON govern.head, govern.record, govern.adopted TO {reader}, {writer};
-- A writer adds and moves the head. It changes, deletes and truncates nothing.
GRANT INSERT ON govern.head, govern.record, govern.adopted TO {writer};
GRANT UPDATE (size, last) ON govern.head TO {writer};
"""


def provision(reader: str, writer: str) -> str:
    """Return the SQL that makes the tables and the two roles; whoever runs it owns the tables, and must be no writer.

    Raises:
        ValueError: a name is not one that stands without quotes: lower-case letters, digits and `_`, at most 63.
    """
    for name in (reader, writer):
        if not _NAME.fullmatch(name):
            raise ValueError(f"`{name}` is no plain name of a role: lower-case letters, digits and `_`, at most 63")
    if reader == writer:
        raise ValueError(f"`{reader}` cannot be the role of readers and of writers")
    return f"BEGIN;\n{_TABLES}{_ROLES.format(reader=reader, writer=writer)}COMMIT;\n"


def numbered(statement: str) -> str:
    """Return a statement as a server sees it: `$1`, `$2`, … for what is filled in."""
    first, *rest = statement.split("%s")
    return first + "".join(f"${number}{part}" for number, part in enumerate(rest, 1))
