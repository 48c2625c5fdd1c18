"""The state of a database as digests: one for each component, and a root over all of them.

Pure. Two states are equal exactly when each component is: the root is the RFC 6962 tree hash of the leaves
`NAME LF SHA256`, in the order of the names' code points.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from govern.canonical import Json, digest
from govern.ledger.merkle import leaf_hash, root_over
from govern.rehearsal.gate.masks import sounds_sensitive

MAX_KEY = 64


def spell_name(*parts: str) -> str:
    r"""Return a name of the database, such as schema and table, in printable ASCII: `people`, or `\u{4e2d}` for what is not."""
    return ".".join("".join(each if " " < each < "\x7f" and each not in "\\." else f"\\u{{{ord(each):x}}}" for each in part) for part in parts)


def spell_key(values: Iterable[object]) -> str:
    """Return a key in printable characters, cut at 64: what names a row to a person."""
    shown = "/".join(value.hex() if isinstance(value, bytes) else str(value) for value in values)
    plain = "".join(each if each.isprintable() else f"\\u{{{ord(each):x}}}" for each in shown)
    return plain if len(plain) <= MAX_KEY else f"{plain[: MAX_KEY - 1]}…"


def spell_row(columns: Sequence[str], values: Iterable[object]) -> str:
    """Return the key of a row as `spell_key` does; of a value in a column that is named like a secret or a person, `#` and a part of its digest alone."""
    return spell_key(_covered(value) if sounds_sensitive(column) else value for column, value in zip(columns, values, strict=True))


def _covered(value: object) -> str:
    return f"#{digest(value if isinstance(value, bytes) else str(value).encode(errors='backslashreplace'))[:8]}"


@dataclass(frozen=True, slots=True)
class State:
    """What a database holds at one moment.

    `components` maps a component, such as `schema`, `sequences` or `table main.people`, to the SHA-256 of its logical
    content in lower-case hex; `rows` maps a table, named as in its component, to its number of rows. `stored` is the
    digest of the stored bytes where they were compared too: equal bytes are an equal state, other bytes prove nothing.
    """

    components: Mapping[str, str]
    rows: Mapping[str, int]
    stored: str | None = None

    @property
    def root(self) -> str:
        """The root over all components, in lower-case hex."""
        return root_over([leaf_hash(f"{name}\n{self.components[name]}".encode()) for name in sorted(self.components)]).hex()

    def to_json(self) -> dict[str, Json]:
        """Return the form that stands in evidence."""
        found: dict[str, Json] = {"components": dict(self.components), "root": self.root, "rows": dict(self.rows)}
        return found | ({"stored": self.stored} if self.stored else {})

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "State":
        """Return the state that stands in evidence."""
        return cls(found["components"], found["rows"], found.get("stored"))


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which two states differ: where, how often, and the first keys; never a value of another column.

    `kind` is `missing` (was there, is not), `added`, `changed`, or `definition` for what is not a row. `column` is the
    column that changed, or None for whole rows; `object` names what was defined otherwise.
    """

    component: str
    kind: str
    count: int
    column: str | None = None
    keys: tuple[str, ...] = ()
    object: str | None = None

    def to_json(self) -> dict[str, Json]:
        """Return the form that stands in evidence."""
        found: dict[str, Json] = {"component": self.component, "kind": self.kind, "count": self.count, "keys": list(self.keys)}
        return found | ({"column": self.column} if self.column else {}) | ({"object": self.object} if self.object else {})

    def __str__(self) -> str:
        """Return it in words, such as `table main.people: 3 rows missing (7, 9, 12)`."""
        counted = f"{self.count} row{'s' if self.count != 1 else ''}"
        shown = f" ({', '.join(self.keys)}{', …' if self.count > len(self.keys) else ''})" if self.keys else ""
        match self.kind:
            case "definition":
                return f"{self.component}: {self.object} is defined otherwise"
            case "changed" if self.column:
                return f"{self.component}: column {self.column} differs in {counted}{shown}"
            case _:
                return f"{self.component}: {counted} {self.kind}{shown}"


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a script that was run in a transaction which was then rolled back.

    `transactions` holds the id of the transaction when it began and just before the rollback, where the engine has one.
    """

    applied: State
    after: State
    transactions: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine of a clone: its version, the digest of its program, and the settings that it was asked to read back."""

    name: str
    version: str
    binary_sha256: str
    settings: Mapping[str, str] = field(default_factory=dict)
