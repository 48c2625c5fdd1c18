"""Faults planted in policies by small edits of their text: which promise each must break, or what refuses the edit before."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from govern.policy.load import examine_policy
from govern.policy.model import Policy
from govern.policy.retelling import without_promises
from govern.proof.promising import Promised
from govern.proof.proving import Finding, Proof, Proofs, Retold

ROOT = Path(__file__).parents[2]
SOURCES = {"fix7": ROOT / "states.yaml", "transfer": ROOT / "tests" / "programmes" / "transfer.yaml"}

Base = Literal["fix7", "transfer"]
Edit = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault: the edits that plant it, and the words that the broken promise says."""

    name: str
    base: Base
    edits: tuple[Edit, ...]
    says: str
    delegations: bool = False


def text_of(base: Base, *edits: Edit) -> bytes:
    """Return a policy with each edit made in the one place where its text stands."""
    text = SOURCES[base].read_text(encoding="utf-8")
    for old, new in edits:
        assert text.count(old) == 1, (old, text.count(old))
        text = text.replace(old, new)
    return text.encode()


@dataclass(frozen=True)
class Asked:
    """A policy read, with what proves it."""

    source: bytes
    policy: Policy
    proofs: Proofs

    def promise(self, says: str) -> Promised:
        """Return the one promise that says this."""
        [found] = [each for each in self.proofs.promised if says in each.says]
        return found

    def prove(self, says: str) -> Proof:
        """Prove the one promise that says this."""
        return self.proofs.prove(self.promise(says))


@cache
def asked(source: bytes, *, solver: bool = True, delegations: bool = False) -> Asked:
    """Return what a policy promises, ready to be proved; that something can never come about is no fault here."""
    promising, bare, policy = _read(source)
    return Asked(bare, policy, Proofs(Retold(policy, bare), promising, solver=solver, delegations=delegations))


@cache
def _read(source: bytes) -> tuple[Policy, bytes, Policy]:
    """Return a policy, and its text and itself without its promises."""
    examined = examine_policy(source, "states.yaml")
    assert examined.policy is not None, examined.problems
    faults = {problem.code for problem in examined.problems if problem.severity == "error"}
    assert faults <= {"POLICY_UNSATISFIABLE", "POLICY_UNREACHABLE"}, examined.problems
    bare = without_promises(source)
    policy = examine_policy(bare, "states.yaml").policy
    assert policy is not None
    return examined.policy, bare, policy


def refusals(source: bytes) -> set[str]:
    """Return the codes of the errors that `check` finds."""
    return {problem.code for problem in examine_policy(source, "states.yaml").problems if problem.severity == "error"}


_EXECUTION = "AUTHORIZE_PRODUCTION_EXECUTION is never selected while"
_PRECHECK = "AUTHORIZE_PRODUCTION_REALRUN_PRECHECK_ONLY is never selected while"
_DRYRUN = "AUTHORIZE_PRODUCTION_DRYRUN_ONLY is never selected while"
_COPY = "copying/COPY is never selected while"
_LOOK = "copying/LOOK is never selected while"
_TELL = "moving/TELL is never selected while"
_MOVE = "moving/MOVE-IT is never selected while"
_USE = "using/USE is never selected while"
_READ = "using/READ is never selected while"

_RECORDED = "recorded: {counts: true, honoured: true}"
_REVOKE = "to: revoked, by: member}"
_NEEDS_READ = "{all: [{done: copy}, {finding: complete, is: pass}]}}\n  after"
_NEEDS_TELL = "{all: [{blocker: CONSENT, is: closed}, {leg: DRILL/tried}]}}"
_REQUEST = "from: absent, to: requested, by: anyone"
_END = "from: consumed, to: completed, by: anyone"
_LOSE = "from: consumed, to: used-unknown, by: anyone"
_RESOLVE = "from: used-unknown, to: completed"
_REQUIRES_USE = "says: It is used., requires: {grant: LEAVE}"
_TWO = "MOVE: {scope: live, issuer: {all: [{of: board, at_least: 2}]}}"
_GATE = "gate: {scope: live, opened_by: {all: [{of: board, at_least: 2}]}}"


def _fix7(name: str, says: str, *edits: Edit) -> Planted:
    return Planted(name, "fix7", edits, says)


def _transfer(name: str, says: str, *edits: Edit, delegations: bool = False) -> Planted:
    return Planted(name, "transfer", edits, says, delegations)


