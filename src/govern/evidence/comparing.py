"""Two rehearsals of one change on one source: every logical digest of the one against that of the other.

Pure. Times, nonces, stored bytes and ids of transactions are those of one run, and are not compared.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

WHICH = ("before", "applied", "after")


def compare(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[str, ...]:
    """Return in sentences what two rehearsals found differently; of two that agree, nothing.

    Both are what stands under `rehearsal` in evidence; of the engine, the paths and the control alone are read.
    """
    return tuple(_differing(first, second))


def _differing(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[str]:
    if first["engine"]["name"] != second["engine"]["name"]:
        yield f"the engine was {first['engine']['name']}, and is {second['engine']['name']}"
        return
    paths, again = ({path["path"]: path for path in each["paths"]} for each in (first, second))
    for number in sorted({*paths, *again}):
        if number not in paths or number not in again:
            yield f"path {number} was tried in one of the two only"
            continue
        for which in WHICH:
            yield from _states(f"path {number}, {which}", paths[number][which], again[number][which])
        for what in ("changed", "residue"):
            yield from _lists(f"path {number}, {what}", paths[number][what], again[number][what])
    yield from _states("control", first["control"]["after"], second["control"]["after"])


def _states(where: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted({*one["components"], *other["components"]}):
        found, again = one["components"].get(name), other["components"].get(name)
        if found != again:
            yield f"{where}: {name} has the digest {_short(found)}, and again {_short(again)}"
    for name in sorted({*one["rows"], *other["rows"]}):
        rows, now = one["rows"].get(name), other["rows"].get(name)
        if rows != now:
            yield f"{where}: {name} has {_number(rows)}, and again {_number(now)}"


def _lists(where: str, one: Sequence[str], other: Sequence[str]) -> Iterator[str]:
    if one != other:
        yield f"{where}: {', '.join(one) or 'nothing'}, and again {', '.join(other) or 'nothing'}"


def _short(digest: str | None) -> str:
    return "of nothing: it is not there" if digest is None else digest[:16]


def _number(rows: int | None) -> str:
    return "no table" if rows is None else f"{rows} row{'' if rows == 1 else 's'}"
