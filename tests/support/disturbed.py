"""What may become of a programme behind the back of whoever keeps an answer about it."""

import shutil

from govern.ledger.replacing import NEXT
from support.cli import Programme


def edit_policy(programme: Programme) -> None:
    """Change a word of the working policy."""
    programme.replace("states.yaml", "title: FIX7 P0", "title: FIX7 P1")


def grow(programme: Programme) -> None:
    """Record something."""
    programme.does("note", "more", "--as", "owner")


def cut(programme: Programme) -> None:
    """Take away the last record."""
    programme.ledger.write_bytes(b"".join(programme.ledger.read_bytes().splitlines(keepends=True)[:-1]))


def flip(programme: Programme, at: int = -30) -> None:
    """Change a byte of the ledger, of the last record if no other is named."""
    content = bytearray(programme.ledger.read_bytes())
    content[at] ^= 1
    programme.ledger.write_bytes(content)


def tear(programme: Programme) -> None:
    """Leave the beginning of a record behind the last."""
    with programme.ledger.open("ab") as stream:
        stream.write(b'{"check"')


def stray(programme: Programme) -> None:
    """Put a file beside the ledger's that is none of it."""
    (programme.ledger.parent / "stray").touch()


def link(programme: Programme) -> None:
    """Keep the ledger's file elsewhere, behind a link."""
    programme.ledger.rename(programme.root / "elsewhere")
    programme.ledger.symlink_to(programme.root / "elsewhere")


def begin_to_replace(programme: Programme) -> None:
    """Stop where the ledger's folder is about to be replaced."""
    shutil.copytree(programme.ledger.parent, programme.root / "governance" / f"ledger{NEXT}")


def lose_evidence(programme: Programme) -> None:
    """Remove the files of evidence."""
    for path in (programme.root / "governance" / "evidence").rglob("*.json"):
        path.unlink()


def change_evidence(programme: Programme) -> None:
    """Change the files of evidence."""
    for path in (programme.root / "governance" / "evidence").rglob("*.json"):
        path.write_bytes(path.read_bytes() + b" ")
