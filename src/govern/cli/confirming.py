"""Confirmation of what gives authority: typed in full on a terminal, by a code elsewhere. There is no `--yes`.

The code names the head it was made at and is derived from who, what, the packet as shown and the policy, so that it
confirms nothing else and says when what was shown has moved.
"""

import sys
from collections.abc import Callable

from govern.canonical import text_digest
from govern.cli.session import Session, is_terminal
from govern.problems import Exit, fault


def confirmation_code(size: int, actor: str, what: str, shown: str, policy: str) -> str:
    """Return the code that confirms an act on what was shown at a head of `size` records."""
    return f"{size}-{text_digest(chr(10).join((actor, what, shown, policy)))[:10]}"


def ask(session: Session, word: str, question: str, *, code: str | None, confirm: str | None, again: str) -> str | None:
    """Have an act confirmed, and return the code that confirmed it; None where it was typed on a terminal.

    Raises:
        GovernError: not confirmed; nothing was recorded (status 4).
    """
    if confirm is not None:
        return confirm
    if session.options.json or not is_terminal():
        raise fault(
            Exit.REFUSED, "NOT_CONFIRMED", "not confirmed, so nothing was recorded", help=f"read what it does with --dry-run; then: {again} --confirm {code}"
        )
    sys.stdout.write(f"{question}\n> ")
    sys.stdout.flush()
    typed = sys.stdin.readline().strip()
    if typed != word:
        raise fault(Exit.REFUSED, "NOT_CONFIRMED", f"`{typed}` is not `{word}`, so nothing was recorded", help="type it in full")
    return None


def check_code(confirm: str, expected: Callable[[int], str | None], size: int, moved: Callable[[int], str]) -> None:
    """Check a code against what it would be now, and where it differs, against what it was at the head it names.

    Raises:
        GovernError: a code for something else, or one for what has moved since, with what moved (status 4).
    """
    if confirm.partition("-")[2] == (expected(size) or "").partition("-")[2]:
        return
    named = confirm.partition("-")[0]
    if named.isdecimal() and int(named) < size and expected(int(named)) == confirm:
        raise fault(
            Exit.REFUSED,
            "PACKET_DIGEST",
            f"stale: what was shown at record {int(named) - 1} has moved: {moved(int(named))}",
            help="read it again with --dry-run",
        )
    raise fault(Exit.REFUSED, "NOT_CONFIRMED", f"`{confirm}` does not confirm this act", help="--dry-run prints the code that does")
