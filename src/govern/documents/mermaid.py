"""The picture of a packet: its options, what is open, what locks each. Mermaid, with quoted labels.

Pure. Our own emitter: the diagram engines at hand break on quotes and on the word `end`.
"""

from govern.documents.escape import Markdown, escape_terminal
from govern.engine.causes import requirements
from govern.engine.judge import in_force
from govern.engine.lineage import lineage
from govern.engine.verdicts import judge_option
from govern.engine.view import View
from govern.policy import find
from govern.policy.lifecycles import Kind
from govern.policy.model import Policy


def packet_diagram(packet: str, view: View) -> Markdown:
    """Return the Mermaid flowchart of a packet's options as they stand."""
    declared = view.policy.packets[packet]
    hold = find.hold_of(declared)
    selected = view.packet(packet).selected or hold.id
    lines = ["flowchart LR"]
    for index, option in enumerate(declared.options):
        judged = judge_option(packet, option, view)
        waiting = sum(not each.satisfied for each in requirements(judged))
        note = "default" if option.hold else "open" if judged.truth is True else f"locked: {waiting} missing"
        style = "hold" if option.hold else "open" if judged.truth is True else "locked"
        if option.id == selected and view.packet(packet).decision is not None:
            stands = in_force(packet, option, view) is True
            note = "selected, in force" if stands else "selected, not in force"
            style = style if option.hold else "open" if stands else "locked"
        lines.append(f'  o{index}["{_label(f"{option.number} {option.id}")}<br/>{_label(note)}"]:::{style}')
    start = declared.options.index(hold)
    for index, option in enumerate(declared.options):
        if option.hold:
            continue
        judged = judge_option(packet, option, view)
        arrow = "-->" if judged.truth is True else "-.->"
        lines.append(f"  o{start} {arrow} o{index}")
        lines.append(f"  o{index} --> o{start}")
    lines += [
        "  classDef hold fill:#e8eaf6,stroke:#3949ab,color:#1a237e",
        "  classDef open fill:#e8f5e9,stroke:#2e7d32,color:#1b5e20",
        "  classDef locked fill:#fafafa,stroke:#9e9e9e,color:#424242,stroke-dasharray:4 3",
    ]
    return Markdown("\n".join(lines))


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


def lineage_diagram(view: View) -> Markdown:
    """Return the Mermaid flowchart of the chain of packets: what each consumes, what it continues, and the declared gaps."""
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
            lines += [f'  s{number}(["{_label(step["continues"])}"])', f'  s{number} -.->|"continues"| p{number}']
        if step["gap"]:
            lines += [f'  g{number}["{_label(step["gap"])}"]:::gap', f'  g{number} -.->|"gap"| p{number}']
    lines += [
        "  classDef current fill:#e8f5e9,stroke:#2e7d32,color:#1b5e20",
        "  classDef past fill:#e8eaf6,stroke:#3949ab,color:#1a237e",
        "  classDef ahead fill:#fafafa,stroke:#9e9e9e,color:#424242,stroke-dasharray:4 3",
        "  classDef gap fill:#fff8e1,stroke:#b26a00,color:#5d3700,stroke-dasharray:4 3",
    ]
    return Markdown("\n".join(lines))
