"""What `--out` names: new files, in a place without rules of its own. Nothing is overwritten, and no link is followed."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from govern.cli.files import keep_below, replace_below, stream_below
from govern.cli.project import POLICY_FILE
from govern.cli.session import Session
from govern.evidence.manifest import MANIFEST
from govern.problems import Exit, GovernError, fault

# Where files have names and rules of their own.
TAKEN = ("governance/ledger/", "governance/policy/", ".git/")

_RULED = (*TAKEN, "templates/", f"{POLICY_FILE}/")


def demand_out(session: Session, out: Path, names: Sequence[str]) -> None:
    """Go on only where a folder can take files of these names as new ones: asked before there is anything to write.

    Raises:
        GovernError: the place has rules of its own, a link leads there, or a file is there (status 4); it is no folder (status 2).
    """
    _anchor, place = _demand_free(session, out)
    standing = next(each for each in (place, *place.parents) if each.exists())
    if not standing.is_dir():
        raise fault(Exit.USAGE, "FILE_IO", f"{standing} is no folder", help="name a folder that can be written to")
    for name in names:
        if os.path.lexists(place / name):
            raise _taken(f"`{out / name}` is there already")


def write_out(session: Session, out: Path, files: Mapping[str, bytes]) -> list[str]:
    """Write new files to a folder, which is made if it is missing, and return their paths.

    Raises:
        GovernError: a file or a link is in the way (status 4); it cannot be written (status 2).
    """
    anchor, place = _demand_free(session, out)
    for name, content in files.items():
        try:
            keep_below(anchor, (place / name).relative_to(anchor).as_posix(), content)
        except FileExistsError as error:
            raise _taken(f"`{out / name}` is there already") from error
        except OSError as error:
            raise fault(Exit.USAGE, "FILE_IO", f"{out}: {error.strerror}", help="name a folder that can be written to") from error
    return [str(out / name) for name in files]


def write_pieces(session: Session, out: Path, head: bytes, pieces: Iterable[str]) -> tuple[str, int]:
    """Write a text piece by piece, to a new file or for one that begins with `head`; return the digest and the size of what was written.

    Raises:
        GovernError: the place has rules of its own, or another file or a link is in the way (status 4); it cannot be written (status 2).
    """
    anchor, place = _demand_free(session, out)
    if os.path.lexists(place) and not _begins(place, head):
        raise _taken(f"`{out}` is there already, and is nothing that was generated with this label", "name a new file")
    sha256, size = hashlib.sha256(), 0

    def told() -> Iterator[bytes]:
        nonlocal size
        for piece in pieces:
            content = piece.encode()
            sha256.update(content)
            size += len(content)
            yield content

    try:
        stream_below(anchor, place.relative_to(anchor).as_posix(), told(), replace=os.path.lexists(place))
    except FileExistsError as error:
        raise _taken(f"`{out}` is there already", "name a new file") from error
    except OSError as error:
        raise fault(Exit.USAGE, "FILE_IO", f"{out}: {error.strerror}", help="--out takes a file that can be written") from error
    return sha256.hexdigest(), size


def write_report(session: Session, out: Path, text: str) -> None:
    """Write a report where its reader expects it, in place of an earlier one; not where files have rules of their own.

    Raises:
        GovernError: the place has rules of its own, or a link leads there (status 4); it cannot be written (status 2).
    """
    anchor, place = _demand_free(session, out)
    try:
        replace_below(anchor, place.relative_to(anchor).as_posix(), text.encode())
    except OSError as error:
        raise fault(Exit.USAGE, "FILE_IO", f"{out}: {error.strerror}", help="name a file that can be written") from error


def _demand_free(session: Session, out: Path) -> tuple[Path, Path]:
    """Return a place, and a folder above it from which on nothing may be a link: the programme's, else the nearest that is there."""
    root, given = session.project.root.resolve(), session.options.directory.resolve() / out
    place = Path(os.path.normpath(given))
    inside = place.is_relative_to(root)
    anchor = root if inside else next(each for each in place.parents if each.is_dir())
    if given.resolve() != anchor.resolve() / place.relative_to(anchor):
        raise _taken(f"`{out}` is a link, or a link is on the way to it", "name the place itself")
    if (inside and f"{place.relative_to(root).as_posix()}/".startswith(_RULED)) or ".git" in place.parts:
        raise _taken(f"`{out}` is a place with rules of its own")
    for folder in (place, *place.parents):
        if (folder / MANIFEST).is_file():
            raise _taken(f"`{out}` is sealed: another file in it would break the seal of {folder}")
        if inside and folder == root:
            break
    return anchor, place


def _begins(path: Path, head: bytes) -> bool:
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
            return stream.read(len(head)) == head
    except OSError:
        return False


def _taken(message: str, help: str = "name another place") -> GovernError:
    return fault(Exit.REFUSED, "OUT_TAKEN", f"{message}; nothing was written", help=help)
