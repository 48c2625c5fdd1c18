"""Names, texts, durations, paths and zones: one spelling each, and what is wrong with any other."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.policy.load import load_policy
from govern.policy.names import MAX_DURATION, MAX_TEXT, spell_duration
from support.faults import SMALL, assert_faults, assert_right, changed

NAME = "wanted a name (letters, digits, `.`, `_`, `-`; no space)"


@pytest.mark.parametrize("name", ["A", "a.b_c-d", "0x", "9-lives", "x" * 128, "Co", "com", "com10", "console"])
def test_a_name_is_made_of_ascii_letters_digits_and_three_marks(name: str) -> None:
    assert_right(changed(("prefix: SM", f"prefix: {name}")))


@pytest.mark.parametrize("name", ["a b", "é", "ﬁx", "а", "-a", ".a", "_a", "a/b", "a:b", "x" * 129, "١", "a\\nb"])
def test_another_spelling_is_no_name(name: str) -> None:
    found = name.replace("\\n", "\n")[:80]

    assert_faults(changed(("prefix: SM", f'prefix: §"{name}"')), f"POLICY_VALUE found `{found}`, {NAME} in `registry.prefix`")


def test_a_key_that_is_no_name_is_told_at_the_key() -> None:
    assert_faults(
        changed(("machine: {title", "§mächine: {title: Other}\n  §a b: {title: Other}\n  machine: {title")),
        f"POLICY_VALUE found `mächine`, {NAME} in `surfaces`",
        f"POLICY_VALUE found `a b`, {NAME} in `surfaces`",
    )


@pytest.mark.parametrize("name", ["con", "PRN", "aux", "Nul", "com1", "LPT9", "con.x", "aux.tar.gz"])
def test_the_name_of_a_device_is_refused_as_an_id_may_become_a_file(name: str) -> None:
    assert_faults(changed(("prefix: SM", f"prefix: §{name}")), f"POLICY_VALUE `{name}` is the name of a device on some systems in `registry.prefix`")


def test_a_folder_or_file_may_not_have_the_name_of_a_device() -> None:
    assert_faults(
        changed(("governance/packets/page.md", "§governance/con/page.md"), ("governance/reports/state.md", "§governance/reports/nul.md")),
        "POLICY_VALUE `governance/con/page.md` is the name of a device on some systems in `documents.page.path`",
        "POLICY_VALUE `governance/reports/nul.md` is the name of a device on some systems in `documents.state.path`",
    )


@pytest.mark.parametrize("path", ["/etc/passwd", "governance/../page.md", "./page.md", "governance//page.md", "governance/", "a\\\\b.md", "~/page.md"])
def test_a_path_is_relative_and_made_of_plain_names(path: str) -> None:
    found = path.replace("\\\\", "\\")

    assert_faults(
        changed(("governance/packets/page.md", f'§"{path}"')),
        f"POLICY_VALUE found `{found}`, wanted a relative path of plain names in `documents.page.path`",
    )


@pytest.mark.parametrize("moment", ["#0", "#12", "@S0", "@a.b_c-d"])
def test_a_moment_is_a_record_or_a_mark(moment: str) -> None:
    assert_right(changed(("template: state.md.j2", f'as_of: "{moment}", template: state.md.j2')))


@pytest.mark.parametrize("moment", ["2026-06-12", "#", "@", "#1a", "S0", "@a b", "#١"])
def test_another_spelling_is_no_moment(moment: str) -> None:
    fault = f"POLICY_VALUE found `{moment}`, wanted a moment, #SEQ or @MARK in `documents.state.as_of`"

    assert_faults(changed(("template: state.md.j2", f'as_of: §"{moment}", template: state.md.j2')), fault)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Vienna", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "America/Port-au-Prince"])
def test_a_time_zone_is_named_as_iana_does(zone: str) -> None:
    policy = assert_right(changed(("title: A small programme", f"title: A small programme, timezone: {zone}")))

    assert policy.programme.timezone == zone


@pytest.mark.parametrize("zone", ["Europe Vienna", "../etc/passwd", "/etc/localtime", "+02:00", "a/b/c/d", ""])
def test_another_spelling_is_no_time_zone(zone: str) -> None:
    fault = f"POLICY_VALUE found `{zone}`, wanted a time zone such as `Europe/Vienna` in `programme.timezone`"

    assert_faults(changed(("title: A small programme", f'title: A small programme, timezone: §"{zone}"')), fault)


@pytest.mark.parametrize("path", ["READY", "READY/", "/tried", "READY/tried/x", "READY tried"])
def test_a_leg_is_named_with_its_blocker(path: str) -> None:
    fault = f"POLICY_VALUE found `{path}`, wanted a leg as BLOCKER/LEG in `statuses.1.when.leg`"

    assert_faults(changed(("leg: READY/tried", f'leg: §"{path}"')), fault)


@pytest.mark.parametrize("address", ["a/b/c", "/CHANGE", "second/", "a b"])
def test_an_option_is_named_alone_or_with_its_packet(address: str) -> None:
    fault = f"POLICY_VALUE found `{address}`, wanted an option as PACKET/OPTION or OPTION in `actions.change.needs.selected`"

    assert_faults(changed(("selected: CHANGE", f'selected: §"{address}"')), fault)


def test_a_text_has_one_character_at_least_and_the_limit_at_most() -> None:
    assert_right(changed(("title: The machine}", f"title: {'x' * MAX_TEXT}}}")))
    for text, size in (("", 0), (" \\n\\t", 0), ("x" * (MAX_TEXT + 1), MAX_TEXT + 1)):
        fault = f"POLICY_VALUE found a text of {size} characters, wanted 1 to {MAX_TEXT} in `surfaces.machine.title`"
        assert_faults(changed(("title: The machine}", f'title: §"{text}"}}')), fault)


@pytest.mark.parametrize(("found", "described"), [("5", "the number 5"), ("[a]", "a list"), ("{a: b}", "a mapping")])
def test_what_is_no_text_is_told_as_what_it_is(found: str, described: str) -> None:
    hint = '; quote it: "…"' if found == "5" else ""

    assert_faults(changed(("title: The machine}", f"title: §{found}}}")), f"POLICY_VALUE found {described}, wanted a text in `surfaces.machine.title`{hint}")


@pytest.mark.parametrize(("spelled", "seconds"), [("1s", 1), ("90m", 5_400), ("12h", 43_200), ("14d", 1_209_600), ("2w", 1_209_600), ("36500d", MAX_DURATION)])
def test_a_duration_is_a_number_and_a_unit(spelled: str, seconds: int) -> None:
    policy = assert_right(changed(("TRIAL: {scope: work", f"TRIAL: {{expires_after: {spelled}, scope: work")))

    assert policy.grants["TRIAL"].expires_after == seconds


@pytest.mark.parametrize("spelled", ['"14"', "14 d", "0d", "-1d", "1.5h", "14D", "P14D", "1000000s", "014d", '"١d"'])
def test_another_spelling_is_no_duration(spelled: str) -> None:
    found = spelled.strip('"')
    fault = f"POLICY_VALUE found `{found}`, wanted a duration such as `90m`, `12h` or `14d` in `grants.TRIAL.expires_after`"

    assert_faults(changed(("TRIAL: {scope: work", f"TRIAL: {{expires_after: §{spelled}, scope: work")), fault)


def test_a_number_is_no_duration() -> None:
    fault = "POLICY_VALUE found the number 14, wanted a duration such as `90m`, `12h` or `14d` in `grants.TRIAL.expires_after`"

    assert_faults(changed(("TRIAL: {scope: work", "TRIAL: {expires_after: §14, scope: work")), fault)


def test_a_duration_that_no_time_could_follow_is_refused() -> None:
    fault = "POLICY_VALUE found `36501d`, wanted a duration of at most 100 years in `grants.TRIAL.expires_after`"

    assert_faults(changed(("TRIAL: {scope: work", "TRIAL: {expires_after: §36501d, scope: work")), fault)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.integers(1, MAX_DURATION))
def test_a_duration_is_spelled_as_it_can_be_written(seconds: int) -> None:
    spelled = spell_duration(seconds)

    assert int(spelled[:-1]) * {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}[spelled[-1]] == seconds


@pytest.mark.parametrize(("seconds", "spelled"), [(1, "1s"), (60, "1m"), (61, "61s"), (3_600, "1h"), (86_400, "1d"), (604_800, "1w"), (1_209_600, "2w")])
def test_a_duration_is_spelled_in_the_largest_unit_that_fits(seconds: int, spelled: str) -> None:
    assert spell_duration(seconds) == spelled


def test_a_declared_thing_knows_where_it_and_its_keys_were_written() -> None:
    policy = load_policy(SMALL.encode(), "p.yaml")

    assert str(policy.at) == "p.yaml:1:1"
    assert str(policy.actors["maker"].at_key("kind")) == "p.yaml:7:11"
    assert str(policy.actors["maker"].at_key("title")) == str(policy.actors["maker"].at) == "p.yaml:7:10"
