"""What a rehearsal must refuse, tried for real: changes on a clone, sources as files, surroundings as they could be.

Each `try_…` returns the code that something was refused with, or `allowed`. A change is tried in the sandbox, all of one engine on
one clone; a source is rehearsed with a change that does next to nothing.
"""

import base64
import gzip
import os
import socket
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from govern.canonical import Json
from govern.problems import Exit, GovernError, fault
from govern.rehearsal.bubblewrap import Bubblewrap
from govern.rehearsal.canaries import Canaries
from govern.rehearsal.confine import confine
from govern.rehearsal.inside import isolation
from govern.rehearsal.isolation import judge
from govern.rehearsal.job import Job
from govern.rehearsal.run import Request, rehearse, run_task
from govern.rehearsal.sandbox import find_sandbox
from govern.rehearsal.sources import examine_source

ALLOWED = "allowed"
# What every probe of a change and of a source begins with; a dump of PostgreSQL says so of itself.
BASES: Mapping[str, str] = {
    "sqlite": "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT);\nINSERT INTO people VALUES (1, 'one'), (2, 'two');\n",
    "postgresql": (
        "--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 15.1\n\nSET client_encoding = 'UTF8';\n"
        "CREATE TABLE public.people (id integer PRIMARY KEY, name text);\nCREATE SEQUENCE public.numbers;\n"
        "COPY public.people (id, name) FROM stdin;\n1\tone\n2\ttwo\n\\.\n\n--\n-- PostgreSQL database dump complete\n--\n\n"
    ),
}
_CHANGE = {"sqlite": "INSERT INTO people VALUES (3, 'three');", "postgresql": "INSERT INTO public.people VALUES (3, 'three');"}


def try_changes(engine: str, scripts: Sequence[str]) -> list[str]:
    """Return what each script was refused with, in the order of the scripts, on a clone of one engine."""
    with tempfile.TemporaryDirectory(prefix="govern-probe-") as made:
        folder = Path(made)
        source = folder / "base.sql"
        source.write_text(BASES[engine], encoding="utf-8")
        (folder / "scripts").write_bytes(b"\0".join(script.encode() for script in scripts))
        examined = examine_source(source, _engine(engine))
        done = run_task("govern.rehearsal.probing:change_codes", Request(examined, source, folder / "scripts"), _silent)
    return [str(each) for each in done.found["codes"]]


def change_codes(job: Job) -> Json:
    """Try every script of a job on one clone, inside the sandbox; each meets the clone as it was loaded."""
    from govern.rehearsal.rehearsing import open_clone

    clone = open_clone(job)
    try:
        before = clone.state()
        clone.snapshot()
        codes = []
        for script in job.inputs["apply"].read_bytes().split(b"\0"):
            codes.append(_code(lambda script=script: clone.try_out(script)))  # type: ignore[misc]  # the script of this turn
            if clone.state().components != before.components:
                clone.restore()
        return {"codes": codes}
    finally:
        clone.close()


class _Handover:
    """What an operator hands over, made step by step: `given` is what is named on the command line, `during` what happens in the run."""

    def __init__(self, folder: Path, engine: str) -> None:
        self.path = folder / "handed-over"
        self.given: str | Path = self.path
        self.engine = engine
        self.during: list[Callable[[], object]] = []

    def base(self, *more: str) -> None:
        """The base, and what is written behind it."""
        self.path.write_text(BASES[self.engine] + "".join(more), encoding="utf-8")

    def replace(self, old: str, new: str) -> None:
        self.path.write_bytes(self.path.read_bytes().replace(old.encode(), new.encode(), 1))

    def database(self) -> None:
        with closing(sqlite3.connect(self.path)) as made:
            made.executescript(BASES["sqlite"])

    def server(self) -> None:
        """The data directory of a server."""
        self.path.mkdir()
        (self.path / "PG_VERSION").write_text("15\n", encoding="utf-8")

    def link(self) -> None:
        self.path.rename(self.path.with_name("elsewhere"))
        self.path.symlink_to("elsewhere")

    def socket(self) -> None:
        with closing(socket.socket(socket.AF_UNIX)) as listener:
            listener.bind(str(self.path))

    def changes(self) -> None:
        """More is written behind its end while it is rehearsed on."""
        self.during.append(lambda: self.path.write_bytes(self.path.read_bytes() + b"\n-- more\n"))

    def give(self, text: str) -> None:
        self.given = text


