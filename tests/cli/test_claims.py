"""Claims on the command line: asked about, refused in records, evidence, seals and pages, by commands that say who could support them."""

import json
import shutil
from pathlib import Path

import pytest

from govern.canonical import encode
from govern.problems import Exit
from support.cli import Programme, start
from support.policies import one_option
from support.sealed import write_parts

GATE = "FIX7-P0-PROD-CI-SCOPE-1/gate"
SCOPING = "FIX7-P0-PROD-OPT4-1/scoping"
FINDING = "ci-seal-vs-bytes"
HANDED = "FIX7-P0-OPERATOR-INPUT-1/real-dump"
PASSES = ("finding", FINDING, "pass", "--why", "Each byte is as it was.", "--as", "operator")
FAILS = ("finding", FINDING, "fail", "--why", "A byte was changed.", "--as", "operator")
STATE = "governance/reports/current-state.md"


def test_a_claim_is_asked_about_like_anything_else(fix7: Programme) -> None:
    found = fix7.asks("why-blocked", "PRODUCTION_PASS")
    assert (found["kind"], found["allowed"]) == ("claim", False)
    assert [(each["id"], each["how"]) for each in found["requirements"]] == [("done:production-mutation", "govern why-blocked production-mutation")]
    assert fix7.does("show", "SEALED").out.startswith("claim SEALED: not supported\n  declared at states.yaml:")
    fix7.does(*PASSES)
    assert fix7.asks("show", "SEALED")["standing"] == "supported"
    assert "finding ci-seal-vs-bytes is pass" in fix7.does("why", "SEALED").out


def test_a_near_miss_of_a_claim_is_told_apart(fix7: Programme) -> None:
    ran = fix7.refuses("why-blocked", "PRODUCTION_PAS", status=2)
    assert "did you mean `PRODUCTION_PASS`?" in ran.err


@pytest.mark.parametrize("spelled", ["REAL_RUN_PASS", "Real run: pass", "REAL\u200b_RUN_РАЅЅ", "R E A L - R U N - P A S S"])
def test_what_somebody_says_uses_no_unsupported_claim(fix7: Programme, spelled: str) -> None:
    ran = fix7.refuses("blocker", "discharge", SCOPING, "--attest", f"It is {spelled}", "--as", "owner")
    assert "`evidence.says` uses REAL_RUN_PASS" in ran.err
    assert "govern why-blocked REAL_RUN_PASS" in ran.err
    failed = fix7.run("blocker", "reopen", GATE, "--reason", f"It is {spelled}", "--as", "engineering", "--json")
    assert failed.status == Exit.REFUSED
    assert [each["code"] for each in failed.answer["diagnostics"]] == ["CLAIM_UNSUPPORTED"]
    assert failed.answer["result"]["requirements"][0]["id"] == "claim:REAL_RUN_PASS"


def test_support_makes_it_pass_and_revoked_support_stops_the_next_rendering(fix7: Programme) -> None:
    fix7.refuses("blocker", "discharge", SCOPING, "--attest", "The gate is SEALED.", "--as", "owner")
    fix7.does(*PASSES)
    fix7.does("blocker", "discharge", SCOPING, "--attest", "The gate is SEALED.", "--as", "owner")
    fix7.does("render")
    assert "The gate is SEALED." in (fix7.root / STATE).read_text(encoding="utf-8")
    fix7.does("render", "--check")

    seq = fix7.records() - 1
    fix7.does(*FAILS)

    ran = fix7.refuses("render", status=Exit.NO)
    assert ran.codes == ["CLAIM_UNSUPPORTED"]
    assert f"would use SEALED, and nothing supports it now; it is the word of owner (record #{seq})" in ran.err
    assert "help: by operator: govern why-blocked SEALED" in ran.err
    # What was rendered while it was supported can be rendered again as of then, and is out of date.
    assert fix7.run("render", "--check").status == Exit.NO
    fix7.does("verify")


POLICY = one_option(
    "{finding: sound, is: pass}",
    claims="{TRIED_WELL: {needs: {leg: B/tried}}}",
    blockers="{B: {guards_nothing: It is a sample., legs: {tried: {by: agent, evidence: {attest: trial}}}}}",
    findings="{sound: {result: unknown, by: owner, why: Nobody has looked.}}",
)


