"""Whether filling a table runs no code of the dump and reads nothing else: then it makes no difference when it is filled.

What is not known to be so is not plain: an index may be over a function, a domain may have a check, a partition belongs to another table.
"""

from typing import TYPE_CHECKING, Any

from govern.rehearsal.postgresql.filling import Filled

if TYPE_CHECKING:
    from psycopg import Connection

# Nodes of a check that do nothing by themselves; whatever function one of them calls is looked at.
_NODES = [
    *("VAR", "CONST", "RELABELTYPE", "BOOLEXPR", "NULLTEST", "BOOLEANTEST", "ARRAYEXPR", "ARRAYCOERCEEXPR", "CASETESTEXPR"),
    *("CASEEXPR", "CASEWHEN", "COALESCEEXPR", "MINMAXEXPR", "OPEXPR", "SCALARARRAYOPEXPR", "DISTINCTEXPR", "NULLIFEXPR", "FUNCEXPR"),
]
# The objects that a cluster begins with have numbers below this one (FirstNormalObjectId).
_FIRST_OWN = 16384
_PLAIN = r"""
SELECT c.oid FROM pg_class c
WHERE c.oid = to_regclass(%(table)s) AND c.relkind = 'r' AND c.relpersistence <> 't'
  AND NOT (c.relhasindex OR c.relhastriggers OR c.relrowsecurity OR c.relispartition OR c.relhassubclass)
  AND (%(columns)s::int IS NULL
    OR %(columns)s::int = (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped))
  AND NOT EXISTS (
    SELECT FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type e ON e.oid = t.typelem
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      AND (a.attgenerated <> '' OR NOT (t.oid < %(own)s OR t.typtype IN ('b', 'e')) OR NOT (e.oid IS NULL OR e.oid < %(own)s OR e.typtype IN ('b', 'e'))))
  AND NOT EXISTS (
    SELECT FROM pg_constraint k, regexp_matches(k.conbin::text, '\{([A-Z]+)', 'g') AS node
    WHERE k.conrelid = c.oid AND NOT node[1] = ANY (%(nodes)s))
  AND NOT EXISTS (
    SELECT FROM pg_constraint k, regexp_matches(k.conbin::text, ':(?:op)?funcid (\d+)', 'g') AS called
      LEFT JOIN pg_proc p ON p.oid = called[1]::oid AND p.oid < %(own)s AND p.provolatile = 'i'
    WHERE k.conrelid = c.oid AND p.oid IS NULL)
"""


def plain(superuser: "Connection[Any]", filled: Filled) -> int | None:
    """Return the number (OID) of the table that is filled, if it is a plain one, no column takes a default, and its name has its schema."""
    if len(filled.name) != 2:
        return None
    given = {"table": filled.table, "columns": filled.columns, "own": _FIRST_OWN, "nodes": _NODES}
    found = superuser.execute(_PLAIN, given).fetchone()
    return int(found[0]) if found else None
