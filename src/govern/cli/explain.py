"""`explain`: the language, codes, causes and topics, offline."""

from importlib.resources import files
from typing import Annotated, Any, get_args

import typer
from pydantic import BaseModel

from govern.cli.codes import CAUSES, CODES, STATUSES, TOPICS
from govern.cli.output import table
from govern.cli.session import session_of
from govern.policy import guards
from govern.policy.lifecycles import STANDARD
from govern.problems import Exit, did_you_mean, fault


def explain(
    context: typer.Context,
    word: Annotated[str | None, typer.Argument(metavar="FIELD|CODE|CAUSE|TOPIC", help="What to explain, such as packets.options.requires.")] = None,
) -> None:
    """Explain a key of the language, a code, a cause or a topic."""
    session = session_of(context)
    if word is None:
        keys = [(key, description) for key, description in fields().items() if "." not in key]
        text = "keys of states.yaml\n" + table(keys, "  ") + f"\n\ntopics: {', '.join(TOPICS)}\ncauses: {', '.join(CAUSES)}\ncodes: `govern explain codes`"
        session.answer("explain", {"keys": dict(keys), "topics": list(TOPICS), "causes": CAUSES, "codes": CODES}, text)
    found = _explained(word)
    if found is None:
        names = [*TOPICS, *CAUSES, *CODES, *fields()]
        raise fault(
            Exit.USAGE, "UNKNOWN_ID", f"nothing to explain is called `{word}`", help=did_you_mean(word, names) or "`govern explain` lists what there is"
        )
    session.answer("explain", {"word": word, "text": found}, found)


def _explained(word: str) -> str | None:
    if word == "codes":
        return table([(code, meaning) for code, meaning in CODES.items()])
    if word in ("exit-codes", "exit"):
        return table([(str(int(status)), meaning) for status, meaning in STATUSES.items()])
    if word == "lifecycles":
        return (files("govern.policy") / f"{STANDARD}.yaml").read_text(encoding="utf-8").rstrip()
    # A word may be a cause and a key, or a topic and a key: all of it is told.
    told = [f"{word}\n  {known[word]}" for known in (TOPICS, CAUSES) if word in known]
    if not told and word.upper() in CODES:
        told = [f"{word.upper()}\n  {CODES[word.upper()]}"]
    told += [text] if (text := _field_text(word)) else []
    return "\n\n".join(told) or None


def _field_text(word: str) -> str | None:
    known = fields()
    matching = {path: text for path, text in known.items() if path == word or path.endswith(f".{word}")}
    if not matching:
        return None
    lines = []
    for path, description in matching.items():
        lines.append(f"{path}\n  {description}")
        inner = [(key.removeprefix(f"{path}."), text) for key, text in known.items() if key.startswith(f"{path}.") and "." not in key.removeprefix(f"{path}.")]
        if inner:
            lines.append(table(inner, "    "))
    return "\n".join(lines)


def fields() -> dict[str, str]:
    """Return every key of the language by its path, with its description."""
    from govern.policy.model import Policy

    found: dict[str, str] = {}
    _walk(Policy, "", found)
    forms: list[type[BaseModel]] = [guards.All, guards.AnyOf, guards.AtLeast, guards.Not, *guards.FACTS.values()]
    for form in forms:
        _walk(form, "guard.", found)
    return found


def _walk(model: type[BaseModel], prefix: str, found: dict[str, str]) -> None:
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        found.setdefault(path, field.description or "")
        for inner in _models(field.annotation):
            _walk(inner, f"{path}.", found)


def _models(annotation: Any) -> list[type[BaseModel]]:
    """Return the models inside an annotation: of a list, a mapping or a union."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        # A guard can hold guards: the forms are told once, under `guard`.
        return [] if annotation.__module__ == guards.__name__ else [annotation]
    return [model for inner in get_args(annotation) for model in _models(inner)]