BREACHES = (
    # Guards.
    _transfer("the guard of an option dropped", _COPY, (", requires: {grant: COPYING}", "")),
    _transfer("any in the place of all", _READ, (_NEEDS_READ, _NEEDS_READ.replace("all", "any"))),
    _transfer("one of two", _READ, (_NEEDS_READ, _NEEDS_READ.replace("all: [", "at_least: 1, of: ["))),
    _transfer("a leg of the guard dropped", _TELL, (_NEEDS_TELL, "{blocker: CONSENT, is: closed}}")),
    _transfer("a blocker of the guard dropped", _TELL, (_NEEDS_TELL, "{leg: DRILL/tried}}")),
    _transfer("a weaker state of a blocker is asked for", _TELL, ("{blocker: CONSENT, is: closed}", "{blocker: CONSENT, is: begun}")),
    _transfer("a leg of a blocker removed", "TELL is never selected while", ("      leave: {by: head, requires: {honoured: LEAVE}}\n", "")),
    _transfer("what a leg of a blocker requires is another grant", _TELL, ("requires: {honoured: LEAVE}", "requires: {honoured: MOVE}")),
    _transfer("a finding may have failed", _READ, ("is: pass}]}}\n  after", "is: fail}]}}\n  after")),
    _transfer("a finding dropped", _READ, (_NEEDS_READ, "{done: copy}}\n  after")),
    _transfer("an action that need not be done", _READ, (_NEEDS_READ, "{finding: complete, is: pass}}\n  after")),
    _transfer(
        "another action is enough",
        _READ,
        ("{all: [{done: copy}, {finding: complete, is: pass}]}}\n  after", "{all: [{done: use}, {finding: complete, is: pass}]}}\n  after"),
    ),
    _transfer("a grant that was used up will do", _USE, ("says: It is used., requires: {grant: LEAVE}", "says: It is used., requires: {honoured: LEAVE}")),
    # Lanes.
    _transfer(
        "what opens a lane is weaker",
        _LOOK,
        ("{all: [{leg: DRILL/tried}, {grant: COPYING}]}}\ngrants", "{any: [{leg: DRILL/tried}, {grant: COPYING}]}}\ngrants"),
    ),
    _transfer("what opens a lane lacks the grant", _LOOK, ("{all: [{leg: DRILL/tried}, {grant: COPYING}]}}\ngrants", "{leg: DRILL/tried}}\ngrants")),
    _transfer("a lane that stands open", _LOOK, ("opens_when: {all: [{leg: DRILL/tried}, {grant: COPYING}]}}\ngrants", "standing: true}\ngrants")),
    _transfer("an option in another lane", _MOVE, ("lane: gate, says", "lane: entry, says")),
    # Lifecycles of grants.
    _transfer("a grant that was used up counts", _USE, ("consumed: {honoured: true}", "consumed: {counts: true, honoured: true}")),
    _transfer("a revoked grant counts", _USE, ("revoked: {}", "revoked: {counts: true, honoured: true}")),
    _transfer("a grant that is lost sight of is resolved to recorded", _USE, ("from: used-unknown, to: completed", "from: used-unknown, to: recorded")),
    _transfer("using a grant does not use it up", _USE, ("from: recorded, to: consumed", "from: recorded, to: recorded")),
    _transfer("revoking a grant leaves it recorded", _USE, (_REVOKE, "to: recorded, by: member}")),
    _transfer("some of the words are enough", _MOVE, ("to: requested, by: member}", "to: recorded, by: member}")),
    _transfer(
        "a completed grant counts", _USE, ("completed: {honoured: true}", "completed: {counts: true, honoured: true}"), (_END, _END.replace("anyone", "member"))
    ),
    _transfer(
        "a grant that is lost sight of counts",
        _USE,
        ("used-unknown: {}", "used-unknown: {counts: true, honoured: true}"),
        (_LOSE, _LOSE.replace("anyone", "member")),
    ),
    _transfer("a completed grant is recorded again", _USE, (_END, "from: consumed, to: recorded, by: member")),
    _transfer(
        "the request of a member is enough",
        _MOVE,
        ("requested: {}", "requested: {counts: true, honoured: true}"),
        (_REQUEST, _REQUEST.replace("anyone", "member")),
    ),
    _transfer("a revoked grant is honoured", _TELL, ("revoked: {}", "revoked: {honoured: true}")),
    _transfer("a grant in use or lost sight of is resolved to recorded", _USE, (_RESOLVE, "from: [used-unknown, consumed], to: recorded")),
    _transfer("a revoked grant is recorded again", _USE, ("record, from: [absent, requested]", "record, from: [absent, requested, revoked]")),
    _transfer(
        "an expired grant is honoured",
        _USE,
        (_RECORDED, "recorded: {honoured: true}"),
        ("consumed: {honoured: true}", "consumed: {counts: true, honoured: true}"),
        ("from: recorded, to: consumed, by: anyone", "from: recorded, to: consumed, by: member"),
        (_REQUIRES_USE, _REQUIRES_USE.replace("grant", "honoured")),
    ),
    # Scopes.
    _transfer("what documents report is enough", _USE, ("live: {says: The archive itself., protected: true}", "live: {says: The archive itself.}")),
    _transfer(
        "an option, its grant and its lane in a wider scope",
        _COPY,
        ("COPYING: {scope: bench", "COPYING: {scope: copy"),
        ("id: COPY, scope: bench", "id: COPY, scope: copy"),
        ("id: LOOK, scope: bench", "id: LOOK, scope: copy"),
        ("hatch: {scope: bench", "hatch: {scope: copy"),
    ),
    # Lifecycles of legs and packets.
    _transfer("reopening a leg leaves it proven", _LOOK, ("from: proven, to: open", "from: proven, to: proven")),
    # People.
    _transfer(
        "who prepared may decide",
        "never selected by who prepared",
        ("decided_by: {all: [{of: board, at_least: 2}]}\n", "decided_by: {all: [{of: board, at_least: 2}]}\n    separation_waiver: Nobody else is there.\n"),
    ),
    _transfer("the issuer of a grant is widened", "LEAVE is granted only by", ("LEAVE: {scope: live, issuer: head", "LEAVE: {scope: live, issuer: board")),
    _transfer(
        "another person decides",
        "using/USE is decided only by",
        ("  using:\n    lane: desk\n    decided_by: head", "  using:\n    lane: desk\n    decided_by: ward"),
    ),
    _transfer("who opens a lane is widened", "lane gate is opened only by", (_GATE, "gate: {scope: live, opened_by: {all: [{of: ward}]}}")),
    _transfer(
        "who adopts a policy is widened",
        "policies and keys are adopted only by",
        ("policy: {adopted_by: {all: [{of: board, at_least: 2}]}}", "policy: {adopted_by: ward}"),
    ),
    _transfer("the issuer of a quorum is widened", "MOVE is granted only by", (_TWO, "MOVE: {scope: live, issuer: {all: [{of: board}, {of: ward}]}}")),
    _transfer("a delegate decides", "copying/COPY is decided only by", delegations=True),
    # The programme of this repository.
    _fix7(
        "an action's grant dropped from the execution",
        _EXECUTION,
        (
            "            - {grant: QT001}\n            - {grant: PERMIT}\n            - {grant: ACTIVATION}\n            - {grant: REPOINT}\n            - {grant: CUTOVER}\n        says",
            "            - {grant: QT001}\n            - {grant: PERMIT}\n            - {grant: ACTIVATION}\n            - {grant: REPOINT}\n        says",
        ),
    ),
    _fix7("the dry run without its grant", _DRYRUN, ("        requires: {grant: PRODUCTION_DRYRUN}\n", "")),
    _fix7(
        "the precheck with two of three",
        _PRECHECK,
        ("scope: precheck\n        requires:\n          all:\n", "scope: precheck\n        requires:\n          at_least: 2\n          of:\n"),
    ),
    _fix7(
        "the surrogate in the place of the real dump",
        _PRECHECK,
        (
            "all:\n            - {leg: FIX7-P0-DRYRUN-PROD-ROLLBACK-1/real-dump}\n            - {leg: FIX7-P0-PROD-BIRTH-SURFACE-1/scoped}\n            - {leg: FIX7-P0-PROD-OPT4-1/scoping}\n        says",
            "all:\n            - {leg: FIX7-P0-DRYRUN-PROD-ROLLBACK-1/surrogate}\n            - {leg: FIX7-P0-PROD-BIRTH-SURFACE-1/scoped}\n            - {leg: FIX7-P0-PROD-OPT4-1/scoping}\n        says",
        ),
    ),
    _fix7(
        "a grant of the owner given by the operator",
        "QT001 is granted only by",
        ("QT001: {scope: production, issuer: owner}", "QT001: {scope: production, issuer: operator}"),
    ),
    _fix7(
        "a lane of the owner opened by the operator",
        "lane production-execution is opened only by",
        ("scope: production, opened_by: owner", "scope: production, opened_by: operator"),
    ),
    _fix7("a policy adopted by the operator", "policies and keys are adopted only by", ("policy: {adopted_by: owner}", "policy: {adopted_by: operator}")),
    _fix7(
        "who prepares the final packet may decide it",
        "AUTHORIZE_PRODUCTION_EXECUTION is never selected by who prepared",
        (
            "    lineage_gap: The source names no decision that this packet consumes, and no status that it continues.\n",
            "    lineage_gap: The source names no decision that this packet consumes, and no status that it continues.\n    separation_waiver: Nobody else.\n",
        ),
    ),
)

