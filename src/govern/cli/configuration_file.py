"""The user's configuration as a file: its shape, read with the reader of policies, so that faults have their places."""

from pathlib import Path

from pydantic import Field

from govern.cli.files import read_plain
from govern.policy.load import shaped
from govern.policy.names import Declared, Name, Text
from govern.policy.tree import parse_tree
from govern.problems import Exit, GovernError, Place, fault


class Own(Declared):
    """What is said of one programme."""

    ledger: Text


class Configuration(Declared):
    """The user's configuration: where ledgers are kept, and where those of single programmes, by id."""

    ledger: Text = "files"
    programmes: dict[Name, Own] = Field(default_factory=dict)


def read_configuration(path: Path) -> Configuration:
    """Return what the file says.

    Raises:
        GovernError: it cannot be read, or has faults; all of them (status 3).
    """
    try:
        content = read_plain(path, single=False)
    except OSError as error:
        raise fault(Exit.UNJUDGED, "CONFIGURATION", f"cannot be read: {error.strerror}", place=Place(str(path), 1, 1)) from error
    tree, problems = parse_tree(content, str(path))
    found = shaped(tree, Configuration, problems) if tree is not None else None
    if found is None or problems:
        raise GovernError(Exit.UNJUDGED, problems)
    return found
