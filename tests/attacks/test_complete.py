"""Whether every row of the table of attacks is made here, and every code that is expected is one of the program's."""

import ast
import re
from pathlib import Path

from govern.cli.codes import CODES

HERE = Path(__file__).parent
SHARED = Path(__file__).parents[3] / "shared"
ROWS = 58
_looks_like_code = re.compile(r"[A-Z]+(?:_[A-Z]+)+").fullmatch


def functions() -> list[str]:
    """Return the names of all tests of attacks."""
    trees = [ast.parse(path.read_bytes()) for path in sorted(HERE.glob("test_*.py"))]
    return [node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_row_")]


def rows() -> list[int]:
    """Return the numbers of the rows of the table, where the folder that holds it is there."""
    if not SHARED.exists():
        return list(range(1, ROWS + 1))
    return [int(number) for number in re.findall(r"^\| ([0-9]+) \|", (SHARED / "attacks.md").read_text(encoding="utf-8"), re.MULTILINE)]


def test_every_row_of_the_table_has_its_attack() -> None:
    made = {int(number) for name in functions() for number in re.findall(r"(?:row|and)_([0-9]{2})_", name)}
    assert rows() == list(range(1, ROWS + 1))
    assert made == set(rows())


def test_every_code_that_an_attack_expects_is_one_of_the_programs() -> None:
    expected: set[str] = set()
    for path in sorted(HERE.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("meets", "warns"):
                constants = [part for argument in node.args for part in ast.walk(argument) if isinstance(part, ast.Constant)]
                expected |= {part.value for part in constants if isinstance(part.value, str)}
    assert len(expected) > 40
    assert expected <= CODES.keys()
