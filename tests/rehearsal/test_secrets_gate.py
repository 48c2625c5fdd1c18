"""The gate: every table and column by name, every byte of text, and findings that never repeat a value."""

import gzip
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from govern.rehearsal.gate import shares
from govern.rehearsal.gate.masks import is_masked, sounds_sensitive
from govern.rehearsal.gate.restored import Column, Split, Table
from govern.rehearsal.gate.scan import Scan
from govern.rehearsal.gate.sqlite import read_sqlite
from govern.rehearsal.sources import Source, examine_source
from support.gate import LABEL, Gate

ALL_PLAIN = {"all": "plain"}
TOKEN = "ghp_" + "a1B2" * 9
PEOPLE = "CREATE TABLE people (id INTEGER PRIMARY KEY, child_name TEXT, password TEXT, notes TEXT);"
DECLARED = {"people": {"columns": {"id": "plain", "child_name": "masked", "password": "empty", "notes": "plain"}}}


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path)


def person(*values: object) -> tuple[str, tuple[object, ...]]:
    return "INSERT INTO people VALUES (?, ?, ?, ?)", values


def test_what_fits_passes_with_its_shape_and_every_byte_scanned(gate: Gate) -> None:
    gate.database(PEOPLE, person(1, "****", None, "fine"), person(2, "masked:2", None, "\u00fcber"))

    found = gate.passes(DECLARED)

    assert found["gate"] == {"tables": 1, "columns": 4, "classified": 4, "bytes_source": 23, "bytes_scanned": 23, "findings": 0}
    assert found["shape"] == {
        "main.people": {
            "rows": 2,
            "columns": {
                "id": {"type": "integer", "class": "plain"},
                "child_name": {"type": "text", "class": "masked"},
                "password": {"type": "text", "class": "empty"},
                "notes": {"type": "text", "class": "plain"},
            },
        }
    }
    assert (found["label"], found["by_name"]) == (None, [])


def test_every_table_and_column_that_does_not_fit_is_told_at_once_by_name(gate: Gate) -> None:
    gate.database(PEOPLE + "CREATE TABLE stray (a, b); CREATE TABLE audit_1 (x)")
    declared = {
        "people": {"columns": {"id": "plain", "child_name": "masked", "password": "absent", "mother": "plain"}},
        "audit_*": {"columns": {"x": "plain", "y": "plain"}},
        "gone": ALL_PLAIN,
        "gone_*": ALL_PLAIN,
    }

    assert gate.refuses(declared, engine="postgresql") == [
        ("SHAPE", "it is of sqlite, and postgresql is declared"),
        ("SHAPE", "main.stray is not declared"),
        ("SHAPE", "main.people.mother is declared, and not there"),
        ("SHAPE", "main.audit_*.y is declared, and not there"),
        ("SHAPE", "main.gone is declared, and not there"),
        ("SHAPE", "main.gone_* is declared, and not there"),
        ("UNCLASSIFIED", "main.people.notes (text) is not classified"),
        ("SHAPE", "main.people.password is declared absent, and is there"),
    ]


def test_a_table_goes_by_its_own_name_before_a_pattern_and_by_the_longest_pattern(gate: Gate) -> None:
    gate.database("CREATE TABLE log_old_1 (a); CREATE TABLE log_1 (a); CREATE TABLE log_old_2 (a)")
    declared = {"log_*": ALL_PLAIN, "log_old_*": {"all": "masked"}, "log_old_2": {"all": "empty"}}

    shape = gate.passes(declared)["shape"]

    assert {name: table["columns"]["a"]["class"] for name, table in shape.items()} == {
        "main.log_1": "plain",
        "main.log_old_1": "masked",
        "main.log_old_2": "empty",
    }


@pytest.mark.parametrize(
    "name",
    ["password", "api_key", "apiKey", "access_token", "SESSION", "salt2", "pwd_hash", "tfa_secret", "firstName", "child_name", "e_mail", "birth_date", "phone"],
)
def test_a_column_that_sounds_sensitive_must_be_empty_unless_it_is_classified_by_name(name: str, gate: Gate) -> None:
    gate.database(f'CREATE TABLE t (id, "{name}"); INSERT INTO t VALUES (1, 2)')

    [(code, message)] = gate.refuses({"t": ALL_PLAIN})

    assert sounds_sensitive(name)
    assert code == "NOT_EMPTY"
    assert message == f"main.t.{name}: 1 values in a column that must be empty"


