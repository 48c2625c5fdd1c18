"""A small policy that is right, ways to change it, and the check that exactly the marked places are reported."""

from pathlib import Path

from govern.policy.load import Examined, examine_policy, load_policy
from govern.policy.model import Policy

ROOT = Path(__file__).parents[2]
FIX7 = (ROOT / "states.yaml").read_bytes()
HOSPITAL = (ROOT / "tests" / "programmes" / "hospital.yaml").read_bytes()
MARK = "§"

SMALL = """\
govern: 1
programme: {id: SMALL, version: 1, title: A small programme}
policy: {adopted_by: owner}
actors:
  owner: {kind: person}
  second: {kind: person}
  maker: {kind: agent, may_receive_from: owner}
roles:
  board: {members: [owner, second]}
preparation: {by: maker}
scopes:
  work: {says: Work that can be undone.}
  live: {says: The live system., protected: true}
lifecycles: {use: standard-1}
blocker_states:
  - {state: closed, when: {legs: all}, closes: true}
  - {state: begun, when: {legs: any, by: maker}}
  - {state: open}
lanes:
  bench: {scope: work, standing: true}
  gate: {scope: live, opened_by: owner}
grants:
  TRIAL: {scope: work, issuer: owner}
  LEAVE: {scope: live, issuer: board}
blockers:
  READY:
    legs:
      tried: {by: maker, evidence: {rehearsal: copy}}
      agreed: {by: owner, requires: {honoured: LEAVE}}
packets:
  first:
    lane: bench
    decided_by: owner
    lineage_gap: It is the first.
    options:
      - {number: "1", id: STAY, hold: true, says: Nothing is done.}
      - {number: "2", id: TRY, scope: work, requires: {grant: TRIAL}, says: It is tried.}
  second:
    lane: gate
    decided_by: board
    consumes: first/TRY
    continues: READY-TO-GO
    options:
      - {number: "1", id: STAY, hold: true, says: Nothing is done.}
      - {number: "2", id: CHANGE, scope: live, requires: {blocker: READY, is: closed}, says: It is changed.}
surfaces:
  machine: {title: The machine}
actions:
  change: {touches: [machine], needs: {selected: CHANGE}, consumes: LEAVE}
  erase: {touches: [machine], ungranted: true}
claims:
  DONE: {needs: {done: change}}
findings:
  sound: {result: unknown, why: Nobody looked., by: maker, carried_by: READY, does_not_affect: [work]}
statuses:
  - {id: READY-TO-GO, when: {leg: READY/tried}}
  - {id: PREPARING}
registry: {prefix: SM, folded_by: owner}
documents:
  page: {shows: packet, template: page.md.j2, packet: second, path: governance/packets/page.md}
  state: {shows: current-state, template: state.md.j2, path: governance/reports/state.md, json: governance/reports/state.json}
invariants:
  guarded: {never: {selecting: CHANGE}, unless: {lane: gate}}
  free: {always_possible: {decide: first/STAY}}
"""


def changed(*changes: tuple[str, str], text: str = SMALL) -> str:
    """Return a policy with parts replaced, each of which must stand in it exactly once."""
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    return text


def reported(text: str | bytes) -> list[str]:
    """Return every problem of a text as LINE:COLUMN CODE MESSAGE; HINT."""
    source = text.encode() if isinstance(text, str) else text
    return [str(problem).replace("p.yaml:", "", 1).replace(": ", f" {problem.code} ", 1) for problem in examine_policy(source, "p.yaml").problems]


def assert_faults(marked: str, *faults: str) -> None:
    """Assert that a policy has these faults (CODE MESSAGE; HINT) and no other, each at the mark of the same number."""
    text, places = _unmarked(marked)
    assert reported(text) == [f"{place} {fault}" for place, fault in zip(places, faults, strict=True)]
    assert not examined_text(text).passed


def assert_warning(marked: str, warning: str) -> None:
    """Assert that a policy passes with one warning, at the mark."""
    text, [place] = _unmarked(marked)
    assert reported(text) == [f"{place} {warning}"]
    assert examined_text(text).passed


def assert_right(text: str) -> Policy:
    """Assert that a policy has no fault and no warning; return it."""
    assert reported(text) == []
    return load_policy(text.encode())


def examined_text(text: str) -> Examined:
    """Return what the examination of a text found."""
    return examine_policy(text.encode(), "p.yaml")


def _unmarked(marked: str) -> tuple[str, list[str]]:
    parts = marked.split(MARK)
    before = ["".join(parts[: number + 1]) for number in range(len(parts) - 1)]
    return "".join(parts), [f"{text.count(chr(10)) + 1}:{len(text) - text.rfind(chr(10))}" for text in before]
