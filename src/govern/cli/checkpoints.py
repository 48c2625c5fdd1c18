"""`checkpoint`: the head in a form to be kept outside the repository, and compared later by `verify --since`."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from govern.cli.files import read_named
from govern.cli.output import counted, write
from govern.cli.session import Session, session_of
from govern.cli.signing import read_text
from govern.ledger.checkpoints import Checkpoint, CheckpointError, Relation, checkpoint_of, compare, convict, fork_proof, parse_checkpoint
from govern.ledger.merkle import leaf_hash
from govern.ledger.notes import NoteError, VerifierKeyError, open_note, sign_note, split_note, verifier_key
from govern.ledger.proofs import ProofError, check_consistency, consistency_proof, inclusion_proof
from govern.problems import Exit, Problem, fault

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def checkpoint(
    context: typer.Context,
    sign: Annotated[Path | None, typer.Option("--sign", metavar="FILE", help="Sign it with this Ed25519 key, which has no passphrase.")] = None,
    include: Annotated[int | None, typer.Option("--include", metavar="SEQ", min=0, help="Prove that a record is in it (RFC 6962).")] = None,
    extend: Annotated[Path | None, typer.Option("--extend", metavar="FILE", help="Prove that it goes on from an older checkpoint (RFC 6962).")] = None,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="With --sign: the name of the key.")] = "govern",
) -> None:
    """Print the head as a checkpoint, to be kept outside the repository."""
    session = session_of(context)
    replay = session.replay
    found = checkpoint_of(str(replay.chain.ledger), session.contents.lines[: session.size])
    text, verifier = found.text(), None
    if include is not None or extend is not None:
        _prove(session, found, include, extend)
    if sign is not None:
        key = _private_key(sign)
        try:
            text, verifier = sign_note(text, name, key), verifier_key(name, key.public_key().public_bytes_raw())
        except (NoteError, VerifierKeyError) as error:
            raise fault(Exit.USAGE, error.code, str(error), help="--name takes a word") from error
        session.diagnostics.append(Problem("NOTE_KEY", f"verify it with --witness {verifier}", severity="warning"))
    session.answer("checkpoint", {"checkpoint": text, "size": found.size, "verifier": verifier}, text.removesuffix("\n"))


def _prove(session: Session, head: Checkpoint, include: int | None, extend: Path | None) -> NoReturn:
    """Print the proof that is asked for: what anybody needs to check it, hashes in hex."""
    leaves = list(map(leaf_hash, session.contents.lines[: session.size]))
    shown: dict[str, Any] = {"checkpoint": head.text(), "root": head.root.hex(), "size": head.size}
    try:
        if include is not None:
            shown |= {
                "index": include,
                "leaf": leaves[include].hex() if include < len(leaves) else "",
                "inclusion": inclusion_proof(leaves, include, head.size),
            }
        if extend is not None:
            older = read_checkpoint(session, extend, [])
            shown |= {"old_root": older.root.hex(), "old_size": older.size, "consistency": consistency_proof(leaves, older.size, head.size)}
            check_consistency(older.size, head.size, shown["consistency"], older.root, head.root)
    except ProofError as error:
        raise fault(Exit.BROKEN if extend is not None else Exit.USAGE, error.code, str(error), help="`govern verify --since` says how the two stand") from error
    shown |= {key: [each.hex() for each in shown[key]] for key in ("inclusion", "consistency") if key in shown}
    session.answer("checkpoint", shown, json.dumps(shown, indent=2))


def _private_key(path: Path) -> "Ed25519PrivateKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_ssh_private_key

    try:
        key = load_ssh_private_key(read_text(path).encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise fault(Exit.USAGE, "KEY_TYPE", f"{path}: {error}", help="an Ed25519 key without a passphrase: ssh-keygen -t ed25519 -N '' -f FILE") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise fault(Exit.USAGE, "KEY_TYPE", f"{path} is no Ed25519 key", help="ssh-keygen -t ed25519 -N '' -f FILE")
    return key


def read_checkpoint(session: Session, path: Path, witnesses: list[str]) -> Checkpoint:
    """Return the checkpoint of a file. One that names witnesses must be signed by one of them.

    Raises:
        GovernError: it cannot be read (status 2), is no checkpoint (status 3), or not signed as it must be (status 5).
    """
    content = read_named(path, "the file of a checkpoint is wanted")
    try:
        text, signatures = split_note(content)
        if witnesses:
            text = open_note(content, witnesses).text
        elif signatures:
            message = f"{path} is signed, and nobody's key was named: it is taken as what was kept here"
            session.diagnostics.append(Problem("NOTE_UNVERIFIED", message, severity="warning", help="--witness KEY verifies it"))
        return parse_checkpoint(text)
    except VerifierKeyError as error:
        raise fault(Exit.USAGE, error.code, str(error), help="a verifier key is NAME+ID+KEY") from error
    except CheckpointError as error:
        raise fault(Exit.UNJUDGED, error.code, f"{path}: {error}") from error
    except NoteError as error:
        status = Exit.UNJUDGED if error.code == "NOTE_FORMAT" else Exit.BROKEN
        raise fault(status, error.code, f"{path}: {error}") from error


def check_since(session: Session, path: Path, witnesses: list[str], ledger: str) -> str:
    """Compare the ledger with a checkpoint; return in words how it stands to it.

    Raises:
        GovernError: the ledger went back behind it, left its path, or is another one (status 5).
    """
    kept, lines = read_checkpoint(session, path, witnesses), session.contents.lines
    leaves = list(map(leaf_hash, lines))
    match compare(kept, ledger, leaves):
        case Relation.SAME:
            return "the head is the one of the checkpoint"
        case Relation.BEHIND:
            return f"{counted(len(lines) - kept.size, 'record')} added since the checkpoint, and none before was changed"
        case Relation.ROLLBACK:
            message = f"the checkpoint has {kept.size} records, the ledger {len(lines)}: some were cut off, or an older copy was put in its place"
            raise fault(Exit.BROKEN, "ROLLBACK", message, help="restore the ledger from a clone")
        case Relation.FORK:
            head = checkpoint_of(ledger, lines)
            proof = None if kept.size == head.size else fork_proof(kept, head, leaves)
            shown = convict(kept, head, proof).text()
            if not session.options.json:
                write(sys.stdout, f"{shown}\n")
            message = "the ledger and the checkpoint are two histories of one ledger" + (
                f"\n{shown}" if session.options.json else "; both heads and the proof are above"
            )
            raise fault(Exit.BROKEN, "FORK", message, help="whoever holds the other history has its records; one of the two was forged")
        case Relation.OTHER:
            message = f"the checkpoint is of {kept.origin}, and this ledger is {ledger}"
            raise fault(Exit.BROKEN, "LEDGER_MISMATCH", message, help="a ledger that was begun anew is another one")
