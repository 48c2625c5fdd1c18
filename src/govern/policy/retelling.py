"""A policy without its promises: the text under which a trace is told.

Pure. At run time the evaluator judges some promises on entry and refuses what breaks them; whether the guards alone keep
them is what a proof is about, so the trace of a breach is told without them, and without signatures.
"""

import io
from typing import Any

from ruamel.yaml import YAML

WAIVER = "A trace: it assumes that each person who is declared can sign."


def without_promises(source: bytes) -> bytes:
    """Return the text of a policy, which has been read without faults, without invariants and with signatures waived."""
    tree = _yaml().load(source.decode())
    tree.pop("invariants", None)
    tree["policy"]["signature_waiver"] = WAIVER
    return _dumped(tree)


def next_version(source: bytes) -> bytes:
    """Return the text of a policy as its next version, with nothing else changed."""
    tree = _yaml().load(source.decode())
    tree["programme"]["version"] += 1
    return _dumped(tree)


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4096
    # What is written escaped stays so: a character that hides is no part of a policy.
    yaml.allow_unicode = False
    return yaml


def _dumped(tree: Any) -> bytes:
    text = io.StringIO()
    _yaml().dump(tree, text)
    return text.getvalue().encode()
