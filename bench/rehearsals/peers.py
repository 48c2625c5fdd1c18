"""The tools that people use for changes of a schema, each as its manual sets it up: the change, its check, and the way back."""

import shutil
import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rehearsals.changes import Change
from rehearsals.measure import Ran, run

_CONFIG = "[core]\n\tengine = {engine}\n[user]\n\tname = Bench\n\temail = bench@example.invalid\n"
_PLAN = "%syntax-version=1.0.0\n%project=bench\n\nchange 2026-01-01T00:00:00Z Bench <bench@example.invalid> # A change.\n"
_INI = "[alembic]\nscript_location = %(here)s/migrations\nsqlalchemy.url = {url}\n"
_ENV = """\
from alembic import context
from sqlalchemy import create_engine
with create_engine(context.config.get_main_option("sqlalchemy.url")).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
_REVISION = """\
from alembic import op
revision, down_revision = "1", None
def upgrade():
    for statement in {apply!r}:
        op.execute(statement)
def downgrade():
    for statement in {revert!r}:
        op.execute(statement)
"""
_WANTED = ("alembic>=1.13,<2", "psycopg[binary]>=3.2,<4")
_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool, and how it is told apart: its name, and its program."""

    name: str
    program: Path

    def tried(self, change: Change, target: str, folder: Path, environment: Mapping[str, str]) -> list[Ran]:
        """Run a change, its check and its way back on a database, in a project made for it, up to the first that fails."""
        clean = {"PATH": _PATH, "LC_ALL": "C.UTF-8", "HOME": str(folder), **environment}
        make = {"sqitch": _sqitch, "alembic": _alembic}[self.name]
        done: list[Ran] = []
        for arguments in make(change, target, folder):
            done.append(run([self.program, *arguments], folder, clean))
            if done[-1].status:
                break
        return done


def sqitch(engine: str) -> Peer | str:
    """Return sqitch, or how to install what it lacks for an engine."""
    program = shutil.which("sqitch", path=_PATH)
    driver, package = {"pg": ("DBD::Pg", "libdbd-pg-perl"), "sqlite": ("DBD::SQLite", "libdbd-sqlite3-perl")}[engine]
    if not program:
        return f"sqitch is not installed: apt-get install --no-install-recommends sqitch {package}"
    if subprocess.run(["perl", f"-M{driver}", "-e", "1"], stderr=subprocess.DEVNULL, check=False).returncode:
        return f"sqitch has no driver for this engine: apt-get install {package}"
    if engine == "sqlite" and not shutil.which("sqlite3", path=_PATH):
        return "sqitch needs the command of SQLite: apt-get install sqlite3"
    return Peer("sqitch", Path(program))


def alembic(cache: Path) -> Peer | str:
    """Return alembic in an environment of its own in the cache, or why it could not be had."""
    program = cache / "alembic" / "bin" / "alembic"
    if not program.exists():
        making = cache / "alembic"
        shutil.rmtree(making, ignore_errors=True)
        venv.create(making, with_pip=True, symlinks=True)
        command = [making / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_WANTED]
        made = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
        if made.returncode:
            shutil.rmtree(making)
            return f"alembic could not be installed from PyPI ({made.stderr.strip().splitlines()[-1]}): try `{sys.executable} -m pip download alembic`"
    return Peer("alembic", program)


def _sqitch(change: Change, target: str, folder: Path) -> Sequence[Sequence[str]]:
    holds = f"SELECT 1 / ({change.holds});\n" if target.startswith("db:pg:") else f"{change.holds};\n"
    for name, script in (("deploy", change.apply), ("revert", change.revert), ("verify", holds)):
        (folder / name).mkdir()
        (folder / name / "change.sql").write_text(f"BEGIN;\n{script}{'ROLLBACK' if name == 'verify' else 'COMMIT'};\n", encoding="utf-8")
    (folder / "sqitch.conf").write_text(_CONFIG.format(engine=target.split(":")[1]), encoding="utf-8")
    (folder / "sqitch.plan").write_text(_PLAN, encoding="utf-8")
    return ("deploy", "--verify", target), ("verify", target), ("revert", "-y", target)


def _alembic(change: Change, target: str, folder: Path) -> Sequence[Sequence[str]]:
    (folder / "migrations" / "versions").mkdir(parents=True)
    (folder / "alembic.ini").write_text(_INI.format(url=target), encoding="utf-8")
    (folder / "migrations" / "env.py").write_text(_ENV, encoding="utf-8")
    apply, revert = ([each for each in script.split(";\n") if each] for script in (change.apply, change.revert))
    (folder / "migrations" / "versions" / "1_change.py").write_text(_REVISION.format(apply=apply, revert=revert), encoding="utf-8")
    return ("upgrade", "head"), ("current",), ("downgrade", "base")
