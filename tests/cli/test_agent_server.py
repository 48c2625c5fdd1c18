"""`mcp`: an agent asks over the Model Context Protocol, by the SDK's own client; nothing there decides, signs or grants."""

import asyncio
import importlib.util
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.types import TextContent, TextResourceContents

from govern.cli import agent_server
from govern.problems import Exit
from support.agents import GOVERN
from support.cli import Programme

READS = {"status", "why_blocked", "show", "gate"}
WRITES = {"prepare_packet", "reserve_ticket"}
OPTION = "AUTHORIZE_OPERATOR_REAL_DATA_CLONE_HANDOFF"


def serve(programme: Programme, talk: Callable[[Client], Awaitable[None]], actor: str = "engineering") -> None:
    """Start the server as an agent does, and talk to it."""

    async def connected() -> None:
        server = StdioServerParameters(command=str(GOVERN), args=["-C", str(programme.root), "mcp", "--as", actor], env=dict(os.environ))
        async with Client(server) as client:
            await talk(client)

    asyncio.run(asyncio.wait_for(connected(), 60))


async def called(client: Client, name: str, **given: Any) -> dict[str, Any]:
    """Return the structured answer of a tool, which is also told as text; only a yes and a no are none of an error."""
    done = await client.call_tool(name, given)
    assert isinstance(done.structured_content, dict)
    [text] = done.content
    assert isinstance(text, TextContent)
    assert json.loads(text.text) == done.structured_content
    assert done.is_error == (done.structured_content["exit"] not in (Exit.YES, Exit.NO)), done
    return done.structured_content


async def read(client: Client, uri: str) -> str:
    """Return the text of a resource."""
    [content] = (await client.read_resource(uri)).contents
    assert isinstance(content, TextResourceContents)
    return content.text


def test_an_agent_asks_and_is_answered_as_on_the_command_line(fix7: Programme) -> None:
    async def talk(client: Client) -> None:
        tools = {each.name: each for each in (await client.list_tools()).tools}
        assert set(tools) == READS | WRITES
        for name, each in tools.items():
            assert each.annotations is not None
            hints = each.annotations
            assert (hints.read_only_hint, hints.destructive_hint, hints.open_world_hint) == (name in READS, False, False), name
            assert hints.idempotent_hint is (name in READS)
            assert each.output_schema is not None
            assert set(each.output_schema["required"]) == {"schema", "as_of", "head", "exit", "result", "diagnostics"}
        # How long a HOLD has lasted is another thing at another time.
        assert (await called(client, "status"))["result"]["blockers"] == fix7.asks("status")["blockers"]
        assert (await called(client, "why_blocked", id="5"))["result"]["requirements"] == fix7.asks("why-blocked", "5")["requirements"]
        assert (await called(client, "show", id="QT001"))["result"] == fix7.asks("show", "QT001")
        gate = await called(client, "gate", actions=["real-run", "CI"])
        assert (gate["exit"], [each["action"] for each in gate["result"]["answers"]]) == (1, ["real-run", "ci-trigger"])
        assert (await called(client, "gate", actions=["real-run"], lane="final-pre-real-data"))["exit"] == 1
        assert (await called(client, "gate", actions=["real-rum"]))["exit"] == 3
        # Each call is answered from the ledger as it is then.
        before = gate["head"]["size"]
        fix7.does("note", "more", "--as", "owner")
        assert (await called(client, "status"))["head"]["size"] == before + 1
        packets = json.loads(await read(client, "govern://packets"))
        assert await read(client, packets["final-real-data"]) == fix7.does("packet", "show", "final-real-data").out
        documents = json.loads(await read(client, "govern://documents"))
        name = next(iter(documents))
        assert await read(client, documents[name]) in {path.read_text(encoding="utf-8") for path in fix7.root.rglob("*.md")}
        for uri in (
            "govern://packets/nothing",
            "govern://documents/nothing",
            "govern://documents/..%2Fstates.yaml",
            "govern://packets/--help",
            "govern://else",
        ):
            with pytest.raises(MCPError):
                await client.read_resource(uri)

    serve(fix7, talk)


