"""`key enroll|retire|list`: whose key is whose, on whose word, and what is no key."""

from pathlib import Path

import pytest

from govern.problems import Exit
from support.cli import Programme, fingerprint_of, key_of, keygen, keys
from support.faults import HOSPITAL

OWN = ("--as", "owner", *key_of("owner"))


def enroll(name: str, *words: str) -> tuple[str, ...]:
    """Return the words that enrol a key."""
    return ("key", "enroll", str(keys() / name), *words)


@pytest.fixture
def ward(tmp_path: Path) -> Programme:
    """A programme that has just begun, whose policy is changed by two of a board and one of a ward."""
    programme = Programme(tmp_path / "ward")
    programme.root.mkdir()
    programme.policy.write_bytes(HOSPITAL)
    programme.does("init")
    return programme


def test_the_first_key_of_who_may_change_the_policy_vouches_for_itself(keyless: Programme) -> None:
    ran = keyless.confirms(*enroll("owner", "--as", "owner"))
    assert f"recorded as #25: {fingerprint_of('owner')} is owner's, on nobody's word but its own (signed)\n" in ran.out
    [key] = keyless.asks("key", "list")["keys"]
    assert (key["actor"], key["fingerprint"], key["seq"], key["bootstrap"], key["retired"]) == ("owner", fingerprint_of("owner"), 25, True, None)
    assert keyless.asks("log", "-n", "1")["records"][0]["signer"] == fingerprint_of("owner")


def test_an_edit_that_came_before_the_first_key_waits_for_it_and_can_then_be_adopted(keyless: Programme) -> None:
    adopt = ("policy", "adopt", "--reason", "a title of our own", "--accept-weakening", *OWN)
    keyless.replace("states.yaml", "version: 1, title: FIX7 P0", "version: 2, title: FIX7")
    assert "the keys of owner, who may change the policy, come first" in keyless.refuses(*adopt).err
    keyless.confirms(*enroll("owner", "--as", "owner"))
    assert keyless.refuses("note", "x", *OWN).codes == ["POLICY_DIRTY"]
    keyless.confirms(*adopt)
    assert keyless.does("status").out.startswith("FIX7: BLOCKED")
    keyless.replace("states.yaml", "version: 2, title: FIX7", "version: 3, title: FIX7")
    later = enroll("operator.pub", "--for", "operator", *OWN)
    assert keyless.refuses(*later, "--confirm", keyless.asks(*later, "--dry-run")["confirm"]).codes == ["POLICY_DIRTY"]


@pytest.mark.parametrize("actor", ["operator", "gpt"])
def test_nobody_elses_first_key_vouches_for_itself(actor: str, keyless: Programme) -> None:
    ran = keyless.refuses(*enroll(actor, "--as", actor))
    assert f"{actor} may not enrol a key; that is for owner" in ran.err


def test_a_first_key_is_signed_by_itself_and_by_no_other(keyless: Programme) -> None:
    ran = keyless.refuses(*enroll("owner", "--as", "owner", *key_of("stranger")), "--json")
    assert "KEY_NOT_IN_ROLE" in [each["code"] for each in ran.answer["diagnostics"]]


def test_a_first_key_of_another_vouches_for_nothing(keyless: Programme) -> None:
    ran = keyless.refuses(*enroll("stranger", "--for", "operator", "--as", "owner"))
    assert "owner has no key on record, and a record of theirs counts only with their signature" in ran.err


@pytest.mark.parametrize("words", [("note", "x", "--as", "gpt"), ("mark", "S5", "--as", "engineering"), ("decide", "2", "--as", "owner")])
def test_nothing_is_recorded_before_the_keys_of_who_may_change_the_policy(words: tuple[str, ...], keyless: Programme) -> None:
    ran = keyless.refuses(*words, "--json")
    assert [each["code"] for each in ran.answer["diagnostics"]] == ["SIG_MISSING"]
    assert "nothing is recorded before them" in ran.answer["diagnostics"][0]["message"]


def test_a_second_key_takes_the_words_of_who_may_change_the_policy(signed: Programme) -> None:
    assert "owner has" not in signed.confirms(*enroll("stranger", *OWN)).out
    key = signed.asks("key", "list")["keys"][-1]
    assert (key["actor"], key["fingerprint"], key["bootstrap"]) == ("owner", fingerprint_of("stranger"), False)
    ran = signed.refuses(*enroll("gpt", "--for", "operator", "--as", "operator", *key_of("operator")))
    assert "operator may not enrol a key; that is for owner" in ran.err


