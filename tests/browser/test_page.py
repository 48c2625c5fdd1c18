"""The page of a programme in a real browser: it asks for nothing, filters and sorts, fits a phone, and can be read in the dark."""

import json
from pathlib import Path

import pytest

from support.browsing import Browser
from support.cli import HOLD, Programme, copy_fix7, start

SHOWN = "return [...document.querySelectorAll('#blocker-table tbody tr')].filter((row) => row.getClientRects().length).map((row) => row.cells[0].textContent.trim())"
HOSTILE = [
    "</script><script>window.hit = 1</script>",
    '"><img src=x onerror="window.hit = 1"><svg onload="window.hit = 1">',
    "[a](javascript:window.hit=1) <a href='javascript:window.hit=1'>b</a> ![c](https://example.invalid/c.png)",
    "' onmouseover='window.hit=1' style='background:url(https://example.invalid/)",
    "\u202egnp.eman\u202c and {{ 7 * 7 }} {% raw %} <!-- ]]> &lt;b&gt;",
]


def _page(programme: Programme, out: Path) -> Path:
    programme.does("export", "html", "--out", str(out))
    return out


def test_nothing_is_asked_for_and_nothing_has_to_be_stopped(browser: Browser, page: Path) -> None:
    browser.opened(page)
    browser.asks("document.querySelectorAll('details').forEach((each) => { each.open = true; })")

    assert browser.stopped() == []
    assert browser.asks("return performance.getEntriesByType('resource').length") == 0
    assert browser.requested() == [page.as_uri()]


def test_the_policy_stops_what_would_be_put_into_the_page(browser: Browser, page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("</main>", '<img src="x.png"><script>window.hit = 1</script><p style="color: red">x</p></main>'), encoding="utf-8")
    browser.opened(page)

    assert browser.asks("return window.hit ?? 0") == 0
    assert sorted(each.split()[0] for each in browser.asks("return window.violations")) == ["img-src", "script-src-elem", "style-src-attr"]


def test_blockers_are_filtered_by_state_by_actor_and_by_words(browser: Browser, page: Path) -> None:
    browser.opened(page)
    everything = browser.asks(SHOWN)
    assert len(everything) == 7

    _choose(browser, "state", "engineering-closed")
    assert browser.asks(SHOWN) == ["FIX7-P0-PROD-CI-SCOPE-1", "FIX7-P0-DRYRUN-PROD-ROLLBACK-1"]
    _choose(browser, "state", "")
    _choose(browser, "actors", "operator")
    shown = browser.asks(SHOWN)
    assert 0 < len(shown) < 7
    assert "FIX7-P0-PLAN-REALRUN-1" not in shown
    _choose(browser, "text", "CI-SCOPE")
    assert browser.asks(SHOWN) == ["FIX7-P0-PROD-CI-SCOPE-1"]
    assert browser.asks("return document.querySelector('form[data-for=blocker-table] .shown').textContent") == "1 of 7 shown"
    _choose(browser, "text", "")
    _choose(browser, "actors", "")
    assert browser.asks(SHOWN) == everything