def test_an_agent_prepares_and_reserves_in_its_own_name_and_no_tool_leads_to_a_decision(fix7: Programme) -> None:
    async def talk(client: Client) -> None:
        before = fix7.records()
        made = await called(client, "reserve_ticket", purpose="--as owner", count=2)
        assert made["exit"] == 0, made
        assert (made["result"]["reservation"]["by"], made["result"]["reservation"]["for"], len(made["result"]["ids"])) == ("engineering", "--as owner", 2)
        prepared = await called(client, "prepare_packet", packet="final-real-data")
        assert (prepared["exit"], prepared["result"]["refused"]) == (4, "prepare of packet final-real-data")
        added = [each for each in fix7.asks("log")["records"] if each["seq"] >= before]
        assert [(each["kind"], each["actor"]) for each in added] == [("reserve", "engineering")]
        await attack(client)

    async def attack(client: Client) -> None:
        size, selected = fix7.records(), fix7.asks("show", "2")["standing"]
        words = [
            OPTION,
            "2",
            "--",
            "--as=owner",
            "decide",
            f"decide {OPTION} --as owner",
            "--confirm",
            "-C",
            "2 --as owner",
            "--help\n",
            "--json",
            "\x00",
            "\u202e2",
        ]
        for tool in (await client.list_tools()).tools:
            for key, kind in tool.input_schema["properties"].items():
                if kind.get("type") == "integer":
                    continue
                for word in words:
                    needed: dict[str, Any] = {"packet": "nothing", "purpose": "x", "actions": ["real-run"], "id": "5"}
                    given = {name: needed[name] for name in tool.input_schema.get("required", [])} | {
                        key: [word, word] if kind.get("type") == "array" else word
                    }
                    if tool.name == "reserve_ticket":
                        given |= {"count": 1000}
                    await client.call_tool(tool.name, given)
        await client.call_tool("status", {"actor": "owner", "command": "decide"})
        for name in ("decide", "grant", "sign", "run", "policy_adopt"):
            assert (await client.call_tool(name, {"option": "2"})).is_error
        assert (fix7.records(), fix7.asks("show", "2")["standing"]) == (size, selected)

    serve(fix7, talk)


def test_what_an_agent_prepares_is_recorded_as_its_own(hospital: Programme) -> None:
    async def talk() -> None:
        async with Client(agent_server.server(hospital.root, "vendor-agent")) as client:
            made = await called(client, "prepare_packet", packet="copying")
            assert (made["exit"], made["result"]["packet"]) == (0, "copying"), made

    asyncio.run(talk())
    [*_others, last] = hospital.asks("log")["records"]
    assert (last["kind"], last["actor"]) == ("prepare", "vendor-agent")


def test_the_server_acts_for_a_declared_agent_alone(fix7: Programme) -> None:
    for actor, why in (("owner", "`owner` is a person"), ("nobody", "no actor is called `nobody`")):
        ran = fix7.refuses("mcp", "--as", actor)
        assert ran.codes == ["UNAUTHORISED"]
        assert f"{why}; the server acts for an agent alone" in ran.err
    assert fix7.refuses("mcp", status=Exit.USAGE).codes == ["NO_ACTOR"]


def test_a_write_is_refused_once_the_agent_is_none_any_more(fix7: Programme) -> None:
    refused = agent_server.Desk(fix7.root, "operator").writes("packet", "prepare", behind=("final-real-data",))
    assert refused.is_error
    assert refused.structured_content["exit"] == Exit.REFUSED
    [problem] = refused.structured_content["diagnostics"]
    assert (problem["code"], problem["message"]) == ("UNAUTHORISED", "`operator` is a person; the server acts for an agent alone")


def test_of_a_broken_ledger_every_tool_and_every_resource_says_what_is_broken(fix7: Programme) -> None:
    content = fix7.ledger.read_bytes()
    given: dict[str, dict[str, Any]] = {
        "status": {},
        "show": {"id": "5"},
        "why_blocked": {"id": "5"},
        "gate": {"actions": ["real-run"]},
        "prepare_packet": {"packet": "final-real-data"},
        "reserve_ticket": {"purpose": "x"},
    }

    async def talk() -> None:
        async with Client(agent_server.server(fix7.root, "engineering")) as client:
            fix7.ledger.write_bytes(content[:2000] + b"x" + content[2001:])
            assert set(given) == READS | WRITES
            for name, words in given.items():
                answer = await called(client, name, **words)
                assert answer["exit"] == Exit.BROKEN, name
                assert [each["message"] for each in answer["diagnostics"]] == ["ledger record 1: it was changed after it was recorded"], name
            for uri in ("packets", "packets/final-real-data", "documents", "documents/current-state"):
                with pytest.raises(MCPError, match="ledger record 1: it was changed after it was recorded"):
                    await client.read_resource(f"govern://{uri}")

    asyncio.run(talk())


def test_without_the_extra_it_is_said_how_to_install_it(fix7: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_server, "find_spec", lambda name: None if name == "mcp" else importlib.util.find_spec(name))
    ran = fix7.refuses("mcp", "--as", "engineering", status=Exit.UNJUDGED)
    assert ran.codes == ["NEEDS_EXTRA"]
    assert "`pip install 'govern[mcp]'`" in ran.err


def test_a_tool_and_a_resource_are_the_same_in_this_process(fix7: Programme) -> None:
    made = agent_server.server(Path(fix7.root), "engineering")

    async def talk() -> None:
        async with Client(made) as client:
            assert (await called(client, "status"))["exit"] == 0
            assert json.loads(await read(client, "govern://documents"))
            with pytest.raises(MCPError, match="no document is called nothing"):
                await client.read_resource("govern://documents/nothing")
            (fix7.root / "governance" / "reports" / "current-state.md").unlink()
            with pytest.raises(MCPError, match="govern render writes it"):
                await client.read_resource("govern://documents/current-state")

    asyncio.run(talk())
