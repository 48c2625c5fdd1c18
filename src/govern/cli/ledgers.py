"""`ledger pin|forget|repair|rebase|provision|export|import`."""

import sys
from contextlib import suppress
from typing import Annotated

import typer

from govern.canonical import digest
from govern.cli.confirming import ask
from govern.cli.deciding import judged_together
from govern.cli.files import read_below
from govern.cli.ledger_moving import export, import_, provision
from govern.cli.memory import drop, held, ledger_of, pin_of, recall, remember
from govern.cli.output import table, write
from govern.cli.rebasing import rebase
from govern.cli.recording import Proposal, record, refuse_past
from govern.cli.session import Session, is_terminal, session_of
from govern.ledger.lines import Chain, read_records
from govern.problems import Exit, fault

ASIDE = "ledger-torn"
app = typer.Typer(
    help="Pin the ledger, repair it, go on behind what others recorded, or keep it in a database.",
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
)


@app.command("pin")
def pin(
    context: typer.Context,
    expected: Annotated[str | None, typer.Argument(metavar="PIN", help="The pin, as its owner told it; without it the keys are shown and confirmed.")] = None,
) -> None:
    """Keep on this machine that the first keys are the right ones."""
    session = session_of(context)
    session.require_ledger()
    state, ledger = session.replay.state, ledger_of(session.contents.lines)
    session.diagnostics = [problem for problem in session.diagnostics if problem.code != "LEDGER_UNPINNED"]
    found = pin_of(ledger, state)
    if not found:
        raise fault(Exit.REFUSED, "REFUSED", "there is nothing to pin: no key is enrolled on its own word", help="govern key enroll FILE --as ACTOR")
    if expected is None:
        _compare(session, found, f"ledger {ledger}\n{table([(key.actor, key.fingerprint) for key in state.keys.values() if key.bootstrap], '  ')}\n")
    elif expected != found:
        message = f"the pin of this ledger is {found}, not {expected}: other keys, or another ledger"
        raise fault(Exit.BROKEN, "LEDGER_UNPINNED", message, help="`govern key list` shows the keys; compare them with their owners")
    remember(recall(ledger), session.contents.lines, found)
    session.answer("ledger", {"ledger": ledger, "pin": found}, f"pinned {found}\nin CI: GOVERN_PIN={found}")


def _compare(session: Session, found: str, shown: str) -> None:
    """Have the keys compared with their owners, and the pin typed; where nobody can type, it is named in the command.

    Raises:
        GovernError: not confirmed; nothing was pinned (status 4).
    """
    if not session.options.json:
        write(sys.stdout, shown)
    if session.options.json or not is_terminal():
        help = f"compare each fingerprint with its owner; then: govern ledger pin {found}"
        raise fault(Exit.REFUSED, "NOT_CONFIRMED", "not confirmed, so nothing was pinned", help=help)
    word = found[:12]
    ask(session, word, f"Compare each fingerprint with its owner. Type `{word}` to pin them.", code=found, confirm=None, again="")


@app.command("forget")
def forget(
    context: typer.Context,
    expected: Annotated[str | None, typer.Argument(metavar="LEDGER", help="The first 12 characters of its id; typed on a terminal if left out.")] = None,
) -> None:
    """Forget what this machine has seen of it, and its pin."""
    session = session_of(context)
    lines = session.project.store.read().lines
    # Where the ledger is gone, it is the one that was here: else nothing could be begun anew in this folder.
    memory = recall(ledger_of(lines) or held(session.project.root))
    if not memory.ledger:
        raise fault(Exit.REFUSED, "REFUSED", "this folder holds no ledger, and held none that is remembered; nothing was forgotten")
    if not session.options.json:
        write(sys.stdout, f"remembered of ledger {memory.ledger}: {memory.size} records, the last with the digest {memory.last[:16]}; here are {len(lines)}\n")
    word = memory.ledger[:12]
    question = f"A cut or another history could not be told after this. Type `{word}` to forget it."
    if expected is None and not is_terminal():
        raise fault(Exit.REFUSED, "NOT_CONFIRMED", "not confirmed, so nothing was forgotten", help=f"govern ledger forget {word}")
    if expected is None:
        ask(session, word, question, code=word, confirm=None, again="")
    elif expected != word:
        raise fault(Exit.REFUSED, "NOT_CONFIRMED", f"this ledger is {word}, not `{expected}`", help=f"govern ledger forget {word}")
    drop(memory.ledger, session.project.root)
    session.answer("ledger", {"forgotten": True, "ledger": memory.ledger}, "forgotten; the next command takes the ledger as it is")


@app.command("repair")
def repair(context: typer.Context) -> None:
    """Keep a torn tail aside, and cut it off."""
    session = session_of(context)
    refuse_past(session)
    session.actor()
    # A tail that this machine has seen whole was acknowledged: it was cut, and is not repaired but restored.
    session.require_ledger()
    torn = session.contents.torn
    judged_together(session, [Proposal(session.act("repair", {"sha256": digest(torn), "bytes": len(torn)}), "recording the repair")])
    with session.project.store.exclusive() as store:
        store.repair(ASIDE)
    after = Session(session.options)
    kept = _unrecorded(after)
    if not kept:
        session.answer("ledger", {"repaired": False}, "nothing to repair: the ledger ends with a whole record")
    proposals = [Proposal(after.act("repair", {"sha256": sha256, "bytes": size}), "recording the repair") for sha256, size in kept]
    seqs = record(after, lambda _replay, _view: proposals, dirty_allowed=True).seqs
    lines = [
        f"recorded as #{seq}: {size} bytes are kept in governance/{ASIDE}/{sha256} ({after.standing.value})"
        for seq, (sha256, size) in zip(seqs, kept, strict=True)
    ]
    result = {"repaired": True, "recorded": list(seqs), "kept": [{"sha256": sha256, "bytes": size} for sha256, size in kept]}
    after.answer("ledger", result, "\n".join([*lines, "nothing takes it back"]))


def _unrecorded(session: Session) -> list[tuple[str, int]]:
    """Return what is kept aside and not on record: also of a repair that was ended before it could be recorded."""
    lines = session.contents.lines
    recorded = {record.statement.body["sha256"] for record in read_records(lines, Chain(known=len(lines))) if record.statement.kind == "repair"}
    root, found = session.project.root, []
    folder = root / "governance" / ASIDE
    for name in sorted(each.name for each in folder.iterdir()) if folder.is_dir() else ():
        # What is no plain file, or has another digest than its name says, is nobody's torn tail.
        with suppress(OSError):
            content = read_below(root, f"governance/{ASIDE}/{name}")
            if digest(content) == name and name not in recorded:
                found.append((name, len(content)))
    return found


app.command("rebase")(rebase)
app.command("provision")(provision)
app.command("export")(export)
app.command("import")(import_)
