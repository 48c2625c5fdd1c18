"""`policy diff`: what one version of a policy permits that another does not, and the other way round."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from govern.canonical import digest
from govern.cli.files import read_named
from govern.cli.session import Session, session_of
from govern.policy.diff.edits import Direction, Edit, Effect, Witness, joined
from govern.policy.diff.policies import compare
from govern.policy.load import load_policy
from govern.policy.model import Policy
from govern.problems import Exit, Place, Problem, fault

ADOPTED, WORKING = "adopted", "working"
_SAMPLE = 8
_SHOWN = 3
_GROUPS = {
    Direction.LOOSENING: "loosens",
    Direction.BOTH: "loosens and tightens",
    Direction.TIGHTENING: "tightens",
    Direction.NEITHER: "neither",
}

_WHICH = "A file, `adopted`, `working`, or the first digits of the digest of a version under governance/policy."


def diff(
    context: typer.Context,
    first: Annotated[str | None, typer.Argument(metavar="[OLD]", help=f"The version before: {_WHICH} With one argument, this is NEW.")] = None,
    second: Annotated[str | None, typer.Argument(metavar="[NEW]", help="The version after.")] = None,
    histories: Annotated[bool, typer.Option("--histories", help="Show, for each difference, records that lead to it.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit 1 where anything is loosened.")] = False,
) -> None:
    """Say what a version loosens and tightens, by meaning.

    The adopted and the working one are compared if none is named.
    """
    session = session_of(context)
    old_name, new_name = (first, second) if first and second else (ADOPTED, first or WORKING)
    old, new = _version(session, old_name), _version(session, new_name)
    edits = compare(old[1], new[1])
    if (old_name, new_name) == (ADOPTED, WORKING):
        edits += templates_changed(session)
    whole = joined(edit.direction for edit in edits)
    result = {"old": _head(old_name, *old), "new": _head(new_name, *new), "direction": whole.value, **as_json(edits)}
    text = f"{old_name} (version {old[1].programme.version}) -> {new_name} (version {new[1].programme.version}): {summary(edits)}"
    told = lines(edits)
    if histories:
        from govern.cli.policy_histories import histories_of

        found, shown = histories_of(_effects(edits), old[0], new[0])
        result["histories"] = found
        told += shown
    session.answer("policy", result, "\n".join([text, *told]), Exit.NO if exit_code and whole.loosens else Exit.YES)


def _version(session: Session, name: str) -> tuple[bytes, Policy]:
    """Return the text and the policy that a word names.

    Raises:
        GovernError: nothing, or several, are called so, or it cannot be read (status 2), or it has faults (status 3).
    """
    if name == ADOPTED:
        return session.project.adopted_policy(session.view.state.policy_digest)[0], session.view.policy
    if name == WORKING:
        content = session.project.policy_bytes()
        return content, load_policy(content)
    path = Path(name)
    if path.is_file():
        content = read_named(path, _WHICH)
        return content, load_policy(content, name)
    kept = sorted(each.stem for each in (session.project.root / "governance" / "policy").glob("*.yaml") if len(name) >= _SAMPLE and each.stem.startswith(name))
    if len(kept) != 1:
        message = f"`{name}` is no file, and {'several versions begin so' if kept else 'no adopted version begins so'}"
        raise fault(Exit.USAGE, "UNKNOWN_ID", message, help=f"{_WHICH[0].lower()}{_WHICH[1:]}")
    return session.project.adopted_policy(kept[0])[0], session.project.policy_source(fresh=True)(kept[0])


def templates_changed(session: Session) -> tuple[Edit, ...]:
    """Return the templates that differ from the adopted ones: they show owners what they decide on."""
    adopted = session.view.state.templates
    working = {name: digest(text.encode()) for name, text in session.project.template_texts().items()}
    names = sorted(name for name in {*adopted, *working} if adopted.get(name) != working.get(name))
    return tuple(Edit(f"templates/{name}", "shows something else", Place(f"templates/{name}", 1, 1), Direction.LOOSENING) for name in names)


def weakenings(edits: Iterable[Edit]) -> list[Problem]:
    """Return what may permit more as problems, each with what becomes possible by it."""
    help = "`govern policy adopt --accept-weakening` adopts it all the same"
    return [Problem("POLICY_WEAKENING", _told(edit), edit.place, "warning", help) for edit in edits if edit.direction.loosens]


def as_errors(problems: list[Problem]) -> list[Problem]:
    """Return problems as errors."""
    return [replace(problem, severity="error") for problem in problems]


def _told(edit: Edit) -> str:
    opened = "".join(f"; {_possible(effect)}" for effect in edit.effects if effect.opens)
    return f"{_spell(edit)}{opened}"


def _spell(edit: Edit) -> str:
    return f"{edit.path}{' ' if edit.path.startswith('templates/') else ': '}{edit.what}"


def summary(edits: Iterable[Edit]) -> str:
    """Return how many edits go in each direction."""
    found = [edit.direction for edit in edits]
    return ", ".join(f"{found.count(each)} {word}" for each, word in _GROUPS.items() if each in found) or "the same in every respect"


def lines(edits: Iterable[Edit]) -> list[str]:
    """Return the edits, what loosens first, and then what becomes possible and what no longer is."""
    given = tuple(edits)
    found: list[str] = []
    for each, word in _GROUPS.items():
        mine = [edit for edit in given if edit.direction is each]
        found += ["", f"{word}:", *(f"  {edit.place}  {_spell(edit)}" for edit in mine)] if mine else []
    effects = _effects(given)
    for head, told in (
        ("possible now:", [_possible(effect) for effect in effects if effect.opens]),
        ("no longer possible:", [_impossible(effect) for effect in effects if effect.closes]),
    ):
        found += ["", head, *(f"  {line}" for line in told)] if told else []
    return found


def _effects(edits: Iterable[Edit]) -> list[Effect]:
    return list({id(effect): effect for edit in edits for effect in edit.effects}.values())


def _possible(effect: Effect) -> str:
    assert effect.opens is not None, "it is asked of what opens"
    more = f" and {len(effect.then) - _SHOWN} more" if len(effect.then) > _SHOWN else ""
    then = f"; on it rests {', '.join(effect.then[:_SHOWN])}{more}" if effect.then else ""
    return f"{effect.kind} {effect.name} {effect.act} {_where(effect.opens)}{then}"


def _impossible(effect: Effect) -> str:
    assert effect.closes is not None, "it is asked of what closes"
    return f"{effect.kind} {effect.name} {effect.act} {_where(effect.closes)}"


def _where(witness: Witness) -> str:
    if witness.unknown:
        return "where it could not be found out"
    facts = " + ".join(witness.facts) if witness.facts else "nothing is on record"
    told = f"by {' + '.join(witness.persons)}{f' ({facts})' if witness.facts else ''}" if witness.persons else f"where {facts}"
    return told if witness.smallest else f"{told} (perhaps with less)"


def _head(name: str, content: bytes, policy: Policy) -> dict[str, Any]:
    return {"name": name, "version": policy.programme.version, "policy": digest(content)}


def as_json(edits: Iterable[Edit]) -> dict[str, Any]:
    """Return the edits, and what becomes possible and impossible, as values of JSON."""
    given = tuple(edits)
    effects = _effects(given)
    return {
        "edits": [_edit_json(edit) for edit in given],
        "possible": [_effect_json(effect, effect.opens) for effect in effects if effect.opens],
        "impossible": [_effect_json(effect, effect.closes) for effect in effects if effect.closes],
    }


def _edit_json(edit: Edit) -> dict[str, Any]:
    entries = [f"{effect.kind} {effect.name}" for effect in edit.effects]
    return {"path": edit.path, "at": str(edit.place), "what": edit.what, "direction": edit.direction.value, "gone": edit.gone, "entries": entries}


def _effect_json(effect: Effect, witness: Witness) -> dict[str, Any]:
    where = {"facts": list(witness.facts), "persons": list(witness.persons), "smallest": witness.smallest, "unknown": witness.unknown}
    return {"kind": effect.kind, "name": effect.name, "act": effect.act, "where": where, "then": list(effect.then)}
