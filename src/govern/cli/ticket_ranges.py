"""What somebody means by an id, a range or a record: one spelling each, and nothing that is close to it."""

import re

from govern.cli.session import Session
from govern.engine.register import MAX_ID, Reservation
from govern.policy.promises import Registry
from govern.problems import Exit, GovernError, did_you_mean, fault

_SPELLED = re.compile(r"(?:(?P<prefix>[A-Za-z0-9._-]+)-)?(?P<first>[1-9][0-9]{0,15})(?:\.\.(?P<last>[1-9][0-9]{0,15}))?", re.ASCII)
_RECORD = re.compile(r"#(0|[1-9][0-9]{0,8})", re.ASCII)


def registry_of(session: Session) -> Registry:
    """Return the registry that the policy declares.

    Raises:
        GovernError: it declares none (status 3).
    """
    found = session.view.policy.registry
    if found is None:
        raise fault(Exit.UNJUDGED, "NO_REGISTRY", "the policy declares no registry", help="govern explain registry")
    return found


def find_number(session: Session, text: str) -> Reservation | int:
    """Return the reservation that an id, a whole range or a record names; of an id that none holds, the number.

    Raises:
        GovernError: it names nothing, or a part of a reservation (status 2).
    """
    register = session.view.state.register
    record = _RECORD.fullmatch(text)
    if record:
        made = [each for each in register.reservations.values() if each.seq == int(record[1])]
        if len(made) != 1:
            raise fault(Exit.USAGE, "UNKNOWN_ID", f"record {text} made {len(made)} reservations", help="name the range; `govern ticket list` has them")
        return made[0]
    prefix, first, last = _spelled(session, text)
    held = register.holding(first)
    if held is None or (prefix and prefix != held.prefix):
        if last is not None or held is not None:
            raise _unknown(text)
        return first
    if last is not None and (held.first, held.last) != (first, last):
        raise fault(Exit.USAGE, "UNKNOWN_ID", f"`{text}` is no reservation; {held.ids} is the one that holds {first}", help="name it whole")
    return held


def find_reservation(session: Session, text: str) -> Reservation:
    """Return the reservation that a range or a record names whole.

    Raises:
        GovernError: it names none, or a part of one (status 2).
    """
    registry_of(session)
    found = find_number(session, text)
    if isinstance(found, int):
        raise _unknown(text)
    _prefix, first, last = ("", found.first, found.last) if text.startswith("#") else _spelled(session, text)
    if (first, last or first) != (found.first, found.last):
        raise fault(Exit.USAGE, "UNKNOWN_ID", f"`{text}` is a part of {found.ids}", help="name it whole")
    return found


def _spelled(session: Session, text: str) -> tuple[str, int, int | None]:
    match = _SPELLED.fullmatch(text)
    if match is None or max(int(match["first"]), int(match["last"] or 0)) > MAX_ID:
        prefix = registry_of(session).prefix
        raise fault(Exit.USAGE, "UNKNOWN_ID", f"`{text}` is no id", help=f"{prefix}-NUMBER, {prefix}-FIRST..LAST, or #SEQ of a reservation")
    prefixes = {registry_of(session).prefix, *(each.prefix for each in session.view.state.register.reservations.values())}
    prefix = match["prefix"] or ""
    if prefix and prefix not in prefixes:
        raise fault(Exit.USAGE, "UNKNOWN_ID", f"no id starts with `{prefix}`", help=did_you_mean(prefix, prefixes) or f"here they start with {min(prefixes)}")
    return prefix, int(match["first"]), int(match["last"]) if match["last"] else None


def _unknown(text: str) -> GovernError:
    return fault(Exit.USAGE, "UNKNOWN_ID", f"`{text}` is not reserved", help="govern ticket list")
