"""Small policies, each made for a rule: a frame that is always the same, and the sections that the rule needs."""

_FRAME = {
    "govern": "1",
    "programme": "{id: SMALL, version: 1, title: A small programme}",
    "policy": "{adopted_by: owner}",
    "actors": """
  owner: {kind: person}
  ann: {kind: person}
  bob: {kind: person}
  cyn: {kind: person}
  eve: {kind: person}
  agent: {kind: agent, may_receive_from: owner}
  robot: {kind: service}""",
    "roles": "{board: {members: [ann, bob, cyn]}, ward: {members: [cyn, eve]}}",
    "scopes": """
  work: {says: Work that can be undone.}
  other: {says: Other work.}
  live: {says: The live system., protected: true}""",
    "lifecycles": "{use: standard-1}",
    "blocker_states": """
  - {state: closed, when: {legs: all}, closes: true}
  - {state: partial, when: {legs: any}}
  - {state: open}""",
    "lanes": "{main: {scope: work, standing: true}, gate: {scope: live, opened_by: owner}}",
}


def programme(**sections: str) -> str:
    """Return the text of a policy: the frame, with the sections that are given added or put in place of its own."""
    return "".join(f"{name}: {text}\n" for name, text in {**_FRAME, **sections}.items())


def one_option(requires: str = "", *, scope: str = "work", packet: str = "", option: str = "", **sections: str) -> str:
    """Return the text of a policy with one packet `ask` of HOLD and one option `GO`."""
    guard = f", requires: {requires}" if requires else ""
    lane = ", lane: gate" if scope == "live" else ""
    return programme(
        **sections,
        packets=f"""
  ask:
    lane: main
    decided_by: owner
    lineage_gap: It starts the story.{packet}
    options:
      - {{number: "1", id: STOP, hold: true, says: Nothing is done.}}
      - {{number: "2", id: GO, scope: {scope}{lane}, says: It is done.{guard}{option}}}""",
    )


def line_of(text: str, part: str) -> int:
    """Return the number of the one line of a policy that holds a part."""
    [number] = [number for number, line in enumerate(text.splitlines(), 1) if part in line]
    return number