def test_a_packet_that_claims_stands_in_the_way_of_every_decision_but_hold(tmp_path: Path) -> None:
    programme = start(tmp_path / "small", POLICY)
    programme.does("packet", "issue", "ask", "--as", "robot")
    programme.does("blocker", "discharge", "B/tried", "--attest", "I tried.", "--as", "agent")
    programme.does("finding", "sound", "fail", "--why", "It is TRIED_WELL, and not sound.", "--as", "owner")
    assert "It is TRIED" in programme.does("packet", "ask").out
    programme.does("blocker", "reopen", "B/tried", "--reason", "The log was of another day.", "--as", "agent")

    assert programme.refuses("packet", "ask", status=Exit.NO).codes == ["CLAIM_UNSUPPORTED"]
    assert programme.refuses("decide", "ask/GO", "--dry-run", "--as", "owner").codes == ["CLAIM_UNSUPPORTED"]
    programme.confirms("decide", "ask/STOP", "--as", "owner")


@pytest.mark.parametrize("text", ["SEALED", "S\\u0045ALED", "ЅEАLED"])
def test_evidence_that_uses_an_unsupported_claim_is_not_taken_in(fix7: Programme, text: str) -> None:
    (fix7.root / "word.json").write_text(
        json.dumps({"schema": "govern.evidence/1", "kind": "attest", "of": "opt4-scoping", "legs": [SCOPING], "result": "TEXT"}).replace("TEXT", text),
        encoding="utf-8",
    )
    ran = fix7.refuses("blocker", "discharge", SCOPING, "--evidence", "word.json", "--as", "owner")
    assert ran.codes == ["CLAIM_UNSUPPORTED"]
    assert "word.json:1:1: error CLAIM_UNSUPPORTED: uses SEALED" in ran.err
    assert "by operator: govern why-blocked SEALED; evidence mentions a claim in its field `without`" in ran.err
    fix7.does(*PASSES)
    fix7.does("blocker", "discharge", SCOPING, "--evidence", "word.json", "--as", "owner")


def test_what_evidence_only_mentions_stands_in_a_field_of_its_own(fix7: Programme) -> None:
    given = ("blocker", "discharge", SCOPING, "--as", "owner", "--evidence")
    assert fix7.does(*given, fix7.evidence("attest", "opt4-scoping", SCOPING, without=["SEALED", "PRODUCTION_PASS"]))
    for wrong, told in (
        (["SEALED", "Sealed"], "`without` names Sealed, and declared are PRODUCTION_PASS, REAL_RUN_PASS, CUTOVER_PASS, SEALED"),
        ("SEALED", "`without` is no list of claims"),
        ([["SEALED"]], "`without` names ['SEALED'], and declared are"),
    ):
        ran = fix7.refuses(*given, fix7.evidence("attest", "opt4-scoping", SCOPING, without=wrong), status=3)
        assert (ran.codes, told in ran.err) == (["EVIDENCE_FORMAT"], True)
    inner = fix7.evidence("attest", "opt4-scoping", SCOPING, inner={"without": ["SEALED"]})
    assert fix7.refuses(*given, inner).codes == ["CLAIM_UNSUPPORTED"]


def test_evidence_nested_deeper_than_a_function_can_go_is_searched_too(fix7: Programme) -> None:
    deep: object = "SEALED"
    for _ in range(400):
        deep = [deep]
    ran = fix7.refuses("blocker", "discharge", SCOPING, "--as", "owner", "--evidence", fix7.evidence("attest", "opt4-scoping", SCOPING, deep=deep))
    assert ran.codes == ["CLAIM_UNSUPPORTED"]


PARTS = {"note.txt": b"one\nnothing is claimed\n", "data.json": b'{"a": 1}\n'}


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("said.txt", b"one\nPRODUCTION PASS\n", 2),
        ("said.json", b'{"a": "\\u0050RODUCTION_PASS"}', 1),
        ("data.bin", b"\x00\x01\x02\x03PRODUCTION_PASS\x00\x01", 1),
        ("PRODUCTION_PASS.txt", b"nothing\n", 1),
        ("logs/production-pass/log.txt", b"nothing\n", 1),
    ],
)
def test_a_folder_in_which_a_file_claims_is_not_sealed(fix7: Programme, name: str, content: bytes, line: int) -> None:
    write_parts(fix7.root / "governance" / "evidence" / "sample", {**PARTS, name: content})
    ran = fix7.refuses("seal", "governance/evidence/sample")
    assert ran.codes == ["CLAIM_UNSUPPORTED"]
    assert f"governance/evidence/sample/{name}:{line}:1: error CLAIM_UNSUPPORTED: uses PRODUCTION_PASS" in ran.err


