"""`what-if`: the same answers as if some acts were on record."""

import shlex
from typing import Annotated

import typer

from govern.cli.main import ACTS, COMMANDS, app, hoist
from govern.cli.options import Options
from govern.problems import Exit, did_you_mean, fault

# What only moves the ledger's own ground, or needs what is not there, is not supposed.
SUPPOSABLE = ACTS - {"key", "ledger", "policy"}
QUESTIONS = frozenset(["status", "show", "log", "lineage", "why-blocked", "why", "packet", "precheck", "roster", "diagram", "ticket"])


def what_if(
    context: typer.Context,
    acts: Annotated[
        list[str],
        typer.Argument(metavar='"ACT"… -- QUESTION', help='Each act in quotes, as it would be recorded: "grant record X --as owner"; then the question.'),
    ],
) -> None:
    """Answer a question as if acts were on record: what-if "ACT"… -- QUESTION.

    The acts are judged in their order, each as if those before it were recorded; one that would be refused is told with
    all causes (status 4). Nothing is written, nobody signs, and evidence needs no file: a file that is named is not read.
    """
    options = context.obj
    assert isinstance(options, Options)
    question = options.asked
    if not question or question[0] not in QUESTIONS:
        named = f"`{question[0]}` is no question" if question else "a question is wanted"
        raise fault(Exit.USAGE, "USAGE", named, help=f'govern what-if "ACT"… -- QUESTION; a question is one of {", ".join(sorted(QUESTIONS))}')
    for act in acts:
        _suppose(act, options)
    answering = Options(supposed=options.supposed, earliest=options.earliest)
    try:
        status = _run([*_front(options), *(["--json"] if options.json else [])], question, answering)
    finally:
        options.head = answering.head
    raise typer.Exit(status)


def _suppose(act: str, options: Options) -> None:
    """Have an act judged and kept, as its own command would have it recorded."""
    try:
        words = shlex.split(act)
    except ValueError as error:
        raise fault(Exit.USAGE, "USAGE", f"`{act}`: {error}", help="an act is a command line in quotes") from error
    front, rest = hoist(words[1:] if words[:1] == ["govern"] else words)
    if not rest or rest[0] not in SUPPOSABLE:
        hint = did_you_mean(rest[0], SUPPOSABLE) if rest and rest[0] not in COMMANDS else ""
        raise fault(Exit.USAGE, "USAGE", f"`{act}` is no act that can be supposed", help=hint or f"an act is one of {', '.join(sorted(SUPPOSABLE))}")
    known = len(options.supposed)
    supposing = Options(supposing=True, supposed=options.supposed, asked=[act.strip()], earliest=options.earliest)
    # As JSON nothing is shown and nobody is asked.
    try:
        _run([*_front(options), *front, "--json"], rest, supposing)
    finally:
        options.head = supposing.head
    if len(options.supposed) == known:
        raise fault(Exit.USAGE, "USAGE", f"`{act}` records nothing", help="leave out --dry-run")


def _front(options: Options) -> list[str]:
    """Return the global options as they were given."""
    given = [("-C", str(options.directory)), ("--as", options.actor), ("--as-of", options.as_of), ("--color", options.color)]
    return [word for name, value in given if value is not None for word in (name, value)] + (["-q"] if options.quiet else [])


def _run(front: list[str], rest: list[str], options: Options) -> int:
    status = app([*front, *rest], prog_name="govern", standalone_mode=False, obj=options)
    return status if isinstance(status, int) else Exit.YES
