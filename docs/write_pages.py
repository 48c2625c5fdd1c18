"""Write the parts of the documentation that are computed: the tour of the README, and the reference pages.

python docs/write_pages.py           write them
python docs/write_pages.py --check   exit 1 where one differs
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from govern.cli.codes import CAUSES, CODES, STATUSES
from govern.cli.explain import fields
from govern.cli.language import json_schema
from govern.documents.schemas import SHAPES, document_schema

ROOT = Path(__file__).resolve().parent.parent
_TOUR = re.compile(r"(<!-- tour -->\n```console\n\$ )([^\n]+)\n(.*?)```", re.DOTALL)
_SIGNED = re.compile(r"(<!-- tour: signed -->\n```console\n\$ )([^\n]+)\n(.*?)```", re.DOTALL)
_DIAGRAM = re.compile(r"(<!-- diagram: ([a-z0-9-]+) -->\n```mermaid\n)(.*?)```", re.DOTALL)


def govern(arguments: str, folder: Path = ROOT) -> str:
    """Return what a command prints, on both streams."""
    command = [sys.executable, "-m", "govern", *shlex.split(arguments)]
    with tempfile.TemporaryDirectory() as empty:
        # As on a machine that has seen nothing, or nothing but the tour.
        state = empty if folder == ROOT else str(folder.parent / "state")
        environment = {**os.environ, "XDG_STATE_HOME": state}
        done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)  # noqa: S603 - our own
    return done.stdout.rstrip("\n") + "\n"


def signed_tour(text: str) -> str:
    """Return a page with the output of what is signed: played in order, on a copy, with a key that is no secret."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "copy"
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".*", "src", "tests", "bench", "soak", "docs", "__pycache__"))
        key = Ed25519PrivateKey.from_private_bytes(sha256(b"the key of the tour, which is no secret").digest())
        file = folder / "owner-key"
        file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
        file.chmod(0o600)
        file.with_name("owner-key.pub").write_bytes(key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH) + b"\n")
        return _SIGNED.sub(lambda found: f"{found[1]}{_played(found[2], folder)}```", text)


def _played(command: str, folder: Path) -> str:
    """Return a command with the code that confirms it now, and what it prints."""
    words, confirm, _code = command.removeprefix("govern ").partition(" --confirm ")
    if confirm:
        words += confirm + json.loads(govern(f"{words} --dry-run --json", folder))["result"]["confirm"]
    return f"govern {words}\n{govern(words, folder)}"


def readme() -> str:
    """Return the README with the output of its commands, and the picture, as they are now."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    text = _TOUR.sub(lambda found: f"{found[1]}{found[2]}\n{govern(found[2].removeprefix('govern '))}```", text)
    text = signed_tour(text)
    return _DIAGRAM.sub(lambda found: f"{found[1]}{govern(f'diagram {found[2]}')}```", text)


def _table(title: str, intro: str, head: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    lines = [f"# {title}", "", intro, "", f"| {head[0]} | {head[1]} |", "|---|---|"]
    lines += [f"| {left} | {right.replace('|', chr(92) + '|')} |" for left, right in rows]
    return "\n".join(lines) + "\n"


def codes() -> str:
    """Return the page of codes."""
    rows = [(f"`{code}`", meaning) for code, meaning in CODES.items()]
    return _table("Codes", "Every diagnostic has a stable code; `govern explain CODE` prints it.", ("code", "meaning"), rows)


def causes() -> str:
    """Return the page of causes."""
    rows = [(f"`{cause}`", meaning) for cause, meaning in CAUSES.items()]
    return _table("Causes", "Why a requirement does not hold. The list is closed.", ("cause", "meaning"), rows)


def exit_codes() -> str:
    """Return the page of exit statuses."""
    rows = [(str(int(status)), meaning) for status, meaning in STATUSES.items()]
    intro = "A question that was answered exits 0, also where the answer is that something is blocked; `--exit-code` turns that into 1."
    return _table("Exit codes", intro, ("status", "meaning"), rows)


def language() -> str:
    """Return the page of the language: every key with its description."""
    rows = [(f"`{path}`", description) for path, description in fields().items()]
    intro = (
        "Every key of `states.yaml`; `govern explain KEY` prints the same. YAML 1.2 without anchors, aliases, tags, merge keys, nulls "
        "and directives. A guard is one of `all`, `any`, `at_least` with `of`, `not`, or a fact; only true opens."
    )
    return _table("The language", intro, ("key", "meaning"), rows)


def schema() -> str:
    """Return the JSON Schema of the language."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def twin_schema(shows: str) -> str:
    """Return the JSON Schema of the JSON twin of a kind of document."""
    return json.dumps(document_schema(shows), indent=2, ensure_ascii=False) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "README.md": readme,
    "docs/codes.md": codes,
    "docs/causes.md": causes,
    "docs/exit-codes.md": exit_codes,
    "docs/language.md": language,
    "docs/states.schema.json": schema,
    **{f"docs/schemas/{shows}.schema.json": partial(twin_schema, shows) for shows in SHAPES},
}


def main() -> int:
    """Write the pages, or compare them."""
    differing = []
    for name, page in PAGES.items():
        path, text = ROOT / name, page()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            differing.append(name)
            if "--check" not in sys.argv:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
    print("\n".join(f"{'differs' if '--check' in sys.argv else 'wrote'}: {name}" for name in differing) or "documentation is up to date")
    return 1 if differing and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
