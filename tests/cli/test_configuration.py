"""Where ledgers are kept is what the user says, with all faults at once, and never what stands in the repository."""

from pathlib import Path

import pytest

from govern.cli import configuration
from govern.cli.configuration import FILES, VARIABLE, ledger_address, programme_of
from govern.problems import GovernError
from support.cli import Programme

POLICY = b"programme: {id: fix7, version: 1, title: T}\n"


def configured(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "home" / ".config" / "govern" / "config.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def address() -> str:
    return ledger_address(lambda: POLICY)


def faults() -> list[tuple[str, int, str]]:
    with pytest.raises(GovernError, match=r".") as caught:
        address()
    assert caught.value.status == 3
    return [(each.code, each.place.line if each.place else 0, each.message) for each in caught.value.problems]


def test_without_a_configuration_ledgers_are_files() -> None:
    assert address() == FILES


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ledger: postgresql:///a\n", "postgresql:///a"),
        ("ledger: postgres://server/a?service=x\n", "postgres://server/a?service=x"),
        ("ledger: postgresql:///a\nprogrammes: {fix7: {ledger: files}}\n", FILES),
        ("ledger: postgresql:///a\nprogrammes: {other: {ledger: files}}\n", "postgresql:///a"),
        ("programmes: {fix7: {ledger: 'postgresql:///b'}}\n", "postgresql:///b"),
        ("programmes: {other: {ledger: 'postgresql:///b'}}\n", FILES),
        ("ledger: files\n", FILES),
    ],
)
def test_a_programme_has_the_address_that_is_said_of_it_or_of_all(tmp_path: Path, text: str, found: str) -> None:
    configured(tmp_path, text)

    assert address() == found


def test_the_variable_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(tmp_path, "ledger: postgresql:///a\n")
    monkeypatch.setenv(VARIABLE, "files")

    assert address() == FILES


def test_an_absolute_folder_of_configurations_is_taken_and_a_relative_one_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(tmp_path, "ledger: postgresql:///a\n")
    other = tmp_path / "other" / "govern"
    other.mkdir(parents=True)
    (other / "config.yaml").write_text("ledger: postgresql:///b\n", encoding="utf-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "other"))
    assert address() == "postgresql:///b"

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", "other")
    assert address() == "postgresql:///a"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ledger: http://server/a\n", [("CONFIGURATION", 1, "the ledger's address is none")]),
        ("ledger: 3\nlegder: files\n", [("POLICY_UNKNOWN_KEY", 2, "unknown key `legder`"), ("POLICY_VALUE", 1, "found the number 3")]),
        ("\nprogrammes: {fix7: {ledgr: files}}\n", [("POLICY_UNKNOWN_KEY", 2, "ledgr"), ("POLICY_MISSING_KEY", 2, "ledger")]),
        ("ledger: postgresql://me:secret@server/a\n", [("CONFIGURATION", 1, "the ledger's address holds a password")]),
        ("ledger: postgresql://server/a?password=secret\n", [("CONFIGURATION", 1, "the ledger's address holds a password")]),
        ("ledger: 'postgresql:///a?user=x#y&password=secret'\n", [("CONFIGURATION", 1, "the ledger's address holds a password")]),
        ("ledger: postgresql:///a?oauth_client_secret=secret\n", [("CONFIGURATION", 1, "the ledger's address holds a password")]),
        ("ledger: 'postgresql://[::1/a'\n", [("CONFIGURATION", 1, "the ledger's address is none")]),
        ("ledger: [\n", [("YAML_SYNTAX", 2, "")]),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_without_the_secret(tmp_path: Path, text: str, told: list[tuple[str, int, str]]) -> None:
    configured(tmp_path, text)

    found = faults()
    assert [(code, line) for code, line, _ in found] == [(code, line) for code, line, _ in told]
    assert all(wanted in message and "secret" not in message for (_, _, message), (_, _, wanted) in zip(found, told, strict=True))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("http://server/a", "the ledger's address in GOVERN_LEDGER is none; wanted: `files`, or postgresql://SERVER/DATABASE"),
        (
            "postgresql://me:secret@server/a",
            "the ledger's address in GOVERN_LEDGER holds a password; put it into ~/.pgpass, a service file, or PGPASSWORD",
        ),
    ],
)
def test_what_is_wrong_with_the_variable_is_told_with_its_name_and_without_a_place(said: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, said)

    with pytest.raises(GovernError, match=r"GOVERN_LEDGER") as caught:
        address()
    assert (caught.value.status, str(caught.value)) == (3, told)


def test_who_has_a_ledger_in_both_places_is_told_how_to_choose_and_can(fix7: Programme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = configured(tmp_path, "ledger: postgresql:///a\n")
    choice = f"say `programmes: {{FIX7-P0: {{ledger: files}}}}` in {path}"

    ran = fix7.refuses("status", status=3)
    assert ran.codes == ["LEDGER_TWICE"]
    assert f"{path} names one in a database" in ran.err
    assert ran.err.endswith(f"; if the files count, {choice}\n")
    monkeypatch.setenv(VARIABLE, "postgresql:///a")
    ran = fix7.refuses("status", status=3)
    assert "GOVERN_LEDGER names one in a database" in ran.err
    assert ran.err.endswith(f"; if the files count, set GOVERN_LEDGER=files, or unset it and {choice}\n")
    monkeypatch.setenv("HOME", "")
    assert fix7.refuses("status", status=3).err.endswith("; if the files count, set GOVERN_LEDGER=files\n")

    monkeypatch.setenv(VARIABLE, "files")
    assert fix7.does("status").status == 0
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    path.write_text("ledger: postgresql:///a\nprogrammes: {FIX7-P0: {ledger: files}}\n", encoding="utf-8")
    assert fix7.does("status").status == 0


def test_a_configuration_that_cannot_be_read_is_no_yes(fix7: Programme, tmp_path: Path) -> None:
    configured(tmp_path, "").unlink()
    (tmp_path / "home" / ".config" / "govern" / "config.yaml").mkdir()

    for words in (("gate", "real-run"), ("status",), ("note", "x", "--as", "owner")):
        assert fix7.refuses(*words, status=3).codes == ["CONFIGURATION"]


def test_a_configuration_in_the_repository_says_nothing(fix7: Programme) -> None:
    for name in ("config.yaml", ".config/govern/config.yaml", "govern/config.yaml"):
        path = fix7.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("ledger: postgresql:///elsewhere\n", encoding="utf-8")

    assert fix7.does("status").status == 0


@pytest.mark.parametrize("policy", [b"", b"programme: 3\n", b"programme: {version: 1}\n", b"programme: {id: 4}\n", b"a: [\n"])
def test_a_policy_without_a_name_has_no_ledger_in_a_database(policy: bytes) -> None:
    with pytest.raises(GovernError, match=r".") as caught:
        programme_of(policy)
    assert caught.value.status == 3


def test_one_ledger_is_opened_once() -> None:
    first = configuration.database("postgresql:///a?host=/nowhere", "one")

    assert configuration.database("postgresql:///a?host=/nowhere", "one") is first
    assert configuration.database("postgresql:///a?host=/nowhere", "two") is not first
