"""The sandbox of our own, where bubblewrap is not installed: the same isolation, asked of the kernel directly."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import govern
from govern.rehearsal.sandbox import View


class Namespaces:
    """A Python of its own enters new namespaces, builds the view there, gives up every privilege, and starts the program."""

    name = "namespaces"

    def wrap(self, view: View, argv: Sequence[str], info: int) -> list[str]:
        """Return the command that runs `argv` in the view."""
        source = str(Path(govern.__path__[0]).parent)
        enter = f"import sys; sys.path.insert(0, {source!r}); from govern.rehearsal.entering import main; main(sys.argv[1])"
        readable = {path: str(shown) for path, shown in view.readable.items()}
        plan = {"work": str(view.work), "readable": readable, "links": dict(view.links), "argv": list(argv), "info": info, "starter": os.getpid()}
        return [sys.executable, "-I", "-S", "-B", "-c", enter, json.dumps(plan)]
