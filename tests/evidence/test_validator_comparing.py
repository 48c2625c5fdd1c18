"""Two rehearsals compared: every logical digest, every number of rows and every list, each by its own place."""

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from govern.canonical import digest
from govern.evidence.comparing import compare
from govern.evidence.validator import edit, good


def edited(*script: tuple[Any, ...]) -> Mapping[str, Any]:
    """Return what stands under `rehearsal` after a script."""
    evidence = good("sqlite")
    for step in script:
        edit(evidence, *step)
    body: Mapping[str, Any] = evidence["rehearsal"]
    return body


def test_a_rehearsal_that_found_the_same_is_the_same_whatever_its_times_and_stored_bytes() -> None:
    again = edited(
        ("set", "run/nonce", digest(b"another")), ("set", "run/milliseconds", {"load": 7}), ("set", "states/stored", digest(b"other bytes")), ("set", "paths/0/transactions", {"begun": "9", "ended": "9"})
    )  # fmt: skip
    assert compare(good("sqlite")["rehearsal"], again) == ()


@pytest.mark.parametrize("which", ["before", "applied", "after"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_digest_of_any_state_of_any_path_that_is_another_one_is_named(number: int, which: str) -> None:
    first = good("sqlite")["rehearsal"]
    again = edited(("set", f"paths/{number - 1}/{which}/components/schema", digest(b"another")))
    said = f"path {number}, {which}: schema has the digest {digest(b'schema')[:16]}, and again {digest(b'another')[:16]}"
    assert compare(first, again) == (said,)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (("set", "paths/1/applied/rows/main.people", 5), "path 2, applied: main.people has 4 rows, and again 5 rows"),
        (("remove", "paths/1/applied/rows/main.log"), "path 2, applied: main.log has 0 rows, and again no table"),
        (("set", "paths/1/applied/rows/main.more", 1), "path 2, applied: main.more has no table, and again 1 row"),
        (("set", "paths/0/residue", []), "path 1, residue: sequences, and again nothing"),
        (("add", "paths/0/changed", "schema"), "path 1, changed: sequences, table main.people, and again sequences, table main.people, schema"),
        (("remove", "paths/2"), "path 3 was tried in one of the two only"),
        (("set", "engine/name", "postgresql"), "the engine was sqlite, and is postgresql"),
        (
            ("remove", "control/after/components/schema"),
            f"control: schema has the digest {digest(b'schema')[:16]}, and again of nothing: it is not there",
        ),
    ],
)
def test_what_else_is_another_is_named(step: tuple[Any, ...], said: str) -> None:
    first = good("sqlite")["rehearsal"]
    assert compare(first, edited(step)) == (said,)
    assert len(compare(edited(step), first)) == 1


def test_neither_of_the_two_is_changed() -> None:
    first, again = good("sqlite")["rehearsal"], edited(("remove", "paths/2"))
    kept = copy.deepcopy((first, again))
    compare(first, again)
    assert (first, again) == kept
