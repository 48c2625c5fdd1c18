"""Large tables are scanned by two processes, which find what one finds."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from govern.problems import GovernError
from govern.rehearsal.beside import beside
from govern.rehearsal.gate import shares
from govern.rehearsal.gate.examine import pass_gate
from govern.rehearsal.gate.postgresql import read_postgresql
from govern.rehearsal.gate.restored import Table
from govern.rehearsal.job import Job
from govern.rehearsal.postgresql.clone import PostgresClone
from govern.rehearsal.sources import examine_source
from support.corpora import CORPUS
from support.postgresql import KINDS, PLAIN, cloned

TOKEN = "ghp_" + "a1B2" * 9
DUMP = f"""--
-- PostgreSQL database dump
--
CREATE TABLE public.few (id integer, note text);
INSERT INTO public.few VALUES (1, 'fine'), (2, NULL);
CREATE TABLE public.many (id integer, note text);
INSERT INTO public.many SELECT i, 'note ' || i FROM generate_series(1, 3000) i;
CREATE TABLE public.long (note text);
INSERT INTO public.long SELECT repeat(md5(i::text), 30) FROM generate_series(1, 500) i;
CREATE TABLE public.no_columns ();
INSERT INTO public.no_columns DEFAULT VALUES;
CREATE TABLE public.mixed (z bytea, a text, PRIMARY KEY (a), m integer[]);
INSERT INTO public.mixed VALUES ('\\x5c0a09', E'tab\\tand\\nline', '{{1,NULL}}'), ('\\x', 'b', NULL);
COMMENT ON TABLE public.few IS 'LABELLED';
CREATE MATERIALIZED VIEW public.unfilled AS SELECT 1 AS one WITH NO DATA;
CREATE TABLE public.secrets (note text);
INSERT INTO public.secrets VALUES ('{TOKEN}');
--
-- PostgreSQL database dump complete
--

"""


@pytest.fixture(scope="module", params=KINDS)
def handed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PostgresClone, Path]]:
    dump = tmp_path_factory.mktemp("shares") / "dump.sql"
    dump.write_text(DUMP, encoding="utf-8")
    with cloned(request.param, dump, PLAIN) as clone:
        yield clone, dump


def _job(dump: Path, label: str) -> Job:
    order = {"source": examine_source(dump).to_json(), "provenance": "toy", "label": label, "surface": None}
    return Job(order, {"source": dump}, dump.parent, lambda *_step: None)


def test_two_processes_find_what_one_finds(handed: tuple[PostgresClone, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    clone, dump = handed
    problems = []
    for least in (1 << 40, 0):
        monkeypatch.setattr(shares, "_WORTH_A_PROCESS", least)
        with pytest.raises(GovernError) as refused:
            pass_gate(clone, _job(dump, "UNSEEN"))
        problems.append(refused.value.problems)
    assert problems[0] == problems[1]
    assert [each.message for each in problems[0]] == ["public.secrets.note: a GitHub token, 1 times"]

    clone.run(b"UPDATE secrets SET note = NULL;")
    dump.write_text(DUMP.replace(TOKEN, ""), encoding="utf-8")
    found: list[dict[str, Any]] = []
    for least in (1 << 40, 0):
        monkeypatch.setattr(shares, "_WORTH_A_PROCESS", least)
        found.append(pass_gate(clone, _job(dump, "UNSEEN")))
        with pytest.raises(GovernError, match="it carries the label `note 2999` of generated data"):
            pass_gate(clone, _job(dump, "note 2999"))
    assert found[0]["gate"] == found[1]["gate"]
    assert found[0]["shape"] == found[1]["shape"]
    mixed = len(b"\\\n\ttab\tand\nlineb{1,NULL}")
    assert found[0]["gate"]["bytes_scanned"] == 4 + 2 + sum(len(f"{i}note {i}") for i in range(1, 3001)) + 500 * 960 + mixed
    assert {name: table["rows"] for name, table in found[0]["shape"].items()} == {
        "public.few": 2,
        "public.long": 500,
        "public.many": 3000,
        "public.mixed": 2,
        "public.no_columns": 0,
        "public.secrets": 1,
        "public.unfilled": 0,
    }


def test_the_server_counts_of_every_type_what_is_read_of_it(handed: tuple[PostgresClone, Path]) -> None:
    clone, _dump = handed
    kinds = yaml.safe_load((CORPUS / "types.yaml").read_text(encoding="utf-8"))["types"]
    # Not every server was built with it.
    del kinds["xml"]
    for at, (kind, values) in enumerate(kinds.items()):
        rows = ", ".join(f"({each})" for each in values)
        clone.run(f"CREATE TABLE typed_{at} (v {kind}); INSERT INTO typed_{at} SELECT v::{kind} FROM (VALUES {rows}, (NULL)) given (v);".encode())

    state = clone.state()
    with read_postgresql(clone) as restored:
        for table in restored.tables():
            assert restored.digest(table) is None
            read = [value for batch in restored.batches(table) for values in batch.columns() for value in values if value is not None]
            assert restored.size(table) == sum(map(len, read)), table
            digest = (state.components[f"table {table.full}"], state.rows[table.full])
            assert restored.digest(table) == (digest if table.columns else None), table


def test_each_table_is_given_once_the_heaviest_first_whoever_asks() -> None:
    weights = {Table("s", f"t{weight}", ()): weight << 20 for weight in (1, 9, 3, 6, 4)}

    with closing(shares.Turns(weights)) as turns:
        mine = iter(turns)
        first = next(mine)
        with beside(lambda: [at for at, _table in turns]) as others:
            assert (first[0], first[1].name, others(), list(mine)) == (0, "t9", [1, 2, 3, 4], [])
        found = turns.by_table([(4, {"rows": 1}), (0, {"rows": 9})])

    assert {table.name: each["rows"] for table, each in found.items()} == {"t1": 1, "t9": 9}
    assert turns.worth_two
    with closing(shares.Turns(dict.fromkeys(weights, 1))) as light:
        assert (light.worth_two, len(list(light))) == (False, 5)
