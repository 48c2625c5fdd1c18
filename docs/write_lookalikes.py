"""Write the table of characters that are read as ASCII, from Unicode's data; run by hand when a newer version is wanted.

    python docs/write_lookalikes.py

Three sources, the first that knows a character: its compatibility form (NFKD), the confusables of UTS 39, and its name
where that is a Latin letter's in a frame or with a mark; a small capital is told by its name before all. Marks and what is ignored by default are left out of a word.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

TABLE = Path(__file__).resolve().parent.parent / "src" / "govern" / "policy" / "lookalikes.txt"
# Default_Ignorable_Code_Point of DerivedCoreProperties.txt: `unicodedata` does not hold it. The set is stable.
IGNORED = "00AD 034F 061C 115F-1160 17B4-17B5 180B-180F 200B-200F 202A-202E 2060-206F 3164 FE00-FE0F FEFF FFA0 FFF0-FFF8 1BCA0-1BCA3 1D173-1D17A E0000-E0FFF"
_NAMED = re.compile(
    r"(?:(?:NEGATIVE )?(?:CIRCLED|SQUARED)|REGIONAL INDICATOR SYMBOL|(?:MODIFIER LETTER|LATIN LETTER)(?= SMALL CAPITAL)|LATIN)"
    r"(?P<case> CAPITAL| SMALL CAPITAL| SMALL)?(?: LATIN CAPITAL)? LETTER (?P<letter>[A-Z])(?: WITH .*)?|(?:LATIN|MODIFIER) LETTER SMALL CAPITAL (?P<small>[A-Z])"
)


def _code_points(spelled: str) -> Iterator[int]:
    for each in spelled.split():
        first, _dash, last = each.partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)


_IGNORED = frozenset(_code_points(IGNORED))


def main() -> None:
    """Write the table."""
    source = json.loads((files("confusable_homoglyphs") / "confusables.json").read_text(encoding="utf-8"))
    prototypes = dict(_prototypes(source))
    found: dict[str, list[int]] = {"": sorted(_IGNORED | {code for code in _characters() if unicodedata.category(chr(code)) in {"Mn", "Me"}})}
    for code in _characters():
        read = "\n" if code in {0x85, 0x2028, 0x2029} else _read_as(chr(code), prototypes)
        if code not in found[""] and (read.isspace() or any(map(str.isalnum, read))):
            found.setdefault(read, []).append(code)
    lines = [f"{' '.join(f'{ord(each):04X}' for each in read)}; {_spelled(codes)}" for read, codes in sorted(found.items())]
    head = [
        f"# What is read as ASCII: Unicode {unicodedata.unidata_version} and the confusables of UTS 39 as confusable-homoglyphs {version('confusable-homoglyphs')}",
        "# holds them (copyright Unicode, Inc., under the Unicode License). Written by docs/write_lookalikes.py: what is read; characters. Nothing is read: left out.",
    ]
    TABLE.write_text("\n".join([*head, *lines]) + "\n", encoding="ascii")


def _characters() -> Iterator[int]:
    """Yield every assigned character beyond ASCII that is not private."""
    return (code for code in range(0x80, 0x110000) if unicodedata.category(chr(code)) not in {"Cn", "Co", "Cs"})


def _prototypes(source: dict[str, list[dict[str, Any]]]) -> Iterator[tuple[str, str]]:
    """Yield each confusable character with the ASCII text that it is mistaken for."""
    for spelled, others in source.items():
        character = spelled.strip("\u200e")
        read = [_plain(str(each["c"])) for each in others]
        ascii_only = [each for each in read if each and each.isascii()]
        if len(character) == 1 and not character.isascii() and ascii_only:
            yield character, max(ascii_only, key=lambda each: sum(map(str.isalnum, each)))


def _read_as(character: str, prototypes: dict[str, str]) -> str:
    """Return the ASCII text that a character is read as, or nothing."""
    plain = _plain(unicodedata.normalize("NFKD", character))
    if plain.isascii() and any(map(str.isalnum, plain)):
        return plain
    name = unicodedata.name(character, "")
    named = _NAMED.fullmatch(name)
    # The confusables have raised and small capitals as small letters, by which it could not be told that they are capitals.
    if named and ("SMALL CAPITAL" in name or character not in prototypes):
        letter: str = named["small"] or named["letter"]
        return letter.lower() if named["case"] == " SMALL" else letter
    read = prototypes.get(character) or "".join(each if each.isascii() else prototypes.get(each, "\x80") for each in plain or character)
    return read if read.isascii() else plain if plain.isascii() else ""


def _plain(text: str) -> str:
    """Return a text without marks and without what is ignored."""
    return "".join(each for each in unicodedata.normalize("NFKD", text) if unicodedata.category(each) not in {"Mn", "Me"} and ord(each) not in _IGNORED)


def _spelled(codes: list[int]) -> str:
    """Return code points with runs as ranges."""
    runs: list[list[int]] = []
    for code in codes:
        if runs and code == runs[-1][1] + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return " ".join(f"{first:04X}" if first == last else f"{first:04X}-{last:04X}" for first, last in runs)


if __name__ == "__main__":
    main()
