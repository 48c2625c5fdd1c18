"""A view as it would be with an act on record. Nothing is judged here, and the view that is given stays as it is.

Pure.
"""

import copy

from govern.engine.acts import Act
from govern.engine.apply import apply
from govern.engine.view import View
from govern.ledger.lines import Record
from govern.ledger.moments import spell_time
from govern.ledger.statements import Basis, Statement


def after(act: Act, view: View) -> View:
    """Return the view as it would be with an act on record that is allowed."""
    state = copy.deepcopy(view.state)
    statement = Statement(None, act.kind, act.actor, act.body, Basis(state.size, ""), state.policy_digest)
    apply(act, Record(state.size, spell_time(view.now), view.now, statement, ""), View(view.policy, state, view.now, view.evidence, view.pinned, view.clock))
    return View(view.policy, state, view.now, view.evidence, view.pinned, view.clock)
