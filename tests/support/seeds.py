"""The source documents that FIX7 P0 was declared from: as they lie beside this repository, or as they were read once.

Where the folder of the sources is there, a source that is missing from it is a failure, never a skip.
"""

import re
from pathlib import Path

SHARED = Path(__file__).parents[3] / "shared"
READ_ONCE = """\
Default = HOLD_REAL_DATA.
1. HOLD_REAL_DATA (DEFAULT)
2. AUTHORIZE_OPERATOR_REAL_DATA_CLONE_HANDOFF
3. AUTHORIZE_PRODUCTION_DRYRUN_ONLY
4. AUTHORIZE_PRODUCTION_REALRUN_PRECHECK_ONLY
5. AUTHORIZE_PRODUCTION_EXECUTION
| blocker | engineering | remaining actor |
|---|---|---|
| FIX7-P0-PROD-BIRTH-SURFACE-1 | n/a (live scoping) | operator + owner |
| FIX7-P0-PROD-CI-SCOPE-1 | CLOSED off-production (adoption packet ready) | owner + operator |
| FIX7-P0-DRYRUN-PROD-ROLLBACK-1 | CLOSED for toy + surrogate legs | operator (real dump) + owner |
| FIX7-P0-PLAN-REALRUN-1 | n/a | owner |
| FIX7-P0-PLAN-SEPARATE-AUTH-1 | n/a | owner |
| FIX7-P0-PROD-OPT4-1 | n/a | owner |
| FIX7-P0-OPERATOR-INPUT-1 | surrogate substitute proven | operator |
"""


def packet_source() -> str:
    """Return the text of the packet's source, or the lines of it that were read once."""
    text = _text("004")
    return READ_ONCE if text is None else text


def source_says(number: str, phrase: str) -> bool:
    """Whether a source says these words, wherever its lines break; true where no source is there to ask."""
    text = _text(number)
    return text is None or phrase in " ".join(text.split())


def _text(number: str) -> str | None:
    if not SHARED.exists():
        return None
    [path] = (SHARED / "seeds").glob(f"{number}_*.txt")
    return path.read_text(encoding="utf-8")


def table_rows(text: str) -> list[list[str]]:
    """Return the rows of the one table of a source, header first."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return [row for row in rows if not set("".join(row)) <= {"-"}]


def options(text: str) -> list[tuple[str, str]]:
    """Return the numbered options of a source."""
    return re.findall(r"^([0-9])\. ([A-Z0-9_]+)(?: \(DEFAULT\))?$", text, re.MULTILINE)
