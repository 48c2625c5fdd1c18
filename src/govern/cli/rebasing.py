"""`ledger rebase`: after a lost push, my records behind the others', each judged anew where it now stands.

A statement goes on with its signature where it was made on a head that both histories have, and says the same; what
names a record of mine by its number, or was made on one, is signed again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from govern.canonical import digest
from govern.cli import signing
from govern.cli.deciding import packet_digest
from govern.cli.git import GitError, git
from govern.cli.memory import ledger_of, recall, remember
from govern.cli.output import counted
from govern.cli.recording import refuse_past
from govern.cli.session import Session, session_of
from govern.cli.ticket_pages import addenda_of_mine, rewrite_pages
from govern.engine.acts import Act
from govern.engine.causes import problem_of
from govern.engine.machine import propose
from govern.engine.register import Register
from govern.engine.replay import Replay
from govern.ledger.keeping import Contents
from govern.ledger.lines import Chain, Record, encode_line, namespace_of, place_of, read_records
from govern.ledger.statements import Basis, Statement
from govern.ledger.store import FileStore
from govern.problems import Exit, GovernError, Problem, fault

# What in a body is the number of a record.
_NUMBERS = ("instance", "record", "begin", "delegation", "supersedes", "reservation")


class Mine(NamedTuple):
    """A record of mine that the others do not have, with its signature."""

    record: Record
    armor: str | None


def rebase(
    context: typer.Context,
    onto: Annotated[str, typer.Argument(metavar="REF", help="Where the others' history is: a git ref, or a folder of segments.")],
    leave_out: Annotated[bool, typer.Option("--leave-out", help="Leave out what is refused behind the others' records; it is kept aside.")] = False,
) -> None:
    """Put my records behind the others', judged anew."""
    session = session_of(context)
    refuse_past(session)
    if not isinstance(session.project.store, FileStore):
        help = "all record at one head there, so nothing that was recorded can be lost to another's push"
        raise fault(Exit.REFUSED, "REFUSED", "a ledger in a database has one history, and is not rebased", help=help)
    session.require_ledger()
    mine, theirs = session.contents.lines, _theirs(session, onto)
    if ledger_of(mine) != ledger_of(theirs):
        raise fault(Exit.BROKEN, "LEDGER_MISMATCH", f"{onto} holds another ledger", help="a ledger that was begun anew is another one")
    common = next((number for number, (one, other) in enumerate(zip(mine, theirs, strict=False)) if one != other), min(len(mine), len(theirs)))
    _ = session.replay
    replay = session.project.replay(Contents(theirs), fresh=True)
    behind = _mine(mine, common)
    pages = addenda_of_mine(session, common)
    lines, refused = _behind(session, replay, behind, common)
    if refused and not leave_out:
        raise GovernError(Exit.REFUSED, refused)
    aside = _replace(session, [*theirs, *lines], mine, common)
    told = f"{counted(len(theirs) - common, 'record')} of others, then {len(lines)} of {len(behind)} of mine"
    left = f"; {len(behind) - len(lines)} left out" if len(lines) < len(behind) else ""
    kept = f"\nwhat it replaced is kept in {aside}" if aside else ""
    session.diagnostics += [replace(problem, severity="warning") for problem in refused]
    written = _pages(session, common, pages) if aside else []
    wrote = "".join(f"\nwrote {path}" for path in written)
    result = {"common": common, "others": len(theirs) - common, "mine": len(lines), "aside": aside, "written": written}
    session.answer("ledger", result, f"{told}{left}{kept}{wrote}")


def _pages(session: Session, common: int, pages: Sequence[str]) -> list[str]:
    """Rewrite what tells of tickets. The ledger is in its place by then: what fails here is a warning."""
    try:
        return rewrite_pages(Session(session.options), common, pages)
    except GovernError as error:
        session.diagnostics += [replace(problem, severity="warning") for problem in error.problems]
        return []


def _theirs(session: Session, onto: str) -> list[bytes]:
    if Path(onto).is_dir():
        contents = FileStore(Path(onto)).read()
    else:
        if onto.startswith("-"):
            raise fault(Exit.USAGE, "UNKNOWN_ID", f"`{onto}` is no git ref", help="name a git ref, such as origin/main, or a folder of segments")
        names = _git(session, "ls-tree", "--name-only", onto, "governance/ledger/").decode().split()
        segments = [_git(session, "show", f"{onto}:./{name}") for name in sorted(names)]
        *lines, torn = b"".join(segments).split(b"\n")
        contents = Contents(lines, torn)
    if contents.torn or not contents.lines:
        raise fault(Exit.UNJUDGED, "NO_LEDGER", f"{onto} holds no whole ledger", help="name a git ref, such as origin/main, or a folder of segments")
    return contents.lines


def _git(session: Session, *arguments: str) -> bytes:
    try:
        return git(session.project.root, *arguments)
    except GitError as error:
        raise fault(Exit.USAGE, "UNKNOWN_ID", str(error), help="name a git ref, such as origin/main, or a folder of segments") from error


