"""Signing with the SSH keys that people have: `ssh-keygen -Y sign`, which also asks the agent and hardware keys.

The child process is called by an absolute path, with an environment that holds nothing but what it needs.
"""

import os
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from govern.cli.programs import environment, find_program
from govern.ledger.keys import KeyTypeError, PublicKey, parse_key
from govern.ledger.lines import namespace_of
from govern.ledger.sshsig import SignatureError, Signer, read_signer
from govern.problems import Exit, GovernError, fault

if TYPE_CHECKING:
    from govern.cli.session import Session
    from govern.engine.view import View

_PASSED_ON = ("HOME", "SSH_AUTH_SOCK", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "SSH_SK_PROVIDER", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "TERM")


class SigningKey(NamedTuple):
    """A key at hand: the file that `ssh-keygen` is given (of a key in the agent, the public one), and its public half."""

    file: Path
    public: PublicKey


def intended_signer(session: "Session", kind: str, view: "View") -> Signer | None:
    """Return whose key will sign a record, or None where none must.

    Whether a hardware key verified its user is known from the signature only; it is judged again then.

    Raises:
        GovernError: a key or a signature that was named cannot be read (status 2).
    """
    from govern.engine.signed import live_keys, must_sign

    actor = session.actor()
    if session.options.signature is not None:
        try:
            return read_signer(read_text(session.options.signature), namespace_of(kind))
        except SignatureError as error:
            raise fault(Exit.REFUSED, error.code, f"{session.options.signature}: {error}", help=f"sign it with -n {namespace_of(kind)}") from error
    if actor not in view.policy.actors:
        return None
    if session.options.request is not None or session.options.supposing:
        publics = [parse_key(key.key) for key in live_keys(view.state, actor)][:1]
    elif session.options.key is not None or must_sign(view.policy, view.state, actor):
        found = find_key(session, view)
        publics = [found.public] if found else []
    else:
        return None
    return Signer(publics[0].fingerprint, hardware=publics[0].hardware, verified=publics[0].hardware) if publics else None


def find_key(session: "Session", view: "View") -> SigningKey | None:
    """Return the key to sign with: the one that `--key` names, or an enrolled one that lies in ~/.ssh or in the agent."""
    from govern.engine.signed import live_keys

    if session.options.key is not None:
        return read_key(session.options.key)
    wanted = {key.fingerprint for key in live_keys(view.state, session.actor())}
    home = Path(os.environ.get("HOME", ""))
    # A relative home may lie in the tree.
    for path in sorted(home.glob(".ssh/*.pub")) if wanted and home.is_absolute() else ():
        with suppress(GovernError):
            found = read_key(path)
            if found.public.fingerprint in wanted:
                return found
    for line in _agent_keys() if wanted else ():
        with suppress(KeyTypeError):
            public = parse_key(line)
            if public.fingerprint in wanted:
                return SigningKey(Path(), public)
    return None


def read_key(path: Path) -> SigningKey:
    """Return the key of a file, private or public; beside a private one its `.pub` is looked for first.

    Raises:
        GovernError: it cannot be read, or is of a kind that is not accepted (status 2).
    """
    beside = path.with_name(f"{path.name}.pub")
    if path.suffix == ".pub":
        text, private = read_text(path), path.with_suffix("")
        file = private if private.exists() else path
    else:
        text, file = read_text(beside) if beside.exists() else _public_of(path), path
    try:
        return SigningKey(file, parse_key(text.strip("\n")))
    except KeyTypeError as error:
        raise fault(Exit.USAGE, "KEY_TYPE", f"{path}: {error}", help="ssh-keygen -t ed25519 -f FILE makes one") from error


def read_text(path: Path) -> str:
    """Return the text of a small file that was named on the command line.

    Raises:
        GovernError: it cannot be read (status 2).
    """
    try:
        with path.open("rb") as stream:
            return stream.read(1 << 20).decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise fault(Exit.USAGE, "FILE_IO", f"{path}: {reason}") from error


def sign(key: SigningKey, texts: Sequence[str], namespace: str) -> list[str]:
    """Return the signature of each text, made in one go: a passphrase is asked for once.

    Raises:
        GovernError: the key did not sign; nothing was recorded (status 4).
    """
    with tempfile.TemporaryDirectory(prefix="govern-") as name:
        folder = Path(name)
        file = key.file.resolve() if key.file.name else folder / "key.pub"
        if not key.file.name:
            file.write_text(f"{key.public.line()}\n", encoding="utf-8")
        paths = [folder / f"{number}.json" for number in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text, encoding="utf-8")
        ran = _run(["-Y", "sign", "-q", "-f", str(file), "-n", namespace, *map(str, paths)])
        if ran.returncode != 0:
            reason = (ran.stderr.strip().splitlines() or ["no reason was given"])[-1]
            raise fault(Exit.REFUSED, "SIG_MISSING", f"{key.public.fingerprint} did not sign: {reason}", help="nothing was recorded")
        return [path.with_name(f"{path.name}.sig").read_text(encoding="ascii") for path in paths]


def make_key(file: Path) -> None:
    """Make an Ed25519 key without a passphrase, for a play or a test.

    Raises:
        GovernError: it could not be made (status 3).
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    ran = _run(["-q", "-t", "ed25519", "-N", "", "-C", file.name, "-f", str(file)])
    if ran.returncode != 0:
        raise fault(Exit.UNJUDGED, "FILE_IO", f"{file}: {ran.stderr.strip()}")


def _public_of(path: Path) -> str:
    """Return the public half of a private key; ssh-keygen asks for its passphrase."""
    ran = _run(["-y", "-f", str(path)])
    if ran.returncode != 0:
        reason = (ran.stderr.strip().splitlines() or ["it is no private key"])[-1]
        raise fault(Exit.USAGE, "KEY_TYPE", f"{path}: {reason}", help="name a private key, or its .pub")
    return ran.stdout


def _agent_keys() -> list[str]:
    program = find_program("ssh-add")
    if program is None or "SSH_AUTH_SOCK" not in os.environ:
        return []
    ran = subprocess.run([program, "-L"], env=environment(*_PASSED_ON), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return ran.stdout.splitlines() if ran.returncode == 0 else []


def _run(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    # A passphrase or a touch is asked for on the terminal itself, which stays the child's.
    return subprocess.run([ssh_keygen(), *arguments], env=environment(*_PASSED_ON), capture_output=True, text=True, check=False)


@cache
def ssh_keygen() -> str:
    """Return where ssh-keygen is.

    Raises:
        GovernError: it is not installed (status 3).
    """
    program = find_program("ssh-keygen")
    if program is None:
        raise fault(Exit.UNJUDGED, "NO_SSH_KEYGEN", "ssh-keygen is not installed", help="install OpenSSH's client")
    return program
