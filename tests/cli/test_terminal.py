"""On a terminal what gives authority is typed in full; the real program on a pseudo-terminal, and many words in process."""

import pytest

from govern.problems import Exit
from support.cli import SCAFFOLD, Programme, waived
from support.terminal import INTERRUPT, clean_environment, run_on_terminal, run_process

DECIDE = ("decide", "COPY", "--as", "lead")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return clean_environment(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Programme:
    root = tmp_path_factory.mktemp("website")
    (root / "states.yaml").write_text(waived(SCAFFOLD), encoding="utf-8")
    assert run_process("init", cwd=root, environment=environment).status == 0
    assert run_process("packet", "issue", "move", "--as", "builder", cwd=root, environment=environment).status == 0
    return Programme(root)


@pytest.mark.parametrize("typed", ["COP", "copy", "COPYY", "move/COPY", "2", "y", "yes", "", " ", "COPY SWITCH-OVER"])
def test_no_other_word_than_the_options_name_will_do(typed: str, website: Programme) -> None:
    before = website.tree()
    ran = website.types(f"{typed}\nCOPY\n", *DECIDE)
    assert (ran.status, ran.codes) == (Exit.REFUSED, ["NOT_CONFIRMED"])
    assert website.tree() == before


def test_the_options_name_alone_will_do_with_spaces_around_it(website: Programme) -> None:
    ran = website.types("  COPY \n", *DECIDE)
    assert ran.seqs == [2]
    assert ran.out.index("scope            staging") < ran.out.index("Type the option's name in full to decide it.\n> ")


def test_what_is_typed_confirms_no_more_than_what_was_shown(website: Programme) -> None:
    assert website.types("SWITCH\n", "grant", "record", "SWITCH", "CONTENT-FREEZE", "--as", "lead").codes == []
    assert website.types("2\n", "policy", "adopt", "--reason", "x", "--as", "lead").codes == ["POLICY_VERSION"]
    website.replace("states.yaml", "version: 1,", "version: 2,")
    assert website.types("1\n", "policy", "adopt", "--reason", "x", "--as", "lead").codes == ["NOT_CONFIRMED"]
    assert website.types("2\n", "policy", "adopt", "--reason", "x", "--as", "lead").seqs == [2]
    assert website.types("go-live\n", "lane", "open", "go-live", "--as", "lead").seqs == [3]
    assert website.types("SWITCH\n", "grant", "record", "SWITCH", "--as", "lead").seqs == [4]


@pytest.mark.parametrize("typed", [b"copy\n", b"\x04"], ids=repr)
def test_another_word_than_the_options_name_records_nothing(typed: bytes, started: Programme, environment: dict[str, str]) -> None:
    before = started.tree()
    ended = run_on_terminal(*DECIDE, typed=typed, cwd=started.root, environment=environment)
    assert ended.status == Exit.REFUSED
    assert "NOT_CONFIRMED" in ended.out
    assert f"`{typed.decode().strip(chr(4)).strip()}` is not `COPY`, so nothing was recorded" in ended.out
    assert started.tree() == before


def test_an_interrupt_at_the_question_records_nothing(started: Programme, environment: dict[str, str]) -> None:
    before = started.tree()
    ended = run_on_terminal(*DECIDE, typed=INTERRUPT, cwd=started.root, environment=environment)
    assert ended.status == Exit.INTERRUPTED
    assert "Traceback" not in ended.out
    assert started.tree() == before


def test_several_grants_are_confirmed_by_all_their_names(started: Programme, environment: dict[str, str]) -> None:
    before = started.records()
    words = ("grant", "record", "SWITCH", "SWITCH", "--as", "lead")
    assert run_on_terminal(*words, typed=b"SWITCH SWITCH\n", cwd=started.root, environment=environment).status == Exit.YES
    assert started.records() == before + 2


def test_the_options_name_typed_in_full_records_the_decision_after_what_it_does_was_shown(started: Programme, environment: dict[str, str]) -> None:
    before = started.records()
    ended = run_on_terminal(*DECIDE, typed=b"COPY\n", cwd=started.root, environment=environment)
    assert ended.status == Exit.YES
    shown, _, after = ended.out.partition("Type the option's name in full to decide it.\n> ")
    assert "leads to         CONTENT/compared\n" in shown
    assert f"recorded as #{before}: move/COPY is selected (unauthenticated)" in after
    assert started.records() == before + 1
