"""A programme on disk under attack: lines as an attacker would write them, and the refusal that each attack must meet."""

import atexit
import json
import multiprocessing
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_ssh_private_key

from govern.cli.codes import CODES
from govern.cli.memory import folder as memory_folder
from govern.cli.signing import make_key
from govern.ledger.keys import parse_key
from govern.ledger.lines import Chain, encode_line, namespace_of, place_of, read_records
from govern.ledger.statements import Basis, Statement
from govern.problems import Exit
from support.cli import Programme, Ran, copy_keyless, keygen
from support.signing import Pen, sign

MoveAway = Callable[[], None]
POLICY = """\
govern: 1
programme: {id: YARD, version: 1, title: A yard}
policy: {adopted_by: {all: [{of: board, at_least: 2}]}}
actors:
  ann: {kind: person}
  bob: {kind: person}
  cyn: {kind: person}
  dan: {kind: person}
  hugo: {kind: person, signs_with: hardware}
  hana: {kind: person, signs_with: verified}
  bot: {kind: agent, may_receive_from: ann}
  maker: {kind: agent}
roles:
  board: {members: [ann, bob, cyn]}
preparation: {by: maker}
scopes:
  work: {says: Work that can be undone.}
  other: {says: Other work that can be undone.}
  live: {says: The live system., protected: true}
lifecycles: {use: standard-1}
blocker_states:
  - {state: closed, when: {legs: all}, closes: true}
  - {state: open}
lanes:
  bench: {scope: work, standing: true}
  far: {scope: other, standing: true}
  gate: {scope: live, opened_by: ann}
grants:
  TRIAL: {scope: work, issuer: ann, expires_after: 30d}
  SPARE: {scope: work, issuer: ann}
  REHEARSAL: {scope: work, issuer: ann}
  LEAVE: {scope: live, issuer: {all: [{of: board, at_least: 2}]}}
  HARD: {scope: work, issuer: hugo}
  PINNED: {scope: work, issuer: hana}
blockers:
  READY:
    legs:
      tried: {by: maker, evidence: {rehearsal: copy}}
      seen: {by: dan, evidence: {attest: copy}}
packets:
  ask:
    lane: bench
    decided_by: board
    lineage_gap: It is the first.
    options:
      - {number: "1", id: STAY, hold: true, says: Nothing is done.}
      - {number: "2", id: TRY, scope: work, delegable: true, says: It is tried.}
      - {number: "3", id: FAR, scope: other, lane: far, delegable: true, says: It is tried elsewhere.}
      - {number: "4", id: CHANGE, scope: live, lane: gate, requires: {all: [{leg: READY/tried}, {grant: LEAVE}]}, says: It is changed.}
surfaces:
  copy: {title: The copy}
  machine: {title: The machine}
actions:
  try: {touches: [copy], needs: {selected: TRY}, consumes: TRIAL}
  spare: {touches: [copy], needs: {selected: TRY}, consumes: SPARE, separate_executor: true}
  change: {touches: [machine], needs: {selected: CHANGE}, consumes: LEAVE}
"""


