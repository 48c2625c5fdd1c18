"""The board as text: for a person what waits, the longest first; for an auditor a line a programme, and what is to be looked at below it."""

from collections.abc import Iterator, Sequence

from govern.cli.across import Answered, not_judged, problem_lines, spell_not_judged
from govern.cli.board_shapes import Choice, ForPerson, Row, Waiting
from govern.cli.leverage import Unlocks, spell_age
from govern.cli.output import counted, table
from govern.cli.programmes import Programme
from govern.documents.escape import escape_terminal
from govern.ledger.moments import parse_stored
from govern.problems import Exit

_DIGEST = 12
_LATE = "9999"


def person_text(answers: Sequence[Answered[ForPerson]], who: str, now: int) -> str:
    """Return what waits for a person, by programme, the longest first; then what could not be judged."""
    mine = [(each.programme, each.answer) for each in answers if each.answer and each.answer["waits"]]
    mine.sort(key=lambda each: min(waiting["since"] or _LATE for waiting in each[1]["waits"]))
    count = sum(len(row["waits"]) for _programme, row in mine)
    waits = f"{counted(count, 'thing')} {'waits' if count == 1 else 'wait'} for {who}" if count else f"nothing waits for {who}"
    where = f"{len(mine)} of {counted(len(answers), 'programme')}" if count else counted(len(answers), "programme")
    return "\n\n".join(
        [f"{waits} in {where}{spell_not_judged(answers)}", *("\n".join(_waiting_block(row, programme, now)) for programme, row in mine), *not_judged(answers)]
    )


def _waiting_block(row: ForPerson, programme: Programme, now: int) -> Iterator[str]:
    actor = str(row["actor"])
    reasons = [next((against["why"] for against in each["not_today"] if against["actor"] == actor), "") for each in row["waits"]]
    shared = reasons[0] if len(set(reasons)) == 1 else ""
    yield escape_terminal(f"{row['title']} ({programme.place}), as {actor}")
    if shared:
        yield escape_terminal(f"  not today: {shared}")
    for each, reason in zip(row["waits"], reasons, strict=True):
        yield escape_terminal(f"  {each['what']}{_standing(each, now)}")
        if each["options"]:
            yield table([_choice(option) for option in each["options"]], "      ")
        yield escape_terminal(f"      {_command(each['command'], programme.govern, actor)}")
        if reason and not shared:
            yield escape_terminal(f"      not today: {reason}")


def _standing(waiting: Waiting, now: int) -> str:
    """Return what something opens, since when it waits, and whose words it has."""
    opens, since = _opens(waiting["unlocks"]), waiting["since"]
    told = f"; opens {opens}" if opens else ""
    told += f", since {since} ({spell_age(max(0, now - parse_stored(since)))})" if since else ""
    return told + (f"; has the word of {', '.join(waiting['given'])}" if waiting["given"] else "")


def _choice(option: Choice) -> tuple[str, str, str, str]:
    unlocks = _opens(option["unlocks"])
    standing = "open" if option["missing"] == 0 else f"locked, {option['missing']} missing"
    return option["number"], option["option"].partition("/")[2], standing, f"unlocks {unlocks}" if unlocks else ""


def _opens(unlocks: Unlocks | None) -> str:
    if unlocks is None:
        return ""
    found = (("option", unlocks["options"]), ("lane", unlocks["lanes"]), ("action", unlocks["actions"]), ("leg", unlocks["legs"]))
    return ", ".join(counted(len(names), kind) for kind, names in found if names)


def _command(command: str, begins: str, actor: str) -> str:
    """Return a command as it is given from here, by this actor."""
    _govern, _, rest = command.partition(" ")
    what, as_, _other = rest.rpartition(" --as ")
    return f"{begins} {f'{what} --as {actor}' if as_ else rest}"


def audit_text(answers: Sequence[Answered[Row]]) -> str:
    """Return a line for each programme, with what is to be looked at below it."""
    rows = [each.answer for each in answers if each.answer]
    parts = [counted(len(answers), "programme")]
    parts += [f"{count} {word}" for count, word in _tally(answers, rows) if count]
    lines = table([_audit_row(each) for each in answers], "  ").split("\n")
    told = [line for each, line in zip(answers, lines, strict=True) for line in (line, *(escape_terminal(f"      {more}") for more in _below(each)))]
    return "\n".join([", ".join(parts), *told])


def _tally(answers: Sequence[Answered[Row]], rows: Sequence[Row]) -> Iterator[tuple[int, str]]:
    yield sum(each.status is Exit.BROKEN for each in answers), "broken"
    yield sum(each.status is Exit.UNJUDGED for each in answers), "that could not be judged"
    yield sum(bool(row["policy"]["dirty"]) for row in rows), "with files that are not adopted"
    yield sum(not row["pinned"] for row in rows), "not pinned here"
    yield sum(bool(row["overrides"]) for row in rows), "that let something pass"
    yield sum(row["checkpoint"] is None for row in rows), "without a checkpoint"


def _audit_row(answered: Answered[Row]) -> tuple[str, ...]:
    name = answered.programme.name
    if answered.answer is None:
        # Where it is stands below, with what is wrong.
        return name, "BROKEN" if answered.status is Exit.BROKEN else "UNJUDGED", answered.problems[0].code, ""
    row = answered.answer
    anchor = row["checkpoint"]
    kept = "no checkpoint" if anchor is None else f"checkpoint of {anchor['size']}, {anchor['behind']} behind" if anchor["behind"] else "checkpoint is the head"
    policy = f"policy {row['policy']['version']} {row['policy']['sha256'][:_DIGEST]}"
    head = (counted(row["head"]["size"], "record"), f"root {row['head']['root']}", f"last {row['head']['at']}")
    return name, "verified", *head, policy, kept, "" if answered.programme.has_files else answered.programme.place


def _below(answered: Answered[Row]) -> Iterator[str]:
    """Yield what is to be looked at: problems, files that are not adopted, what is let pass, and what is not in order."""
    if answered.answer is None:
        yield answered.programme.place
        yield from problem_lines(answered)
        return
    row = answered.answer
    if row["policy"]["dirty"]:
        yield f"not adopted, without effect: {', '.join(row['policy']['dirty'])}"
    if not row["pinned"]:
        yield f"not pinned on this machine: no owner's word counts here; {answered.programme.govern} ledger pin"
    for each in row["overrides"]:
        record = f" (record #{each['record']})" if each["record"] is not None else ""
        yield f"{each['kind']}: {each['what']}{record}: {each['why']}"
    yield from (f"{each['code']}: {each['message']}" for each in row["warnings"])
