"""A view: a policy, the state under it, a moment and the evidence facts. The one thing that is ever judged.

Pure.
"""

import sys
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from govern.engine.state import GrantInstance, LaneState, PacketState, State
from govern.policy.model import Policy

T = TypeVar("T")


class EvidenceFact(StrEnum):
    """What became of the file that an evidence record binds."""

    SAME = "same"
    CHANGED = "changed"
    MISSING = "missing"


class Memo:
    """What a view has judged, and what it is judging right now.

    Guards may rest on each other in a circle. What waits for itself is unknown there, and an answer that was found
    with such a stop-gap is not kept: were it, the next answer would hang on the order of the questions.
    """

    __slots__ = ("_asked", "_found", "_outermost")

    def __init__(self) -> None:
        self._found: dict[Hashable, Any] = {}
        self._asked: dict[Hashable, int] = {}
        self._outermost = sys.maxsize

    def once(self, key: Hashable, in_circle: T, judge: Callable[[], T]) -> T:
        """Return what `judge` says, asked once; `in_circle` where it is being asked already."""
        if key in self._found:
            found: T = self._found[key]
            return found
        if key in self._asked:
            self._outermost = min(self._outermost, self._asked[key])
            return in_circle
        depth = self._asked[key] = len(self._asked)
        before, self._outermost = self._outermost, sys.maxsize
        found = judge()
        del self._asked[key]
        if self._outermost == sys.maxsize:
            self._found[key] = found
        self._outermost = before if self._outermost >= depth else min(before, self._outermost)
        return found


@dataclass(slots=True)
class View:
    """What a verdict is a function of. Nobody changes one; it is not frozen because a replay makes one for each record.

    `evidence` maps the record of a proof to what became of its file; None judges history, where files are taken as
    they were when they were recorded. `pinned` is false where keys that nobody vouched for are in force and this machine
    was not told that they are the right ones: then nothing counts as a person's word. `clock` is what the clock says
    where the last record claims to be later: then a window is open only if it is open at both.
    """

    policy: Policy
    state: State
    now: int
    evidence: Mapping[int, EvidenceFact] | None = None
    pinned: bool = True
    clock: int | None = None
    _memo: Memo | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def memo(self) -> Memo:
        """What was judged in this view; most acts are judged without asking any guard."""
        if self._memo is None:
            self._memo = Memo()
        return self._memo

    @property
    def earliest(self) -> int:
        """The earlier of the two times that may be the right one: what begins after it has not begun."""
        return self.now if self.clock is None else min(self.now, self.clock)

    def packet(self, name: str) -> PacketState:
        """Return where a packet stands; one without records is in its initial state."""
        return self.state.packets.get(name) or PacketState(self.policy.lifecycles.packet.initial)

    def lane(self, name: str) -> LaneState:
        """Return where the record of a lane stands."""
        return self.state.lanes.get(name) or LaneState(self.policy.lifecycles.lane.initial)

    def leg_state(self, path: str) -> str:
        """Return the state of the newest evidence for a leg."""
        proofs = self.state.proofs.get(path)
        return proofs[-1].state if proofs else self.policy.lifecycles.leg.initial

    def instances(self, grant: str) -> list[GrantInstance]:
        """Return the instances of a grant, oldest first."""
        return self.state.grants.get(grant, [])

    def is_current(self, packet: str) -> bool:
        """Whether a packet is issued and not consumed."""
        states = self.policy.lifecycles.packet.states
        state = self.packet(packet).state
        return state in states and states[state].counts

    def current_packets(self) -> list[str]:
        """Return the issued packets that no other has consumed, in the order declared."""
        return [name for name in self.policy.packets if self.is_current(name)]

    def protects(self, scope: str | None) -> bool:
        """Whether a scope can hurt: what imported history reports is never enough in it."""
        return scope is not None and self.policy.scopes[scope].protected
