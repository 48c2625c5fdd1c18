"""Where two PostgreSQL databases differ: definitions by object, rows by table, column, count and first keys."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from govern.rehearsal.postgresql.catalogs import BUILT_IN
from govern.rehearsal.postgresql.components import Known, read_state
from govern.rehearsal.postgresql.listings import COMPONENTS, DEFINITIONS, Entry, read_listing
from govern.rehearsal.postgresql.merging import FIRST, Side, compare_presence, compare_tables
from govern.rehearsal.postgresql.pages import rows_on
from govern.rehearsal.postgresql.pinned import Session, pinned, text
from govern.rehearsal.postgresql.tables import read_tables
from govern.rehearsal.states import Difference

# How many differences of one component are named; the rest is counted.
NAMED = 100
Spelling: TypeAlias = Callable[[bytes], str]
# Names of objects as `pg_identify_object` gives them.
_WITH_PARTS = (b"table", b"view", b"materialized view", b"foreign table", b"composite type", b"index", b"sequence")
_NAME = rb'(?:"(?:[^"]|"")*"|[^ ".\[\]]+)'
_FULL = rb"%s(?:\.%s)*" % (_NAME, _NAME)
_PART = re.compile(rb"(?:[a-z ]*column |default value for )(?P<of>%s)\.%s|.* on (?P<on>%s)" % (_FULL, _NAME, _FULL), re.DOTALL)
_TYPE = re.compile(rb"type (?P<type>%s)(?P<array>\[\])?" % _FULL, re.DOTALL)
_MEMBER = re.compile(rb"(?:operator|function) of access method .* of (?P<of>%s USING %s)" % (_FULL, _NAME), re.DOTALL)
_ABOUT = re.compile(rb"(?:comment on|security label of|initial privileges of) (?P<what>.*)", re.DOTALL)


def differences(before: Session, after: Session, changed: Collection[str] | None = None, known: Known | None = None) -> tuple[Difference, ...]:
    """Return how `after` differs from `before`, in the components that are known to have changed, or in all that did.

    Two connections that may read everything, to the two databases. What is known of `after` since it was as `before` is not looked at.

    Raises:
        GovernError: something cannot be read (STATE_UNREADABLE, status 3).
    """
    if changed is None:
        one, two = read_state(before).components, read_state(after).components
        changed = {name for name in one.keys() | two.keys() if one.get(name) != two.get(name)}
    with pinned(before), pinned(after):
        found = [each for component in COMPONENTS if component in changed for each in bounded(component, _listed(component, before, after))]
        return (*found, *_tables(before, after, changed, known))


def compare_listings(component: str, before: Iterable[Entry], after: Iterable[Entry], spell: Spelling = bytes.decode) -> Iterator[Difference]:
    """Yield how the entries of a component differ: one difference for each object."""
    mine, other = _by_name(before), _by_name(after)
    names = sorted(name for name in mine.keys() | other.keys() if mine.get(name) != other.get(name))
    if component == "large objects":
        yield from _large_objects(mine, other, names, spell)
        return
    shown = "the next number of {}" if component == "sequences" else "{}"
    differing = frozenset(names)
    gone = {name for name in differing if (name in mine) != (name in other)}
    for name in names:
        if not _implied(name, differing, gone):
            yield Difference(component, "definition", 1, object=shown.format(_printable(spell(name))))


def bounded(component: str, found: Iterable[Difference]) -> list[Difference]:
    """Return the first differences; the rest are one more, with their number."""
    every = list(found)
    rest = len(every) - NAMED
    return every if rest <= 0 else [*every[:NAMED], Difference(component, "definition", rest, object=f"{rest} more")]


def _listed(component: str, before: Session, after: Session) -> Iterator[Difference]:
    one, two = read_listing(before, component), read_listing(after, component)
    if component in DEFINITIONS and _built_in(one) != _built_in(two):
        one, two = (read_listing(each, component, detailed=True) for each in (before, after))
    return compare_listings(component, one, two, lambda name: text(after, name))


def _built_in(entries: Iterable[Entry]) -> list[Entry]:
    return [each for each in entries if each.name == BUILT_IN.encode()]


def _by_name(entries: Iterable[Entry]) -> dict[bytes, list[Entry]]:
    found: dict[bytes, list[Entry]] = defaultdict(list)
    for each in entries:
        found[each.name].append(each)
    return found


def _implied(name: bytes, differing: Collection[bytes], gone: Collection[bytes]) -> bool:
    """Whether an object differs because another does that is named: a column came with its table, a row's type has the owner of its table."""
    about = _ABOUT.fullmatch(name)
    if about:
        return about["what"] in gone or _implied(about["what"], differing, gone)
    if found := _TYPE.fullmatch(name):
        kinds = (*_WITH_PARTS, b"type") if found["array"] else _WITH_PARTS
        return any(kind + b" " + found["type"] in differing for kind in kinds)
    if found := _MEMBER.fullmatch(name):
        return b"operator family " + found["of"] in gone
    found = _PART.fullmatch(name)
    return found is not None and any(kind + b" " + (found["of"] or found["on"]) in gone for kind in _WITH_PARTS)


def _large_objects(mine: dict[bytes, list[Entry]], other: dict[bytes, list[Entry]], names: Iterable[bytes], spell: Spelling) -> Iterator[Difference]:
    ways: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for name in names:
        if name not in mine or name not in other:
            ways["missing" if name in mine else "added", None].append(spell(name))
            continue
        one, two = (side[name][0].body.partition(b"\t") for side in (mine, other))
        if one[0] != two[0]:
            ways["changed", "privileges"].append(spell(name))
        if one[2] != two[2]:
            ways["changed", "contents"].append(spell(name))
    for (kind, column), keys in ways.items():
        yield Difference("large objects", kind, len(keys), column=column, keys=tuple(sorted(keys, key=int)[:FIRST]))


def _tables(before: Session, after: Session, changed: Collection[str], known: Known | None) -> Iterator[Difference]:
    mine, other = ({table.component: Side(each, table) for table in read_tables(each) if table.component in changed} for each in (before, after))
    pages = known.pages(after, [each.table for each in other.values()]) if known else {}
    for component in pages.keys() & mine.keys():
        source = rows_on(other[component].table, pages[component])
        mine[component], other[component] = (replace(sides[component], source=source) for sides in (mine, other))
    for component in sorted(mine.keys() | other.keys()):
        if component in mine and component in other:
            yield from bounded(component, compare_tables(mine[component], other[component]))
        elif component in mine:
            yield compare_presence("missing", mine[component])
        else:
            yield compare_presence("added", other[component])


def _printable(name: str) -> str:
    return "".join(each if " " <= each < "\x7f" and each != "\\" else f"\\u{{{ord(each):x}}}" for each in name)