def test_evidence_in_a_sealed_folder_mentions_claims_in_its_field(fix7: Programme) -> None:
    mention = json.dumps({"schema": "govern.evidence/1", "kind": "probe", "without": ["PRODUCTION_PASS"]}).encode()
    write_parts(fix7.root / "governance" / "evidence" / "sample", {**PARTS, "probe.json": mention})
    fix7.does("seal", "governance/evidence/sample")
    other = mention.replace(b"govern.evidence/1", b"another/1")
    write_parts(fix7.root / "governance" / "evidence" / "other", {**PARTS, "probe.json": other})
    fix7.refuses("seal", "governance/evidence/other")


def test_a_folder_that_was_sealed_elsewhere_is_not_taken_in_for_a_leg(fix7: Programme) -> None:
    fix7.does("blocker", "reopen", GATE, "--reason", "It is shown anew.", "--as", "engineering")
    folder = fix7.root / "governance" / "evidence" / "sample"
    write_parts(folder, {**PARTS, "said.md.txt": b"The gate is SEALED.\n"})
    fix7.does(*PASSES)
    fix7.does("seal", "governance/evidence/sample", "--leg", GATE)
    fix7.does(*FAILS)
    discharge = ("blocker", "discharge", GATE, "--evidence", "governance/evidence/sample/MANIFEST.json", "--as", "engineering")
    ran = fix7.refuses(*discharge)
    assert ran.codes == ["CLAIM_UNSUPPORTED"]
    assert "said.md.txt:1:1" in ran.err
    fix7.does(*PASSES)
    fix7.does(*discharge)


def test_before_there_is_a_ledger_nothing_is_supported(fix7: Programme) -> None:
    shutil.rmtree(fix7.root / "governance" / "ledger")
    write_parts(fix7.root / "governance" / "evidence" / "sample", {**PARTS, "said.txt": b"SEALED"})
    ran = fix7.refuses("seal", "governance/evidence/sample")
    assert "there is no ledger, so nothing is supported" in ran.err


def test_validate_fails_evidence_of_a_rehearsal_that_claims(fix7: Programme) -> None:
    file = fix7.evidence("rehearsal", "toy", "FIX7-P0-DRYRUN-PROD-ROLLBACK-1/toy")
    assert fix7.run("validate", file).status == Exit.YES
    path = fix7.root / file
    found = json.loads(path.read_bytes())
    found["rehearsal"]["source"]["name"] = "a SEALED copy"
    path.write_bytes(encode(found).encode() + b"\n")
    ran = fix7.run("validate", file)
    assert ran.status == Exit.NO
    assert "claim-unsupported: it uses SEALED, and nothing supports it now" in ran.out


def test_check_tells_of_claims_in_texts_and_templates(fix7: Programme) -> None:
    fix7.replace("states.yaml", "Readiness work only", "No PRODUCTION_PASS")
    fix7.replace("templates/blocker-map.md.j2", "## Legs", "## SEALED legs")
    ran = fix7.run("check")
    assert ran.status == Exit.NO
    assert ran.codes == ["POLICY_CLAIM", "TEMPLATE_CLAIM"]


def test_a_template_that_claims_is_not_adopted(fix7: Programme) -> None:
    fix7.replace("states.yaml", "version: 1,", "version: 2,")
    fix7.replace("templates/blocker-map.md.j2", "## Legs", "## SEALED legs")
    ran = fix7.refuses("policy", "adopt", "--reason", "It reads better.", "--as", "owner", "--dry-run", status=3)
    assert ran.codes == ["TEMPLATE_CLAIM"]


@pytest.mark.parametrize(("heading", "code"), [("## SEALED legs", "TEMPLATE_CLAIM"), ("## {% import 'legs' as legs %}", "TEMPLATE_FORBIDDEN")])
def test_a_ledger_is_not_begun_with_a_template_that_could_not_be_adopted(heading: str, code: str, tmp_path: Path, fix7: Programme) -> None:
    shutil.copytree(fix7.root / "templates", tmp_path / "new" / "templates")
    shutil.copy(fix7.policy, tmp_path / "new" / "states.yaml")
    new = Programme(tmp_path / "new")
    new.replace("templates/blocker-map.md.j2", "## Legs", heading)
    ran = new.run("init")
    assert (ran.status, ran.codes, new.ledger.exists()) == (3, [code], False)


def test_claims_are_explained(fix7: Programme) -> None:
    assert "A claim is a token that may be used only where something supports it" in fix7.does("explain", "claims").out
    assert "whatever its spelling" in fix7.does("explain", "CLAIM_UNSUPPORTED").out
