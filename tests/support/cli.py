"""A programme's folder in a temporary place, and the command line run on it in this process."""

import atexit
import hashlib
import importlib.util
import io
import json
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from govern.cli.main import run
from govern.cli.memory import folder
from govern.cli.signing import make_key, read_key, ssh_keygen
from govern.ledger.moments import parse_time
from govern.policy.load import load_policy
from support.rehearsed import other_bytes, rehearsal_bytes

ROOT = Path(__file__).parents[2]
HANDOFF = "AUTHORIZE_OPERATOR_REAL_DATA_CLONE_HANDOFF"
EXECUTION = "AUTHORIZE_PRODUCTION_EXECUTION"
HOLD = "final-real-data/HOLD_REAL_DATA"
REAL_DUMP = "FIX7-P0-DRYRUN-PROD-ROLLBACK-1/real-dump"
HANDED_OVER = "FIX7-P0-OPERATOR-INPUT-1/real-dump"
SCOPING = "FIX7-P0-PROD-OPT4-1/scoping"
RECORDED = re.compile(r"recorded as #([0-9]+)")


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, text: str = "2026-07-01T09:00:00Z") -> None:
        self.seconds = parse_time(text)

    def set(self, text: str) -> None:
        """Set the time."""
        self.seconds = parse_time(text)

    def __call__(self) -> float:
        """Return the time as `time.time` does."""
        return float(self.seconds)


