"""The histories behind the differences of two policies: records after which one allows what the other does not."""

from collections.abc import Iterable
from typing import Any

from govern.cli.prove_text import trace_json, trace_lines
from govern.policy.diff.edits import Effect
from govern.policy.load import load_policy
from govern.policy.retelling import without_promises
from govern.proof.differing import KINDS, history
from govern.proof.proving import Retold, solver_there


def histories_of(effects: Iterable[Effect], old: bytes, new: bytes) -> tuple[list[dict[str, Any]], list[str]]:
    """Return, of each entry that one policy allows more often than the other, a history that shows it: as JSON, and as lines."""
    before, after = (Retold(load_policy(text), text) for text in (without_promises(old), without_promises(new)))
    solver = solver_there()
    found: list[dict[str, Any]] = []
    lines: list[str] = []
    for effect in effects:
        for now, of, other in ((True, after, before), (False, before, after)):
            if (effect.opens if now else effect.closes) is None:
                continue
            trace = history(effect.kind, effect.name, of, other, solver=solver) if effect.kind in KINDS else None
            word = "possible now" if now else "no longer possible"
            found.append({"kind": effect.kind, "name": effect.name, "possible": now, "records": trace_json(trace) if trace else None})
            lines += ["", f"{effect.kind} {effect.name}, {word}:", *(trace_lines(trace) if trace else ["  no history was found that shows it"])]
    return found, lines
