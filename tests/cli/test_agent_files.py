"""`init --agents` has the common agents ask the hook, and `doctor` finds out whether it blocks."""

import json
import os
from pathlib import Path

import pytest

from govern.cli.agent_files import AGENTS
from govern.problems import Exit
from support.agents import GOVERN
from support.cli import Programme, run_words

FILES = [each.file for each in AGENTS]


@pytest.fixture(autouse=True)
def on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{GOVERN.parent}{os.pathsep}{os.environ['PATH']}")


def hook_lines(programme: Programme) -> list[str]:
    return [line for line in programme.run("doctor").out.splitlines() if " hook of " in line]


def test_what_is_missing_is_written_once_and_told(website: Programme) -> None:
    ran = website.does("init", "--agents")
    assert ran.out.splitlines()[1:-1] == [f"  wrote {name}" for name in (*FILES, "AGENTS.md")]
    before = website.tree()
    again = website.does("init", "--agents")
    assert again.out.startswith("coding agents ask the hook already\n")
    assert website.tree() == before
    assert website.asks("init", "--agents")["written"] == []


def test_a_new_programme_is_set_up_with_the_agents_in_one_go(tmp_path: Path) -> None:
    ran = run_words("init", str(tmp_path / "new"), "--agents")
    assert ran.status == Exit.YES
    assert "  wrote .claude/settings.json" in ran.out.splitlines()
    assert (tmp_path / "new" / "AGENTS.md").exists()


def test_what_is_there_stays_as_it_is(website: Programme) -> None:
    folder = website.root / ".claude"
    folder.mkdir()
    mine = {
        "permissions": {"deny": ["WebFetch"]},
        "hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "./mine"}]}], "Stop": []},
    }
    (folder / "settings.json").write_text(json.dumps(mine), encoding="utf-8")
    (website.root / "AGENTS.md").write_text("# Ours\n\nBe kind.", encoding="utf-8")
    website.does("init", "--agents")
    merged = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    assert merged["permissions"] == mine["permissions"]
    assert [each["matcher"] for each in merged["hooks"]["PreToolUse"]] == ["Bash", "*"]
    assert merged["hooks"]["Stop"] == []
    told = (website.root / "AGENTS.md").read_text(encoding="utf-8")
    assert told.startswith("# Ours\n\nBe kind.\n\n<!-- govern: begin -->\n")
    (website.root / "AGENTS.md").write_text(told.replace("Only status 0 is a yes", "Do as you like") + "\nThe end.\n", encoding="utf-8")
    assert website.asks("init", "--agents")["written"] == ["AGENTS.md"]
    assert (website.root / "AGENTS.md").read_text(encoding="utf-8") == f"{told}\nThe end.\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (".claude/settings.json", b"// mine\n{}"),
        (".claude/settings.json", b'{"hooks": {}, "hooks": {}}'),
        (".claude/settings.json", b'{"hooks": []}'),
        (".claude/settings.json", b'{"hooks": {"PreToolUse": {}}}'),
        (".gemini/settings.json", b"[]"),
        (".codex/hooks.json", b"\xff"),
        (".cursor/hooks.json", b'{"version": 2, "hooks": {}}'),
        ("AGENTS.md", b"<!-- govern: begin -->\n"),
        ("AGENTS.md", b"<!-- govern: end -->\n<!-- govern: begin -->\n"),
    ],
)
def test_what_is_not_understood_is_not_written_over_and_nothing_else_is_written(name: str, content: bytes, website: Programme, tmp_path: Path) -> None:
    path = website.root / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    ran = website.refuses("init", "--agents")
    assert ran.codes == ["AGENT_FILE"]
    assert name in ran.err
    new = tmp_path / "new"
    (new / name).parent.mkdir(parents=True)
    (new / name).write_bytes(content)
    assert Programme(new).refuses("init", "--agents").codes == ["AGENT_FILE"]


def test_a_link_is_not_followed(website: Programme, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (website.root / ".claude").symlink_to(tmp_path / "elsewhere")
    assert website.run("init", "--agents").status in (Exit.REFUSED, Exit.BROKEN)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_doctor_fires_a_probe_through_each_hook_and_says_that_it_blocks(website: Programme) -> None:
    assert "no coding agent is set up here; `govern init --agents` does it" in website.run("doctor").out
    website.does("init", "--agents")
    before = website.tree()
    lines = hook_lines(website)
    assert website.tree() == before
    assert [line.split("hook of ")[1].split("  ")[0] for line in lines] == [each.name for each in AGENTS]
    assert all("it blocks: command `nsupdate` and what is no call stopped, `true` let through" in line for line in lines)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("true # govern hook", "DOES NOT BLOCK: command `nsupdate` went ahead (status 0)"),
        ("govern hook || true", "DOES NOT BLOCK: command `nsupdate` went ahead (status 0)"),
        ("govern hook || exit 1", "DOES NOT BLOCK: command `nsupdate` went ahead (status 1)"),
        ("nowhere/govern hook", "DOES NOT BLOCK: command `nsupdate` went ahead (status 127)"),
        ("grep -q nsupdate && exit 2; echo '{}' # govern hook", "DOES NOT BLOCK: what is no call went ahead (status 0)"),
        ("exit 2 # govern hook", "it stops what is harmless, too (status 2): `true`"),
        ("echo '{}'; govern hook || exit 2", "it stops command `nsupdate`, and prints on stdout, where agents read a yes"),
    ],
)
def test_doctor_says_loudly_what_a_hook_does_not_stop(command: str, told: str, website: Programme) -> None:
    (website.root / ".cursor").mkdir()
    (website.root / ".cursor" / "hooks.json").write_text(json.dumps({"version": 1, "hooks": {"preToolUse": [{"command": command}]}}), encoding="utf-8")
    ran = website.run("doctor")
    [line] = [each for each in ran.out.splitlines() if "hook of Cursor" in each]
    assert ran.status == Exit.NO
    assert line.startswith("  NO")
    assert told in line


def test_doctor_says_where_the_policy_keeps_agents_from_nothing_or_all_is_open(executing: Programme, website: Programme) -> None:
    (executing.root / ".cursor").mkdir()
    (executing.root / ".cursor" / "hooks.json").write_text(
        json.dumps({"version": 1, "hooks": {"preToolUse": [{"command": "govern hook || exit 2"}]}}), encoding="utf-8"
    )
    [line] = hook_lines(executing)
    assert "it blocks: command `git push`" in line
    website.does("init", "--agents")
    (website.root / ".claude" / "settings.json").write_text("{", encoding="utf-8")
    broken, *others = hook_lines(website)
    assert broken.startswith("  NO  hook of Claude Code")
    assert ".claude/settings.json: it is not plain JSON with each key once" in broken
    assert len(others) == len(AGENTS) - 1
    assert all("it blocks" in line for line in others)
