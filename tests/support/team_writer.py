"""A process that appends records to a ledger in a database until its input ends, and says which are acknowledged.

python -m support.team_writer ADDRESS LEDGER WRITER
"""

import select
import sys
from itertools import count

from govern.ledger.keeping import AppendUnknownError, SharedStore, change
from govern.ledger.postgresql import PostgresStore
from govern.ledger.server import GoneError, Server
from support.store_conformance import plain


def main(address: str, ledger: str, writer: int) -> None:
    """Append one record after the other, each until it is acknowledged."""
    server = Server(address, patience=60)
    store = PostgresStore(server, ledger)
    for number in count():
        if select.select([sys.stdin], [], [], 0.01)[0]:
            break
        line = plain(writer * 1_000_000 + number)

        def add(held: SharedStore, line: bytes = line) -> None:
            contents = held.read()
            # After an append of which it is not known whether it was kept, this is what settles it.
            if line[:-1] not in contents.lines:
                held.append(len(contents.lines), [line])

        while True:
            try:
                change(store, add)
            except (AppendUnknownError, GoneError):
                continue
            break
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
    server.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
