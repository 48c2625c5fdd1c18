"""A surrogate is labelled, has the shape that was asked for, and is the same bytes for the same seed."""

import hashlib
import os
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from govern.policy.dataset import load_dataset
from govern.problems import GovernError
from govern.rehearsal.sources import examine_source
from govern.rehearsal.surrogate.generate import Engine, generate
from support.gate import Gate

LABEL = "GENERATED_NOT_REAL"
PEOPLE = b"""
tables:
  people:
    rows: 50
    columns:
      id: {values: uuid, key: true}
      name: {values: person-name, unicode: true}
  births:
    columns:
      id: {values: sequence, key: true}
      code: {values: code, prefix: "B-", unique: true}
      born_on: {values: date, from: "2020-01-01", to: "2020-12-31"}
      sex: {choice: {F: 49, M: 49, X: 2}}
      mother: {references: people.id, nulls: 10%, skewed: true}
      previous: {references: births.id}
      weight: {values: integer, from: "400", to: "6000"}
      price: {values: decimal}
      score: {values: real}
      big: {values: large-integer}
      at: {values: timestamp}
      meta: {values: json}
      notes: {values: long-text, unicode: true, nulls: 30%}
      raw: {values: bytes}
      ok: {values: boolean}
      mail: {values: email}
      phone: {values: phone}
      town: {values: city, unicode: true, unique: true}
"""
SENSITIVE = ("mail", "phone")


def made(seed: int = 7, rows: int = 400, engine: Engine = "sqlite", schema: bytes = PEOPLE) -> bytes:
    return "".join(generate(load_dataset(schema, "people.yaml"), rows=rows, seed=seed, label=LABEL, engine=engine)).encode()


