"""Replay: the state as a fold of the records, each judged as it was when it was added.

Pure. Policies come from a function of their digest, so that adopted versions can be kept anywhere.
"""

import copy
from collections.abc import Callable, Iterable, Mapping

from govern.engine.acts import Act, judge_act
from govern.engine.apply import apply
from govern.engine.causes import Cause, Requirement, problem_of
from govern.engine.refusing import refusal
from govern.engine.signed import speaks
from govern.engine.state import State
from govern.engine.view import EvidenceFact, View
from govern.ledger.lines import Chain, Record, place_of, read_records
from govern.policy.model import Policy
from govern.policy.spelling import uses
from govern.problems import Exit, GovernError, Problem, fault

PolicySource = Callable[[str], Policy]
# A named tuple's own constructor takes twice as long.
_new = tuple.__new__


def _overtaken(record: Record, view: View) -> Requirement:
    """Return the refusal of a decision on a packet that has moved since it was made: what was approved is what is seen."""
    moved = view.state.moved - 1
    why = f"it was made on a head of {record.statement.basis.size} records, and record #{moved} has moved what is shown since"
    return refusal(f"packet:{record.statement.body['packet']}", Cause.STALE, why, view.policy.at, record=moved, code="PACKET_DIGEST")


class Replay:
    """A state that moves record by record under the policy in force."""

    def __init__(self, policies: PolicySource, chain: Chain | None = None) -> None:
        self.policies = policies
        self.chain = chain or Chain()
        self.state = State()
        self.policy: Policy | None = None

    def view(self, now: int, evidence: Mapping[int, EvidenceFact] | None = None, *, pinned: bool = True, clock: int | None = None) -> View:
        """Return the state as it stands, to be judged at a moment.

        Raises:
            GovernError: there is no genesis, so nothing is allowed (status 3).
        """
        if self.policy is None:
            raise fault(Exit.UNJUDGED, "NO_LEDGER", "the programme has no ledger yet", help="`govern init` starts one")
        return View(self.policy, self.state, now, evidence, pinned, clock)

    def copied(self) -> "Replay":
        """Return the state as it stands, to be moved on by itself."""
        other = Replay(self.policies, self.chain.copied())
        # The set of signed records may be as long as the ledger; its numbers need no copies.
        other.state, other.policy = copy.deepcopy(self.state, {id(self.state.signed): self.state.signed.copy()}), self.policy
        return other

    def take_all(self, lines: Iterable[bytes], stop: Callable[[Record], bool] | None = None) -> None:
        """Read, judge and apply lines, up to the first for which `stop` says so.

        Raises:
            GovernError: a line that was tampered with, or that its policy did not allow (status 5).
        """
        for record in read_records(lines, self.chain, stop):
            self._take(record)

    def _take(self, record: Record) -> None:
        if self.policy is None:
            self._begin(record)
            return
        seq, _at, seconds, statement, _digest, signer = record
        _ledger, kind, actor, body, basis, policy, _subjects, imported = statement
        state = self.state
        if policy != state.policy_digest:
            raise self._not_allowed(record, f"it was made under policy {policy[:12]}, and {state.policy_digest[:12]} was in force")
        if (
            kind == "note"
            and not (imported or state.founding)
            and speaks(self.policy, state, actor, signer)
            and not ((tokens := self.policy.tokens) and uses(body["text"], tokens))
        ):
            # What changes nothing is most of a long ledger; anything but plainly right is judged below.
            state.size, state.at, state.importing = seq + 1, seconds, False
            if signer:
                state.signed.add(seq)
            return
        view = View(self.policy, state, seconds)
        adopts = self._policy(body["policy"], record) if kind == "adopt" else None
        act = _new(Act, (kind, actor, body, imported, signer, adopts))
        refusals = judge_act(act, view)
        if kind == "decide" and not imported and basis.size < state.moved:
            refusals = (*refusals, _overtaken(record, view))
        if refusals:
            raise self._not_allowed(record, "; ".join(each.why for each in refusals), refusals)
        apply(act, record, view)
        if state.policy_seq == seq:
            self._adopt(record)

    def _begin(self, record: Record) -> None:
        statement = record.statement
        if statement.kind != "genesis":
            raise self._not_allowed(record, "the first record must be a genesis")
        self.policy = self._policy(statement.policy, record)
        state = self.state
        state.size, state.version, state.policy_digest = 1, statement.body["version"], statement.policy
        state.templates = dict(statement.body["templates"])
        state.at = state.genesis_at = record.seconds
        if self.policy.programme.version != state.version or self.policy.programme.id != statement.body["programme"]:
            raise self._not_allowed(record, "its policy is of another programme or version than it says")
        if statement.actor not in self.policy.actors:
            raise self._not_allowed(record, f"no actor is called {statement.actor}")

    def _adopt(self, record: Record) -> None:
        policy = self._policy(self.state.policy_digest, record)
        if policy.programme.version != self.state.version:
            raise self._not_allowed(record, f"the adopted text says version {policy.programme.version}, the record {self.state.version}")
        self.policy = policy

    def _policy(self, digest: str, record: Record) -> Policy:
        try:
            return self.policies(digest)
        except GovernError as error:
            problem = Problem("POLICY_MISSING", f"ledger record {record.seq}: the policy that it adopts ({digest[:12]}) cannot be read", place_of(record.seq))
            raise GovernError(error.status, [problem, *error.problems]) from error

    def _not_allowed(self, record: Record, why: str, refusals: Iterable[Requirement] = ()) -> GovernError:
        message = f"ledger record {record.seq} ({record.statement.kind}): {why}"
        problem = Problem("RECORD_NOT_ALLOWED", message, place_of(record.seq), help="no append would have written it")
        return GovernError(Exit.BROKEN, [problem, *map(problem_of, refusals)])
