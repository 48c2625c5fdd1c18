"""`govern validate`: the pinned validator, run from the bytes that were digested; what only the programme knows; the repetition."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from govern.canonical import digest, encode
from govern.evidence import executed
from govern.evidence.executed import VALIDATOR, read_validator
from govern.evidence.validator import edit, good
from govern.problems import Exit
from support.cli import UNREHEARSED, Clock, Programme, Ran, run_words, start

OWN = digest(VALIDATOR.read_bytes())
LABEL = "GENERATED-NOT-REAL"
LEG = "ROLLBACK/rehearsed"
OTHER = digest(b"another")
POLICY = f"{UNREHEARSED.replace('{rehearsal: copy}', '{rehearsal: toy}')}\nrehearsal: {{validator: {OWN}, label: {LABEL}}}\n"


@pytest.fixture(autouse=True)
def late(clock: Clock) -> None:
    """The clock, which stands after what is judged was made."""
    clock.set("2026-11-22T06:00:00Z")


@pytest.fixture
def pinned(tmp_path: Path) -> Programme:
    """A programme that pins the validator that is shipped."""
    return start(tmp_path / "pinned", POLICY)


def evidence(programme: Programme, *script: tuple[Any, ...], name: str = "evidence.json", engine: str = "sqlite") -> str:
    """Write evidence that was made under the programme, after a script; return the file's name."""
    found = good(engine)
    ledger = programme.asks("verify")["ledger"]
    made_under = {"ledger": ledger, "policy": digest(programme.policy.read_bytes()), "validator": OWN}
    label = [("set", "/label", LABEL)] if engine == "postgresql" else []
    for step in [("set", "programme", made_under), *label, ("set", "/legs", []), *script]:
        edit(found, *step)
    (programme.root / name).write_text(encode(found) + "\n", encoding="utf-8")
    return name


def failures(programme: Programme, *words: str, status: Exit = Exit.NO) -> list[str]:
    """Return every failure of the last file."""
    found = programme.refuses("validate", *words, "--json", status=status).answer["result"]
    return [f"{each['name']}: {each['message']}" for each in found["files"][-1]["failures"]]


def test_evidence_that_passes_is_told_so_that_a_person_reads_it_in_ten_seconds(pinned: Programme) -> None:
    name = evidence(pinned)
    ran = pinned.does("validate", name)
    lines = ran.out.splitlines()
    assert lines[0] == f"PASS evidence.json ({digest((pinned.root / name).read_bytes())[:12]})"
    assert len(lines) < 14
    assert ran.err == ""
    assert any("main.people 3 rows → 4 rows" in line for line in lines)


def test_the_answer_in_json_names_the_validator_and_each_file(pinned: Programme) -> None:
    first, second = evidence(pinned), evidence(pinned, ("set", "run/nonce", OTHER), ("set", "gate/findings", 2), name="bad.json")
    ran = pinned.run("validate", first, second, "--json")
    assert (ran.status, ran.answer["schema"], ran.answer["exit"]) == (Exit.NO, "govern.validate/1", 1)
    assert ran.answer["result"] == {
        "verdict": "FAIL",
        "validator": {"sha256": OWN, "pinned": True},
        "replayed": False,
        "files": [
            {"file": first, "sha256": digest((pinned.root / first).read_bytes()), "verdict": "PASS", "failures": []},
            {
                "file": second,
                "sha256": digest((pinned.root / second).read_bytes()),
                "verdict": "FAIL",
                "failures": [{"name": "gate-finding", "message": "2 secrets or personal data were found"}],
            },
        ],
    }


def test_what_fails_is_told_by_name_and_what_is_not_of_the_form_is_not_judged(pinned: Programme) -> None:
    name = evidence(pinned, ("copy", "paths/1/after", "control/after"))
    ran = pinned.refuses("validate", name, status=Exit.NO)
    assert ran.out.splitlines()[1:] == ["  not-restored: path 2 did not restore table main.people"]
    (pinned.root / "no.json").write_text("{}", encoding="utf-8")
    assert failures(pinned, "no.json", status=Exit.UNJUDGED)[0].startswith("not-canonical: ")
    assert failures(pinned, "missing.json", status=Exit.UNJUDGED) == ["not-readable: No such file or directory"]


