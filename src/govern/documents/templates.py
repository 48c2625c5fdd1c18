"""Templates: Jinja2 with nothing in it but printing, loops and conditions. The only importer of jinja2.

Pure: template text and a context in, Markdown out. A template is judged before it runs: no calls, no imports, no
assignments, no arithmetic, no attribute that starts with an underscore, no filter outside the short list.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from govern.documents.escape import Markdown, escape_code, escape_text
from govern.problems import Exit, GovernError, Place, Problem, did_you_mean

MAX_OUTPUT = 16 * 1024 * 1024
MAX_LOOPS = 3

_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const, nodes.For, nodes.If,
    nodes.Filter, nodes.Not, nodes.And, nodes.Or, nodes.Compare, nodes.Operand, nodes.CondExpr,
)  # fmt: skip


def render(name: str, source: str, context: Mapping[str, Any]) -> str:
    """Return the Markdown of a template.

    Raises:
        GovernError: the template is not allowed, or prints what is not there, or too much (status 3).
    """
    template = _compiled(name, source)
    size = 0
    parts: list[str] = []
    try:
        for part in template.generate(context):
            size += len(part)
            if size > MAX_OUTPUT:
                raise _refused(Problem("TEMPLATE_LIMIT", f"prints more than {MAX_OUTPUT} characters", Place(name, 1, 1)))
            parts.append(part)
    except UndefinedError as error:
        message = f"prints what is not there: {error.message}"
        raise _refused(Problem("TEMPLATE_UNDEFINED", message, Place(name, _line_of(error, name), 1))) from error
    except (SecurityError, TypeError) as error:
        raise _refused(Problem("TEMPLATE_FORBIDDEN", str(error), Place(name, _line_of(error, name), 1))) from error
    return "".join(parts)


def check_template(name: str, source: str) -> list[Problem]:
    """Return what is not allowed in a template, all of it."""
    try:
        tree = _environment().parse(source, name)
    except TemplateSyntaxError as error:
        return [Problem("TEMPLATE_SYNTAX", error.message or "not a template", Place(name, error.lineno, 1))]
    return sorted(_forbidden(name, tree, 0), key=lambda problem: problem.place or Place(name, 0, 0))


@lru_cache(maxsize=64)
def _compiled(name: str, source: str) -> Any:
    problems = check_template(name, source)
    if problems:
        raise GovernError(Exit.UNJUDGED, problems)
    return _environment().from_string(source)


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, finalize=_printed, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False
    )
    environment.globals.clear()
    environment.filters.clear()
    environment.filters.update(code=lambda value: escape_code(str(value)), length=len)
    environment.tests.clear()
    return environment


def _printed(value: object) -> str:
    if isinstance(value, Markdown):
        return value
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError(f"a {type(value).__name__} cannot be printed")
    return escape_text(str(value))


def _forbidden(name: str, node: nodes.Node, loops: int) -> list[Problem]:
    found: list[Problem] = []
    place = Place(name, node.lineno or 1, 1)
    if not isinstance(node, _ALLOWED):
        message = f"`{type(node).__name__.lower()}` is not allowed in a template"
        found.append(Problem("TEMPLATE_FORBIDDEN", message, place, help="loops, conditions and printing only"))
    if isinstance(node, nodes.Filter) and node.name not in _environment().filters:
        hint = did_you_mean(node.name, _environment().filters) or "known: " + ", ".join(_environment().filters)
        found.append(Problem("TEMPLATE_FORBIDDEN", f"the filter `{node.name}` is not allowed", place, help=hint))
    if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
        found.append(Problem("TEMPLATE_FORBIDDEN", f"`{node.attr}` is not for templates", place))
    if isinstance(node, nodes.Getitem) and not isinstance(node.arg, nodes.Const | nodes.Name):
        found.append(Problem("TEMPLATE_FORBIDDEN", "an index is a name or a constant", place))
    if isinstance(node, nodes.For):
        loops += 1
        if node.recursive or loops > MAX_LOOPS:
            found.append(Problem("TEMPLATE_LIMIT", f"loops nest deeper than {MAX_LOOPS}, or recurse", place))
    for child in node.iter_child_nodes():
        found += _forbidden(name, child, loops)
    return found


def _line_of(error: BaseException, name: str) -> int:
    """Return the template's line that was being printed: Jinja rewrites the traceback to it."""
    line = 1
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in ("<template>", name):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _refused(problem: Problem) -> GovernError:
    return GovernError(Exit.UNJUDGED, [problem])