def test_a_key_for_a_quorum_waits_for_the_last_word(ward: Programme) -> None:
    for actor, name in (("huber", "owner"), ("novak", "operator"), ("head-nurse", "gpt")):
        assert "nobody's word" in ward.confirms(*enroll(name, "--as", actor)).out
    asked = enroll("stranger", "--for", "privacy-officer")
    for actor, name in (("huber", "owner"), ("novak", "operator")):
        assert "has one word more, and waits for others" in ward.confirms(*asked, "--as", actor, *key_of(name)).out
        assert fingerprint_of("stranger") not in ward.does("key", "list").out
    ran = ward.refuses(*asked, "--as", "huber", *key_of("owner"))
    assert "the word of huber for this key is already on record; another's is wanted" in ran.err
    assert "is privacy-officer's (signed)" in ward.confirms(*asked, "--as", "head-nurse", *key_of("gpt")).out
    assert ward.asks("key", "list")["keys"][-1]["actor"] == "privacy-officer"


def test_the_keys_come_first_until_they_can_change_the_policy(ward: Programme) -> None:
    issue = ("packet", "issue", "inventory", "--as", "vendor")
    for actor, name in (("huber", "owner"), ("novak", "operator")):
        ward.confirms(*enroll(name, "--as", actor))
        assert "nothing is recorded before them" in ward.refuses(*issue).err
    ward.confirms(*enroll("gpt", "--as", "head-nurse"))
    assert ward.does(*issue).seqs == [4]


def test_a_first_key_vouches_for_itself_right_after_genesis_and_not_later(ward: Programme) -> None:
    for actor, name in (("huber", "owner"), ("novak", "operator"), ("head-nurse", "gpt")):
        ward.confirms(*enroll(name, "--as", actor))
    assert ward.code(*enroll("stranger", "--as", "leitner"))
    ward.does("packet", "issue", "inventory", "--as", "vendor")
    ran = ward.refuses(*enroll("stranger", "--as", "leitner"))
    assert "leitner has no key on record" in ran.err
    assert "nobody's here, not leitner's" in ward.refuses(*enroll("stranger", "--as", "leitner", *key_of("stranger"))).err


@pytest.mark.parametrize("whose", ["owner", "operator", "gpt"])
def test_a_key_is_one_actors_and_never_anothers_too(whose: str, signed: Programme) -> None:
    ran = signed.refuses(*enroll("operator", "--for", whose, *OWN))
    assert f"{fingerprint_of('operator')} is operator's since record #26; a key is enrolled once" in ran.err


def test_a_key_that_was_retired_never_comes_back(signed: Programme) -> None:
    ran = signed.does("key", "retire", fingerprint_of("operator"), "--reason", "it was lost", *OWN)
    assert ran.out == f"recorded as #27: {fingerprint_of('operator')} is retired (signed)\nnothing takes it back; enrol another\n"
    assert f"{fingerprint_of('operator')}  ssh-ed25519  retired by record #27, record #26\n" in signed.does("key", "list").out
    ran = signed.refuses(*enroll("operator", "--for", "operator", *OWN))
    assert "is operator's since record #26, retired by record #27; a key is enrolled once" in ran.err
    again = signed.refuses("key", "retire", fingerprint_of("operator"), "--reason", "x", *OWN)
    assert f"{fingerprint_of('operator')} was retired by record #27" in again.err


def test_a_key_is_retired_by_who_has_it_and_by_who_may_change_the_policy_alone(signed: Programme) -> None:
    signed.confirms(*enroll("stranger", *OWN))
    ran = signed.refuses("key", "retire", fingerprint_of("stranger"), "--reason", "x", "--as", "operator", *key_of("operator"))
    assert "operator may not retire a key of owner" in ran.err
    assert signed.does("key", "retire", fingerprint_of("operator"), "--reason", "x", "--as", "operator", *key_of("operator")).seqs == [28]


def test_the_last_key_that_can_change_the_policy_is_not_retired(signed: Programme) -> None:
    ran = signed.refuses("key", "retire", fingerprint_of("owner"), "--reason", "x", *OWN)
    assert "without it nobody could change the policy or enrol a key any more" in ran.err
    signed.confirms(*enroll("stranger", *OWN))
    assert signed.does("key", "retire", fingerprint_of("owner"), "--reason", "x", *OWN).seqs == [28]
    last = signed.refuses("key", "retire", fingerprint_of("stranger"), "--reason", "x", "--as", "owner", *key_of("stranger"))
    assert "without it nobody could change the policy" in last.err


