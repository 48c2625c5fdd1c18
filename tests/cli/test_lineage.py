"""`govern lineage`: the chain as a tree and as a picture; what is on record and not as declared is told, with exit 1."""

import json
from pathlib import Path

import pytest

from support.cli import Programme, start

POLICY = """\
govern: 1
programme: {id: CHAIN, version: 1, title: A chain}
policy: {adopted_by: owner}
actors: {owner: {kind: person}, maker: {kind: agent}}
scopes: {work: {says: Work.}}
lifecycles: {use: standard-1}
blocker_states: [{state: closed, when: {legs: all}, closes: true}, {state: open}]
lanes: {main: {scope: work, standing: true}}
packets:
  first:
    lane: main
    decided_by: owner
    lineage_gap: It "starts" the story.
    options:
      - {number: "1", id: STOP, hold: true, says: Nothing is done.}
      - {number: "2", id: GO, scope: work, says: It is done.}
      - {number: "3", id: TRY, scope: work, says: It is tried.}
  end:
    lane: main
    decided_by: owner
    consumes: first/GO
    continues: BEGUN
    options: [{number: "1", id: STOP, hold: true, says: Nothing is done.}, {number: "2", id: MORE, scope: work, says: More.}]
  tried: {lane: main, decided_by: owner, consumes: first/TRY, continues: READY, options: [{number: "1", id: STOP, hold: true, says: Nothing is done.}]}
  last: {lane: main, decided_by: owner, consumes: end/MORE, continues: READY, options: [{number: "1", id: STOP, hold: true, says: Nothing is done.}]}
statuses: [{id: BEGUN, when: {selected: first/GO}}, {id: READY}]
"""


@pytest.fixture
def chain(tmp_path: Path) -> Programme:
    """A programme of four packets, the first decided and the second issued."""
    programme = start(tmp_path / "chain", POLICY)
    programme.does("packet", "issue", "first", "--as", "maker")
    programme.confirms("decide", "first/GO", "--as", "owner")
    programme.does("packet", "issue", "end", "--as", "maker")
    return programme


def test_that_a_document_reports_the_issue_of_a_packet_is_not_said_of_its_decision(fix7: Programme) -> None:
    fix7.confirms("decide", "2", "--as", "owner")
    assert "final-real-data (issued, imported, decided AUTHORIZE_OPERATOR_REAL_DATA_CLONE_HANDOFF #25)\n" in fix7.does("lineage").out


def test_the_chain_is_drawn_as_a_tree_in_which_no_branch_is_left_out(chain: Programme) -> None:
    assert chain.does("lineage").out.splitlines() == [
        "first (consumed, decided GO #2)",
        '  gap: It "starts" the story.',
        "├── end (issued)",
        "│     consumes option 2 of first: GO",
        "│     continues BEGUN",
        "│   └── last (draft)",
        "│         consumes option 2 of end: MORE",
        "│         continues READY",
        "└── tried (draft)",
        "      consumes option 3 of first: TRY",
        "      continues READY",
        "checked: 4 packets, no circle, nothing consumed twice, 1 declared gap",
    ]


def test_the_picture_quotes_what_the_language_of_pictures_would_read(chain: Programme) -> None:
    lines = chain.does("lineage", "--format", "mermaid").out.splitlines()

    assert lines[0] == "flowchart TD"
    assert '  p1["end<br/>issued"]:::current' in lines
    assert '  g0["It #34;starts#34; the story."]:::gap' in lines
    assert '  p0 -->|"option 2: GO"| p1' in lines
    assert '  s3 -.->|"continues"| p3' in lines
    assert json.loads(chain.does("lineage", "--format", "mermaid", "--json").out)["result"]["mermaid"] == "\n".join(lines)


def test_a_status_that_the_programme_did_not_stand_at_is_a_fault_with_its_place(chain: Programme) -> None:
    chain.confirms("decide", "end/MORE", "--as", "owner")
    chain.replace("states.yaml", "version: 1", "version: 2")
    chain.replace("states.yaml", "continues: BEGUN", "continues: READY")
    chain.confirms("policy", "adopt", "--reason", "a slip", "--accept-weakening", "--as", "owner")

    ran = chain.run("lineage")

    assert ran.status == 1
    line = next(number for number, text in enumerate(chain.policy.read_text().splitlines(), 1) if "continues: READY" in text)
    message = "packet `end` continues `READY`, and the programme stood at `BEGUN` when record #3 issued it"
    assert f"states.yaml:{line}:5: error LINEAGE: {message}" in ran.err
    assert ran.out.splitlines()[-1] == "checked: 4 packets, 1 declared gap, 1 fault: what is on record is not what is declared"
    answer = json.loads(chain.run("lineage", "--json").out)
    assert answer["exit"] == 1
    assert answer["result"]["faults"] == [{"message": message, "file": "states.yaml", "line": line}]


def test_a_packet_that_is_only_supposed_to_be_issued_is_checked_against_no_moment(chain: Programme) -> None:
    ran = chain.does("what-if", "decide end/MORE --as owner", "packet issue last --as maker", "--", "lineage")

    assert "│   └── last (issued)" in ran.out
    assert "no circle" in ran.out