def test_a_column_that_sounds_sensitive_may_be_plain_by_name_and_that_is_told(gate: Gate) -> None:
    gate.database("CREATE TABLE t (id, sort_key, keyboard); INSERT INTO t VALUES (1, 2, 3)")

    assert gate.passes({"t": {"columns": {"sort_key": "plain"}, "all": "plain"}})["by_name"] == ["main.t.sort_key"]


@pytest.mark.parametrize("name", ["id", "keyboard", "monkey", "hashtag", "place", "tokenizer", "registration_no", "company_name", "name"])
def test_a_name_that_only_contains_such_a_word_is_ordinary(name: str) -> None:
    assert not sounds_sensitive(name)


@pytest.mark.parametrize("value", [b"*", b"****", b"xxx-xxx", b"XXXX", b"### ##", b"REDACTED", b"[redacted]", b"<Masked>", b"masked:1f", b"anon-12", b"user12@example.org", b"0", b"0.00", b"1900-01-01", b"1970-01-01 00:00:00+00", b"00000000-0000-0000-0000-000000000000", b"{}", b""])  # fmt: skip
def test_a_mask_has_nothing_left_of_the_value(value: bytes) -> None:
    assert is_masked(value)


@pytest.mark.parametrize(
    "value",
    [
        b"A***",
        b"Anna",
        b"masked:Anna",
        b"j***@firm.de",
        b"jane@example.org",
        b"d41d8cd98f00b204e9800998ecf8427e",
        b"1987-03-04",
        b"+49 1** ***",
        b"x1",
        b"-",
        b"10",
        b"* Anna",
    ],
)
def test_a_part_or_a_digest_of_the_value_is_no_mask(value: bytes) -> None:
    assert not is_masked(value)


def test_values_that_are_not_masked_are_counted_and_not_shown(gate: Gate) -> None:
    gate.database(PEOPLE, person(1, "Anna Muster", None, ""), person(2, "****", None, ""), person(3, "Bert Muster", None, ""), person(4, None, None, ""))

    assert gate.refuses(DECLARED) == [("NOT_MASKED", "main.people.child_name: 2 of 3 values are not masked")]


def test_one_value_for_all_rows_is_a_mask_and_one_row_alone_shows_nothing(gate: Gate, tmp_path: Path) -> None:
    gate.database(PEOPLE, person(1, "Jane Doe", None, ""), person(2, "Jane Doe", None, ""))
    gate.passes(DECLARED)

    other = tmp_path / "other"
    other.mkdir()
    single = Gate(other).database(PEOPLE, person(1, "Jane Doe", None, ""))
    assert single.refuses(DECLARED) == [("NOT_MASKED", "main.people.child_name: 1 of 1 values are not masked")]


def test_a_secret_or_an_address_in_every_row_is_no_mask_either(gate: Gate) -> None:
    gate.database(PEOPLE, person(1, "jane@firm.de", None, ""), person(2, "jane@firm.de", None, ""))

    assert gate.refuses(DECLARED) == [("PERSONAL_FOUND", "main.people.child_name: an e-mail address, 2 times")]


def test_findings_name_column_kind_and_count_and_never_the_value(gate: Gate) -> None:
    gate.database(PEOPLE, person(1, "****", "hunter2pass", f"use {TOKEN} or\n{TOKEN}"), person(2, "****", None, "mail jane.doe@firm.de"))

    found = gate.refuses(DECLARED)

    assert found == [
        ("NOT_EMPTY", "main.people.password: 1 values in a column that must be empty"),
        ("SECRET_FOUND", "main.people.notes: a GitHub token, 2 times"),
        ("PERSONAL_FOUND", "main.people.notes: an e-mail address, 1 times"),
    ]


