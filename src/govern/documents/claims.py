"""Claims in a finished page: a use that nothing supports is refused; a mention, which only the program can make, is passed.

Pure. Judged is what a reader gets, the Markdown and its JSON twin, so that it does not matter whose words they are.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from govern.documents.escape import Drawn, Mention, without_mentions
from govern.engine.claims import CODE, how_supported, spelled_as, supporters, unsupported
from govern.engine.view import View
from govern.policy.spelling import Tokens, Use, could_use, uses
from govern.problems import Place, Problem


def page_faults(name: str, marked: str, context: Mapping[str, Any], template: tuple[str, str], view: View) -> tuple[Problem, ...]:
    """Return what a page uses unsupported: in its Markdown, in which mentions are still marked, or in what its twin holds.

    `template` is the name and the source of the template.
    """
    if not view.policy.tokens:
        return ()
    found = dict.fromkeys(unsupported(without_mentions(marked), view))
    if could_use(json.dumps(context, ensure_ascii=False), view.policy.tokens):
        known = {use.token for use in found}
        found |= dict.fromkeys(use for text in _texts(context) for use in unsupported(text, view) if use.token not in known)
    return tuple(dict.fromkeys(_fault(name, use, template, view) for use in found))


def _texts(value: Any) -> Iterator[str]:
    """Yield every text that is no mention, and every key."""
    if isinstance(value, str):
        if not isinstance(value, Mention):
            yield without_mentions(value.marked) if isinstance(value, Drawn) else value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _fault(name: str, use: Use, template: tuple[str, str], view: View) -> Problem:
    place, whose = _origin(use, template, view)
    message = f"`{name}` would use {use.token}{spelled_as(use)}, and nothing supports it now; {whose}"
    by = supporters(use.token, view)
    who = f"by {' or '.join(by)}: " if by else ""
    return Problem(CODE, message, place, help=f"{who}{how_supported(use.token, view)}; what is only mentioned stands in a typed field")


def _origin(use: Use, template: tuple[str, str], view: View) -> tuple[Place | None, str]:
    """Return where a page has a use from: the line of the template, or the record whose word it is."""
    name, source = template
    for found in uses(source, view.policy.tokens):
        if found.token == use.token:
            return Place(f"templates/{name}", found.line, 1), "it is the template's word"
    for seq, whose, text in _words_on_record(view):
        if any(found.token == use.token for found in uses(text, view.policy.tokens)):
            return None, f"it is the word of {whose} (record #{seq})"
    return None, "it is pieced together from several words"


def _words_on_record(view: View) -> Iterator[tuple[int, str, str]]:
    """Yield the free words on record that pages print, with the record and whose they are."""
    state = view.state
    for proofs in state.proofs.values():
        yield from ((proof.seq, proof.actor, proof.says) for proof in proofs if proof.says)
    yield from ((finding.seq, finding.actor, finding.why) for finding in state.findings.values())
    yield from ((quote.seq, quote.document, text) for quote in state.quotes for text in (quote.text, quote.about))


def template_faults(name: str, source: str, tokens: Tokens) -> Iterator[Problem]:
    """Yield each claim that a template spells: no template says what the state has to support."""
    for use in uses(source, tokens):
        message = f"spells the claim {use.token}{spelled_as(use)}"
        yield Problem("TEMPLATE_CLAIM", message, Place(name, use.line, 1), help="print it from a field: what supports it is not the template's to say")
