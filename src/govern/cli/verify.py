"""`verify`: the ledger from its first record on, and at which level it stands."""

from pathlib import Path
from typing import Annotated

import typer

from govern.cli.checkpoints import check_since
from govern.cli.evidence_changed import changed_evidence
from govern.cli.memory import PIN_VARIABLE, is_pinned, pin_of, remember, remember_place, unpinned
from govern.cli.output import counted
from govern.cli.session import Session, session_of
from govern.cli.skew import from_the_future
from govern.engine.replay import Replay
from govern.ledger.lines import place_of
from govern.ledger.merkle import root_of
from govern.problems import Exit, Problem, fault

# A level that is reached, what it proves, and what it does not.
Level = tuple[str, str, str]
_ALWAYS: tuple[Level, ...] = (
    ("parsed", "every line has its one spelling and a known schema", "who wrote it"),
    ("chained", "each line follows the one before it, none changed, moved or left out", "that nothing was cut off the end, or all of it made anew"),
    ("policy-conform", "each record was allowed by the policy in force at that moment", "that the actors are who they say"),
)


def verify(
    context: typer.Context,
    since: Annotated[Path | None, typer.Option("--since", metavar="FILE", help="A checkpoint that was kept outside the repository.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 on a warning, too: what is not adopted, changed or not vouched for.")] = False,
    witness: Annotated[list[str] | None, typer.Option("--witness", metavar="KEY", help="With --since: a verifier key that must have signed it.")] = None,
) -> None:
    """Check the ledger from its first record on."""
    session = session_of(context)
    if session.options.as_of is not None:
        raise fault(Exit.USAGE, "AS_OF", "the ledger is verified as a whole", help="leave out --as-of")
    if witness and since is None:
        raise fault(Exit.USAGE, "USAGE", "--witness without --since verifies nothing", help="name the checkpoint: --since FILE")
    session.require_ledger()
    contents = session.contents
    session.diagnostics.clear()
    replay = session.project.replay(contents, fresh=True)
    session.project.adopted_templates(replay.state)
    session.judge_from(replay, contents.lines)
    session.diagnostics += [*session.project.dirty(replay.state), *changed_evidence(session, replay.state), *from_the_future(replay.state, session.now)]
    known = session.memory(contents)
    levels = [*_ALWAYS, *_signed(replay), *_outside(session, replay, known.size)]
    if since is not None:
        told = check_since(session, since, witness or [], str(replay.chain.ledger))
        levels.append(("consistent with the checkpoint", told, "anything about what came after it"))
    remember(known, contents.lines)
    remember_place(session.project.root, known.ledger)
    root = root_of(contents.lines)
    result = {
        "records": replay.chain.size,
        "ledger": replay.chain.ledger,
        "last": replay.chain.last,
        "root": root,
        "levels": [name for name, _proves, _not in levels],
        "torn_bytes": len(contents.torn),
    }
    lines = [f"{counted(replay.chain.size, 'record')} verified, ledger {(replay.chain.ledger or '')[:16]}, head {replay.chain.last[:16]}, root {root}"]
    lines += [f"  {name}: {proves}\n    does not prove {lacks}" for name, proves, lacks in levels]
    if contents.torn:
        message = f"{len(contents.torn)} bytes follow the last line: a record that was never acknowledged"
        session.diagnostics.append(
            Problem("TORN_TAIL", message, place_of(len(contents.lines)), help="`govern ledger repair` keeps them aside, and cuts them off")
        )
    broken = any(problem.severity == "error" for problem in session.diagnostics)
    status = Exit.BROKEN if broken else Exit.NO if strict and session.diagnostics else Exit.YES
    session.answer("verify", result, "\n".join(lines), status)


def _signed(replay: Replay) -> list[Level]:
    policy = replay.policy
    assert policy is not None, "a ledger that was verified has a policy"
    if policy.policy.signature_waiver:
        return [("not signed", f"signatures are waived: {policy.policy.signature_waiver}", "who wrote anything")]
    if not replay.state.keys:
        return [("not signed", "no key is enrolled, so no person has acted", "who wrote what agents and documents report")]
    live = sum(key.retired is None for key in replay.state.keys.values())
    return [
        ("signed", f"each record of a person carries a signature of a key that was theirs then; {counted(live, 'key')} in force", "whose hand held the key")
    ]


def _outside(session: Session, replay: Replay, remembered: int) -> list[Level]:
    """Return the levels that rest on what is kept outside the tree."""
    ledger = str(replay.chain.ledger)
    levels: list[Level] = []
    pin = pin_of(ledger, replay.state)
    if pin and is_pinned(session.memory(session.contents), pin):
        levels.append(("pinned", f"the first keys are those that this machine, or {PIN_VARIABLE}, was told", "that they were compared with their owners"))
    elif pin:
        session.diagnostics.append(unpinned(ledger))
    if remembered:
        levels.append(("consistent with this machine", f"it goes on from the {counted(remembered, 'record')} seen here before", "what others have seen"))
    return levels
