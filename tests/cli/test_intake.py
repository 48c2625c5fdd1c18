"""`govern intake`: what an operator hands over is examined in the sandbox, alike in every form, and told whole."""

import gzip
import json
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from govern.canonical import decode, digest
from govern.cli.leaks import refuse_secrets
from govern.problems import Exit
from govern.rehearsal.confine import confine
from govern.rehearsal.postgresql.server import SUPERUSER
from support.cli import UNREHEARSED, Programme, start
from support.dumps import DUMPS, needs_dumps
from support.postgresql import cloned

TOKEN = "ghp_" + "a1B2" * 9
LABEL = "GENERATED_NOT_REAL"
LEGS = "  HANDED-OVER:\n    guards_nothing: for tests\n    legs:\n      dump: {by: lead, evidence: {intake: real-dump}}\n"
SMALL = """
rehearsal:
  label: GENERATED_NOT_REAL
  surface: {tables: {people: {columns: {child_name: masked, password: empty}, all: plain}}}
"""
DIRECTUS = """
rehearsal:
  label: GENERATED_NOT_REAL
  surface:
    engine: postgresql
    tables:
      public.birth_registry: {columns: {child_name: plain}, all: plain}
      public.directus_users: {columns: {first_name: plain, last_name: plain, email: plain}, all: plain}
      public.directus_sessions: {columns: {session: absent}, all: plain}
      public.directus_*: {columns: {key: plain, auth_password_policy: plain}, all: plain}
"""


def begun(root: Path, more: str) -> Programme:
    return start(root, UNREHEARSED.replace("\npackets:", f"{LEGS}\npackets:", 1) + more)


@pytest.fixture
def small(tmp_path: Path) -> Programme:
    """A programme that asks for a small table, of whatever engine."""
    return begun(tmp_path / "small", SMALL)


@pytest.fixture
def directus(tmp_path: Path) -> Programme:
    """A programme that asks for the dump of a Directus."""
    return begun(tmp_path / "directus", DIRECTUS)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.db"
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE people (id INTEGER PRIMARY KEY, child_name TEXT, password TEXT, notes TEXT); INSERT INTO people VALUES (1, '****', NULL, 'fine')"
    )
    connection.close()
    return path


def alter(path: Path, script: str) -> Path:
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()
    return path


def test_an_accepted_file_leaves_evidence_that_names_everything_and_proves_its_leg(small: Programme, people: Path) -> None:
    before = people.read_bytes()

    ran = small.does("intake", str(people), "--out", "handover", "--as", "lead")

    content = (small.root / "handover" / "evidence.json").read_text(encoding="utf-8")
    evidence = decode(content.removesuffix("\n"))
    found = evidence["intake"]
    assert (evidence["schema"], evidence["kind"], evidence["of"], evidence["legs"]) == ("govern.evidence/1", "intake", "real-dump", ["HANDED-OVER/dump"])
    assert found["source"]["sha256"] == found["source"]["sha256_after"] == digest(before)
    assert found["gate"] == {"tables": 1, "columns": 4, "classified": 4, "bytes_source": 9, "bytes_scanned": 9, "findings": 0}
    assert found["shape"]["main.people"]["columns"]["child_name"] == {"type": "text", "class": "masked"}
    assert found["isolation"]["interfaces"] == ["lo"]
    assert found["programme"]["policy"] == digest(small.policy.read_bytes())
    assert found["statement"] == (small.root / "handover" / "provenance.txt").read_text(encoding="utf-8")
    assert ran.out.startswith("ACCEPTED as real-dump: people.db\n")
    assert people.read_bytes() == before
    refuse_secrets("evidence", content)
    small.does("blocker", "discharge", "HANDED-OVER/dump", "--evidence", "handover/evidence.json", "--as", "lead")


def test_the_statement_is_whole_and_binds_file_provenance_and_who(small: Programme, people: Path) -> None:
    small.does("intake", str(people), "--out", "handover", "--as", "lead")

    assert (small.root / "handover" / "provenance.txt").read_text(encoding="utf-8") == "\n".join([
        "PROVENANCE STATEMENT",
        "",
        "programme:    WEBSITE-MOVE",
        "file:         people.db",
        f"sha256:       {digest(people.read_bytes())}",
        f"bytes:        {people.stat().st_size}",
        "form:         sqlite-file, compression none",
        "provenance:   real-dump",
        "examined:     2026-07-01T09:00:00Z, govern 0.1.0: 1 tables, 4 columns, 1 rows;",
        "              9 of 9 bytes of text scanned, 0 findings",
        "handed over:  by lead",
        "",
        "I declare that the file with this digest is what I handed over;",
        "that it is what `real-dump` says, and was not generated;",
        "that what must be masked, empty or absent was so before the file left where it was made;",
        "and that I was entitled to hand it over for this purpose.",
        "",
    ])  # fmt: skip


