"""`gate --attest`: the answer as an in-toto statement with SLSA's summary of a verification, which others can check."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from govern.canonical import digest, encode
from govern.cli.signing import ssh_keygen
from govern.problems import Exit
from support.cli import REAL_DUMP, Programme, keys

_SHA256 = {"type": "object", "required": ["sha256"], "properties": {"sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"}}}
_URI = {"type": "string", "pattern": r"^[a-z][a-z0-9+.-]*:[A-Za-z0-9:._~%+-]+$"}
_DESCRIPTOR = {"type": "object", "required": ["uri", "digest"], "properties": {"uri": _URI, "digest": _SHA256}}
# The fields as https://slsa.dev/verification_summary/v1 and in-toto's Statement v1 ask for them.
STATEMENT = Draft202012Validator(
    {
        "type": "object",
        "required": ["_type", "subject", "predicateType", "predicate"],
        "additionalProperties": False,
        "properties": {
            "_type": {"const": "https://in-toto.io/Statement/v1"},
            "subject": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "required": ["name", "digest"],
                    "properties": {"digest": {"type": "object", "minProperties": 1, "propertyNames": {"enum": ["sha256", "gitCommit"]}}},
                },
            },
            "predicateType": {"const": "https://slsa.dev/verification_summary/v1"},
            "predicate": {
                "type": "object",
                "required": ["verifier", "timeVerified", "resourceUri", "policy", "verificationResult", "verifiedLevels"],
                "properties": {
                    "verifier": {"type": "object", "required": ["id"], "properties": {"id": _URI}},
                    "timeVerified": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
                    "resourceUri": _URI,
                    "policy": _DESCRIPTOR,
                    "inputAttestations": {"type": "array", "minItems": 1, "items": _DESCRIPTOR},
                    "verificationResult": {"enum": ["PASSED", "FAILED"]},
                    "verifiedLevels": {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": "^(?!SLSA_)[A-Z_]+$"}},
                    "slsaVersion": {"type": "string", "pattern": r"^\d+\.\d+$"},
                },
                # Fields of one's own are named by URIs.
                "additionalProperties": False,
                "patternProperties": {"^urn:": {}},
            },
        },
    },
    format_checker=FormatChecker(),
)
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def attested(programme: Programme, file: Path, *words: str, status: Exit = Exit.YES) -> Any:
    """Ask the gate, and return the attestation of its answer, which has one spelling."""
    ran = programme.run("gate", *words, "--attest", str(file))
    assert ran.status == status, ran
    found = json.loads(file.read_bytes())
    STATEMENT.validate(found)
    assert file.read_text(encoding="utf-8") == encode(found)
    return found


def test_a_yes_is_attested_with_policy_head_commit_and_all_evidence(executing: Programme, tmp_path: Path) -> None:
    found = attested(executing, tmp_path / "answer", "real-run", "--commit", COMMIT)
    head, policy = executing.asks("verify")["last"], digest(executing.policy.read_bytes())
    assert found["subject"] == [
        {"name": "states.yaml", "digest": {"sha256": policy}},
        {"name": "governance/ledger", "digest": {"sha256": head}},
        {"name": "commit", "digest": {"gitCommit": COMMIT}},
    ]
    told = found["predicate"]
    assert (told["verificationResult"], told["verifiedLevels"], told["policy"]["digest"]["sha256"]) == ("PASSED", ["GOVERN_GATE"], policy)
    assert told["timeVerified"] == "2026-07-01T09:00:00Z"
    assert told["resourceUri"].endswith(":gate:real-run")
    assert told["urn:govern:gate"]["answers"] == [{"action": "real-run", "allowed": True, "asked": "real-run", "causes": []}]
    first, *evidence = told["inputAttestations"]
    assert first["digest"] == {"sha256": head}
    files = [each for each in evidence if "name" in each]
    assert files
    assert all(each["digest"]["sha256"] == digest((executing.root / each["name"]).read_bytes()) for each in files)
    assert {each["annotations"]["found"] for each in files} == {"same"}


@pytest.mark.parametrize(("asked", "status"), [("ci-trigger", Exit.NO), ("real-rum", Exit.UNJUDGED)])
def test_what_is_no_yes_is_attested_as_failed(asked: str, status: Exit, executing: Programme, tmp_path: Path) -> None:
    told = attested(executing, tmp_path / "answer", "real-run", asked, status=status)["predicate"]
    assert (told["verificationResult"], told["verifiedLevels"]) == ("FAILED", ["FAILED"])
    assert told["resourceUri"].endswith(f":gate:real-run+{asked}")
    assert told["urn:govern:gate"]["asked"] == ["real-run", asked]


def test_evidence_that_is_gone_is_named_as_that(executing: Programme, tmp_path: Path) -> None:
    [bound] = [each["body"]["evidence"]["path"] for each in executing.asks("log", REAL_DUMP)["records"] if "path" in each["body"].get("evidence", {})]
    (executing.root / bound).unlink()
    ran = executing.run("gate", "real-run", "--attest", str(tmp_path / "answer"))
    told = json.loads((tmp_path / "answer").read_bytes())["predicate"]
    assert (ran.status == Exit.YES, told["verificationResult"]) == (False, "FAILED")
    assert [each["annotations"]["found"] for each in told["inputAttestations"] if each.get("name") == bound] == ["missing"]


def test_a_signature_is_checked_by_ssh_keygen_in_a_namespace_of_its_own(executing: Programme, tmp_path: Path) -> None:
    file = tmp_path / "answer"
    attested(executing, file, "real-run", "--key", str(keys() / "stranger"))
    (tmp_path / "signers").write_text(f"pipeline {(keys() / 'stranger.pub').read_text()}")

    def verified(content: bytes, namespace: str = "govern-attestation") -> bool:
        words = [ssh_keygen(), "-Y", "verify", "-f", str(tmp_path / "signers"), "-I", "pipeline", "-n", namespace, "-s", f"{file}.sig"]
        return subprocess.run(words, input=content, capture_output=True, check=False).returncode == 0

    content = file.read_bytes()
    assert verified(content)
    assert not verified(content.replace(b"real-run", b"real-ran"))
    assert not verified(content, "govern-decide")


def test_an_attestation_is_never_written_over_an_earlier_one(executing: Programme, tmp_path: Path) -> None:
    attested(executing, tmp_path / "answer", "real-run")
    ran = executing.refuses("gate", "ci-trigger", "--attest", str(tmp_path / "answer"))
    assert ran.codes == ["OUT_TAKEN"]
    assert ran.err.endswith("    help: name another place\n")
    (tmp_path / "other.sig").write_text("")
    assert executing.refuses("gate", "real-run", "--attest", str(tmp_path / "other")).codes == ["OUT_TAKEN"]
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("--as-of", "#3", "gate", "real-run", "--attest", "FILE"),
        ("what-if", "note x --as owner", "--", "gate", "real-run", "--attest", "FILE"),
        ("what-if", "note x --as owner", "--", "gate", "real-run", "--format", "sarif=FILE"),
        ("what-if", "note x --as owner", "--", "gate", "real-run", "--format", "github"),
        ("gate", "real-run", "--attest", "FILE", "--commit", "HEAD"),
        ("gate", "real-run", "--attest", "FILE", "--commit", COMMIT[1:]),
        ("gate", "real-run", "--commit", COMMIT),
    ],
)
def test_what_is_not_on_record_now_is_neither_attested_nor_reported(words: tuple[str, ...], executing: Programme, tmp_path: Path) -> None:
    ran = executing.refuses(*(word.replace("FILE", str(tmp_path / "file")) for word in words), status=2)
    assert (ran.out, ran.codes) == ("", ["USAGE"])
    assert not (tmp_path / "file").exists()


def test_a_ledger_that_is_broken_leaves_no_attestation(executing: Programme, tmp_path: Path) -> None:
    executing.ledger.write_bytes(executing.ledger.read_bytes().replace(b'"seq":3', b'"seq":4', 1))
    assert executing.run("gate", "real-run", "--attest", str(tmp_path / "answer")).status == Exit.BROKEN
    assert not (tmp_path / "answer").exists()


@pytest.mark.parametrize("place", ["states.yaml/answer", "governance/ledger/answer", "templates/answer", ".git/answer"])
def test_an_attestation_is_written_nowhere_that_has_rules_of_its_own(place: str, executing: Programme) -> None:
    assert executing.refuses("gate", "real-run", "--attest", str(executing.root / place)).codes == ["OUT_TAKEN"]
