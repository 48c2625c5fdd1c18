"""One of several writers of a ledger, as a process of its own: `python -m support.appender FOLDER NAME COUNT`."""

import sys
from pathlib import Path

from govern.ledger.lines import Chain, encode_line, read_records
from govern.ledger.statements import Basis, Statement
from govern.ledger.store import FileStore


def append_notes(folder: Path, name: str, count: int) -> None:
    """Append so many notes, each behind the head that is read under the lock."""
    store = FileStore(folder)
    for number in range(count):
        with store.exclusive():
            chain = Chain()
            records = list(read_records(store.read().lines, chain))
            note = Statement(chain.ledger, "note", "owner", {"text": f"{name} {number}"}, Basis(chain.size, chain.last), records[0].statement.policy)
            store.append(chain.size, [encode_line(chain, note, records[-1].seconds)])


if __name__ == "__main__":
    append_notes(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
