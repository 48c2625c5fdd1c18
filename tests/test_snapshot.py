"""The gate's quick answer is the whole path's, byte for byte, or there is none."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from govern import snapshot
from govern.cli.files import read_plain
from govern.cli.memory import folder
from govern.ledger.moments import parse_time
from govern.snapshot import NoAnswerError, answer, pack, place_of, unpack
from support.agents import no_database
from support.cli import Programme, Ran, copy_executing, copy_fix7, copy_signed, run_words
from support.disturbed import begin_to_replace, change_evidence, cut, edit_policy, flip, grow, link, lose_evidence, stray, tear
from support.isolation import isolate

ASKED = ("real-run", "CI", "permit")


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate(monkeypatch, tmp_path)


def whole(programme: Programme, *words: str) -> Ran:
    """Return what the whole path answers; where everything is in order it leaves a snapshot behind."""
    return run_words("gate", "-C", str(programme.root), *words)


def quick(programme: Programme, *words: str, capfd: pytest.CaptureFixture[str]) -> tuple[int | None, str]:
    """Return what the snapshot answers."""
    capfd.readouterr()
    status = answer(["-C", str(programme.root), *words], no_database)
    return status, capfd.readouterr().out


def check_same(programme: Programme, *words: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Check that the snapshot answers as the whole path does."""
    told = whole(programme, *words)
    assert quick(programme, *words, capfd=capfd) == (told.status, told.out)


