"""What is said of a programme whose ledger is not there: that it was never begun, or that this machine has seen one in its folder.

What was seen here is brought back, or looked for where it is kept; nobody is told to begin it anew.
"""

from govern.cli.configuration import said_in, sayable_in
from govern.cli.memory import held
from govern.cli.project import Project
from govern.ledger.lines import place_of
from govern.problems import Problem

_NAMED = "the id of a programme is the name of its ledger there"
_GIVEN_UP = "if it was given up, `govern ledger forget`"


def no_ledger(project: Project) -> Problem:
    """Return the problem that a programme has no ledger, with what to do about it."""
    address, name = project.store.named
    where = f"the database holds none that is called {name} ({address})" if address else "governance/ledger holds none"
    before = held(project.root)
    told = _gone(before, where, address) if before else _never_begun(where, address)
    return Problem("NO_LEDGER", told[0], help=told[1])


def no_first_record(project: Project) -> Problem:
    """Return the problem that a ledger begins with a torn record: nobody saw it whole, or it was cut since."""
    before = held(project.root)
    if before:
        message = f"this folder held ledger {before[:16]}, and the beginning of its first record is left"
        return Problem("TORN_TAIL", message, place_of(0), help=f"bring it back from a clone; {_GIVEN_UP}")
    return Problem("TORN_TAIL", "the first record was never acknowledged", place_of(0), help="remove the file, then `govern init`")


def _gone(ledger: str, where: str, address: str) -> tuple[str, str]:
    """Return what is said where this folder held a ledger, and what to do."""
    message = f"this folder held ledger {ledger[:16]}, and {where}, so nothing is allowed"
    if address:
        back = f"restore a backup, or `govern ledger import` an export; or correct {said_in()}: {_NAMED}"
        return f"{message}: it was emptied, or another database is configured", f"{back}; {_GIVEN_UP}"
    return f"{message}: it was removed, or is kept in a database", f"bring it back from a clone; or name its database in {sayable_in()}; {_GIVEN_UP}"


def _never_begun(where: str, address: str) -> tuple[str, str]:
    """Return what is said where this machine has seen none, and what to do: elsewhere it may have been begun long ago."""
    message = "the programme has no ledger yet, so nothing is allowed"
    if address:
        return f"{message}: {where}", f"`govern init` starts one; if there is one, correct {said_in()}: {_NAMED}"
    return message, f"`govern init` starts one; if it is kept in a database, name that in {sayable_in()}"
