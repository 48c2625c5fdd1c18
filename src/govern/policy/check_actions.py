"""Actions: each rests on a selected option, in whose scope it is judged, or has no grant yet.

Pure.
"""

from collections.abc import Iterator

from govern.policy import find
from govern.policy.guards import All, AnyOf, AtLeast, Guard, SelectedFact, facts
from govern.policy.model import Policy
from govern.policy.promises import Action
from govern.problems import Problem


def check_actions(policy: Policy) -> Iterator[Problem]:
    """Yield the faults of actions."""
    for name, action in policy.actions.items():
        if (action.needs is None) != action.ungranted:
            help = "`needs` says what it takes; `ungranted: true` says that no grant for it exists"
            yield Problem("POLICY_ACTION", f"action `{name}` must have either `needs` or `ungranted: true`", action.at, help=help)
        if action.consumes is not None and action.needs is None:
            yield Problem("POLICY_ACTION", f"action `{name}` consumes a grant and is never allowed", action.at_key("consumes"))
        if action.needs is not None and not _wants_an_option(action.needs, policy):
            help = "name the option that permits it, in every alternative: `{selected: PACKET/OPTION}`; a HOLD permits nothing"
            yield Problem("POLICY_ACTION", f"action `{name}` could be done with no option selected", action.at_key("needs"), help=help)
        yield from _scope_faults(name, action, policy)


def _wants_an_option(guard: Guard, policy: Policy) -> bool:
    """Whether a guard holds in no way without a selected option that is no HOLD."""
    match guard:
        case All(all=parts):
            return any(_wants_an_option(part, policy) for part in parts)
        case AnyOf(any=parts):
            return all(_wants_an_option(part, policy) for part in parts)
        case AtLeast(at_least=wanted, of=parts):
            return sum(not _wants_an_option(part, policy) for part in parts) < wanted
        case SelectedFact(selected=address):
            return not find.option(policy, address)[1].hold
        case _:
            return False


def _scope_faults(name: str, action: Action, policy: Policy) -> Iterator[Problem]:
    """The options that permit an action are of one scope, which is also that of the grant it uses up."""
    scope = find.action_scope(policy, action)
    for fact, _negated in facts(action.needs) if action.needs else ():
        if isinstance(fact, SelectedFact) and (other := find.option(policy, fact.selected)[1].scope) not in (None, scope):
            message = f"action `{name}` is of scope `{scope}`, and selected:{fact.selected} is of scope `{other}`"
            yield Problem("POLICY_SCOPE", message, fact.at, help="scopes do not extend; make it an action for each scope")
    if action.consumes and policy.grants[action.consumes].scope != scope:
        message = f"action `{name}` is of scope `{scope}`, and grant:{action.consumes} is of scope `{policy.grants[action.consumes].scope}`"
        yield Problem("POLICY_SCOPE", message, action.at_key("consumes"), help="scopes do not extend; use up a grant of the same scope")
