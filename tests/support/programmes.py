"""The texts of whole programmes."""

from pathlib import Path

_TESTS = Path(__file__).parents[1]

PROGRAMMES = {
    "fix7": (_TESTS.parent / "states.yaml").read_text(),
    "hospital": (_TESTS / "programmes" / "hospital.yaml").read_text(),
    "rich": (_TESTS / "support" / "rich.yaml").read_text(),
}
