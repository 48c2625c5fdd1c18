"""A view: a policy, the state under it, a moment and the evidence facts. The one thing that is ever judged.

Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from govern.engine.state import GrantInstance, LaneState, PacketState, State
from govern.policy.model import Policy


class EvidenceFact(StrEnum):
    """What became of the file that an evidence record binds."""

    SAME = "same"
    CHANGED = "changed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class View:
    """What a verdict is a function of.

    `evidence` maps the record of a proof to what became of its file; None judges history, where files are taken as
    they were when they were recorded.
    """

    policy: Policy
    state: State
    now: int
    evidence: Mapping[int, EvidenceFact] | None = None
    memo: dict[Any, Any] = field(default_factory=dict, compare=False)

    def packet(self, name: str) -> PacketState:
        """Return where a packet stands; one without records is in its initial state."""
        return self.state.packets.get(name) or PacketState(self.policy.lifecycles.packet.initial)

    def lane(self, name: str) -> LaneState:
        """Return where the record of a lane stands."""
        return self.state.lanes.get(name) or LaneState(self.policy.lifecycles.lane.initial)

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
