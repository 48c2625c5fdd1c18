"""`policy adopt`: judged under the version in force, exactly the next version, and history keeps the policy it had."""

import hashlib

import pytest

from govern.problems import Exit
from support.cli import Programme

ADOPT = ("policy", "adopt", "--reason", "it is time", "--accept-weakening", "--as", "owner")
TEMPLATE = "templates/current-state.md.j2"


def raise_version(programme: Programme, *, to: int = 2) -> None:
    """Change the version in the working policy."""
    programme.replace("states.yaml", f"version: {to - 1}, title", f"version: {to}, title")


def weaken(programme: Programme) -> None:
    """Leave out one requirement of option 5, and its witness."""
    programme.replace("states.yaml", "            - {grant: CUTOVER}\n", "")
    programme.replace("states.yaml", "        - {grant: CUTOVER}\n", "")


def test_a_changed_policy_is_dirty_has_no_effect_and_is_refused_for_writes(fix7: Programme) -> None:
    weaken(fix7)
    ran = fix7.does("why-blocked", "5")
    assert "11 of 11 requirements do not hold" in ran.out
    assert ran.err.startswith("warning POLICY_DIRTY: states.yaml is not the adopted policy (version 1, ")
    assert fix7.does("status").codes == ["POLICY_DIRTY"]
    assert fix7.does("status", "-q").err == ""
    assert fix7.refuses("decide", "2", "--as", "owner", "--confirm", "25-0000000000").codes == ["POLICY_DIRTY"]
    assert fix7.refuses("note", "x", "--as", "owner").codes == ["POLICY_DIRTY"]


def test_what_was_decided_under_a_dirty_policy_shows_the_adopted_one(fix7: Programme) -> None:
    weaken(fix7)
    [missing] = [each for each in fix7.asks("why-blocked", "5")["requirements"] if each["id"] == "grant:CUTOVER"]
    assert missing["at"].startswith("governance/policy/")


def test_an_adopted_policy_is_in_force_afterwards_and_kept_by_its_digest(fix7: Programme) -> None:
    weaken(fix7)
    raise_version(fix7)
    before = set(fix7.tree())
    ran = fix7.confirms(*ADOPT)
    assert ran.out == "recorded as #25: policy version 2 is in force (unauthenticated)\nnothing takes it back but adopting another\n"
    assert set(ran.codes) == {"POLICY_WEAKENING"}, "what it loosens is shown"
    assert len(fix7.asks("why-blocked", "5")["requirements"]) == 10
    assert fix7.does("status").err == ""
    content = fix7.policy.read_bytes()
    assert set(fix7.tree()) - before == {f"governance/policy/{hashlib.sha256(content).hexdigest()}.yaml"}


def test_the_past_is_still_judged_under_the_policy_that_was_in_force(fix7: Programme) -> None:
    weaken(fix7)
    raise_version(fix7)
    fix7.confirms(*ADOPT)
    fix7.does("note", "after it", "--as", "gpt")
    past = fix7.does("why-blocked", "5", "--as-of", "#24", "--json").answer
    assert len(past["result"]["requirements"]) == 11
    assert past["diagnostics"] == [], "the working files are compared with today's policy"
    assert fix7.asks("status", "--as-of", "#24")["policy_version"] == 1
    assert fix7.asks("status", "--as-of", "#25")["policy_version"] == 2
    assert fix7.does("verify").out.startswith("27 records verified")


def test_the_old_policy_is_found_by_its_digest_and_by_nothing_else(fix7: Programme) -> None:
    old = fix7.asks("status")["policy_sha256"]
    raise_version(fix7)
    fix7.confirms(*ADOPT)
    kept = fix7.root / "governance" / "policy" / f"{old}.yaml"
    kept.write_bytes(kept.read_bytes() + b"\n")
    assert fix7.run("status").codes == ["POLICY_MISSING", "POLICY_DIGEST"]
    assert fix7.run("verify").status == Exit.BROKEN
    kept.unlink()
    assert fix7.run("verify").codes == ["POLICY_MISSING", "POLICY_MISSING"]


@pytest.mark.parametrize("version", [0, 1, 3])
def test_the_version_is_exactly_the_next(version: int, fix7: Programme) -> None:
    weaken(fix7)
    fix7.replace("states.yaml", "version: 1, title", f"version: {version}, title")
    ran = fix7.refuses(*ADOPT, status=Exit.UNJUDGED if version == 0 else Exit.REFUSED)
    told = "states.yaml:4:" if version == 0 else f"refused  version {version} follows version 1; wanted 2    governance/policy/"
    assert ran.err.count(told) == 1


def test_nothing_is_adopted_where_nothing_changed(fix7: Programme) -> None:
    assert fix7.refuses(*ADOPT).codes == ["POLICY_VERSION"]


