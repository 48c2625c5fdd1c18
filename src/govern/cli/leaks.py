"""Secrets that must not get into a ledger, which nothing is ever deleted from: found by their well-known forms."""

from collections.abc import Iterator, Mapping
from typing import Any

from govern.cli.project import POLICY_FILE
from govern.evidence.patterns import SECRETS, search
from govern.problems import Exit, GovernError, Problem


def refuse_secrets(where: str, content: str) -> None:
    """Refuse what holds a secret. The secret itself is not repeated.

    Raises:
        GovernError: SECRET_FOUND for each kind that is found (status 4).
    """
    text = content.encode(errors="replace")
    found = {seen.form.kind: text.count(b"\n", 0, seen.first) + 1 for seen in search(text, SECRETS)}
    if found:
        help = "take it out, and let whoever gave it out replace it: what is recorded stays on record"
        problems = [Problem("SECRET_FOUND", f"{where}: {kind} in line {line}", help=help) for kind, line in found.items()]
        raise GovernError(Exit.REFUSED, problems)


def refuse_secrets_of(policy: bytes, templates: Mapping[str, str]) -> None:
    """Refuse a policy or a template that holds a secret: both are kept by digest, for good.

    Raises:
        GovernError: SECRET_FOUND (status 4).
    """
    refuse_secrets(POLICY_FILE, policy.decode())
    for name, text in templates.items():
        refuse_secrets(f"templates/{name}", text)


def texts(value: Any) -> Iterator[str]:
    """Yield every text in a body."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