@pytest.fixture
def loaded(tmp_path: Path) -> Iterator[Any]:
    import sqlite3

    connection = sqlite3.connect(tmp_path / "loaded.db", isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.executescript(made().decode())
    yield connection
    connection.close()


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(engine: Engine) -> None:
    assert made(engine=engine) == made(engine=engine)
    assert made(engine=engine) != made(8, engine=engine)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_no_hash_seed_locale_zone_or_folder_changes_a_byte(engine: Engine, tmp_path: Path) -> None:
    script = (
        "import sys; from govern.policy.dataset import load_dataset; from govern.rehearsal.surrogate.generate import generate; "
        f"sys.stdout.buffer.write(''.join(generate(load_dataset(sys.stdin.buffer.read(), 'x'), rows=400, seed=7, label='{LABEL}', engine='{engine}')).encode())"
    )
    surroundings = {"PATH": os.environ["PATH"], "PYTHONHASHSEED": "12345", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu", "HOME": str(tmp_path)}

    other = subprocess.run([sys.executable, "-c", script], input=PEOPLE, env=surroundings, cwd=tmp_path, capture_output=True, check=True).stdout

    assert other == made(engine=engine)


def test_the_bytes_are_those_of_the_day_it_was_written() -> None:
    digests = {engine: hashlib.sha256(made(rows=100, engine=engine)).hexdigest() for engine in ("sqlite", "postgresql")}

    assert digests == {
        "sqlite": "2bfc3f1a10eba7f35f98a3614d33f4966bf7bf5bf88fc2a92ca876732a8cdc3f",
        "postgresql": "07230f9792d9329c4a0a2537a01198760838e691cfeafad13fd371bfa9fc0225",
    }, "the generator, or mimesis, has changed: programmes that pin a surrogate by its digest have to be told"


def test_another_column_changes_no_value_of_the_ones_beside_it() -> None:
    more = made(schema=PEOPLE.replace(b"      code: ", b"      extra: {values: word}\n      code: "))

    names = [line for line in made().split(b"\n") if b"B-000" in line]
    assert len(names) == 400
    for line in names[:50]:
        before, after = line.split(b",'B-", 1)
        assert before + b"," in more
        assert b",'B-" + after.rstrip(b",;") in more


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_the_label_is_in_the_first_line_and_in_a_row(engine: Engine) -> None:
    content = made(engine=engine)

    assert content.startswith(f"-- {LABEL}\n-- GENERATED_BY_GOVERN_SURROGATE: seed 7, 400 rows, mimesis ".encode())
    assert content.count(LABEL.encode()) == 2


def test_the_label_survives_a_dump_and_a_reload(loaded: Any) -> None:
    dumped = "\n".join(loaded.iterdump())

    assert not dumped.startswith(f"-- {LABEL}")
    assert LABEL in dumped
    assert "GENERATED_BY_GOVERN_SURROGATE" in dumped


@pytest.mark.parametrize(("engine", "format"), [("sqlite", "sqlite-sql"), ("postgresql", "postgresql-plain")])
def test_each_text_is_known_for_what_it_is_by_its_content(engine: Engine, format: str, tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.write_bytes(made(engine=engine))

    assert examine_source(path).format == format


def test_keys_and_references_hold_and_rows_are_as_many_as_were_asked_for(loaded: Any) -> None:
    assert loaded.execute("PRAGMA foreign_key_check").fetchall() == []
    assert loaded.execute("SELECT count(*) FROM people").fetchone() == (50,)
    assert loaded.execute("SELECT count(*), count(DISTINCT code), count(DISTINCT town) FROM births").fetchone() == (400, 400, 400)
    assert loaded.execute("SELECT count(*) FROM births WHERE previous >= id").fetchone() == (0,)


def test_a_sequence_has_gaps_and_goes_on_behind_the_last_key(loaded: Any) -> None:
    keys = [row[0] for row in loaded.execute("SELECT id FROM births ORDER BY id")]
    loaded.execute("INSERT INTO births (code) VALUES ('new')")

    assert len(set(keys)) == 400
    assert {later - sooner for sooner, later in pairwise(keys)} > {3}
    assert loaded.execute("SELECT id FROM births WHERE code = 'new'").fetchone() == (keys[-1] + 8,)


def test_values_are_spread_as_described(loaded: Any) -> None:
    sexes = dict(loaded.execute("SELECT sex, count(*) FROM births GROUP BY sex"))
    mothers = sorted((row[0] for row in loaded.execute("SELECT count(*) FROM births WHERE mother IS NOT NULL GROUP BY mother")), reverse=True)
    [(nulls, first, last, least, most)] = loaded.execute("SELECT sum(notes IS NULL), min(born_on), max(born_on), min(weight), max(weight) FROM births")

    assert set(sexes) == {"F", "M", "X"}
    assert sexes["X"] < 25 < sexes["F"]
    assert sum(mothers[:5]) > sum(mothers[5:])
    assert 80 <= nulls <= 160
    assert "2020-01-01" <= first < last <= "2020-12-31"
    assert 400 <= least < most <= 6000


def test_text_has_many_scripts_marks_that_combine_and_both_directions(loaded: Any) -> None:
    text = "".join(row[0] for row in loaded.execute("SELECT town || name FROM births JOIN people ON true LIMIT 20000"))
    scripts = {unicodedata.name(each, "").split(" ")[0] for each in set(text)}

    assert {"LATIN", "GREEK", "CYRILLIC", "ARABIC", "CJK", "COMBINING"} <= scripts
    assert "R" in {unicodedata.bidirectional(each) for each in text} or "AL" in {unicodedata.bidirectional(each) for each in text}


def test_the_values_that_break_programs_are_there() -> None:
    content = made(engine="postgresql").decode()

    assert {"\t9223372036854775807\t", "\t-9223372036854775808\t", "\t-0.0\t", "\t1e-300\t", "-05:30\t", "+05:45\t"} <= {
        each for each in ("\t9223372036854775807\t", "\t-9223372036854775808\t", "\t-0.0\t", "\t1e-300\t", "-05:30\t", "+05:45\t") if each in content
    }
    assert max(map(len, content.split("\t"))) > 3000


def test_nothing_in_it_is_taken_for_a_secret_or_a_person(tmp_path: Path) -> None:
    columns = {"columns": dict.fromkeys(SENSITIVE, "plain"), "all": "plain"}

    found = Gate(tmp_path).text(made()).passes({"births": columns, "people": {"all": "plain"}}, "surrogate")

    assert found["label"] == LABEL


def faults(schema: bytes) -> list[tuple[str, str]]:
    with pytest.raises(GovernError) as caught:
        load_dataset(schema, "people.yaml")
    assert caught.value.status == 3
    return [(problem.code, str(problem)) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("column", "code", "says"),
    [
        ("{values: nonsense}", "POLICY_VALUE", "found `nonsense`, wanted"),
        ("{value: word}", "POLICY_UNKNOWN_KEY", "did you mean `values`?"),
        ("{values: word, choice: {a: 1}}", "POLICY_VALUE", "exactly one of values, choice and references"),
        ("{nulls: 5%}", "POLICY_VALUE", "exactly one of values, choice and references"),
        ("{values: word, nulls: 0.05}", "YAML_AMBIGUOUS", "could be read as a number"),
        ("{values: word, nulls: 101%}", "POLICY_VALUE", "a share, such as `2%`"),
        ("{values: word, key: true}", "POLICY_VALUE", "a key has `values: sequence`, `uuid` or `code`"),
        ("{choice: {a: 0}}", "POLICY_VALUE", "a weight is at least 1"),
        ('{values: date, from: "2020-13-01"}', "POLICY_VALUE", "month must be in 1..12"),
        ('{values: integer, from: "5", to: "4"}', "POLICY_VALUE", "`from` comes after `to`"),
        ('{values: word, from: "a"}', "POLICY_VALUE", "`from` and `to` go with date, decimal, integer, timestamp"),
        ("{references: gone.id}", "POLICY_DANGLING", "no table is called `gone`"),
        ("{references: t.other}", "POLICY_DANGLING", "`other` is not the key of `t`"),
    ],
)  # fmt: skip
def test_a_description_that_says_nothing_sound_is_refused_with_its_place(column: str, code: str, says: str) -> None:
    found = dict(faults(f"tables:\n  t:\n    columns:\n      other: {{values: word}}\n      a: {column}\n".encode()))

    assert says in found[code]
    assert found[code].startswith("people.yaml:5:")


def test_tables_that_refer_to_each_other_in_a_circle_are_refused() -> None:
    one = "{columns: {id: {values: sequence, key: true}, other: {references: %s.id}}}"

    [(code, message)] = faults(f"tables:\n  a: {one % 'b'}\n  b: {one % 'a'}\n".encode())

    assert code == "POLICY_VALUE"
    assert "refer to each other in a circle: " in message


def test_tables_are_written_behind_those_that_they_refer_to() -> None:
    schema = b"tables:\n  b: {columns: {x: {references: a.id}}}\n  a: {columns: {id: {values: uuid, key: true}}}\n"

    content = made(schema=schema)

    assert content.index(b'CREATE TABLE "a"') < content.index(b'CREATE TABLE "b"')


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mimesis", None)

    with pytest.raises(GovernError, match=r"pip install 'govern\[surrogate\]'") as caught:
        made()
    assert (caught.value.status, caught.value.problems[0].code) == (3, "NEEDS_EXTRA")


def test_a_table_with_two_keys_is_refused() -> None:
    source = b"tables: {t: {columns: {a: {values: sequence, key: true}, b: {values: uuid, key: true}}}}\n"
    with pytest.raises(GovernError, match="table `t` has two keys"):
        load_dataset(source, "schema.yaml")
