"""Applying a record about ticket ids that was allowed: the part of `govern.engine.apply` that moves the register."""

from dataclasses import replace

from govern.engine.act_tickets import fold_word
from govern.engine.acts import Act
from govern.engine.authority import Word
from govern.engine.register import Figures, Report, Reservation
from govern.engine.view import View
from govern.ledger.lines import Record


def reserve(act: Act, record: Record, view: View) -> None:
    """Allot a range. The canonical registry stays as it is."""
    _allot((act.body["first"], act.body["last"]), act, record, view)


def _allot(span: tuple[int, int], act: Act, record: Record, view: View) -> None:
    register, registry = view.state.register, view.policy.registry
    assert registry is not None, "nothing is reserved without a registry"
    purpose = act.body.get("for", "")
    register.put(Reservation(record.seq, *span, registry.prefix, act.actor, view.now, register.allotted, register.figures, purpose, act.imported))


def fold(act: Act, record: Record, view: View) -> None:
    """Take a word for a range, and put it into the canonical registry once all are given."""
    register = view.state.register
    reservation = register.reservations[act.body["first"]]
    words = (*reservation.words, act.actor)
    if fold_word(act, view) is not Word.COMPLETE:
        register.put(replace(reservation, words=words))
        return
    register.put(replace(reservation, words=(), folded=record.seq, folded_at=view.now, folded_by=words, why=act.body.get("reason", "")))
    register.figures = register.figures.after_fold(reservation.last)


def withdraw(act: Act, record: Record, view: View) -> None:
    """Keep a range from ever being folded. Its ids stay allotted."""
    register = view.state.register
    reservation = register.reservations[act.body["first"]]
    register.put(replace(reservation, words=(), withdrawn=record.seq, withdrawn_by=act.actor, why=act.body["reason"]))


def report(act: Act, record: Record, view: View) -> None:
    """Take the figures of a document; what it does not give is unknown from then on."""
    register, says = view.state.register, act.body
    assert act.imported is not None, "only a document reports"
    through = says.get("folded_through", 0)
    for first in list(register.waiting):
        if register.reservations[first].last <= through:
            register.put(replace(register.reservations[first], folded=record.seq, folded_at=view.now))
    # To be folded through an id is to have it as the highest, unless the document says otherwise.
    body_max = says.get("body_max", says.get("folded_through"))
    register.figures = Figures(body_max, says.get("json"), says.get("markdown"), says.get("index"))
    register.allotted = max(register.allotted, says.get("ceiling", 0), body_max or 0, through)
    register.reports = (*register.reports, Report(record.seq, dict(says), act.imported))
    for first, last in says.get("reserved", ()):
        _allot((first, last), act, record, view)
