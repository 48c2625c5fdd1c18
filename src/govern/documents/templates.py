"""The templates of a programme: Jinja2 with nothing in it but printing, loops and conditions.

Pure: template text and a context in, Markdown out. A template is judged before it runs: no calls, no imports, no
assignments, no arithmetic, no name that starts with an underscore, no filter outside the short list. While it runs,
its steps and what it prints are counted.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, Undefined, UndefinedError, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from govern.canonical import text_digest
from govern.documents.escape import Drawn, Markdown, Mention, escape_code, escape_text, mark_mention
from govern.problems import Exit, GovernError, Place, Problem, did_you_mean

MAX_OUTPUT = 16 * 1024 * 1024
MAX_STEPS = 2_000_000
MAX_LOOPS = 3
MAX_DEPTH = 24
MAX_NUMBER = 2**53 - 1
# A tag at the beginning of a line, or of an item or quotation in it, begins a block of HTML.
_HTML_BLOCK = re.compile(r"(?:(?:[-*+>]|[0-9]+[.)])\s*)*<[A-Za-z/!?]")
_IN_TAG = re.compile(r"<[A-Za-z/!?][^>]*\{\{")

_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const, nodes.For, nodes.If,
    nodes.Filter, nodes.Not, nodes.And, nodes.Or, nodes.Compare, nodes.Operand, nodes.CondExpr,
)  # fmt: skip


def render(name: str, source: str, context: Mapping[str, Any]) -> str:
    """Return the Markdown of a template.

    Raises:
        GovernError: the template is not allowed, or prints what is not there, or too much (status 3).
    """
    template, problems = _examined(_Source(name, text_digest(source), source))
    if template is None:
        raise GovernError(Exit.UNJUDGED, problems)
    try:
        return "".join(_bounded(name, template.generate(context)))
    except UndefinedError as error:
        raise _refused("TEMPLATE_UNDEFINED", f"prints what is not there: {error.message}", name, _line_of(error)) from error
    except (SecurityError, TypeError) as error:
        raise _refused("TEMPLATE_FORBIDDEN", str(error), name, _line_of(error)) from error


def check_template(name: str, source: str) -> list[Problem]:
    """Return what is not allowed in a template, all of it."""
    return list(_examined(_Source(name, text_digest(source), source))[1])


@dataclass(frozen=True, slots=True)
class _Source:
    """A template's text, known by its digest: that is what was adopted."""

    name: str
    sha256: str
    text: str = field(compare=False, repr=False)


@lru_cache(maxsize=64)
def _examined(told: _Source) -> tuple[Template | None, tuple[Problem, ...]]:
    """Return a template ready to run, or why it must not: judged and compiled once for a digest."""
    name, source = told.name, told.text
    private = next((Place(name, source.count("\n", 0, found.start()) + 1, 1) for found in re.finditer("[\ue000-\uf8ff]", source)), None)
    if private:
        # Marks of mentions are such characters, and only the program sets them.
        return None, (Problem("TEMPLATE_FORBIDDEN", "holds a private-use character", private),)
    try:
        tree = _environment().parse(source, name)
        found = {*_forbidden(Place(name, 1, 1), tree, 0, 0), *_within_html(name, source)}
        problems = tuple(sorted(found, key=lambda each: (each.place, each.message)))
        return (None, problems) if problems else (_environment().from_string(_counted(tree)), ())
    except TemplateSyntaxError as error:
        return None, (Problem("TEMPLATE_SYNTAX", error.message or "not a template", Place(name, error.lineno, 1)),)
    except (RecursionError, ValueError):
        # Jinja's parser and Python's compiler recurse, and Python reads no number of more than 4,300 digits.
        return None, (Problem("TEMPLATE_LIMIT", "nests too deep, or has a number too long, to be read", Place(name, 1, 1)),)