def test_without_out_nothing_is_written(small: Programme, people: Path) -> None:
    before = small.tree()

    ran = small.does("intake", str(people))

    assert "nothing was written; --out DIR keeps the evidence, and the statement to sign" in ran.out
    assert small.tree() == before


def test_everything_that_is_wrong_is_told_at_once_with_status_3_and_nothing_is_written(small: Programme, people: Path) -> None:
    alter(people, f"CREATE TABLE stray (a); UPDATE people SET child_name = 'Anna Muster', password = 'hunter2pass', notes = 'use {TOKEN}'")

    ran = small.refuses("intake", str(people), "--out", "handover", status=Exit.UNJUDGED)

    assert ran.codes == ["SHAPE", "NOT_MASKED", "NOT_EMPTY", "SECRET_FOUND"]
    for value in ("Anna", "Muster", "hunter2pass", TOKEN):
        assert value not in ran.out + ran.err


@pytest.mark.parametrize("pack", [lambda content: content, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("form", ["file", "text"])
def test_a_planted_secret_is_found_in_each_form_and_packed(pack: Callable[[bytes], bytes], form: str, small: Programme, people: Path, tmp_path: Path) -> None:
    alter(people, f"UPDATE people SET notes = 'use {TOKEN}'")
    connection = sqlite3.connect(people)
    content = people.read_bytes() if form == "file" else "\n".join(connection.iterdump()).encode()
    connection.close()
    handed = tmp_path / "handed"
    handed.write_bytes(pack(content))

    ran = small.refuses("intake", str(handed), "--json", status=Exit.UNJUDGED)

    assert [each["code"] for each in ran.answer["diagnostics"]] == ["SECRET_FOUND"]
    assert ran.answer["diagnostics"][0]["message"] == "main.people.notes: a GitHub token, 1 times"


def planted() -> bytes:
    """The real dump, with a secret and a person in it."""
    plain = (DUMPS / "directus-small.sql").read_bytes()
    return plain.replace(b"\tvia api\t", f"\tvia {TOKEN}, jane.doe@firm.de\t".encode(), 2)


def archived(plain: bytes, tmp_path: Path) -> bytes:
    """Return a dump as `pg_dump -Fc` writes it of the database that it makes, with the server of the tests."""
    source = tmp_path / "planted.sql"
    source.write_bytes(plain)
    with cloned("wheel", source, {"format": "postgresql-plain", "compression": "none"}) as clone:
        server = clone._server
        command = [server.installation.program("pg_dump"), "-Fc", "-h", str(server.sockets), "-U", SUPERUSER, "clone"]
        environment = {"PGPASSWORD": server.passwords[SUPERUSER], "LC_ALL": "C"}
        return subprocess.run(command, env=environment, capture_output=True, check=True).stdout


@needs_dumps
@pytest.mark.parametrize("name", ["directus-small.sql", "directus-small.dump"])
def test_a_real_dump_is_accepted_in_each_form(name: str, directus: Programme) -> None:
    ran = directus.asks("intake", str(DUMPS / name))

    found = ran["evidence"]["intake"]
    assert (found["source"]["version"], found["gate"]["tables"], found["gate"]["columns"]) == ("15.18", 28, 324)
    assert found["gate"]["bytes_source"] == found["gate"]["bytes_scanned"] == 219439
    assert found["shape"]["public.birth_registry"]["rows"] == 800
    assert found["shape"]["public.directus_users"]["columns"]["password"] == {"type": "character varying(255)", "class": "empty"}


@needs_dumps
@pytest.mark.parametrize("form", ["plain", "gzip", "archive", "packed archive"])
def test_what_was_planted_in_a_real_dump_is_found_in_each_form(form: str, directus: Programme, tmp_path: Path) -> None:
    content = planted()
    content = archived(content, tmp_path) if "archive" in form else content
    content = gzip.compress(content) if form in {"gzip", "packed archive"} else content
    handed = tmp_path / "handed"
    handed.write_bytes(content)
    assert (TOKEN.encode() in content) == (form == "plain")

    ran = directus.refuses("intake", str(handed), "--json", status=Exit.UNJUDGED)

    assert [(each["code"], each["message"]) for each in ran.answer["diagnostics"]] == [
        ("SECRET_FOUND", "public.birth_registry.notes: a GitHub token, 2 times"),
        ("PERSONAL_FOUND", "public.birth_registry.notes: an e-mail address, 2 times"),
    ]


@pytest.mark.parametrize("form", ["plain", "archive"])
def test_what_is_in_large_objects_bytes_and_comments_of_postgresql_is_scanned(form: str, small: Programme, tmp_path: Path) -> None:
    content = (
        "SET client_encoding = 'UTF8';\n"
        "CREATE TABLE people (id integer, child_name text, password text, notes bytea);\n"
        f"INSERT INTO people VALUES (1, NULL, NULL, '\\x{TOKEN.encode().hex()}');\n"
        f"SELECT lo_from_bytea(4711, '\\x{TOKEN.encode().hex()}');\n"
        "ALTER TABLE people OWNER TO clerk;\nALTER LARGE OBJECT 4711 OWNER TO clerk;\n"
        "COMMENT ON TABLE people IS 'ask jane.doe@firm.de';\n"
    ).encode()
    handed = tmp_path / "handed"
    handed.write_bytes(archived(content, tmp_path) if form == "archive" else content)

    ran = small.refuses("intake", str(handed), "--json", status=Exit.UNJUDGED)

    told = [each["message"] for each in ran.answer["diagnostics"]]
    assert told[0] == "public.people.notes: a GitHub token, 1 times"
    assert any(each.startswith("the definition of ") and each.endswith(": an e-mail address, 1 times") for each in told)
    assert "large object 4711: a GitHub token, 1 times" in told


def test_a_generated_file_is_never_taken_for_a_real_dump(small: Programme, people: Path) -> None:
    alter(people, f"UPDATE people SET notes = '{LABEL}'")

    assert small.refuses("intake", str(people), status=Exit.UNJUDGED).codes == ["PROVENANCE"]
    found = small.asks("intake", str(people), "--provenance", "surrogate")
    assert (found["evidence"]["of"], found["evidence"]["label"], found["evidence"]["legs"]) == ("surrogate", LABEL, [])


def test_evidence_of_a_surrogate_proves_no_leg_that_asks_for_a_real_dump(small: Programme, people: Path) -> None:
    alter(people, f"UPDATE people SET notes = '{LABEL}'")
    small.does("intake", str(people), "--provenance", "surrogate", "--out", "handover")

    discharge = ("blocker", "discharge", "HANDED-OVER/dump", "--evidence", "handover/evidence.json", "--as", "lead")
    assert small.refuses(*discharge, status=Exit.UNJUDGED).codes == ["EVIDENCE_FORMAT"]

    small.replace("handover/evidence.json", '"legs":[]', '"legs":["HANDED-OVER/dump"]')
    assert "wants intake of real-dump" in small.refuses(*discharge).err


def test_a_provenance_that_no_leg_asks_for_is_a_mistake_of_usage(small: Programme, people: Path) -> None:
    ran = small.refuses("intake", str(people), "--provenance", "real-dumb", status=Exit.USAGE)

    assert ran.codes == ["UNKNOWN_ID"]
    assert "did you mean `real-dump`?" in ran.err


def test_a_file_that_is_declared_as_a_toy_is_not_taken_in_as_real(tmp_path: Path, people: Path) -> None:
    declared = f"  sources: {{toy: {{file: people.db, sha256: {digest(people.read_bytes())}}}}}\n"
    programme = begun(tmp_path / "pinned", SMALL + declared)

    ran = programme.refuses("intake", str(people), status=Exit.UNJUDGED)

    assert ran.codes == ["PROVENANCE"]
    assert "people.db is declared as toy, and was given as real-dump" in ran.err


def test_where_no_surface_is_declared_nothing_can_fit_it(tmp_path: Path, people: Path) -> None:
    assert start(tmp_path / "bare", UNREHEARSED).refuses("intake", str(people), status=Exit.UNJUDGED).codes == ["NO_SURFACE"]


@pytest.mark.parametrize("given", ["postgresql://app:hunter2pass@db.internal/people", "host=db.internal dbname=people password=hunter2pass"])
def test_an_address_is_refused_and_not_repeated(given: str, small: Programme) -> None:
    ran = small.refuses("intake", given, status=Exit.UNJUDGED)

    assert ran.codes == ["NOT_A_FILE"]
    assert "hunter2pass" not in ran.out + ran.err


def test_a_file_that_changes_during_its_examination_is_refused(small: Programme, people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def meanwhile(*words: Any, **more: Any) -> Any:
        found = confine(*words, **more)
        alter(people, "INSERT INTO people (id) VALUES (2)")
        return found

    monkeypatch.setattr("govern.rehearsal.intake.confine", meanwhile)

    assert small.refuses("intake", str(people), "--out", "handover", status=Exit.UNJUDGED).codes == ["SOURCE_CHANGED"]


def test_columns_that_only_a_name_speaks_against_are_told_and_accepted(tmp_path: Path, people: Path) -> None:
    programme = begun(tmp_path / "plain", SMALL.replace("password: empty", "password: plain"))

    ran = programme.does("intake", str(people))

    assert ran.codes == ["PLAIN_BY_NAME"]
    assert "main.people.password" in ran.err


def test_what_is_accepted_is_one_json_object(small: Programme, people: Path) -> None:
    answer = small.does("intake", str(people), "--json").answer

    assert (answer["schema"], answer["exit"], answer["result"]["verdict"], answer["result"]["written"]) == ("govern.intake/1", 0, "accepted", [])
    assert json.dumps(answer["result"]["evidence"])
