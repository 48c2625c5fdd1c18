"""`ticket check [--all-refs]`: whether one id is held twice, here or on any branch, and whether the registry's pages are in step."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any

import typer

from govern.cli.drift import document_drift
from govern.cli.git import GitError, git
from govern.cli.memory import ledger_of
from govern.cli.output import counted
from govern.cli.session import Session, session_of
from govern.cli.ticket_ranges import registry_of
from govern.documents.files import documents_of
from govern.engine.register import spell_span
from govern.ledger.lines import FOLDER, Chain, read_records
from govern.ledger.store import FileStore
from govern.problems import Exit, GovernError, Problem, fault

HERE = "the working tree"
_PAGES = frozenset(("addendum", "registry", "registry-index"))


@dataclass(frozen=True, slots=True)
class Held:
    """A reservation as a ledger has it, and every place that has it. A copy that was moved to other ids is another."""

    first: int
    last: int
    nonce: str
    actor: str
    at: str
    seq: int
    purpose: str
    refs: tuple[str, ...]


def check_refs(
    context: typer.Context, all_refs: Annotated[bool, typer.Option("--all-refs", help="Read the ledgers of all git refs, and name every clash.")] = False
) -> None:
    """Find ids that are held twice, and pages of the registry that differ from the state."""
    session = session_of(context)
    prefix = registry_of(session).prefix
    drift = [
        problem for name, document in documents_of(session.view).items() if document.shows in _PAGES for problem in document_drift(session, name, document)
    ]
    ledgers = {HERE: session.contents.lines[: session.size]}
    unreadable: list[Problem] = []
    if all_refs:
        read, unreadable = _ledgers(session)
        ledgers |= read
    held = _held(ledgers)
    clashes = list(_clashes(held))
    session.diagnostics += [*unreadable, *drift]
    session.diagnostics += [Problem("TICKET_CLASH", f"{prefix}-{span} is held by {len(by)} reservations", help=_HELP) for span, by in clashes]
    lines = [line for span, by in clashes for line in (f"{prefix}-{span} is held {len(by)} times:", *(f"  {_told(each, prefix)}" for each in by))]
    edited = any(problem.severity == "error" for problem in drift)
    lines.append(_summary(held, ledgers, clashes=len(clashes), drift=edited, unreadable=len(unreadable)))
    result: dict[str, Any] = {"clashes": [{"ids": f"{prefix}-{span}", "held": [_json(each, prefix) for each in by]} for span, by in clashes]}
    result |= {"refs": list(ledgers), "unreadable": [problem.message for problem in unreadable], "drift": [problem.code for problem in drift]}
    broken = any(problem.severity == "error" for problem in unreadable)
    session.answer("ticket", result, "\n".join(lines), Exit.NO if clashes or edited else Exit.BROKEN if broken else Exit.YES)


def all_clashes(session: Session) -> list[tuple[str, list[Held]]]:
    """Return the ids that several reservations hold, here or on any git ref that can be compared.

    Raises:
        GovernError: git cannot be asked, or no ref has a ledger (status 3).
    """
    return list(_clashes(_held({HERE: session.contents.lines[: session.size], **_ledgers(session)[0]})))


_HELP = "behind the history that is to stay, `govern ledger rebase` moves what was not published to the next free ids; an older copy of a branch is to go"


def _summary(held: list[Held], ledgers: dict[str, list[bytes]], *, clashes: int, drift: bool, unreadable: int) -> str:
    places = " and ".join([HERE, *([counted(len(ledgers) - 1, "git ref")] if len(ledgers) > 1 else [])])
    found = [f"{clashes} {'clash' if clashes == 1 else 'clashes'}" if clashes else "no clash"]
    found += ["pages differ from the state"] if drift else []
    found += [f"{counted(unreadable, 'ref')} not compared"] if unreadable else []
    return f"{counted(len(held), 'reservation')} in {places}: {', '.join(found)}"


def _ledgers(session: Session) -> tuple[dict[str, list[bytes]], list[Problem]]:
    """Return the lines of this ledger on each git ref that has it, and a problem for each that cannot be compared.

    Raises:
        GovernError: git cannot be asked, or the ledger is in files and no ref has one: nothing to compare is no answer (status 3).
    """
    root, own = session.project.root, ledger_of(session.contents.lines)
    found: dict[str, list[bytes]] = {}
    problems: list[Problem] = []
    try:
        trees = _trees(session)
        for tree, refs in trees.items():
            where = ", ".join(refs)
            *lines, torn = _segments(session, tree).split(b"\n")
            against = _against(lines, torn)
            if against:
                problems.append(Problem("TICKET_REF", f"{where}: its ledger is broken: {against}", help="`govern verify` there says more"))
            elif ledger_of(lines) != own:
                problems.append(
                    Problem("TICKET_REF", f"{where}: it holds another ledger", severity="warning", help="a ledger that was begun anew is another one")
                )
            else:
                found |= dict.fromkeys(refs, lines)
    except GitError as error:
        raise fault(Exit.UNJUDGED, "TICKET_REF", str(error), help=f"in a clone with all branches; {root} was asked") from error
    # One that is kept in a database has no branches: what refs hold is left over from before, and may be gone.
    if not trees and isinstance(session.project.store, FileStore):
        raise fault(Exit.UNJUDGED, "TICKET_REF", "no git ref has a ledger, so there is nothing to compare", help="commit the ledger, or fetch the branches")
    return found, problems


def _trees(session: Session) -> dict[str, list[str]]:
    """Return each state of the ledger's folder that a ref has, with its refs."""
    root = session.project.root
    prefix = git(root, "rev-parse", "--show-prefix").decode().rstrip("\n")
    named = [line.split(" ", 1) for line in git(root, "for-each-ref", "--format=%(objectname) %(refname)").decode().splitlines()]
    asked = "".join(f"{name}:{prefix}{FOLDER}\n" for name, _ref in named)
    answers = git(root, "cat-file", "--batch-check=%(objecttype) %(objectname)", said=asked.encode()).decode().splitlines()
    trees: dict[str, list[str]] = {}
    for (_name, ref), answer in zip(named, answers, strict=True):
        kind, _, tree = answer.partition(" ")
        if kind == "tree":
            trees.setdefault(tree, []).append(ref)
    return trees


