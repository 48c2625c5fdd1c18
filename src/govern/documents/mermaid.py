"""The picture of a packet: its options, what is open, what locks each. Mermaid, with quoted labels.

Pure. Our own emitter: the diagram engines at hand break on quotes and on the word `end`.
"""

from collections.abc import Iterator, Sequence

from govern.documents.escape import Drawn, Markdown, escape_terminal, mark_mention
from govern.documents.hands import spell_hands
from govern.engine.causes import Judged, requirements
from govern.engine.judge import in_force
from govern.engine.lineage import lineage
from govern.engine.verdicts import judge_option
from govern.engine.view import View
from govern.engine.words import spell_requirement
from govern.policy import find
from govern.policy.lifecycles import Kind
from govern.policy.model import Option, Policy

IN_FORCE = "selected, in force"
_MOST_LINES = 12
_MOST_NAMES = 3
_STYLES = (
    "  classDef hold fill:#e8eaf6,stroke:#3949ab,color:#1a237e",
    "  classDef open fill:#e8f5e9,stroke:#2e7d32,color:#1b5e20",
    "  classDef locked fill:#fafafa,stroke:#9e9e9e,color:#424242,stroke-dasharray:4 3",
    "  classDef lock fill:#fff8e1,stroke:#f9a825,color:#5d4037",
)


def packet_diagram(packet: str, view: View) -> Markdown:
    """Return the Mermaid flowchart of a packet's options as they stand, and what locks each, grouped by who can clear it."""
    declared = view.policy.packets[packet]
    start = declared.options.index(find.hold_of(declared))
    nodes, edges = [], []
    for index, option in enumerate(declared.options):
        judged = judge_option(packet, option, view)
        note, style = _stands(packet, option, judged, view)
        nodes.append(_node(f"o{index}", [f"{option.number} {option.id}", note], style))
        if option.hold:
            continue
        locks = list(_locks(judged, view.policy))
        nodes += [_node(f"l{index}_{number}", lines, "lock") for number, lines in enumerate(locks)]
        edges += [f"  o{start} -.- l{index}_{number} -.-> o{index}" for number in range(len(locks))] or [f"  o{start} <--> o{index}"]
    return Markdown("\n".join(["flowchart LR", *nodes, *edges, *_STYLES]))


def _stands(packet: str, option: Option, judged: Judged, view: View) -> tuple[str, str]:
    """Return how an option stands, and its style."""
    style = "hold" if option.hold else "open" if judged.truth is True else "locked"
    selected = spell_selected(packet, option, view)
    if selected:
        return selected, style if option.hold else "open" if selected == IN_FORCE else "locked"
    if option.hold:
        return "default, always possible", style
    missing = sum(not each.satisfied for each in requirements(judged))
    return "open" if judged.truth is True else f"locked: {missing} missing", style


def spell_selected(packet: str, option: Option, view: View) -> str:
    """Return whether an option that was selected is in force; of one that was not, nothing."""
    standing = view.packet(packet)
    if option.id != standing.selected or standing.decision is None:
        return ""
    return IN_FORCE if in_force(packet, option, view) is True else "selected, not in force"


def _locks(judged: Judged, policy: Policy) -> Iterator[list[str]]:
    """Yield what locks an option, one group for each who can clear it: who, then what is missing."""
    if judged.truth is True:
        return
    groups: dict[str, list[str]] = {}
    for each in requirements(judged):
        if not each.satisfied:
            groups.setdefault(spell_hands(each, policy, _MOST_NAMES) or "to come first", []).append(spell_requirement(each, policy))
    for who, wanted in groups.items():
        rest = len(wanted) - _MOST_LINES
        yield [f"{who}:", *wanted[:_MOST_LINES], *([f"and {rest} more"] if rest > 0 else [])]


def _node(name: str, lines: Sequence[str], style: str) -> str:
    return f'  {name}["{"<br/>".join(map(_label, lines))}"]:::{style}'


def _label(text: str) -> str:
    """Return text for a quoted label: Mermaid's own entities for what would end it or be markup."""
    shown = escape_terminal(text)
    return "".join(f"#{ord(each)};" if each in '"#<>&;`\\[]{}()|' else each for each in shown)


def lifecycle_diagram(kind: Kind, policy: Policy) -> Markdown:
    """Return the Mermaid state diagram of a lifecycle."""
    lifecycle = policy.lifecycles.of(kind)
    index = {name: f"s{number}" for number, name in enumerate(lifecycle.states)}
    lines = ["stateDiagram-v2", *(f'  state "{_label(name)}" as {index[name]}' for name in lifecycle.states)]
    lines.append(f"  [*] --> {index[lifecycle.initial]}")
    for way in lifecycle.transitions:
        label = _label(f"{way.trigger} by {way.by}")
        lines += [f"  {index[source]} --> {index[way.to]}: {label}" for source in way.from_]
    return Markdown("\n".join(lines))


def lineage_diagram(view: View) -> Drawn:
    """Return the Mermaid flowchart of the chain of packets: what each consumes, the declared gaps, and the statuses that are continued.

    Those are mentions: a status that holds no more is named, and not said to hold.
    """
    steps = lineage(view)
    index = {step["packet"]: number for number, step in enumerate(steps)}
    lines = ["flowchart TD"]
    for number, step in enumerate(steps):
        style = "current" if view.is_current(step["packet"]) else "past" if step["standing"] else "ahead"
        decided = f", decided {step['decision']}" if step["decision"] else ""
        lines.append(f'  p{number}["{_label(step["packet"])}<br/>{_label(step["lifecycle"] + decided)}"]:::{style}')
        if step["consumes"]:
            parent, _, option = step["consumes"].partition("/")
            label = _label(f"{step['consumed_option']}: {option}")
            lines.append(f'  p{index[parent]} -->|"{label}"| p{number}')
        if step["continues"]:
            lines += [f'  s{number}(["{mark_mention(_label(step["continues"]))}"])', f'  s{number} -.->|"continues"| p{number}']
        if step["gap"]:
            lines += [f'  g{number}["{_label(step["gap"])}"]:::gap', f'  g{number} -.->|"gap"| p{number}']
    lines += [
        "  classDef current fill:#e8f5e9,stroke:#2e7d32,color:#1b5e20",
        "  classDef past fill:#e8eaf6,stroke:#3949ab,color:#1a237e",
        "  classDef ahead fill:#fafafa,stroke:#9e9e9e,color:#424242,stroke-dasharray:4 3",
        "  classDef gap fill:#fff8e1,stroke:#b26a00,color:#5d3700,stroke-dasharray:4 3",
    ]
    return Drawn("\n".join(lines))