@pytest.mark.parametrize(
    "value", [TOKEN, TOKEN.encode(), f"\0\1{TOKEN}\0".encode(), f'{{"log": "see\\n{TOKEN}"}}', "x" * 3_000_000 + f"\n{TOKEN}\n" + "y" * 3_000_000]
)
def test_a_secret_is_found_in_text_in_bytes_and_in_long_values(value: str | bytes, gate: Gate) -> None:
    gate.database("CREATE TABLE t (a)", ("INSERT INTO t VALUES (?)", (value,)))

    assert ("SECRET_FOUND", "main.t.a: a GitHub token, 1 times") in gate.refuses({"t": ALL_PLAIN})


@pytest.mark.parametrize(
    "script",
    [
        f"CREATE TABLE t (a DEFAULT '{TOKEN}')",
        f"CREATE TABLE t (a); CREATE VIEW v AS SELECT '{TOKEN}'",
        f"CREATE TABLE t (a); CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT '{TOKEN}'; END",
    ],
    ids=["default", "view", "trigger"],
)
def test_a_secret_in_a_definition_is_found(script: str, gate: Gate) -> None:
    gate.database(script)

    assert "SECRET_FOUND" in {code for code, _message in gate.refuses({"t": ALL_PLAIN})}


def test_nothing_is_found_that_begins_in_one_value_and_ends_in_the_next(gate: Gate) -> None:
    gate.database("CREATE TABLE t (a); INSERT INTO t VALUES ('password'), ('= hunter2pass'), ('jane.doe'), ('@firm.de')")

    assert gate.passes({"t": ALL_PLAIN})["gate"]["findings"] == 0


def test_a_setting_whose_name_is_that_of_a_secret_is_found_beside_it(gate: Gate) -> None:
    gate.database("CREATE TABLE settings (id, name, value); INSERT INTO settings VALUES (1, 'smtp_password', 'hunter2pass'), (2, 'theme', 'dark2light3')")

    assert gate.refuses({"settings": ALL_PLAIN}) == [("SECRET_FOUND", "main.settings.value: a value beside the name of a secret, 1 times")]


@pytest.mark.parametrize("how", ["DELETE FROM people", "UPDATE people SET notes = 'gone'"])
def test_what_was_deleted_and_is_still_in_the_file_is_found(how: str, gate: Gate) -> None:
    gate.database("PRAGMA secure_delete = OFF;" + PEOPLE, person(1, "****", None, f"{TOKEN} jane.doe@firm.de, whose end is overwritten"), (how, ()))
    assert TOKEN.encode() in gate.source.read_bytes()

    assert gate.refuses(DECLARED) == [
        ("SECRET_FOUND", "in the bytes of the source, and in no row: a GitHub token, 1 times"),
        ("PERSONAL_FOUND", "in the bytes of the source, and in no row: an e-mail address, 1 times"),
    ]


def test_a_file_that_was_written_anew_after_the_deletion_passes(gate: Gate) -> None:
    gate.database("PRAGMA secure_delete = OFF;" + PEOPLE, person(1, "****", None, TOKEN), ("DELETE FROM people", ()))
    with sqlite3.connect(gate.source, isolation_level=None) as connection:
        connection.execute("VACUUM")
    connection.close()

    gate.passes(DECLARED)


def test_a_secret_in_a_comment_of_the_dump_is_found_packed_or_not(gate: Gate, tmp_path: Path) -> None:
    content = f"-- made with {TOKEN}\nCREATE TABLE t (a);\nINSERT INTO t VALUES (1);\n".encode()
    wanted = [("SECRET_FOUND", "in the bytes of the source, and in no row: a GitHub token, 1 times")]

    assert gate.text(content).refuses({"t": ALL_PLAIN}) == wanted
    other = tmp_path / "other"
    other.mkdir()
    assert Gate(other).text(gzip.compress(content)).refuses({"t": ALL_PLAIN}) == wanted


def test_a_label_of_generated_data_anywhere_refuses_it_as_a_real_dump(gate: Gate) -> None:
    gate.text(f"-- {LABEL}\nCREATE TABLE t (a);\nINSERT INTO t VALUES (1);\n")

    assert gate.refuses({"t": ALL_PLAIN}) == [("PROVENANCE", f"it carries the label `{LABEL}` of generated data, and is handed over as real-dump")]


