"""Confirmation of what gives authority: typed in full on a terminal, by a code elsewhere. There is no `--yes`.

A code names the head that it was made at and is derived from that head, who, what, what was shown and the policy. It
confirms nothing else, and it can be made again at its head, so that what has moved since can be told.
"""

import re
import sys
from collections.abc import Callable

from govern.canonical import text_digest
from govern.cli.output import write
from govern.cli.session import Session, is_terminal
from govern.problems import Exit, GovernError, fault

_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


def confirmation_code(size: int, actor: str, what: str, shown: str, policy: str) -> str:
    """Return the code that confirms an act on what was shown at a head of `size` records."""
    return f"{size}-{text_digest(chr(10).join((str(size), actor, what, shown, policy)))[:10]}"


def ask(session: Session, word: str, question: str, *, code: str, confirm: str | None, again: str) -> str:
    """Have an act confirmed, and return the code that confirms it; where it is typed on a terminal, the code at hand.

    Raises:
        GovernError: not confirmed; nothing was recorded (status 4).
    """
    if confirm is not None:
        return confirm
    if session.options.request or session.options.signature or session.options.supposing:
        # What is signed elsewhere is confirmed by the signature: it names the packet, the policy and the head. What is
        # only supposed is not recorded.
        return code
    if session.options.json:
        raise _not_confirmed("not confirmed, so nothing was recorded", "--dry-run shows what it does and the code that confirms it")
    if not is_terminal():
        raise _not_confirmed("not confirmed, so nothing was recorded", f"read what it does; then: {again} --confirm {code}")
    write(sys.stdout, f"{question}\n> ")
    typed = sys.stdin.readline().strip()
    if typed != word:
        raise _not_confirmed(f"`{typed}` is not `{word}`, so nothing was recorded", "type it in full")
    return code


def check_code(confirm: str, size: int, code_at: Callable[[int], str]) -> int:
    """Return the head that a code names, where it is the code that is made there.

    Raises:
        GovernError: a code for something else (status 4).
    """
    named = named_head(confirm, size)
    if confirm != code_at(named):
        raise confirms_nothing(confirm)
    return named


def named_head(confirm: str, size: int) -> int:
    """Return the head that a code names.

    Raises:
        GovernError: it names none that this ledger has (status 4).
    """
    number = confirm.partition("-")[0]
    if not _NUMBER.fullmatch(number) or not 0 < int(number) <= size:
        raise confirms_nothing(confirm)
    return int(number)


def confirms_nothing(confirm: str) -> GovernError:
    """Return the refusal of a code that was made for something else."""
    return _not_confirmed(f"`{confirm}` does not confirm this act as it stands", "--dry-run shows what it does and the code that confirms it")


def _not_confirmed(message: str, help: str) -> GovernError:
    return fault(Exit.REFUSED, "NOT_CONFIRMED", message, help=help)
