"""What the shape of a policy cannot say about its registry: whether anybody can fold what is reserved, and where its pages go.

Pure.
"""

from collections.abc import Iterator

from govern.policy import find
from govern.policy.model import Policy
from govern.policy.promises import Document, Registry
from govern.policy.reach import can_fill
from govern.problems import Problem

_OF_REGISTRY = frozenset(("addendum", "registry", "registry-index"))


def check_registry(policy: Policy) -> Iterator[Problem]:
    """Yield the faults of a registry and of its pages."""
    if policy.registry:
        yield from _folding_faults(policy.registry, policy)
    for name, document in policy.documents.items():
        if document.shows in _OF_REGISTRY and policy.registry is None:
            message = f"document `{name}` shows a registry, and none is declared"
            yield Problem("POLICY_DOCUMENT", message, document.at_key("shows"), help="declare `registry`, or remove it")
        if document.shows == "addendum":
            yield from _addendum_faults(name, document, policy)


def _folding_faults(registry: Registry, policy: Policy) -> Iterator[Problem]:
    """Who reserved a range cannot fold it: somebody must be able to reserve what others can fold."""
    reservers = find.members(policy, registry.reserved_by) if registry.reserved_by else tuple(policy.actors)
    places = find.places(policy, registry.folded_by)
    if can_fill(places) and not any(can_fill([tuple(each for each in place if each != reserver) for place in places]) for reserver in reservers):
        message = f"nobody can fold what {registry.reserved_by or 'anyone'} reserves: who reserved ids cannot fold them"
        yield Problem("POLICY_UNSATISFIABLE", message, registry.at, help="let others reserve, or others fold")


def _addendum_faults(name: str, document: Document, policy: Policy) -> Iterator[Problem]:
    """Addenda have a folder of their own, one for all, and are of no moment: each tells of its own reservation."""
    if document.as_of is not None:
        message = f"document `{name}`: an addendum shows its reservation as it stands, at no other moment"
        yield Problem("POLICY_DOCUMENT", message, document.at_key("as_of"), help="remove `as_of`")
    for other, declared in policy.documents.items():
        if other == name:
            continue
        if declared.shows == "addendum":
            yield Problem("POLICY_DOCUMENT", f"documents `{name}` and `{other}` both show the addenda", document.at, help="keep one")
        paths = [path.lower() for path in (declared.path, declared.json_path) if path]
        folders = [f"{folder.lower()}/" for folder in (document.path, document.json_path) if folder]
        if any(path.startswith(folder) for path in paths for folder in folders):
            message = f"document `{other}` is in the folder of the addenda, which are named by their ranges"
            yield Problem("POLICY_COLLISION", message, declared.at_key("path"), help="put it elsewhere")
