"""Renames that leave behind what was in the way: where some guard wants that nothing is on record, the new name has nothing.

Pure. Grants, openings, evidence and ended runs stay with the old name; so does evidence that kept its maker from deciding.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from govern.policy.diff.edits import Direction, Edit, Effect, joined

# A guard denies that an action is done; what is renamed is the action.
_SECTIONS = {"dones": "actions"}


def renamings(edits: tuple[Edit, ...], denied: Mapping[str, str], separated: Collection[Effect]) -> Iterator[Edit]:
    """Yield the edits that are renames: loosening where what stays behind was denied, or kept somebody from deciding."""
    forgotten = {_place(path) for path in denied}
    for edit in edits:
        freed = tuple(effect for effect in separated if edit.path.startswith("blockers.") and effect.comes_from(edit.path))
        lost = any(path == edit.path or path.startswith(f"{edit.path}.") for path in forgotten)
        found = joined([edit.direction, Direction.LOOSENING if lost else Direction.NEITHER, *(effect.direction for effect in freed)])
        yield replace(edit, direction=found, effects=freed)


def _place(path: str) -> str:
    section, _, name = path.partition(".")
    return f"{_SECTIONS.get(section, section)}.{name}"
