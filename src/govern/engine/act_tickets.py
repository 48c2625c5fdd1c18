"""Acts on ticket ids: reserving a range, folding it into the canonical registry, withdrawing it.

Pure. A reservation applies nothing; a fold is a word of its own, by whoever the policy names, never by who reserved.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from govern.engine.authority import Word, is_member, word
from govern.engine.causes import Cause, Requirement
from govern.engine.refusing import refusal
from govern.engine.register import MOST_IDS, Reservation, spell_span
from govern.engine.view import View
from govern.policy import find
from govern.policy.promises import Registry

if TYPE_CHECKING:
    from govern.engine.acts import Act


def judge_reserve(act: "Act", view: View) -> Iterator[Requirement]:
    """A reservation takes the next free ids, so many as are bearable, for a purpose, by who may."""
    registry, body = view.policy.registry, act.body
    if registry is None:
        yield _no_registry(view)
        return
    by = find.members(view.policy, registry.reserved_by) if registry.reserved_by else tuple(view.policy.actors)
    if act.actor not in by:
        why = f"{act.actor} may not reserve ids; that is for {registry.reserved_by}"
        yield refusal("authority:reserve", Cause.UNAUTHORISED, why, registry.at_key("reserved_by"), by=by)
    register, first = view.state.register, body["first"]
    if first != register.next_free:
        holder = register.holding(first)
        held = f"{registry.prefix}-{first} is part of {holder.ids}, and " if holder else ""
        why = f"{held}the next free id is {registry.prefix}-{register.next_free}"
        yield refusal("reserve:first", Cause.STALE, why, registry.at, how="govern ticket list", record=holder.seq if holder else None, code="TICKET_RANGE")
    count = body["last"] - first + 1
    if not 1 <= count <= MOST_IDS:
        yield refusal("reserve:count", Cause.REFUSED, f"it holds {max(count, 0)} ids, wanted 1 to {MOST_IDS}", registry.at, code="TICKET_RANGE")


def judge_fold(act: "Act", view: View) -> Iterator[Requirement]:
    """A reservation is folded once, whole, after all below it, by those whose word it takes; who reserved it is none of them."""
    registry = view.policy.registry
    if registry is None:
        yield _no_registry(view)
        return
    against = _against_reservation(act, view)
    if against:
        yield against
        return
    reservation, lowest = view.state.register.reservations[act.body["first"]], view.state.register.lowest
    if lowest is not None and lowest.first < reservation.first:
        by = folders(lowest, view)
        why = f"{lowest.ids} stands below it, and is neither folded nor withdrawn"
        how = f"govern ticket fold {lowest.ids} --as {by[0]}" if by else f'govern ticket withdraw {lowest.ids} --reason "…" --as {lowest.actor}'
        yield refusal("fold:order", Cause.AWAITING, why, registry.at, by=by, how=how, record=lowest.seq)
    if fold_word(act, view) is Word.NOTHING:
        yield _no_word(act, registry, reservation, view)
    if reservation.imported is None and reservation.actor == act.actor:
        why = f"{act.actor} reserved {reservation.ids} and cannot fold it"
        by = folders(reservation, view)
        yield refusal(f"separation:{act.actor}", Cause.SEPARATION, why, registry.at_key("folded_by"), by=by, record=reservation.seq)


def folders(reservation: Reservation, view: View) -> tuple[str, ...]:
    """Return those who can give a word for folding a reservation: who reserved it cannot, nor who has given one."""
    registry = view.policy.registry
    assert registry is not None, "who asks for it has a registry"
    reserver = reservation.actor if reservation.imported is None else ""
    return tuple(each for each in find.everyone(view.policy, registry.folded_by) if each != reserver and each not in reservation.words)


def fold_word(act: "Act", view: View) -> Word:
    """Return what a word adds to those given for a fold."""
    registry = view.policy.registry
    assert registry is not None, "who judges a fold has asked for the registry"
    return word(view, registry.folded_by, act.actor, view.state.register.reservations[act.body["first"]].words)


def judge_withdraw(act: "Act", view: View) -> Iterator[Requirement]:
    """A reservation that waits is withdrawn by who made it, or by any of those who could fold it."""
    registry = view.policy.registry
    if registry is None:
        yield _no_registry(view)
        return
    against = _against_reservation(act, view)
    if against:
        yield against
        return
    reservation = view.state.register.reservations[act.body["first"]]
    mine = reservation.imported is None and reservation.actor == act.actor
    if not mine and not is_member(view, registry.folded_by, act.actor):
        by = tuple(dict.fromkeys((*(() if reservation.imported else (reservation.actor,)), *find.everyone(view.policy, registry.folded_by))))
        why = f"{act.actor} may not withdraw {reservation.ids}; that is for {' or '.join(by)}"
        yield refusal("authority:withdraw", Cause.UNAUTHORISED, why, registry.at_key("folded_by"), by=by, record=reservation.seq)


def judge_register(act: "Act", view: View) -> Iterator[Requirement]:
    """The registry's figures are computed here; only a document reports them."""
    del act
    yield refusal("register", Cause.REFUSED, "what a document says of the registry is taken right after genesis", view.policy.at)


def against_report(act: "Act", view: View) -> str:
    """Return what in a document's report of the registry does not fit what is on record, or nothing."""
    return view.state.register.against(act.body) if view.policy.registry else "the policy declares no registry"


def _no_registry(view: View) -> Requirement:
    return refusal("registry", Cause.NOT_EVALUATED, "the policy declares no registry", view.policy.at, how="govern explain registry", code="NO_REGISTRY")


def _against_reservation(act: "Act", view: View) -> Requirement | None:
    """Return why an act may not go on with the reservation that it names, by record and by range; None where it may."""
    seq, first, last = (act.body[key] for key in ("reservation", "first", "last"))
    reservation, place = view.state.register.reservations.get(first), view.policy.at_key("registry")
    if reservation is None or (reservation.seq, reservation.last) != (seq, last):
        why = f"record #{seq} did not reserve {spell_span(first, last)}"
        return refusal(f"reservation:{seq}", Cause.MISSING, why, place, how="govern ticket list", code="TICKET_RANGE")
    if reservation.folded is not None:
        why = f"{reservation.ids} was folded by record #{reservation.folded}"
        return refusal(f"reservation:{seq}", Cause.CONSUMED, why, place, record=reservation.folded, code="TICKET_RANGE")
    if reservation.withdrawn is not None:
        why = f"{reservation.ids} was withdrawn by record #{reservation.withdrawn}; its ids are never given again"
        return refusal(f"reservation:{seq}", Cause.REVOKED, why, place, record=reservation.withdrawn)
    return None


def _no_word(act: "Act", registry: Registry, reservation: Reservation, view: View) -> Requirement:
    by, place = find.everyone(view.policy, registry.folded_by), registry.at_key("folded_by")
    if act.actor in reservation.words:
        why = f"the word of {act.actor} for {reservation.ids} is already on record; another's is wanted"
        return refusal("authority:fold", Cause.QUORUM, why, place, by=tuple(each for each in by if each not in reservation.words))
    why = f"{act.actor} may not fold {reservation.ids}; that is for {find.spell_who(registry.folded_by)}"
    return refusal("authority:fold", Cause.UNAUTHORISED, why, place, by=by)
