"""Where the program begins: the gate's quick answer where there is one, else the whole command line.

What is imported here is paid for by every start, so that it is next to nothing.
"""

import sys


def main() -> int | None:
    """Run the command of the process; the status, or nothing where the command line exits itself."""
    if sys.argv[1:2] == ["gate"]:
        from govern.snapshot import answer

        status = answer(sys.argv[2:])
        if status is not None:
            return status
    from govern.cli.main import main as whole

    whole()
    return None
