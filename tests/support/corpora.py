"""Runs a corpus of changes and their reverts on a PostgreSQL server, all of them in one database, each in a schema of its own.

One state is read before, one after all were applied and one after all were reverted, so a hundred cases cost three readings;
what differs is attributed to the case whose name it carries.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from psycopg import Connection
from psycopg.errors import FeatureNotSupported

from govern.rehearsal.postgresql.components import read_state
from govern.rehearsal.postgresql.listings import COMPONENTS, Entry, read_listing
from govern.rehearsal.postgresql.localise import compare_listings, differences
from govern.rehearsal.postgresql.pinned import pinned
from govern.rehearsal.postgresql.server import SUPERUSER, Server
from govern.rehearsal.states import Difference, State

CORPUS = Path(__file__).parents[1] / "rehearsal" / "postgresql" / "corpus"

# What a server may have been built without, and what fails then.
_PROBES = {"icu": "CREATE COLLATION probe (PROVIDER = icu, LOCALE = 'und'); DROP COLLATION probe", "xml": "SELECT '<a/>'::xml"}


@dataclass(frozen=True, slots=True)
class Case:
    """A change, what it is run on, its revert, and the differences that remain, where some do.

    `expect_applied` are the differences in between that do not carry the name of the case; `needs` is what a server may
    have been built without.
    """

    name: str
    setup: Sequence[str]
    apply: Sequence[str]
    revert: Sequence[str]
    expect: Sequence[str] = ()
    expect_applied: Sequence[str] = ()
    needs: Sequence[str] = ()


@dataclass(slots=True)
class Outcome:
    """What differed in a case when it was applied, and what after it was reverted."""

    applied: list[str] = field(default_factory=list)
    reverted: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reading:
    """A state, and the lists that its digests are of."""

    state: State
    listings: Mapping[str, list[Entry]]


@cache
def read_cases(file: str, major: int) -> tuple[Case, ...]:
    """Return the cases of a file of the corpus, as they are expected on a major version."""
    return tuple(_case(each, major) for each in yaml.safe_load((CORPUS / file).read_text(encoding="utf-8")))


def read_types() -> list[Case]:
    """Return the cases that every type makes with every operation."""
    written = yaml.safe_load((CORPUS / "types.yaml").read_text(encoding="utf-8"))
    return [
        _typed(kind, values, name, operation)
        for kind, values in written["types"].items()
        for name, operation in written["operations"].items()
        if kind not in operation.get("not", [])
    ]


def run_cases(server: Server, every: Sequence[Case]) -> dict[str, Outcome]:
    """Run every case that the server can, and return what became of each; under the empty name, what no case is responsible for."""
    with _databases(server) as (name, copy):
        with server.connect(SUPERUSER, name) as connection:
            lacking = _lacking(connection)
            cases = [case for case in every if lacking.isdisjoint(case.needs)]
            for case in cases:
                connection.execute(f'CREATE SCHEMA "{case.name}"')
                _run(connection, case, case.setup)
        with server.connect(SUPERUSER, "postgres") as maintenance:
            maintenance.execute(f"CREATE DATABASE {copy} TEMPLATE {name}")
        with server.connect(SUPERUSER, name) as connection, server.connect(SUPERUSER, copy) as original:
            before = _read(connection)
            for case in cases:
                _run(connection, case, case.apply)
            applied = _read(connection)
            for case in cases:
                _run(connection, case, case.revert)
            after = _read(connection)
            rows = differences(original, connection, [each for each in _changed(before, after) if each.startswith("table ")])
            found = _attributed(cases, _definitions(before, applied), [*_definitions(before, after), *rows])
            for case in cases:
                for component in _changed(before, applied):
                    if component.startswith(f"table {case.name}."):
                        found[case.name].applied.append(component)
    return found


def _case(written: Mapping[str, Any], major: int) -> Case:
    def listed(key: str) -> list[str]:
        value = written.get(f"{key}_{major}", written.get(key, []))
        return [value] if isinstance(value, str) else list(value)

    return Case(written["name"], *(listed(key) for key in ("setup", "apply", "revert", "expect", "expect_applied", "needs")))


def _typed(kind: str, values: Sequence[str], name: str, operation: Mapping[str, Any]) -> Case:
    rows = ", ".join(f"({place}, CAST({value} AS {kind}))" for place, value in enumerate(values))
    setup = (
        f"CREATE TABLE t (id int PRIMARY KEY, v {kind}); INSERT INTO t VALUES {rows}, ({len(values)}, NULL);"
        f"CREATE TABLE bag (v {kind}); INSERT INTO bag SELECT v FROM t; INSERT INTO bag SELECT v FROM t"
    )
    apply, revert = (operation[step].replace("{type}", kind).replace("{first}", f"CAST({values[0]} AS {kind})") for step in ("apply", "revert"))
    word = re.sub(r"\W+", "_", kind.replace("[]", " array"))
    return Case(f"{name}__{word}", [setup], [apply], [revert], needs=["xml"] if kind == "xml" else [])


@contextmanager
def _databases(server: Server) -> Iterator[tuple[str, str]]:
    """Two names of databases; with what was made under them go the roles and tablespaces of the meantime."""
    names = ("corpus", "corpus_before")
    with server.connect(SUPERUSER, "postgres") as maintenance:
        roles = {role for (role,) in maintenance.execute("SELECT rolname FROM pg_roles")}
        maintenance.execute(f"CREATE DATABASE {names[0]} TEMPLATE template0")
    try:
        yield names
    finally:
        with server.connect(SUPERUSER, "postgres") as maintenance:
            for name in names:
                _drop_subscriptions(server, maintenance, name)
                maintenance.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            for (role,) in maintenance.execute("SELECT rolname FROM pg_roles").fetchall():
                if role not in roles:
                    maintenance.execute(f'DROP OWNED BY "{role}"')
                    maintenance.execute(f'DROP ROLE "{role}"')
            for (space,) in maintenance.execute("SELECT spcname FROM pg_tablespace WHERE spcname !~ '^pg_'").fetchall():
                maintenance.execute(f'DROP TABLESPACE "{space}"')


def _lacking(connection: Connection[tuple[Any, ...]]) -> set[str]:
    """Return what the server was built without."""
    found = set()
    for name, probe in _PROBES.items():
        try:
            connection.execute(probe)
        except FeatureNotSupported:
            found.add(name)
    return found


def _drop_subscriptions(server: Server, maintenance: Connection[tuple[Any, ...]], name: str) -> None:
    """A database cannot be dropped as long as it has one."""
    found = maintenance.execute("SELECT subname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE datname = %s", [name]).fetchall()
    if found:
        with server.connect(SUPERUSER, name) as connection:
            for (subscription,) in found:
                connection.execute(f'DROP SUBSCRIPTION "{subscription}"')


def _run(connection: Connection[tuple[Any, ...]], case: Case, statements: Iterable[str]) -> None:
    connection.execute(f'SET search_path TO "{case.name}"')
    for each in statements:
        try:
            connection.execute(each)
        except Exception as error:
            error.add_note(f"case {case.name}: {each}")
            raise
    connection.execute("RESET ALL")


def _read(connection: Connection[tuple[Any, ...]]) -> Reading:
    with pinned(connection):
        listings = {component: read_listing(connection, component, detailed=True) for component in COMPONENTS}
    return Reading(read_state(connection), listings)


def _changed(before: Reading, after: Reading) -> list[str]:
    one, two = before.state.components, after.state.components
    return sorted(name for name in one.keys() | two.keys() if one.get(name) != two.get(name))


def _definitions(before: Reading, after: Reading) -> list[Difference]:
    changed = _changed(before, after)
    found = {component: list(compare_listings(component, before.listings[component], after.listings[component])) for component in COMPONENTS}
    assert {component for component, differing in found.items() if differing} == set(COMPONENTS) & set(changed), "digests and lists disagree"
    return [each for differing in found.values() for each in differing]


def _attributed(cases: Sequence[Case], applied: Iterable[Difference], reverted: Iterable[Difference]) -> dict[str, Outcome]:
    found = {case.name: Outcome() for case in cases} | {"": Outcome()}
    owners = {text: case.name for case in cases for text in (*case.expect, *case.expect_applied)}
    for each in applied:
        found[_owner(str(each), found, owners)].applied.append(str(each))
    for each in reverted:
        found[_owner(str(each), found, owners)].reverted.append(str(each))
    return found


def _owner(text: str, names: Mapping[str, Outcome], owners: Mapping[str, str]) -> str:
    if text in owners:
        return owners[text]
    words = set(re.findall(r"\w+", text))
    return next((name for name in names if words & {name, f"{name}_role", f"{name}_group", f"{name}_place", f"{name}_heap", f"{name}_"}), "")
