"""A rehearsal that begins with a restored dump that was kept finds what one finds that loads it."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from govern.problems import GovernError
from govern.rehearsal.run import Rehearsed, Request, rehearse
from govern.rehearsal.sources import examine_source
from support.postgresql import TOY, installation_of

# The wheel's server does not start in every sandbox: its programs may lie where nothing is shown.
needs_debian = pytest.mark.usefixtures("debian")
APPLY = "ALTER TABLE public.people ADD COLUMN more text; DELETE FROM public.people WHERE id = 2;"


@pytest.fixture
def debian() -> None:
    installation_of("debian")


def _request(folder: Path, *, provenance: str = "toy", apply: str = APPLY, name: str = "dump.sql") -> Request:
    (folder / "apply.sql").write_text(apply, encoding="utf-8")
    (folder / "revert.sql").write_text("ALTER TABLE public.people DROP COLUMN more;", encoding="utf-8")
    (folder / name).write_bytes(TOY.read_bytes())
    source = examine_source(folder / name)
    return Request(source, folder / name, folder / "apply.sql", folder / "revert.sql", provenance, cache=folder / "cache", cached=True)


def _run(request: Request) -> tuple[Rehearsed, list[str]]:
    steps: list[str] = []
    return rehearse(request, lambda what, _done, _total: steps.append(what)), steps


def _lasting(found: Any) -> Any:
    """Return what does not depend on when it was found, or where it was stored."""
    if isinstance(found, dict):
        return {name: _lasting(each) for name, each in found.items() if name not in {"stored", "milliseconds", "transactions"}}
    return [_lasting(each) for each in found] if isinstance(found, list) else found


@needs_debian
def test_what_was_kept_is_begun_with_and_nothing_else_is_found(tmp_path: Path) -> None:
    loaded, first = _run(_request(tmp_path))
    begun, second = _run(_request(tmp_path, name="other-name.sql"))

    assert (first[0], second[0]) == ("load", "cached restore")
    assert list(begun.found["milliseconds"]) == ["cached restore", "baseline", "paths 1 to 3", "negative control", "probes"]
    assert _lasting(begun.found) == _lasting(loaded.found)
    assert begun.found["paths"][1]["before"]["stored"] == loaded.found["paths"][1]["before"]["stored"]
    assert begun.found["paths"][2]["differences"][0]["keys"] == ["2"]
    [entry] = (tmp_path / "cache" / "snapshot").iterdir()
    passwords = json.loads((entry / "facts").read_bytes()[64:])["passwords"]
    assert not any(each in json.dumps(dict(begun.found)) for each in passwords.values())


@needs_debian
def test_without_being_asked_no_data_is_kept_but_a_cluster_in_which_nothing_is(tmp_path: Path) -> None:
    request = replace(_request(tmp_path), cached=False)
    first, _steps = _run(request)
    [entry] = (tmp_path / "cache").glob("*/*")
    os.utime(entry, (0, 0))
    second, steps = _run(request)

    assert entry.parent.name == "empty"
    assert not any(name in each.read_bytes() for name in (b"visits", b"registry") for each in entry.rglob("*") if each.is_file())
    assert entry.stat().st_mtime > 0, "it was used"
    assert steps[0] == "load"
    assert _lasting(second.found) == _lasting(first.found)

    [hba] = entry.rglob("pg_hba.conf")
    hba.write_bytes(hba.read_bytes().replace(b"scram-sha-256", b"trust        "))
    third, _steps = _run(request)
    assert _lasting(third.found) == _lasting(first.found)
    assert b"trust" not in b"".join(line for line in hba.read_bytes().splitlines() if not line.startswith(b"#"))


@needs_debian
def test_what_was_tampered_with_or_is_to_be_judged_otherwise_is_loaded_anew(tmp_path: Path) -> None:
    with pytest.raises(GovernError, match="nowhere"):
        _run(_request(tmp_path, apply="DELETE FROM nowhere;"))
    [entry] = (tmp_path / "cache" / "snapshot").iterdir()
    largest = max((each for each in (entry / "tree").rglob("*") if each.is_file()), key=lambda each: each.stat().st_size)
    with largest.open("r+b") as stream:
        stream.seek(largest.stat().st_size // 2)
        stream.write(b"\xff\x00\xff")

    _found, steps = _run(_request(tmp_path))
    assert steps[0] == "load"
    _found, steps = _run(_request(tmp_path, provenance="real-dump"))
    assert steps[0] == "load"
    assert len(list((tmp_path / "cache" / "snapshot").iterdir())) == 2
