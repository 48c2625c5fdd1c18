"""The stand-alone validator: what passes, what fails and by which name, and how it is run by somebody who has nothing else."""

import ast
import copy
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.canonical import decode, digest, encode
from govern.evidence import validator
from govern.evidence.validator import CASES, FAIL, LIMIT, MOST, NOTHING, PASS, PROVEN, Failure, fabricate, good, judge, selftest, spell, status_of, tree_root
from govern.rehearsal.states import State

VALIDATOR = Path(validator.__file__)
NOW = 1795327200  # 2026-11-22T06:00:00Z, an hour after the good cases ended
Step = tuple[Any, ...]


def names(*script: Step, engine: str = "sqlite") -> list[str]:
    """Return the names of the checks that find something after a script."""
    content, told = fabricate(engine, script)
    return sorted({failure.name for failure in judge(content, **told)})


def messages(*script: Step, engine: str = "sqlite") -> list[str]:
    """Return every failure after a script, as it is printed."""
    content, told = fabricate(engine, script)
    return [f"{name}: {message}" for name, message in judge(content, **told)]


def alone(*words: str, cwd: Path) -> tuple[int, str, str]:
    """Run the file as a stranger does: without this program, in a process that sees none of its modules."""
    done = subprocess.run([sys.executable, "-I", str(VALIDATOR), *words], cwd=cwd, capture_output=True, text=True, check=False, env={"LC_ALL": "C"})
    return done.returncode, done.stdout, done.stderr


def write(folder: Path, *script: Step, name: str = "evidence.json", engine: str = "sqlite") -> str:
    """Write evidence that names the shipped validator; return the file's name."""
    own = digest(VALIDATOR.read_bytes())
    content, _told = fabricate(engine, [("set", "programme/validator", own), *script])
    (folder / name).write_bytes(content)
    return name


def test_every_fabricated_case_is_caught_by_its_own_check_and_every_good_one_passes() -> None:
    assert list(selftest()) == []
    assert sum(line.startswith("PASS ") for line in CASES.splitlines()) >= 10


def test_it_needs_the_standard_library_and_nothing_else() -> None:
    tree = ast.parse(VALIDATOR.read_text(encoding="utf-8"), feature_version=(3, 9))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names


def test_its_root_and_its_spelling_are_those_of_the_rehearsal() -> None:
    for size in range(9):
        state = State({f"table main.t{at}": digest(str(at).encode()) for at in range(size)}, {})
        assert tree_root(state.components) == state.root
    for engine in ("sqlite", "postgresql"):
        evidence = good(engine)
        assert spell(evidence).decode() == encode(evidence) + "\n"
        assert decode(spell(evidence).decode().removesuffix("\n")) == evidence


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ([("copy", "paths/1/after", "control/after")], "not-restored: path 2 did not restore table main.people"),
        ([("copy", "paths/2/after", "control/after")], "not-restored: path 3 did not restore table main.people"),
        (
            [("set", "paths/1/after/rows/main.people", 2)],
            "rows-differ: path 2, after: main.people has 2 rows, and in path 1, before 3 with one digest",
        ),
        ([("set", "paths/1/applied/root", "sha:other")], "root: path 2, applied: the root is not that of its components"),
        ([("set", "paths/1/after/components/schema", None)], "null: /rehearsal/paths/1/after/components/schema is null"),
        (
            [("set", "paths/1/after/components/schema", "AB" * 31)],
            "digest-length: /rehearsal/paths/1/after/components/schema has 62 characters, wanted a SHA-256 of 64 lower-case hex digits",
        ),
        ([("set", "states/components/schema", "sha:"), ("roots",)], "component-empty: path 1, before: schema has the digest of nothing"),
        ([("remove", "states/components/schema"), ("roots",)], "component-missing: path 1, before: no schema"),
        ([("set", "/verdict", "PASS")], "field-unknown: /verdict is not known"),
        ([("remove", "paths/1")], "path-missing: path 2 is missing"),
        ([("given", "nonces", ["sha:nonce"])], f"nonce-replayed: its nonce, {digest(b'nonce')[:16]}, is that of other evidence"),
        ([("set", "probes/0/got", "allowed")], "probe-failed: change-commits: expected CHANGE_COMMITS, got allowed"),
        ([("set", "probes_claimed", 38)], "probe-count: 38 are claimed, and 5 listed"),
        (
            [("copy", "control/after", "paths/0/before"), ("set", "control/differences", [])],
            "control-blind: VOID: a sabotaged rollback was taken for a good one",
        ),
        ([("set", "gate/classified", 3)], "gate-unclassified: 3 of 4 columns are classified"),
        ([("set", "isolation/canaries/2/reached", True)], "canary-reached: unix was reached from inside"),
    ],
)
def test_a_failure_names_what_is_wrong_and_where(script: list[Step], said: str) -> None:
    assert messages(*script)[0] == said


