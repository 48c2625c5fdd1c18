"""The changes that are tried, with their ways back: one honest, two that lose data, each in one way only."""

from dataclasses import dataclass

FIRST_NEW = 900_000_001
_ADDED = 10
# What the lossy ways back do not bring back shows here.
COUNTED = "SELECT count(*), count(notes), sum(weight_g) FROM birth_registry"


@dataclass(frozen=True, slots=True)
class Change:
    """A change, its way back, and whether that loses something; `holds` counts one where the change is in place."""

    name: str
    apply: str
    revert: str
    lossy: bool
    holds: str


def changes(last: int) -> tuple[Change, ...]:
    """Return the changes of a registry whose last row has this number, the same for both engines."""
    numbers = range(FIRST_NEW, FIRST_NEW + _ADDED)
    inserted = "".join(f"INSERT INTO birth_registry (id, registration_no, child_name) VALUES ({each}, 'NEW-{each}', 'Child {each}');\n" for each in numbers)  # noqa: S608 - numbers of ours
    removed = f"DELETE FROM birth_registry WHERE id >= {FIRST_NEW};\n"  # noqa: S608 - numbers of ours
    added = f"SELECT count(*) FROM birth_registry WHERE id = {FIRST_NEW}"  # noqa: S608 - numbers of ours
    heavier = "UPDATE birth_registry SET weight_g = weight_g + 1 WHERE id % 10 = 0;\n"
    lighter = "UPDATE birth_registry SET weight_g = weight_g - 1 WHERE id % 10 = 0;\n"
    return (
        Change(
            "honest",
            f"ALTER TABLE birth_registry ADD COLUMN reviewed integer;\n{inserted}{heavier}",
            f"{lighter}{removed}ALTER TABLE birth_registry DROP COLUMN reviewed;\n",
            lossy=False,
            holds=f"{added} AND reviewed IS NULL",
        ),
        Change(
            "column lost",
            f"ALTER TABLE birth_registry DROP COLUMN notes;\n{inserted}",
            f"{removed}ALTER TABLE birth_registry ADD COLUMN notes text;\n",
            lossy=True,
            holds=added,
        ),
        Change(
            "one row too many",
            inserted,
            f"DELETE FROM birth_registry WHERE id >= {last};\n",  # noqa: S608 - numbers of ours
            lossy=True,
            holds=added,
        ),
    )
