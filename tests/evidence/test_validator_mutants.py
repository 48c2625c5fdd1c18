"""The self-test of the validator cannot pass where any part of what judges is disabled: each part is, in turn."""

import ast
import copy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import govern.evidence.validator as shipped

SOURCE = Path(shipped.__file__).read_text(encoding="utf-8")
TABLES = ("READABLE", "SPELLED", "KNOWN", "FORMED", "PROVEN")
CHECKS = [name for table in TABLES for name in getattr(shipped, table)]
# What judges: the tables above all, and the functions that they use.
JUDGING = (
    *TABLES, "scan", "spell", "fits", "objects", "maps", "leaves", "digests", "version_of", "type_of", "seconds", "tree_root", "differing",
    "facts", "when", "twice", "contradictions",   "major", "judge",
)  # fmt: skip
OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip


def selftest(tree: ast.Module) -> str:
    """Return what the self-test of a changed validator says: nothing, where it passes."""
    module = ModuleType("validator")
    module.__file__ = shipped.__file__
    try:
        exec(compile(ast.fix_missing_locations(tree), "validator.py", "exec"), module.__dict__)
        return str(next(module.selftest(), ""))
    except Exception as error:  # noqa: BLE001 - a self-test that crashes does not pass
        return repr(error)


def tables(tree: ast.Module) -> Iterator[ast.Dict]:
    """Yield the tables of checks."""
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id in TABLES:
            assert isinstance(node.value, ast.Dict)
            yield node.value


def name_of(node: ast.stmt) -> str:
    """Return the name that a statement of the module defines."""
    match node:
        case ast.FunctionDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case _:
            return ""


@cache
def places() -> list[tuple[str, int, str]]:
    """Return every place at which what judges can be changed: where, the number of the node, and the change."""
    return [
        (name_of(statement), number, change)
        for statement in ast.parse(SOURCE).body
        if name_of(statement) in JUDGING
        for number, node in enumerate(ast.walk(statement))
        for change in changes(node)
    ]


def changes(node: ast.AST) -> list[str]:
    """Return the changes that can be made to a node."""
    match node:
        case ast.Compare(ops=[_]):
            return ["opposite"]
        case ast.BoolOp():
            return ["other", *(f"without {at}" for at in range(len(node.values)))]
        case ast.UnaryOp(op=ast.Not()):
            return ["affirmed"]
        case ast.comprehension(ifs=[_, *_]):
            return ["unconditional"]
        case ast.If():
            return ["always", "never"]
        case _:
            return []


def changed(node: ast.AST, change: str) -> ast.AST:
    """Return a node with a change made to it."""
    match node:
        case ast.Compare():
            node.ops = [OPPOSITE[type(node.ops[0])]()]
        case ast.BoolOp() if change == "other":
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        case ast.BoolOp():
            del node.values[int(change.removeprefix("without "))]
            return node.values[0] if len(node.values) == 1 else node
        case ast.UnaryOp():
            return node.operand
        case ast.comprehension():
            node.ifs = []
        case ast.If():
            node.test = ast.Constant(change == "always")
    return node


def mutant(where: str, number: int, change: str) -> tuple[ast.Module, str]:
    """Return the validator with one change made to it, and the change in words."""
    tree = ast.parse(SOURCE)
    [statement] = [each for each in tree.body if name_of(each) == where]
    target = list(ast.walk(statement))[number]
    told = f"{where}: {ast.unparse(target).splitlines()[0]}: {change}"
    replacement = changed(copy.deepcopy(target), change)

    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return replacement if node is target else self.generic_visit(node)

    Replace().visit(statement)
    return tree, told


def test_the_self_test_passes_as_it_is_shipped() -> None:
    assert selftest(ast.parse(SOURCE)) == ""


@pytest.mark.parametrize("check", CHECKS)
def test_the_self_test_fails_where_a_check_finds_nothing_or_everything_or_is_gone(check: str) -> None:
    for body in ("lambda _: []", "lambda _: ['wrong']", None):
        tree = ast.parse(SOURCE)
        [table] = [each for each in tables(tree) if any(isinstance(key, ast.Constant) and key.value == check for key in each.keys)]
        at = next(at for at, key in enumerate(table.keys) if isinstance(key, ast.Constant) and key.value == check)
        if body:
            table.values[at] = ast.parse(body, mode="eval").body
        else:
            del table.keys[at], table.values[at]
        assert selftest(tree), body


@pytest.mark.parametrize("part", range(8))
def test_the_self_test_fails_where_any_comparison_condition_or_branch_is_changed(part: int) -> None:
    survivors = []
    for where, number, change in places()[part::8]:
        tree, told = mutant(where, number, change)
        if not selftest(tree):
            survivors.append(told)
    assert survivors == []


@pytest.mark.parametrize("names", ["SETTINGS", "COMPONENTS", "PROBES", "CANARIES", "VARIABLES", "MEANS", "WITH_IDS", "RESIDUE"])
def test_the_self_test_fails_where_a_name_is_taken_out_of_what_must_be_there(names: str) -> None:
    tree = ast.parse(SOURCE)
    [holder] = [each for each in tree.body if isinstance(each, ast.Assign | ast.AnnAssign) and names in ast.unparse(each).split("=")[0].split(":")[0]][:1]
    survivors = []
    for number, node in enumerate(ast.walk(holder)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            other = ast.parse(SOURCE)
            [same] = [each for each in other.body if ast.unparse(each) == ast.unparse(holder)]
            target = list(ast.walk(same))[number]
            assert isinstance(target, ast.Constant)
            target.value = "something-else"
            if not selftest(other):
                survivors.append(node.value)
    assert survivors == []
