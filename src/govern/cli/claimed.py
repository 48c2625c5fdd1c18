"""Evidence that claims what nothing supports: refused wherever evidence is taken in, whether it is one file or a sealed folder."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from govern.cli.session import Session
from govern.engine.claims import CODE, how_supported, judge_claim, spelled_as, supporters
from govern.engine.view import View
from govern.evidence.claims import file_uses
from govern.evidence.manifest import EVIDENCE_SCHEMA
from govern.evidence.members import What, blocks, opened, read_small, walk
from govern.evidence.sealing import MAX_EVIDENCE
from govern.policy.load import load_policy
from govern.policy.model import Policy
from govern.policy.spelling import Tokens, Use, uses
from govern.problems import Exit, GovernError, Place, Problem

# The field of an evidence file in which claims are only mentioned.
MENTIONS = "without"


def refuse_claims_in(session: Session, path: Path, evidence: Mapping[str, Any]) -> None:
    """Refuse evidence that uses a claim which nothing supports.

    Raises:
        GovernError: CLAIM_UNSUPPORTED for each use (status 4).
    """
    view = session.view
    found = [_problem(str(path), use, view.policy, view) for use in evidence_uses(evidence, _wanted(view.policy, view))]
    if found:
        raise GovernError(Exit.REFUSED, found)


def evidence_uses(evidence: Mapping[str, Any], wanted: Tokens) -> Iterator[Use]:
    """Yield the uses in the object of an evidence file, on line 1: how JSON spells a text does not matter, and its mentions are none."""
    told = '": "'.join(_texts({key: value for key, value in evidence.items() if key != MENTIONS}))
    yield from dict.fromkeys(use._replace(line=1) for use in uses(told, wanted))


def _texts(value: Any) -> Iterator[str]:
    """Yield every key and text in the order written, however deep: JSON may nest deeper than a function can."""
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, Mapping):
            left += reversed([part for pair in each.items() for part in pair])
        elif isinstance(each, list):
            left += reversed(each)


def mention_fault(evidence: Mapping[str, Any], policy: Policy) -> str:
    """Return what is wrong with the claims that evidence says it does not make, or nothing."""
    told = evidence.get(MENTIONS, [])
    if not isinstance(told, list):
        return f"`{MENTIONS}` is no list of claims"
    unknown = [str(each) for each in told if not isinstance(each, str) or each not in policy.claims]
    return f"`{MENTIONS}` names {', '.join(unknown)}, and declared are {', '.join(policy.claims) or 'no claims'}" if unknown else ""


def refuse_claims_below(session: Session, root: Path, below: str, shown: str) -> None:
    """Refuse a folder of evidence in which a file, by its words or its name, uses a claim that nothing supports.

    Raises:
        GovernError: CLAIM_UNSUPPORTED for each file (status 4).
        OSError: a file cannot be read, or changes meanwhile.
    """
    policy, view = _judged_by(session)
    wanted = _wanted(policy, view)
    if not wanted:
        return
    with opened(root, below) as folder:
        found = [
            _problem(f"{shown}{member.path}", use, policy, view)
            for member in walk(folder)
            if member.what is What.FILE
            for use in (*uses(member.path, wanted), *_member_uses(member.folder, member.name, wanted, policy))
        ]
    if found:
        raise GovernError(Exit.REFUSED, found)


def _judged_by(session: Session) -> tuple[Policy, View | None]:
    """Return the policy in force and its view; before there is a ledger the working policy, of which nothing is supported."""
    if session.project.store.exists():
        return session.view.policy, session.view
    return load_policy(session.project.policy_bytes()), None


def _wanted(policy: Policy, view: View | None) -> Tokens:
    """Return the tokens that nothing supports."""
    return tuple(token for token in policy.tokens if view is None or judge_claim(token[0], view).truth is not True)


def _member_uses(folder: int, name: str, wanted: Tokens, policy: Policy) -> Iterable[Use]:
    content = read_small(folder, name, MAX_EVIDENCE) if name.endswith(".json") else None
    evidence = _evidence(content) if content is not None else None
    if evidence is not None and not mention_fault(evidence, policy):
        return evidence_uses(evidence, wanted)
    return file_uses(blocks(folder, name), wanted, policy.tokens)


def _evidence(content: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and found.get("schema") == EVIDENCE_SCHEMA else None


def _problem(file: str, use: Use, policy: Policy, view: View | None) -> Problem:
    message = f"uses {use.token}{spelled_as(use)}, and nothing supports it now"
    if view is None:
        return Problem(CODE, message, Place(file, use.line, 1), help="there is no ledger, so nothing is supported")
    by = supporters(use.token, view)
    who = f"by {' or '.join(by)}: " if by else ""
    mention = f"; evidence mentions a claim in its field `{MENTIONS}`" if use.token in policy.claims else ""
    return Problem(CODE, message, Place(file, use.line, 1), help=f"{who}{how_supported(use.token, view)}{mention}")
