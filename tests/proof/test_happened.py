"""What really happened, from the records alone: words, uses, revocations, windows and reports, whatever the lifecycle makes of them."""

from typing import Any

import pytest

from govern.engine.acts import Act
from govern.ledger.moments import spell_time
from govern.policy.load import load_policy
from govern.policy.model import Policy
from govern.proof.formulas import FALSE, TRUE, And, AtLeast, In, Not, Or
from govern.proof.happened import Happened, Labels, evaluated
from support.planted import text_of
from support.world import DOCUMENT, World, evidence

DAY = 86_400
TEXT = text_of("transfer").decode()


class Telling:
    """A world whose records are told to what is to know what happened."""

    def __init__(self, text: str = TEXT) -> None:
        self.world = World(text, now=100)
        self.policy: Policy = load_policy(text.encode())
        self.happened = Happened(self.policy)

    def record(self, kind: str, actor: str, /, **body: Any) -> int:
        seq = self.world.record(kind, actor, **body)
        return self._tell(Act(kind, actor, body), seq)

    def report(self, kind: str, actor: str, /, **body: Any) -> int:
        seq = self.world.report(kind, actor, **body)
        return self._tell(Act(kind, actor, body, DOCUMENT), seq)

    def _tell(self, act: Act, seq: int) -> int:
        self.happened.tell(act, seq, self.world.now)
        return seq

    def labels(self, now: int | None = None) -> Labels:
        return self.happened.labels(self.world.view(now))


def test_nothing_has_happened_before_the_first_record() -> None:
    labels = Telling().labels()

    assert labels["grant:COPYING"] == labels["policy"] == frozenset()
    assert labels["selected:copying"] == {"REST"}
    assert labels["packet:copying"] == frozenset()


def test_a_grant_is_given_by_all_the_words_that_it_takes() -> None:
    telling = Telling()
    first = telling.record("grant", "ann", grant="MOVE", scope="live")
    waiting = telling.labels()["grant:MOVE"]
    telling.record("grant", "bob", grant="MOVE", scope="live", instance=first)

    assert waiting == frozenset()
    assert {"given", "kept", "given, first-hand", "counts"} <= telling.labels()["grant:MOVE"]


def test_what_was_revoked_is_neither_given_nor_kept() -> None:
    telling = Telling()
    seq = telling.record("grant", "head", grant="COPYING", scope="bench")
    telling.record("revoke", "head", record=seq, reason="no more")

    assert not telling.labels()["grant:COPYING"] & {"given", "kept", "counts"}


def test_a_request_gives_nothing_and_the_word_on_it_gives() -> None:
    telling = Telling()
    seq = telling.record("request", "clerk", grant="COPYING", reason="it is needed")
    asked = telling.labels()["grant:COPYING"]
    telling.record("grant", "head", grant="COPYING", scope="bench", instance=seq)

    assert asked == frozenset()
    assert "given" in telling.labels()["grant:COPYING"]


def test_a_grant_is_given_within_its_window_only() -> None:
    telling = Telling()
    telling.record("grant", "head", grant="COPYING", scope="bench", not_before=spell_time(200), expires=spell_time(300))

    given = {now: "given" in telling.labels(now)["grant:COPYING"] for now in (199, 200, 299, 300)}

    assert given == {199: False, 200: True, 299: True, 300: False}


def test_a_grant_that_the_policy_lets_run_out_does_so() -> None:
    telling = Telling()
    telling.record("grant", "head", grant="LEAVE", scope="live")

    assert "given" in telling.labels(100 + 14 * DAY - 1)["grant:LEAVE"]
    assert "given" not in telling.labels(100 + 14 * DAY)["grant:LEAVE"]


def test_several_are_counted() -> None:
    telling = Telling()
    for _ in range(2):
        telling.record("grant", "head", grant="COPYING", scope="bench")

    assert {"given*2", "counts*2"} <= telling.labels()["grant:COPYING"]
    assert "given*3" not in telling.labels()["grant:COPYING"]


