"""What a version of the policy does to what is open, in one programme and across several."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from support.cli import SCAFFOLD, Clock, Programme, Ran, copy_fix7, copy_signed, run_words, start

_TEXT, _NUMBER, _MAYBE = {"type": "string"}, {"type": "integer"}, {"type": ["string", "null"]}
_COUNT = {"type": ["integer", "null"]}


def _closed(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": list(properties), "properties": properties}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_CAUSE = _closed(id=_TEXT, kind=_TEXT, satisfied={"const": False}, cause=_TEXT, why=_TEXT, by=_list(_TEXT), how=_MAYBE, at=_TEXT, record=_COUNT, via=_MAYBE)
_STANDING = {"enum": ["holds", "fails", "unknown", "undeclared"]}
_KINDS = ["option", "action", "blocker", "leg", "lane", "grant", "claim", "decision", "word"]
_CHANGE = _closed(kind={"enum": _KINDS}, name=_TEXT, was=_MAYBE, before=_STANDING, after=_STANDING, stricter={"type": "boolean"}, causes=_list(_CAUSE))
_VERSION = _closed(version=_NUMBER, sha256=_TEXT, record=_COUNT)
_WARNING = _closed(code=_TEXT, message=_TEXT, help=_TEXT)
_ROW = _closed(programme=_TEXT, before=_VERSION, after=_VERSION, changes=_list(_CHANGE), warnings=_list(_WARNING))
_PROBLEM = _closed(code=_TEXT, message=_TEXT, at=_MAYBE, help=_TEXT)
_PROGRAMME = _closed(name=_TEXT, place=_TEXT, status={"enum": [0, 3, 5]}, problems=_list(_PROBLEM), row={"anyOf": [{"type": "null"}, _ROW]})
SWEPT = Draft202012Validator(_closed(stricter=_NUMBER, looser=_NUMBER, unjudged=_NUMBER, broken=_NUMBER, programmes=_list(_PROGRAMME)))

TIGHTER = ("{attest: pages-complete}, says", "{attest: pages-read-twice}, says")
OTHER_ISSUER = ("issuer: editor, says", "issuer: lead, says")


def sweep(folder: Path, *words: str, status: int = 0) -> Ran:
    """Run a sweep over a folder; it must end with a status, and write nothing."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    ran = run_words("sweep", str(folder), *words)
    assert ran.status == status, ran
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    return ran


def swept(folder: Path, *words: str, status: int = 0) -> dict[str, Any]:
    """Return what a sweep finds, by the name of each programme."""
    answer = sweep(folder, "--json", *words, status=status).answer["result"]
    SWEPT.validate(answer)
    changes = [change for each in answer["programmes"] if each["row"] for change in each["row"]["changes"]]
    assert (answer["stricter"], answer["looser"]) == (sum(each["stricter"] for each in changes), sum(not each["stricter"] for each in changes))
    return {each["name"]: each for each in answer["programmes"]}


