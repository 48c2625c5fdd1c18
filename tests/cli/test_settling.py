"""An action that was begun and of which nobody knows how it ended: said, and resolved by the issuer; its grant stays used."""

from govern.cli.options import Options
from govern.cli.recording import Proposal, record
from govern.cli.session import Session
from support.cli import EXECUTION, Programme


def _begun(fix7: Programme) -> int:
    """Open option 5, select it and begin an action; return the record of the beginning."""
    fix7.opens(EXECUTION)
    fix7.confirms("decide", EXECUTION, "--as", "owner")
    session = Session(Options(directory=fix7.root, actor="engineering"))
    grant = session.view.state.grants["REAL_RUN"][0].seq
    act = session.act("begin", {"action": "real-run", "grant": grant})
    return record(session, lambda _replay, _view: [Proposal(act, "beginning real-run")]).seqs[0]


def test_what_was_lost_from_sight_is_resolved_by_the_issuer_and_stays_used(fix7: Programme) -> None:
    begin = _begun(fix7)
    assert fix7.asks("why-blocked", "real-run")["requirements"][-1]["cause"] in ("consumed", "missing", "unknown")

    lost = fix7.does("grant", "lose", f"#{begin}", "--reason", "the host is gone", "--as", "owner")
    assert f"real-run#{begin} is lost from sight" in lost.out
    unknown = [each for each in fix7.asks("why-blocked", "real-run")["requirements"] if each["id"].endswith("REAL_RUN")]
    assert [each["cause"] for each in unknown] == ["unknown"]
    fix7.refuses("grant", "resolve", f"#{begin}", "--reason", "found", "--as", "operator")
    done = fix7.does("grant", "resolve", f"#{begin}", "--reason", "it ran once", "--as", "owner")

    assert f"real-run#{begin} is resolved" in done.out
    assert not fix7.asks("why-blocked", "real-run")["allowed"]


def test_only_what_was_begun_can_be_settled(fix7: Programme) -> None:
    for name in ("#1", "#999", "1x", "REAL_RUN"):
        assert fix7.refuses("grant", "lose", name, "--reason", "x", "--as", "owner", status=2).codes == ["UNKNOWN_ID"]
    begin = _begun(fix7)
    assert fix7.refuses("grant", "resolve", f"#{begin}", "--reason", "x", "--as", "owner").status == 4