_STEPS: Mapping[str, Callable[..., object]] = {
    "base": _Handover.base,
    "text": lambda made, text: made.path.write_text(text, encoding="utf-8"),
    "bytes": lambda made, encoded: made.path.write_bytes(base64.b64decode(encoded, validate=True)),
    "replace": _Handover.replace,
    "database": _Handover.database,
    "gzip": lambda made: made.path.write_bytes(gzip.compress(made.path.read_bytes(), mtime=0)),
    "cut": lambda made, size: made.path.write_bytes(made.path.read_bytes()[:size]),
    "beside": lambda made, ending: made.path.with_name(made.path.name + ending).write_bytes(b"more"),
    "folder": lambda made: made.path.mkdir(),
    "server": _Handover.server,
    "link": _Handover.link,
    "pipe": lambda made: os.mkfifo(made.path),
    "socket": _Handover.socket,
    "changes": _Handover.changes,
    "give": _Handover.give,
}


def try_source(engine: str, steps: Sequence[Sequence[Any]]) -> str:
    """Make what is handed over, step by step, and rehearse on it; return what it was refused with.

    Raises:
        GovernError: a step that there is not (PROBES_FORMAT, status 3).
    """
    with tempfile.TemporaryDirectory(prefix="govern-probe-") as made:
        handover = _Handover(Path(made), engine)
        for step, *words in steps:
            if step not in _STEPS:
                raise fault(Exit.UNJUDGED, "PROBES_FORMAT", f"`{step}` is no step of a source", help=f"one of {', '.join(_STEPS)}")
            _STEPS[step](handover, *words)
        apply = Path(made, "apply.sql")
        apply.write_text(_CHANGE[engine], encoding="utf-8")
        return _code(lambda: _rehearse_on(handover, apply))


def _rehearse_on(handover: _Handover, apply: Path) -> None:
    def on_step(_what: str, _done: int, _total: int) -> None:
        while handover.during:
            handover.during.pop()()

    examined = examine_source(handover.given, _engine(handover.engine))
    rehearse(Request(examined, Path(handover.given), apply), on_step)


def try_surroundings(steps: Sequence[Sequence[Any]]) -> str:
    """Bring about what surrounds a rehearsal, and begin one; return what it was refused with. `cleared`: nothing of it is seen inside."""
    match list(steps):
        case [["environment", str(name), str(value)]]:
            with _variable(name, value):
                seen = confine("govern.rehearsal.probing:environment", {}, inputs={})
            return "seen" if name in [*seen.isolation["environment"], *seen.result] else "cleared"  # type: ignore[misc]  # both are lists of names
        case [["needs", int(size)]]:
            return _code(lambda: confine("govern.rehearsal.probing:environment", {}, inputs={}, needs=size))
        case [["no-sandbox"]]:
            return _code(lambda: find_sandbox([Bubblewrap(Path("/nowhere/bwrap"))]))
        case [["open-sandbox"]]:
            return _code(_open)
        case []:
            return _code(lambda: confine("govern.rehearsal.probing:environment", {}, inputs={}))
        case _:
            raise fault(Exit.UNJUDGED, "PROBES_FORMAT", f"{steps!r} are no surroundings", help="`govern explain probes` lists them")


def environment(_job: Job) -> Json:
    """Return the names of the variables that are set inside the sandbox."""
    return sorted(os.environ)


def _open() -> None:
    """Judge a sandbox that keeps nothing in: this process itself, from which every canary is reached."""
    with Canaries() as canaries:
        canaries.demand_control()
        judge("open", isolation({"addresses": dict(canaries.addresses), "song": canaries.song}), canaries)


@contextmanager
def _variable(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        with suppress(KeyError):
            del os.environ[name]
        if before is not None:
            os.environ[name] = before


def _code(run: Callable[[], object]) -> str:
    try:
        run()
    except GovernError as error:
        return error.problems[0].code
    return ALLOWED


def _engine(name: str) -> Any:
    """Return the name of an engine as `examine_source` takes it."""
    return name


def _silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""
