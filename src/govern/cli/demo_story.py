"""The story that `govern demo` plays: blocked, refused, decided, granted one by one, open at last, HOLD, tampered with."""

import difflib
import shlex
from typing import Any

from govern.cli.demo_evidence import NoSandboxError, intake_awaited, make_evidence, rehearse_declared
from govern.cli.demo_stage import Act, Stage, no_story


def play(stage: Stage) -> None:
    """Play the story on the programme in the stage's folder."""
    _enrol_keys(stage)
    _issue_a_packet(stage)
    stage.say("1. Where does the programme stand?")
    stage.run(Act(("status",)))
    options = stage.ask("status")["options"]
    if not options:
        raise no_story("no current packet has an option beside HOLD")
    locked = max(options, key=lambda option: option["missing"])["option"]
    number = next(option["number"] for option in options if option["option"] == locked)
    actor = _decider(stage, locked)
    stage.say(f"2. What keeps option {number} shut, who can clear it, and how?")
    stage.run(Act(("why-blocked", locked)))
    stage.say("3. Deciding it is refused, with every cause; not a byte is written.")
    before = stage.ask("packet", _packet(locked))
    stage.run(Act(("decide", locked, "--as", actor), expected=4, most=5))
    _prove(stage)
    rehearse_declared(stage)
    _decide_an_open_one(stage, options, locked)
    if not _clear_the_way(stage, locked, number):
        stage.say("No rehearsal without a sandbox, no evidence without a rehearsal: the option stays shut.")
        _tamper(stage)
        return
    stage.say(f"6. Now option {number} can be decided. The code binds the decision to what was read.")
    allowed = stage.ask("decide", locked, "--as", actor, "--dry-run")["allows"]
    _decide(stage, locked, actor)
    _compare_packets(stage, before, locked)
    packet = _packet(locked)
    hold = next(each["default"] for each in stage.ask("status")["packets"] if each["packet"] == packet)
    stage.say("8. HOLD is one act away, and ends the authority at once.")
    _decide(stage, f"{packet}/{hold}", actor)
    for action in allowed[:1]:
        stage.run(Act(("why-blocked", action)))
    _tamper(stage)


def _prove(stage: Stage) -> None:
    """What one refusal shows, a proof shows of every history; of a programme that promises nothing there is nothing to prove."""
    if b"\ninvariants:" in (stage.folder / "states.yaml").read_bytes():
        stage.say("That was one attempt. That no history at all breaks what the programme promises is proved.")
        stage.run(Act(("prove",), most=10))


def _packet(address: str) -> str:
    return address.split("/", maxsplit=1)[0]


def _decider(stage: Stage, address: str) -> str:
    packets = stage.ask("status")["packets"]
    return str(next(each["decided_by"][0] for each in packets if each["packet"] == _packet(address)))


def _enrol_keys(stage: Stage) -> None:
    """Every person of the programme gets a throw-away key; the first ones vouch for themselves, right after genesis."""
    keys = stage.ask("key", "list")
    if keys["waiver"]:
        return
    stage.say("0. People sign with their SSH keys; here with throw-away ones. Nothing is recorded before those of who may change the policy.")
    adopters = keys["adopters"]
    for actor in adopters:
        _enrol(stage, ("key", "enroll", stage.make_key(actor), "--as", actor))
    for actor in (each for each in keys["persons"] if each not in adopters):
        file = stage.make_key(actor)
        for adopter in adopters:
            if actor not in {each["actor"] for each in stage.ask("key", "list")["keys"]}:
                _enrol(stage, ("key", "enroll", file, "--for", actor, "--as", adopter))


def _enrol(stage: Stage, arguments: tuple[str, ...]) -> None:
    stage.run(Act((*arguments, "--confirm", _code(stage, arguments)), most=1))


def _issue_a_packet(stage: Stage) -> None:
    """A programme that has just begun has no packet that could be decided."""
    if not stage.ask("status")["packets"]:
        packets = stage.ask("lineage")["packets"]
        if not packets:
            raise no_story("it has no packet")
        first = packets[0]["packet"]
        by = stage.ask("why-blocked", first)["requirements"][0]["by"][-1]
        stage.say("0. A packet is issued; it starts in HOLD.")
        stage.run(Act(("packet", "issue", first, "--as", by)))


def _code(stage: Stage, arguments: tuple[str, ...]) -> str:
    return str(stage.ask(*arguments, "--dry-run")["confirm"])


