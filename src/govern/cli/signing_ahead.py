"""Signing what is about to be recorded: here, or on another machine by way of a file."""

from collections.abc import Sequence

from govern.canonical import NotCanonicalError
from govern.cli import signing
from govern.cli.recording import Proposal, Signed, moved
from govern.cli.session import Session
from govern.ledger.lines import namespace_of
from govern.ledger.parsing import parse_statement
from govern.ledger.sshsig import SignatureError, check_signature
from govern.ledger.statements import SchemaUnknownError, Statement
from govern.problems import Exit, fault


def sign_ahead(session: Session, proposals: Sequence[Proposal], statements: Sequence[Statement]) -> list[Signed | None]:
    """Return each statement with its signature, or None where nobody signs.

    Raises:
        GovernError: the key did not sign, or the signature that was brought is not of this act.
        typer.Exit: the statement was written out, to be signed on another machine.
    """
    if session.options.request is not None:
        _write_out(session, proposals, statements)
    if session.options.signature is not None:
        return [_brought(session, _only(proposals), statements[0])]
    if not any(proposal.act.signer for proposal in proposals):
        return [None] * len(proposals)
    key = signing.find_key(session, session.view)
    assert key is not None, "the key that is to sign was found when the act was made"
    armors = signing.sign(key, [statement.text() for statement in statements], namespace_of(statements[0].kind))
    return [Signed(statement, armor) for statement, armor in zip(statements, armors, strict=True)]


def _only(proposals: Sequence[Proposal]) -> Proposal:
    if len(proposals) != 1:
        raise fault(Exit.USAGE, "USAGE", f"{len(proposals)} records at once cannot be signed elsewhere", help="one at a time")
    return proposals[0]


def _write_out(session: Session, proposals: Sequence[Proposal], statements: Sequence[Statement]) -> None:
    """Write the exact bytes that are signed, and say how; nothing is recorded."""
    proposal, statement, path = _only(proposals), statements[0], session.options.request
    assert path is not None, "a request names its file"
    if proposal.act.signer is None:
        raise fault(Exit.REFUSED, "REFUSED", f"{proposal.act.actor} has no key, so there is nothing to sign", help="leave out `request`")
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(statement.text())
    except FileExistsError as error:
        raise fault(Exit.REFUSED, "FILE_IO", f"{path} is there already", help="name another file") from error
    sign = f"ssh-keygen -Y sign -n {namespace_of(statement.kind)} -f KEY {path}"
    text = (
        f"wrote {path}: {proposal.what}; nothing is recorded yet\n"
        f"read it, and sign it where the key is: {sign}\n"
        f"then repeat the command with: --signature {path}.sig"
    )
    session.answer("request", {"file": str(path), "what": proposal.what, "sign": sign, "namespace": namespace_of(statement.kind)}, text)


def _brought(session: Session, proposal: Proposal, statement: Statement) -> Signed:
    """Return what was signed elsewhere, where it is what would be recorded now, on this history."""
    path = session.options.signature
    assert path is not None, "a signature that was brought is in a file"
    armor, text = signing.read_text(path), signing.read_text(path.with_suffix(""))
    try:
        check_signature(armor, text.encode(), namespace_of(statement.kind))
        brought = parse_statement(text)
    except SignatureError as error:
        raise fault(Exit.REFUSED, error.code, f"{path}: {error}", help="nothing was recorded") from error
    except (NotCanonicalError, SchemaUnknownError) as error:
        raise fault(Exit.REFUSED, "SCHEMA_UNKNOWN", f"{path.with_suffix('')}: {error}", help="it is to be signed as `govern request` wrote it") from error
    if brought._replace(basis=statement.basis) != statement or not session.replay.chain.has(brought.basis):
        raise moved(proposal.what)
    return Signed(brought, armor)