def _segments(session: Session, tree: str) -> bytes:
    listed = git(session.project.root, "ls-tree", "-z", "--format=%(objectname) %(path)", "--full-tree", tree).decode().split("\0")
    blobs = [entry.split(" ", 1)[0] for entry in sorted(filter(None, listed), key=lambda entry: entry.split(" ", 1)[1])]
    return b"".join(git(session.project.root, "cat-file", "blob", blob) for blob in blobs)


def _against(lines: list[bytes], torn: bytes) -> str:
    """Return what is broken in a ledger as git has it; nothing where its chain is whole. Signatures are for `verify`."""
    if torn or not lines:
        return "it ends in the middle of a record" if lines or torn else "it is empty"
    try:
        for _record in read_records(lines, Chain(known=len(lines))):
            pass
    except GovernError as error:
        return f"{error.problems[0].code}: {error.problems[0].message}"
    return ""


def _held(ledgers: dict[str, list[bytes]]) -> list[Held]:
    """Return every reservation of all ledgers, lowest first, each once with all the places that have it."""
    found: dict[tuple[int, int, str], Held] = {}
    read: dict[int, list[Held]] = {}
    for ref, lines in ledgers.items():
        # Refs at one commit share one list.
        if id(lines) not in read:
            read[id(lines)] = list(_reserved(lines))
        for each in read[id(lines)]:
            key = (each.first, each.last, each.nonce)
            known = found.get(key, each)
            found[key] = replace(known, refs=(*known.refs, ref))
    return [found[key] for key in sorted(found)]


def _reserved(lines: list[bytes]) -> Iterator[Held]:
    for record in read_records(lines, Chain(known=len(lines))):
        kind, actor, body = record.statement.kind, record.statement.actor, record.statement.body
        if kind == "reserve":
            yield Held(body["first"], body["last"], body["nonce"], actor, record.at, record.seq, body["for"], ())
        elif kind == "register":
            # What a document reports is told apart by the record that reports it.
            yield from (Held(first, last, record.stmt_digest, actor, record.at, record.seq, "", ()) for first, last in body.get("reserved", ()))


def _clashes(held: Iterable[Held]) -> Iterator[tuple[str, list[Held]]]:
    """Yield each run of reservations that overlap, with the ids that several hold; one reservation never clashes with itself."""
    run: list[Held] = []
    for each in held:
        if run and each.first > max(other.last for other in run):
            yield from _clash(run)
            run = []
        run.append(each)
    yield from _clash(run)


def _clash(run: list[Held]) -> Iterator[tuple[str, list[Held]]]:
    pairs = [(one, two) for place, one in enumerate(run) for two in run[place + 1 :] if two.first <= one.last and one.nonce != two.nonce]
    if pairs:
        first, last = min(two.first for _one, two in pairs), max(min(one.last, two.last) for one, two in pairs)
        yield spell_span(first, last), [each for each in run if any(each in pair for pair in pairs)]


def _told(held: Held, prefix: str) -> str:
    purpose = f', for: "{held.purpose}"' if held.purpose else ""
    return f"{prefix}-{spell_span(held.first, held.last)} by {held.actor}, {held.at}, record #{held.seq}{purpose}, in {', '.join(held.refs)}"


def _json(held: Held, prefix: str) -> dict[str, Any]:
    return {
        "ids": f"{prefix}-{spell_span(held.first, held.last)}",
        "by": held.actor,
        "at": held.at,
        "record": f"#{held.seq}",
        "for": held.purpose,
        "refs": list(held.refs),
    }