def test_a_policy_or_template_with_faults_is_not_adopted(fix7: Programme) -> None:
    raise_version(fix7)
    (fix7.root / TEMPLATE).write_bytes((fix7.root / TEMPLATE).read_bytes() + b"{% include 'x' %}\n")
    ran = fix7.refuses(*ADOPT, status=Exit.UNJUDGED)
    assert ran.codes == ["TEMPLATE_FORBIDDEN"]
    assert ran.err.startswith(f"{TEMPLATE}:")
    fix7.policy.write_bytes(fix7.policy.read_bytes() + b"more: 1\n")
    ran = fix7.refuses(*ADOPT, status=Exit.UNJUDGED)
    assert ran.codes == ["POLICY_UNKNOWN_KEY"]
    assert "    more: 1\n    ^\n" in ran.err


def test_a_policy_that_is_no_policy_is_told_line_by_line(fix7: Programme) -> None:
    fix7.policy.write_bytes(b"govern: [\n")
    assert fix7.refuses("check", status=Exit.NO).codes == ["YAML_SYNTAX"]
    assert fix7.does("status").codes == ["POLICY_DIRTY"], "the adopted one is in force"


def test_the_line_of_a_fault_is_shown_from_the_programmes_folder_and_no_other(fix7: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    raise_version(fix7)
    fix7.policy.write_bytes(fix7.policy.read_bytes() + b"more: 1\n")
    other = fix7.root / "elsewhere"
    other.mkdir()
    (other / "states.yaml").write_text("not this line\n" * 400, encoding="utf-8")
    monkeypatch.chdir(other)
    assert "    more: 1\n    ^\n" in fix7.refuses(*ADOPT, status=Exit.UNJUDGED).err


def test_a_changed_template_is_adopted_with_a_version_of_its_own(fix7: Programme) -> None:
    before = fix7.does("render", "--check").out
    (fix7.root / TEMPLATE).write_bytes((fix7.root / TEMPLATE).read_bytes() + b"The end.\n")
    assert fix7.does("status").codes == ["TEMPLATE_DIRTY"]
    assert fix7.does("render", "--check").out == before, "what is rendered is the adopted template"
    assert "wanted 2" in fix7.refuses(*ADOPT).err
    raise_version(fix7)
    fix7.confirms(*ADOPT)
    assert fix7.does("status").err == ""
    assert fix7.run("render", "--check").status == Exit.NO


def test_an_adoption_is_confirmed_by_a_code_for_these_very_bytes(fix7: Programme) -> None:
    raise_version(fix7)
    code = fix7.code(*ADOPT)
    assert f"govern policy adopt --reason 'it is time' --as owner --confirm {code}" in fix7.does(*ADOPT, "--dry-run").out
    assert fix7.refuses(*ADOPT).codes == ["NOT_CONFIRMED"]
    weaken(fix7)
    assert fix7.refuses(*ADOPT, "--confirm", code).codes == ["NOT_CONFIRMED"]


def test_what_loosens_the_policy_is_adopted_only_where_that_is_accepted(fix7: Programme) -> None:
    raise_version(fix7)
    weaken(fix7)
    code = fix7.code(*ADOPT)
    words = tuple(word for word in ADOPT if word != "--accept-weakening")
    assert set(fix7.refuses(*words, "--confirm", code).codes) == {"POLICY_WEAKENING"}
    assert fix7.does(*ADOPT, "--confirm", code).seqs == [25]


def test_only_who_may_adopt_does(fix7: Programme) -> None:
    raise_version(fix7)
    ran = fix7.refuses(*ADOPT[:-1], "gpt")
    assert "unauthorised  gpt may not adopt a policy; that is for owner" in ran.err


def test_a_policy_that_lowers_its_own_change_threshold_is_judged_under_the_old_one(hospital: Programme) -> None:
    hospital.replace("states.yaml", "version: 1\n", "version: 2\n")
    hospital.replace("states.yaml", "adopted_by: {all: [{of: board, at_least: 2}, {of: ward}]}", "adopted_by: huber")
    assert hospital.confirms("policy", "adopt", "--reason", "simpler", "--accept-weakening", "--as", "huber", "--json").answer["result"]["in_force"] is False
    assert hospital.asks("status")["policy_version"] == 1


def test_what_stands_by_the_word_of_somebody_who_is_no_longer_entitled_is_told(fix7: Programme) -> None:
    [seq] = fix7.confirms("grant", "record", "QT001", "--as", "owner").seqs
    raise_version(fix7)
    fix7.replace("states.yaml", "QT001: {scope: production, issuer: owner}", "QT001: {scope: production, issuer: operator}")
    assert "WORD_OUTDATED" not in fix7.does("status").codes
    fix7.confirms(*ADOPT)
    told = f"QT001#{seq} is on record by the word of owner; under version 2 that is for operator"
    for words in (("status",), ("why-blocked", "5"), ("why", "QT001")):
        ran = fix7.does(*words)
        assert ran.codes == ["WORD_OUTDATED"]
        assert told in ran.err
        assert f'govern grant revoke QT001#{seq} --reason "…" --as ACTOR' in ran.err
    assert fix7.asks("why", "QT001")["allowed"], "it stands all the same"
    fix7.does("grant", "revoke", f"QT001#{seq}", "--reason", "It was given by another.", "--as", "operator")
    assert fix7.does("status").codes == []
