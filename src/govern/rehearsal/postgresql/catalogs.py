"""What is defined in a database, as lines: one query over all system catalogs, written from what the server says of them.

Pure: columns in, a query out. A line is `catalog TAB name of the object TAB row`; names and expressions as the server spells
them, so that a number that PostgreSQL gave to an object never counts. Equal definitions give equal lines, in some order.
"""
# ruff: noqa: S608 - a query of names that the server gave, and of constants

from collections.abc import Collection, Iterable, Mapping
from itertools import groupby
from typing import NamedTuple

from govern.rehearsal.postgresql import rules
from govern.rehearsal.postgresql.rules import CLASS, Rule

# The columns of all catalogs, and what their numbers refer to.
COLUMNS = b"""
SELECT c.relname, a.attname, format_type(a.atttypid, NULL), f.pktable::regclass::text, coalesce(f.is_array, false)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
LEFT JOIN pg_catalog.pg_get_catalog_foreign_keys() f ON f.fktable = c.oid AND f.fkcols = ARRAY[a.attname::text]
WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' ORDER BY c.relname COLLATE "C", a.attnum
"""
# What `initdb` made has a smaller number.
FIRST_NORMAL = 16384
BUILT_IN = "built-in objects"
# Temporary objects end with the session; a TOAST table is a part of its table.
_FLEETING = r"""fleeting AS MATERIALIZED (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname ~ '^pg_(toast|temp_[0-9]+|toast_temp_[0-9]+)$'),
hidden AS MATERIALIZED (SELECT oid FROM pg_catalog.pg_class WHERE relnamespace IN (SELECT oid FROM fleeting))"""
_REGISTERED = {
    "pg_authid": "regrole",
    "pg_class": "regclass",
    "pg_collation": "regcollation",
    "pg_namespace": "regnamespace",
    "pg_operator": "regoperator",
    "pg_proc": "regprocedure",
    "pg_ts_config": "regconfig",
    "pg_ts_dict": "regdictionary",
    "pg_type": "regtype",
}


class Column(NamedTuple):
    """A column of a catalog, and the catalog that its numbers refer to, if they do."""

    catalog: str
    name: str
    type: str
    refers_to: str | None
    many: bool

    @property
    def full(self) -> str:
        """Its name with the catalog's."""
        return f"{self.catalog}.{self.name}"

    def is_in(self, listed: Mapping[str, str]) -> bool:
        """Whether it stands in a list of columns by catalog."""
        return self.name in listed.get(self.catalog, "").split()


def definitions_query(component: str, columns: Iterable[Column], *, known: Collection[str] = (), detailed: bool = False) -> str:
    """Return the query for the lines of `schema`, `globals` or `database`.

    Built-in objects are one line for each catalog, with a digest; `detailed` has a line for each of them. Of the catalogs in `known`,
    that line is left out.
    """
    catalogs = {name: tuple(found) for name, found in groupby(columns, key=lambda each: each.catalog)}
    parts = []
    for catalog, rule in _rules(component, catalogs).items():
        parts.append(_own(catalog, rule, catalogs[catalog]))
        if rule.key and catalog not in known:
            parts.append(_built_in(catalog, rule, catalogs[catalog], detailed=detailed))
    return f"WITH {_FLEETING}\n" + "\nUNION ALL ".join(parts)


def stands_alone(catalog: str) -> bool:
    """Whether the line of a catalog's built-in objects says nothing that other catalogs decide, but for the names of roles and functions."""
    rule = rules.SCHEMA.get(catalog)
    return rule is not None and bool(rule.key) and rule.where == "true"


def _rules(component: str, catalogs: Mapping[str, tuple[Column, ...]]) -> Mapping[str, Rule]:
    match component:
        case "globals":
            found = rules.GLOBALS
        case "database":
            found = rules.DATABASE
        case _:
            known = rules.SCHEMA.keys() | rules.GLOBALS.keys() | rules.IGNORED
            # A catalog of a version that came later: its rows count, under its own name.
            later = {name: Rule(f"'{name}'", "oid" if "oid" in {each.name for each in catalogs[name]} else "") for name in catalogs if name not in known}
            found = {**rules.SCHEMA, **later}
    return {name: rule for name, rule in found.items() if name in catalogs}


