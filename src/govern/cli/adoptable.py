"""The working policy and templates as they can be put in force: without a fault, a claim or a secret, and kept by their digests."""

from collections.abc import Mapping
from dataclasses import dataclass

from govern.canonical import digest, text_digest
from govern.cli.leaks import refuse_secrets_of
from govern.cli.project import Project
from govern.documents.claims import template_faults
from govern.documents.templates import check_template
from govern.policy.load import load_policy
from govern.policy.model import Policy
from govern.policy.spelling import Tokens
from govern.problems import Exit, GovernError, Problem


@dataclass(frozen=True, slots=True)
class Adoptable:
    """What a record adopts: the policy and its digest, the digest of each template by name, and the files that are kept by them."""

    policy: Policy
    sha256: str
    templates: Mapping[str, str]
    files: tuple[tuple[str, bytes], ...]


def adoptable(project: Project) -> Adoptable:
    """Return the working files of a programme, all of which can be put in force.

    Raises:
        GovernError: they have faults (status 3), or hold a secret (status 4).
    """
    content, texts = project.policy_bytes(), project.template_texts()
    policy = load_policy(content)
    refuse_secrets_of(content, texts)
    problems = template_problems(texts, policy.tokens)
    if problems:
        raise GovernError(Exit.UNJUDGED, problems)
    sha256, templates = digest(content), {name: text_digest(text) for name, text in texts.items()}
    kept = ((f"governance/policy/{templates[name]}.j2", text.encode()) for name, text in texts.items())
    return Adoptable(policy, sha256, templates, ((f"governance/policy/{sha256}.yaml", content), *kept))


def template_problems(texts: Mapping[str, str], tokens: Tokens) -> list[Problem]:
    """Return what is wrong with templates: what is not of their language, and each claim that they spell."""
    found: list[Problem] = []
    for name, text in texts.items():
        found += check_template(f"templates/{name}", text)
        found += template_faults(f"templates/{name}", text, tokens)
    return found
