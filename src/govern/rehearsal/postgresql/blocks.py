"""The rows of a COPY as a stretch of a file: whoever fills a table reads them where they stand, while the dump is read on."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

from govern.problems import GovernError

# Stays in a cache of the processor while it is read, searched and sent.
CHUNK = 1 << 17


@dataclass(frozen=True, slots=True)
class Block:
    """Rows in a file that is open, from an offset on; `whole`: their end was found. `missing` is what is told where bytes are not there."""

    file: int
    start: int
    size: int
    whole: bool
    missing: GovernError

    def pieces(self) -> Iterator[bytes]:
        """Yield the rows in pieces.

        Raises:
            GovernError: their end is missing, or the file has become shorter.
        """
        left = self.size
        while left and (piece := os.pread(self.file, min(CHUNK, left), self.start + self.size - left)):
            left -= len(piece)
            yield piece
        if left or not self.whole:
            raise self.missing
