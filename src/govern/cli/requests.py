"""`request`: what an act would record, to be signed on another machine."""

from typing import Annotated

import typer

from govern.problems import Exit, fault


def request(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where the statement is written.")],
    act: Annotated[list[str], typer.Argument(metavar="ACT…", help="The command that would record it, such as `decide 5 --as owner`.")],
) -> None:
    """Write what an act would record to a file, to be signed elsewhere."""
    # With a known command behind the file, `govern.cli.main` runs that command instead.
    raise fault(Exit.USAGE, "USAGE", f"`{act[0]}` records nothing", help=f"govern request {file} decide … --as ACTOR")
