"""Make the ledger of FIX7 P0 from states.yaml: genesis, then what two documents report, as imported history.

    python governance/make_ledger.py

The same policy gives the same bytes. Until the first checkpoint the policy may still change; afterwards this script
has done its work. Every fact names the document whose word it is. Both documents carry one date and no time of day.
"""

import shutil
from pathlib import Path
from typing import Any

from govern.canonical import text_digest
from govern.cli.memory import drop, ledger_of
from govern.cli.project import Project
from govern.cli.start import start_ledger
from govern.engine.acts import Act, judge_act
from govern.engine.replay import Replay
from govern.ledger.lines import encode_line
from govern.ledger.moments import parse_time
from govern.ledger.statements import Basis, Imported, Statement

ROOT = Path(__file__).resolve().parent.parent
DATE = parse_time("2026-06-12T00:00:00Z")

S0 = Imported(
    "Current State - FIX7 P0 Production-Rehearsal-Only Rollback (2026-06-12)",
    "ac50a36815b578b523160de3c30e4eb3857004a3de527211dcd06a526da2aaba",
)
S4 = Imported(
    "FIX7 P0 - FINAL Real-Data / Production-Data Decision Packet (2026-06-12)",
    "d0c67d7a54f6c76439d046a17530693211f2cd2884698b67182d5d4280082d72",
)

ROLLBACK = "FIX7-P0-DRYRUN-PROD-ROLLBACK-1"
REHEARSAL_ONLY = {"packet": "production", "option": "AUTHORIZE_PRODUCTION_REHEARSAL_ONLY"}


# Of what kind, by whom, and what it says.
Fact = tuple[str, str, dict[str, Any]]


def quote(about: str, text: str, *, without: tuple[str, ...] = ()) -> Fact:
    """Return a quote of what a document says and nothing here can support; `without` are the claims that it says are not made."""
    return "quote", "engineering", {"about": about, "text": text, **({"without": list(without)} if without else {})}


def proof(leg: str, kind: str, of: str, says: str) -> Fact:
    """Return evidence as a document reports it: no file of it is here."""
    return "discharge", "engineering", {"leg": leg, "evidence": {"kind": kind, "of": of, "says": says}}


FIRST: list[Fact] = [
    ("issue", "engineering", {"packet": "production"}),
    ("delegate", "owner", {"to": "gpt", "packet": "production", "options": [REHEARSAL_ONLY["option"]], "scope": "rehearsal-only", "uses": 1}),
    ("decide", "gpt", {**REHEARSAL_ONLY, "delegation": 2}),
    proof(
        f"{ROLLBACK}/toy",
        "rehearsal",
        "toy",
        "PROVEN_ISOLATED_NOT_PRODUCTION and PROVEN_IN_STAGING: mktemp sqlite birth_registry and executor model under /private/tmp, "
        "no PG/Directus/system_issues/registry/VPS/network contact; two paths, BEGIN..INSERT..ROLLBACK "
        "and committed insert with snapshot restore; after_apply_hash != before_hash, after_rollback_hash == before_hash, rows before == after",
    ),
    ("finding", "operator", {"finding": "ci-seal-vs-bytes", "result": "unknown", "why": "Not yet designed, so it cannot be resolved read-only."}),
    quote("production-mutation", "Production mutation: NO"),
    quote("real-run", "REAL_RUN/QT001/cutover: NO"),
    quote("qt001", "REAL_RUN/QT001/cutover: NO"),
    quote("cutover", "REAL_RUN/QT001/cutover: NO"),
    quote("ci-trigger", "CI/deploy trigger: NO"),
    quote("secrets-change", "secrets: NO"),
    quote("surfaces", "Forbidden surfaces 13/13 untouched / not-requested"),
    quote("validator", "byte-exact canonical e6547e69…956c47: --selftest PASS, rehearsal evidence PASS, fabricated no-mutation entry fails closed"),
    quote("probes", "10/10 fail closed, control allowed, no token leaked", without=("PRODUCTION_PASS", "REAL_RUN_PASS", "CUTOVER_PASS", "SEALED")),
    quote(
        "evidence",
        "knowledge/dev/reports/architecture/fix7-p0-production-rehearsal-only-rollback-packet-2026-06-12/: 23 files, "
        "tree 7a9364c5b64d95350da4023ad101a902fc77eb994c487f995412fe547bd847f9, commands.sh OVERALL PASS, RERUN.sh PASS/MATCH",
    ),
    # For what, by whom and when it was reserved is not said.
    ("register", "engineering", {"body_max": 461, "ceiling": 484, "json": 24, "markdown": 24, "index": 116, "reserved": [[485, 494]]}),
    ("issue", "engineering", {"packet": "production-after-rehearsal"}),
    ("mark", "engineering", {"name": "S0"}),
]
FINAL: list[Fact] = [
    proof(
        f"{ROLLBACK}/surrogate",
        "rehearsal",
        "surrogate",
        "birth/rollback pattern proven on a generated production-shaped surrogate under the canonical validator",
    ),
    proof("FIX7-P0-OPERATOR-INPUT-1/surrogate", "rehearsal", "surrogate", "surrogate substitute proven"),
    proof("FIX7-P0-PROD-CI-SCOPE-1/gate", "packet", "ci-seal-vs-bytes-adoption", "complete, locally tested off-production adoption packet"),
    # What reserved 495..507 is not said, nor any revision.
    ("register", "engineering", {"folded_through": 507}),
    ("issue", "engineering", {"packet": "final-real-data"}),
    ("mark", "engineering", {"name": "S4"}),
]


def make_ledger(root: Path) -> str:
    """Write the ledger and the adopted policy of a folder anew; return what it amounts to."""
    project = Project(root)
    if project.store.exists():
        # It is made anew on purpose: what this machine has seen of it is forgotten.
        drop(ledger_of(project.store.read().lines), project.root)
    for folder in (project.files.folder, project.kept):
        shutil.rmtree(folder, ignore_errors=True)
    start_ledger(project, DATE, text_digest("FIX7-P0 genesis"))
    replay = Replay(project.policy_source(fresh=True))
    replay.take_all(project.store.read().lines)
    lines = []
    for source, acts in ((S0, FIRST), (S4, FINAL)):
        for kind, actor, body in acts:
            refusals = judge_act(Act(kind, actor, body, source), replay.view(DATE))
            if refusals:
                raise SystemExit(f"{kind}: {[each.why for each in refusals]}")
            basis = Basis(replay.chain.size, replay.chain.last)
            statement = Statement(replay.chain.ledger, kind, actor, body, basis, replay.state.policy_digest, (), source)
            lines.append(encode_line(replay.chain, statement, DATE))
            replay.take_all([lines[-1][:-1]])
    with project.store.exclusive() as store:
        store.append(1, lines)
    return f"{replay.chain.size} records, head {replay.chain.last[:16]}"


if __name__ == "__main__":
    print(make_ledger(ROOT))
