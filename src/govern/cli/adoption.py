"""The packet by which an owner takes the gate into CI: the step, the cases on which it is tried now, and the page that tells of both."""

import os
import shlex
import subprocess
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from govern import __version__
from govern.canonical import encode
from govern.cli.files import keep_below
from govern.cli.programs import environment
from govern.documents.escape import Markdown
from govern.documents.templates import render
from govern.problems import Exit, GovernError, Problem, fault

_GATE, _CASES, _PAGE = "gate.sh", "checks/cases.sh", "README.md"
_COLUMNS = ("case", "done", "wanted_exit", "exit", "wanted_codes", "codes")
_PATIENCE = 600
Case = dict[str, str]


def write_packet(root: Path, below: str) -> None:
    """Try the gate, and write the packet into a new folder below the programme's, ready to be sealed.

    Raises:
        GovernError: the folder is there (status 4), or the gate answers otherwise than it must, or cannot be tried (status 3).
    """
    if os.path.lexists(root / below):
        raise fault(Exit.REFUSED, "REFUSED", f"{below} is there already; nothing was written", help="name a new folder")
    gate, script = _part(_GATE), _part("cases.sh")
    cases = _tried(gate, script)
    wrong = [each for each in cases if (each["exit"], each["codes"]) != (each["wanted_exit"], each["wanted_codes"])]
    if wrong:
        told = "{case}: wanted {wanted_exit} {wanted_codes}, the gate answered {exit} {codes}"
        help = "the gate is not fit to be adopted; nothing was written"
        raise GovernError(Exit.UNJUDGED, [Problem("NOT_EVALUATED", told.format(**each), help=help) for each in wrong])
    fence = Markdown(f"```sh\n{gate.rstrip()}\n```")
    page = render(_PAGE, _part(f"{_PAGE}.j2"), {"gate": fence, "cases": cases, "version": __version__})
    table = encode({"schema": "govern.gate-cases/1", "version": __version__, "cases": [_as_json(each) for each in cases]}) + "\n"
    for name, text in {_GATE: gate, _CASES: script, "cases.json": table, _PAGE: page}.items():
        keep_below(root, f"{below}/{name}", text.encode())


def _tried(gate: str, script: str) -> list[Case]:
    """Return each case with what the gate answered, tried now with this govern."""
    with tempfile.TemporaryDirectory(prefix="govern-gate-") as folder:
        program = Path(folder) / "govern"
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m govern "$@"\n', encoding="utf-8")
        program.chmod(0o755)
        for name, text in {_GATE: gate, _CASES: script}.items():
            (Path(folder) / name).parent.mkdir(exist_ok=True)
            (Path(folder) / name).write_text(text, encoding="utf-8")
        words = ["/bin/sh", str(Path(folder) / _CASES)]
        around = environment() | {"GOVERN": str(program), "TMPDIR": folder}
        try:
            done = subprocess.run(words, env=around, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=_PATIENCE)
        except subprocess.TimeoutExpired as error:
            raise fault(Exit.UNJUDGED, "NOT_EVALUATED", f"the cases were not done after {_PATIENCE} seconds") from error
    if done.returncode not in {Exit.YES, Exit.NO} or not done.stdout:
        said = (done.stderr.strip() or f"it ended with {done.returncode}").split("\n")[-1]
        raise fault(Exit.UNJUDGED, "NOT_EVALUATED", f"the gate could not be tried: {said}", help="sh, git and mktemp are wanted; nothing was written")
    return [dict(zip(_COLUMNS, line.split("\t"), strict=True)) for line in done.stdout.splitlines()]


def _as_json(case: Case) -> dict[str, str | int]:
    return {**case, "wanted_exit": int(case["wanted_exit"]), "exit": int(case["exit"])}


def _part(name: str) -> str:
    return (files("govern.evidence") / "adoption" / name).read_text(encoding="utf-8")
