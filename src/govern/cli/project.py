"""A programme's folder: the policy in force, the ledger, templates and evidence files."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from govern.canonical import digest
from govern.cli.configuration import open_store
from govern.cli.files import keep_below, read_below, read_plain
from govern.engine.replay import Replay
from govern.engine.state import State
from govern.engine.view import EvidenceFact
from govern.ledger.keeping import Contents, SharedStore
from govern.ledger.lines import Chain, Record
from govern.ledger.store import FileStore
from govern.policy.model import Policy
from govern.problems import Exit, Place, Problem, fault

if TYPE_CHECKING:
    from govern.cli.policy_cache import Parsed

POLICY_FILE = "states.yaml"


@dataclass(frozen=True, slots=True)
class Project:
    """The folder of one programme; `parsed` are the policies that were read for others already, where there are others."""

    root: Path
    parsed: "Parsed | None" = field(default=None, compare=False, repr=False)

    @property
    def declared(self) -> bool:
        """Whether there is a programme: what needs none is done without one, too."""
        return (self.root / POLICY_FILE).exists()

    @property
    def store(self) -> SharedStore:
        """The ledger, where the user says that it is kept."""
        return open_store(self.root / "governance" / "ledger", self.policy_bytes)

    @property
    def files(self) -> FileStore:
        """The ledger's files in this folder, wherever the ledger is kept."""
        return FileStore(self.root / "governance" / "ledger")

    @property
    def kept(self) -> Path:
        """Where adopted policies and templates are kept by digest."""
        return self.root / "governance" / "policy"

    def policy_bytes(self) -> bytes:
        """Return the text of the working `states.yaml`.

        Raises:
            GovernError: it cannot be read; without a policy nothing is allowed (status 3).
        """
        path = self.root / POLICY_FILE
        try:
            return read_plain(path, single=False)
        except OSError as error:
            raise fault(
                Exit.UNJUDGED, "NO_POLICY", f"{path}: {error.strerror}", help="nothing is allowed without a policy; `govern init` writes one"
            ) from error

    def template_texts(self) -> dict[str, str]:
        """Return the working templates by name."""
        return {path.name: _text(path) for path in self._template_paths()}

    def _template_paths(self) -> list[Path]:
        folder = self.root / "templates"
        return sorted(folder.glob("*.j2")) if folder.is_dir() else []

    def adopted_templates(self, state: State) -> dict[str, str]:
        """Return the adopted templates by name, each checked against its digest.

        Raises:
            GovernError: one is missing or has other bytes (status 5).
        """
        return {name: self.kept_template(sha256) for name, sha256 in state.templates.items()}

    def kept_template(self, sha256: str) -> str:
        """Return the text of a template that was adopted at any time, by its digest.

        Raises:
            GovernError: it is missing or has other bytes (status 5).
        """
        return self._kept(f"{sha256}.j2", sha256).decode()

    def policy_source(self, *, fresh: bool) -> Callable[[str], Policy]:
        """Return the function that finds an adopted policy by its digest; `fresh` uses no cache, as every write must."""

        def find(sha256: str) -> Policy:
            content, name = self.adopted_policy(sha256)
            if self.parsed is None:
                return _policy(content, name, sha256, fresh=fresh)
            return self.parsed.once((sha256, name, fresh), lambda: _policy(content, name, sha256, fresh=fresh))

        return find

    def adopted_policy(self, sha256: str) -> tuple[bytes, str]:
        """Return the text of an adopted policy by its digest, and where it stands.

        Raises:
            GovernError: it is missing or has other bytes (status 5).
        """
        return self._working(sha256) or (self._kept(f"{sha256}.yaml", sha256), f"governance/policy/{sha256}.yaml")

    def _working(self, sha256: str) -> tuple[bytes, str] | None:
        """Return the working policy where it is the adopted one: its places are then those that people edit."""
        content = self.policy_bytes()
        return (content, POLICY_FILE) if digest(content) == sha256 else None

    def _kept(self, name: str, sha256: str) -> bytes:
        place = Place(f"governance/policy/{name}", 1, 1)
        try:
            content = read_below(self.root, f"governance/policy/{name}", single=False)
        except OSError as error:
            shared = self.store.text(sha256)
            if shared is not None and digest(shared) == sha256:
                return shared
            raise fault(Exit.BROKEN, "POLICY_MISSING", f"adopted and not there: {error.strerror}", place=place, help="restore it from a clone") from error
        if digest(content) != sha256:
            raise fault(
                Exit.BROKEN, "POLICY_DIGEST", f"has the digest {digest(content)[:12]}, adopted was {sha256[:12]}", place=place, help="restore it from a clone"
            )
        return content

    def replay(self, contents: Contents, *, fresh: bool = False, stop: Callable[[Record], bool] | None = None, known: int = 0) -> Replay:
        """Return the state that the ledger amounts to, up to where `stop` says so; signatures of the first `known` were verified."""
        replay = self.replay_nothing(fresh=fresh, known=known)
        replay.take_all(contents.lines, stop)
        return replay

    def replay_nothing(self, *, fresh: bool = False, known: int = 0) -> Replay:
        """Return the state before the first record, to be moved step by step."""
        return Replay(self.policy_source(fresh=fresh), Chain(known))

    def dirty(self, state: State) -> list[Problem]:
        """Return what differs from what was adopted, and therefore has no effect."""
        found: list[Problem] = []
        help = "`govern policy adopt` puts it in force; until then it has no effect"
        if digest(self.policy_bytes()) != state.policy_digest:
            message = f"{POLICY_FILE} is not the adopted policy (version {state.version}, {state.policy_digest[:12]})"
            found.append(Problem("POLICY_DIRTY", message, severity="warning", help=help))
        templates = {path.name: _digest_of(path) for path in self._template_paths()}
        found += [
            Problem("TEMPLATE_DIRTY", f"templates/{name} is not the adopted template", severity="warning", help=help)
            for name in sorted({*templates, *state.templates})
            if templates.get(name) != state.templates.get(name)
        ]
        return found

    def evidence_facts(self, state: State) -> dict[int, EvidenceFact]:
        """Return what became of each file that the newest evidence of a leg binds."""
        newest = [proofs[-1] for proofs in state.proofs.values() if proofs]
        return {proof.seq: self._fact(proof.path, proof.sha256) for proof in newest if proof.path and proof.sha256}

    def keep_files(self, files: tuple[tuple[str, bytes], ...]) -> None:
        """Write files that a record binds, each durable before the record is; one that is there already stays.

        Raises:
            GovernError: one is there with other bytes; none was written (status 4).
        """
        for name, content in [each for each in files if not _is_kept(self.root, *each)]:
            keep_below(self.root, name, content)
        adopted = {digest(content): content for name, content in files if name.startswith("governance/policy/")}
        if adopted:
            self.store.keep(adopted)

    def _fact(self, path: str, sha256: str) -> EvidenceFact:
        try:
            content = read_below(self.root, path)
        except OSError:
            return EvidenceFact.MISSING
        return EvidenceFact.SAME if digest(content) == sha256 else EvidenceFact.CHANGED