@pytest.mark.parametrize("label", [LABEL, "GENERATED_BY_GOVERN_SURROGATE"])
def test_a_label_inside_a_row_refuses_it_too(label: str, gate: Gate) -> None:
    gate.database("CREATE TABLE t (a)", ("INSERT INTO t VALUES (?)", (f"x{label}y",)))

    assert [code for code, _message in gate.refuses({"t": {"all": "masked"}})] == ["NOT_MASKED", "PROVENANCE"]


def test_a_surrogate_without_a_label_is_refused(gate: Gate) -> None:
    gate.database("CREATE TABLE t (a)")

    assert gate.refuses({"t": ALL_PLAIN}, "surrogate") == [("PROVENANCE", "it carries no label of generated data")]


def test_the_table_of_the_label_belongs_to_a_surrogate_and_to_nothing_else(gate: Gate, tmp_path: Path) -> None:
    script = f"CREATE TABLE t (a); CREATE TABLE surrogate_label (label); INSERT INTO surrogate_label VALUES ('{LABEL}')"
    assert gate.database(script).passes({"t": ALL_PLAIN}, "surrogate")["label"] == LABEL

    other = tmp_path / "other"
    other.mkdir()
    assert ("SHAPE", "main.surrogate_label is not declared") in Gate(other).database(script).refuses({"t": ALL_PLAIN}, "toy")


@pytest.mark.parametrize(("provenance", "classified"), [("copy", 0), ("toy", 4)])
def test_without_a_surface_every_column_is_plain_and_classified_only_where_it_is_made_up(gate: Gate, provenance: str, classified: int) -> None:
    gate.database(PEOPLE, person(1, "Anna", "x", "y"))

    counted = {"tables": 1, "columns": 4, "bytes_source": 7, "bytes_scanned": 7, "findings": 0}
    assert gate.passes(None, provenance)["gate"] == {**counted, "classified": classified}


def test_a_database_in_utf_16_is_refused(gate: Gate) -> None:
    gate.database("PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (a)")

    assert gate.refuses({"t": ALL_PLAIN}) == [("SOURCE_FORMAT", "the database keeps its text in UTF-16")]


VALUES = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.text(st.characters(codec="utf-8")), st.binary())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(VALUES, VALUES), max_size=20))
def test_the_bytes_that_are_read_are_those_that_the_engine_counts(rows: list[tuple[object, object]], tmp_path: Path) -> None:
    file = tmp_path / "values.db"
    file.unlink(missing_ok=True)
    connection = sqlite3.connect(file)
    connection.execute('CREATE TABLE "a ""quoted"" name" (x, "y z" BLOB)')
    connection.executemany('INSERT INTO "a ""quoted"" name" VALUES (?, ?)', rows)
    connection.commit()
    connection.close()

    with read_sqlite(file) as restored:
        [table] = restored.tables()
        batches = list(restored.batches(table))
        size = restored.size(table)

    read = [value for batch in batches for values in batch.columns() for value in values if value is not None]
    assert table == Table("main", 'a "quoted" name', (Column("x", ""), Column("y z", "blob")))
    assert sum(map(len, read)) == size
    assert sum(batch.rows for batch in batches) == len(rows)
    assert {value.encode() for row in rows for value in row if isinstance(value, str)} <= set(read)
    assert {value for row in rows for value in row if isinstance(value, bytes)} <= set(read)


def test_a_secret_is_counted_in_every_batch_that_holds_it_and_in_its_column() -> None:
    token = b"ghp_" + b"a1B2" * 9
    batches = [Split([[b"one"], [b"fine"]]), Split([[b"two", None], [token, token]]), Split([[b"three"], [b"fine"]]), Split([[None], [token]])]
    scan = Scan(["LABEL"])

    rows = scan.take_table(Table("main", "t", (Column("a", "text"), Column("b", "text"))), ["plain", "plain"], batches)

    assert (rows, scan.scanned, scan.label) == (5, len(b"onetwothree") + 2 * len(b"fine") + 3 * len(token), None)
    assert [each.message for each in scan.problems] == ["main.t.b: a GitHub token, 3 times"]