def test_a_key_that_nobody_enrolled_is_not_retired(signed: Programme) -> None:
    assert signed.refuses("key", "retire", "SHA256:none", "--reason", "x", *OWN, status=Exit.USAGE).codes == ["UNKNOWN_ID"]
    near = fingerprint_of("owner")[:-1] + "_"
    assert f"did you mean `{fingerprint_of('owner')}`?" in signed.refuses("key", "retire", near, "--reason", "x", *OWN, status=Exit.USAGE).err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("-t", "rsa", "-b", "1024"), "an RSA key of 1024 bits; at least 2048 are wanted"),
        (("-t", "ecdsa", "-b", "384"), "`ecdsa-sha2-nistp384` does not sign here"),
    ],
)
def test_a_weak_or_foreign_kind_of_key_is_not_enrolled(words: tuple[str, ...], told: str, keyless: Programme, tmp_path: Path) -> None:
    keygen("-q", *words, "-N", "", "-f", str(tmp_path / "weak"))
    for file in ("weak", "weak.pub"):
        ran = keyless.refuses("key", "enroll", str(tmp_path / file), "--as", "owner", status=Exit.USAGE)
        assert ran.codes == ["KEY_TYPE"]
        assert told in ran.err


@pytest.mark.parametrize("words", [("-t", "rsa", "-b", "2048"), ("-t", "ecdsa", "-b", "256")])
def test_every_kind_of_key_that_is_accepted_signs_its_own_enrolment(words: tuple[str, ...], keyless: Programme, tmp_path: Path) -> None:
    keygen("-q", *words, "-N", "", "-f", str(tmp_path / "key"))
    keyless.confirms("key", "enroll", str(tmp_path / "key"), "--as", "owner")
    assert keyless.does("note", "seen", "--as", "owner", "--key", str(tmp_path / "key")).seqs == [26]
    assert keyless.does("verify").status == Exit.YES


def test_a_certificate_is_no_key(keyless: Programme, tmp_path: Path) -> None:
    keygen("-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key"))
    keygen("-q", "-s", str(keys() / "stranger"), "-I", "id", "-n", "owner", str(tmp_path / "key.pub"))
    ran = keyless.refuses("key", "enroll", str(tmp_path / "key-cert.pub"), "--as", "owner", status=Exit.USAGE)
    assert ran.codes == ["KEY_TYPE"]
    assert "a certificate does not sign here" in ran.err


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("garbage", b"hello\n"),
        ("garbage.pub", b"hello\n"),
        ("dsa.pub", b"ssh-dss AAAAB3NzaC1kc3MAAACBAA==\n"),
        ("cut.pub", b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI\n"),
        ("empty", b""),
        ("empty.pub", b""),
        ("two.pub", b"ssh-ed25519 AAAA\nssh-ed25519 AAAA\n"),
    ],
)
def test_what_is_no_key_is_not_enrolled(name: str, content: bytes, keyless: Programme, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    path.chmod(0o600)
    assert keyless.refuses("key", "enroll", str(path), "--as", "owner", status=Exit.USAGE).codes == ["KEY_TYPE"]


@pytest.mark.parametrize("name", ["binary.pub", "absent.pub", "folder.pub"])
def test_a_key_that_cannot_be_read_is_told_with_its_name(name: str, keyless: Programme, tmp_path: Path) -> None:
    (tmp_path / "binary.pub").write_bytes(b"\xff\x00")
    (tmp_path / "folder.pub").mkdir()
    ran = keyless.refuses("key", "enroll", str(tmp_path / name), "--as", "owner", status=Exit.USAGE)
    assert ran.codes == ["FILE_IO"]
    assert name in ran.err


def test_a_private_key_that_was_pasted_is_refused_and_never_repeated(keyless: Programme, tmp_path: Path) -> None:
    private = (keys() / "owner").read_text(encoding="ascii")
    (tmp_path / "pasted.pub").write_text(private, encoding="ascii")
    ran = keyless.refuses("key", "enroll", str(tmp_path / "pasted.pub"), "--as", "owner", status=Exit.USAGE)
    assert ran.codes == ["KEY_TYPE"]
    assert "this is a private key" in ran.err
    assert not any(line and line in ran.err + ran.out for line in private.split("\n"))


def test_the_list_says_whose_keys_are_in_force_and_who_can_enrol(signed: Programme) -> None:
    assert signed.does("key", "list", "--as-of", "@S4").out == "No key is enrolled, so no person can act: govern key enroll FILE --as ACTOR\n"
    assert signed.does("key", "list").out == (
        f"owner     {fingerprint_of('owner')}  ssh-ed25519  in force, bootstrap\noperator  {fingerprint_of('operator')}  ssh-ed25519  in force, record #26\n"
    )
    listed = signed.asks("key", "list")
    assert (listed["persons"], listed["adopters"], listed["waiver"]) == (["owner", "operator"], ["owner"], None)
    assert [each["key"] for each in listed["keys"]] == [" ".join((keys() / f"{name}.pub").read_text().split()[:2]) for name in ("owner", "operator")]


def test_an_actor_that_is_not_declared_has_no_key(signed: Programme) -> None:
    ran = signed.refuses(*enroll("stranger", "--for", "opperator", *OWN), status=Exit.USAGE)
    assert ran.codes == ["UNKNOWN_ID"]
    assert "did you mean `operator`?" in ran.err
