"""How proofs are told: by invariant, with what breaks one as records that a person can read."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import prod
from typing import Any

from govern.cli.output import table
from govern.policy.model import Policy
from govern.proof.formulas import TRUE
from govern.proof.promela import export
from govern.proof.promising import DOES_NOT_COUNT, Promised
from govern.proof.proving import Finding, Proof
from govern.proof.slicing import sliced
from govern.proof.system import System, sought
from govern.proof.tracing import Trace

_WORST = (Finding.BROKEN, Finding.UNKNOWN, Finding.IDLE, Finding.PROVED)
_WIDTH = 8
_BLANK = " " * (_WIDTH + 1)


# So many situations spin looks at within seconds.
_FOR_SPIN = 100_000


def promela_text(system: System, promised: Sequence[Promised]) -> str:
    """Return the model of a system, with what each promise says is never, or somewhere, reached.

    Of one promise alone it is what bears on it; where that is too much to go through, what the promise looks at, with every
    act on it granted at any time: what is not reached there is reached nowhere.
    """
    if len(promised) > 1:
        return export(system, {f"{each.invariant}: {each.says}": sought(each.promise, system) for each in promised})
    [one] = promised
    goal = sought(one.promise, system)
    part, note = sliced(system, goal, free=False), "What bears on the promise; the rest is cut away, and nothing else is changed."
    if prod(len(component.states) for component in part.system.components.values()) > _FOR_SPIN:
        unguarded = {name: replace(rule, guard=TRUE) for name, rule in system.rules.items()}
        part = sliced(System(system.components, unguarded), goal, free=True)
        note = "What the promise looks at; every act on it is granted at any time. What is not reached here is reached nowhere."
    return f"/* {note} */\n" + export(part.system, {f"{one.invariant}: {one.says}": part.formula})


def proofs_json(proofs: Sequence[Proof]) -> dict[str, Any]:
    """Return proofs as one JSON object."""
    return {"finding": _worst(proofs).value, "promises": [_as_json(proof) for proof in proofs]}


def _as_json(proof: Proof) -> dict[str, Any]:
    promised = proof.promised
    return {
        "invariant": promised.invariant,
        "says": promised.says,
        "at": str(promised.at),
        "finding": proof.finding.value,
        "by": proof.by,
        "why": proof.why,
        "certificate": len(proof.certificate),
        "trace": trace_json(proof.trace) if proof.trace else None,
    }


def trace_json(trace: Trace) -> list[dict[str, Any]]:
    """Return a history as values of JSON."""
    return [
        {"record": each.seq, "actor": each.actor, "act": each.act, "moved": [list(pair) for pair in each.moved], "reported": each.reported}
        for each in trace.told
    ]


def _worst(proofs: Sequence[Proof]) -> Finding:
    found = {proof.finding for proof in proofs}
    return next(finding for finding in _WORST if finding in found)


def proofs_text(policy: Policy, digest: str, proofs: Sequence[Proof], written: Sequence[str], *, delegations: bool) -> str:
    """Return proofs as lines: what is broken first, each invariant once."""
    by_invariant: dict[str, list[Proof]] = {}
    for proof in proofs:
        by_invariant.setdefault(proof.promised.invariant, []).append(proof)
    proved = {name: mine for name, mine in by_invariant.items() if _worst(mine) is Finding.PROVED}
    rest = sorted(((name, mine) for name, mine in by_invariant.items() if name not in proved), key=lambda each: _WORST.index(_worst(each[1])))
    lines = [f"{policy.programme.id} version {policy.programme.version} ({digest[:12]}): {len(proved)} of {len(by_invariant)} invariants proved"]
    for name, mine in rest:
        lines += ["", *_unproved(name, mine)]
    if proved:
        lines += ["", *(line for name, mine in proved.items() for line in _proved(name, mine))]
    lines += ["", *_read_as(proofs, delegations=delegations)]
    if written:
        folder = written[0].rpartition("/")[0]
        lines += ["", f"the history is written to {folder}", f"to replay it: govern -C {folder} verify; govern -C {folder} log"]
    return "\n".join(lines)


def _read_as(proofs: Sequence[Proof], *, delegations: bool) -> Iterator[str]:
    """Yield how the promises are to be read: about which histories, and what their words mean."""
    assumed = "every delegation that the policy allows may be on record" if delegations else "no delegation is on record"
    yield "about every history that this policy allows"
    yield f"assumed: every declared person can sign; {assumed}"
    if any(proof.promised.says.endswith(DOES_NOT_COUNT) for proof in proofs):
        yield "what does not count is missing, taken back, used up, out of its time or of another scope"


def _proved(name: str, proofs: Sequence[Proof]) -> list[str]:
    """Return an invariant that is proved: what it says, and by which engine; of many promises, the first."""
    engines = sorted({proof.by for proof in proofs if proof.by})
    more = f" (and {len(proofs) - 1} more like it)" if len(proofs) > 1 else ""
    shown = (
        "each shown by a history that the evaluator plays"
        if all(proof.trace for proof in proofs)
        else f"by {' and '.join(engines)}, confirmed by the second engine"
    )
    return [f"{_capital(Finding.PROVED)}{name}", f"{_BLANK}{proofs[0].promised.says}{more}", f"{_BLANK}{shown}"]


def _unproved(name: str, proofs: Sequence[Proof]) -> list[str]:
    """Return an invariant that is not proved: each promise of it that is not, why, and the history that breaks it."""
    lines = [f"{_capital(_worst(proofs))}{name}"]
    for proof in proofs:
        if proof.finding is Finding.PROVED:
            continue
        lines.append(f"{_BLANK}{proof.promised.says}")
        if proof.why:
            lines.append(f"{_BLANK}{proof.finding.value}: {proof.why}")
        if proof.trace:
            lines += [f"{_BLANK}{_number(len(proof.trace.told))}:", *trace_lines(proof.trace)]
    kept = sum(proof.finding is Finding.PROVED for proof in proofs)
    return [*lines, *([f"{_BLANK}{kept} more promises of it are proved"] if kept else [])]


def _number(records: int) -> str:
    return "one record breaks it" if records == 1 else f"{records} records break it; none can be left out"


def _capital(finding: Finding) -> str:
    word = finding.value.upper() if finding is Finding.BROKEN else finding.value
    return f"{word:<{_WIDTH}} "


def trace_lines(trace: Trace) -> list[str]:
    """Return a history as a table: the record, who, what, and what it moved."""
    rows = [
        (f"#{each.seq}", each.actor, each.act + (" (as a document reports)" if each.reported else ""), ", ".join(f"{old} -> {new}" for old, new in each.moved))
        for each in trace.told
    ]
    return table(rows, " " * (_WIDTH + 3)).split("\n")
