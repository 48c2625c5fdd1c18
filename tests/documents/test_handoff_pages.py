"""The hand-off page asks for what the policy declares, and says how it is made and checked."""

import re
import shutil
from pathlib import Path

import pytest

from support.cli import ROOT, UNREHEARSED, Programme, waived
from support.isolation import isolate

DOCUMENT = "documents:\n  handoff: {shows: hand-off, template: operator-handoff.md.j2, path: governance/reports/handoff.md}\n"
LEGS = (
    "  HANDED-OVER:\n    guards_nothing: for tests\n    legs:\n"
    "      dump: {by: editor, evidence: {intake: real-dump}}\n"
    "      rehearsed: {by: lead, evidence: {rehearsal: real-dump}}\n"
    "      toy: {by: builder, evidence: {rehearsal: toy}}\n"
)
SURFACE = """
rehearsal:
  label: GENERATED_NOT_REAL
  surface:
    engine: %s
    tables:
      people: {columns: {child_name: masked, token: empty, password: absent, sort_key: plain}, all: plain}
      log_*: {columns: {line: plain}}
"""


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate(monkeypatch, tmp_path)


def page(root: Path, more: str) -> str:
    """Return what is rendered, without its front matter."""
    (root / "templates").mkdir(parents=True)
    for template in (ROOT / "templates").glob("*.j2"):
        shutil.copy(template, root / "templates")
    policy = re.sub("^documents:\n", DOCUMENT, UNREHEARSED.replace("\npackets:", f"{LEGS}\npackets:", 1), count=1, flags=re.MULTILINE)
    policy = policy.replace("rehearsal: copy", "rehearsal: toy")
    (root / "states.yaml").write_text(waived(policy + more), encoding="utf-8")
    programme = Programme(root)
    programme.does("init")
    programme.does("render")
    return (root / "governance" / "reports" / "handoff.md").read_text(encoding="utf-8").split("---\n\n", 1)[1]


def test_it_lists_each_table_with_its_columns_by_class(tmp_path: Path) -> None:
    shown = page(tmp_path / "p", SURFACE % "postgresql")

    assert "| `people` | `child_name` | `token` | `password` | `sort_key` | plain |\n" in shown
    assert "| `log_*` (every table of that beginning) |  |  |  | `line` | refused |\n" in shown
    assert "A table without a schema is one of `public`." in shown


def test_it_lists_the_legs_that_wait_for_real_data_and_no_others(tmp_path: Path) -> None:
    shown = page(tmp_path / "p", SURFACE % "postgresql")

    assert "| HANDED-OVER/dump | editor | intake of real-dump |  | open |\n| HANDED-OVER/rehearsed | lead | rehearsal of real-dump |  | open |\n\n" in shown
    assert "toy" not in shown


@pytest.mark.parametrize(("engine", "says", "not_said"), [("postgresql", "pg_dump -Fc", "sqlite3"), ("sqlite", "VACUUM INTO", "pg_dump -Fc")])
def test_it_says_how_a_dump_of_the_declared_engine_is_made(engine: str, says: str, not_said: str, tmp_path: Path) -> None:
    shown = page(tmp_path / "p", SURFACE % engine).split("## How to make it")[1].split("## See beforehand")[0]

    assert says in shown
    assert not_said not in shown
    assert re.findall(r"^([0-9])\. ", shown, re.MULTILINE) == ["1", "2", "3"]


def test_its_commands_are_those_of_the_legs(tmp_path: Path) -> None:
    shown = page(tmp_path / "p", SURFACE % "postgresql")

    assert [line for line in shown.split("\n") if line.startswith("govern ")] == [
        "govern intake handover.dump --provenance real-dump --out handover --as ACTOR",
        "govern blocker discharge HANDED-OVER/dump --evidence handover/evidence.json --as editor",
        "govern rehearse --source handover.dump --change CHANGE --provenance real-dump --out rehearsal --as lead",
        "govern blocker discharge HANDED-OVER/rehearsed --evidence rehearsal/evidence.json --as lead",
    ]
    assert "carries the label `GENERATED_NOT_REAL`" in shown


def test_without_a_surface_it_asks_for_nothing(tmp_path: Path) -> None:
    assert page(tmp_path / "p", "").rstrip().endswith("Until it does, nothing that is handed over can be taken in.")


def test_no_word_of_a_programme_stands_in_its_template() -> None:
    text = (ROOT / "templates" / "operator-handoff.md.j2").read_text(encoding="utf-8")

    assert not re.search("FIX7|QT001|TKT|HOLD_|directus|birth_", text, re.IGNORECASE)
