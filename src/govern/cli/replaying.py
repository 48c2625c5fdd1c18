"""`validate --replay`: the rehearsal once more, and every digest compared. The only real answer to evidence that was made up."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govern.canonical import digest
from govern.cli.files import read_named
from govern.cli.progress import progress_bar
from govern.cli.session import Session
from govern.evidence.comparing import compare
from govern.policy.rehearsal import Change, Rehearsal
from govern.problems import Exit, fault
from govern.rehearsal.gate.examine import GENERATED_TYPES
from govern.rehearsal.run import Request, rehearse
from govern.rehearsal.sources import examine_source

if TYPE_CHECKING:
    from govern.cli.validate import Verdict


def rehearse_again(session: Session, verdict: "Verdict", source: Path, apply: Path | None, revert: Path | None) -> "Verdict":
    """Return the verdict with what the repetition found differently.

    Raises:
        GovernError: the scripts or the source are not those of the evidence, or the rehearsal could not be made (status 2 and 3).
    """
    assert verdict.evidence is not None
    body, here = verdict.evidence["rehearsal"], session.options.directory
    rests_on = session.rehearsal
    scripts = dict(_scripts(session, body["change"], rests_on, {"apply": apply, "revert": revert}))
    examined = examine_source(here / source, body["engine"]["name"])
    if examined.sha256 != body["source"]["sha256"]:
        message = f"{source} is {examined.sha256[:16]}, and the evidence is about {body['source']['sha256'][:16]}"
        raise fault(Exit.UNJUDGED, "BINDING", message, help="a rehearsal is repeated on the very source that it was made on")
    request = Request(
        examined,
        here / source,
        scripts["apply"],
        scripts.get("revert"),
        provenance=verdict.evidence["of"],
        label=rests_on.label,
        surface=None if verdict.evidence["of"] in GENERATED_TYPES else rests_on.surface,
    )
    with progress_bar(session) as on_step:
        again = rehearse(request, on_step)
    failures = (*verdict.failures, *(("replay-differs", sentence) for sentence in compare(body, again.found)))
    return replace(verdict, failures=failures, replayed=True, status=int(Exit.NO if failures else Exit.YES))


def _scripts(session: Session, change: Mapping[str, Any], rests_on: Rehearsal, given: Mapping[str, Path | None]) -> Iterator[tuple[str, Path]]:
    """Yield the scripts of the change by what they do: as given, else as declared; each with the bytes that the evidence names."""
    declared = rests_on.changes.get(change["name"] or "")
    for name, named in given.items():
        if change[name] is None:
            if named is not None:
                raise fault(Exit.USAGE, "USAGE", f"the evidence is of a change without a script to {name} it", help=f"leave --{name} out")
            continue
        path = session.options.directory / named if named else _declared(session, declared, name)
        if path is None:
            raise fault(Exit.USAGE, "USAGE", f"which script does {name} it? no change of that name is declared", help="--change FILE, and --revert FILE")
        found = digest(read_named(path, "a script of SQL is wanted"))
        if found != change[name]["sha256"]:
            message = f"{path.name} is {found[:16]}, and the evidence was made with {change[name]['sha256'][:16]}"
            raise fault(Exit.UNJUDGED, "CHANGE_MOVED", message, help="bring the very script")
        yield name, path


def _declared(session: Session, declared: Change | None, name: str) -> Path | None:
    pinned = None if declared is None else declared.apply if name == "apply" else declared.revert
    return session.project.root / pinned.file if pinned else None