class _Environment(ImmutableSandboxedEnvironment):
    """The sandbox, in which a name behind a dot is a key: what is printed is made of mappings, and has no attributes to offer."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return what a key holds; where there is none, what the sandbox says."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    environment = _Environment(undefined=StrictUndefined, finalize=_printed, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False)
    environment.globals.clear()
    environment.filters.clear()
    environment.filters.update(code=_code, length=len)
    return environment


def _printed(value: object) -> str:
    if isinstance(value, Mention):
        return mark_mention(escape_text(value))
    if isinstance(value, Drawn):
        return value.marked
    return value if isinstance(value, Markdown) else escape_text(_text(value))


def _code(value: object) -> Markdown:
    shown = escape_code(_text(value))
    return mark_mention(shown) if isinstance(value, Mention) else shown


def _text(value: object) -> str:
    """Return the text of a text or a number; nothing else has a spelling that lasts."""
    if isinstance(value, Undefined):
        return str(value)  # Raises, and says what is not there; of an inline `if` without `else` it is nothing.
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError(f"a {type(value).__name__} cannot be printed")
    return str(value)


def _counted(tree: nodes.Template) -> nodes.Template:
    """Return the tree with a piece of no text in every round of every loop, so that rounds that print nothing count."""
    for loop in list(tree.find_all(nodes.For)):
        loop.body.insert(0, nodes.Output([nodes.TemplateData("")], lineno=loop.lineno))
    return tree


def _bounded(name: str, pieces: Iterator[str]) -> Iterator[str]:
    size = 0
    for step, piece in enumerate(pieces, 1):
        size += len(piece)
        if size > MAX_OUTPUT:
            raise _refused("TEMPLATE_LIMIT", f"prints more than {MAX_OUTPUT} characters", name, 1)
        if step > MAX_STEPS:
            raise _refused("TEMPLATE_LIMIT", f"takes more than {MAX_STEPS} steps", name, 1)
        yield piece


def _forbidden(within: Place, node: nodes.Node, loops: int, depth: int) -> Iterator[Problem]:
    lines = (each.lineno for each in (node, *node.iter_child_nodes()))
    place = within._replace(line=next(filter(None, lines), within.line))
    if depth > MAX_DEPTH:
        yield Problem("TEMPLATE_LIMIT", f"nests deeper than {MAX_DEPTH}", place)
        return
    if isinstance(node, nodes.For):
        loops += 1
        if node.recursive or loops > MAX_LOOPS:
            yield Problem("TEMPLATE_LIMIT", f"loops nest deeper than {MAX_LOOPS}, or recurse", place)
    message, help = _against(node)
    if message:
        yield Problem("TEMPLATE_FORBIDDEN", message, place, help=help)
    for child in node.iter_child_nodes():
        yield from _forbidden(place, child, loops, depth + 1)


def _within_html(name: str, source: str) -> Iterator[Problem]:
    """Find what is printed where Markdown's escapes mean nothing: in a tag, or in a block of HTML, which ends with an empty line.

    A length can be no markup.
    """
    within = False
    for number, line in enumerate(source.split("\n"), 1):
        text = re.sub(r"\{%.*?%\}|\{#.*?#\}", "", line).strip()
        within = bool(text) and (within or _HTML_BLOCK.match(text) is not None)
        printed = re.sub(r"\{\{[^{}]*\| *length *\}\}", "", text)
        if (within and "{{" in printed) or _IN_TAG.search(printed):
            yield Problem(
                "TEMPLATE_FORBIDDEN", "prints a text within HTML, where nothing escapes it", Place(name, number, 1), help="leave an empty line before it"
            )


def _against(node: nodes.Node) -> tuple[str, str]:
    """Return why a node is not allowed, and a hint; nothing where it is."""
    match node:
        case nodes.Filter(name=word) if word not in _environment().filters:
            known = _environment().filters
            return f"the filter `{word}` is not allowed", did_you_mean(word, known) or "known: " + ", ".join(known)
        case nodes.For(test=nodes.Node()):
            return "a condition in `for` is not allowed", "put an `if` into the loop"
        case nodes.Name(name=word, ctx=use) if word.startswith("_") or word == "self" or (word == "loop" and use == "store"):
            return f"`{word}` is not for templates", ""
        case nodes.Getattr(attr=str(word)) | nodes.Getitem(arg=nodes.Const(value=str(word))) if word.startswith("_"):
            return f"`{word}` is not for templates", ""
        case nodes.Getitem(arg=argument) if not isinstance(argument, nodes.Const | nodes.Name):
            return "an index is a name or a constant", ""
        case nodes.Const(value=value) if not isinstance(value, str) and not (isinstance(value, int) and value <= MAX_NUMBER):
            return f"the constant {str(value)[:20]} is not allowed", "texts and whole numbers only"
    if not isinstance(node, _ALLOWED):
        return f"`{type(node).__name__.lower()}` is not allowed in a template", "loops, conditions and printing only"
    return "", ""


def _line_of(error: BaseException) -> int:
    """Return the template's line that was being printed: Jinja rewrites the traceback to it."""
    line = 1
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _refused(code: str, message: str, name: str, line: int) -> GovernError:
    return GovernError(Exit.UNJUDGED, [Problem(code, message, Place(name, line, 1))])
