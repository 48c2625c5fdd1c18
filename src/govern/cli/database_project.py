"""A programme without its folder: what its ledger in a database holds, with the texts that were adopted."""

from dataclasses import dataclass

from govern.canonical import digest
from govern.cli.configuration import database
from govern.cli.project import Project
from govern.engine.state import State
from govern.engine.view import EvidenceFact
from govern.ledger.keeping import SharedStore
from govern.problems import Exit, Place, Problem, fault


@dataclass(frozen=True, slots=True)
class DatabaseProject(Project):
    """The programme of a ledger in a database; its root is no folder, but tells it from all others.

    Nothing of it is dirty, for there are no working files. Its evidence is taken as it was recorded: whether a file is still
    what it was, only a clone can tell.
    """

    address: str = ""
    ledger: str = ""

    @property
    def declared(self) -> bool:
        """There is one: its ledger says so."""
        return True

    @property
    def store(self) -> SharedStore:
        """The ledger."""
        return database(self.address, self.ledger)

    def policy_bytes(self) -> bytes:
        """Return nothing: there is no working policy, and the one in force is found by its digest."""
        return b""

    def template_texts(self) -> dict[str, str]:
        """Return nothing: there are no working templates."""
        return {}

    def dirty(self, state: State) -> list[Problem]:
        """Return nothing: there are no working files."""
        del state
        return []

    def evidence_facts(self, state: State) -> dict[int, EvidenceFact]:
        """Return of each file that the newest evidence of a leg binds that it is as it was recorded."""
        return {proofs[-1].seq: EvidenceFact.SAME for proofs in state.proofs.values() if proofs and proofs[-1].path and proofs[-1].sha256}

    def _working(self, sha256: str) -> tuple[bytes, str] | None:
        del sha256
        return None

    def _kept(self, name: str, sha256: str) -> bytes:
        content = self.store.text(sha256)
        if content is None or digest(content) != sha256:
            message = "adopted, and not in the database" if content is None else "has other bytes in the database than were adopted"
            help = "in a clone, `govern ledger export DIR`, then `govern ledger import DIR`"
            if content is not None:
                help = "the owner of the tables must take it out of govern.adopted; then, in a clone, `govern ledger export DIR` and `govern ledger import DIR`"
            raise fault(Exit.BROKEN, "POLICY_MISSING", message, place=Place(name or f"{sha256}.yaml", 1, 1), help=help)
        return content
