"""`govern export html`: the page is printed, or written where nothing else is; the same state gives the same file."""

import json
from pathlib import Path

import pytest

from govern.documents.html import needed
from support.cli import Programme

NAMED = "<h2>Where it stands</h2>"


def test_the_page_is_printed_or_written_the_same(fix7: Programme, tmp_path: Path) -> None:
    printed = fix7.does("export", "html").out
    out = tmp_path / "page.html"
    ran = fix7.does("export", "html", "--out", str(out))

    assert out.read_text(encoding="utf-8") == printed
    assert NAMED in printed
    assert ran.out.startswith(f"wrote {out}: {len(printed.encode())} bytes, sha256 ")


def test_a_page_is_written_over_a_page_and_over_nothing_else(fix7: Programme, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    fix7.does("export", "html", "--out", str(out))
    first = out.read_bytes()
    fix7.does("note", "a word", "--as", "gpt")
    fix7.does("export", "html", "--out", str(out))
    assert out.read_bytes() != first

    other = tmp_path / "other.html"
    other.write_text("<!doctype html>\n<p>mine", encoding="utf-8")
    ran = fix7.run("export", "html", "--out", str(other))
    assert (ran.status, other.read_text(encoding="utf-8")) == (4, "<!doctype html>\n<p>mine")
    assert "OUT_TAKEN" in ran.err


@pytest.mark.parametrize("out", ["governance/ledger/page.html", "templates/page.html", "states.yaml"])
def test_a_place_with_rules_of_its_own_takes_no_page(fix7: Programme, out: str) -> None:
    assert "OUT_TAKEN" in fix7.refuses("export", "html", "--out", out).err


def test_a_program_is_given_the_page_with_its_digest(fix7: Programme) -> None:
    answer = json.loads(fix7.does("export", "html", "--json").out)

    assert answer["schema"] == "govern.export/1"
    assert set(answer["result"]) == {"sha256", "bytes", "html"}
    assert NAMED in answer["result"]["html"]


def test_the_page_of_an_earlier_moment_shows_that_moment(fix7: Programme) -> None:
    page = fix7.does("export", "html", "--as-of", "@S0").out

    assert "FIX7_P0_PRODUCTION_REHEARSAL_ONLY_ROLLBACK_READY" in page
    assert "19 records" in page
    assert 'data-label="no." data-value="19"' not in page


def test_without_the_libraries_it_says_what_to_install(fix7: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needed, "_LIBRARIES", ("not_there",))

    ran = fix7.run("export", "html")

    assert (ran.status, ran.out) == (3, "")
    assert "error NEEDS_EXTRA: the page of a programme needs not_there, not installed here" in ran.err
    assert "pip install 'govern[html]'" in ran.err


def test_it_is_asked_for_by_its_form(fix7: Programme) -> None:
    assert fix7.run("export", "pdf").status == 2
