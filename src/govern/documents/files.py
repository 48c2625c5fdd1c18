"""The declared documents as files: one that is declared as a folder stands for many.

Pure.
"""

from govern.documents.registry_pages import addenda, addendum
from govern.engine.view import View
from govern.policy.promises import Document


def documents_of(view: View) -> dict[str, Document]:
    """Return the declared documents as the files that they stand for: one that is declared as a folder is many."""
    found: dict[str, Document] = {}
    for name, document in view.policy.documents.items():
        found |= dict(addenda(name, document, view)) if document.shows == "addendum" else {name: document}
    return found


def document_named(name: str, view: View) -> Document | None:
    """Return one of the declared documents as the file that it stands for; None where there is none of that name."""
    declared, _, span = name.rpartition("/")
    document, reservation = view.policy.documents.get(declared or name), view.state.register.spanning(span)
    if document is None or (document.shows == "addendum") != bool(declared) or (declared and reservation is None):
        return None
    return addendum(document, reservation) if reservation and declared else document