def _decide(stage: Stage, address: str, actor: str) -> None:
    arguments = ("decide", address, "--as", actor)
    stage.run(Act((*arguments, "--dry-run")))
    stage.run(Act((*arguments, "--confirm", _code(stage, arguments))))


def _decide_an_open_one(stage: Stage, options: list[dict[str, Any]], locked: str) -> None:
    """An option that is open can be decided, and is recorded."""
    found = [each["option"] for each in options if each["missing"] == 0 and _packet(each["option"]) == _packet(locked)]
    if found:
        stage.say("4. An option that is open is read first, then decided and recorded.")
        _decide(stage, found[0], _decider(stage, found[0]))


def _clear_the_way(stage: Stage, locked: str, number: str) -> bool:
    """Clear what is missing, one act after another; the option stays shut until the last. False where no sandbox can be had."""
    stage.say(f"5. The prerequisites of option {number} come in, one at a time. It opens with the last, not before.")
    tried: set[str | None] = {None}
    while True:
        verdict = stage.ask("why-blocked", locked)
        missing = [each for each in verdict["requirements"] if not each["satisfied"]]
        stage.tell(f"option {number}: {len(missing)} of {len(verdict['requirements'])} missing, {'locked' if missing else 'OPEN'}")
        if verdict["allowed"]:
            return True
        how = missing[0]["how"]
        if how in tried:
            raise no_story(f"{missing[0]['id']} is cleared by no act, or by more than one")
        tried.add(how)
        try:
            arguments = _prepared(stage, how)
        except NoSandboxError:
            return False
        stage.run(Act(arguments, most=1))


def _prepared(stage: Stage, how: str) -> tuple[str, ...]:
    """Return the command that clears a requirement, with the evidence it asks for and the code that confirms it."""
    arguments = tuple(shlex.split(how)[1:])
    if "FILE" in arguments:
        if intake := intake_awaited(stage, arguments[2]):
            stage.say("A rehearsal counts only on what was taken in, so that comes first.")
            by = stage.ask("why-blocked", intake)["requirements"][0]["how"]
            stage.run(Act(_prepared(stage, by), most=1))
        file = make_evidence(stage, arguments[2])
        arguments = tuple(file if word == "FILE" else word for word in arguments)
    arguments = tuple("My word, given for the demo." if word == "…" else word for word in arguments)
    if arguments[:2] in (("grant", "record"), ("lane", "open")):
        arguments = (*arguments, "--confirm", _code(stage, arguments))
    return arguments


def _compare_packets(stage: Stage, before: dict[str, Any], locked: str) -> None:
    stage.say("7. The packet before and after: what changed is what the records changed.")
    after = stage.ask("packet", _packet(locked))
    option = locked.split("/")[1]
    old, new = (_lines(page, option) for page in (before, after))
    for line in difflib.unified_diff(old, new, "before", "after", lineterm="", n=0):
        if not line.startswith("@@"):
            stage.tell(line)


def _lines(page: dict[str, Any], option_id: str) -> list[str]:
    shows = page["shows"]
    option = next(each for each in shows["options"] if each["id"] == option_id)
    lines = [f"standing: {shows['state']}{': ' + shows['selected'] if shows['selected'] else ''}", f"blockers: {shows['map']['status']}"]
    if not option["in_lane"]:
        lines.append(f"{option_id}: NOT SELECTABLE BY THIS LANE")
    return [*lines, *(f"{each['says']}: {each['status']} {each['record']}".rstrip() for each in option["requires"])]


def _tamper(stage: Stage) -> None:
    stage.say("9. Somebody edits an old line of the ledger by hand. It is found, by record.")
    stage.run(Act(("verify",), most=1))
    path = stage.folder / "governance" / "ledger" / "000000.jsonl"
    lines = path.read_bytes().split(b"\n")
    honest = path.read_bytes()
    lines[1] = lines[1].replace(b'\\"kind\\":\\"', b'\\"kind\\":\\"x', 1)
    path.write_bytes(b"\n".join(lines))
    stage.run(Act(("verify",), expected=5))
    stage.run(Act(("status",), expected=5))
    path.write_bytes(honest)
    stage.say("The line is put back as it was, and the documents are rendered from the state.")
    stage.run(Act(("verify",), most=1))
    stage.run(Act(("render",)))
