"""What is printed for the programme of this repository, byte for byte."""

from pathlib import Path

import pytest

from support.cli import Programme

GOLDEN = Path(__file__).parent / "golden"
COMMANDS = {
    "status": ("status",),
    "status-first": ("status", "--as-of", "@S0"),
    "why-blocked": ("why-blocked",),
    "why-blocked-5": ("why-blocked", "5"),
    "decide": ("decide",),
    "decide-refused": ("decide", "4", "--as", "gpt"),
    "show-leg": ("show", "FIX7-P0-DRYRUN-PROD-ROLLBACK-1/toy"),
    "show-option": ("show", "3"),
    "show-packet": ("show", "production"),
    "log": ("log", "-n", "8"),
    "lineage": ("lineage",),
    "diagram": ("diagram", "final-real-data"),
    "diagram-lane": ("diagram", "lane"),
    "explain-exit-codes": ("explain", "exit-codes"),
    "explain-evidence": ("explain", "evidence"),
    "usage": ("grant", "recrod", "QT001"),
    "help": ("--help",),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_printed_is_what_was_agreed_on(name: str, keyless: Programme) -> None:
    ran = keyless.run(*COMMANDS[name])
    shown = ran.err + ran.out + f"[exit {ran.status}]\n"
    assert shown == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_no_golden_is_left_over() -> None:
    assert sorted(path.stem for path in GOLDEN.iterdir()) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_no_line_ends_in_white_space_or_hides_a_character(name: str) -> None:
    text = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
    assert all(line == line.rstrip() for line in text.split("\n"))
    assert all(character.isprintable() for character in text.replace("\n", ""))
