"""Which server a dump needs: the lowest whose major version is at least that of the server which was dumped."""

import hashlib
from pathlib import Path

import pytest

from govern.problems import Exit, GovernError
from govern.rehearsal.postgresql.binaries import DEBIAN, Installation, choose, installations
from support.postgresql import installation_of

HERE = [Installation(version, Path(f"/nowhere/{version}")) for version in ("13.9", "15.18", "15.20", "18.6")]


@pytest.mark.parametrize(
    ("dumped_by", "chosen"),
    [("13.1", "13.9"), ("14.2", "15.20"), ("15.18", "15.20"), ("15.99", "15.20"), ("16.1", "18.6"), ("18.0", "18.6"), ("9.6.24", "13.9"), (None, "13.9")],
)
def test_the_lowest_able_server_is_chosen_and_the_newest_of_its_kind(dumped_by: str | None, chosen: str) -> None:
    assert choose(dumped_by, HERE).version == chosen


def test_a_dump_of_a_newer_server_is_refused_naming_both() -> None:
    with pytest.raises(GovernError) as raised:
        choose("19.1", HERE)

    assert raised.value.status is Exit.UNJUDGED
    assert str(raised.value) == (
        "a dump of PostgreSQL 19.1 needs a server of that version or later, and this machine has 13.9, 15.18, 15.20, 18.6; "
        "`pip install govern[postgres]`, or Debian's package postgresql-19"
    )


def test_where_no_server_is_installed_it_says_what_to_install() -> None:
    with pytest.raises(GovernError, match=r"this machine has none; `pip install govern\[postgres\]`, or Debian's package postgresql$"):
        choose(None, [])


def test_the_wheel_is_found_and_knows_its_program() -> None:
    wheel = installation_of("wheel")

    assert wheel in installations()
    assert wheel.major >= 18
    assert wheel.digest() == hashlib.sha256(Path(wheel.program("postgres")).read_bytes()).hexdigest()
    assert wheel.folders == (wheel.programs.parent,)
    assert Installation.from_json(wheel.to_json()) == wheel


def test_debians_server_needs_no_folder_beside_the_systems() -> None:
    debian = installation_of("debian")

    assert debian.programs.is_relative_to(DEBIAN)
    assert debian.folders == ()