class Screen(io.StringIO):
    """A stream of a terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


class Ran(NamedTuple):
    """A command that has ended: its status, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def answer(self) -> dict[str, Any]:
        """The one JSON object."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def codes(self) -> list[str]:
        """The codes of the diagnostics on stderr, in their order."""
        return re.findall(r"(?:error|warning) ([A-Z_]+): ", self.err)

    @property
    def seqs(self) -> list[int]:
        """The numbers of what was recorded."""
        return [int(found) for found in RECORDED.findall(self.out)]


class Programme:
    """A programme's folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ledger = root / "governance" / "ledger" / "000000.jsonl"
        self.policy = root / "states.yaml"

    def run(self, *words: str) -> Ran:
        """Run a command on the folder."""
        return run_words("-C", str(self.root), *words)

    def types(self, typed: str, *words: str) -> Ran:
        """Run a command on a terminal, where this is typed."""
        out, err, keyboard = Screen(), io.StringIO(), sys.stdin
        sys.stdin = Screen(typed)
        try:
            with redirect_stdout(out), redirect_stderr(err):
                status = run(["-C", str(self.root), "--color", "never", *words])
        finally:
            sys.stdin = keyboard
        return Ran(int(status), out.getvalue(), err.getvalue())

    def does(self, *words: str) -> Ran:
        """Run a command that must end with 0."""
        ran = self.run(*words)
        assert ran.status == 0, (words, ran)
        return ran

    def asks(self, *words: str) -> Any:
        """Return the result of a question that must be answered."""
        return self.does(*words, "--json").answer["result"]

    def code(self, *words: str) -> str:
        """Return the code that confirms an act, as its dry run tells it."""
        return str(self.asks(*words, "--dry-run")["confirm"])

    def confirms(self, *words: str) -> Ran:
        """Have an act confirmed by its code, and recorded."""
        return self.does(*words, "--confirm", self.code(*words))

    def refuses(self, *words: str, status: int = 4) -> Ran:
        """Run a command that must be refused, and must change nothing."""
        before = self.tree()
        ran = self.run(*words)
        assert ran.status == status, (words, ran)
        assert self.tree() == before, words
        assert "Traceback" not in ran.err
        return ran

    def tree(self) -> dict[str, str]:
        """Return every file and folder with what it is: a digest, a link's target, or a folder."""
        return {path.relative_to(self.root).as_posix(): _what(path) for path in sorted(self.root.rglob("*"))}

    def records(self) -> int:
        """Return how many lines the ledger has."""
        return self.ledger.read_bytes().count(b"\n")

    def evidence(self, kind: str, of: str, *legs: str, name: str = "evidence.json", **more: Any) -> str:
        """Write an evidence file of the kind that a leg asks for; return its name. A packet is a sealed folder of one file."""
        if kind in ("rehearsal", "intake", "dry-run"):
            ledger = json.loads(self.ledger.read_bytes().splitlines()[0])["stmt_sha256"]
            programme = {"ledger": ledger, "policy": hashlib.sha256(self.policy.read_bytes()).hexdigest()}
            declared = load_policy(self.policy.read_bytes())
            made = rehearsal_bytes(declared, programme, of, *legs, **more) if kind == "rehearsal" else other_bytes(programme, kind, of, *legs, **more)
            (self.root / name).write_bytes(made)
            return name
        if kind == "packet":
            folder = self.root / "governance" / "evidence" / Path(name).stem
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "what.txt").write_text(json.dumps(more), encoding="utf-8")
            self.does("seal", str(folder.relative_to(self.root)), "--name", of, *(word for leg in legs for word in ("--leg", leg)), "--again")
            return str((folder / "MANIFEST.json").relative_to(self.root))
        content = {"schema": "govern.evidence/1", "kind": kind, "of": of, "legs": legs, **more}
        (self.root / name).write_text(json.dumps(content), encoding="utf-8")
        return name

    def replace(self, name: str, old: str, new: str) -> None:
        """Change a file by hand."""
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text, old
        path.write_text(text.replace(old, new), encoding="utf-8")

    def opens(self, address: str) -> None:
        """Do everything that is asked for before an option can be decided: evidence, words, lanes, and the grants in one go."""
        grants: list[tuple[str, str]] = []
        for each in self.asks("why-blocked", address)["requirements"]:
            words = [] if each["satisfied"] else shlex.split(each["how"])[1:]
            match words:
                case ["grant", "record", name, "--as", actor]:
                    grants.append((actor, name))
                case ["lane", *_]:
                    self.confirms(*words)
                case ["blocker", "discharge", leg, *_]:
                    if leg == REAL_DUMP:
                        self.takes_in()
                    self.does(*("My word." if word == "…" else self._wanted(leg) if word == "FILE" else word for word in words))
        for actor in {actor for actor, _name in grants}:
            self.confirms("grant", "record", *(name for each, name in grants if each == actor), "--as", actor)

    def takes_in(self, *by: str) -> None:
        """Have the operator of this repository's programme take in the real dump, where that is not on record."""
        if not self.asks("why", HANDED_OVER)["allowed"]:
            file = self.evidence("intake", "real-dump", HANDED_OVER, name="intake.json")
            self.does("blocker", "discharge", HANDED_OVER, "--evidence", file, *(by or ("--as", "operator")))

    def kept(self, kind: str = "rehearsal") -> Path:
        """Return the one evidence file of a kind that is kept."""
        [path] = (path for path in (self.root / "governance" / "evidence").iterdir() if json.loads(path.read_bytes()).get("kind", "") == kind)
        return path

    def _wanted(self, leg: str) -> str:
        """Write the evidence that a leg asks for; return the file's name."""
        kind, of = next(iter(self.asks("show", leg)["declared"]["evidence"].items()))
        return self.evidence(kind, of, leg, name=f"{of}.json")


