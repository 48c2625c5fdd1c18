"""Text of a policy to a model that can be trusted, or every fault of it at once.

Pure: bytes in, model or problems out. The standard lifecycles are read from this package.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from govern.canonical import digest
from govern.policy.lifecycles import KINDS, STANDARD
from govern.policy.nodes import Block, Number, Row, Word
from govern.policy.tree import parse_tree
from govern.problems import Exit, GovernError, Place, Problem, did_you_mean

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from govern.policy.model import Policy
    from govern.policy.names import Declared

MAX_FAULTS = 200
M = TypeVar("M", bound="Declared")


@dataclass(frozen=True, slots=True)
class Examined:
    """What an examination of a policy found: the model where the shape is right, and all problems."""

    policy: "Policy | None"
    digest: str
    problems: tuple[Problem, ...]

    @property
    def passed(self) -> bool:
        """No problem is an error."""
        return self.policy is not None and not any(p.severity == "error" for p in self.problems)


def examine_policy(source: bytes, file: str = "states.yaml") -> Examined:
    """Judge the text of a policy: spelling, shape and meaning, each as far as the one before allows."""
    from govern.policy.check import check_policy

    tree, problems = parse_tree(source, file)
    policy = None
    if tree is not None:
        policy = _shaped(tree, problems)
    if policy is not None and not problems:
        problems += islice(check_policy(policy), MAX_FAULTS + 1)
    return Examined(policy, digest(source), tuple(_bounded(sorted(dict.fromkeys(problems), key=_place_order))))


def load_policy(source: bytes, file: str = "states.yaml") -> "Policy":
    """Return the policy that a text declares.

    Raises:
        GovernError: the text has faults; all of them, status 3.
    """
    examined = examine_policy(source, file)
    if examined.policy is None or not examined.passed:
        raise GovernError(Exit.UNJUDGED, [p for p in examined.problems if p.severity == "error"])
    return examined.policy


def _bounded(problems: list[Problem]) -> list[Problem]:
    if len(problems) <= MAX_FAULTS:
        return problems
    rest = Problem("POLICY_LIMIT", f"more than {MAX_FAULTS} faults; the rest is not shown", problems[MAX_FAULTS].place)
    return [*problems[:MAX_FAULTS], rest]


def _place_order(problem: Problem) -> tuple[int, int, str]:
    place = problem.place or Place("", 0, 0)
    return place.line, place.column, problem.code


def _shaped(tree: Block, problems: list[Problem]) -> "Policy | None":
    from govern.policy.model import Policy

    _complete_lifecycles(tree)
    return shaped(tree, Policy, problems)


def shaped(tree: Block, model: type[M], problems: list[Problem]) -> M | None:
    """Return a tree as a model, or nothing where its shape is wrong; what is wrong is added to the problems."""
    from pydantic import ValidationError

    try:
        return model.model_validate(tree, context={"problems": problems})
    except ValidationError as error:
        details = error.errors(include_url=False)
        problems += [_translated(detail, tree) for detail in details if not _follows_from_another(detail, tree)]
        return None


def _complete_lifecycles(tree: Block) -> None:
    """Fill the lifecycles that the policy leaves to the standard set."""
    declared = tree.get("lifecycles")
    if not isinstance(declared, Block):
        return
    for kind in KINDS:
        declared.setdefault(kind, _standard()[kind])


@cache
def _standard() -> Block:
    """Return the standard lifecycles. Nothing changes a tree once it is read, so all policies share them."""
    standard, faults = parse_tree((files("govern.policy") / f"{STANDARD}.yaml").read_bytes(), f"{STANDARD}.yaml")
    if standard is None or faults:  # pragma: no cover - the file is part of the package
        raise AssertionError(f"{STANDARD}.yaml is broken: {faults}")
    return standard


def _follows_from_another(detail: "ErrorDetails", tree: Block) -> bool:
    """Whether an error only repeats one already noted: a key whose value was refused, a list whose parts were."""
    if detail["type"] == "missing":
        parent = _walk(detail["loc"][:-1], tree)[0]
        return isinstance(parent, Block) and detail["loc"][-1] in parent.keys_at
    return detail["type"] == "too_short" and bool(detail["input"])


_OF_WORDS = ("ambiguous", "wrong_word", "bad_name", "bad_text", "bad_duration")


def _translated(detail: "ErrorDetails", tree: Block) -> Problem:
    """Return a problem of ours for an error of pydantic: its place in the file, in our words."""
    _node, place, path = _walk(detail["loc"], tree)
    kind = detail["type"]
    if kind in _OF_WORDS and detail["loc"][-1] == "[key]":
        # It is the key of a mapping that is no name; what was walked to is its value.
        parent, _place, path = _walk(detail["loc"][:-2], tree)
        place = parent.keys_at[detail["loc"][-2]]
    where = ".".join(path)
    context: dict[str, Any] = detail.get("ctx") or {}
    found = detail["input"]
    if kind == "missing":
        key = str(detail["loc"][-1])
        return Problem("POLICY_MISSING_KEY", f"`{key}` is missing{_in(where)}", place, help=f"add `{key}:`; see `govern explain {key}`")
    if kind == "literal_error":
        options = context["expected"].replace("'", "`")
        known = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        hint = did_you_mean(found, known) if isinstance(found, str) else ""
        return Problem("POLICY_VALUE", f"found {_spelled(found)}, wanted {options}{_in(where)}", place, help=hint)
    if kind == "union_tag_not_found":
        return Problem("POLICY_GUARD", f"not a guard{_in(where)}", place, help=_guard_hint(found))
    if kind == "union_tag_invalid":
        known = context["expected_tags"].replace("form:", "").replace("'", "`")
        return Problem("POLICY_GUARD", f"not a fact that can be denied{_in(where)}", place, help=f"known here: {known}")
    if kind == "too_short":
        return Problem("POLICY_EMPTY", f"empty{_in(where)}; nothing to check is never a pass", place, help="name at least one")
    if kind in _OF_WORDS:
        return Problem("YAML_AMBIGUOUS" if kind == "ambiguous" else "POLICY_VALUE", f"{detail['msg']}{_in(where)}", place, help=context.get("hint", ""))
    if kind == "value_error":
        return Problem("POLICY_VALUE", f"{context['error']}{_in(where)}", place)
    return Problem("POLICY_VALUE", f"found {_spelled(found)}, wanted {_wanted(kind, context)}{_in(where)}", place)


def _wanted(kind: str, context: dict[str, Any]) -> str:
    if kind == "greater_than_equal":
        return f"at least {context['ge']}"
    if kind == "less_than_equal":
        return f"at most {context['le']}"
    return {
        "model_type": "a mapping",
        "dict_type": "a mapping",
        "tuple_type": "a list",
        "int_type": "a whole number",
        "bool_type": "true or false",
    }[kind]


def _in(where: str) -> str:
    return f" in `{where}`" if where else ""


def _spelled(found: object) -> str:
    if isinstance(found, str):
        return f"`{found[:80]}`"
    if isinstance(found, bool):
        return f"`{str(found).lower()}`"
    if isinstance(found, int):
        return f"`{found}`"
    return "a mapping" if isinstance(found, dict) else "a list"


def _guard_hint(found: object) -> str:
    from govern.policy.guards import COMBINATORS, FACTS

    known = (*COMBINATORS, *FACTS)
    if isinstance(found, dict) and len(found) == 1:
        near = did_you_mean(str(next(iter(found))), known)
        if near:
            return near
    if isinstance(found, dict) and sum(key in found for key in known) > 1:
        return "one form a guard; join several with `all:` or `any:`"
    return "a guard is a mapping with one of " + ", ".join(known)


def _walk(loc: Sequence[int | str], tree: Block) -> tuple[Any, Place, list[str]]:
    """Follow pydantic's path through the tree; its steps that name a union's branch are passed over."""
    node: Any = tree
    place = tree.at
    path: list[str] = []
    for step in loc:
        if isinstance(node, Block) and isinstance(step, str) and step in node.keys_at:
            place = node.keys_at[step]
            path.append(step[:80])
            node = node.get(step)
        elif isinstance(node, Row) and isinstance(step, int) and step < len(node):
            node = node[step]
            path.append(str(step + 1))
        else:
            continue
        if isinstance(node, Word | Number | Block | Row):
            place = node.at
    return node, place, path