def test_a_validator_of_other_bytes_is_refused_and_both_digests_are_told(pinned: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    name = evidence(pinned)
    other = read_validator() + b"\n"
    monkeypatch.setattr(executed, "read_validator", lambda: other)
    ran = pinned.refuses("validate", name, status=Exit.UNJUDGED)
    assert ran.codes == ["VALIDATOR_OTHER"]
    assert digest(other) in ran.err
    assert OWN in ran.err
    assert ran.out == ""
    assert pinned.refuses("probe", "--kind", "evidence", status=Exit.UNJUDGED).codes == ["VALIDATOR_OTHER"]


def test_the_bytes_that_were_compared_are_the_bytes_that_judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is changed after it was digested has no effect: it is read once."""
    harmless = read_validator().replace(b'    "gate-finding": lambda e: when(e.gate.findings,', b'    "gate-finding": lambda e: when(False,')
    assert harmless != read_validator()
    programme = start(tmp_path / "weak", POLICY.replace(OWN, digest(harmless)))
    reads = iter([harmless])
    monkeypatch.setattr(executed, "read_validator", lambda: next(reads))
    name = evidence(programme, ("set", "gate/findings", 7), ("set", "programme/validator", digest(harmless)))
    programme.does("validate", name)


def test_where_no_programme_is_the_shipped_validator_judges_and_says_that_none_is_pinned(tmp_path: Path) -> None:
    found = good("sqlite")
    found["rehearsal"]["programme"] = {"ledger": None, "policy": None, "validator": OWN}
    (tmp_path / "evidence.json").write_text(encode(found) + "\n", encoding="utf-8")
    ran = run_words("-C", str(tmp_path), "validate", "evidence.json")
    assert (ran.status, ran.codes) == (0, ["VALIDATOR_UNPINNED"])
    assert OWN in ran.err
    assert ran.out.startswith("PASS evidence.json ")


def test_a_policy_that_pins_none_says_so_too(website: Programme) -> None:
    name = evidence(website)
    ran = website.does("validate", name)
    assert ran.codes == ["VALIDATOR_UNPINNED"]
    assert website.asks("validate", name)["validator"] == {"sha256": OWN, "pinned": False}


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ([("set", "programme/policy", OTHER)], f"policy-other: it was made under the policy {OTHER[:16]}, and in force is "),
        ([("set", "programme/policy", None)], "policy-missing: it was made outside a programme: it names no policy"),
        ([("set", "programme/ledger", OTHER)], f"ledger-other: it was made under the ledger {OTHER[:16]}, and in force is "),
        ([("set", "programme/ledger", None)], "ledger-missing: it was made outside a programme: it names no ledger"),
        ([("set", "programme/validator", OTHER)], f"validator-other: it is for the validator {OTHER[:16]}"),
        ([("set", "/legs", ["ROLLBACK/rehersed"])], "leg-unknown: no leg is called ROLLBACK/rehersed"),
        ([("set", "/legs", ["CONTENT/compared"])], "leg-other: CONTENT/compared asks for packet of page-comparison, and this is rehearsal of toy"),
        ([("set", "/legs", [LEG]), ("set", "/of", "real-dump")], f"leg-other: {LEG} asks for rehearsal of toy, and this is rehearsal of real-dump"),
    ],
)
def test_what_only_the_programme_knows_is_judged_by_name(pinned: Programme, script: list[tuple[Any, ...]], said: str) -> None:
    [found] = failures(pinned, evidence(pinned, *script))
    assert found.startswith(said)


def test_a_surrogate_carries_the_label_that_the_programme_declares(pinned: Programme) -> None:
    pinned.does("validate", evidence(pinned, engine="postgresql"))
    assert failures(pinned, evidence(pinned, ("set", "/label", "REAL"), engine="postgresql")) == [
        f"label-other: its label is `REAL`, and the programme declares `{LABEL}`"
    ]


def test_a_surface_that_is_declared_and_of_which_nothing_is_said_fails(tmp_path: Path) -> None:
    surfaces = "surfaces:\n  registry: {title: the registry, reached_by: file}\n  network: {title: the network, reached_by: network}\n"
    programme = start(tmp_path / "surfaces", POLICY + surfaces)
    assert failures(programme, evidence(programme)) == ["surface-missing: nothing is said of surface registry"]


def test_what_the_policy_lets_a_rollback_leave_behind_is_what_counts(tmp_path: Path) -> None:
    strict = start(tmp_path / "strict", POLICY.replace("label:", "residue: [], label:"))
    assert failures(strict, evidence(strict)) == ["residue-forbidden: path 1 must not leave sequences behind"]


def test_a_nonce_that_is_on_record_with_other_bytes_is_a_replay(pinned: Programme) -> None:
    first = evidence(pinned, ("set", "/legs", [LEG]))
    pinned.does("blocker", "discharge", LEG, "--evidence", first, "--as", "builder")
    again = evidence(pinned, ("set", "/legs", [LEG]), ("set", "source/name", "another"), name="again.json")
    assert failures(pinned, again) == [f"nonce-replayed: its nonce, {digest(b'nonce')[:16]}, is that of other evidence"]
    # The very bytes that are on record are what is on record.
    pinned.does("validate", first)


def test_one_nonce_in_two_files_is_a_replay(pinned: Programme) -> None:
    first = evidence(pinned)
    shutil.copy(pinned.root / first, pinned.root / "copy.json")
    assert failures(pinned, first, "copy.json")[0].startswith("nonce-replayed: ")


def test_evidence_that_ends_in_the_future_fails(pinned: Programme, clock: Clock) -> None:
    name = evidence(pinned)
    clock.set("2026-11-22T04:54:00Z")
    programme = failures(pinned, name)
    assert [each.partition(":")[0] for each in programme] == ["time-future"]


def test_the_file_that_it_must_be_about_is_compared(pinned: Programme) -> None:
    (pinned.root / "source").write_bytes(b"source")
    name = evidence(pinned)
    pinned.does("validate", name, "--source", "source")
    (pinned.root / "source").write_bytes(b"other")
    assert [each.partition(":")[0] for each in failures(pinned, name, "--source", "source")] == ["source-digest", "source-bytes"]


def test_row_44_a_link_a_pipe_or_a_folder_is_not_judged(pinned: Programme) -> None:
    (pinned.root / "link.json").symlink_to(evidence(pinned))
    assert failures(pinned, "link.json", status=Exit.UNJUDGED)[0].startswith("not-readable: ")
    assert failures(pinned, "governance", status=Exit.UNJUDGED)[0].startswith("not-readable: ")


def test_row_58_a_file_that_is_larger_than_any_evidence_is_not_read_to_its_end(pinned: Programme) -> None:
    with (pinned.root / "huge.json").open("wb") as stream:
        stream.truncate(1 << 40)
    try:
        found = pinned.run("validate", "huge.json", "--json")
        assert (found.status, found.answer["result"]["files"][0]["failures"][0]["name"]) == (Exit.UNJUDGED, "too-large")
    finally:
        (pinned.root / "huge.json").unlink()


def test_row_43_evidence_of_which_a_byte_was_swapped_after_it_was_made_fails_and_says_where(pinned: Programme) -> None:
    name = evidence(pinned)
    content = (pinned.root / name).read_bytes()
    (pinned.root / name).write_bytes(content.replace(b'"main.people":4', b'"main.people":5', 1))
    said = "applied: main.people has 4 rows, and in path 1, applied 5 with one digest"
    assert failures(pinned, name) == [f"rows-differ: path {number}, {said}" for number in (2, 3)]


def test_row_55_a_secret_in_evidence_is_refused_and_printed_nowhere(pinned: Programme) -> None:
    secret = "AKIA" + "IOSFODNN7EXAMPLE"
    name = evidence(pinned, ("set", "source/name", secret))
    for words in ((), ("--json",)):
        ran = pinned.refuses("validate", name, *words, status=Exit.UNJUDGED)
        assert secret not in ran.out + ran.err
        assert "secret" in ran.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--change", "apply.sql"), "--change and --revert are what is rehearsed again"),
        (("--revert", "revert.sql"), "--change and --revert are what is rehearsed again"),
        (("--replay", "toy.sql", "--source", "toy.sql"), "one piece of evidence is rehearsed again, on its source"),
        (("more.json", "--replay", "toy.sql"), "one piece of evidence is rehearsed again, on its source"),
    ],
)
def test_options_that_do_not_go_together_are_usage(pinned: Programme, words: tuple[str, ...], said: str) -> None:
    assert said in pinned.refuses("validate", "evidence.json", *words, status=Exit.USAGE).err


APPLY = "CREATE TABLE log (id INTEGER PRIMARY KEY, what TEXT);\nUPDATE people SET name = 'uno' WHERE id = 1;\n"
REVERT = "DROP TABLE log;\nUPDATE people SET name = 'one' WHERE id = 1;\n"
SOURCE = "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT);\nINSERT INTO people VALUES (1, 'one'), (2, 'two');\n"
REPLAY = ("--replay", "source.sql", "--change", "apply.sql", "--revert", "revert.sql")


@pytest.fixture
def rehearsed(tmp_path: Path, clock: Clock) -> Path:
    """A folder with a source, the scripts of a change, and the evidence of a rehearsal that was really made."""
    folder = tmp_path / "rehearsed"
    folder.mkdir()
    for name, text in (("source.sql", SOURCE), ("apply.sql", APPLY), ("revert.sql", REVERT)):
        (folder / name).write_text(text, encoding="utf-8")
    ran = run_words(
        "-C", str(folder), "rehearse", "--source", "source.sql", "--engine", "sqlite", "--change", "apply.sql", "--revert", "revert.sql", "--out", "out"
    )
    assert ran.status == 0, ran
    clock.set("2026-11-22T07:00:00Z")
    return folder


def replayed(folder: Path, *words: str) -> Ran:
    """Validate with the rehearsal repeated."""
    return run_words("-C", str(folder), "validate", "out/evidence.json", *(words or REPLAY))


def forge(folder: Path, *script: tuple[Any, ...]) -> None:
    """Change evidence that was really made, so that it still passes every check."""
    found = json.loads((folder / "out" / "evidence.json").read_bytes())
    for step in (*script, ("roots",)):
        edit(found, *step)
    (folder / "out" / "evidence.json").write_text(encode(found) + "\n", encoding="utf-8")


def test_a_rehearsal_that_is_repeated_has_every_digest_again(rehearsed: Path) -> None:
    ran = replayed(rehearsed)
    assert (ran.status, ran.out.splitlines()[0][:24], ran.out.splitlines()[-1]) == (0, "PASS out/evidence.json (", "rehearsed again: every digest is the same")
    assert json.loads(replayed(rehearsed, *REPLAY, "--json").out)["result"]["replayed"] is True


def test_fabricated_evidence_that_passes_every_check_is_found_out_by_the_repetition(rehearsed: Path) -> None:
    forge(
        rehearsed,
        *(("set", f"paths/{at}/applied/components/table main.people", OTHER) for at in range(3)),
        *(("remove", f"paths/{at}/applied/stored") for at in (1, 2)),
    )
    assert run_words("-C", str(rehearsed), "validate", "out/evidence.json").status == 0
    ran = replayed(rehearsed)
    assert ran.status == Exit.NO
    told = [line for line in ran.out.splitlines() if line.startswith("  replay-differs: ")]
    assert [line.partition(": table main.people has the digest ")[0] for line in told] == [f"  replay-differs: path {number}, applied" for number in (1, 2, 3)]
    assert all(OTHER[:16] in line for line in told)


def test_what_is_repeated_is_the_change_and_the_source_of_the_evidence(rehearsed: Path) -> None:
    (rehearsed / "other.sql").write_text(SOURCE.replace("two", "zwei"), encoding="utf-8")
    wrong_source = replayed(rehearsed, "--replay", "other.sql", *REPLAY[2:])
    assert (wrong_source.status, "BINDING" in wrong_source.codes or "source-digest: " in wrong_source.out) == (Exit.NO, True)
    wrong_script = replayed(rehearsed, *REPLAY[:2], "--change", "revert.sql", "--revert", "revert.sql")
    assert (wrong_script.status, wrong_script.codes[-1]) == (Exit.UNJUDGED, "CHANGE_MOVED")
    none = replayed(rehearsed, *REPLAY[:2])
    assert (none.status, none.codes[-1]) == (Exit.USAGE, "USAGE")
    assert "which script does apply it?" in none.err


def test_evidence_that_fails_is_not_repeated(rehearsed: Path) -> None:
    forge(rehearsed, ("set", "gate/findings", 3))
    ran = replayed(rehearsed, *REPLAY, "--json")
    assert ran.status == Exit.NO
    assert ran.answer["result"]["replayed"] is False


def test_where_no_script_takes_it_back_none_may_be_given(rehearsed: Path) -> None:
    shutil.rmtree(rehearsed / "out")
    ran = run_words("-C", str(rehearsed), "rehearse", "--source", "source.sql", "--engine", "sqlite", "--change", "apply.sql", "--out", "out")
    assert ran.status == 0, ran
    assert replayed(rehearsed, *REPLAY[:4]).status == 0
    refused = replayed(rehearsed)
    assert (refused.status, refused.codes[-1]) == (Exit.USAGE, "USAGE")
