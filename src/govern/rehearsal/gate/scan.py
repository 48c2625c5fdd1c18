"""What a table, or anything else that is stored, holds: each column by its class, secrets and personal data in its text.

Nothing here keeps or returns a value: findings are a place, a kind and a count.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from govern.evidence.patterns import ASSIGNED, PERSONAL, SECRETS, Form, is_random, search
from govern.policy.rehearsal import ColumnClass
from govern.problems import Problem
from govern.rehearsal.gate.masks import is_masked
from govern.rehearsal.gate.restored import BETWEEN, Batch, Columns, Table
from govern.rehearsal.gate.shape import title

_PERSONAL = frozenset(form.kind for form in PERSONAL)
# A table of settings: one column names them, another has what they are set to.
_NAMING = re.compile(r"(?i)(?:.*_)?(?:key|name|option|parameter|property|setting|variable)")
_SETTING = re.compile(rb"(?i)[a-z0-9_.-]*(?:passw(?:or)?d|passphrase|pwd|secret|token|(?:api|access|private|auth)[_.-]?key)[a-z0-9_.-]*")
_MOST_OF_NAME, _LEAST_OF_VALUE = 64, 8
# Stands wherever such a name does.
_WORDS = Form(
    "a word for a secret",
    (b"pass", b"pwd", b"secret", b"key", b"token"),
    re.compile(rb"(?i)pass(?:w|phrase)|pwd|secret|token|(?:(?<=api)|(?<=access)|(?<=private)|(?<=auth)|(?<=[_.-]))key"),
    within="lower case",
)
# Stands in such a row all the same: an id, or a time.
_ORDINARY = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.+Z-]*")


@dataclass(slots=True)
class _Column:
    """What was seen of one column."""

    wanted: ColumnClass
    values: int = 0
    unmasked: int = 0
    constants: set[bytes] = field(default_factory=set)
    matched: Counter[Form] = field(default_factory=Counter)
    held: Counter[Form] = field(default_factory=Counter)
    settings: int = 0


class Scan:
    """Goes over everything that was restored, once."""

    def __init__(self, labels: Iterable[str], *, persons: bool = True) -> None:
        self.forms = (*SECRETS, *ASSIGNED, *(PERSONAL if persons else ()))
        self.scanned = 0
        self.problems: list[Problem] = []
        self.kinds: set[str] = set()
        self.labels = {label.encode(): False for label in labels}

    @property
    def label(self) -> str | None:
        """The label that stands somewhere in the text, if one does."""
        return next((label.decode() for label, seen in self.labels.items() if seen), None)

    def take_table(self, table: Table, classes: Sequence[ColumnClass], batches: Iterable[Batch]) -> int:
        """Scan a table; return how many rows it has."""
        columns = [_Column(wanted) for wanted in classes]
        naming = [at for at, column in enumerate(table.columns) if _NAMING.fullmatch(column.name)]
        # Where there is nothing to be found but forms, and none of them in all values together, no column needs to be looked at.
        together, sought = set(classes) <= {"plain"}, (*self.forms, _WORDS) if naming else self.forms
        rows = 0
        for batch in batches:
            rows += batch.rows
            self.scanned += batch.size
            self.see_labels(batch.text)
            # Where one batch holds a form, the next is likely to.
            together = together and not any(search(batch.text, sought))
            if not together:
                self._take(columns, batch.columns(), naming)
        for column, declared in zip(columns, table.columns, strict=True):
            self._judge(column, title(table, declared))
        return rows

    def take_text(self, where: str, text: bytes) -> None:
        """Scan what stands beside the rows."""
        self.see_labels(text)
        for seen in search(text, self.forms):
            if seen.held > seen.form.share * seen.matched:
                self._find(where, seen.form.kind, seen.held)

    def _take(self, columns: Sequence[_Column], batch: Columns, naming: Iterable[int]) -> None:
        for column, values in zip(columns, batch, strict=True):
            self._take_column(column, [each for each in values if each is not None])
        for each in naming:
            _count_settings(columns, batch, each)

    def _take_column(self, column: _Column, values: list[bytes]) -> None:
        column.values += len(values)
        if column.wanted == "masked":
            unmasked = [value for value in values if not is_masked(value)]
            column.unmasked += len(unmasked)
            # Two are enough to know that it is no constant.
            column.constants |= set(sorted(set(unmasked))[:2]) if len(column.constants) < 2 else set()
        if column.wanted in {"plain", "masked"}:
            for seen in search(BETWEEN.join(values), self.forms):
                column.matched[seen.form] += seen.matched
                column.held[seen.form] += seen.held

    def _judge(self, column: _Column, where: str) -> None:
        found = {form: count for form, count in column.held.items() if count > form.share * column.matched[form]}
        for form, count in found.items():
            self._find(where, form.kind, count)
        if column.settings:
            self._find(where, "a value beside the name of a secret", column.settings)
        if column.wanted == "empty" and column.values:
            help = "set it to NULL; where only its name sounds like a secret or a person, classify it by name"
            self.problems.append(Problem("NOT_EMPTY", f"{where}: {column.values} values in a column that must be empty", help=help))
        # One value for all of many rows tells nothing about any of them.
        constant = len(column.constants) == 1 and column.unmasked > 1
        if column.wanted == "masked" and column.unmasked and not constant:
            message = f"{where}: {column.unmasked} of {column.values} values are not masked"
            self.problems.append(Problem("NOT_MASKED", message, help="a mask is one value for all, `****`, `REDACTED` or `masked:` and a number"))

    def _find(self, where: str, kind: str, count: int) -> None:
        code = "PERSONAL_FOUND" if kind in _PERSONAL else "SECRET_FOUND"
        self.kinds.add(kind)
        self.problems.append(Problem(code, f"{where}: {kind}, {count} times", help="mask it, empty it, or leave it out of the dump"))

    def see_labels(self, text: bytes) -> None:
        """Look for the labels in a text."""
        for label, seen in self.labels.items():
            if not seen and label in text:
                self.labels[label] = True


def _count_settings(columns: Sequence[_Column], batch: Columns, naming: int) -> None:
    """Count, in the rows that name a secret, the values that look like one."""
    named = [row for row, name in enumerate(batch[naming]) if name and len(name) <= _MOST_OF_NAME and _SETTING.fullmatch(name)]
    for at, column in enumerate(columns):
        if at != naming and column.wanted == "plain" and named:
            values = (batch[at][row] for row in named)
            column.settings += sum(
                value is not None and len(value) >= _LEAST_OF_VALUE and is_random(value) and not _ORDINARY.fullmatch(value) for value in values
            )
