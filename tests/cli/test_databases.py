"""A ledger in a database: every command answers and records as it does with files."""

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from govern.cli.configuration import VARIABLE
from govern.entry import _head_of
from govern.gatekeeper import Gatekeeper
from govern.ledger import statements
from govern.ledger.lines import Chain, encode_line, read_records
from govern.ledger.postgresql import PostgresStore
from govern.ledger.statements import Basis, Statement
from govern.problems import Exit, GovernError
from govern.snapshot import answer
from support.cli import Clock, Programme, copy_executing, copy_fix7, key_of, run_words
from support.databases import Database, exported, move_in
from support.team_server import READER

QUESTIONS = (
    ("status",),
    ("status", "--json"),
    ("why-blocked", "5"),
    ("roster", "5"),
    ("log", "-n", "30"),
    ("show", "QT001"),
    ("packet",),
    ("verify",),
    ("gate", "real-run"),
    ("gate", "real-run", "--json"),
    ("render", "--check"),
    ("policy", "diff"),
    ("what-if", "grant record PERMIT --as owner", "--", "status"),
    ("lineage",),
    ("checkpoint",),
)


@pytest.mark.usefixtures("database")
def test_every_question_is_answered_as_with_files(fix7: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as files:
        files.setenv(VARIABLE, "files")
        told = [fix7.run(*words) for words in QUESTIONS]

    move_in(fix7)

    assert [fix7.run(*words) for words in QUESTIONS] == told


def do(programme: Programme, *words: str) -> None:
    """Record an act; one that is to be confirmed is."""
    if words[-1] == "--confirm":
        programme.confirms(*words[:-1])
    else:
        programme.does(*words)


def test_what_is_recorded_goes_round_with_the_same_bytes(fix7: Programme, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = copy_fix7(tmp_path / "other")
    acts = (
        ("note", "seen", "--as", "owner"),
        ("grant", "record", "PERMIT", "--as", "owner", "--confirm"),
        ("mark", "S9", "--as", "gpt"),
    )
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv(VARIABLE, "files")
        elsewhere.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
        for words in acts:
            do(other, *words)
    ledger = move_in(fix7)
    for words in acts:
        do(fix7, *words)

    assert exported(fix7, tmp_path / "out") == other.ledger.read_bytes() == b"".join(line + b"\n" for line in database.lines(ledger))
    roots = [fix7.asks("verify")["root"]]
    shutil.copytree(tmp_path / "out" / "ledger", fix7.ledger.parent)
    monkeypatch.setenv(VARIABLE, "files")
    roots += [fix7.asks("verify")["root"]]
    assert roots[0] == roots[1]


def test_checkpoints_stay_valid_in_both_directions(signed: Programme, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "files")
    before, after = tmp_path / "before", tmp_path / "after"
    before.write_text(signed.does("checkpoint").out, encoding="utf-8")
    monkeypatch.setenv(VARIABLE, database.address)
    move_in(signed)
    signed.does("note", "in the database", "--as", "owner", *key_of("owner"))
    assert "signed" in signed.asks("verify")["levels"]
    assert "consistent with the checkpoint" in signed.asks("verify", "--since", str(before))["levels"]
    after.write_text(signed.does("checkpoint").out, encoding="utf-8")
    signed.does("ledger", "export", str(tmp_path / "out"))

    monkeypatch.setenv(VARIABLE, "files")
    shutil.copytree(tmp_path / "out" / "ledger", signed.ledger.parent)
    for kept in (before, after):
        assert "consistent with the checkpoint" in signed.asks("verify", "--since", str(kept))["levels"]


@pytest.mark.usefixtures("database")
def test_a_ledger_in_both_places_is_told_and_nothing_is_answered(fix7: Programme) -> None:
    fix7.does("ledger", "import")

    for words in (("status",), ("gate", "real-run"), ("note", "x", "--as", "owner"), ("verify",)):
        ran = fix7.refuses(*words, status=Exit.UNJUDGED)
        assert ran.codes == ["LEDGER_TWICE"]
    assert "are there already" in fix7.does("ledger", "import").out


def test_an_import_goes_into_an_empty_place_and_takes_whole_ledgers_only(fix7: Programme, database: Database, tmp_path: Path) -> None:
    other = copy_fix7(tmp_path / "other")
    fix7.does("ledger", "import")
    fix7.ledger.write_bytes(b"".join(fix7.ledger.read_bytes().splitlines(keepends=True)[:-1]))
    assert fix7.refuses("ledger", "import", status=Exit.BROKEN).codes == ["ROLLBACK"]
    assert fix7.refuses("ledger", "import", "nowhere", status=Exit.UNJUDGED).codes == ["NO_LEDGER"]
    other.ledger.write_bytes(other.ledger.read_bytes()[:-1])
    assert other.refuses("ledger", "import", status=Exit.UNJUDGED).codes == ["NO_LEDGER"]
    assert database.heads() == {"FIX7-P0": 25}


def test_another_ledger_under_the_same_name_is_refused(fix7: Programme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
    other = copy_fix7(tmp_path / "other")
    monkeypatch.setenv(VARIABLE, "files")
    fix7.does("note", "mine", "--as", "owner")
    monkeypatch.setenv(VARIABLE, database.address)
    fix7.does("ledger", "import")
    monkeypatch.setenv(VARIABLE, "files")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
    other.does("note", "theirs", "--as", "owner")
    monkeypatch.setenv(VARIABLE, database.address)

    assert other.refuses("ledger", "import").codes == ["LEDGER_MISMATCH"]


def test_without_a_database_there_is_nothing_to_import_into(fix7: Programme) -> None:
    ran = fix7.refuses("ledger", "import", status=Exit.USAGE)

    assert ran.codes == ["CONFIGURATION"]
    assert "set `ledger: postgresql://SERVER/DATABASE`" in ran.err


def test_an_export_overwrites_nothing(fix7: Programme, tmp_path: Path) -> None:
    fix7.does("ledger", "export", str(tmp_path / "out"))

    assert fix7.refuses("ledger", "export", str(tmp_path / "out")).codes == ["REFUSED"]
    assert (tmp_path / "out" / "ledger" / "000000.jsonl").read_bytes() == fix7.ledger.read_bytes()
    assert sorted(path.name for path in (tmp_path / "out" / "policy").iterdir()) == sorted(
        path.name for path in (fix7.root / "governance" / "policy").iterdir()
    )


def test_a_programme_is_begun_in_the_database(tmp_path: Path, database: Database) -> None:
    folder = tmp_path / "website"
    told = run_words("init", str(folder))
    assert told.status == 0, told
    assert "started the ledger in the database" in told.out
    assert not (folder / "governance" / "ledger").exists()
    again = run_words("init", str(folder))
    assert (again.status, again.codes) == (4, ["REFUSED"])
    [(ledger, size)] = database.heads().items()
    assert (len(database.lines(ledger)), size) == (1, 1)
    assert run_words("-C", str(folder), "status").status == 0


def test_what_was_adopted_is_read_from_the_database_where_a_clone_does_not_have_it(fix7: Programme, database: Database, tmp_path: Path) -> None:
    move_in(fix7)
    clone = Programme(tmp_path / "clone")
    shutil.copytree(fix7.root, clone.root)
    fix7.replace("states.yaml", "version: 1, title: FIX7 P0", "version: 2, title: FIX7 P0 again")
    fix7.confirms("policy", "adopt", "--reason", "another title", "--accept-weakening", "--as", "owner")

    told = clone.does("status")
    assert "POLICY_DIRTY" in told.err
    assert "FIX7 P0 again" in told.out

    database.as_owner("UPDATE govern.adopted SET content = 'x' || content")
    assert clone.run("status").codes[:1] == ["POLICY_MISSING"]


def test_an_older_backup_is_named_and_not_believed(fix7: Programme, database: Database) -> None:
    ledger = move_in(fix7)
    fix7.does("note", "one more", "--as", "owner")
    database.cut(ledger, 25)

    for words in (("status",), ("gate", "real-run"), ("note", "x", "--as", "owner"), ("verify",)):
        ran = fix7.refuses(*words, status=Exit.BROKEN)
        assert ran.codes == ["ROLLBACK"]
        assert "a backup was restored there, or records were cut" in ran.err


@pytest.mark.parametrize("how", ["CHAIN_BROKEN", "ROLLBACK", "FORK"])
def test_what_a_superuser_does_to_history_is_found_by_the_next_verify_since(
    how: str, fix7: Programme, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = move_in(fix7)
    fix7.does("note", "as it was", "--as", "owner")
    kept = tmp_path / "kept"
    kept.write_text(fix7.does("checkpoint").out, encoding="utf-8")
    if how == "CHAIN_BROKEN":
        line = database.lines(ledger)[3]
        assert database.as_owner("UPDATE govern.record SET line = %s WHERE seq = 3", line.replace(b'"at":"2026', b'"at":"2025')) == 1
        database.close()
    else:
        database.cut(ledger, 25)
    # On a machine that has seen nothing of it.
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
    if how == "FORK":
        fix7.does("note", "as it never was", "--as", "owner")
    ran = fix7.refuses("verify", "--since", str(kept), status=Exit.BROKEN)
    assert ran.codes[-1] == how, ran


@pytest.mark.usefixtures("database")
def test_the_gate_answers_from_a_snapshot_bound_to_the_head_in_the_database(fix7: Programme, capfd: pytest.CaptureFixture[str]) -> None:
    move_in(fix7)
    words = ["-C", str(fix7.root), "-v", "real-run"]
    assert answer(words, _head_of) is None
    whole = run_words("gate", *words[:2], "real-run")
    capfd.readouterr()

    assert answer(words, _head_of) == whole.status == 1
    told = capfd.readouterr()
    assert told.out == whole.out
    assert told.err == "govern: answered from a snapshot of 25 records\n"

    fix7.does("note", "the head moves", "--as", "owner")
    assert answer(words, _head_of) is None
    assert capfd.readouterr().err == "govern: answered in full: the ledger has moved\n"


@pytest.mark.usefixtures("database")
def test_where_the_server_is_gone_nothing_is_allowed(fix7: Programme, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    move_in(fix7)
    run_words("gate", "-C", str(fix7.root), "real-run")
    capfd.readouterr()
    gone = "postgresql:///ledgers?host=/nowhere&user=nobody"
    with pytest.raises(Exception, match="/nowhere"):
        _head_of(gone, "FIX7-P0")
    monkeypatch.setenv(VARIABLE, gone)

    assert answer(["-C", str(fix7.root), "real-run"], _head_of) is None
    for words in (("gate", "real-run"), ("status",), ("note", "x", "--as", "owner")):
        ran = fix7.refuses(*words, status=Exit.UNJUDGED)
        assert ran.codes == ["LEDGER_IO"]
        assert "/nowhere" in ran.err


def test_the_gate_answers_nothing_quickly_where_a_ledger_in_files_is_put_beside_the_database(
    fix7: Programme, database: Database, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    move_in(fix7)
    run_words("gate", "-C", str(fix7.root), "real-run")
    exported(fix7, tmp_path / "copy")
    shutil.copytree(tmp_path / "copy" / "ledger", fix7.ledger.parent)
    capfd.readouterr()

    assert answer(["-C", str(fix7.root), "-v", "real-run"], _head_of) is None
    assert "there may be a ledger in files as well" in capfd.readouterr().err
    assert fix7.refuses("gate", "real-run", status=Exit.UNJUDGED).codes == ["LEDGER_TWICE"]
    assert database.heads() == {"FIX7-P0": 25}


def test_a_gatekeeper_answers_of_the_ledger_that_the_user_names_now(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    """In a process that stays: the old database still stands where it stood when what it allowed is revoked in the new one."""
    monkeypatch.delenv(VARIABLE)
    programme = copy_executing(tmp_path / "programme")
    files = tmp_path / "files"
    shutil.copytree(programme.ledger.parent, files)
    configuration = tmp_path / "home" / ".config" / "govern" / "config.yaml"
    configuration.parent.mkdir(parents=True, exist_ok=True)
    configuration.write_text(f"ledger: {database.address}\n", encoding="utf-8")
    move_in(programme)
    keeper = Gatekeeper(programme.root, clock)
    assert keeper.ask("real-run").allowed is True

    shutil.copytree(files, programme.ledger.parent)
    with pytest.raises(GovernError, match="it is not clear which counts"):
        keeper.ask("real-run")

    configuration.write_text("ledger: files\n", encoding="utf-8")
    programme.does("grant", "revoke", "REAL_RUN", "--reason", "no more", "--as", "owner")
    assert keeper.ask("real-run").allowed is False

    shutil.rmtree(programme.ledger.parent)
    configuration.write_text(f"ledger: {database.address}\n", encoding="utf-8")
    with pytest.raises(GovernError, match="records, and this machine has seen"):
        keeper.ask("real-run")


def test_an_append_does_not_go_behind_a_backup_that_was_restored_while_it_was_judged(
    fix7: Programme, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = move_in(fix7)
    last = sha256(database.lines(ledger)[-1]).hexdigest()
    fix7.does("note", "one more", "--as", "owner")
    appended = PostgresStore.append

    def restored(store: PostgresStore, size: int, lines: list[bytes]) -> None:
        monkeypatch.setattr(PostgresStore, "append", appended)
        assert database.as_owner("DELETE FROM govern.record WHERE seq = 25") == 1
        assert database.as_owner("UPDATE govern.head SET size = 25, last = %s", last) == 1
        appended(store, size, lines)

    monkeypatch.setattr(PostgresStore, "append", restored)
    assert fix7.refuses("note", "and more", "--as", "owner", status=Exit.BROKEN).codes == ["ROLLBACK"]
    assert database.heads() == {ledger: 25}


def test_a_text_that_the_database_lost_is_put_back_by_an_import_of_what_a_clone_exports(fix7: Programme, database: Database, tmp_path: Path) -> None:
    move_in(fix7)
    database.as_owner("DELETE FROM govern.adopted")
    exported(fix7, tmp_path / "copy")

    assert fix7.asks("ledger", "import", str(tmp_path / "copy"))["imported"] is False
    assert database.as_owner("SELECT 1 FROM govern.adopted") > 0


def test_doctor_says_where_the_ledger_is_kept_and_looks_for_no_line_ends_there(
    fix7: Programme, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(["git", "init", "--quiet", str(fix7.root)], check=True)
    move_in(fix7)

    told = fix7.does("doctor").out
    assert told.startswith("all 15 parts are in order\n")
    assert f"  ok  store       database {database.address}, ledger FIX7-P0, as GOVERN_LEDGER says\n" in told
    assert "  ok  line ends   the ledger is in a database, where git changes nothing\n" in told
    assert "  ok  tickets     no id is held twice on any branch\n" in told
    assert fix7.does("ticket", "check", "--all-refs").out.endswith(" in the working tree: no clash\n")

    path = tmp_path / "home" / ".config" / "govern" / "config.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("ledger: postgresql:///ledgers?host=/nowhere\n", encoding="utf-8")
    monkeypatch.delenv(VARIABLE)
    told = fix7.refuses("doctor", status=Exit.NO).out
    assert f"  ok  store       database postgresql:///ledgers?host=/nowhere, ledger FIX7-P0, as {path} says\n" in told
    assert "\n  NO  ledger      " in told

    path.write_text("ledger: postgresql://me:secret@server/a\n", encoding="utf-8")
    told = fix7.refuses("doctor", status=Exit.NO).out
    assert "  NO  store       the ledger's address holds a password; put it into ~/.pgpass" in told
    assert "  NO  line ends   git may convert" in told
    assert "secret" not in told


@pytest.mark.usefixtures("database")
def test_a_programme_that_is_called_otherwise_is_told_what_its_ledger_would_be_called(fix7: Programme) -> None:
    move_in(fix7)
    fix7.replace("states.yaml", "id: FIX7-P0", "id: other")

    ran = fix7.refuses("gate", "real-run", status=Exit.UNJUDGED)
    assert ran.codes == ["NO_LEDGER"]
    assert "the database holds none that is called other" in ran.err


def test_a_database_that_was_emptied_is_told_with_the_ledger_that_was_there(
    fix7: Programme, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_in(fix7)
    exported(fix7, tmp_path / "copy")
    before = fix7.asks("verify")["ledger"]
    database.as_owner("TRUNCATE govern.head, govern.record, govern.adopted")
    database.close()

    for words in (("status",), ("gate", "real-run"), ("note", "x", "--as", "owner"), ("verify",)):
        ran = fix7.refuses(*words, status=Exit.UNJUDGED)
        assert ran.codes == ["NO_LEDGER"]
        assert f"this folder held ledger {before[:16]}, and the database holds none that is called FIX7-P0 ({database.address}), so nothing" in ran.err
        assert "it was emptied, or another database is configured\n    help: restore a backup, or `govern ledger import` an export; or correct GOV" in ran.err
    assert fix7.refuses("init").codes == ["REFUSED"]
    assert database.heads() == {}

    # To who never saw it, it may be one that is to be begun, or the wrong database.
    with monkeypatch.context() as another:
        another.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
        ran = fix7.refuses("status", status=Exit.UNJUDGED)
        assert "help: `govern init` starts one; if there is one, correct GOVERN_LEDGER: the id of a programme is the name of its ledger there" in ran.err

    fix7.does("ledger", "import", str(tmp_path / "copy"))
    assert fix7.asks("verify")["ledger"] == before


def test_the_demo_leaves_the_database_as_it_is(fix7: Programme, database: Database) -> None:
    ledger = move_in(fix7)
    before = database.lines(ledger)
    fix7.does("demo")

    assert database.lines(ledger) == before
    assert database.heads() == {ledger: len(before)}
    assert os.environ[VARIABLE] == database.address


@pytest.mark.usefixtures("database")
def test_there_is_nothing_to_rebase_or_to_repair_in_a_database(fix7: Programme) -> None:
    move_in(fix7)
    fix7.does("note", "mine", "--as", "owner")

    assert "nothing to repair" in fix7.does("ledger", "repair", "--as", "owner").out
    ran = fix7.refuses("ledger", "rebase", "origin/main")
    assert ran.codes == ["REFUSED"]
    assert "a ledger in a database has one history, and is not rebased" in ran.err


def test_who_may_only_read_is_told_so_and_records_nothing(fix7: Programme, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = move_in(fix7)
    monkeypatch.setenv(VARIABLE, database.server.address(READER, database.name))

    assert fix7.does("status").status == 0
    ran = fix7.refuses("note", "x", "--as", "owner", status=Exit.UNJUDGED)
    assert ran.codes == ["LEDGER_IO"]
    assert "permission denied for table" in ran.err
    assert len(database.lines(ledger)) == 25


def test_eight_processes_that_record_at_once_are_each_recorded_once(fix7: Programme, database: Database, clock: Clock) -> None:
    del clock
    ledger = move_in(fix7)
    command = [sys.executable, "-m", "govern", "-C", str(fix7.root), "note", "--as", "owner"]
    running = [subprocess.Popen([*command, f"writer {number}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for number in range(8)]
    told = [(each.communicate(timeout=120), each.returncode) for each in running]

    assert [status for _, status in told] == [0] * 8, told
    records = list(read_records(database.lines(ledger), Chain()))
    notes = [str(record.statement.body["text"]) for record in records if record.statement.kind == "note"]
    assert sorted(notes) == [f"writer {number}" for number in range(8)]
    assert len(records) == 33


def test_a_clock_that_is_behind_records_nothing_before_what_is_there(fix7: Programme, database: Database, clock: Clock) -> None:
    ledger = move_in(fix7)
    clock.set("2026-07-02T09:00:00Z")
    fix7.does("note", "by a clock that is ahead", "--as", "owner")
    clock.set("2026-07-01T09:00:00Z")
    assert fix7.refuses("note", "by one that is behind", "--as", "owner").codes == ["TIME_ORDER"]
    clock.set("2026-07-02T09:00:00Z")
    fix7.does("note", "in time", "--as", "owner")

    assert len(database.lines(ledger)) == 27


def test_a_version_that_does_not_know_a_record_of_a_later_one_goes_no_further(fix7: Programme, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = move_in(fix7)
    # A later version has a column more, and a kind of record more.
    database.as_owner("ALTER TABLE govern.record ADD COLUMN since text")
    fix7.does("note", "as before", "--as", "owner")
    with monkeypatch.context() as later:
        later.setitem(statements.BODIES, "omen", statements.BODIES["note"])
        chain = Chain()
        for record in read_records(database.lines(ledger), chain):
            last = record
        act = Statement(chain.ledger, "omen", "owner", {"text": "of tomorrow"}, Basis(chain.size, chain.last), last.statement.policy)
        line = encode_line(chain, act, last.seconds)
    database.put(ledger, line)

    for words in (("status",), ("gate", "real-run"), ("note", "x", "--as", "owner"), ("verify",)):
        ran = fix7.refuses(*words, status=Exit.BROKEN)
        assert ran.codes == ["SCHEMA_UNKNOWN"], ran
    assert len(database.lines(ledger)) == 27


def test_provision_prints_what_a_database_needs(fix7: Programme, database: Database) -> None:
    told = fix7.does("ledger", "provision", "--writer", "others_w", "--reader", "others_r").out
    with database.server.connect("owner", "postgres") as connection:
        connection.execute("CREATE DATABASE provisioned")
    with database.server.connect("owner", "provisioned") as connection:
        connection.execute(told)
        roles = connection.execute(
            "SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee LIKE 'others%'"
        ).fetchall()
    assert {(table, privilege) for role, table, privilege in roles if role == "others_w"} == {
        (table, privilege) for table in ("head", "record", "adopted") for privilege in ("SELECT", "INSERT")
    }
    assert {privilege for role, _, privilege in roles if role == "others_r"} == {"SELECT"}
    assert fix7.asks("ledger", "provision")["sql"].count("CREATE TABLE") == 3
    assert fix7.refuses("ledger", "provision", "--writer", "a b", status=Exit.USAGE).codes == ["USAGE"]