# What no act leads to any more, or what can never be filled: no history shows it, and it is no pass.
_NEVER = "{all: [{finding: complete, is: pass}, {finding: complete, is: fail}]}"
_FOUR = ("decided_by: {all: [{of: board, at_least: 2}]}\n", "decided_by: {all: [{of: board, at_least: 4}]}\n")
_CLERKS = ("MOVE: {scope: live, issuer: {all: [{of: board, at_least: 2}]}}", "MOVE: {scope: live, issuer: {all: [{of: board, at_least: 4}]}}")
_UNFILLED = "cannot be filled by the people who are declared"
UNFILLED: tuple[tuple[Planted, Finding, str], ...] = (
    (
        _transfer(
            "an option with a guard that is never true",
            "using/USE can be decided after some history",
            (_REQUIRES_USE, f"says: It is used., requires: {_NEVER}"),
        ),
        Finding.BROKEN,
        "no history leads there",
    ),
    (_transfer("a guard that is never true", _USE, (_REQUIRES_USE, f"says: It is used., requires: {_NEVER}")), Finding.IDLE, "no history ever takes that act"),
    (_transfer("an option that needs more words than there are persons", "moving/TELL can be decided after some history", _FOUR), Finding.BROKEN, _UNFILLED),
    (_transfer("more words than there are persons", _TELL, _FOUR), Finding.IDLE, _UNFILLED),
    (_transfer("a grant of more words than there are persons", "MOVE is granted only by", _CLERKS), Finding.IDLE, _UNFILLED),
)