@cache
def key_folder() -> Path:
    """Return a folder of throw-away keys, made once a session: of each person, a second one of ann's, and an attacker's."""
    folder = Path(tempfile.mkdtemp(prefix="govern-attack-keys-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in ("ann", "ann-2", "bob", "cyn", "dan", "mallory", "owner", "operator"):
        make_key(folder / name)
    for number, name in enumerate(("hugo", "hana"), 21):
        (folder / f"{name}.pub").write_text(f"{token(number).line}\n", encoding="utf-8")
    return folder


def token(number: int) -> Pen:
    """Return a security key."""
    return Pen(Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32), b"ssh:")


HUGO, HANA = token(21), token(22)


@cache
def pen(name: str) -> Pen:
    """Return the throw-away key of somebody."""
    private = load_ssh_private_key((key_folder() / name).read_bytes(), None)
    assert isinstance(private, Ed25519PrivateKey)
    return Pen(private)


def key(name: str) -> tuple[str, str]:
    """Return the words that name a key."""
    return "--key", str(key_folder() / name)


def own(name: str) -> tuple[str, str, str, str]:
    """Return the words by which somebody acts with a key of their own."""
    return "--as", name, *key(name)


def fingerprint(by: Pen) -> str:
    """Return the fingerprint of a key."""
    return parse_key(by.line).fingerprint


def key_text(by: Pen) -> str:
    """Return a public key as an enrolment spells it."""
    return parse_key(by.line).line()


class Victim(Programme):
    """A programme that is attacked. What lies beside its folder is watched, too."""

    @property
    def lines(self) -> list[bytes]:
        """The lines of the ledger, without LF."""
        return self.ledger.read_bytes().splitlines()

    def write(self, lines: Sequence[bytes]) -> None:
        """Put other lines in place of the ledger's."""
        self.ledger.write_bytes(b"".join(line + b"\n" for line in lines))

    def append(self, line: bytes) -> int:
        """Put a line behind the ledger by hand; return its number."""
        with self.ledger.open("ab") as stream:
            stream.write(line)
        return len(self.lines) - 1

    def chain(self) -> Chain:
        """Return the chain up to the last line. Whether its signatures fit is not asked."""
        lines = self.lines
        chain = Chain(known=len(lines))
        list(read_records(lines, chain))
        return chain

    def statement(self, kind: str, actor: str, body: Mapping[str, Any], **more: Any) -> Statement:
        """Return a statement on the head, under the policy of the last record."""
        chain = self.chain()
        subject = json.loads(json.loads(self.lines[-1])["stmt"])["subject"][0]["digest"]["sha256"]
        made = Statement(chain.ledger, kind, actor, body, Basis(chain.size, chain.last), subject)
        return made._replace(**more)

    def line(self, statement: Statement, by: Pen | str | None = None, *, namespace: str = "", at: int | None = None, flags: int = 1) -> bytes:
        """Return the line, with its LF, of a statement: signed by a key, with this text for a signature, or unsigned."""
        if isinstance(by, Pen):
            by = sign(by, statement.text().encode(), namespace or namespace_of(statement.kind), flags=flags).armor()
        return encode_line(self.chain(), statement, int(time.time()) if at is None else at, by)

    def forge(self, kind: str, actor: str, body: Mapping[str, Any], by: Pen | str | None = None, **more: Any) -> int:
        """Put a record on the head without asking anybody; return its number."""
        return self.append(self.line(self.statement(kind, actor, body), by, **more))

    def meets(self, *codes: str, by: Sequence[str] = ("verify",), status: Exit = Exit.BROKEN, told: str = "", seq: int | None = None) -> Ran:
        """Run a command that must be refused for exactly these errors, and must change nothing, here or beside.

        The first names the place: the line of a record, and `told` in its message.
        """
        assert set(codes) <= CODES.keys(), codes
        before = self.tree(), self._beside()
        ran = self.run(*by, "--json")
        assert (self.tree(), self._beside()) == before, by
        assert "Traceback" not in ran.err
        errors = [each for each in ran.answer["diagnostics"] if each["severity"] == "error"]
        assert ([each["code"] for each in errors], ran.status) == (list(codes), status), ran
        assert told in errors[0]["message"], errors[0]
        if seq is not None:
            assert (errors[0]["file"], errors[0]["line"]) == place_of(seq)[:2], errors[0]
        return ran

    def warns(self, *codes: str, by: Sequence[str] = ("status",)) -> Ran:
        """Run a question that must be answered with exactly these warnings, and must change nothing."""
        assert set(codes) <= CODES.keys(), codes
        before = self.tree(), self._beside()
        ran = self.does(*by, "--json")
        assert (self.tree(), self._beside()) == before, by
        assert [each["code"] for each in ran.answer["diagnostics"]] == list(codes), ran
        return ran

    def _beside(self) -> dict[str, str]:
        """Return what lies beside the programme, but for the memory and the cache, in which questions may write."""
        around = Programme(self.root.parent).tree()
        mine = (f"{self.root.name}/", "state/", "elsewhere/", "cache/", "state", "elsewhere", "cache")
        return {name: what for name, what in around.items() if not name.startswith(mine)}


def copy_yard(root: Path) -> Victim:
    """Return a copy of the yard, in which everybody has a key and the packet is issued, pinned on this machine."""
    return _copy(_yard(), root)


def copy_real(root: Path) -> Victim:
    """Return a copy of the programme of this repository, in which owner and operator have a key, pinned on this machine."""
    return _copy(_real(), root)


def start_yard(root: Path, policy: str = POLICY) -> Victim:
    """Return a yard that has just begun."""
    victim = Victim(root)
    root.mkdir(parents=True)
    victim.policy.write_text(policy, encoding="utf-8")
    victim.does("init")
    return victim


def _copy(made: Path, root: Path) -> Victim:
    shutil.copytree(made / "programme", root, symlinks=True)
    shutil.copytree(made / "memory", memory_folder())
    return Victim(root)


@cache
def _yard() -> Path:
    made = _folder()
    victim = start_yard(made / "programme")
    for name in ("ann", "bob", "cyn"):
        victim.confirms("key", "enroll", str(key_folder() / name), "--as", name)
    for actor, name in (("dan", "dan"), ("hugo", "hugo"), ("hana", "hana"), ("ann", "ann-2")):
        for giver in ("bob", "cyn"):
            victim.confirms("key", "enroll", str(key_folder() / f"{name}.pub"), "--for", actor, *own(giver))
    victim.does("packet", "issue", "ask", "--as", "maker")
    memory_folder().rename(made / "memory")
    return made


@cache
def _real() -> Path:
    made = _folder()
    victim = copy_keyless(made / "programme")
    victim.confirms("key", "enroll", str(key_folder() / "owner"), "--as", "owner")
    victim.confirms("key", "enroll", str(key_folder() / "operator.pub"), "--for", "operator", *own("owner"))
    victim.does("render")
    memory_folder().rename(made / "memory")
    return made


def _folder() -> Path:
    made = Path(tempfile.mkdtemp(prefix="govern-attacks-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def bring(victim: Victim, words: Sequence[str], file: Path, name: str, namespace: str) -> tuple[str, ...]:
    """Have an act written out and signed with the real ssh-keygen in a namespace; return the words that bring the signature back."""
    victim.does("request", str(file), *words)
    keygen("-q", "-Y", "sign", "-n", namespace, "-f", str(key_folder() / name), str(file))
    return *words, "--signature", f"{file}.sig"


def replace_line(victim: Victim, seq: int, pattern: bytes, new: bytes) -> None:
    """Change a line of the ledger by hand."""
    lines = victim.lines
    changed, count = re.subn(pattern, lambda _match: new, lines[seq], count=1)
    assert count == 1, pattern
    victim.write([*lines[:seq], changed, *lines[seq + 1 :]])


def race(*tasks: Callable[[], object]) -> list[object]:
    """Run tasks in as many processes, which start together; return what each said, in the order of their ends."""
    context = multiprocessing.get_context("fork")
    gate, said = context.Barrier(len(tasks)), context.Queue()

    def run(task: Callable[[], object]) -> None:
        gate.wait(60)
        said.put(task())

    running = [context.Process(target=run, args=(task,)) for task in tasks]
    for process in running:
        process.start()
    answers = [said.get(timeout=60) for _ in running]
    for process in running:
        process.join(60)
    return answers