def _choose(browser: Browser, key: str, value: str) -> None:
    script = (
        "const each = document.querySelector(`form[data-for=blocker-table] [data-key=${arguments[0]}]`);"
        "each.value = arguments[1]; each.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    browser.asks(script, key, value)


def test_a_click_on_a_heading_sorts_and_another_turns_round(browser: Browser, page: Path) -> None:
    browser.opened(page)
    everything = browser.asks(SHOWN)
    click = "document.querySelectorAll('#blocker-table th button')[arguments[0]].click()"

    browser.asks(click, 0)
    assert browser.asks(SHOWN) == sorted(everything)
    browser.asks(click, 0)
    assert browser.asks(SHOWN) == sorted(everything, reverse=True)
    assert browser.asks("return document.querySelector('#blocker-table th').getAttribute('aria-sort')") == "descending"

    browser.asks("document.querySelector('#record-table th button').click()")
    numbers = browser.asks("return [...document.querySelectorAll('#record-table tbody tr')].map((row) => row.cells[0].textContent)")
    # Numbers are sorted as numbers: #10 stands behind #9.
    assert numbers == [f"#{number}" for number in range(25)]


@pytest.mark.parametrize("width", [320, 390, 768, 1200])
def test_the_page_is_as_wide_as_its_window_and_no_wider(browser: Browser, page: Path, width: int) -> None:
    browser.sized(width)
    browser.opened(page)
    browser.asks("document.querySelectorAll('details').forEach((each) => { each.open = true; })")

    assert browser.asks("return document.documentElement.scrollWidth") <= width
    beyond = "return [...document.querySelectorAll('main *')].filter((each) => !each.closest('.wide, pre, table') && each.getBoundingClientRect().right > innerWidth + 1).map((each) => each.outerHTML.slice(0, 80))"
    assert browser.asks(beyond) == []


def test_the_pictures_fit_a_phone_and_no_text_leaves_its_box(browser: Browser, page: Path) -> None:
    browser.sized(390)
    browser.opened(page)

    assert browser.asks("return [...document.querySelectorAll('svg.picture')].map((each) => each.getBoundingClientRect().right > innerWidth)") == [False] * 3
    outside = """return [...document.querySelectorAll('g.box')].flatMap((box) => {
      const frame = box.querySelector('rect').getBBox();
      return [...box.querySelectorAll('text')].filter((each) => { const text = each.getBBox(); return text.x + text.width > frame.x + frame.width || text.y + text.height > frame.y + frame.height; }).map((each) => each.textContent);
    })"""
    assert browser.asks(outside) == []
    assert browser.asks(
        "return [...document.querySelectorAll('svg.picture')].every((each) => document.getElementById(each.getAttribute('aria-labelledby').split(' ')[0]).textContent)"
    )


def test_dark_is_dark_and_every_text_stands_out_in_both(browser: Browser, page: Path) -> None:
    browser.opened(page)
    browser.asks("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    light, weakest = browser.asks("return getComputedStyle(document.body).backgroundColor"), browser.contrasts()
    browser.lit("dark")
    dark, weakest_in_the_dark = browser.asks("return getComputedStyle(document.body).backgroundColor"), browser.contrasts()

    assert (light, dark) == ("rgb(255, 255, 255)", "rgb(17, 21, 26)")
    assert len(weakest) > 200
    assert [each for each in (*weakest, *weakest_in_the_dark) if each[0] < 4.5] == []


def test_hostile_texts_are_shown_and_do_nothing(browser: Browser, tmp_path: Path) -> None:
    text = json.dumps(" ".join(HOSTILE))
    policy = f"""\
govern: 1
programme: {{id: HOSTILE, version: 1, title: {text}, host: {text}}}
policy: {{adopted_by: owner}}
actors: {{owner: {{kind: person}}, maker: {{kind: agent}}}}
scopes: {{work: {{says: {text}}}}}
lifecycles: {{use: standard-1}}
blocker_states: [{{state: closed, when: {{legs: all}}, closes: true}}, {{state: open}}]
lanes: {{main: {{scope: work, standing: true}}}}
grants: {{X: {{scope: work, issuer: owner, says: {text}}}}}
blockers: {{B: {{title: {text}, guards_nothing: {text}, no_preparation: {text}, legs: {{done: {{by: owner, evidence: {{attest: it}}, says: {text}}}}}}}}}
packets:
  first:
    title: {text}
    lane: main
    decided_by: owner
    lineage_gap: {text}
    options: [{{number: "1", id: STOP, hold: true, says: {text}}}, {{number: "2", id: GO, scope: work, says: {text}, requires: {{grant: X}}}}]
findings: {{F: {{result: unknown, by: owner, why: {text}}}}}
documents: {{state: {{shows: current-state, template: current-state.md.j2, path: governance/state.md}}}}
"""
    programme = start(tmp_path / "hostile", policy.replace("\\u202e", "").replace("\\u202c", ""))
    programme.does("packet", "issue", "first", "--as", "maker")
    programme.does("note", " ".join(HOSTILE), "--as", "maker")
    browser.opened(_page(programme, tmp_path / "hostile.html"))
    browser.asks("document.querySelectorAll('details').forEach((each) => { each.open = true; })")

    assert browser.asks("return window.hit ?? 0") == 0
    assert browser.asks("return document.querySelectorAll('script').length") == 1
    assert browser.asks("return document.querySelectorAll('img, iframe, object, embed, link, base, [style], [onload], [onerror], [onmouseover]').length") == 0
    assert browser.asks("return [...document.querySelectorAll('a')].every((each) => each.getAttribute('href').startsWith('#'))")
    assert browser.stopped() == []
    shown = browser.asks("return document.body.innerText")
    assert HOSTILE[0] in shown
    assert "\\u{202e}gnp.eman" in shown
    assert "\u202e" not in shown


def test_what_is_on_record_is_on_the_page(browser: Browser, tmp_path: Path) -> None:
    programme = copy_fix7(tmp_path / "fix7")
    programme.confirms("decide", HOLD, "--as", "owner")
    browser.opened(_page(programme, tmp_path / "page.html"))

    assert "HOLD (decided)" in browser.asks("return document.getElementById('decisions').innerText")
    assert "#25" in browser.asks("return document.getElementById('records').innerText")
