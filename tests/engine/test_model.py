"""Evaluator, table of ways, machines of `transitions` and the plain reference agree, over random policies and histories."""

from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from transitions import Machine

from engine.reference_acts import ReferenceProgramme
from govern.engine.holds import respond_state
from govern.engine.judge import blocker_state
from govern.engine.machine import fire, lifecycle_machine, packet_machine
from govern.engine.verdicts import Target, TargetKind, verdict
from govern.policy import find
from govern.policy.lifecycles import KINDS
from support.acts import attempts
from support.plausible import Wish, wishes
from support.random_policies import Spec, policies, text_of
from support.world import World, snapshot

pytestmark = pytest.mark.search

_HOSTILE = ("decide", "refuse", "delegate", "grant", "revoke", "begin", "end", "discharge", "open", "close", "issue", "mark", "quote", "genesis")


def _leads_on(wish: Wish) -> bool:
    """Whether an act brings a programme on, rather than back or nowhere."""
    idle = ("mark", "note", "close", "reopen", "revoke", "refuse", "prepare", "request")
    return wish.kind not in idle and wish.body.get("option") != "STOP" and wish.body.get("result") in (None, "pass")


class Agreement(RuleBasedStateMachine):
    """One programme, kept four times."""

    @initialize(spec=policies())
    def found(self, spec: Spec) -> None:
        self.world = World(text_of(spec))
        self.reference = ReferenceProgramme(spec)
        self.policy = self.world.view().policy
        self.machines: dict[str, Machine] = {kind: lifecycle_machine(self.policy.lifecycles.of(kind)) for kind in KINDS}
        self.machines |= {name: packet_machine(packet) for name, packet in self.policy.packets.items()}
        self.shadow: dict[tuple[str, Any], str] = {}

        self._try(Wish("issue", "bot", {"packet": "P"}))

    @rule(data=st.data())
    def try_what_is_invited(self, data: st.DataObject) -> None:
        self._try_one(data, wishes(self.world.view()))

    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        self._try_one(data, [wish for wish in wishes(self.world.view()) if _leads_on(wish) and self.reference.allows(*wish)])

    @rule(data=st.data())
    def go_on_to_a_decision(self, data: st.DataObject) -> None:
        steps = ("decide", "begin", "end", "issue")
        self._try_one(data, [wish for wish in wishes(self.world.view()) if wish.kind in steps and _leads_on(wish) and self.reference.allows(*wish)])

    def _try_one(self, data: st.DataObject, invited: list[Wish]) -> None:
        by_kind: dict[str, list[Wish]] = {}
        for wish in invited:
            by_kind.setdefault(wish.kind, []).append(wish)
        if by_kind:
            kind = data.draw(st.sampled_from(sorted(by_kind)))
            self._try(data.draw(st.sampled_from(by_kind[kind])))

    @rule(data=st.data())
    def try_what_is_not(self, data: st.DataObject) -> None:
        attempt = data.draw(attempts(self.policy, kinds=_HOSTILE))
        body = {key: value for key, value in attempt.body.items() if key != "packet_sha256"}
        self._try(Wish(attempt.kind, attempt.actor, body))

    @rule(seconds=st.sampled_from([1, 30, 60]))
    def wait(self, seconds: int) -> None:
        self.world.now += seconds
        self.reference.now += seconds

    def _try(self, wish: Wish) -> None:
        refusals = self.world.propose(*wish)
        allowed = self.reference.allows(*wish)
        assert allowed == (not refusals), (wish, [(each.id, each.why) for each in refusals])
        for machine, key, trigger in self._motions(wish):
            source = self.shadow.get((machine, key), str(self.machines[machine].initial))
            moved = fire(self.machines[machine], trigger, source, lambda: allowed)
            assert (moved is not None) == allowed
            self.shadow[machine, key] = moved or source
        if allowed:
            self.world.force(*wish)
            self.reference.take(*wish)

    def _motions(self, wish: Wish) -> list[tuple[str, Any, str]]:
        """Return the machines that an act with known names moves, by its reference alone: (machine, of what, trigger)."""
        reference, (kind, actor, body) = self.reference, wish
        allowed = reference.allows(*wish)
        declared = reference.policy
        match kind:
            case "prepare" | "issue":
                consumes = declared["packets"][body["packet"]].get("consumes") if allowed and kind == "issue" else None
                return [("packet", body["packet"], kind), *([("packet", consumes.split("/")[0], "consume")] if consumes else [])]
            case "decide" if allowed and reference.decides(actor, body):
                return [(body["packet"], "selected", body["option"])]
            case "request":
                return [("grant", reference.size, "request")]
            case "grant" if allowed:
                instance = body.get("instance", reference.size)
                words = [*reference.grants.get(instance, {"words": []})["words"], actor]
                complete = reference.complete(declared["grants"][body["grant"]]["issuer"], words)
                return [("grant", instance, "record" if complete else "approve")]
            case "revoke" if body["record"] in reference.grants and allowed:
                return [("grant", body["record"], "revoke")]
            case "begin" if allowed and "grant" in body:
                return [("grant", body["grant"], "consume")]
            case "end" | "lose" | "resolve" if allowed and reference.runs[body["begin"]]["grant"] is not None:
                trigger = {"end": "complete", "lose": "lose", "resolve": "resolve"}[kind]
                return [("grant", reference.runs[body["begin"]]["grant"], trigger)]
            case "discharge" | "reopen":
                return [("leg", body["leg"], kind)]
            case "close":
                return [("lane", body["lane"], kind)]
            case "open" if allowed:
                words = [*reference.lanes[body["lane"]]["words"], actor]
                return [("lane", body["lane"], kind)] if reference.complete(declared["lanes"][body["lane"]]["opened_by"], words) else []
        return []

    @invariant()
    def the_machines_stand_where_the_state_does(self) -> None:
        state = self.world.state
        found: dict[tuple[str, Any], str] = {("grant", seq): instance.state for seq, instance in state.instances.items()}
        found |= {("leg", path): proofs[-1].state for path, proofs in state.proofs.items()}
        found |= {("lane", name): lane.state for name, lane in state.lanes.items()}
        found |= {("packet", name): packet.state for name, packet in state.packets.items()}
        found |= {(name, "selected"): packet.selected for name, packet in state.packets.items() if packet.selected}
        assert found == {key: self.shadow.get(key, self.machines[key[0]].initial) for key in found}
        assert all(at == self.machines[key[0]].initial for key, at in self.shadow.items() if key not in found)

    @invariant()
    def the_verdicts_are_those_of_the_reference(self) -> None:
        view, reference = self.world.view(), self.reference
        assert [self._holds("option", name) for name in self._options()] == [reference.open(name) for name in self._options()]
        assert [self._holds("action", name) for name in self.policy.actions] == [reference.can(name) for name in self.policy.actions]
        assert [self._holds("lane", name) for name in self.policy.lanes] == [reference.tree({"lane": name})[0] is True for name in self.policy.lanes]
        assert [blocker_state(name, view) for name in self.policy.blockers] == [reference.blocker_state(name) for name in self.policy.blockers]
        for path, leg in find.leg_paths(self.policy):
            assert self._holds("leg", path) == (reference.tree({"leg": path})[0] is True), leg

    @invariant()
    def every_packet_can_return_to_its_hold(self) -> None:
        for name, packet in self.policy.packets.items():
            decider = find.everyone(self.policy, packet.decided_by)[0]
            decision = self.world.view().packet(name).decision
            body = {"packet": name, "option": "STOP", **({} if decision is None else {"supersedes": decision})}
            assert not self.world.propose("decide", decider, body)
            assert (respond_state(name, self.world.view()) == "selected") == (self.reference.packets[name]["selected"] not in (None, "STOP"))

    def _options(self) -> list[str]:
        return [f"{name}/{option.id}" for name, packet in self.policy.packets.items() for option in packet.options]

    def _holds(self, kind: TargetKind, name: str) -> bool:
        return verdict(Target(kind, name), self.world.view()).allowed

    def teardown(self) -> None:
        if hasattr(self, "world"):
            assert snapshot(self.world.replayed()) == snapshot(self.world.state)


Agreement.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None, derandomize=True, phases=(Phase.generate,))


class TestAgreement(Agreement.TestCase):  # type: ignore[misc, valid-type]
    """Runs the state machine."""
