"""Where the programme stands: its status token.

Pure.
"""

from govern.engine.judge import judge
from govern.engine.view import View


def status_token(view: View) -> str:
    """Return the first declared status that holds, or nothing where none does."""
    for status in view.policy.statuses:
        if status.when is None or judge(status.when, view).truth is True:
            return str(status.id)
    return ""
