"""Policies of any size proved over every history, and a planted breach found; beside z3's Spacer, asked the same in the same run."""

import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any

from proof_systems import spacer

from govern.policy.load import load_policy
from govern.policy.model import Policy
from govern.policy.retelling import without_promises
from govern.proof.formulas import Formula
from govern.proof.promising import Promised, build
from govern.proof.proving import Finding, Proof, Prover, Retold, solver_there
from govern.proof.system import System, sought

AIMS = {20: 0.3, 200: 1.0, 1000: 5.0}
BREACH_AIM = 2.0
OWN_AIM = 1.0
SPACER_LIMIT = 20.0
SHORT = 1.0
"""What takes less is measured several times."""
PLANTED = ("a used-up grant counts", "a requirement is dropped")

_OWN = Path(__file__).resolve().parent.parent / "states.yaml"
Spec = dict[str, Any]


def _legs(count: int) -> int:
    return max(3, count // 2)


def _named(letter: str, count: int, step: int = 1) -> list[str]:
    return [f"{letter}{number}" for number in range(0, count, step)]


def _leg(number: int, legs: int) -> Spec:
    number %= legs
    return {"leg": f"B{number}/{'proven' if number % 3 else 'granted'}"}


def _blocks(count: int) -> Iterator[tuple[list[Spec], list[Spec]]]:
    """Yield ten grants at a time, and three legs."""
    legs = _legs(count)
    for first in range(0, count, 10):
        yield [{"grant": f"G{number}"} for number in range(first, min(count, first + 10))], [_leg(first // 2 + shift, legs) for shift in range(3)]


def guard(count: int) -> Spec:
    """Return what the option requires: all grants, in blocks of ten, and with each block some of its legs."""
    return {
        "all": [{"all": [{"all": grants}, {"any": [legs[0], legs[1], {"lane": "opened"}]}, {"at_least": 2, "of": legs}]} for grants, legs in _blocks(count)]
    }


def spelled_anew(count: int) -> Spec:
    """Return the same as an invariant says it: in other words, nested otherwise, and in another order."""
    parts: list[Spec] = [{"any": [{"all": [one, two]}, {"all": [one, three]}, {"all": [two, three]}]} for _grants, (one, two, three) in _blocks(count)]
    for first in range(7):
        each: list[Spec] = [{"grant": f"G{number}"} for number in range(first, count, 7)]
        parts.append({"at_least": len(each), "of": each})
    return {"all": parts}


def specification(count: int, planted: str = "") -> Spec:
    """Return a programme of so many grants of one issuer; every fourth is used up by an action."""
    requires = guard(count)
    if planted == PLANTED[1]:
        requires["all"][-1]["all"][0]["all"].pop(0)
    stop = {"number": "1", "id": "STOP", "hold": True, "says": "Nothing is done."}
    wait = {"number": "1", "id": "WAIT", "hold": True, "says": "Nothing is tried."}
    attempt = {"number": "2", "id": "TRY", "scope": "work", "says": "It is tried."}
    go = {"number": "2", "id": "GO", "scope": "work", "requires": requires, "says": "It is done."}
    blockers = {
        f"B{number}": {
            "no_preparation": "It is generated.",
            "legs": {"proven": {"by": "operator", "evidence": {"attest": f"fact-{number}"}}}
            if number % 3
            else {"granted": {"by": "owner", "requires": {"honoured": f"P{number}"}}},
        }
        for number in range(_legs(count))
    }
    return {
        "govern": 1,
        "programme": {"id": "LARGE", "version": 1, "title": "Large"},
        "policy": {"adopted_by": "owner"},
        "actors": {"owner": {"kind": "person"}, "operator": {"kind": "person"}, "agent": {"kind": "agent"}},
        "preparation": {"by": "agent"},
        "scopes": {"work": {"says": "Work."}},
        "lifecycles": _lifecycles(consumed_counts=planted == PLANTED[0]),
        "blocker_states": [{"state": "closed", "when": {"legs": "all"}, "closes": True}, {"state": "open"}],
        "lanes": {"main": {"scope": "work", "standing": True}, "opened": {"scope": "work", "opened_by": "owner"}},
        "grants": {name: {"scope": "work", "issuer": "owner"} for name in (*_named("G", count), *_named("P", _legs(count), 3))},
        "blockers": blockers,
        "packets": {"first": _packet(wait, attempt), "ask": _packet(stop, go)},
        "surfaces": {"all": {"title": "all"}},
        "actions": {f"use-{number}": {"touches": ["all"], "needs": {"selected": "TRY"}, "consumes": f"G{number}"} for number in range(0, count, 4)},
        "invariants": {
            "everything": {"never": {"selecting": "GO"}, "unless": spelled_anew(count)},
            "reached": {"reachable": ["GO"]},
            "owner-alone": {"only_by": "owner", "acts": {"decide": ["GO"], "grant": _named("G", count)}},
            "once": {"distinct": {"selecting": "GO"}},
            "always": {"always_possible": {"decide": "STOP"}},
        },
    }


def _packet(*options: Spec) -> Spec:
    return {"lane": "main", "decided_by": "owner", "lineage_gap": "It is generated.", "options": list(options)}


def _lifecycles(*, consumed_counts: bool) -> Spec:
    """Return the lifecycles; planted, one in which what was used up counts as if it were on record."""
    if not consumed_counts:
        return {"use": "standard-1"}
    states = {"absent": {}, "requested": {}, "recorded": {"counts": True, "honoured": True}, "consumed": {"counts": True, "honoured": True}}
    states |= {"completed": {"honoured": True}, "used-unknown": {}, "revoked": {}}
    ways = [
        ("request", ["absent"], "requested", "anyone"),
        ("approve", ["absent", "requested"], "requested", "member"),
        ("record", ["absent", "requested"], "recorded", "authority"),
        ("consume", ["recorded"], "consumed", "anyone"),
        ("complete", ["consumed"], "completed", "anyone"),
        ("lose", ["consumed"], "used-unknown", "anyone"),
        ("resolve", ["used-unknown"], "completed", "member"),
        ("revoke", ["requested", "recorded", "consumed", "completed", "used-unknown"], "revoked", "member"),
    ]
    transitions = [{"trigger": trigger, "from": sources, "to": target, "by": by} for trigger, sources, target, by in ways]
    return {"use": "standard-1", "grant": {"initial": "absent", "states": states, "transitions": transitions}}


class Subject:
    """A policy that is read, with what traces are told under."""

    def __init__(self, source: bytes) -> None:
        retold = without_promises(source)
        self.policy: Policy = load_policy(source)
        self.retold = Retold(load_policy(retold), retold)

    def proofs(self, *, solver: bool, only: str = "") -> list[Proof]:
        """Build the system and prove its promises: what is measured."""
        system, promised = build(self.policy)
        prover = Prover(system, self.retold, solver=solver)
        return [prover.prove(one) for one in promised if only in ("", one.invariant)]

    def asked(self, invariant: str) -> tuple[System, Promised]:
        """Return a promise, and its system."""
        system, promised = build(self.policy)
        return system, next(one for one in promised if one.invariant == invariant)


def generated(count: int, planted: str = "") -> Subject:
    """Return a generated policy."""
    return Subject(json.dumps(specification(count, planted)).encode())


def seconds(work: Callable[[], list[Proof]]) -> tuple[float, list[Proof]]:
    """Return how long a call takes, the median of five where it is short, and its answer."""
    times: list[float] = []
    found: list[Proof] = []
    while not times or (times[0] < SHORT and len(times) < 5):
        start = time.perf_counter()
        found = work()
        times.append(time.perf_counter() - start)
    return median(times), found


def counted(proofs: list[Proof]) -> str:
    """Return what became of promises."""
    told = {finding: sum(proof.finding is finding for proof in proofs) for finding in Finding}
    return ", ".join(f"{number} {finding.value}" for finding, number in told.items() if number)


def against_spacer(subject: Subject, invariant: str) -> str:
    """Ask z3's Spacer about one promise, in a process of its own: its own limit does not always hold."""
    system, promised = subject.asked(invariant)
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    began = time.perf_counter()
    asked = context.Process(target=_ask_spacer, args=(system, sought(promised.promise, system), sender))
    asked.start()
    told = receiver.recv() if receiver.poll(SPACER_LIMIT) else ""
    asked.kill()
    asked.join()
    took = time.perf_counter() - began
    return f"Spacer, on `{invariant}` alone: {told}, {took:.2f} s" if told else f"Spacer, on `{invariant}` alone: no answer in {SPACER_LIMIT:g} s"


def _ask_spacer(system: System, goal: Formula, sender: Connection) -> None:
    sender.send(spacer(system, goal, SPACER_LIMIT))


def main(sizes: list[int]) -> None:
    """Print times beside their aims."""
    solver = solver_there()
    for count in sizes:
        subject = generated(count)
        took, proofs = seconds(lambda subject=subject: subject.proofs(solver=solver))  # type: ignore[misc]
        print(f"prove, {count} grants: {took:.2f} s (aim {AIMS.get(count, 0):g} s); {counted(proofs)}; {against_spacer(subject, 'everything')}", flush=True)
    for planted in PLANTED:
        subject = generated(200, planted)
        took, proofs = seconds(lambda subject=subject: subject.proofs(solver=solver, only="everything"))  # type: ignore[misc]
        records = ", ".join(f"{len(proof.trace.told)} records" for proof in proofs if proof.trace)
        told = f"{counted(proofs)}, shown by {records or 'nothing'}"
        print(f"a breach at 200 grants, {planted}: {took:.2f} s (aim {BREACH_AIM:g} s); {told}; {against_spacer(subject, 'everything')}", flush=True)
    own = Subject(_OWN.read_bytes())
    for engine, with_solver in (("with a solver", True), ("in pure Python", False)):
        if solver or not with_solver:
            took, proofs = seconds(lambda with_solver=with_solver: own.proofs(solver=with_solver))  # type: ignore[misc]
            print(f"prove, this programme, {engine}: {took:.2f} s (aim {OWN_AIM:g} s); {counted(proofs)}", flush=True)


if __name__ == "__main__":
    main([int(each) for each in sys.argv[1:]] or list(AIMS))
