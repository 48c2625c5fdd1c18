"""A seal against the bytes of its folder: every fault by its own name, and what cannot be read is neither."""

import json
import os
import socket
import subprocess
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from govern.evidence import sealing, seals
from govern.evidence.manifest import MADE, MANIFEST, Seal, SealError, parse_seal, tree_of
from govern.evidence.members import BLOCK, MAX_DEPTH, Measured, blocks, measure, measure_with_lf, opened
from govern.evidence.sealing import read_parts
from govern.evidence.seals import examine, examine_seal
from support.sealed import PARTS, public_copy, rehearsed, seal, write_parts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sealed folder."""
    found = write_parts(tmp_path / "packet")
    seal(found)
    return found


def faults(folder: Path) -> list[tuple[str, str]]:
    """Return code and path of every fault."""
    return [(each.code, each.path) for each in examine(folder).findings]


def test_a_folder_in_which_each_byte_is_as_sealed_has_no_fault(folder: Path) -> None:
    found = examine(folder)
    assert (found.findings, examine_seal(folder)) == ((), ())
    assert found.seal is not None
    assert found.seal.files.keys() == {*PARTS, *MADE} - {"validator.py"}
    assert found.sha256 == sha256((folder / MANIFEST).read_bytes()).hexdigest()


def test_a_folder_below_another_is_examined_like_one_of_its_own(folder: Path) -> None:
    assert examine(folder.parent, "packet") == examine(folder)


@pytest.mark.parametrize("name", sorted({*PARTS, *MADE} - {"validator.py"}))
def test_a_bit_that_is_turned_is_named_with_both_digests(name: str, folder: Path) -> None:
    before = (folder / name).read_bytes()
    (folder / name).write_bytes(bytes([before[0] ^ 1]) + before[1:])
    [found] = examine(folder).findings
    assert (found.code, found.path, found.sealed) == ("EVIDENCE_DIGEST", name, sha256(before).hexdigest())
    assert found.found == sha256((folder / name).read_bytes()).hexdigest()
    assert found.message.startswith(f"was changed: sealed as {found.sealed[:16]} ({len(before)} bytes), found {found.found[:16]}")
    [told] = examine_seal(folder)
    assert (told.code, told.place and told.place.file) == ("EVIDENCE_DIGEST", f"{folder}/{name}")


def test_two_files_that_change_places_are_both_changed(folder: Path) -> None:
    (folder / "one.txt").write_bytes(PARTS["two.txt"])
    (folder / "two.txt").write_bytes(PARTS["one.txt"])
    assert faults(folder) == [("EVIDENCE_DIGEST", "one.txt"), ("EVIDENCE_DIGEST", "two.txt")]


@pytest.mark.parametrize("name", ["more.txt", ".hidden", "logs/.more", "new/folder/file", "validator.py", "logs/MANIFEST.json"])
def test_a_file_that_was_added_is_named(name: str, folder: Path) -> None:
    write_parts(folder, {name: b"more"})
    [found] = examine(folder).findings
    assert (found.code, found.path) == ("EVIDENCE_SET", name)
    assert "was added" in found.message


def test_a_file_that_was_removed_is_named(folder: Path) -> None:
    (folder / "two.txt").unlink()
    [found] = examine(folder).findings
    assert (found.code, found.path, found.found) == ("EVIDENCE_SET", "two.txt", "")
    assert "was removed" in found.message


def test_a_folder_that_was_removed_or_added_is_named(folder: Path) -> None:
    (folder / "empty").mkdir()
    for path in (folder / "logs").iterdir():
        path.unlink()
    (folder / "logs").rmdir()
    assert faults(folder) == [("EVIDENCE_SET", "empty"), ("EVIDENCE_SET", "logs/größe's $(id).txt"), ("EVIDENCE_SET", "logs/three.txt")]


def test_a_file_under_another_name_is_one_fault_that_says_both_names(folder: Path) -> None:
    (folder / "two.txt").rename(folder / "logs" / "2.txt")
    [found] = examine(folder).findings
    assert (found.code, found.path) == ("EVIDENCE_SET", "logs/2.txt")
    assert found.message.startswith("was renamed: sealed as two.txt, with the same bytes")


@pytest.mark.parametrize(
    ("old", "new"), [("two.txt", "Two.txt"), ("logs/größe's $(id).txt", "logs/gro\u0308ße's $(id).txt"), ("logs/größe's $(id).txt", "logs/GRÖSSE's $(id).txt")]
)
def test_a_name_that_differs_in_case_or_form_only_is_said_to(old: str, new: str, folder: Path) -> None:
    (folder / new).write_bytes(b"other")
    [beside] = examine(folder).findings
    assert (beside.code, beside.path) == ("EVIDENCE_SET", new)
    assert f"it differs from {old} in case or spelling only" in beside.message
    (folder / old).rename(folder / new)
    [instead] = examine(folder).findings
    assert "was renamed" in instead.message
    assert "in case or spelling only" in instead.message


def _link(path: Path) -> None:
    aside = path.rename(path.parents[1] / "aside")
    path.symlink_to(aside)


def _hard_link(path: Path) -> None:
    path.with_name("second").hardlink_to(path)
    path.with_name("second").rename(path.parents[1] / "second")


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _socket(path: Path) -> None:
    path.unlink()
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


@pytest.mark.parametrize(("made", "what"), [(_link, "a symbolic link"), (_hard_link, "a file with several names"), (_pipe, "a pipe"), (_socket, "a socket")])
def test_what_is_no_plain_file_with_one_name_is_named_and_not_read(made: Callable[[Path], None], what: str, folder: Path) -> None:
    made(folder / "two.txt")
    [found] = examine(folder).findings
    assert (found.code, found.path, found.found) == ("EVIDENCE_TYPE", "two.txt", "")
    assert f"is {what}, wanted a plain file" in found.message


def test_a_folder_that_became_a_link_is_not_followed(folder: Path) -> None:
    (folder / "logs").rename(folder.parent / "logs")
    (folder / "logs").symlink_to(folder.parent / "logs")
    assert faults(folder) == [("EVIDENCE_TYPE", "logs"), ("EVIDENCE_SET", "logs/größe's $(id).txt"), ("EVIDENCE_SET", "logs/three.txt")]


@pytest.mark.parametrize("made", [_link, _hard_link, _pipe, _socket])
def test_a_manifest_that_is_no_plain_file_is_named(made: Callable[[Path], None], folder: Path) -> None:
    made(folder / MANIFEST)
    assert faults(folder) == [("EVIDENCE_TYPE", MANIFEST)]


def test_a_folder_without_a_manifest_is_not_sealed(folder: Path) -> None:
    (folder / MANIFEST).unlink()
    assert faults(folder) == [("EVIDENCE_SET", MANIFEST)]


def test_a_folder_that_is_not_there_or_is_a_file_is_unknown(folder: Path) -> None:
    assert [each.unknown for name in ("nowhere", "packet/one.txt") for each in examine(folder.parent, name).findings] == [True, True]


def test_line_ends_that_were_converted_are_said_to_be_and_are_refused(folder: Path) -> None:
    for name in ("one.txt", MANIFEST):
        (folder / name).write_bytes((folder / name).read_bytes().replace(b"\n", b"\r\n"))
    manifest, one = examine(folder).findings
    assert (manifest.code, one.code) == ("SEAL_BROKEN", "EVIDENCE_DIGEST")
    assert "it matches after LF" in manifest.message
    assert "it matches after LF" in one.message
    (folder / "one.txt").write_bytes(b"onE\r\n")
    assert "after LF" not in examine(folder).findings[1].message


@given(st.lists(st.sampled_from([b"\r\n", b"\r", b"\n", b"x"]), max_size=6), st.integers(BLOCK - 4, BLOCK + 1))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_line_ends_across_blocks_are_read_as_in_one_piece(tmp_path: Path, pieces: list[bytes], before: int) -> None:
    content = b"y" * before + b"".join(pieces)
    (tmp_path / "file").write_bytes(content)
    with opened(tmp_path) as folder:
        assert measure_with_lf(folder, "file") == sha256(content.replace(b"\r\n", b"\n")).hexdigest()
        assert measure(folder, "file") == Measured(len(content), sha256(content).hexdigest())


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"path":"one.txt"', '"path":"ono.txt"', "its tree is not of its files"),
        ('"size":4', '"size":5', "its tree is not of its files"),
        ('"tree":"', '"tree":"0', "its tree is not of its files"),
        ('"files":', '"files": ', "not in its one spelling"),
        ('{"kind"', '{"extra":1,"kind"', "it is no manifest of one line"),
        ("}}\n", "}}", "it is no manifest of one line"),
        ("}}\n", "}}\n\n", "not in its one spelling"),
        ('"kind":"packet"', '"kind":"rehearsal"', "it is no manifest of a packet"),
        ("govern.seal/1", "govern.seal/2", "its form is not govern.seal/1"),
        ('"path":"one.txt"', '"path":"../one.txt"', "not in the order of their paths"),
        ('"path":"EXPECTED.txt"', '"path":"../EXPECTED.txt"', "it lists `../EXPECTED.txt`"),
        ('"path":"RERUN.sh"', '"path":"MANIFEST.json"', "it lists `MANIFEST.json`"),
        ('"size":4', '"size":-4', "not listed by path, sha256 and size"),
        ('"size":4', '"size":true', "not listed by path, sha256 and size"),
        ('"sha256":"', '"sha256":"G', "not listed by path, sha256 and size"),
        ('"of":"sample"', '"of":"-"', "`of`, `legs` or `made` is malformed"),
        ('"made":[', '"made":["none",', "`of`, `legs` or `made` is malformed"),
        ('"legs":[]', '"legs":[1]', "`of`, `legs` or `made` is malformed"),
    ],
)
def test_a_manifest_that_was_edited_is_broken(old: str, new: str, told: str, folder: Path) -> None:
    text = (folder / MANIFEST).read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(SealError, match=r".") as raised:
        parse_seal(text.replace(old, new, 1).encode())
    assert told in str(raised.value)
    (folder / MANIFEST).write_bytes(text.replace(old, new, 1).encode())
    [found] = examine(folder).findings
    assert (found.code, found.path) == ("SEAL_BROKEN", MANIFEST)
    assert told in found.message


def test_no_byte_of_a_manifest_can_be_changed_or_left_out(folder: Path) -> None:
    content = (folder / MANIFEST).read_bytes()
    known = parse_seal(content)
    for at in range(len(content)):
        for changed in (content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :], content[:at] + content[at + 1 :]):
            try:
                found = parse_seal(changed)
            except SealError:
                continue
            assert (found.of, found.legs, found.made) != (known.of, known.legs, known.made), at
            assert found.files == known.files


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z", "P", "S", "M", "Lm"]), min_size=1, max_size=5)


@given(st.dictionaries(st.lists(NAMES, min_size=1, max_size=3).map("/".join), st.binary(max_size=8), min_size=1, max_size=9))
def test_the_tree_is_that_of_rfc_6962_whatever_the_order(contents: dict[str, bytes]) -> None:
    files = {path: Measured(len(content), sha256(content).hexdigest()) for path, content in contents.items()}

    def root(leaves: list[bytes]) -> bytes:
        if len(leaves) == 1:
            return sha256(b"\x00" + leaves[0]).digest()
        split = 1 << (len(leaves) - 1).bit_length() - 1
        return sha256(b"\x01" + root(leaves[:split]) + root(leaves[split:])).digest()

    lines = [f"{sha256(contents[path]).hexdigest()}  {len(contents[path])}  {path}".encode() for path in sorted(contents)]
    assert tree_of(files) == root(lines).hex()
    assert tree_of(dict(reversed(files.items()))) == tree_of(files)


def test_a_manifest_is_read_as_it_was_written(folder: Path) -> None:
    content = (folder / MANIFEST).read_bytes()
    assert parse_seal(content).text().encode() == content
    assert Seal("x", ("A/b",), {"f": Measured(0, "0" * 64)}).text().startswith('{"kind":"packet","legs":["A/b"],"of":"x","schema":"govern.evidence/1","seal":')


def test_folders_are_followed_to_a_depth_and_no_further(tmp_path: Path) -> None:
    folder = write_parts(tmp_path / "packet", {"/".join(["d"] * MAX_DEPTH) + "/file": b"deep", "top": b""})
    seal(folder)
    assert faults(folder) == []
    (folder / "/".join(["d"] * (MAX_DEPTH + 1))).mkdir()
    assert faults(folder) == [("UNKNOWN", "/".join(["d"] * (MAX_DEPTH + 1)))]


NAME = st.sampled_from(["a", "b", "A", "c/a", "c/b"])
CONTENT = st.sampled_from([b"", b"1", b"2"])


@given(st.dictionaries(NAME.filter(lambda name: name != "A"), CONTENT, min_size=1), st.dictionaries(NAME, CONTENT))
@settings(max_examples=120, deadline=None)
def test_whatever_became_of_the_files_each_difference_is_found_and_nothing_else(before: dict[str, bytes], after: dict[str, bytes]) -> None:
    with TemporaryDirectory() as made:
        folder = Path(made)
        seal(write_parts(folder, before))
        for name in before:
            (folder / name).unlink()
        if not any(name.startswith("c/") for name in after) and (folder / "c").exists():
            (folder / "c").rmdir()
        write_parts(folder, after)
        found = examine(folder).findings
    added, removed = after.keys() - before.keys(), before.keys() - after.keys()
    renamed = {each.path for each in found if "was renamed" in each.message}
    assert {each.path for each in found if each.code == "EVIDENCE_DIGEST"} == {name for name in before.keys() & after.keys() if before[name] != after[name]}
    assert {each.path for each in found if "was added" in each.message} == added - renamed
    assert len([each for each in found if "was removed" in each.message]) == len(removed) - len(renamed)
    kinds = Counter(before[name] for name in removed) & Counter(after[name] for name in added)
    assert Counter(after[name] for name in renamed) == kinds


_AS_NOBODY = """\
import json, os, sys
from pathlib import Path
from govern.evidence.members import opened
from govern.evidence.sealing import read_parts
from govern.evidence.sealing import read_parts
from govern.evidence.seals import examine
from govern.problems import GovernError
if os.getuid() == 0:  # Root may read everything. The program itself may lie where only root looks, so it is read before.
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
sealed = [[each.code, each.path, each.message] for each in examine(Path(sys.argv[1])).findings]
unsealed = []
try:
    with opened(Path(sys.argv[1])) as folder:
        read_parts(folder)