def find_project(start: Path) -> Project:
    """Return the project of a folder: itself, or the nearest one above that holds a `states.yaml`."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / POLICY_FILE).exists():
            return Project(folder)
    return Project(start)


def find_repository(folder: Path) -> Path | None:
    """Return the repository of git that a folder is in, by its top: itself, or the nearest above; None where it is in none."""
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)


def _policy(content: bytes, name: str, sha256: str, *, fresh: bool) -> Policy:
    if fresh:
        from govern.policy.load import load_policy

        return load_policy(content, name)
    from govern.cli.policy_cache import cached_policy

    return cached_policy(content, name, sha256)


def _is_kept(root: Path, name: str, content: bytes) -> bool:
    """Whether a file is there as it is to be kept. What a record binds is never overwritten."""
    if not os.path.lexists(root / name):
        return False
    if read_below(root, name) != content:
        help = "it was changed after it was recorded; move it away, and repeat the command"
        raise fault(Exit.REFUSED, "EVIDENCE_DIGEST", f"{root / name} has other bytes than are to be kept there", help=help)
    return True


def _digest_of(path: Path) -> str:
    """Return the digest of a file; of one that cannot be read, nothing that was ever adopted."""
    try:
        return digest(read_plain(path, single=False))
    except OSError:
        return ""


def _text(path: Path) -> str:
    try:
        return read_plain(path, single=False).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise fault(Exit.UNJUDGED, "TEMPLATE_SYNTAX", f"cannot be read: {error}", place=Place(f"templates/{path.name}", 1, 1)) from error
