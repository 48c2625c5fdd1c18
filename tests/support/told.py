"""What really happened, read from the records alone: whose words were given, what was used, revoked, closed or reopened.

It asks neither the evaluator nor a lifecycle: it is what promises are held against.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from govern.ledger.moments import parse_stored
from govern.policy import find
from govern.policy.model import Policy
from govern.policy.reach import can_fill
from govern.policy.who import Who
from support.labels import Labels, counted
from support.walks import Done


@dataclass
class _Grant:
    name: str
    reported: bool
    words: list[str] = field(default_factory=list)
    given: bool = False
    used: bool = False
    revoked: bool = False
    not_before: int | None = None
    expires: int | None = None


@dataclass
class _Shown:
    actor: str
    at: int
    reported: bool
    reopened: bool = False


@dataclass
class _Lane:
    words: list[str] = field(default_factory=list)
    opened: bool = False
    reported: bool = False


class Told:
    """What the records told so far tell."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.grants: dict[int, _Grant] = {}
        self.shown: dict[str, _Shown] = {}
        self.lanes: dict[str, _Lane] = {}
        self.begun: dict[int, int] = {}

    def tell(self, done: Done, now: int) -> None:
        """Take in one more record."""
        body = done.body
        match done.kind:
            case "request":
                self.grants[done.seq] = _Grant(body["grant"], done.imported)
            case "grant":
                self._grant(done, now)
            case "revoke" if body["record"] in self.grants:
                self.grants[body["record"]].revoked = True
            case "begin" if "grant" in body:
                self.grants[body["grant"]].used = True
            case "discharge":
                self.shown[body["leg"]] = _Shown(done.actor, now, done.imported)
            case "reopen" if body["leg"] in self.shown:
                self.shown[body["leg"]].reopened = True
            case "open":
                self._open(done)
            case "close":
                self.lanes[body["lane"]] = _Lane()

    def _grant(self, done: Done, now: int) -> None:
        body, declared = done.body, self.policy.grants[done.body["grant"]]
        grant = self.grants[body["instance"]] if "instance" in body else self.grants.setdefault(done.seq, _Grant(body["grant"], done.imported))
        grant.words.append(done.actor)
        if "not_before" in body:
            grant.not_before = max(parse_stored(body["not_before"]), grant.not_before or 0)
        ends = [parse_stored(body["expires"])] if "expires" in body else []
        if done.imported:
            # Granted again, as a document has it.
            grant.used = grant.revoked = False
        if done.imported or self._filled(declared.issuer, grant.words):
            grant.given = True
            ends += [] if declared.expires_after is None else [now + declared.expires_after]
        grant.expires = min([*ends, *([] if grant.expires is None else [grant.expires])], default=None)

    def _open(self, done: Done) -> None:
        name = done.body["lane"]
        opened_by = self.policy.lanes[name].opened_by
        assert opened_by is not None
        lane = self.lanes.setdefault(name, _Lane())
        lane.words.append(done.actor)
        if done.imported or self._filled(opened_by, lane.words):
            self.lanes[name] = _Lane(opened=True, reported=done.imported)

    def _filled(self, who: Who, words: list[str]) -> bool:
        return can_fill([tuple(member for member in place if member in words) for place in find.places(self.policy, who)])

    def labels(self, now: int) -> Labels:
        """Return the labels at which promises look."""
        found = {
            f"grant:{name}": counted(frozenset(self._of_grant(each, now)) for each in self.grants.values() if each.name == name) for name in self.policy.grants
        }
        found |= {f"leg:{path}": frozenset(_first_hand("shown", each.reported)) for path, each in self.shown.items() if self._stands(path, each, now)}
        return found | {f"lane:{name}": frozenset(_first_hand("opened", lane.reported)) for name, lane in self.lanes.items() if lane.opened}

    def _of_grant(self, grant: _Grant, now: int) -> Iterator[str]:
        if not grant.given or grant.revoked or (grant.reported and self.policy.scopes[self.policy.grants[grant.name].scope].protected):
            return
        in_window = (grant.not_before is None or now >= grant.not_before) and (grant.expires is None or now < grant.expires)
        if in_window and not grant.used:
            yield from _first_hand("given", grant.reported)
        if in_window or grant.used:
            yield from _first_hand("kept", grant.reported)

    def _stands(self, path: str, shown: _Shown, now: int) -> bool:
        leg = find.leg(self.policy, path)
        fresh = leg.fresh_for is None or now < shown.at + leg.fresh_for
        return fresh and not shown.reopened and shown.actor in find.members(self.policy, leg.by)


def _first_hand(label: str, reported: bool) -> Iterator[str]:  # noqa: FBT001 - one label, one origin
    yield label
    if not reported:
        yield f"{label}, first-hand"
