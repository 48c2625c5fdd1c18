"""The libraries that the page of a programme needs, and what is said where they are not installed. Pure."""

from importlib.util import find_spec

from govern.problems import Exit, fault

_LIBRARIES = ("igraph", "markdown_it", "nh3")


def demand_libraries() -> None:
    """Go on only where the libraries of `govern[html]` are installed.

    Raises:
        GovernError: one is not (NEEDS_EXTRA, status 3).
    """
    missing = [name for name in _LIBRARIES if find_spec(name) is None]
    if missing:
        raise fault(Exit.UNJUDGED, "NEEDS_EXTRA", f"the page of a programme needs {', '.join(missing)}, not installed here", help="pip install 'govern[html]'")
