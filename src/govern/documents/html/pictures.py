"""Pictures as SVG: boxes with wrapped text, arrows between them. igraph places them; nothing here decides where anything goes.

Pure. The only importer of igraph. Colours are classes of the page's style sheet, so that a picture follows its light and dark.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from govern.documents.escape import escape_terminal

# Letters of one width, so that what fits is counted, whatever font stands in for it.
_LINE, _PADDING, _LETTER = 16, 10, 7.0
_MARGIN = 6
_BESIDE, _BELOW = 34, 14


@dataclass(frozen=True, slots=True)
class Box:
    """A box of a picture: a heading, lines below it, and how it stands, which is a class of the style sheet."""

    heading: str
    lines: tuple[str, ...]
    stands: Literal["hold", "open", "locked", "past", "ahead"]


@dataclass(frozen=True, slots=True)
class Picture:
    """Boxes and the arrows between them, by their places; `dashed` arrows lead to what is shut."""

    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[tuple[int, int], ...]
    dashed: frozenset[tuple[int, int]] = frozenset()
    across: bool = False
    letters: int = 30


@dataclass(frozen=True, slots=True)
class _Placed:
    box: Box
    heading: tuple[str, ...]
    lines: tuple[str, ...]
    left: float
    top: float
    width: float
    height: float


def picture_svg(picture: Picture, id: str) -> str:
    """Return a picture as an SVG element whose parts carry ids that begin with `id`."""
    placed = _placed(picture)
    width = max(each.left + each.width for each in placed) + _MARGIN
    height = max(each.top + each.height for each in placed) + _MARGIN
    told = "; ".join(f"{each.heading}: {', '.join(each.lines)}" for each in picture.boxes)
    parts = [
        f'<svg class="picture" role="img" aria-labelledby="{id}-title {id}-desc" width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}">',
        f'<title id="{id}-title">{_text(picture.title)}</title><desc id="{id}-desc">{_text(told)}</desc>',
        f'<defs><marker id="{id}-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>',
        *(_arrow(placed[one], placed[other], id, dashed=(one, other) in picture.dashed, across=picture.across) for one, other in picture.arrows),
        *(_box(each) for each in placed),
        "</svg>",
    ]
    return "\n".join(parts)


def _placed(picture: Picture) -> list[_Placed]:
    """Place the boxes: each part that hangs together by itself, one below the other."""
    texts = [(wrapped(box.heading, picture.letters), tuple(line for each in box.lines for line in wrapped(each, picture.letters))) for box in picture.boxes]
    width = picture.letters * _LETTER + 2 * _PADDING
    heights = [_LINE * (len(heading) + len(lines)) + 2 * _PADDING for heading, lines in texts]
    found: dict[int, _Placed] = {}
    top: float = _MARGIN
    for part in _laid_out(len(picture.boxes), picture.arrows):
        places, tall = (_columns if picture.across else _rows)(part, heights, width)
        for each, (left, down) in places.items():
            found[each] = _Placed(picture.boxes[each], *texts[each], _MARGIN + left, top + down, width, heights[each])
        top += tall + _BESIDE
    return [found[each] for each in range(len(picture.boxes))]


# The boxes of a part by their layers, each with its place across its layer.
Layers = list[list[tuple[float, int]]]


def _rows(layers: Layers, heights: Sequence[float], width: float) -> tuple[dict[int, tuple[float, float]], float]:
    """Place layers one below the other, and say how tall they are together."""
    first = min(x for layer in layers for x, _each in layer)
    places: dict[int, tuple[float, float]] = {}
    down = 0.0
    for layer in layers:
        for x, each in layer:
            places[each] = ((x - first) * (width + _BESIDE), down)
        down += max(heights[each] for _x, each in layer) + _BESIDE
    return places, down - _BESIDE


def _columns(layers: Layers, heights: Sequence[float], width: float) -> tuple[dict[int, tuple[float, float]], float]:
    """Place layers beside each other, each in the middle of the tallest, and say how tall that is."""
    talls = [sum(heights[each] + _BELOW for _x, each in layer) - _BELOW for layer in layers]
    places: dict[int, tuple[float, float]] = {}
    for column, layer in enumerate(layers):
        down = (max(talls) - talls[column]) / 2
        for _x, each in layer:
            places[each] = (column * (width + _BESIDE), down)
            down += heights[each] + _BELOW
    return places, max(talls)


def _laid_out(count: int, arrows: Sequence[tuple[int, int]]) -> Iterator[Layers]:
    """Yield each connected part as igraph lays it out: layer by layer, in the order that crosses least."""
    import igraph

    graph = igraph.Graph(n=count, edges=list(arrows), directed=True)
    for part in sorted(graph.connected_components(mode="weak"), key=min):
        coordinates = graph.induced_subgraph(part).layout_sugiyama().coords[: len(part)]
        layers: dict[int, list[tuple[float, int]]] = {}
        for each, (x, y) in zip(part, coordinates, strict=True):
            layers.setdefault(round(y), []).append((x, each))
        yield [sorted(layers[layer]) for layer in sorted(layers)]


def wrapped(text: str, letters: int) -> tuple[str, ...]:
    """Return a text in lines of so many letters at most: broken at spaces, else behind what joins words, else anywhere."""
    pieces = re.findall(r"\s+|[^\s_/.-]*[_/.-]+|[^\s_/.-]+", escape_terminal(text))
    lines = [""]
    for piece in (each[start : start + letters] for each in pieces for start in range(0, len(each), letters)):
        if lines[-1] and len(lines[-1]) + len(piece.rstrip()) > letters:
            lines.append("")
        lines[-1] += piece if lines[-1] or not piece.isspace() else ""
    return tuple(line.rstrip() for line in lines if line.strip())


def _box(placed: _Placed) -> str:
    texts = [*(("heading", line) for line in placed.heading), *(("line", line) for line in placed.lines)]
    spans = [
        f'<text class="{kind}" x="{placed.left + _PADDING:.1f}" y="{placed.top + _PADDING + 12 + _LINE * number:.1f}">{_text(line)}</text>'
        for number, (kind, line) in enumerate(texts)
    ]
    rectangle = f'<rect x="{placed.left:.1f}" y="{placed.top:.1f}" width="{placed.width:.1f}" height="{placed.height:.1f}" rx="6"/>'
    return f'<g class="box {placed.box.stands}">{rectangle}{"".join(spans)}</g>'


def _arrow(one: _Placed, other: _Placed, id: str, *, dashed: bool, across: bool) -> str:
    """Return a curve from the side of one box to that of another."""
    if across:
        x1, y1, x2, y2 = one.left + one.width, one.top + one.height / 2, other.left, other.top + other.height / 2
        bend = (x1 + x2) / 2
        path = f"M{x1:.1f} {y1:.1f}C{bend:.1f} {y1:.1f} {bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    else:
        x1, y1, x2, y2 = one.left + one.width / 2, one.top + one.height, other.left + other.width / 2, other.top
        bend = (y1 + y2) / 2
        path = f"M{x1:.1f} {y1:.1f}C{x1:.1f} {bend:.1f} {x2:.1f} {bend:.1f} {x2:.1f} {y2:.1f}"
    return f'<path class="arrow{" dashed" if dashed else ""}" d="{path}" marker-end="url(#{id}-arrow)"/>'


def _text(text: str) -> str:
    return escape(escape_terminal(text))
