"""The entry point: global options, the table of commands, and where every error ends in an exit status.

A command's module is imported when the command is run, so that a question does not pay for what others need.
"""

import importlib
import io
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from govern import __version__
from govern.cli import output
from govern.cli.failing import Call, bug_of
from govern.cli.options import Options
from govern.problems import Exit, GovernError, Problem, did_you_mean, fault

# Command -> where it is, what it does. The help is printed from here; a test holds it equal to the command's own.
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("start:init", "Scaffold a programme: policy, templates, ledger."),
    "demo": ("demo:demo", "Play a whole story in a temporary folder."),
    "doctor": ("doctor:doctor", "Check the set-up: tools, files, ledger, documents."),
    "explain": ("explain:explain", "Explain a key of the language, a code, a cause or a topic."),
    "schema": ("language:schema", "Print the JSON Schema of states.yaml, or of a document's JSON twin."),
    "diagram": ("diagram:diagram", "Print the options of the packets as a Mermaid picture."),
    "check": ("language:check", "Find every static fault of policy, templates and documents."),
    "status": ("status:status", "Say what is open, who is waited for, and what comes next."),
    "show": ("show:show", "Show one thing: its declaration, its state, its records."),
    "log": ("log:log", "List the records, of everything or of one thing."),
    "gaps": ("gaps:gaps", "Say what was open at one moment, what closed it by another, and what remains."),
    "lineage": ("lineage:lineage", "Draw and check the chain of packets."),
    "why-blocked": ("why:why_blocked", "Name what is missing, who can clear it, and with which command."),
    "why": ("why:why", "Name what holds an allowed thing up, and what to take away to close it."),
    "what-if": ("what_if:what_if", 'Answer a question as if acts were on record: what-if "ACT"… -- QUESTION.'),
    "roster": ("roster:roster", "Say whether the people who exist can ever unlock an option, and whom it hangs on."),
    "board": ("board:board", "Say what waits for a person across programmes; without --as or --key, where each stands."),
    "sweep": ("sweep:sweep", "Say what a version of the policy does to all that is open: 0 nothing is stricter, 1 something is."),
    "decide": ("decide:decide", "Record the decision for an option of a packet."),
    "refuse": ("decide:refuse", "Record that an option is refused, and why."),
    "grant": ("grants:app", "Request, record, revoke or settle a grant."),
    "delegate": ("decide:delegate", "Let another decide options, within a window and a number of uses."),
    "blocker": ("blockers:app", "Discharge a leg with evidence, or reopen it."),
    "lane": ("lanes:app", "Open or close a lane."),
    "finding": ("notes:finding", "Record the result of a finding."),
    "note": ("notes:note", "Record a note. It changes nothing else."),
    "mark": ("notes:mark", "Give the present moment a name, for --as-of @NAME."),
    "packet": ("packets:app", "Print a packet, or prepare and issue it."),
    "ticket": ("tickets:app", "Reserve ticket ids, fold them, and find clashes."),
    "policy": ("policies:app", "Adopt the working policy and templates."),
    "key": ("keys:app", "Enrol, retire and list the keys that people sign with."),
    "request": ("requests:request", "Write what an act would record to a file, to be signed elsewhere."),
    "render": ("render:render", "Write the declared documents, or check them for drift; or print one, of any moment."),
    "export": ("export:app", "Export the programme as one page that asks nothing of the network."),
    "rehearse": ("rehearse:rehearse", "Try a change and its rollback on an isolated clone, and compare exactly."),
    "validate": ("validate:validate", "Compute the verdict of evidence anew, with the pinned validator."),
    "probe": ("probe:probe", "Feed the rehearsal and the validator what they must refuse."),
    "seal": ("seal:seal", "Seal a folder of evidence, or compare every seal with the bytes."),
    "intake": ("intake:intake", "Examine a handed-over dump: form, shape, secrets, personal data."),
    "surrogate": ("surrogate:surrogate", "Generate production-shaped data, the same bytes for the same seed."),
    "precheck": ("precheck:precheck", "Evaluate every precondition of an action, and exercise none."),
    "prove": ("prove:prove", "Prove the invariants over every history that the policy allows, or print one that breaks them."),
    "gate": ("gate:gate_command", "Say whether an action may happen now: 0 yes, 1 no, 3 could not be told or nothing matched."),
    "hook": ("hook:hook", "Answer a coding agent before it uses a tool: the call as JSON on stdin; 0 lets it go ahead, 2 stops it."),
    "mcp": ("agent_server:mcp_command", "Serve the questions of an agent over stdio, by the Model Context Protocol; --as names the agent."),
    "run": ("run:run_command", "Carry out an action: judged again, its grant used up, then the command, then its end on record."),
    "verify": ("verify:verify", "Check the ledger from its first record on."),
    "checkpoint": ("checkpoints:checkpoint", "Print the head as a checkpoint, to be kept outside the repository."),
    "ledger": ("ledgers:app", "Pin the ledger, repair it, go on behind what others recorded, or keep it in a database."),
}


# The commands that record; `request` takes one of them.
ACTS = frozenset(["decide", "refuse", "grant", "delegate", "blocker", "lane", "finding", "note", "mark", "packet", "ticket", "policy", "key", "ledger"])