def _mine(lines: Sequence[bytes], common: int) -> list[Mine]:
    records = list(read_records(lines, Chain(known=len(lines))))[common:]
    armors = [json.loads(line)["sigs"] for line in lines[common:]]
    return [Mine(record, armor[0] if armor else None) for record, armor in zip(records, armors, strict=True)]


def _behind(session: Session, replay: Replay, behind: Sequence[Mine], common: int) -> tuple[list[bytes], list[Problem]]:
    """Return my records as lines behind the others', and why those that are not among them are refused."""
    lines: list[bytes] = []
    refused: list[Problem] = []
    moved: dict[int, int] = {}
    now = max(session.now, replay.state.at)
    for mine in behind:
        seq = mine.record.seq
        body, lost = _renumbered(mine.record.statement.body, moved, common)
        body |= _range(mine.record.statement.kind, body, replay.state.register)
        against = lost or _against(session, replay, mine, body, now)
        if against:
            refused.append(Problem("STALE", f"record {seq} ({mine.record.statement.kind}): {against}", place_of(seq), help="--leave-out goes on without it"))
            continue
        line = _line(session, replay, mine, body, now)
        moved[seq] = replay.chain.size
        replay.take_all([line[:-1]])
        lines.append(line[:-1])
    return lines, refused


def _renumbered(body: Any, moved: dict[int, int], common: int) -> tuple[dict[str, Any], str]:
    """Return a body with the numbers that my records have now; and what it names that was left out, or nothing."""
    numbers = (*_NUMBERS, *(("grant",) if isinstance(body.get("grant"), int) else ()))
    named = {key: body[key] for key in numbers if key in body and body[key] >= common}
    lost = [seq for seq in named.values() if seq not in moved]
    return {**body, **{key: moved.get(seq, seq) for key, seq in named.items()}}, f"it goes on with record {lost[0]}, which is not there" if lost else ""


def _range(kind: str, body: Mapping[str, Any], register: Register) -> dict[str, int]:
    """Return the ids that a reservation of mine gets behind the others', and with it what folds or withdraws it."""
    if kind == "reserve":
        return {"first": register.next_free, "last": register.next_free + body["last"] - body["first"]}
    made = [each for each in register.reservations.values() if each.seq == body.get("reservation")]
    # One record of a document may tell of several; those stand where they stood.
    return {"first": made[0].first, "last": made[0].last} if len(made) == 1 else {}


def _against(session: Session, replay: Replay, mine: Mine, body: dict[str, Any], now: int) -> str:
    statement = mine.record.statement
    view = replay.view(now, session.project.evidence_facts(replay.state), pinned=session.pinned)
    if statement.imported:
        return "imported history is taken right after genesis only"
    if statement.policy != replay.state.policy_digest:
        return "it was made under another policy than is in force there"
    if "packet_sha256" in body and body["packet_sha256"] != packet_digest(session, body["packet"], view):
        return f"the packet {body['packet']} is another there than the one that was decided on"
    adopts = session.project.policy_source(fresh=True)(body["policy"]) if statement.kind == "adopt" else None
    refusals = propose(Act(statement.kind, statement.actor, body, None, mine.record.signer, adopts), view)
    return "; ".join(problem_of(each).message for each in refusals)


def _line(session: Session, replay: Replay, mine: Mine, body: dict[str, Any], now: int) -> bytes:
    statement, chain = mine.record.statement, replay.chain
    keeps = body == statement.body and chain.has(statement.basis)
    if mine.armor is not None and keeps:
        return encode_line(chain, statement, now, mine.armor)
    again = statement._replace(body=body, basis=Basis(chain.size, chain.last))
    return encode_line(chain, again, now, _sign_again(session, replay, again, now) if mine.armor is not None else None)


def _sign_again(session: Session, replay: Replay, statement: Statement, now: int) -> str:
    other = Session(replace(session.options, actor=statement.actor))
    key = signing.find_key(other, replay.view(now))
    if key is None:
        message = f"a {statement.kind} by {statement.actor} rests on a record that has moved, and must be signed again"
        raise fault(Exit.REFUSED, "SIG_MISSING", message, help="--key FILE names the key; nothing was changed")
    return signing.sign(key, [statement.text()], namespace_of(statement.kind))[0]


def _replace(session: Session, lines: Sequence[bytes], mine: Sequence[bytes], common: int) -> str | None:
    """Put the new history in place of mine, in one step; return where mine is kept."""
    if list(lines) == list(mine):
        return None
    tail = b"".join(line + b"\n" for line in mine[common:])
    name = f"governance/ledger-aside/{digest(tail)}.jsonl"
    with session.project.files.exclusive() as store:
        if store.read().lines != list(mine):
            raise fault(Exit.REFUSED, "STALE", "the ledger has moved in the meantime; nothing was changed", help="repeat the command")
        if tail:
            session.project.keep_files(((name, tail),))
        store.replace(common, [line + b"\n" for line in lines[common:]])
    ledger = ledger_of(lines)
    remember(replace(recall(ledger), size=0, last=""), list(lines))
    return name if tail else None