# What `check` refuses before anything is asked: that refusal is the answer.
REFUSED = (
    ("any leg closes a blocker", "POLICY_BLOCKER_STATES", ("closed, when: {legs: all}", "closed, when: {legs: any}")),
    ("what a leg requires only stands in", "POLICY_LEG", ("requires: {honoured: LEAVE}}", "requires: {honoured: LEAVE}, stands_in_for: asked}")),
    ("a lane that starts open", "POLICY_LIFECYCLE", ("      closed: {}", "      closed: {counts: true}")),
    ("a leg that starts proven", "POLICY_LIFECYCLE", ("      open: {}\n      proven", "      open: {counts: true}\n      proven")),
    ("a grant that starts counting", "POLICY_LIFECYCLE", ("      absent: {}", "      absent: {counts: true}")),
    ("anyone ends a grant into one that counts", "POLICY_LIFECYCLE", ("completed: {honoured: true}", "completed: {counts: true, honoured: true}")),
    ("anyone loses a grant into one that counts", "POLICY_LIFECYCLE", ("used-unknown: {}", "used-unknown: {counts: true, honoured: true}")),
    ("anyone asks for a grant that counts", "POLICY_LIFECYCLE", (_REQUEST, "from: absent, to: recorded, by: anyone")),
    ("an option of a protected scope in another lane", "POLICY_SCOPE", ("lane: gate, says", "lane: desk, says")),
    ("a grant of another scope", "POLICY_SCOPE", ("MOVE: {scope: live", "MOVE: {scope: bench")),
    ("an option of a protected scope that is delegated", "POLICY_DELEGATION", ("id: USE, scope: live", "id: USE, scope: live, delegable: true")),
    (
        "a HOLD with a guard",
        "POLICY_HOLD",
        (
            '{number: "1", id: REST, hold: true, says: Nothing is moved.}',
            '{number: "1", id: REST, hold: true, requires: {grant: MOVE}, says: Nothing is moved.}',
        ),
    ),
)