except GovernError as error:
    unsealed = [[each.code, each.place and each.place.file, each.message] for each in error.problems]
print(json.dumps([sealed, unsealed]))
"""


def as_nobody(folder: Path) -> list[list[list[str]]]:
    """Examine a folder, and read it to be sealed, as a user who is not root; return code, path and message of each fault of both."""
    done = subprocess.run([sys.executable, "-c", _AS_NOBODY, str(folder)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    found: list[list[list[str]]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", ["one.txt", "logs", MANIFEST])
def test_what_may_not_be_read_is_unknown_and_neither_the_same_nor_gone(name: str, folder: Path) -> None:
    with public_copy(folder) as copied:
        assert as_nobody(copied) == [[], []]
        (copied / name).chmod(0)
        sealed, unsealed = as_nobody(copied)
        (copied / name).chmod(0o755)
    assert sealed == [["UNKNOWN", name, "could not be read: Permission denied"]]
    assert unsealed == ([] if name == MANIFEST else sealed)


def test_a_large_file_is_never_held(tmp_path: Path) -> None:
    folder = write_parts(tmp_path / "packet", {"small": b"x"})
    with (folder / "large").open("wb") as stream:
        stream.truncate(64 * BLOCK)
    tracemalloc.start()
    try:
        seal(folder)
        assert faults(folder) == []
        assert tracemalloc.get_traced_memory()[1] < 8 * BLOCK
    finally:
        tracemalloc.stop()


def test_a_file_that_changes_while_it_is_read_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * (BLOCK + 1))
    with opened(tmp_path) as folder:
        reading = blocks(folder, "file")
        next(reading)
        (tmp_path / "file").write_bytes(b"y" * (BLOCK + 2))
        with pytest.raises(OSError, match="changed while it was read"):
            list(reading)


def test_a_file_that_is_replaced_by_a_pipe_before_it_is_opened_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with opened(tmp_path) as folder, pytest.raises(OSError, match="a pipe, wanted a plain file with one name"):
        measure(folder, "pipe")


def test_a_manifest_is_read_up_to_a_limit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = (folder / MANIFEST).stat().st_size
    monkeypatch.setattr(seals, "MAX_MANIFEST", size)
    assert faults(folder) == []
    monkeypatch.setattr(seals, "MAX_MANIFEST", size - 1)
    [found] = examine(folder).findings
    assert (found.unknown, found.message) == (True, f"is longer than {size - 1} bytes, and was not read")


def test_json_is_looked_at_for_evidence_up_to_a_limit_and_sealed_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = rehearsed()
    folder = write_parts(tmp_path / "packet", {**parts, "list.json": b"[1]", "none.json": b"{", "deep.json": b"[" * 100_000})

    def evidence() -> list[str]:
        with opened(folder) as handle:
            found = read_parts(handle)
        assert found.files.keys() == {*parts, "list.json", "none.json", "deep.json"}
        return list(found.evidence)

    monkeypatch.setattr(sealing, "MAX_EVIDENCE", len(parts["toy.json"]))
    assert evidence() == ["toy.json"]
    monkeypatch.setattr(sealing, "MAX_EVIDENCE", len(parts["toy.json"]) - 1)
    assert evidence() == []
