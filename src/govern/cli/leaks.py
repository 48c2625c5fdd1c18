"""Secrets that must not get into a ledger, which nothing is ever deleted from: found by their well-known forms.

A net with wide meshes: it spares the common accident, and proves nothing about what it does not know.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from govern.cli.project import POLICY_FILE
from govern.problems import Exit, GovernError, Problem

# What it is, and the form that gives it away.
_FORMS: dict[str, re.Pattern[str]] = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    "an AWS access key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a GitHub token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})\b"),
    "a GitLab token": re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}"),
    "a Slack token": re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
    "a Google API key": re.compile(r"\bAIza[A-Za-z0-9_-]{35}\b"),
    "a JSON Web Token": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    "a password in an address": re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@\"']{1,64}:[^\s:/@\"']{3,}@"),
}


def refuse_secrets(where: str, content: str) -> None:
    """Refuse what holds a secret. The secret itself is not repeated.

    Raises:
        GovernError: SECRET_FOUND for each kind that is found (status 4).
    """
    found = [(name, match.start()) for name, form in _FORMS.items() if (match := form.search(content))]
    if found:
        help = "take it out, and let whoever gave it out replace it: what is recorded stays on record"
        problems = [Problem("SECRET_FOUND", f"{where}: {name} in line {content.count(chr(10), 0, start) + 1}", help=help) for name, start in found]
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
