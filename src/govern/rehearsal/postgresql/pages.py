"""Single pages of a table: which are other than in a snapshot, and how a query reads the rows on them and no others.

What makes equal files hold equal rows (see `stored`) goes for a page as well: it says which rows on it are visible, and what they hold.
A row that was moved to another page has left its mark on the one that it was on.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from govern.rehearsal.postgresql.files import size_of, unlike_pages
from govern.rehearsal.postgresql.pinned import Session, run
from govern.rehearsal.postgresql.tables import Table

# The first version that reads a range of pages without reading all that comes before it.
_READS_RANGES = 140000


@dataclass(frozen=True, slots=True)
class Worth:
    """Of which tables single pages are looked at: those of at least so many bytes, of whose pages no larger share differs."""

    least: int = 8 << 20
    share: float = 0.2

    def few_pages(self, one: Path, other: Path, size: int) -> frozenset[int] | None:
        """Return the numbers of the pages of `size` bytes that differ between the files of a table; nothing where reading all of them is as quick."""
        larger = max(size_of(one), size_of(other))
        most = int(larger // size * self.share)
        if larger < self.least:
            return None
        found = frozenset(islice(unlike_pages(one, other, size), most + 1))
        return found if len(found) <= most else None


USUALLY = Worth()


def page_size(connection: Session) -> int | None:
    """Return how many bytes a page has; nothing where the server cannot read single pages."""
    if connection.info.server_version < _READS_RANGES:
        return None
    return int(run(connection, b"SHOW block_size")[0][0] or 0)


def rows_on(table: Table, pages: Collection[int]) -> bytes:
    """Return what stands for a table in a query and has its rows on those pages alone; no name in it can be one of the table's."""
    runs = list(_runs(pages))
    first, end = (b",".join(b'"(%d,0)"' % run[side] for run in runs) for side in (0, 1))
    columns = b", ".join(b"govern_rows." + each.quoted for each in table.columns)
    # Each run is a scan of its own only where the planner cannot merge the two levels: OFFSET keeps it from that.
    return (
        b"(SELECT govern_found.* FROM unnest('{%s}'::tid[], '{%s}'::tid[]) AS govern_runs (first_at, end_at), LATERAL (SELECT %s FROM ONLY %s AS govern_rows"
        b" WHERE govern_rows.ctid >= govern_runs.first_at AND govern_rows.ctid < govern_runs.end_at OFFSET 0) AS govern_found) AS govern_rows"
    ) % (first, end, columns, table.quoted)


def _runs(pages: Collection[int]) -> Iterator[tuple[int, int]]:
    """Yield where pages that follow each other begin, and the number of the one behind them."""
    ordered = sorted(pages)
    begun = 0
    for place, page in enumerate(ordered, start=1):
        if place == len(ordered) or ordered[place] != page + 1:
            yield ordered[begun], page + 1
            begun = place
