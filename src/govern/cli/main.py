"""The entry point: global options, the table of commands, and where every error ends in an exit status.

A command's module is imported when the command is run, so that a question does not pay for what others need.
"""

import importlib
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from govern import __version__
from govern.cli import output
from govern.cli.options import Options
from govern.problems import Exit, GovernError, Problem, did_you_mean, fault

# Command -> where it is, what it does. The help is printed from here; a test holds it equal to the command's own.
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("start:init", "Scaffold a programme: policy, templates, ledger."),
    "demo": ("demo:demo", "Play a whole story in a temporary folder."),
    "doctor": ("doctor:doctor", "Check the set-up: tools, files, ledger, documents."),
    "explain": ("explain:explain", "Explain a key of the language, a code, a cause or a topic."),
    "schema": ("language:schema", "Print the JSON Schema of states.yaml."),
    "diagram": ("diagram:diagram", "Print the options of the packets as a Mermaid picture."),
    "check": ("language:check", "Find every static fault of policy, templates and documents."),
    "status": ("status:status", "Say what is open, who is waited for, and what comes next."),
    "show": ("show:show", "Show one thing: its declaration, its state, its records."),
    "log": ("log:log", "List the records, of everything or of one thing."),
    "lineage": ("lineage:lineage", "Draw and check the chain of packets."),
    "why-blocked": ("why:why_blocked", "Name what is missing, who can clear it, and with which command."),
    "why": ("why:why", "Name what holds an allowed thing up."),
    "decide": ("decide:decide", "Record the decision for an option of a packet."),
    "refuse": ("decide:refuse", "Record that an option is refused, and why."),
    "grant": ("grants:app", "Request, record or revoke a grant."),
    "delegate": ("decide:delegate", "Let another decide options, within a window and a number of uses."),
    "blocker": ("blockers:app", "Discharge a leg with evidence, or reopen it."),
    "lane": ("lanes:app", "Open or close a lane."),
    "finding": ("notes:finding", "Record the result of a finding."),
    "note": ("notes:note", "Record a note. It changes nothing else."),
    "mark": ("notes:mark", "Give the present moment a name, for --as-of @NAME."),
    "packet": ("packets:app", "Print a packet, or prepare and issue it."),
    "policy": ("policies:app", "Adopt the working policy and templates."),
    "render": ("render:render", "Write the declared documents, or check them for drift."),
    "verify": ("verify:verify", "Check the ledger from its first record on."),
}


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


@app.callback()
def root(
    context: typer.Context,
    directory: Annotated[Path, typer.Option("-C", metavar="DIR", help="Work in this folder.")] = Path(),
    actor: Annotated[str | None, typer.Option("--as", metavar="ACTOR", help="Who acts.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="WHEN", help="Answer for a time with offset, #SEQ or @MARK.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    color: Annotated[Literal["auto", "always", "never"], typer.Option("--color", help="Colours.")] = "auto",
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No warnings.")] = False,
) -> None:
    """Say what is open, what is allowed and who acts next in a programme that can hurt.

    The options below may stand before or after the command.
    """
    context.obj = Options(directory, actor, as_of, json, color, quiet)


_VALUED = ("-C", "--as", "--as-of", "--color")
_FLAGS = ("--json", "-q", "--quiet")


def hoist(arguments: list[str]) -> list[str]:
    """Move the global options in front of the command, so that they may stand anywhere before a `--`."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            return [*front, *rest, word, *words]
        if word in _FLAGS:
            front.append(word)
        elif word in _VALUED:
            front += [word, *([value] if (value := next(words, None)) is not None else [])]
        elif word.startswith(tuple(f"{each}=" for each in _VALUED if each.startswith("--"))):
            front.append(word)
        else:
            rest.append(word)
    return [*front, *rest]


def main() -> None:
    """Run the command of the process and exit with its status; `docs/exit-codes.md` has the table."""
    sys.exit(run(sys.argv[1:]))


def run(argv: list[str]) -> int:
    """Run a command and return its exit status."""
    arguments = hoist(argv)
    as_json = "--json" in (arguments[: arguments.index("--")] if "--" in arguments else arguments)
    color = "never" if "--color=never" in arguments else "auto"
    try:
        status = app(arguments, prog_name="govern", standalone_mode=False)
    except GovernError as error:
        return _refused(error, as_json=as_json, color=color)
    except typer.TyperException as error:
        return _usage(error, as_json=as_json, color=color)
    except (typer.Abort, KeyboardInterrupt):
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # The reader has what it wanted (`| head`); what is left is not an error.
        sys.stdout = None
        return Exit.YES
    except Exception as error:  # noqa: BLE001 - the last place: a bug is reported as one, never as an answer
        return _bug(error, as_json=as_json, color=color)
    return status if isinstance(status, int) else Exit.YES


def _refused(error: GovernError, *, as_json: bool, color: str) -> Exit:
    from govern.cli.recording import RefusedError

    if not isinstance(error, RefusedError):
        return _report(error.problems, error.status, as_json=as_json, color=color)
    if as_json:
        output.print_json("refused", error.as_json(), error.status, error.problems, {})
    else:
        count = len(error.requirements)
        causes = "1 cause" if count == 1 else f"{count} causes"
        sys.stderr.write(output.colored(f"refused: {error.what}; {causes}, nothing was recorded", "error", color, stream=sys.stderr) + "\n")
        sys.stderr.write(error.text() + "\n")
    return error.status


def _report(problems: tuple[Problem, ...], status: Exit, *, as_json: bool, color: str) -> Exit:
    if as_json:
        output.print_json("error", None, status, problems, {})
    else:
        output.print_diagnostics(problems, color, Path())
    return status


def _usage(error: typer.TyperException, *, as_json: bool, color: str) -> int:
    message = error.format_message()
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stdout.write(message + "\n")
        return Exit.YES
    words = message[:1].lower() + message[1:].rstrip(".")
    return _report((Problem("USAGE", words, help="`govern COMMAND --help` says what it takes"),), Exit.USAGE, as_json=as_json, color=color)


def _bug(error: Exception, *, as_json: bool, color: str) -> Exit:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "unknown"
    message = f"a bug in govern {__version__}: {type(error).__name__} at {where}: {error}"
    return _report((Problem("BUG", message, help="nothing was recorded; please report it with the command"),), Exit.BUG, as_json=as_json, color=color)


if __name__ == "__main__":
    main()
