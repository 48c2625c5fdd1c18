"""Progress on a terminal: a bar on stderr where a person looks, nothing anywhere else."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from govern.cli.session import Session


@contextmanager
def progress_bar(session: Session) -> Iterator[Callable[[str, int, int], None]]:
    """Yield what takes each step: its name, how many are done, and of how many."""
    if not sys.stderr.isatty() or session.options.json or session.options.quiet:
        yield lambda _what, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        BarColumn(bar_width=24),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("clone", total=1)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total or None)