def test_a_table_weighs_as_much_as_its_last_number_says_and_nothing_where_it_has_none(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "weights.db")
    connection.executescript(
        "CREATE TABLE a (x, y); INSERT INTO a VALUES (1, 2), (3, 4); CREATE TABLE b (x); CREATE TABLE c (x PRIMARY KEY) WITHOUT ROWID; INSERT INTO c VALUES (1);"
        "CREATE TABLE d (_rowid_); INSERT INTO d VALUES ('text'); CREATE TABLE e (x INTEGER PRIMARY KEY); INSERT INTO e VALUES (-7);"
    )
    connection.close()

    with read_sqlite(tmp_path / "weights.db") as restored:
        assert [restored.weight(table) for table in restored.tables()] == [2 * 2 * 8, 0, 0, 0, 0]


@pytest.mark.parametrize("least", [1 << 40, 0])
def test_two_processes_find_in_a_file_what_one_finds(least: int, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    token = "ghp_" + "a1B2" * 9
    gate.database(f"CREATE TABLE a (x); INSERT INTO a VALUES ('{token}'); CREATE TABLE b (x); INSERT INTO b VALUES ('{token}'), ('fine')")
    monkeypatch.setattr(shares, "_WORTH_A_PROCESS", least)

    assert gate.refuses({"a": ALL_PLAIN, "b": ALL_PLAIN}) == [("SECRET_FOUND", f"main.{name}.x: a GitHub token, 1 times") for name in "ab"]


def test_a_file_that_was_exchanged_before_it_was_loaded_is_refused(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    gate.database("CREATE TABLE t (a)")

    def late(path: Path) -> Source:
        source = examine_source(path)
        gate.source.unlink()
        gate.database("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
        return source

    monkeypatch.setattr("support.gate.examine_source", late)

    assert gate.refuses({"t": ALL_PLAIN}) == [("SOURCE_CHANGED", "handed.db was changed while it was in use")]


def test_a_type_of_any_text_stands_in_evidence_as_people_can_read_it(gate: Gate) -> None:
    gate.database(f'CREATE TABLE t (a "VAR\nCHAR\u202e{"x" * 500}")')

    [column] = gate.passes({"t": ALL_PLAIN})["shape"]["main.t"]["columns"].values()

    assert column["type"].startswith("var char x")
    assert len(column["type"]) == 60


def test_a_name_that_is_no_text_is_refused(gate: Gate) -> None:
    gate.database("CREATE TABLE t (abcdefgh)")
    gate.source.write_bytes(gate.source.read_bytes().replace(b"abcdefgh", b"abc\xff\xfefgh"))

    assert [code for code, _message in gate.refuses({"t": ALL_PLAIN})] == ["SOURCE_FORMAT"]


def test_nothing_passes_of_which_a_byte_was_not_scanned(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    gate.database("CREATE TABLE t (a); INSERT INTO t VALUES ('four')")
    monkeypatch.setattr("govern.rehearsal.gate.sqlite.SqliteRestored.size", lambda _self, _table: 5)

    assert gate.refuses({"t": ALL_PLAIN}) == [("GATE_INCOMPLETE", "4 bytes were scanned, and there are 5")]


def test_values_that_stand_side_by_side_in_the_file_are_nothing_that_was_deleted(gate: Gate) -> None:
    gate.database("CREATE TABLE t (a, b); INSERT INTO t VALUES ('person@example.org', 'active')")
    assert b"person@example.orgactive" in gate.source.read_bytes()

    gate.passes({"t": ALL_PLAIN})


def test_a_sample_that_the_engine_keeps_for_its_statistics_is_scanned(gate: Gate) -> None:
    gate.database(f"CREATE TABLE t (a); ANALYZE; INSERT INTO sqlite_stat1 VALUES ('t', NULL, '{TOKEN}')")

    assert ("SECRET_FOUND", "sqlite_stat1: a GitHub token, 1 times") in gate.refuses({"t": ALL_PLAIN})


def test_a_secret_that_only_a_generated_column_spells_out_is_found(gate: Gate) -> None:
    gate.database(f"CREATE TABLE t (a, b GENERATED ALWAYS AS ('ghp_' || a) VIRTUAL); INSERT INTO t (a) VALUES ('{'a1B2' * 9}')")

    assert gate.refuses({"t": ALL_PLAIN}) == [("SECRET_FOUND", "main.t.b: a GitHub token, 1 times")]