def changed(told: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return what changed in a programme, by its kind and name."""
    return {f"{each['kind']} {each['name']}": (each["before"], each["after"]) for each in told["row"]["changes"]}


def edited(programme: Programme, *changes: tuple[str, str]) -> Path:
    """Write the next version of a programme's policy to a file beside it; return the file."""
    text = programme.policy.read_text(encoding="utf-8")
    version = programme.asks("status")["policy_version"]
    for old, new in ((f"version: {version}", f"version: {version + 1}"), *changes):
        assert old in text, old
        text = text.replace(old, new, 1)
    file = programme.root.parent / f"{programme.root.name}-next.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def adopt(programme: Programme, *changes: tuple[str, str]) -> None:
    """Adopt the next version."""
    programme.policy.write_bytes(edited(programme, *changes).read_bytes())
    programme.confirms("policy", "adopt", "--reason", "it must change", "--accept-weakening", "--as", "lead")


@pytest.fixture
def site(tmp_path: Path) -> Programme:
    """The scaffolded programme, with its packet issued, the editor's word and a grant of theirs on record."""
    programme = start(tmp_path / "all" / "site")
    programme.does("packet", "issue", "move", "--as", "builder")
    programme.does("blocker", "discharge", "CONTENT/signed-off", "--attest", "They are complete.", "--as", "editor")
    programme.confirms("grant", "record", "CONTENT-FREEZE", "--as", "editor")
    return programme


def test_where_no_version_was_adopted_there_is_nothing_to_hold_against_it(site: Programme) -> None:
    told = swept(site.root)["site"]

    assert told["row"]["before"] == told["row"]["after"]
    assert (told["row"]["after"]["version"], told["row"]["after"]["record"], told["row"]["changes"]) == (1, None, [])
    assert sweep(site.root).out == (
        f"1 programme: nothing changed\n\nsite ({site.root}): version 1, and no other to hold against it\n  nothing that is open is judged differently\n"
    )


def test_after_a_policy_was_tightened_all_that_no_longer_holds_is_told_with_who_must_act(site: Programme) -> None:
    adopt(site, TIGHTER, OTHER_ISSUER)
    told = swept(site.root, status=1)["site"]

    assert changed(told) == {
        "leg CONTENT/signed-off": ("holds", "fails"),
        "word CONTENT-FREEZE#3 is on record": ("holds", "fails"),
    }
    [leg, word] = told["row"]["changes"]
    assert [(each["cause"], each["by"], each["how"]) for each in leg["causes"]] == [
        ("stale", ["editor"], 'govern blocker discharge CONTENT/signed-off --attest "…" --as editor')
    ]
    assert [(each["cause"], each["by"], each["record"]) for each in word["causes"]] == [("unauthorised", ["lead"], 3)]
    assert (told["row"]["before"]["version"], told["row"]["after"]["version"], told["row"]["after"]["record"]) == (1, 2, 4)
    text = sweep(site.root, status=1).out
    assert text.startswith(
        f"1 programme: 2 no longer hold, 0 hold now and did not before\n\nsite ({site.root}): version 1 against version 2, adopted by record #4\n  no longer:\n"
    )
    assert "\n    leg CONTENT/signed-off: holds under version 1, fails under version 2\n      stale  editor's word that the pages are complete: " in text


def test_what_was_loosened_is_told_and_is_no_reason_to_fail(site: Programme) -> None:
    site.confirms("lane", "open", "go-live", "--as", "lead")
    asked = [f"            - {{{each}}}\n" for each in ("leg: ROLLBACK/rehearsed", "leg: CONTENT/compared", "grant: SWITCH")]
    promise = "  switch-needs-rollback: {never: {selecting: SWITCH-OVER}, unless: {leg: ROLLBACK/rehearsed}}\n"
    adopt(site, *((each, "") for each in (*asked, promise)), ("can take over again\n", "can take over again\n    guards_nothing: It is shown.\n"))
    told = swept(site.root)["site"]

    assert changed(told) == {"option move/SWITCH-OVER": ("fails", "holds")}
    assert [each["id"] for each in told["row"]["changes"][0]["causes"]] == ["leg:ROLLBACK/rehearsed", "leg:CONTENT/compared", "grant:SWITCH"]
    assert "  now, and not before:\n    option move/SWITCH-OVER: fails under version 1, holds under version 2\n" in sweep(site.root).out


def test_a_version_that_is_not_adopted_is_asked_of_without_being_adopted(site: Programme) -> None:
    told = swept(site.root, "--policy", str(edited(site, TIGHTER)), status=1)["site"]

    assert changed(told) == {"leg CONTENT/signed-off": ("holds", "fails")}
    assert (told["row"]["after"]["version"], told["row"]["after"]["record"]) == (2, None)
    assert site.asks("status")["policy_version"] == 1
    assert "version 1 against version 2, which is not adopted\n" in sweep(site.root, "--policy", str(edited(site, TIGHTER)), status=1).out
    assert changed(swept(site.root, "--policy", str(site.policy))["site"]) == {}


def test_what_is_asked_of_is_what_adopting_it_then_does(site: Programme) -> None:
    before = swept(site.root, "--policy", str(edited(site, TIGHTER, OTHER_ISSUER)), status=1)["site"]
    adopt(site, TIGHTER, OTHER_ISSUER)

    assert changed(swept(site.root, status=1)["site"]) == changed(before)


def test_several_versions_are_held_against_the_one_of_any_moment(site: Programme, clock: Clock) -> None:
    site.does("mark", "before", "--as", "builder")
    clock.set("2026-07-02T09:00:00Z")
    adopt(site, TIGHTER)
    clock.set("2026-07-03T09:00:00Z")
    adopt(site, OTHER_ISSUER)

    assert list(changed(swept(site.root, status=1)["site"])) == ["word CONTENT-FREEZE#3 is on record"]
    both = ["leg CONTENT/signed-off", "word CONTENT-FREEZE#3 is on record"]
    for since in ("@before", "#4", "2026-07-01T12:00:00Z"):
        assert list(changed(swept(site.root, "--since", since, status=1)["site"])) == both
    assert swept(site.root, "--since", "#6")["site"]["row"]["changes"] == []
    told = swept(site.root, "--since", "@before", "--policy", str(edited(site, (TIGHTER[1], TIGHTER[0]))), status=1)["site"]
    assert (list(changed(told)), told["row"]["before"]["version"], told["row"]["after"]["version"]) == (["word CONTENT-FREEZE#3 is on record"], 1, 4)


def test_a_decision_that_stood_and_would_not_stand_any_more_is_told(tmp_path: Path) -> None:
    fix7 = copy_fix7(tmp_path / "fix7")
    fix7.confirms("decide", "2", "--as", "owner")
    guard = ("        scope: clone-handoff\n", "        scope: clone-handoff\n        requires: {all: [{leg: FIX7-P0-PROD-OPT4-1/scoping}]}\n")
    told = changed(swept(fix7.root, "--policy", str(edited(fix7, guard)), status=1)["fix7"])

    name = "final-real-data/AUTHORIZE_OPERATOR_REAL_DATA_CLONE_HANDOFF"
    assert told == {f"option {name}": ("holds", "fails"), f"decision {name}": ("holds", "fails"), "lane real-data-clone": ("holds", "fails")}


def test_what_cannot_be_judged_is_told_and_stops_no_other(site: Programme) -> None:
    adopt(site, TIGHTER)
    other = start(site.root.parent / "other", SCAFFOLD.replace("WEBSITE-MOVE", "ANOTHER-MOVE"))
    cut = start(site.root.parent / "cut")
    cut.does("mark", "M", "--as", "builder")
    (site.root.parent / "void" / "governance" / "ledger").mkdir(parents=True)
    folder = site.root.parent
    told = swept(folder, status=3)
    assert {name: (each["status"], [one["code"] for one in each["problems"]]) for name, each in told.items()} == {
        "cut": (0, []), "other": (0, []), "site": (0, []), "void": (3, ["NO_POLICY"]),
    }  # fmt: skip
    assert list(changed(told["site"])) == ["leg CONTENT/signed-off"]

    cut.ledger.write_bytes(b"".join(cut.ledger.read_bytes().splitlines(keepends=True)[:-1]))
    told = swept(folder, "--policy", str(edited(site)), status=5)
    assert {name: [one["code"] for one in each["problems"]] for name, each in told.items()} == {
        "cut": ["ROLLBACK"], "other": ["POLICY_OTHER"], "site": [], "void": ["NO_POLICY"],
    }  # fmt: skip
    assert told["other"]["problems"][0]["message"] == "version 3 is of programme WEBSITE-MOVE, and this is ANOTHER-MOVE"
    assert swept(other.root, "--since", "@nothing", status=3)["other"]["problems"][0]["code"] == "AS_OF"
    assert f"could not be judged\n  other ({other.root})\n    AS_OF: there is no mark `@nothing`" in sweep(other.root, "--since", "@nothing", status=3).out


@pytest.mark.parametrize(("text", "status", "code"), [(None, 2, "FILE_IO"), ("govern: 1\n", 3, "POLICY_MISSING_KEY")])
def test_a_version_that_cannot_be_read_is_no_version(text: str | None, status: int, code: str, site: Programme, tmp_path: Path) -> None:
    file = tmp_path / "next.yaml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    ran = sweep(site.root, "--policy", str(file), status=status)

    assert ran.out == ""
    assert code in ran.codes


def test_a_ledger_that_is_not_pinned_here_is_told_with_what_was_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signed = copy_signed(tmp_path / "signed")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))

    assert [each["code"] for each in swept(signed.root)["signed"]["row"]["warnings"]] == ["LEDGER_UNPINNED"]
    assert "\n  LEDGER_UNPINNED: ledger " in sweep(signed.root).out