class Commands(TyperGroup):
    """The group of all commands; each is made when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names in the order of the help."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import and return a command, or nothing where there is none of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name][0].split(":")
        found = getattr(importlib.import_module(f"govern.cli.{module}"), attribute)
        if not isinstance(found, typer.Typer):
            app = typer.Typer(add_completion=False, rich_markup_mode=None)
            app.command(cmd_name)(found)
            found = app
        command = typer.main.get_command(found)
        command.name = cmd_name
        return command

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Resolve a command, with a hint where there is none."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            hint = did_you_mean(args[0], COMMANDS) or "`govern --help` lists them"
            raise fault(Exit.USAGE, "USAGE", f"no command is called `{args[0]}`", help=hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Print the table of commands without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, help) for name, (_where, help) in COMMANDS.items()])


app = typer.Typer(
    cls=Commands, rich_markup_mode=None, no_args_is_help=True, pretty_exceptions_enable=False, epilog="`govern explain` documents the language offline."
)


def _print_version(value: bool) -> None:
    if value:
        output.write(sys.stdout, f"govern {__version__}\n")
        raise typer.Exit(Exit.YES)


@app.callback()
def root(
    context: typer.Context,
    directory: Annotated[Path, typer.Option("-C", metavar="DIR", help="Work in this folder.")] = Path(),
    actor: Annotated[str | None, typer.Option("--as", metavar="ACTOR", help="Who acts.")] = None,
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", envvar="GOVERN_KEY", help="The SSH key that signs; found in ~/.ssh or the agent if left out.")
    ] = None,
    signature: Annotated[Path | None, typer.Option("--signature", metavar="FILE", help="The signature of a statement that `govern request` wrote.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="WHEN", help="Answer for a time with offset, #SEQ or @MARK.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    color: Annotated[Literal["auto", "always", "never"], typer.Option("--color", help="Colours.")] = "auto",
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No warnings.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)] = False,
) -> None:
    """Say what is open, what is allowed and who acts next in a programme that can hurt.

    The options below may stand before or after the command.
    """
    del version
    options = context.obj
    options.directory, options.actor, options.as_of = directory, actor, as_of
    options.key, options.signature = key, signature
    options.json, options.color, options.quiet = json, color, quiet


_VALUED = ("-C", "--as", "--as-of", "--color", "--key", "--signature")
_FLAGS = ("--json", "-q", "--quiet")
_JOINED = tuple(f"{each}=" for each in (*_VALUED, *_FLAGS) if each.startswith("--"))


def hoist(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Return the global options, which may stand anywhere before a `--`, and the rest, which begins with the command."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            return front, [*rest, word, *words]
        if word in _FLAGS or word.startswith(_JOINED) or (word.startswith("-C") and len(word) > len("-C")):
            front.append(word)
        elif word in _VALUED:
            value = next(words, None)
            if value is None:
                # Nothing may follow it here, or that would be taken for its value.
                return [*front, word], []
            front += [word, value]
        else:
            rest.append(word)
    return front, rest


def main() -> None:
    """Run the command of the process and exit with its status; `docs/exit-codes.md` has the table."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # What the terminal's encoding lacks is shown by its number, and never a reason to fail.
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


def run(argv: list[str], options: Options | None = None) -> int:
    """Run a command and return its exit status. Whatever goes wrong, also in telling of it, is told in one line."""
    front, rest = hoist(argv)
    options = options or Options()
    if rest[:1] == ["request"] and len(rest) > 2 and rest[2] in ACTS:
        # The act that follows is judged as always; what would be recorded is written to the file instead.
        options.request, rest = Path(rest[1]), rest[2:]
    if rest[:1] == ["what-if"] and "--" in rest:
        # The question has its own words; options of every command may stand there, too.
        more, options.asked = hoist(rest[rest.index("--") + 1 :])
        front, rest = [*front, *more], rest[: rest.index("--")]
    call = Call(front, rest, rest[0] if rest and rest[0] in COMMANDS else "error", options)
    try:
        return _run(call)
    except Exception as error:  # noqa: BLE001 - the last place: a bug is reported as one, never as an answer
        return call.fail((bug_of(error),), Exit.BUG)


def _run(call: Call) -> int:
    try:
        status = app(call.words, prog_name="govern", standalone_mode=False, obj=call.options)
    except GovernError as error:
        return call.refuse(error)
    except typer.TyperException as error:
        return _usage(error, call)
    except (typer.Abort, KeyboardInterrupt):
        status = Exit.INTERRUPTED
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return call.fail((Problem("FILE_IO", f"{where}{error.strerror or error}"),), Exit.UNJUDGED)
    # Typer, too, turns an interrupt into this status.
    if status == Exit.INTERRUPTED:
        return call.fail((Problem("INTERRUPTED", "interrupted", help="`govern log -n 1` shows the last record"),), Exit.INTERRUPTED)
    return status if isinstance(status, int) else Exit.YES


def _usage(error: typer.TyperException, call: Call) -> int:
    message = error.format_message()
    if type(error).__name__ == "NoArgsIsHelpError":
        output.write(sys.stdout, f"{message}\n")
        return Exit.YES
    words = (message[:1].lower() + message[1:].rstrip(".")).replace("Value error, ", "")
    named = f" {call.command}" if call.command in COMMANDS else ""
    return call.fail((Problem("USAGE", words, help=f"`govern{named} --help` says what it takes"),), Exit.USAGE)
