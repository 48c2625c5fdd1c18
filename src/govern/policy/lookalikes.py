"""Characters that are read as others: any text as ASCII, as far as a reader could mistake it for that.

Pure. The table is part of the package, not of `unicodedata` or of a library: what is refused must be the same on every
machine, and theirs changes with the version. `docs/write_lookalikes.py` makes it.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

# Beyond ASCII, but for dashes, quotation marks and dots, which are read as no letter and are in many pages.
_TELLING = re.compile(r"[^\x00-\x7f\u2010-\u2027\u2030-\u205e]+")


def as_ascii(text: str) -> str:
    """Return a text with each character that is read as ASCII spelled so, and without those that are not seen.

    What is read as nothing in ASCII stays as it is.
    """
    return text if text.isascii() else _TELLING.sub(lambda found: found[0].translate(lookalikes()), text)


@lru_cache(maxsize=1)
def lookalikes() -> Mapping[int, str]:
    """Return what each character is read as, by its code point: nothing where it is not seen."""
    found: dict[int, str] = {}
    for line in (files("govern.policy") / "lookalikes.txt").read_text(encoding="ascii").splitlines():
        if not line.startswith("#"):
            read, _semicolon, characters = line.partition(";")
            told = "".join(chr(int(each, 16)) for each in read.split())
            for run in characters.split():
                first, _dash, last = run.partition("-")
                found |= dict.fromkeys(range(int(first, 16), int(last or first, 16) + 1), told)
    return found
