"""Secrets in the bytes of a source and in no row of it: deleted and still in the file, or in a comment of the dump."""

import gzip
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, cast

from govern.canonical import Json
from govern.evidence.patterns import PERSONAL, SECRETS, Form, search
from govern.problems import Problem
from govern.rehearsal.gate.scan import Scan

_PIECE = 1 << 20
_EMAIL = tuple(form for form in PERSONAL if form.literals == (b"@",))


def count_bytes(source: Path, facts: Mapping[str, Any], work: Path, scan: Scan) -> dict[str, Json]:
    """Return what is in the bytes of a source: how often each kind is `found`, how often in its rows (`kept`, of a database file), and the `labels`.

    `facts` has `format` and `compression`; `work` takes copies. Of the scan, what is to be looked for is read, and the labels are noted.
    """
    packed = facts["compression"] == "gzip"
    if facts["format"] != "sqlite-file":
        return {"found": dict(_count(source, scan, SECRETS, packed=packed)), "kept": None, "labels": _seen(scan)}
    plain = source
    if packed:
        plain = work / "plain.db"
        with gzip.open(source) as content, plain.open("wb") as target:
            shutil.copyfileobj(content, target, _PIECE)
    found = _count(plain, scan, tuple(form for form in (*SECRETS, *_EMAIL) if form in scan.forms))
    return {"found": dict(found), "kept": dict(_in_rows(plain, work, scan)) if found else {}, "labels": _seen(scan)}


def take_bytes(counted: Mapping[str, Any], scan: Scan) -> None:
    """Add to a scan of all rows what was counted in the bytes alone."""
    for label in counted["labels"]:
        scan.see_labels(label.encode())
    kept = dict.fromkeys(scan.kinds, 1 << 62) if counted["kept"] is None else counted["kept"]
    for kind, count in (Counter(counted["found"]) - Counter(kept)).items():
        code = "PERSONAL_FOUND" if kind == _EMAIL[0].kind else "SECRET_FOUND"
        message = f"in the bytes of the source, and in no row: {kind}, {count} times"
        scan.problems.append(
            Problem(code, message, help="take it out of the text; a database file is written anew, without what was deleted, by `VACUUM INTO`")
        )


def _seen(scan: Scan) -> list[Json]:
    return [label.decode() for label, seen in scan.labels.items() if seen]


def _in_rows(plain: Path, work: Path, scan: Scan) -> Counter[str]:
    """Count in a copy without free space: its values stand side by side as in the file, so what is more in the file was deleted."""
    from govern.rehearsal.gate.sqlite import compact

    whole = work / "compact.db"
    compact(plain, whole)
    try:
        return _count(whole, scan, tuple(form for form in (*SECRETS, *_EMAIL) if form in scan.forms))
    finally:
        whole.unlink()


def _count(path: Path, scan: Scan, forms: tuple[Form, ...], *, packed: bool = False) -> Counter[str]:
    found: Counter[str] = Counter()
    with cast("IO[bytes]", gzip.open(path)) if packed else path.open("rb") as stream:
        for piece in _pieces(stream):
            scan.see_labels(piece)
            for seen in search(piece, forms):
                found[seen.form.kind] += seen.held
    return found


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the content in pieces that end where no form goes on: at an end of line, or a zero."""
    left = b""
    while more := stream.read(_PIECE):
        piece = left + more
        end = max(piece.rfind(b"\n"), piece.rfind(b"\0")) + 1 or len(piece)
        yield piece[:end]
        left = piece[end:]
    yield left