def _own(catalog: str, rule: Rule, columns: tuple[Column, ...]) -> str:
    conditions = [rule.where]
    if rule.key:
        conditions.append(f"r.{rule.key} >= {FIRST_NORMAL}")
    if rule.relation:
        hidden = f"r.{rule.relation} IN (SELECT oid FROM hidden)"
        # An object of another catalog may have the same number as a hidden table.
        said = next((f"r.{each.name} = {CLASS} AND " for each in columns if each.name in {"classid", "classoid"}), "")
        conditions.append(f"NOT ({said}{hidden})")
    conditions += [f"r.{each.name} NOT IN (SELECT oid FROM fleeting)" for each in columns if each.refers_to == "pg_namespace" and not each.many]
    shown = [each for each in map(_shown, columns) if each]
    return _select(catalog, rule, f"ROW({', '.join(shown)})::text", " AND ".join(conditions))


def _built_in(catalog: str, rule: Rule, columns: tuple[Column, ...], *, detailed: bool) -> str:
    """The rows of built-in objects as they are stored: their numbers are the same in every cluster of a version."""
    shown = ", ".join(each for each in map(_stored, columns) if each)
    condition = f"{rule.where} AND r.{rule.key} < {FIRST_NORMAL}"
    if detailed:
        return _select(catalog, rule, f"ROW({shown})::text", condition)
    return (
        f"SELECT '{catalog}', '{BUILT_IN}', encode(sha256(convert_to(coalesce(string_agg(b.body, E'\\n' ORDER BY b.key, b.body COLLATE \"C\"), ''), "
        f"getdatabaseencoding())), 'hex') FROM (SELECT r.{rule.key} AS key, ROW({shown})::text AS body FROM pg_catalog.{catalog} r WHERE {condition}) b"
    )


def _select(catalog: str, rule: Rule, body: str, condition: str) -> str:
    if "," not in rule.named or "(" in rule.named:
        return f"SELECT '{catalog}', {_prefixed(rule, rule.named)}, {body} FROM pg_catalog.{catalog} r WHERE {condition}"
    named = f"coalesce(n.type || ' ' || n.identity, '{catalog}')"
    return (
        f"SELECT '{catalog}', {_prefixed(rule, named)}, {body} FROM pg_catalog.{catalog} r "
        f"CROSS JOIN LATERAL pg_catalog.pg_identify_object({rule.named}) n WHERE {condition}"
    )


def _prefixed(rule: Rule, name: str) -> str:
    return f"'{rule.prefix}' || {name}" if rule.prefix else name


def _shown(column: Column) -> str | None:
    """Return how a column is spelled, or None where it does not count."""
    if column.full in rules.EXPRESSIONS:
        return rules.EXPRESSIONS[column.full]
    if column.refers_to is None or column.type.startswith("aclitem"):
        return _stored(column) if column.name != "oid" else None
    return None if column.is_in(rules.LEFT_OUT) else _resolved(column)


def _stored(column: Column) -> str | None:
    """Return how a column of a built-in object is spelled: as stored, but for the names of roles."""
    name = f"r.{column.name}"
    if column.is_in(rules.LEFT_OUT):
        return None
    if column.type == "aclitem[]":
        return _privileges(name, rules.DEFAULT_PRIVILEGES.get(column.full, "'{}'"))
    if column.is_in(rules.SETS):
        return f"nullif({_sorted(name)}, '{{}}')"
    return _resolved(column) if column.refers_to == "pg_authid" else name


def _resolved(column: Column) -> str:
    name, registered = f"r.{column.name}", _REGISTERED.get(column.refers_to or "")
    if registered and column.many:
        return f"{name}::oid[]::{registered}[]::text"
    if registered:
        return f"{name}::{registered}::text"
    if column.many:
        return f"ARRAY(SELECT (pg_identify_object('{column.refers_to}'::regclass, e, 0)).identity FROM unnest({name}::oid[]) e)"
    return f"CASE {name} WHEN 0 THEN NULL ELSE (pg_identify_object('{column.refers_to}'::regclass, {name}, 0)).identity END"


def _privileges(name: str, default: str) -> str:
    """Privileges in one order; those that an object has by default are as good as none written down."""
    return f"CASE WHEN {name} IS NULL THEN NULL ELSE nullif({_sorted(name)}, {_sorted(default + '::aclitem[]')}) END"


def _sorted(array: str) -> str:
    return f'ARRAY(SELECT e::text FROM unnest({array}) e ORDER BY e::text COLLATE "C")'
