"""The lineage page: the chain of packets, what each consumes and continues, and every gap as it is declared.

Pure.
"""

from govern.documents.escape import Mention
from govern.documents.mermaid import lineage_diagram
from govern.documents.shapes import StepRow
from govern.documents.span_shapes import LineagePage
from govern.documents.state_rows import next_rows
from govern.engine.lineage import lineage
from govern.engine.standing import status_token
from govern.engine.view import View


def step_rows(view: View) -> list[StepRow]:
    """Return every packet in the order declared, with where it comes from; the status it continues is named, and not said to hold now."""
    return [{**step, "continues": Mention(step["continues"])} for step in lineage(view)]


def lineage_page(view: View) -> LineagePage:
    """Return what the lineage page prints."""
    steps = step_rows(view)
    return {
        "title": view.policy.programme.title,
        "steps": steps,
        "gaps": [step for step in steps if step["gap"]],
        "diagram": lineage_diagram(view),
        "status": status_token(view),
        "next": next_rows(view),
    }
