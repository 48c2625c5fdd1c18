"""The checkpoint page: a head of the ledger in the form in which somebody can keep it, and what to compare later.

Pure. The text is that of `govern checkpoint`; the state beside it says what the head stood for.
"""

from govern.documents.blocker_map import blocker_map, production_status
from govern.documents.escape import Markdown
from govern.documents.span_shapes import CheckpointPage
from govern.documents.spans import Sources
from govern.engine.standing import status_token
from govern.engine.view import View


def checkpoint_page(view: View, sources: Sources) -> CheckpointPage:
    """Return what the checkpoint page prints."""
    kept = sources.checkpoint
    assert kept is not None, "whoever renders a checkpoint brings it"
    shown = blocker_map(view)
    return {
        "title": view.policy.programme.title,
        "origin": kept.origin,
        "size": kept.size,
        "root": kept.root.hex(),
        "last": kept.last or "",
        # Lines of digits, hex and base64 alone: nothing in them could end the block that they stand in.
        "note": Markdown(kept.text().removesuffix("\n")),
        "policy_version": view.state.version,
        "policy_sha256": view.state.policy_digest,
        "status": status_token(view) or production_status(view),
        "map": shown,
        "open": [row["id"] for row in shown["blockers"] if not row["closed"]],
    }
