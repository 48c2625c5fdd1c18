"""Several programmes at once: what waits for a person, and for an auditor where each stands."""

import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from govern.cli.across import ask_each, status_of
from govern.cli.memory import folder as memory
from govern.cli.options import Options
from govern.cli.policy_cache import Parsed
from govern.cli.programmes import Programme as OneOfSeveral
from govern.cli.programmes import programmes
from govern.cli.session import Session
from govern.problems import Exit
from support.cli import SCAFFOLD, Clock, Programme, Ran, copy_fix7, copy_keyless, copy_signed, fingerprint_of, key_of, keys, run_words, start
from support.disturbed import cut
from support.faults import HOSPITAL

_TEXT, _NUMBER, _WORDS = {"type": "string"}, {"type": "integer"}, {"type": "array", "items": {"type": "string"}}
_MAYBE = {"type": ["string", "null"]}


def _closed(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": list(properties), "properties": properties}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [{"type": "null"}, schema]}


_UNLOCKS = _or_null(_closed(options=_WORDS, lanes=_WORDS, actions=_WORDS, legs=_WORDS))
_AGAINST = _list(_closed(actor=_TEXT, why=_TEXT))
_HEAD = _closed(ledger=_TEXT, size=_NUMBER, root=_TEXT, last=_TEXT, at=_TEXT)
_OVERRIDES = ["signature-waiver", "separation-waiver", "refusal-overruled", "weakening", "outdated-word"]
_AUDITED = _closed(
    programme=_TEXT, title=_TEXT, head=_HEAD, pinned={"type": "boolean"}, actors=_WORDS,
    policy=_closed(version=_NUMBER, sha256=_TEXT, dirty=_WORDS),
    overrides=_list(_closed(kind={"enum": _OVERRIDES}, what=_TEXT, why=_TEXT, record={"type": ["integer", "null"]})),
    checkpoint=_or_null(_closed(size=_NUMBER, behind=_NUMBER, where=_TEXT)),
    keys={"type": "object", "additionalProperties": _TEXT},
    warnings=_list(_closed(code=_TEXT, message=_TEXT, help=_TEXT)),
)  # fmt: skip
_OPTION = _closed(option=_TEXT, number=_TEXT, missing=_NUMBER, unlocks=_UNLOCKS)
_WAITING = _closed(
    kind={"enum": ["decision", "grant", "evidence", "lane", "policy", "key", "run", "act"]}, what=_TEXT, command=_TEXT, by=_WORDS,
    not_today=_AGAINST, kept_out=_AGAINST, given=_WORDS, since=_MAYBE, unlocks=_UNLOCKS, options=_list(_OPTION),
)  # fmt: skip
_MINE = _closed(programme=_TEXT, title=_TEXT, head=_HEAD, actor=_MAYBE, waits=_list(_WAITING))
_PROBLEMS = _list(_closed(code=_TEXT, message=_TEXT, at=_MAYBE, help=_TEXT))


def _schema(view: str, row: dict[str, Any]) -> Draft202012Validator:
    programme = _closed(name=_TEXT, place=_TEXT, status={"enum": [0, 3, 5]}, problems=_PROBLEMS, row=_or_null(row))
    counts = {"unjudged": _NUMBER, "broken": _NUMBER}
    return Draft202012Validator(_closed(view={"const": view}, person=_MAYBE, as_of=_TEXT, programmes=_list(programme), **counts))


AUDIT, PERSON = _schema("audit", _AUDITED), _schema("person", _MINE)


def board(folder: Path, *words: str, status: int = 0) -> Ran:
    """Run a board over a folder; it must end with a status."""
    ran = run_words("board", str(folder), *words)
    assert ran.status == status, ran
    return ran


def audited(folder: Path, *words: str, status: int = 0) -> dict[str, Any]:
    """Return what an auditor is told, by the name of each programme."""
    answer = board(folder, "--json", "--audit", *words, status=status).answer["result"]
    AUDIT.validate(answer)
    return {each["name"]: each for each in answer["programmes"]}


def mine(folder: Path, *words: str, status: int = 0) -> dict[str, Any]:
    """Return what a person is told, by the name of each programme."""
    answer = board(folder, "--json", *words, status=status).answer["result"]
    PERSON.validate(answer)
    return {each["name"]: each for each in answer["programmes"]}


@pytest.fixture
def all_(tmp_path: Path) -> Path:
    """A folder of three programmes: the one of this repository, a scaffolded one, and one whose authorities are quorums."""
    folder = tmp_path / "all"
    copy_fix7(folder / "fix7")
    start(folder / "site").does("packet", "issue", "move", "--as", "builder")
    start(folder / "ward", HOSPITAL).does("packet", "issue", "inventory", "--as", "vendor")
    return folder


def test_an_auditor_is_told_the_head_and_the_policy_of_every_programme(all_: Path) -> None:
    (all_ / "notes").mkdir()
    (all_ / "readme.md").touch()
    rows = audited(all_)

    assert list(rows) == ["fix7", "site", "ward"]
    for name, told in rows.items():
        programme = Programme(all_ / name)
        assert (told["status"], told["problems"], told["place"]) == (0, [], str(all_ / name))
        verified, status = programme.asks("verify"), programme.asks("status")
        head, policy = told["row"]["head"], told["row"]["policy"]
        assert (head["size"], head["root"], head["last"], head["ledger"]) == tuple(verified[key] for key in ("records", "root", "last", "ledger"))
        assert (policy["version"], policy["sha256"], policy["dirty"]) == (status["policy_version"], status["policy_sha256"], [])
        assert told["row"]["programme"] == status["programme"]


def test_a_person_is_told_what_waits_for_them_with_what_it_would_unlock_and_since_when(all_: Path) -> None:
    rows = mine(all_, "--as", "owner")

    assert {name: (each["row"]["actor"], len(each["row"]["waits"])) for name, each in rows.items()} == {
        "fix7": ("owner", 13),
        "site": (None, 0),
        "ward": (None, 0),
    }
    waits, status = rows["fix7"]["row"]["waits"], Programme(all_ / "fix7").asks("status")
    assert [each["command"] for each in waits] == [each["command"] for each in status["next"] if "owner" in each["actors"]]
    decision = waits[0]
    assert (decision["kind"], decision["since"], decision["by"]) == ("decision", "2026-06-12T00:00:00Z", ["owner"])
    weighed = {each["option"]: (each["missing"], each["unlocks"]) for each in status["options"]}
    assert {each["option"]: (each["missing"], each["unlocks"]) for each in decision["options"]} == weighed


def test_what_waits_for_a_person_is_printed_with_commands_that_can_be_given_from_here(all_: Path) -> None:
    told = board(all_, "--as", "lead").out

    assert told.startswith("3 things wait for lead in 1 of 3 programmes\n\n")
    assert "\n  decide move; until then HOLD (default), STAY, since 2026-07-01T09:00:00Z (less than a minute)\n" in told
    assert f"\n      govern -C {all_ / 'site'} decide move/… --as lead\n" in told


def test_what_waits_longest_comes_first_and_what_keeps_everybody_is_told_once(all_: Path) -> None:
    copy_keyless(all_ / "old")
    told = board(all_, "--as", "owner").out

    assert told.index(f"({all_ / 'fix7'})") < told.index(f"({all_ / 'old'})")
    assert told.count("not today: ") == 1
    assert "\n  not today: the keys of owner, who may change the policy, come first; nothing is recorded before them\n" in told


def test_who_gave_a_word_waits_for_the_others_and_the_others_see_it(tmp_path: Path) -> None:
    site = start(tmp_path / "site", SCAFFOLD.replace("decided_by: lead", "decided_by: {all: [{of: lead}, {of: editor}]}"))
    site.does("packet", "issue", "move", "--as", "builder")

    def decisions(actor: str) -> list[list[str]]:
        return [each["given"] for each in mine(site.root, "--as", actor)["site"]["row"]["waits"] if each["kind"] == "decision"]

    assert (decisions("lead"), decisions("editor")) == ([[]], [[]])
    site.confirms("decide", "COPY", "--as", "lead")
    assert (decisions("lead"), decisions("editor")) == ([], [["lead"]])
    assert "; has the word of lead\n" in board(site.root, "--as", "editor").out


def test_a_key_is_whoever_holds_it_in_each_programme(tmp_path: Path) -> None:
    signed = copy_signed(tmp_path / "all" / "signed")
    copy_fix7(tmp_path / "all" / "waived")
    rows = mine(tmp_path / "all", *key_of("owner"))

    assert {name: each["row"]["actor"] for name, each in rows.items()} == {"signed": "owner", "waived": None}
    assert rows["signed"]["row"]["waits"] == mine(signed.root, "--as", "owner")["signed"]["row"]["waits"]
    assert audited(tmp_path / "all", *key_of("owner"))["signed"]["row"]["keys"][fingerprint_of("owner")] == "owner"


def test_a_name_or_a_key_that_nobody_has_is_no_answer(all_: Path) -> None:
    ran = board(all_, "--as", "ownr", status=2)
    assert "error UNKNOWN_ID: no programme declares an actor `ownr`" in ran.err
    assert "did you mean `owner`?" in ran.err
    assert "in no programme the key " in board(all_, "--key", str(keys() / "stranger"), status=2).err
    (all_ / "site" / "states.yaml").unlink()
    ran = board(all_, "--as", "ownr", status=3)
    assert ran.codes == ["UNKNOWN_ID"]
    assert ran.out.startswith("nothing waits for ownr in 3 programmes; 1 programme could not be judged\n")


def _without_policy(programme: Programme) -> None:
    programme.policy.unlink()


def _without_ledger(programme: Programme) -> None:
    shutil.rmtree(programme.ledger.parent)


def _faulty(programme: Programme) -> None:
    programme.does("mark", "M", "--as", "builder")
    programme.ledger.unlink()
    programme.ledger.mkdir()


def _flipped(programme: Programme) -> None:
    programme.ledger.write_bytes(programme.ledger.read_bytes().replace(b"builder", b"bui1der", 1))


def _unadopted(programme: Programme) -> None:
    programme.policy.write_bytes(programme.policy.read_bytes() + b"# edited\n")
    shutil.rmtree(programme.root / "governance" / "policy")


def _begun_anew(programme: Programme) -> None:
    programme.does("verify")
    shutil.rmtree(programme.root / "governance")
    other = start(programme.root.parent.parent / "other", SCAFFOLD)
    shutil.copytree(other.root / "governance", programme.root / "governance")


def _in_a_circle(programme: Programme) -> None:
    shutil.rmtree(programme.root)
    programme.root.symlink_to(programme.root)


@pytest.mark.parametrize(
    ("breaks", "status", "code"),
    [
        (_without_policy, 3, "NO_POLICY"),
        (_without_ledger, 3, "NO_LEDGER"),
        (_in_a_circle, 3, "NO_POLICY"),
        (_faulty, 5, "EVIDENCE_TYPE"),
        (cut, 5, "ROLLBACK"),
        (_flipped, 5, "CHAIN_BROKEN"),
        (_unadopted, 5, "POLICY_MISSING"),
        (_begun_anew, 5, "LEDGER_MISMATCH"),
    ],
)
def test_what_is_wrong_with_a_programme_is_told_and_stops_no_other(breaks: Callable[[Programme], None], status: int, code: str, all_: Path) -> None:
    before = audited(all_)
    breaks(Programme(all_ / "site"))
    ran = board(all_, "--json", status=status).answer
    AUDIT.validate(ran["result"])
    rows = {each["name"]: each for each in ran["result"]["programmes"]}

    assert (rows["site"]["status"], rows["site"]["row"], rows["site"]["problems"][0]["code"]) == (status, None, code)
    assert (ran["result"]["unjudged"], ran["result"]["broken"]) == ((1, 0) if status == 3 else (0, 1))
    assert {name: rows[name] for name in ("fix7", "ward")} == {name: before[name] for name in ("fix7", "ward")}
    assert ran["diagnostics"][0]["code"] == code
    assert str(all_ / "site") in f"{ran['diagnostics'][0]['file']} {ran['diagnostics'][0]['message']}"
    text = board(all_, status=status).out
    lines = text.splitlines()
    [at] = [number for number, line in enumerate(lines) if line.split() == ["site", "BROKEN" if status == 5 else "UNJUDGED", code]]
    assert lines[at + 1] == f"      {all_ / 'site'}"
    assert lines[at + 2].startswith(f"      {code}: ")
    told = board(all_, "--as", "owner", status=status).out
    assert f"could not be judged\n  site ({all_ / 'site'})\n    {code}: " in told


def test_where_one_is_broken_and_another_cannot_be_judged_the_status_is_that_of_the_broken_one(all_: Path) -> None:
    audited(all_)
    cut(Programme(all_ / "site"))
    _without_policy(Programme(all_ / "ward"))

    assert {name: each["status"] for name, each in audited(all_, status=5).items()} == {"fix7": 0, "site": 5, "ward": 3}


@pytest.mark.parametrize(
    ("error", "code"), [(ValueError("what nobody foresaw"), "BUG"), (PermissionError(13, "Permission denied", "x"), "FILE_IO"), (RecursionError(), "BUG")]
)
def test_an_error_that_nobody_foresaw_is_told_of_the_programme_that_met_it(error: Exception, code: str, all_: Path) -> None:
    def ask(programme: OneOfSeveral) -> str:
        if programme.name == "fix7":
            raise error
        return programme.session(Options(), Parsed()).view.policy.programme.id

    first, second, third = ask_each(Session(Options()), programmes([all_], Path()), ask)

    assert (first.answer, first.status, [each.code for each in first.problems]) == (None, Exit.UNJUDGED, [code])
    assert [(each.answer, each.status) for each in (second, third)] == [("WEBSITE-MOVE", Exit.YES), ("WARD-RECORDS", Exit.YES)]
    assert status_of([first, second, third]) is Exit.UNJUDGED


@pytest.mark.parametrize("name", ["a\nb", "[bold]x[red]", "-C", "a b $(c)", "\u202egnitide", "\x1b[31mred"])
def test_the_name_of_a_folder_makes_no_line_and_no_colour_and_stays_one_word_of_a_command(name: str, tmp_path: Path) -> None:
    copy_fix7(tmp_path / "all" / name)
    (tmp_path / "all" / "void" / "governance" / "ledger").mkdir(parents=True)
    lines = [board(tmp_path / "all", *words, status=3).out.splitlines() for words in ((), ("--as", "owner"))]
    plain = tmp_path / "plain"
    copy_fix7(plain / "x")
    (plain / "void" / "governance" / "ledger").mkdir(parents=True)

    assert [len(each) for each in lines] == [len(board(plain, *words, status=3).out.splitlines()) for words in ((), ("--as", "owner"))]
    assert all(character.isprintable() for each in lines for line in each for character in line)
    if name.isprintable():
        commands = [line.split(" decide ")[0].strip() for line in lines[1] if line.strip().startswith("govern -C")]
        assert shlex.split(commands[0]) == ["govern", "-C", str(tmp_path / "all" / name)]
    assert sweep_lines(tmp_path / "all") == sweep_lines(plain)


def sweep_lines(folder: Path) -> int:
    """Return how many lines a sweep prints."""
    return len(run_words("sweep", str(folder)).out.splitlines())


def test_without_a_folder_it_is_about_the_programme_here_from_wherever_in_it(all_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(all_ / "site" / "governance")
    told = run_words("board", "--json").answer["result"]["programmes"]
    assert [(each["name"], each["place"], each["row"]["programme"]) for each in told] == [("site", ".", "WEBSITE-MOVE")]
    told = run_words("-C", str(all_), "board", "site", "../all/ward", str(all_), "--json").answer["result"]["programmes"]
    assert [each["name"] for each in told] == ["site", "ward", "fix7"]
    monkeypatch.chdir(all_)
    assert [each["place"] for each in run_words("board", ".", "--json").answer["result"]["programmes"]] == ["fix7", "site", "ward"]


def test_a_folder_without_a_programme_is_told_and_one_that_is_not_there_is_refused(all_: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    rows = run_words("board", str(all_), str(tmp_path / "empty"), "--json")
    assert (rows.status, [each["problems"][:1] and each["problems"][0]["code"] for each in rows.answer["result"]["programmes"]]) == (
        3,
        [[], [], [], "NO_POLICY"],
    )
    ran = run_words("board", str(all_), str(tmp_path / "nowhere"))
    assert (ran.status, ran.out, ran.codes) == (2, "", ["NO_FOLDER"])


def test_working_files_that_are_not_adopted_are_told_and_have_no_effect(all_: Path) -> None:
    site = Programme(all_ / "site")
    adopted = audited(all_)["site"]["row"]["policy"]
    site.policy.write_bytes(site.policy.read_bytes() + b"# edited\n")
    name = min(path.name for path in (site.root / "templates").iterdir())
    (site.root / "templates" / name).write_text("other", encoding="utf-8")

    assert audited(all_)["site"]["row"]["policy"] == {**adopted, "dirty": ["states.yaml", f"templates/{name}"]}
    assert f"not adopted, without effect: states.yaml, templates/{name}" in board(all_).out


def adopt(programme: Programme, reason: str, *changed: tuple[str, str]) -> None:
    """Adopt the working policy with some words replaced, as the next version."""
    text = programme.policy.read_text(encoding="utf-8")
    version = programme.asks("status")["policy_version"]
    for old, new in ((f"version: {version}", f"version: {version + 1}"), *changed):
        assert old in text, old
        text = text.replace(old, new, 1)
    programme.policy.write_text(text, encoding="utf-8")
    programme.confirms("policy", "adopt", "--reason", reason, "--accept-weakening", "--as", "lead")


def test_what_is_let_pass_is_told_with_why_and_by_which_record(tmp_path: Path) -> None:
    site = start(tmp_path / "site")
    site.does("packet", "issue", "move", "--as", "builder")
    site.confirms("grant", "record", "CONTENT-FREEZE", "--as", "editor")
    waived = {"kind": "signature-waiver", "what": "a person's record counts without a signature", "why": "Nobody signs in these tests", "record": None}
    assert audited(site.root)["site"]["row"]["overrides"] == [waived]

    adopt(site, "The editor left.", ("scope: live, issuer: editor", "scope: live, issuer: lead"))
    [first, _weakened, word] = audited(site.root)["site"]["row"]["overrides"]
    assert first == waived
    assert word["what"] == "CONTENT-FREEZE#2 is on record by the word of editor"
    assert (word["kind"], word["why"], word["record"]) == ("outdated-word", "under version 2 that is for lead", 2)

    adopt(site, "One may do both.", ("decided_by: lead", "decided_by: lead\n    separation_waiver: There are two of us"))
    [_first, apart, weakened, _word] = audited(site.root)["site"]["row"]["overrides"]
    assert apart == {"kind": "separation-waiver", "what": "who prepared move may decide it", "why": "There are two of us", "record": 1}
    assert (weakened["kind"], weakened["why"], weakened["record"]) == ("weakening", "One may do both.", 4)
    assert weakened["what"].startswith("version 3 permits more than version 2: packets.move.separation_waiver: ")
    assert audited(site.root, "--full")["site"]["row"]["overrides"] == [waived, apart, weakened, _word]
    assert f"      {weakened['kind']}: {weakened['what']} (record #4): One may do both.\n" in board(site.root).out
    assert board(site.root, "--exit-code", status=1).status == 1


def test_a_decision_that_overruled_a_refusal_is_told_as_long_as_it_stands(tmp_path: Path) -> None:
    site = start(tmp_path / "site")
    site.does("packet", "issue", "move", "--as", "builder")

    def kinds() -> list[tuple[str, int | None]]:
        return [(each["kind"], each["record"]) for each in audited(site.root)["site"]["row"]["overrides"]]

    site.does("refuse", "COPY", "--reason", "Not before the summer.", "--as", "lead")
    assert kinds() == [("signature-waiver", None)]
    site.confirms("decide", "COPY", "--supersedes", "2", "--as", "lead")
    assert kinds() == [("signature-waiver", None), ("refusal-overruled", 3)]
    overruled = audited(site.root)["site"]["row"]["overrides"][1]
    assert (overruled["what"], overruled["why"]) == ("move/COPY was refused by record #2, and decided all the same", "Not before the summer.")
    site.confirms("decide", "STAY", "--as", "lead")
    assert kinds() == [("signature-waiver", None)]


def test_with_an_exit_code_what_waits_or_is_not_in_order_is_a_no(tmp_path: Path) -> None:
    keyless = copy_keyless(tmp_path / "all" / "keyless")
    board(keyless.root, "--exit-code")
    board(keyless.root, "--exit-code", "--as", "owner", status=1)
    board(keyless.root, "--exit-code", "--as", "gpt")
    keyless.policy.write_bytes(keyless.policy.read_bytes() + b"# edited\n")
    board(keyless.root, "--exit-code", status=1)


def test_a_ledger_that_is_not_pinned_here_is_told_as_that(tmp_path: Path) -> None:
    signed = copy_signed(tmp_path / "signed")
    assert audited(signed.root)["signed"]["row"]["pinned"] is True
    shutil.rmtree(memory())
    assert audited(signed.root)["signed"]["row"]["pinned"] is False
    told = board(signed.root).out
    assert told.startswith("1 programme, 1 not pinned here\n")
    assert f"not pinned on this machine: no owner's word counts here; govern -C {signed.root} ledger pin" in told


def test_evidence_that_was_changed_and_a_tail_that_is_torn_are_told(tmp_path: Path) -> None:
    fix7 = copy_fix7(tmp_path / "fix7")
    fix7.takes_in()
    fix7.kept("intake").write_text("other", encoding="utf-8")
    with fix7.ledger.open("ab") as stream:
        stream.write(b'{"at"')
    warned = audited(fix7.root)["fix7"]["row"]["warnings"]

    assert [each["code"] for each in warned] == ["TORN_TAIL", "EVIDENCE_DIGEST"]
    assert warned[1]["message"].startswith("governance/evidence/")


def test_the_newest_checkpoint_is_found_on_a_page_or_where_it_was_kept(tmp_path: Path) -> None:
    fix7 = copy_fix7(tmp_path / "fix7")
    page = "governance/reports/fix7-p0-production-rehearsal-only-rollback-checkpoint-2026-06-12.md"
    assert audited(fix7.root)["fix7"]["row"]["checkpoint"] == {"size": 19, "behind": 6, "where": page}
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "today").write_text(fix7.does("checkpoint").out, encoding="utf-8")
    (tmp_path / "kept" / "noise").write_bytes(b"govern/\xff\n")
    (tmp_path / "kept" / "folder").mkdir()
    kept = ("--checkpoints", str(tmp_path / "kept"))
    where = str(tmp_path / "kept" / "today")
    assert audited(fix7.root, *kept)["fix7"]["row"]["checkpoint"] == {"size": 25, "behind": 0, "where": where}
    assert "  checkpoint is the head\n" in board(fix7.root, *kept).out
    fix7.does("note", "more", "--as", "owner")
    assert audited(fix7.root, *kept)["fix7"]["row"]["checkpoint"] == {"size": 25, "behind": 1, "where": where}
    (fix7.root / page).unlink()
    assert audited(fix7.root)["fix7"]["row"]["checkpoint"] is None
    assert board(fix7.root, "--checkpoints", str(tmp_path / "nowhere"), status=2).codes == ["NO_FOLDER"]


@pytest.mark.parametrize(("lines", "code"), [(24, "ROLLBACK"), (26, "FORK")])
def test_a_ledger_that_left_a_checkpoint_is_broken_also_on_a_machine_that_never_saw_it(lines: int, code: str, tmp_path: Path) -> None:
    fix7, kept = copy_fix7(tmp_path / "fix7"), tmp_path / "kept"
    shutil.copytree(fix7.root, tmp_path / "before")
    kept.mkdir()
    fix7.does("note", "here", "--as", "owner")
    (kept / "head").write_text(fix7.does("checkpoint").out, encoding="utf-8")
    shutil.rmtree(memory())
    other = Programme(tmp_path / "before")
    for _ in range(lines - 25):
        other.does("note", "there", "--as", "owner")
    told = audited(other.root, "--checkpoints", str(kept), status=5)["before"]

    assert [each["code"] for each in told["problems"]] == [code]
    assert f"the checkpoint in {kept / 'head'}" in told["problems"][0]["message"]


@pytest.mark.parametrize(("size", "code"), [("18", "FORK"), ("26", "ROLLBACK")])
def test_a_page_that_the_ledger_does_not_go_on_from_is_told_and_believed_no_more_than_the_ledger(size: str, code: str, tmp_path: Path) -> None:
    fix7 = copy_fix7(tmp_path / "fix7")
    fix7.replace("governance/reports/fix7-p0-production-rehearsal-only-rollback-checkpoint-2026-06-12.md", "\n19\n", f"\n{size}\n")
    told = audited(fix7.root)["fix7"]

    assert (told["status"], told["row"]["checkpoint"], [each["code"] for each in told["row"]["warnings"]]) == (0, None, [code])
    assert "the checkpoint in governance/reports/" in told["row"]["warnings"][0]["message"]
    board(fix7.root, "--exit-code", status=1)


def test_a_board_of_a_past_moment_says_what_was_so_then(all_: Path, clock: Clock) -> None:
    before = audited(all_)["fix7"]["row"]
    clock.set("2026-07-02T09:00:00Z")
    Programme(all_ / "fix7").does("note", "more", "--as", "owner")

    assert audited(all_ / "fix7", "--as-of", "2026-07-01T12:00:00Z")["fix7"]["row"] == before
    told = audited(all_, "--as-of", "2026-06-20T00:00:00Z", status=3)
    assert [(name, [each["code"] for each in row["problems"]]) for name, row in told.items()] == [("fix7", []), ("site", ["AS_OF"]), ("ward", ["AS_OF"])]
