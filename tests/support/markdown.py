"""Markdown as a reader of it sees it: blocks, sections, tables; and everything that is wrong with a rendered page."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_TEXTS = ("text", "code_inline")
_BAR = re.compile(r"(?<!\\)(?:\\\\)*\|")
_STYLES = "hold|open|locked|lock|current|past|ahead|gap"
_NODE = re.compile(rf'  [glop][0-9_]+\["[^"<>]*(<br/>[^"<>]*)*"\]:::({_STYLES})|  s[0-9]+\(\["[^"<>]*"\]\)')
_EDGE = re.compile(r'  (o[0-9]+ <--> o[0-9]+|o[0-9]+ -\.- l[0-9_]+ -\.-> o[0-9]+|[gps][0-9]+ (-->|-\.->)\|"[^"<>]*"\| p[0-9]+)')
_CLASS = re.compile(rf"  classDef ({_STYLES}) [a-z0-9#:,\- ]+")
# What may be folded: nothing but these lines, and nothing of anybody's in them but a count.
_FOLD = re.compile(r"<details>\n<summary>[A-Za-z0-9 ,:']+</summary>\n|</details>\n")
_COMMAND = re.compile(r"govern .*|cat governance/ledger/\*\.jsonl \| head -n [0-9]+ \| tail -n 1 \| tr -d '\\n' \| sha256sum")
_KEPT = re.compile(r"govern/[0-9a-f]{64}\n[0-9]+\n[A-Za-z0-9+/]{43}=\nlast [0-9a-f]{64}\n")


class Table(NamedTuple):
    """A table: its header and its rows, as the texts of the cells."""

    header: list[str]
    rows: list[list[str]]


def blocks(text: str) -> list[str]:
    """Return the structure of a text: the types of its blocks, and of what stands inside its lines beside text."""
    found: list[str] = []
    for token in PARSER.parse(text):
        found.append(f"{token.type} {token.tag}")
        found += [child.type for child in token.children or [] if child.type not in ("text", "softbreak")]
    return found


def shown(token: Token) -> str:
    """Return the text that a reader sees of an inline token."""
    return "".join(child.content if child.type in _TEXTS else "\n" if child.type == "softbreak" else "" for child in token.children or [])


def headings(text: str) -> list[tuple[int, str]]:
    """Return every heading with its level."""
    tokens = PARSER.parse(text)
    return [(int(token.tag[1]), shown(tokens[index + 1])) for index, token in enumerate(tokens) if token.type == "heading_open"]


def section(text: str, title: str) -> str:
    """Return what stands under a heading, up to the next of its level or above."""
    lines = text.split("\n")
    [start] = [index for index, line in enumerate(lines) if re.fullmatch(rf"#+ {re.escape(title)}", line)]
    level = len(lines[start].split(" ")[0])
    ends = [index for index in range(start + 1, len(lines)) if re.match(rf"#{{1,{level}}} ", lines[index])]
    return "\n".join(lines[start + 1 : ends[0] if ends else len(lines)]).strip("\n") + "\n"


def tables(text: str) -> list[Table]:
    """Return the tables, each cell as the text that is seen."""
    found: list[Table] = []
    tokens = PARSER.parse(text)
    for index, token in enumerate(tokens):
        match token.type:
            case "table_open":
                found.append(Table([], []))
            case "tr_open" if found[-1].header:
                found[-1].rows.append([])
            case "th_open":
                found[-1].header.append(shown(tokens[index + 1]))
            case "td_open":
                found[-1].rows[-1].append(shown(tokens[index + 1]))
    return found


def items(text: str) -> list[str]:
    """Return the texts of the list items, in order, nested ones too."""
    tokens = PARSER.parse(text)
    return [shown(tokens[index + 2]) for index, token in enumerate(tokens) if token.type == "list_item_open"]


def paragraphs(text: str) -> list[str]:
    """Return the texts of the paragraphs that stand in no list."""
    tokens = PARSER.parse(text)
    return [shown(tokens[index + 1]) for index, token in enumerate(tokens) if token.type == "paragraph_open" and token.level == 0]


def body_of(markdown: str) -> str:
    """Return a rendered file without its front matter."""
    return markdown.split("\n---\n\n", 1)[1]


def faults(text: str) -> list[str]:
    """Return everything that is wrong with the Markdown of a rendered page."""
    return [*_layout_faults(text), *_token_faults(text), *_heading_faults(text), *_table_faults(text), *_fence_faults(text), *_fold_faults(text)]


def _layout_faults(text: str) -> Iterator[str]:
    if not text.endswith("\n") or text.endswith("\n\n") or "\n\n\n" in text:
        yield "blank lines"
    for line in text.split("\n"):
        if line != line.rstrip() or re.search(r"[;,] *(\||$)", line):
            yield f"loose end: {line}"


def _token_faults(text: str) -> Iterator[str]:
    for token in PARSER.parse(text):
        for each in (token, *(token.children or [])):
            if each.type == "html_block" and _FOLD.fullmatch(each.content):
                continue
            if each.type == "link_open" and _leads(text, str(each.attrs["href"])):
                continue
            if each.type in ("html_block", "html_inline", "link_open", "image", "em_open", "s_open", "hr", "blockquote_open", "code_block"):
                yield f"{each.type}: {each.content or token.content}"
            if each.type == "text" and "**" in each.content:
                yield f"loose emphasis: {each.content}"


def _leads(text: str, href: str) -> bool:
    """Whether a link leads to a heading of the page, or to another page below the programme's folder."""
    if not href.startswith("#"):
        return re.fullmatch(r"(\.\./)*[A-Za-z0-9][A-Za-z0-9._/-]*\.md", href) is not None
    return [anchor(title) for _level, title in headings(text)].count(href[1:]) == 1


