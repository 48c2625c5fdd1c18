"""Where the program begins: a quick answer of the gate or the hook where there is one, else the whole command line.

What is imported here is paid for by every start, so that it is next to nothing.
"""

import sys


def main() -> int | None:
    """Run the command of the process; the status, or nothing where the command line exits itself."""
    if sys.argv[1:2] == ["gate"]:
        from govern.snapshot import answer

        status = answer(sys.argv[2:], _head_of)
        if status is not None:
            return status
    elif "hook" in sys.argv[1:]:
        from govern.hook import answering as hook

        if hook.is_hook(sys.argv[1:]):
            return _hooked()
    from govern.cli.main import main as whole

    whole()
    return None


def _head_of(address: str, ledger: str) -> tuple[int, str]:
    """Return size and last digest of a ledger in a database.

    Raises:
        NoAnswerError: it cannot be asked; the whole path says why.
    """
    from govern.ledger.postgresql import PostgresStore
    from govern.ledger.server import Server
    from govern.problems import GovernError
    from govern.snapshot import NoAnswerError

    server = Server(address)
    try:
        return PostgresStore(server, ledger).head()
    except GovernError as error:
        raise NoAnswerError(str(error)) from error
    finally:
        server.close()


def _hooked() -> int:
    """Answer an agent. Whatever happens, the status is one that every agent takes for a yes or a no."""
    from govern.hook import answering as hook

    try:
        hook.watch()
        content = hook.read_input()
        start = hook.start_of(sys.argv[1:])
        status = hook.quick(content, start, _head_of) if start is not None else None
        if status is None:
            hook.standard_input(content)
            from govern.cli.main import run

            status = run(sys.argv[1:])
    except BaseException as error:  # noqa: BLE001 - one that is not caught would let the call go ahead
        status = hook.unusable(error)
    return hook.ALLOWED if status == hook.ALLOWED else hook.DENIED