def test_a_change_of_the_file_alone_is_told_from_a_change_of_nothing() -> None:
    nothing: list[Step] = [("copy", "paths/1/applied", "paths/1/before"), ("set", "paths/1/changed", [])]
    assert names(*nothing) == ["not-mutated"]
    assert names(*nothing, ("set", "paths/1/applied/stored", "sha:other bytes")) == ["mutated-by-file"]
    assert names(*nothing, engine="postgresql") == ["not-mutated"]


def test_setting_a_sequence_alone_proves_nothing_about_a_rollback() -> None:
    assert names(("copy", "paths/0/applied", "paths/0/after"), ("set", "paths/0/changed", ["sequences"])) == ["mutated-residue"]


def test_sequences_may_be_left_behind_by_path_1_alone_and_only_where_the_policy_says_so() -> None:
    assert names() == []
    assert names(("given", "residue", [])) == ["residue-forbidden"]
    assert names(("copy", "paths/2/after", "paths/0/after")) == ["not-restored"]
    assert names(("copy", "paths/2/after", "paths/0/after"), ("set", "paths/2/residue", ["sequences"])) == ["residue-forbidden"]


def test_the_run_may_end_as_late_as_clocks_differ_and_no_second_later() -> None:
    content = fabricate("sqlite", [])[0]
    ended = NOW - 3600 + 2
    assert judge(content, now=ended - 300) == []
    assert [each.name for each in judge(content, now=ended - 301)] == ["time-future"]


def test_the_steps_may_take_as_long_as_the_run_and_no_millisecond_longer() -> None:
    # Both ends are told to the second, so that a run of two seconds may have taken nearly three.
    assert names(("set", "run/milliseconds", {"load": 3000})) == []
    assert names(("set", "run/milliseconds", {"load": 3001})) == ["duration-impossible"]


def test_a_file_is_judged_up_to_the_limit_and_not_beyond() -> None:
    assert [each.name for each in judge(b" " * LIMIT, now=NOW)] == ["not-json"]
    assert [each.name for each in judge(b" " * (LIMIT + 1), now=NOW)] == ["too-large"]


def test_row_55_a_secret_in_evidence_is_refused_and_repeated_nowhere() -> None:
    key = "AKIA" + "IOSFODNN7EXAMPLE"
    for script in (("set", "source/name", key), ("set", f"run/milliseconds/{key}", 0), ("set", f"/{key}", 0), ("set", "/kind", key)):
        said = messages(script)
        assert said == ["secret: it holds what looks like a secret, which is not repeated here"]
    assert names(("set", "source/name", "-----BEGIN OPENSSH PRIVATE KEY-----")) == ["secret"]


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ([("set", "probes", [{"name": str(at), "expected": "x", "got": "y"} for at in range(60_000)])], "probe-failed"),
        ([("set", "surfaces", [{"surface": "s", "status": "UNKNOWN", "because": "x"}] * 60_000)], "surface-unknown"),
        ([("set", "paths/0/residue", [str(at) for at in range(60_000)])], "residue-forbidden"),
        (
            [
                ("set", "paths/0/residue", [str(at) for at in range(60_000)]),
                ("set", "paths/1/differences", [{"component": "schema", "kind": "added", "count": 1, "keys": []}] * 60_000),
            ],
            "difference-left",
        ),
        ([("replace", "{", "{" + ",".join(f'"{at}":0' for at in range(100_000)) + ',"0":0,"1":0,')], "duplicate-key"),
        ([("set", "paths", [good("sqlite")["rehearsal"]["paths"][0]] * 2000)], "path-twice"),
    ],
)
def test_row_58_a_file_made_to_exhaust_is_judged_in_seconds_and_answered_in_few_words(script: list[Step], found: str) -> None:
    content, told = fabricate("sqlite", script)
    begun = time.process_time()
    failures = judge(content, **told)
    assert time.process_time() - begun < 20
    assert found in {failure.name for failure in failures}
    assert len(failures) < 20 * MOST
    assert sum(len(failure.message) for failure in failures) < 100_000


