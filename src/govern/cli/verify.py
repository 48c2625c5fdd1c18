"""`verify`: the ledger from its first record on, and at which level it stands."""

import typer

from govern.cli.output import counted
from govern.cli.session import session_of
from govern.ledger.lines import place_of
from govern.ledger.merkle import root_of
from govern.problems import Exit, Problem, fault

_LEVELS = (
    ("parsed", "every line has its one spelling and a known schema", "who wrote it"),
    ("chained", "each line follows the one before it, none changed, moved or left out", "that nothing was cut off the end, or all of it made anew"),
    ("policy-conform", "each record was allowed by the policy in force at that moment", "that the actors are who they say"),
)
_NOT_REACHED = "not signed: no record carries a signature, so every fact is unauthenticated"


def verify(context: typer.Context) -> None:
    """Check the ledger from its first record on."""
    session = session_of(context)
    if session.options.as_of is not None:
        raise fault(Exit.USAGE, "AS_OF", "the ledger is verified as a whole", help="leave out --as-of")
    session.require_ledger()
    contents = session.contents
    session.diagnostics.clear()
    replay = session.project.replay(contents, fresh=True)
    session.project.adopted_templates(replay.state)
    session.judge_from(replay, contents.lines)
    root = root_of(contents.lines)
    result = {
        "records": replay.chain.size,
        "ledger": replay.chain.ledger,
        "last": replay.chain.last,
        "root": root,
        "levels": [name for name, _proves, _not in _LEVELS],
        "torn_bytes": len(contents.torn),
    }
    lines = [f"{counted(replay.chain.size, 'record')} verified, ledger {(replay.chain.ledger or '')[:16]}, head {replay.chain.last[:16]}, root {root}"]
    lines += [f"  {name}: {proves}\n    does not prove {lacks}" for name, proves, lacks in _LEVELS]
    lines.append(f"  {_NOT_REACHED}")
    if contents.torn:
        message = f"{len(contents.torn)} bytes follow the last line: a record that was never acknowledged"
        help = "keep a copy of the last segment, then cut the file after its last LF"
        session.diagnostics.append(Problem("TORN_TAIL", message, place_of(len(contents.lines)), help=help))
    session.answer("verify", result, "\n".join(lines), Exit.BROKEN if contents.torn else Exit.YES)