def run_words(*words: str) -> Ran:
    """Run a command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = run(list(words))
    return Ran(int(status), out.getvalue(), err.getvalue())


WAIVER = "signature_waiver: Nobody signs in these tests"
SCAFFOLD = (ROOT / "src" / "govern" / "scaffold" / "states.yaml").read_text(encoding="utf-8")
# The same without what it says about rehearsals: a test adds its own.
UNREHEARSED = re.sub(r"^rehearsal:\n(?:  .*\n)+\n", "", SCAFFOLD, count=1, flags=re.MULTILINE)


def make_ledger(root: Path) -> None:
    """Make the ledger of the programme of this repository in a copy of it, with the script that is kept here."""
    spec = importlib.util.spec_from_file_location("make_ledger", ROOT / "governance" / "make_ledger.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with pytest.MonkeyPatch.context() as files:
        files.setenv("GOVERN_LEDGER", "files")
        module.make_ledger(root)


def copy_keyless(root: Path) -> Programme:
    """Return a copy of the programme of this repository, in which no key is enrolled."""
    root.mkdir(parents=True)
    shutil.copy(ROOT / "states.yaml", root)
    shutil.copytree(ROOT / "templates", root / "templates")
    shutil.copytree(ROOT / "governance", root / "governance", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return Programme(root)


def copy_fix7(root: Path) -> Programme:
    """Return a copy of the programme of this repository in which signatures are waived."""
    shutil.copytree(_waived(), root, symlinks=True)
    return Programme(root)


def copy_executing(root: Path) -> Programme:
    """Return such a copy in which option 5 is decided, so that each action that has a grant has all that it asks for."""
    shutil.copytree(_executing(), root, symlinks=True)
    return Programme(root)


@cache
def _executing() -> Path:
    root = Path(tempfile.mkdtemp(prefix="govern-tests-")) / "fix7"
    atexit.register(shutil.rmtree, root.parent, ignore_errors=True)
    programme = copy_fix7(root)
    programme.opens(f"final-real-data/{EXECUTION}")
    programme.confirms("decide", "5", "--as", "owner")
    return root


@cache
def _waived() -> Path:
    root = Path(tempfile.mkdtemp(prefix="govern-tests-")) / "fix7"
    atexit.register(shutil.rmtree, root.parent, ignore_errors=True)
    programme = copy_keyless(root)
    programme.policy.write_text(waived(programme.policy.read_text(encoding="utf-8")), encoding="utf-8")
    make_ledger(root)
    programme.does("render")
    return root


def keys() -> Path:
    """Return a folder of throw-away keys, made once: of owner and operator, of gpt, and one that nobody enrolled."""
    return _keys(("owner", "operator", "gpt", "stranger"))


@cache
def _keys(names: tuple[str, ...]) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="govern-keys-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in names:
        make_key(folder / name)
    return folder


def key_of(actor: str) -> tuple[str, str]:
    """Return the words that name an actor's key."""
    return "--key", str(keys() / actor)


def fingerprint_of(actor: str) -> str:
    """Return the fingerprint of an actor's key."""
    return read_key(keys() / actor).public.fingerprint


def keygen(*words: str, stdin: str = "") -> str:
    """Run the real ssh-keygen, which must end with 0; return what it printed."""
    done = subprocess.run([ssh_keygen(), *words], input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (words, done)
    return done.stdout


def copy_signed(root: Path) -> Programme:
    """Return a copy of the programme of this repository in which owner and operator have keys, pinned on this machine."""
    made = _signed()
    shutil.copytree(made / "programme", root, symlinks=True)
    shutil.copytree(made / "memory", folder())
    return Programme(root)


@cache
def _signed() -> Path:
    made = Path(tempfile.mkdtemp(prefix="govern-tests-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    programme = copy_keyless(made / "programme")
    programme.confirms("key", "enroll", str(keys() / "owner"), "--as", "owner")
    programme.confirms("key", "enroll", str(keys() / "operator.pub"), "--for", "operator", "--as", "owner", *key_of("owner"))
    programme.does("render")
    folder().rename(made / "memory")
    return made


def waived(policy: str) -> str:
    """Return a policy in which signatures are waived; a block of lines gets one line more, behind its others."""
    if "signature_waiver:" in policy:
        return policy
    flow = re.sub(r"^policy: \{", f"policy: {{{WAIVER}, ", policy, count=1, flags=re.MULTILINE)
    return re.sub(r"^policy:\n(?:  .*\n)+", rf"\g<0>  {WAIVER}\n", flow, count=1, flags=re.MULTILINE)


def start(root: Path, policy: str | bytes | None = None) -> Programme:
    """Return a programme that has just begun: with a policy of its own, or with the one that `init` writes, signatures waived."""
    root.mkdir(parents=True)
    text = policy.decode() if isinstance(policy, bytes) else policy or SCAFFOLD
    (root / "states.yaml").write_text(waived(text), encoding="utf-8")
    programme = Programme(root)
    programme.does("init")
    return programme


def _what(path: Path) -> str:
    if path.is_symlink():
        return f"link to {path.readlink()}"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else f"{path.lstat().st_mode:o}"