def test_of_very_many_failures_of_one_kind_the_first_are_told_and_the_rest_counted() -> None:
    said = messages(("set", "surfaces", [{"surface": f"s{at}", "status": "UNKNOWN", "because": "x"} for at in range(MOST + 3)]))
    assert len(said) == MOST + 1
    assert said[-1] == "surface-unknown: and 3 more"
    assert len(messages(("set", "surfaces", [{"surface": f"s{at}", "status": "UNKNOWN", "because": "x"} for at in range(MOST)]))) == MOST


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5) | st.sampled_from([NOTHING, "schema", "sequences", "PASS"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return every place in a value."""
    inner = list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    return [path, *(each for key, below in inner for each in paths_of(below, (*path, key)))]


PLACES = paths_of(good("postgresql"))[1:]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), JSON), min_size=1, max_size=3), st.sampled_from(["set", "remove"]))
def test_whatever_is_put_anywhere_is_judged_and_never_crashes(edits: list[tuple[tuple[Any, ...], Any]], how: str) -> None:
    evidence = good("postgresql")
    for path, value in edits:
        within: Any = evidence
        try:
            for key in path[:-1]:
                within = within[key]
            if how == "set":
                within[path[-1]] = copy.deepcopy(value)
            else:
                del within[path[-1]]
        except (KeyError, IndexError, TypeError):
            continue
    content = json.dumps(evidence, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"
    failures = judge(content, now=NOW)
    assert all(isinstance(failure, Failure) and failure.message for failure in failures)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(spell(good("sqlite"))) - 1), st.integers(1, 255))
def test_a_byte_that_was_changed_never_crashes_it_and_what_is_compared_never_passes_changed(at: int, change: int) -> None:
    content = bytearray(spell(good("sqlite")))
    content[at] ^= change
    failures = judge(bytes(content), now=NOW)
    # A digit of what is only told, such as a nonce, may be another one. No component, root or number of rows may.
    if not failures:
        assert compared(json.loads(content)) == compared(good("sqlite"))


def compared(evidence: Any) -> Any:
    """Return the paths of evidence without the digests of stored bytes, which mean nothing by themselves."""
    return json.loads(json.dumps(evidence["rehearsal"]["paths"]), object_pairs_hook=lambda pairs: {key: value for key, value in pairs if key != "stored"})


@pytest.mark.parametrize("size", [0, 1, 100, -1, -2])
def test_evidence_that_was_cut_off_is_not_judged(size: int) -> None:
    failures = judge(spell(good("sqlite"))[:size], now=NOW)
    assert status_of(failures) == 3


def test_alone_it_passes_good_evidence_and_says_what_fails(tmp_path: Path) -> None:
    assert alone(write(tmp_path), cwd=tmp_path) == (0, "PASS evidence.json\n", "")
    bad = write(tmp_path, ("copy", "paths/1/after", "control/after"), name="bad.json")
    assert alone(bad, cwd=tmp_path) == (1, "FAIL bad.json\n  not-restored: path 2 did not restore table main.people\n", "")
    (tmp_path / "no.json").write_text("{}", encoding="utf-8")
    status, out, _err = alone("no.json", "evidence.json", cwd=tmp_path)
    assert (status, out.splitlines()[0]) == (3, "FAIL no.json")
    assert "PASS evidence.json" in out


def test_alone_it_runs_its_self_test(tmp_path: Path) -> None:
    status, out, err = alone("--selftest", cwd=tmp_path)
    assert (status, err) == (0, "")
    told = len(CASES.strip().splitlines())
    good_ones = sum(line.startswith("PASS ") for line in CASES.splitlines())
    assert out == f"selftest: {told - good_ones} cases, each caught by its own check; {good_ones} that are good pass\n"


def test_alone_it_answers_in_json(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, ("set", "gate/findings", 2), name="bad.json")
    status, out, _err = alone("evidence.json", "bad.json", "--json", "--seen", "0" * 64, cwd=tmp_path)
    assert status == 1
    assert json.loads(out) == {
        "verdict": FAIL,
        "files": [
            {"file": "evidence.json", "verdict": PASS, "failures": []},
            {
                "file": "bad.json",
                "verdict": FAIL,
                "failures": [
                    {"name": "nonce-replayed", "message": f"its nonce, {digest(b'nonce')[:16]}, is that of other evidence"},
                    {"name": "gate-finding", "message": "2 secrets or personal data were found"},
                ],
            },
        ],
    }


def test_alone_it_finds_one_nonce_in_two_files_and_one_that_was_seen(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, name="again.json")
    status, out, _err = alone("evidence.json", "again.json", cwd=tmp_path)
    assert status == 1
    assert out.splitlines()[0] == "PASS evidence.json"
    assert "  nonce-replayed: " in out
    assert alone("evidence.json", "--seen", digest(b"nonce"), cwd=tmp_path)[0] == 1


def test_alone_it_compares_the_source_that_is_given(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"source")
    write(tmp_path)
    assert alone("evidence.json", "--source", "source", cwd=tmp_path)[0] == 0
    (tmp_path / "source").write_bytes(b"sourcE")
    status, out, _err = alone("evidence.json", "--source", "source", cwd=tmp_path)
    assert (status, out.count("source-digest: "), out.count("source-bytes: ")) == (1, 1, 0)
    assert alone("evidence.json", "--source", "missing", cwd=tmp_path)[0] == 2


def test_alone_it_judges_by_the_time_and_the_residue_that_are_given(tmp_path: Path) -> None:
    write(tmp_path)
    assert alone("evidence.json", "--now", "2026-11-22T04:00:00Z", cwd=tmp_path)[1].splitlines()[1].startswith("  time-future: ")
    assert alone("evidence.json", "--now", "2026-11-22T05:00:00Z", cwd=tmp_path)[0] == 0
    assert alone("evidence.json", "--residue", "none", cwd=tmp_path)[1].splitlines()[1].startswith("  residue-forbidden: ")
    for words in (("evidence.json", "--now", "yesterday"), ()):
        assert alone(*words, cwd=tmp_path)[0] == 2


def test_alone_it_refuses_evidence_that_was_made_for_another_validator(tmp_path: Path) -> None:
    write(tmp_path, ("set", "programme/validator", "sha:another"))
    assert alone("evidence.json", cwd=tmp_path)[1].splitlines()[1] == f"  validator-other: it is for the validator {digest(b'another')[:16]}"


def test_row_44_alone_it_reads_plain_files_only_and_waits_for_none(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "link").symlink_to("evidence.json")
    (tmp_path / "passwords").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("link", "passwords", "pipe", "folder", "/dev/zero", "missing"):
        status, out, err = alone(name, cwd=tmp_path)
        assert (status, err) == (3, ""), name
        assert out.startswith(f"FAIL {name}\n  not-readable: "), name


def test_alone_it_shows_no_control_characters(tmp_path: Path) -> None:
    write(tmp_path, ("set", "engine/name", "sqlite"), ("set", "paths/0/residue", ["sequences", "\u202e\u0441"]))
    status, out, err = alone("evidence.json", cwd=tmp_path)
    assert (status, err) == (1, "")
    assert out.isascii()
    assert "\\u202e" in out or "\\u{202e}" in out


def test_what_is_not_of_the_form_is_told_apart_from_what_fails() -> None:
    assert status_of([]) == 0
    assert {status_of([Failure(name, "")]) for name in PROVEN} == {1}
    assert {status_of([Failure(name, "")]) for table in validator.TABLES[:-1] for name in table} | {status_of([Failure("not-readable", "")])} == {3}
