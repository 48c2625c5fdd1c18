"""Claims as they are declared: long enough to be told from prose, each with a spelling of its own, and used nowhere else in the policy.

Pure. The texts and names of a policy are printed whatever the state is; what hangs on the state is no text of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from govern.policy.model import Policy
from govern.policy.names import Declared
from govern.policy.references import place_of
from govern.policy.spelling import MIN_LETTERS, could_use, is_telling, uses
from govern.problems import Place, Problem


def check_claims(policy: Policy) -> Iterator[Problem]:
    """Yield each token that cannot be told apart, and each text or name of the policy that uses one."""
    if not policy.tokens:
        return
    yield from _short_tokens(policy)
    yield from _same_tokens(policy)
    # Most policies hold the letters of a token nowhere but where it is declared, and need no walk.
    if could_use(policy.model_dump_json(exclude=_DECLARING), policy.tokens):
        yield from _texts_that_use(_spelled(policy, policy.at), policy)
    else:
        yield from _texts_that_use(_spelled((tuple(policy.claims.values()), policy.statuses), policy.at), policy)


# Where tokens are declared, and a packet names the status that it continues.
_DECLARING: Mapping[str, Any] = {"claims": True, "statuses": True, "packets": {"__all__": {"continues"}}}


def _texts_that_use(spelled: Iterable[tuple[str, Place]], policy: Policy) -> Iterator[Problem]:
    for text, place in spelled:
        for use in uses(text, policy.tokens):
            message = f"`{text[:80]}` uses the {_kind(use.token, policy)} {use.token}, whatever the state is"
            yield Problem("POLICY_CLAIM", message, place, help="say it in other words; documents print what is supported from a field")


def _kind(token: str, policy: Policy) -> str:
    return "claim" if token in policy.claims else "status"


def _short_tokens(policy: Policy) -> Iterator[Problem]:
    for name in policy.claims:
        if not is_telling(name):
            message = f"the claim `{name}` is too short to be told from other text"
            yield Problem("POLICY_CLAIM", message, place_of(name, policy), help=f"give it at least {MIN_LETTERS} letters or digits")


def _same_tokens(policy: Policy) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    places = {name: place_of(name, policy) for name in policy.claims} | {status.id: status.at for status in policy.statuses}
    for name, letters in policy.tokens:
        first = seen.setdefault(letters, name)
        if first != name or (name in policy.claims and any(status.id == name for status in policy.statuses)):
            yield Problem("POLICY_COLLISION", f"`{name}` and `{first}` can be spelled alike, and one is no proof of the other", places[name], help="rename one")


def _spelled(value: Any, place: Place) -> Iterator[tuple[str, Place]]:
    """Yield every text and name of a part of the policy with its place, but for those that declare a token or continue a status."""
    if isinstance(value, str):
        yield value, getattr(value, "at", place)
    elif isinstance(value, Declared):
        named = _NAMING.get(type(value).__name__, frozenset())
        for key in type(value).model_fields:
            inner = getattr(value, key)
            if key not in named:
                yield from _spelled(tuple(inner.values()) if isinstance(value, Policy) and key == "claims" else inner, value.at_key(key))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _spelled(key, place)
            yield from _spelled(inner, place)
    elif isinstance(value, Iterable):
        for inner in value:
            yield from _spelled(inner, place)


# The fields that name a status as such.
_NAMING = {"Status": frozenset({"id"}), "Packet": frozenset({"continues"})}
