"""Files of a table in two places: whether they are the same, and which of their pages are not."""

from pathlib import Path

import pytest

from govern.rehearsal.postgresql.files import same_files, size_of, unlike_pages
from govern.rehearsal.postgresql.pages import Worth


def test_a_file_that_is_not_there_is_the_same_as_no_other(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"x")
    assert same_files(tmp_path / "one", tmp_path / "one")
    assert not same_files(tmp_path / "one", tmp_path / "none")
    assert not same_files(tmp_path / "none", tmp_path / "none")
    for name, content in (("other", b"y"), ("longer", b"xx"), ("part", b"x"), ("part.1", b"x")):
        (tmp_path / name).write_bytes(content)
    assert not any(same_files(tmp_path / "one", tmp_path / name) for name in ("other", "longer", "part"))
    assert not same_files(tmp_path / "part", tmp_path / "one")


SIZE = 4


def _table(folder: Path, *parts: bytes) -> Path:
    folder.mkdir()
    for number, content in enumerate(parts):
        (folder / (f"t.{number}" if number else "t")).write_bytes(content)
    return folder / "t"


@pytest.mark.parametrize(
    ("before", "after", "unlike"),
    [
        pytest.param([b"aaaabbbbcccc"], [b"aaaabbbbcccc"], [], id="the same"),
        pytest.param([b"aaaabbbbcccc"], [b"aaaaxbbbcccx"], [1, 2], id="other bytes"),
        pytest.param([b"aaaa"], [b"aaaabbbbcccc"], [1, 2], id="pages added"),
        pytest.param([b"aaaabbbbcccc"], [b"xaaa"], [0, 1, 2], id="pages gone"),
        pytest.param([b"aaaabbbb", b"cccc"], [b"aaaabbbb", b"cccxdddd"], [2, 3], id="in a later part"),
        pytest.param([b"aaaabbbb"], [b"aaaabbbb", b"cccc"], [2], id="a part added"),
        pytest.param([b"aaaabbbb", b"cccc", b"dddd"], [b"aaaabbbb"], [2, 3], id="parts gone"),
        pytest.param([b""], [b"aaaa"], [0], id="of an empty file"),
        pytest.param([b""], [b""], [], id="both empty"),
        pytest.param([], [b"aaaabbbb"], [0, 1], id="of no file"),
    ],
)
def test_the_pages_that_differ_are_counted_through_all_parts(tmp_path: Path, before: list[bytes], after: list[bytes], unlike: list[int]) -> None:
    one, other = _table(tmp_path / "one", *before), _table(tmp_path / "other", *after)

    assert list(unlike_pages(one, other, SIZE)) == list(unlike_pages(other, one, SIZE)) == unlike
    assert size_of(other) == len(b"".join(after))


def test_pages_beyond_the_first_piece_that_is_read_have_their_own_numbers(tmp_path: Path) -> None:
    pages = 3 * 1024
    one, other = _table(tmp_path / "one", bytes(pages << 10)), _table(tmp_path / "other", bytes((1025 << 10) + 7) + b"x" + bytes((pages - 1025 << 10) - 8))

    assert list(unlike_pages(one, other, 1024)) == [1025]


def test_single_pages_are_looked_at_from_a_size_on_and_up_to_a_share(tmp_path: Path) -> None:
    before = _table(tmp_path / "before", b"aaaa" * 10)
    two, three = (_table(tmp_path / str(number), b"xxxx" * number + b"aaaa" * (10 - number)) for number in (2, 3))

    assert Worth(40, 0.2).few_pages(before, two, SIZE) == frozenset({0, 1})
    assert Worth(40, 0.2).few_pages(before, three, SIZE) is None
    assert Worth(41, 0.2).few_pages(before, two, SIZE) is None
    assert Worth(40, 0.3).few_pages(before, three, SIZE) == frozenset({0, 1, 2})
