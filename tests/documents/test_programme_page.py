"""The page of a programme as text: the same bytes for the same state, its style and script named by digest, nothing but what is listed."""

import base64
import hashlib
import re
import subprocess
import sys
from importlib.resources import files

import pytest

from govern.documents.html import needed
from govern.documents.html.markdown import markdown_html
from govern.documents.html.page import BEGINS, programme_html
from govern.documents.html.pictures import Box, Picture, picture_svg, wrapped
from govern.documents.html.sections import MOST_RECORDS, SECTIONS, Record, Told
from govern.documents.render import Head
from govern.documents.state_rows import source_rows
from govern.problems import GovernError
from support.pages import all_bodies, recorded_view
from support.programmes import PROGRAMMES
from support.world import World

HEAD = Head(25, "a" * 64)
_SHIPPED = files("govern.documents.html")


def fix7_page() -> str:
    view = recorded_view()
    return programme_html(Told(view, [Record("#0", "2026-06-12T00:00:00Z", "genesis", "owner", "a programme", "unauthenticated")], 1, all_bodies(view)), HEAD)


def test_the_same_state_gives_the_same_bytes_in_another_process_too() -> None:
    here = hashlib.sha256(fix7_page().encode()).hexdigest()
    code = "import hashlib, test_programme_page as t; print(hashlib.sha256(t.fix7_page().encode()).hexdigest())"
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONPATH": "tests:tests/documents", "PYTHONHASHSEED": seed, "PATH": "/usr/bin"},
        )
        assert done.stdout.strip() == here


def test_the_policy_of_the_page_names_the_digests_of_its_one_style_and_its_one_script() -> None:
    text = fix7_page()
    assert text.startswith(BEGINS)
    [style] = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    [script] = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)

    rules = dict(rule.split(" ", 1) for rule in policy.replace("&#39;", "'").split("; "))

    digest = {name: f"'sha256-{base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()}'" for name, each in (("style", style), ("script", script))}
    assert rules == {
        "default-src": "'none'", "style-src": digest["style"], "script-src": digest["script"], "base-uri": "'none'", "form-action": "'none'",
    }  # fmt: skip


def test_the_page_names_no_other_place() -> None:
    text = re.sub(r"<code>.*?</code>", "", fix7_page())

    assert re.findall(r"(?:src|href|action|data)=\"(?!#)[^\"]*\"", text) == []
    assert re.findall(r"(?:https?:)?//[a-z0-9]+\.|@import|url\((?!#)", text) == []


@pytest.mark.parametrize("name", ["style.css", "script.js"])
def test_what_is_shipped_cannot_end_the_element_that_it_stands_in(name: str) -> None:
    text = _SHIPPED.joinpath(name).read_text(encoding="utf-8")

    assert "</" not in text
    assert "<!--" not in text


@pytest.mark.parametrize("name", PROGRAMMES)
def test_every_programme_has_its_page_with_every_section(name: str) -> None:
    text = programme_html(Told(World(PROGRAMMES[name]).view(), [], 1, {}), HEAD)

    assert re.findall(r'<section id="([a-z]+)">', text) == [section.id for section in SECTIONS]
    assert re.findall(r'<a href="#([a-z]+)">', text) == [section.id for section in SECTIONS]


def test_an_option_that_was_selected_says_so_in_its_row_and_in_the_picture() -> None:
    world = World(PROGRAMMES["fix7"])
    world.record("issue", "engineering", packet="final-real-data")
    world.record("decide", "owner", packet="final-real-data", option="AUTHORIZE_OPERATOR_REAL_DATA_CLONE_HANDOFF")
    text = programme_html(Told(world.view(), [], 3, {}), HEAD)

    assert '<span class="pill open">selected, in force</span>' in text
    assert ">selected, in force</text>" in text


def test_every_short_name_of_an_imported_document_is_resolved_on_the_page() -> None:
    text = fix7_page()
    named = set(re.findall(r'class="known">(?:imported from )?(D[0-9]+)</span>', text))
    resolved = dict(re.findall(r"<li><strong>(D[0-9]+)</strong> ([^<]+?) <code>", text))

    assert named
    assert named <= resolved.keys()
    assert resolved == {row["label"]: row["name"] for row in source_rows(recorded_view())}


def test_older_records_are_counted_and_not_shown() -> None:
    records = [Record(f"#{number}", "2026-06-12T00:00:00Z", "note", "owner", "a word", "signed") for number in range(MOST_RECORDS + 3)]
    text = programme_html(Told(recorded_view(), records, len(records), {}), HEAD)

    assert f"The last {MOST_RECORDS} records; 3 older ones are left out" in text
    assert "#3<" in text
    assert ">#2<" not in text


def test_what_a_document_holds_beside_text_is_taken_out() -> None:
    html = str(
        markdown_html("# A\n\n<script>x</script>\n\n<a href='javascript:x'>b</a> [c](https://example.invalid) [d](#e)\n\n<h2 id='state' style='x'>f</h2>\n")
    )

    assert html == "<h3>A</h3>\n\n<p><a>b</a> <a>c</a> <a>d</a></p>\n<h2>f</h2>\n"


def test_a_text_is_wrapped_behind_what_joins_its_words_and_nothing_of_it_is_lost() -> None:
    assert wrapped("5  AUTHORIZE_PRODUCTION_EXECUTION", 19) == ("5  AUTHORIZE_", "PRODUCTION_", "EXECUTION")
    assert wrapped("x" * 45, 20) == ("x" * 20, "x" * 20, "x" * 5)
    assert wrapped("one two  three", 7) == ("one two", "three")
    assert wrapped("", 5) == ()


def test_a_picture_says_in_words_what_it_shows_and_escapes_what_it_is_given() -> None:
    svg = picture_svg(Picture('<b> & "c"', (Box("one</text>", ("a",), "hold"), Box("two", (), "open"), Box("three", (), "locked")), ((0, 1),)), "it")

    assert '<title id="it-title">&lt;b&gt; &amp; &quot;c&quot;</title>' in svg
    assert "one&lt;/text&gt;: a; two: ; three: </desc>" in svg
    assert svg.count("<rect") == 3
    assert svg.count('class="arrow"') == 1


def test_without_its_libraries_the_page_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needed, "_LIBRARIES", ("igraph", "not_there"))

    with pytest.raises(GovernError, match="needs not_there, not installed here") as refused:
        needed.demand_libraries()
    assert [each.help for each in refused.value.problems] == ["pip install 'govern[html]'"]
