"""The warning that something stands by words which those who gave them could not give under the policy in force."""

from govern.cli.session import Session
from govern.engine.outdated import outdated
from govern.ledger.lines import place_of
from govern.policy import find
from govern.problems import Problem


def warn_of_outdated_words(session: Session) -> None:
    """Tell what stands by the words of those who are no longer entitled; it stands all the same."""
    view = session.view
    for each in outdated(view):
        message = f"{each.what} by the word of {', '.join(each.actors)}; under version {view.state.version} that is for {find.spell_who(each.wanted)}"
        help = f"what was decided stays as it was decided; take it back or repeat it: {each.command} --as ACTOR"
        session.diagnostics.append(Problem("WORD_OUTDATED", message, place_of(each.record), "warning", help))
