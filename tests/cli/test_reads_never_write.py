"""No question writes in the programme's tree: not a byte, not a time stamp."""

import pytest

from govern.cli.main import COMMANDS
from support.cli import HOLD, SCOPING, Programme

READS: list[tuple[str, ...]] = [
    ("doctor",),
    ("explain",),
    ("explain", "lifecycles"),
    ("schema",),
    ("schema", "packet"),
    ("diagram",),
    ("diagram", "grant"),
    ("check", "--shared"),
    ("status",),
    ("status", "QT001"),
    ("show", "5"),
    ("show", SCOPING),
    ("show", "final-real-data"),
    ("log",),
    ("log", "5"),
    ("gaps", "@S0"),
    ("lineage",),
    ("why-blocked",),
    ("why-blocked", "--all"),
    ("why", "2"),
    ("what-if", "grant record PERMIT --as owner", "--", "why-blocked", "5"),
    ("roster",),
    ("board",),
    ("board", "--as", "owner"),
    ("sweep",),
    ("sweep", "--since", "@S0"),
    ("sweep", "--policy", "states.yaml"),
    ("decide",),
    ("decide", "2", "--as", "owner", "--dry-run"),
    ("delegate", "2", "--to", "gpt", "--as", "owner", "--dry-run"),
    ("grant", "record", "QT001", "--as", "owner", "--dry-run"),
    ("lane", "open", "production-execution", "--as", "owner", "--dry-run"),
    ("packet",),
    ("prove",),
    ("prove", "dry-run-needs-its-grant", "--engine", "search"),
    ("prove", "dry-run-needs-its-grant", "--export", "promela"),
    ("packet", "show", "production"),
    ("ticket", "list"),
    ("ticket", "show", "TKT-OBJ-490"),
    ("ticket", "check"),
    ("policy", "diff"),
    ("key", "list"),
    ("render", "--check"),
    ("lineage", "--format", "mermaid"),
    ("export", "html"),
    ("render", "current-state"),
    ("render", "rehearsal-report", "--as-of", "@S4"),
    ("rehearse", "--source", "governance/rehearsal/toy.sql", "--engine", "sqlite", "--change", "birth"),
    ("verify",),
    ("checkpoint",),
]
# What is a write always; each is refused in `test_refused_writes` without a trace, and recorded elsewhere.
WRITES = {"init", "demo", "refuse", "blocker", "finding", "note", "mark", "policy", "request", "run", "ledger", "mcp", "seal", "surrogate"}
# What is asked about a file, or answers no here; that the tree stays as it was is tested with each.
ASKED_ELSEWHERE = {"gate", "hook", "intake", "precheck", "probe", "validate"}


def marked(programme: Programme) -> dict[str, tuple[str, int]]:
    """Return the tree with the time of each change."""
    return {name: (what, (programme.root / name).lstat().st_mtime_ns) for name, what in programme.tree().items()}


def test_every_command_is_a_question_here_or_a_write() -> None:
    assert {words[0] for words in READS} | WRITES | ASKED_ELSEWHERE == set(COMMANDS)


@pytest.mark.parametrize("words", READS, ids=" ".join)
def test_a_question_leaves_the_tree_as_it_was(words: tuple[str, ...], fix7: Programme) -> None:
    before = marked(fix7)
    fix7.does(*words)
    fix7.does(*words, "--json")
    assert marked(fix7) == before


def test_questions_are_answered_where_nothing_can_be_written(fix7: Programme) -> None:
    fix7.does("decide", HOLD, "--as", "owner", "--dry-run")
    folders = [path for path in (fix7.root, *fix7.root.rglob("*")) if path.is_dir()]
    for folder in folders:
        folder.chmod(0o555)
    try:
        assert [fix7.run(*words).status for words in READS] == [0] * len(READS)
    finally:
        for folder in folders:
            folder.chmod(0o755)


def test_demo_leaves_the_programme_that_it_copies_as_it_was(website: Programme) -> None:
    before = marked(website)
    website.does("demo")
    assert marked(website) == before
