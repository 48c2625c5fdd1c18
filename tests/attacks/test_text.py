"""Attacks by text: what agents write, what templates would do, and secrets that get into what is kept for ever."""

import json
import re
import shutil
from pathlib import Path

import pytest

from govern.documents import templates
from govern.documents.templates import render
from govern.problems import Exit, GovernError
from support.attacks import Victim, key_folder, own
from support.cli import REAL_DUMP, SCOPING
from support.markdown import blocks

GATE = "FIX7-P0-PROD-CI-SCOPE-1/gate"
STATE = "governance/reports/current-state.md"
HANDED = "FIX7-P0-OPERATOR-INPUT-1/real-dump"


def discharge(file: str) -> tuple[str, ...]:
    """Return the words by which the operator proves the rehearsal on the real dump."""
    return "blocker", "discharge", REAL_DUMP, "--evidence", file, *own("operator")


def said(victim: Victim, says: str) -> None:
    """Have the operator bring evidence that says something, and the documents rendered."""
    file = victim.evidence("intake", "real-dump", HANDED, says=says)
    victim.does("blocker", "discharge", HANDED, "--evidence", file, *own("operator"))
    victim.does("render")


HOSTILE = {
    "bidi": "ok \u202edetresni\u202c",
    "zero width": "O\u200bK",
    "pipe": "a | b | signed |",
    "table": "a |\n| - | - |\n| owner | #1 (signed) | approved |",
    "html": "<img src=x onerror=alert(1)><!-- -->",
    "heading": "x\n# Approved by owner\n\n- [x] done",
    "link": "[approve](javascript:alert(1)) <https://evil.example> www.evil.example",
    "code": "``` \n</code>",
    "terminal": "\x1b[2J\x1b]0;title\x07\rApproved",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_row_46_what_somebody_writes_is_printed_inert_and_covered(name: str, real: Victim, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(real.root, tmp_path / "plain")
    shutil.copytree(tmp_path / "state", tmp_path / "elsewhere")
    plain = Victim(tmp_path / "plain")
    with monkeypatch.context() as there:
        there.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
        said(plain, "plain words")
    said(real, HOSTILE[name])
    text = (real.root / STATE).read_text(encoding="utf-8")
    assert blocks(text) == blocks((plain.root / STATE).read_text(encoding="utf-8"))
    assert re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", text + real.does("log").out) is None
    real.replace(STATE, "imported", "signed")
    real.meets("DRIFT_EDITED", by=("render", "--check"), status=Exit.NO)


@pytest.mark.parametrize("says", ["{{7*7}}", "{% for x in y %}", "{{ ''.__class__.__mro__ }}", "{# gone #}", "${7*7} #{7*7} %s {0}"])
def test_row_47_what_looks_like_a_template_in_a_text_is_printed_as_it_is(says: str, real: Victim) -> None:
    said(real, says)
    assert says in re.sub(r"\\([^A-Za-z0-9 ])", r"\1", (real.root / STATE).read_text(encoding="utf-8"))
    assert says in real.does("log", "-n", "1").out


CLAIMED = {
    "plain": "REAL_RUN_PASS",
    "zero width": "REAL\u200b_RUN\u2060_PASS",
    "bidi": "\u202eSSAP_NUR_LAER\u202c",
    "letters of other scripts": "RЕАL_RUΝ_РАЅЅ",
    "full width": "ＲＥＡＬ＿ＲＵＮ＿ＰＡＳＳ",
    "spaced out": "R E A L   R U N   P A S S",
    "another case": "Real run:\npass",
    "emphasis": "REAL_**RUN**_`PASS`",
    "html": "REAL<b>_RUN</b>&#95;PASS",
    "a heading": "x\n# REAL RUN PASS",
    "a denial": "There is no REAL_RUN_PASS.",
    "a forged mention": "\ue000REAL_RUN_PASS\ue001",
    "a template's word": "{{ 'REAL_RUN_PASS' }}",
}


@pytest.mark.parametrize("name", CLAIMED)
def test_row_46_and_47_what_somebody_writes_claims_nothing_that_nothing_supports(name: str, real: Victim) -> None:
    word = ("blocker", "discharge", SCOPING, "--attest", f"I say: {CLAIMED[name]}", *own("owner"))
    real.meets("CLAIM_UNSUPPORTED", by=word, status=Exit.REFUSED, told="`evidence.says` uses REAL_RUN_PASS")
    seq = real.forge("note", "engineering", {"text": CLAIMED[name]})
    real.meets("RECORD_NOT_ALLOWED", "CLAIM_UNSUPPORTED", seq=seq, told="`text` uses REAL_RUN_PASS")


FORBIDDEN = {
    "class walk": "{{ ''.__class__.__mro__ }}",
    "class walk by index": "{{ ''['__class__'] }}",
    "the attr filter": "{{ '' | attr('__class__') }}",
    "a call": "{{ title.upper() }}",
    "the loop's cycle": "{% for x in 'ab' %}{{ loop.cycle('a') }}{% endfor %}",
    "a power": "{{ 9 ** 9 ** 9 }}",
    "a product": "{{ 'x' * 1000000000 }}",
    "an import": "{% import 'os' as os %}",
    "an include": "{% include '/etc/passwd' %}",
    "an assignment": "{% set x = 1 %}",
    "a macro": "{% macro m() %}{% endmacro %}",
    "the default filter": "{{ nothing | default('approved') }}",
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_row_48_and_49_a_template_that_does_more_than_print_is_not_adopted(name: str, real: Victim) -> None:
    (real.root / "templates" / "evil.md.j2").write_text(f"# Title\n{FORBIDDEN[name]}\n", encoding="utf-8")
    codes = [each["code"] for each in real.run("check", "--json").answer["diagnostics"] if each["severity"] == "error"]
    assert set(codes) == {"TEMPLATE_FORBIDDEN"}
    ran = real.meets(*codes, by=("check",), status=Exit.NO)
    assert (ran.answer["diagnostics"][0]["file"], ran.answer["diagnostics"][0]["line"]) == ("templates/evil.md.j2", 2)
    real.meets(*codes, by=("policy", "adopt", "--reason", "x", *own("owner")), status=Exit.UNJUDGED)


BOMBS = {
    "four loops": "{% for a in '12' %}{% for b in '12' %}{% for c in '12' %}{% for d in '12' %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
    "a recursive loop": "{% for a in b recursive %}{% endfor %}",
    "a deep nest": "{% if a %}" * 40 + "{% endif %}" * 40,
    "a deep expression": "{{ " + "not " * 5000 + "a }}",
}


@pytest.mark.parametrize("name", BOMBS)
def test_row_48_a_template_that_nests_too_deep_is_not_adopted(name: str, real: Victim) -> None:
    (real.root / "templates" / "evil.md.j2").write_text(BOMBS[name], encoding="utf-8")
    codes = [each["code"] for each in real.run("check", "--json").answer["diagnostics"] if each["severity"] == "error"]
    assert set(codes) == {"TEMPLATE_LIMIT"}
    real.meets(*codes, by=("policy", "adopt", "--reason", "x", *own("owner")), status=Exit.UNJUDGED)


def test_row_48_a_template_that_prints_or_loops_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = "{% for a in x %}{% for b in x %}{% for c in x %}{% endfor %}{% endfor %}{% endfor %}"
    with pytest.raises(GovernError, match="takes more than 2000000 steps") as caught:
        render("evil.md.j2", rounds, {"x": range(1000)})
    assert [problem.code for problem in caught.value.problems] == ["TEMPLATE_LIMIT"]
    monkeypatch.setattr(templates, "MAX_OUTPUT", 1000)
    with pytest.raises(GovernError, match="prints more than 1000 characters") as caught:
        render("evil.md.j2", "{% for a in x %}xxxxxxxxxx{% endfor %}", {"x": range(1000)})
    assert [problem.code for problem in caught.value.problems] == ["TEMPLATE_LIMIT"]


def test_row_49_a_template_that_prints_what_is_not_there_prints_nothing(real: Victim) -> None:
    path = real.root / "templates" / "decision-packet.md.j2"
    path.write_text("# Packet\n{{ nothing_of_that_name }}\n", encoding="utf-8")
    real.replace("states.yaml", "id: FIX7-P0, version: 1", "id: FIX7-P0, version: 2")
    words = ("policy", "adopt", "--reason", "x", "--accept-weakening", *own("owner"))
    real.confirms(*words)
    real.meets("TEMPLATE_UNDEFINED", by=("render",), status=Exit.UNJUDGED, told="prints what is not there")


def test_row_49_a_template_that_prints_what_is_not_there_leaves_every_document_as_it_was(real: Victim) -> None:
    (real.root / "templates" / "current-state.md.j2").write_text("# State\n{{ nothing_of_that_name }}\n", encoding="utf-8")
    real.replace("states.yaml", "id: FIX7-P0, version: 1", "id: FIX7-P0, version: 2")
    real.confirms("policy", "adopt", "--reason", "x", "--accept-weakening", *own("owner"))
    real.meets("TEMPLATE_UNDEFINED", by=("render",), status=Exit.UNJUDGED, told="prints what is not there")


TOKENS = {
    "a private key": "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----",
    "an AWS access key": "AKIA" + "IOSFODNN7EXAMPLE",
    "a GitHub token": "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345",
    "a password in an address": "postgres://admin:hunter22@db.example/prod",
}


@pytest.mark.parametrize("name", TOKENS)
def test_row_55_a_secret_is_not_recorded_and_not_printed(name: str, real: Victim) -> None:
    secret = TOKENS[name]
    file = real.evidence("rehearsal", "real-dump", REAL_DUMP, log=secret)
    acts = (discharge(file), ("note", f"see {secret}", "--as", "gpt"), ("grant", "request", "QT001", "--reason", secret, "--as", "gpt"))
    for words in acts:
        ran = real.meets("SECRET_FOUND", by=words, status=Exit.REFUSED, told=name)
        plain = real.refuses(*words)
        for part in (secret, secret.splitlines()[-1], secret.partition("hunter")[2] or secret):
            assert part not in ran.out + ran.err + plain.out + plain.err
    assert json.loads((real.root / file).read_bytes())["rehearsal"]["log"] == secret


def test_row_55_a_private_key_that_is_enrolled_by_mistake_is_not_printed(real: Victim, tmp_path: Path) -> None:
    private = (key_folder() / "mallory").read_text(encoding="utf-8")
    (tmp_path / "mallory.pub").write_text(private, encoding="utf-8")
    words = ("key", "enroll", str(tmp_path / "mallory.pub"), "--for", "gpt", *own("owner"))
    ran = real.meets("KEY_TYPE", by=words, status=Exit.USAGE, told=f"{tmp_path}/mallory.pub: ")
    assert private.splitlines()[1] not in ran.out + ran.err


@pytest.mark.parametrize("file", ["states.yaml", "templates/decision-packet.md.j2"])
def test_row_55_a_secret_in_a_policy_or_a_template_is_not_adopted(file: str, real: Victim) -> None:
    old = "says: Production stays on hold." if file == "states.yaml" else "{% for"
    real.replace(file, old, f"{old.replace('Production', TOKENS['an AWS access key'])}" if file == "states.yaml" else f"{TOKENS['an AWS access key']} {old}")
    real.replace("states.yaml", "id: FIX7-P0, version: 1", "id: FIX7-P0, version: 2")
    words = ("policy", "adopt", "--reason", "x", "--accept-weakening", *own("owner"))
    told = "an AWS access key in line"
    for more in (("--dry-run",), ("--confirm", "25-0000000000")):
        ran = real.meets("SECRET_FOUND", by=(*words, *more), status=Exit.REFUSED, told=told)
        assert TOKENS["an AWS access key"] not in ran.out + ran.err
