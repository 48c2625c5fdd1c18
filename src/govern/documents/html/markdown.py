"""Rendered Markdown as HTML, and the list of what HTML may hold at all.

Pure. The only importer of markdown-it-py and nh3. What is not on the list is taken out, whatever put it in.
"""

from markupsafe import Markup

_TABLES = frozenset({"table", "caption", "thead", "tbody", "tr", "th", "td"})
_BLOCKS = frozenset({"h1", "h2", "h3", "h4", "h5", "p", "ul", "ol", "li", "pre", "hr", "details", "summary", "blockquote", "dl", "dt", "dd"})
_WORDS = frozenset({"code", "strong", "em", "br", "s", "a", "span", "wbr"})
_PARTS = frozenset({"header", "nav", "main", "section", "div", "figure", "footer", "form", "label", "select", "option", "input", "button"})
_OF_ALL = frozenset({"id", "class", "hidden"})
_ATTRIBUTES = {
    "a": {"href"},
    "th": {"scope", "aria-sort"},
    "button": {"type"},
    "input": {"type", "placeholder", "aria-label"},
    "select": {"aria-label"},
    "option": {"value"},
    "nav": {"aria-label"},
    "p": {"aria-live"},
    "div": {"tabindex", "role", "aria-label"},
    "figure": {"tabindex", "role", "aria-label"},
}


def trusted(html: str) -> Markup:
    """Return HTML that is taken as it is: cleaned here, or made of what is shipped."""
    return Markup(html)  # noqa: S704 - the one door: what comes from a record has been escaped or cleaned before


def clean(html: str, *, parts: bool = False) -> Markup:
    """Return HTML with nothing in it but what is listed: of the page's own `parts`, or of what is written in a document only, where no link leads anywhere."""
    import nh3

    tags = set(_TABLES | _BLOCKS | _WORDS)
    if not parts:
        return trusted(nh3.clean(html, tags=tags, attributes={}, link_rel=None))
    tags |= _PARTS
    attributes = {tag: {*_OF_ALL, *_ATTRIBUTES.get(tag, ())} for tag in tags}
    return trusted(nh3.clean(html, tags=tags, attributes=attributes, url_schemes=set(), link_rel=None, generic_attribute_prefixes={"data-"}))


def markdown_html(text: str) -> Markup:
    """Return a rendered document as HTML. Its headings are two levels deeper: it stands in a section of the page."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 5)}"
    return clean(parser.renderer.render(tokens, parser.options, {}))
