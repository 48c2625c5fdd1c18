"""A system as a model for spin, an independent model checker: what it says of a promise can be compared with what is said here.

Pure: text out. How the model is run stands at its top.
"""

from collections.abc import Iterator, Mapping
from itertools import count

from govern.proof.formulas import And, AtLeast, Formula, In, Not, Or
from govern.proof.system import Component, Rule, System

_BYTE = 256
_HEAD = """\
/* {components} components, {rules} rules. Each component is a variable; its local states are numbers, in the order given beside it.
 *
 * Whether some history leads to what promise 1 looks for, where N is enough bytes for all variables:
 *
 *     spin -DPROMISE=1 -a model.pml
 *     cc -DSAFETY -DNOREDUCE -DVECTORSZ=N -o pan pan.c
 *     ./pan -m1000000
 *
 * "assertion violated" says that one does; "errors: 0" without "search depth too small", that none does.
 */
"""


def export(system: System, promises: Mapping[str, Formula]) -> str:
    """Return a Promela model in which an assertion fails where what one of the promises looks for, chosen by number, is reached."""
    names = {name: f"c{number}_{_safe(name)}" for number, name in zip(count(1), system.components, strict=False)}
    return "\n".join(
        [
            _HEAD.format(components=len(system.components), rules=len(system.rules)),
            *(_declared(component, names[name]) for name, component in system.components.items()),
            "",
            *_sought(system, names, promises),
            "",
            "active proctype histories() {",
            "  atomic {",
            *(f"    {_begun(component, names[name])}" for name, component in system.components.items()),
            "    skip",
            "  }",
            "end:",
            "  do",
            "  :: atomic { SOUGHT -> assert(false) }",
            *(line for rule in system.rules.values() for line in _taken(rule, system, names)),
            "  od",
            "}",
            "",
        ]
    )


def _safe(name: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name)


def _said(name: str) -> str:
    """Quote a name so that it neither ends a comment nor leaves its line."""
    return ascii(name).replace("*/", "*\\/").replace("/*", "/\\*").replace("??", "?\\?")


def _declared(component: Component, variable: str) -> str:
    states = ", ".join(f"{number} {_said(state)}" for number, state in enumerate(component.states))
    kind = "byte" if len(component.states) <= _BYTE else "int"
    return f"{kind} {variable}; /* {_said(component.name)}: {states} */"


def _sought(system: System, names: Mapping[str, str], promises: Mapping[str, Formula]) -> Iterator[str]:
    yield from ("#ifndef PROMISE", "#define PROMISE 1", "#endif")
    for number, (name, formula) in enumerate(promises.items(), start=1):
        yield f"/* promise {number}: {_said(name)} */"
        yield f"#if PROMISE == {number}"
        yield f"#define SOUGHT {_spelt(formula, system, names)}"
        yield "#endif"
    yield from ("#ifndef SOUGHT", "#error there is no promise of this number", "#endif")


def _begun(component: Component, variable: str) -> str:
    return f"{_one_of([f'{variable} = {component.states.index(state)}' for state in component.starts])};"


def _one_of(ways: list[str]) -> str:
    return ways[0] if len(ways) == 1 else f"if {' '.join(f':: {way}' for way in ways)} fi"


def _taken(rule: Rule, system: System, names: Mapping[str, str]) -> Iterator[str]:
    yield f"  :: atomic {{ /* {_said(rule.name)} */"
    yield f"       {_spelt(rule.enabled, system, names)} ->"
    for name, ways in rule.moves.items():
        number = {state: place for place, state in enumerate(system.components[name].states)}
        variable = names[name]
        each = [f"{variable} == {number[source]} -> {variable} = {number[target]}" for source, targets in ways.items() for target in sorted(targets)]
        yield f"       if {' '.join(f':: {way}' for way in each)} fi;"
    yield "     }"


def _spelt(formula: Formula, system: System, names: Mapping[str, str]) -> str:
    match formula:
        case In(component=name, states=states):
            numbers = [number for number, state in enumerate(system.components[name].states) if state in states]
            return _joined("||", "false", [f"{names[name]} == {number}" for number in numbers])
        case And(parts=parts):
            return _joined("&&", "true", [_spelt(part, system, names) for part in parts])
        case Or(parts=parts):
            return _joined("||", "false", [_spelt(part, system, names) for part in parts])
        case AtLeast(wanted=wanted, parts=parts):
            return f"({_joined('+', '0', [_spelt(part, system, names) for part in parts])} >= {wanted})"
        case Not(part=part):  # pragma: no branch - the forms are these
            return f"(!{_spelt(part, system, names)})"


def _joined(sign: str, nothing: str, parts: list[str]) -> str:
    return f"({f' {sign} '.join(parts) or nothing})"
