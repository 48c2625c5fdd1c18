"""What must not get into a ledger, from which nothing is ever deleted, is refused, and is not repeated."""

import json

import pytest

from support.cli import REAL_DUMP, Programme

# Made up, in the forms by which such things are known.
SECRETS = {
    "a private key": "-----BEGIN OPENSSH PRIVATE KEY-----",
    "an AWS access key": "AKIA" + "ABCDEFGHIJKLMNOP",
    "a GitHub token": "ghp_" + "a1B2" * 9,
    "a GitLab token": "glpat-" + "a1B2" * 5,
    "a Slack token": "xoxb-" + "1234567890-abc",
    "a Google API key": "AIza" + "a1B2C" * 7,
    "a JSON Web Token": "eyJ" + "hbGciOiJI" * 2 + ".eyJ" + "zdWIiOiIx" * 2 + "." + "c2lnbmF0dXJl",
    "a password in an address": "postgresql://" + "app:hunter2pass@db/x",
}


@pytest.mark.parametrize("name", SECRETS)
def test_a_text_that_holds_a_secret_is_refused_without_repeating_it(name: str, fix7: Programme) -> None:
    ran = fix7.refuses("note", f"it is {SECRETS[name]} as always", "--as", "owner", "--json")

    [told] = ran.answer["diagnostics"]
    assert told["code"] == "SECRET_FOUND"
    assert name in told["message"]
    assert SECRETS[name] not in ran.out + ran.err


@pytest.mark.parametrize("name", SECRETS)
def test_an_evidence_file_that_holds_a_secret_is_refused_with_its_line(name: str, fix7: Programme) -> None:
    file = fix7.root / "evidence.json"
    content = {"schema": "govern.evidence/1", "kind": "rehearsal", "of": "real-dump", "legs": [REAL_DUMP], "log": f"see {SECRETS[name]}"}
    file.write_text(json.dumps(content, indent=1))

    ran = fix7.refuses("blocker", "discharge", REAL_DUMP, "--evidence", str(file), "--as", "operator")

    assert ran.codes == ["SECRET_FOUND"]
    assert f"{name} in line 8" in ran.err
    assert SECRETS[name] not in ran.out + ran.err


def test_words_that_only_look_alike_are_recorded(fix7: Programme) -> None:
    fix7.does("note", "postgresql://db/x as app; AKIA is a prefix; -----BEGIN CERTIFICATE-----", "--as", "owner")
