"""What a rehearsal rests on: changes, sources and the validator by digest, and the shape of what an operator hands over.

Pure. The digests stand in the policy, so that a changed file is another change, and evidence of the old one is stale.
"""

from typing import Annotated, Literal

from pydantic import Field

from govern.policy.names import Declared, FilePath, Name, word_like

ColumnClass = Literal["plain", "masked", "empty", "absent"]
Residue = Literal["sequences"]

# The provenances of data that was made here, and handed over by nobody.
MADE_UP = ("toy", "surrogate")

_DIGEST = r"[0-9a-f]{64}"
_TABLE = r"[A-Za-z_][A-Za-z0-9_$-]{0,62}(\.[A-Za-z_][A-Za-z0-9_$-]{0,62})?\*?"

Digest = Annotated[str, word_like(_DIGEST, "a SHA-256 of 64 lower-case hex digits")]
TableName = Annotated[str, word_like(_TABLE, "a table, as TABLE or SCHEMA.TABLE; a last `*` matches any rest")]


class PinnedFile(Declared):
    """A file, and the digest that its bytes must have."""

    file: FilePath = Field(description="Where it is, from the programme's folder.")
    sha256: Digest = Field(description="The SHA-256 of its bytes.")


class Change(Declared):
    """A change that is rehearsed: the script that applies it, and its own script that takes it back."""

    apply: PinnedFile = Field(description="The script that applies it.")
    revert: PinnedFile | None = Field(default=None, description="Its own script that takes it back; tried as a third path.")


class DataTable(Declared):
    """The columns of a table, each with what it may hold."""

    columns: dict[Name, ColumnClass] = Field(default_factory=dict, description="What each column may hold.")
    all: ColumnClass | None = Field(default=None, description="What every column not named may hold.")


class DataSurface(Declared):
    """What a handed-over dump must look like."""

    engine: Literal["sqlite", "postgresql"] | None = Field(default=None, description="The engine; any, if left out.")
    tables: dict[TableName, DataTable] = Field(min_length=1, description="The tables; one that is not here is refused.")


class Rehearsal(Declared):
    """What rehearsals rest on."""

    validator: Digest | None = Field(default=None, description="The SHA-256 of the validator; one of other bytes is refused.")
    label: Name | None = Field(default=None, description="What generated data carries in its own bytes.")
    residue: tuple[Residue, ...] | None = Field(default=None, description="What a rollback of a transaction may leave behind; sequences, if left out.")
    changes: dict[Name, Change] = Field(default_factory=dict, description="The changes.")
    sources: dict[Name, PinnedFile] = Field(default_factory=dict, description="The source of each provenance; one that is not here is not pinned.")
    surface: DataSurface | None = Field(default=None, description="What a handed-over dump must look like.")

    @property
    def leftovers(self) -> tuple[str, ...]:
        """What a rollback of a transaction may leave behind."""
        return ("sequences",) if self.residue is None else self.residue


def finds(pattern: str, name: str) -> bool:
    """Whether a declared table name, with or without a last `*`, is or matches the name of a table."""
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