@pytest.mark.parametrize(("name", "scope", "given"), [("COPYING", "bench", True), ("LEAVE", "live", False)])
def test_what_a_document_reports_is_never_first_hand_and_nothing_where_something_is_protected(name: str, scope: str, given: bool) -> None:  # noqa: FBT001
    telling = Telling()
    telling.report("grant", "head", grant=name, scope=scope)

    assert ("given" in telling.labels()["grant:" + name]) is given
    assert not [label for label in telling.labels()["grant:" + name] if "first-hand" in label]


def test_what_was_used_up_is_kept_and_its_use_is_told_by_how_it_ended() -> None:
    telling = Telling()
    telling.record("issue", "head", packet="copying")
    seq = telling.record("grant", "head", grant="COPYING", scope="bench")
    telling.record("decide", "head", packet="copying", option="COPY")
    begun = telling.record("begin", "clerk", action="copy", grant=seq)
    running = telling.labels()
    telling.record("end", "clerk", begin=begun, status=0)

    assert "unended, first-hand" in running["run:copy"]
    assert "done" in telling.labels()["run:copy"]
    assert "kept" in telling.labels()["grant:COPYING"]
    assert "given" not in telling.labels()["grant:COPYING"]
    assert telling.labels()["selected:copying"] == {"COPY"}


def test_evidence_is_shown_until_it_is_taken_back_and_who_made_it_is_told() -> None:
    telling = Telling()
    telling.record("discharge", "eve", leg="CONSENT/asked", evidence={"kind": "attest", "of": "asked", "says": "They were asked."})
    shown = telling.labels()["leg:CONSENT/asked"]
    telling.record("reopen", "eve", leg="CONSENT/asked", reason="they were not")

    assert {"shown", "proven", "by eve"} <= shown
    assert "shown" not in telling.labels()["leg:CONSENT/asked"]


def test_evidence_that_a_document_reports_of_another_than_is_to_make_it_shows_nothing() -> None:
    telling = Telling()
    telling.report("discharge", "ann", leg="DRILL/tried", evidence=evidence("rehearsal", "copy"))

    assert "shown" not in telling.labels()["leg:DRILL/tried"]
    assert "by ann" in telling.labels()["leg:DRILL/tried"]


def test_a_lane_is_opened_by_all_its_words_and_closed_by_one() -> None:
    telling = Telling()
    telling.record("open", "ann", lane="gate")
    waiting = telling.labels()["lane:gate"]
    telling.record("open", "bob", lane="gate")
    opened = telling.labels()["lane:gate"]
    telling.record("close", "eve", lane="gate")

    assert waiting == frozenset()
    assert opened == {"open", "opened", "open, first-hand", "opened, first-hand"}
    assert telling.labels()["lane:gate"] == frozenset()


def test_a_lane_that_a_document_reports_open_is_not_opened_first_hand() -> None:
    telling = Telling()
    telling.report("open", "ann", lane="gate")

    assert telling.labels()["lane:gate"] == {"open", "opened"}


def test_findings_preparers_and_adoptions_are_told_as_they_stand() -> None:
    telling = Telling()
    telling.record("finding", "eve", finding="complete", result="pass", why="All is there.")
    telling.record("prepare", "clerk", packet="copying")
    telling._tell(Act("adopt", "ann", {}), telling.world.replay.chain.size)

    labels = telling.labels()

    assert labels["finding:complete"] == {"is pass", "is pass, first-hand"}
    assert labels["prepared:copying:clerk"] == {"yes"}
    assert labels["policy"] == {"yes"}


def test_a_formula_over_labels_holds_as_its_words_say() -> None:
    here: Labels = {"a": frozenset(("x", "y"))}
    x, z, nowhere = In("a", frozenset(("x",))), In("a", frozenset(("z",))), In("b", frozenset(("x",)))

    assert [evaluated(each, here) for each in (x, z, nowhere, TRUE, FALSE)] == [True, False, False, True, False]
    assert [evaluated(each, here) for each in (And((x, z)), Or((x, z)), Not(z), AtLeast(2, (x, z, x)), AtLeast(2, (x, z)))] == [False, True, True, True, False]