def anchor(title: str) -> str:
    """Return the fragment under which GitHub finds a heading."""
    return "".join(each for each in title.lower().replace(" ", "-") if each.isalnum() or each in "-_")


def _fold_faults(text: str) -> Iterator[str]:
    depth = 0
    for line in text.split("\n"):
        depth += {"<details>": 1, "</details>": -1}.get(line, 0)
        if not 0 <= depth <= 1:
            yield f"folds within folds, or ends none: {line}"
    if depth:
        yield "a fold is open"


def _heading_faults(text: str) -> Iterator[str]:
    levels = [level for level, _title in headings(text)]
    if levels[:1] != [1] or levels.count(1) != 1:
        yield f"headings: {levels}"
    yield from (f"heading of level {after} after {before}" for before, after in pairwise(levels) if after > before + 1)


def _table_faults(text: str) -> Iterator[str]:
    lines = text.split("\n")
    for token in PARSER.parse(text):
        if token.type == "table_open" and token.map:
            rows = [len(_BAR.findall(line)) for line in lines[token.map[0] : token.map[1]]]
            if len(set(rows)) != 1 or len(rows) < 3:
                yield f"table of lines with {rows} bars: {lines[token.map[0]]}"
    seen = sum(line.startswith("|") for line in lines)
    parsed = sum(2 + len(table.rows) for table in tables(text))
    if seen != parsed:
        yield f"{seen} lines look like rows, {parsed} are"


def _fence_faults(text: str) -> Iterator[str]:
    for token in PARSER.parse(text):
        if token.type == "fence" and token.info == "sh":
            yield from (f"command: {line}" for line in token.content.splitlines() if not _COMMAND.fullmatch(line))
        elif token.type == "fence" and token.info == "text":
            if not _KEPT.fullmatch(token.content):
                yield f"text: {token.content}"
        elif token.type == "fence":
            first, *rest = token.content.rstrip("\n").split("\n")
            if token.info != "mermaid" or first not in ("flowchart LR", "flowchart TD"):
                yield f"fence: {token.info} {first}"
            yield from (f"diagram: {line}" for line in rest if not (_NODE.fullmatch(line) or _EDGE.fullmatch(line) or _CLASS.fullmatch(line)))
