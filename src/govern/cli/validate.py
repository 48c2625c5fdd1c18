"""`validate`: the verdict of evidence, computed anew from its bytes by the validator that the policy pins."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from govern.canonical import digest
from govern.cli.proofs import nonces_on_record, pinned_validator
from govern.cli.rehearsal_summary import summary
from govern.cli.session import Session, session_of
from govern.cli.validating import Failure, against_programme
from govern.evidence.executed import Validator
from govern.problems import Exit, Problem, fault

PASS, FAIL = "PASS", "FAIL"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found about one evidence file. `evidence` is there where the validator passed it, whatever the programme says of it."""

    file: str
    sha256: str
    status: int
    failures: tuple[Failure, ...]
    evidence: Mapping[str, Any] | None = None
    replayed: bool = False

    @property
    def word(self) -> str:
        """PASS or FAIL."""
        return FAIL if self.failures else PASS

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        failures = [{"name": name, "message": message} for name, message in self.failures]
        return {"file": self.file, "sha256": self.sha256, "verdict": self.word, "failures": failures}

    def text(self) -> str:
        """Return it in words: the verdict, every failure, and what the evidence shows."""
        lines = [f"{self.word} {self.file} ({self.sha256[:12]})"]
        lines += [f"  {name}: {message}" for name, message in self.failures]
        if self.evidence is not None:
            # The head of the summary is a verdict of its own: ours stands above.
            lines += summary(self.evidence, Exit.NO if self.failures else Exit.YES, None, self.sha256).split("\n")[1:]
        if self.replayed and not self.failures:
            lines.append("rehearsed again: every digest is the same")
        return "\n".join(lines)


def validate(
    context: typer.Context,
    evidence: Annotated[list[Path], typer.Argument(metavar="EVIDENCE…", help="The evidence files.")],
    source: Annotated[Path | None, typer.Option("--source", metavar="FILE", help="The file that it must be about.")] = None,
    replay: Annotated[Path | None, typer.Option("--replay", metavar="SOURCE", help="Rehearse again on this source, and compare every digest.")] = None,
    change: Annotated[Path | None, typer.Option("--change", metavar="FILE", help="With --replay: the script; the declared one if left out.")] = None,
    revert: Annotated[Path | None, typer.Option("--revert", metavar="FILE", help="With --replay: the script that takes it back.")] = None,
) -> None:
    """Compute the verdict of evidence anew, with the pinned validator."""
    session = session_of(context)
    if replay is None and (change is not None or revert is not None):
        raise fault(Exit.USAGE, "USAGE", "--change and --revert are what is rehearsed again", help="name the source: --replay SOURCE")
    if replay is not None and (len(evidence) > 1 or source is not None):
        raise fault(Exit.USAGE, "USAGE", "one piece of evidence is rehearsed again, on its source", help="validate EVIDENCE --replay SOURCE")
    validator = validator_of(session)
    about = replay or source
    measured = validator.module.measure(str(session.options.directory / about)) if about else None
    verdicts = list(_judged(session, validator, evidence, measured))
    if replay is not None and verdicts[0].evidence is not None:
        from govern.cli.replaying import rehearse_again

        verdicts = [rehearse_again(session, verdicts[0], replay, change, revert)]
    status = Exit(max(verdict.status for verdict in verdicts))
    result = {
        "verdict": PASS if status is Exit.YES else FAIL,
        "validator": {"sha256": validator.sha256, "pinned": session.rehearsal.validator is not None},
        "replayed": any(verdict.replayed for verdict in verdicts),
        "files": [verdict.to_json() for verdict in verdicts],
    }
    session.answer("validate", result, "\n".join(verdict.text() for verdict in verdicts), status)


def validator_of(session: Session) -> Validator:
    """Return the validator that judges; where nothing pins it, that is said."""
    validator = pinned_validator(session.rehearsal)
    if session.rehearsal.validator is None:
        message = f"no digest is pinned: this is the validator {validator.sha256}, as it was shipped"
        session.diagnostics.append(Problem("VALIDATOR_UNPINNED", message, severity="warning", help="pin it in states.yaml: `rehearsal: {validator: …}`"))
    return validator


def _judged(session: Session, validator: Validator, files: list[Path], source: Any) -> Iterator[Verdict]:
    programme = session.project.declared
    seen: set[str] = set()
    for path in files:
        try:
            content: bytes = validator.module.read(str(session.options.directory / path))
        except OSError as error:
            yield Verdict(str(path), "", Exit.UNJUDGED, (("not-readable", error.strerror or str(error)),))
            continue
        sha256 = digest(content)
        nonces = {*seen, *(nonces_on_record(session, sha256) if programme else ())}
        given = {"now": session.now, "source": source, "nonces": nonces, "residue": session.rehearsal.leftovers, "validator": validator.sha256}
        failures = validator.judge(content, **given)
        status = validator.status_of(failures)
        if status == Exit.UNJUDGED:
            yield Verdict(str(path), sha256, status, tuple(failures))
            continue
        found = json.loads(content)
        seen.add(found["rehearsal"]["run"]["nonce"])
        shown = None if failures else found
        failures += against_programme(session, found) if programme else []
        yield Verdict(str(path), sha256, Exit.NO if failures else Exit.YES, tuple(failures), shown)
