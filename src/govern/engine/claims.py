"""Claims: whether a declared token is supported now, and what uses one that is not.

Pure. A claim is a token of `claims:`, or a status that has a condition: where the programme stands is computed, and said
by nobody before it holds. Which spellings are a use is said in `docs/claims.md` and judged by `govern.policy.spelling`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from govern.engine.causes import Cause, Judged, Requirement, failing
from govern.engine.judge import judge
from govern.engine.refusing import refusal
from govern.engine.view import View
from govern.ledger.statements import BODIES, is_text
from govern.policy import find
from govern.policy.guards import DoneFact, FindingFact, facts
from govern.policy.model import Policy
from govern.policy.promises import Claim, Status
from govern.policy.spelling import Use, uses

if TYPE_CHECKING:
    from govern.engine.acts import Act

CODE = "CLAIM_UNSUPPORTED"


def declared_claim(token: str, policy: Policy) -> Claim | Status:
    """Return the claim or the status that declares a token."""
    return policy.claims.get(token) or next(status for status in policy.statuses if status.id == token)


def judge_claim(token: str, view: View) -> Judged:
    """Judge what supports a claim. What was done in a protected scope is not known from a document's report."""
    declared = declared_claim(token, view.policy)
    guard = declared.needs if isinstance(declared, Claim) else declared.when
    assert guard is not None, "a status without a condition is no claim"
    return judge(guard, view, scope=_protected_scope(declared, view.policy))


def _protected_scope(declared: Claim | Status, policy: Policy) -> str | None:
    """Return the protected scope in which a claim says that something was done, where it rests on nothing of another scope."""
    guard = declared.needs if isinstance(declared, Claim) else declared.when
    found = [fact for fact, _negated in facts(guard)] if guard else []
    if not all(isinstance(fact, DoneFact | FindingFact) for fact in found):
        return None
    scopes = [find.action_scope(policy, policy.actions[fact.done]) for fact in found if isinstance(fact, DoneFact)]
    return next((scope for scope in scopes if scope is not None and policy.scopes[scope].protected), None)


def unsupported(text: str, view: View) -> list[Use]:
    """Return each use of a claim in a text that nothing supports now."""
    return [use for use in uses(text, view.policy.tokens) if judge_claim(use.token, view).truth is not True]


# What a record says in free words, or by a name that its author chose: by kind, the fields of its body.
_CHOSEN = {"mark": ("name",), "quote": ("about",)}
FREE_FIELDS: Mapping[str, tuple[str, ...]] = {
    kind: (*(key.rstrip("?") for key, check in fields.items() if check is is_text), *_CHOSEN.get(kind, ())) for kind, fields in BODIES.items()
}
# Of evidence, which is a part of a body.
_FREE_OF_EVIDENCE = ("says", "path")


def claim_refusals(act: "Act", view: View) -> tuple[Requirement, ...]:
    """A record uses no claim that nothing supports; what it only mentions is declared."""
    found: list[Requirement] = []
    if view.policy.tokens:
        for where, text in _free_texts(act):
            found += [unsupported_use(use, where, view) for use in unsupported(text, view)]
    if act.kind == "quote":
        found += _undeclared(act.body.get("without", ()), view)
    return tuple(found)


def _undeclared(names: Iterable[str], view: View) -> Iterator[Requirement]:
    known = ", ".join(view.policy.claims) or "none"
    for name in names:
        if name not in view.policy.claims:
            why = f"no claim is called {name}; declared: {known}"
            yield refusal(f"without:{name}", Cause.NOT_EVALUATED, why, view.policy.at_key("claims"))


def _free_texts(act: "Act") -> list[tuple[str, str]]:
    body = act.body
    found = [(field, body[field]) for field in FREE_FIELDS[act.kind] if field in body]
    if "evidence" in body:
        found += [(f"evidence.{field}", body["evidence"][field]) for field in _FREE_OF_EVIDENCE if field in body["evidence"]]
    if act.imported:
        found.append(("imported.document", act.imported.document))
    return found


def unsupported_use(use: Use, where: str, view: View) -> Requirement:
    """Return the refusal of a use, with who could support the claim and where to ask how."""
    by, why = supporters(use.token, view), f"`{where}` uses {use.token}{spelled_as(use)}, and nothing supports it now"
    declared = declared_claim(use.token, view.policy)
    return refusal(f"claim:{use.token}", Cause.MISSING, why, declared.at, by=by, how=how_supported(use.token, view), code=CODE)


def supporters(token: str, view: View) -> tuple[str, ...]:
    """Return who could do what a claim wants, each once."""
    return tuple(dict.fromkeys(actor for requirement in failing(judge_claim(token, view)) for actor in requirement.by))


def how_supported(token: str, view: View) -> str:
    """Return the command that says what a claim wants."""
    return f"govern why-blocked {token}" if token in view.policy.claims else "govern status"


def spelled_as(use: Use) -> str:
    """Return how a claim is spelled where that is not as it is declared."""
    return "" if use.spelled == use.token else f" (`{use.spelled}`)"
