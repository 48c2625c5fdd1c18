"""What agents are kept from, as it may be declared."""

import pytest

from govern.policy.agents import AgentGuard, Agents
from govern.policy.diff.edits import Direction
from govern.policy.diff.rules import rule_for
from govern.policy.load import examine_policy, load_policy
from support.policies import one_option

_ACTIONS = {
    "surfaces": "{db: {title: The database}, far: {title: Far away}}",
    "actions": "{write: {touches: [db], needs: {selected: GO}}, sell: {touches: [db], ungranted: true}}",
}


def declared(*guards: str) -> str:
    return one_option(**_ACTIONS, agents="{guards: [" + ", ".join(guards) + "]}")


def faults(*guards: str) -> list[str]:
    return [f"{each.code} {each.message}" for each in examine_policy(declared(*guards).encode()).problems]


def test_a_command_a_path_and_a_tool_are_guarded_by_an_action_a_surface_or_for_good() -> None:
    policy = load_policy(
        declared(
            "{command: psql, surface: db}", "{command: GIT push, action: write}", "{path: governance/Ledger, never: No.}", '{tool: "mcp__db__*", action: sell}'
        ).encode()
    )
    assert policy.agents is not None
    assert [each.guards for each in policy.agents.guards] == [
        ("command", "psql"),
        ("command", "git push"),
        ("path", "governance/ledger"),
        ("tool", "mcp__db__*"),
    ]


@pytest.mark.parametrize(
    ("guard", "fault"),
    [
        ("{command: psql}", "wanted one of command, path and tool, with one of action, surface and never"),
        ("{action: write}", "wanted one of command, path and tool, with one of action, surface and never"),
        ("{command: psql, tool: x, action: write}", "wanted one of command, path and tool, with one of action, surface and never"),
        ("{command: psql, action: write, never: No.}", "wanted one of command, path and tool, with one of action, surface and never"),
        ('{command: "", action: write}', "wanted a program and the first words behind it"),
        ("{command: /usr/bin/psql, action: write}", "wanted a program and the first words behind it"),
        ("{command: git -f, action: write}", "wanted a program and the first words behind it"),
        ('{command: "git  push", action: write}', "wanted a program and the first words behind it"),
        ('{tool: "*", action: write}', "wanted the name of a tool"),
        ('{tool: "a*b", action: write}', "wanted the name of a tool"),
        ("{path: /etc/passwd, action: write}", "wanted a relative path of plain names"),
        ("{path: ../x, action: write}", "wanted a relative path of plain names"),
        ("{command: psql, action: wirte}", "POLICY_DANGLING unknown action `wirte`"),
        ("{command: psql, surface: bd}", "POLICY_DANGLING unknown surface `bd`"),
        ("{command: psql, surface: far}", "POLICY_AGENT command `psql` asks for surface `far`, which no action touches"),
        ("{command: psql, action: write, colour: red}", "POLICY_UNKNOWN_KEY"),
    ],
)
def test_a_guard_that_names_nothing_or_asks_for_nothing_is_refused(guard: str, fault: str) -> None:
    [told] = faults(guard)
    assert fault in told


def test_a_thing_is_guarded_once() -> None:
    assert faults("{command: psql, action: write}", "{command: PSQL, never: No.}") == ["POLICY_AGENT command `psql` is guarded twice"]
    assert faults("{command: psql, action: write}", "{tool: psql, never: No.}") == []
    assert len(faults()) == 1


def test_a_guard_that_is_gone_or_asks_for_something_else_loosens() -> None:
    rule = rule_for(Agents, "guards")
    assert rule is not None
    psql, other, more = (AgentGuard(command="psql", action="write"), AgentGuard(command="psql", action="sell"), AgentGuard(tool="x", never="No."))
    for before, after, direction in (
        ((psql,), (psql, more), Direction.TIGHTENING),
        ((psql, more), (psql,), Direction.LOOSENING),
        ((psql,), (other,), Direction.BOTH),
        ((psql, more), (more, psql), Direction.NEITHER),
    ):
        assert rule.judge(before, after)[0] is direction
    assert rule.judge((psql,), (psql, more))[1] == "tool x joins"