@pytest.mark.parametrize("make", [copy_fix7, copy_executing])
def test_the_answer_is_that_of_the_whole_path_in_every_byte(make: Callable[[Path], Programme], tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    programme = make(tmp_path / "programme")
    for words in (("real-run",), ("QT001", "permit"), ASKED, ("cutover", "real-run", "cutover"), ("ci-trigger",)):
        check_same(programme, *words, capfd=capfd)


def test_without_a_snapshot_or_in_any_other_question_there_is_no_answer(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    programme = copy_fix7(tmp_path / "programme")
    assert quick(programme, "real-run", capfd=capfd) == (None, "")
    whole(programme, "real-run")
    assert quick(programme, "real-run", capfd=capfd)[0] == 1
    for words in ((), ("nothing",), ("--json", "real-run"), ("real-run", "--lane", "final-pre-real-data"), ("--full", "real-run"), ("réal",), ("real-run", "")):
        assert quick(programme, *words, capfd=capfd) == (None, ""), words
    assert answer(["-C"], no_database) is None


def _link_evidence(programme: Programme) -> None:
    folder = programme.root / "governance" / "evidence"
    folder.rename(programme.root / "elsewhere")
    folder.symlink_to(programme.root / "elsewhere")


def _keep_elsewhere(programme: Programme) -> None:
    configured = programme.root.parent / "home" / ".config" / "govern" / "config.yaml"
    configured.parent.mkdir(parents=True)
    configured.write_text("ledger: files\n")


MOVES = [_keep_elsewhere, begin_to_replace, edit_policy, grow, cut, flip, tear, stray, link, lose_evidence, change_evidence, _link_evidence]


@pytest.mark.parametrize("move", MOVES)
def test_whatever_moved_the_snapshot_has_no_answer(move: Callable[[Programme], None], tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    programme = copy_executing(tmp_path / "programme")
    check_same(programme, "real-run", capfd=capfd)
    move(programme)
    assert quick(programme, "real-run", capfd=capfd) == (None, "")


def test_a_machine_that_has_seen_more_of_the_ledger_is_not_answered(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    programme, other = copy_fix7(tmp_path / "programme"), copy_fix7(tmp_path / "other")
    check_same(programme, "real-run", capfd=capfd)
    other.does("note", "more", "--as", "owner")
    assert quick(programme, "real-run", capfd=capfd) == (None, "")
    assert whole(programme, "real-run").codes == ["ROLLBACK"]


def test_a_window_that_opens_or_closes_ends_the_snapshot(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    programme = copy_executing(tmp_path / "programme")
    programme.does("grant", "revoke", "REAL_RUN", "--reason", "again", "--as", "owner")
    programme.confirms("grant", "record", "REAL_RUN", "--expires", "2026-07-01T10:00:00Z", "--as", "owner")
    for moment, status in (("2026-07-01T09:59:59Z", 0), ("2026-07-01T10:00:00Z", 1)):
        monkeypatch.setattr("time.time", lambda moment=moment: float(parse_time(moment)))
        assert quick(programme, "real-run", capfd=capfd) == (None, "")
        assert whole(programme, "real-run").status == status
        check_same(programme, "real-run", capfd=capfd)
    monkeypatch.setattr("time.time", lambda: float(parse_time("2026-07-01T09:59:59Z")))
    assert quick(programme, "real-run", capfd=capfd) == (None, "")


def test_what_is_not_in_order_leaves_no_snapshot_behind(tmp_path: Path) -> None:
    programme = copy_executing(tmp_path / "programme")
    place = Path(place_of(str(programme.root)))
    whole(programme, "--full", "real-run")
    run_words("gate", "-C", str(programme.root), "--as-of", "@S4", "real-run")
    change_evidence(programme)
    whole(programme, "real-run")
    edit_policy(programme)
    whole(programme, "real-run")
    assert not place.exists()


def test_a_pin_in_the_environment_is_judged_in_full(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    programme = copy_fix7(tmp_path / "programme")
    check_same(programme, "real-run", capfd=capfd)
    monkeypatch.setenv("GOVERN_PIN", "0" * 64)
    assert quick(programme, "real-run", capfd=capfd) == (None, "")


def test_an_answer_under_a_pin_of_the_environment_is_not_given_without_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = copy_signed(tmp_path / "signed")
    shutil.rmtree(folder())
    monkeypatch.setenv("GOVERN_PIN", signed.run("ledger", "pin").err.split()[-1])
    assert whole(signed, "real-run").codes == []
    monkeypatch.delenv("GOVERN_PIN")
    assert quick(signed, "real-run", capfd=capfd) == (None, "")
    assert whole(signed, "real-run").codes == ["LEDGER_UNPINNED"]


@pytest.mark.parametrize("variable", ["XDG_STATE_HOME", "HOME"])
def test_where_another_memory_counts_the_snapshot_has_no_answer(
    variable: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = copy_signed(tmp_path / "signed")
    if variable == "HOME":
        shutil.copytree(folder(), tmp_path / "home" / ".local" / "state" / "govern")
        monkeypatch.setenv("XDG_STATE_HOME", "relative")
    check_same(signed, "real-run", capfd=capfd)
    monkeypatch.setenv(variable, str(tmp_path / "another"))
    assert quick(signed, "real-run", capfd=capfd) == (None, "")
    assert whole(signed, "real-run").codes == ["LEDGER_UNPINNED"]


def test_no_byte_of_a_snapshot_can_be_changed_cut_or_added(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    programme = copy_fix7(tmp_path / "programme")
    check_same(programme, "real-run", capfd=capfd)
    place = Path(place_of(str(programme.root)))
    content = place.read_bytes()
    for at in range(len(content)):
        with pytest.raises(ValueError, match="the snapshot is not whole"):
            unpack(content[:at] + bytes([content[at] ^ 1 << at % 8]) + content[at + 1 :])
    for changed in (
        b"",
        content[:64],
        content[:-1],
        content + b"0:",
        bytes(len(content)),
        *(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :] for at in (0, 70, len(content) - 1)),
    ):
        place.write_bytes(changed)
        assert quick(programme, "real-run", capfd=capfd) == (None, "")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_fields_that_were_changed_and_sealed_again_never_crash_and_never_answer_what_they_do_not_bind(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], data: st.DataObject
) -> None:
    programme = Programme(tmp_path / "programme")
    place = Path(place_of(str(programme.root)))
    if not programme.root.exists():
        copy_fix7(programme.root)
        whole(programme, "real-run")
        (tmp_path / "kept").write_bytes(place.read_bytes())
    fields = unpack((tmp_path / "kept").read_bytes())
    # Of what binds: version, folder, policy, where it is kept, segments, size, last line, memory and window; or the end is left out.
    if data.draw(st.booleans()):
        place.write_bytes(pack(fields[: data.draw(st.integers(0, len(fields) - 1))]))
        assert quick(programme, "real-run", capfd=capfd) == (None, "")
        return
    at = data.draw(st.sampled_from([0, 1, 3, 4, 7, 8, 9, 10, 11, 12, 13]))
    fields[at] = data.draw(st.one_of(st.just(str(2**60)), st.text(max_size=8)).filter(lambda text: text != fields[at]))
    if at == 13 and fields[at].strip().isdecimal():
        fields[at] = str(2**60)
    place.write_bytes(pack(fields))
    assert quick(programme, "real-run", capfd=capfd) == (None, "")


@given(st.lists(st.text(max_size=20), max_size=12))
def test_fields_are_read_as_they_were_written(fields: list[str]) -> None:
    fields = [field.encode("utf-8", "ignore").decode() for field in fields]
    assert unpack(pack(fields)) == fields


def test_a_snapshot_that_others_could_have_written_is_not_read(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    programme = copy_fix7(tmp_path / "programme")
    check_same(programme, "real-run", capfd=capfd)
    place = Path(place_of(str(programme.root)))
    place.chmod(0o640)
    assert quick(programme, "real-run", capfd=capfd) == (None, "")
    place.chmod(0o600)
    os.link(place, tmp_path / "second-name")
    assert quick(programme, "real-run", capfd=capfd) == (None, "")
    (tmp_path / "second-name").unlink()
    place.rename(tmp_path / "away")
    place.symlink_to(tmp_path / "away")
    assert quick(programme, "real-run", capfd=capfd) == (None, "")


def test_a_cache_has_an_absolute_place_or_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    with pytest.raises(NoAnswerError, match="no place for a cache is known"):
        place_of("/programme")
    assert answer(["-C", str(tmp_path), "real-run"], no_database) is None


def test_a_large_file_is_read_whole_and_a_pipe_not_at_all(tmp_path: Path) -> None:
    content = os.urandom(3_000_000)
    (tmp_path / "large").write_bytes(content)
    assert snapshot.read_plain(str(tmp_path / "large")) == content == read_plain(tmp_path / "large")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NoAnswerError, match="no plain file"):
        snapshot.read_plain(str(tmp_path / "pipe"))


def test_the_quick_answer_imports_next_to_nothing_and_says_with_v_that_it_came_from_a_snapshot(tmp_path: Path) -> None:
    programme = copy_fix7(tmp_path / "programme")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    script = "import sys; before = set(sys.modules); from govern.entry import main; status = main(); print(*sorted(set(sys.modules) - before), status, file=sys.stderr)"
    ran = [
        subprocess.run(
            [sys.executable, "-c", script, "gate", "-v", "-C", str(programme.root), "real-run"], env=environment, capture_output=True, text=True, check=False
        )
        for _ in range(3)
    ][-1]
    told, modules = ran.stderr.splitlines()
    assert told == "govern: answered from a snapshot of 25 records"
    assert set(modules.split()) <= {"1", "_sha256", "_sha2", "govern", "govern.entry", "govern.snapshot"}
    ran = subprocess.run(
        [sys.executable, "-c", script, "gate", "-v", "-C", str(tmp_path), "real-run"], env=environment, capture_output=True, text=True, check=False
    )
    assert ran.stderr.startswith("govern: answered in full: there is no policy\n")
