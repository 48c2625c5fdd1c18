"""The negative control: one row is falsified, so that a comparison which cannot fail is found out."""

from typing import TYPE_CHECKING, Any

from govern.problems import Exit, fault
from govern.rehearsal.postgresql.session import ask, quoted
from govern.rehearsal.states import spell_name

if TYPE_CHECKING:
    from psycopg import Connection

# Where a trigger or rule fires whatever the session says, code of the dump would run as superuser.
_TABLES = b"""
SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND t.tgenabled IN ('A', 'R'))
AND NOT EXISTS (SELECT FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_enabled IN ('A', 'R'))
ORDER BY pg_catalog.pg_relation_size(c.oid), n.nspname COLLATE "C", c.relname COLLATE "C"
"""


def delete_one_row(connection: "Connection[Any]") -> str:
    """Delete a row of the smallest table that has one, with no trigger, rule or foreign key noticing; return what was done.

    Raises:
        GovernError: no table has a row (CONTROL_IMPOSSIBLE, status 3).
    """
    # As `replica`, triggers, rules and foreign keys do not fire.
    ask(connection, b"SET session_replication_role = replica")
    for schema, table in ask(connection, _TABLES):
        name = f"{quoted(str(schema))}.{quoted(str(table))}"
        query = f"DELETE FROM ONLY {name} WHERE ctid = (SELECT ctid FROM ONLY {name} LIMIT 1) RETURNING 1"  # noqa: S608 - quoted
        if ask(connection, query.encode()):
            return f"one row of table {spell_name(str(schema), str(table))} was deleted"
    raise fault(Exit.UNJUDGED, "CONTROL_IMPOSSIBLE", "no table has a row that could be falsified", help="rehearse on a dump with rows")
