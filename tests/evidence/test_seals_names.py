"""Names in a packet are those that stay the same on every system."""

import pytest

from govern.evidence.names import MAX_NAME, MAX_PATH, collisions, folded, name_fault


@pytest.mark.parametrize(
    "path", ["a", "a.txt", ".hidden", "a/b c/d", "größe", "名前/ファイル", "it's $(fine) & so`on`;#!", "a" * MAX_NAME, "com", "com10", "context", "a~1"]
)
def test_a_name_that_is_the_same_everywhere_may_be_sealed(path: str) -> None:
    assert name_fault(path) == ""


@pytest.mark.parametrize(
    ("path", "told"),
    [
        *((f"a{each}b", "a character in it") for each in '\\:*?"<>|\n\r\t\x00\x1f\x7f\x85\u2028\ud800\uffff'),
        *((each, "begins or ends with a blank, or ends with a dot") for each in ("", ".", "..", " a", "a ", "a.", "a/./b", "a//b", "/a", "a/", "a \u00a0")),
        ("-rf", "begins with a hyphen"),
        ("a/-b", "begins with a hyphen"),
        *((each, "a device") for each in ("con", "NUL", "aux.txt", "Com1.tar.gz", "a/lpt9")),
        *((each, "git reads it") for each in (".git", "a/.GIT/b", ".gitattributes", ".gitignore", "logs/.gitmodules")),
        ("gro\u0308ße", "composed form"),
        ("\u212b", "composed form"),
        ("a" * (MAX_NAME + 1), f"longer than {MAX_NAME} bytes"),
        ("ö" * (MAX_NAME // 2 + 1), f"longer than {MAX_NAME} bytes"),
        ("/".join(["a" * 100] * 9) + "/" + "b" * (MAX_PATH - 908), f"longer than {MAX_PATH} bytes"),
    ],
)
def test_a_name_that_is_not_may_not_and_why_is_said(path: str, told: str) -> None:
    assert told in name_fault(path)


def test_a_path_is_allowed_up_to_its_longest() -> None:
    path = "/".join(["a" * 100] * 8) + "/" + "b" * (MAX_PATH - 808)
    assert len(path) == MAX_PATH
    assert name_fault(path) == ""


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (["a", "b", "a.b"], []),
        (["a", "A"], [("A", "a")]),
        (["x/a", "X/b"], [("X", "x")]),
        (["x/y/a", "x/Y/b", "x/y/c"], [("x/Y", "x/y")]),
        (["straße", "STRASSE"], [("STRASSE", "straße")]),
        (["größe", "GRO\u0308ßE"], [("GRO\u0308ßE", "größe")]),
        (["a", "A/b"], [("A", "a")]),
    ],
)
def test_names_that_some_systems_take_for_one_are_found(paths: list[str], found: list[tuple[str, str]]) -> None:
    assert collisions(paths) == found
    assert collisions(reversed(paths)) == found


def test_what_differs_in_case_or_form_only_folds_to_one() -> None:
    assert len({folded(each) for each in ("Ångström", "ÅNGSTRÖM", "A\u030angstro\u0308m", "\u212bngström")}) == 1
