"""Attacks by a pull request: on the policy, the templates, the ledger and the pipeline by which it is judged."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from govern.cli.memory import folder as memory_folder
from govern.problems import Exit
from support.attacks import Victim, own
from support.cli import Clock
from support.git import git
from support.runners import ROOT, GitHub, GitLab, Job

COMMIT = "0123456789abcdef0123456789abcdef01234567"
IMAGE = f"python@sha256:{'0' * 64}"


class Hosted:
    """A programme in a repository, with its two pipelines."""

    def __init__(self, victim: Victim, folder: Path, clock: Clock, *words: str) -> None:
        self.victim, self.root, self.origin = victim, victim.root, folder / "origin.git"
        git(self.root, "init", "--quiet")
        victim.does("init", "--ci", "github", *(words or ("--program", f"acme/govern@{COMMIT}")))
        victim.does("init", "--ci", "gitlab", "--program", f"acme/govern@{COMMIT}", "--image", IMAGE)
        git(folder, "init", "--quiet", "--bare", str(self.origin))
        git(self.root, "remote", "add", "origin", str(self.origin))
        self.pushes("main")
        [memory] = memory_folder().glob("*.json")
        # What is kept outside the repository: a checkpoint, and the first keys.
        variables = {"GOVERN_CHECKPOINT": victim.does("checkpoint").out, "GOVERN_PIN": json.loads(memory.read_bytes())["pin"]}
        self.github = GitHub(self.origin, folder, variables, clock.seconds)
        self.gitlab = GitLab(self.origin, folder, variables, clock.seconds)

    def pushes(self, branch: str) -> str:
        """Commit everything, and push it; return the commit."""
        git(self.root, "checkout", "--quiet", "-B", branch)
        git(self.root, "add", "--all")
        git(self.root, "commit", "--quiet", "--allow-empty", "-m", "A change")
        git(self.root, "push", "--quiet", "--force", "origin", branch)
        return git(self.root, "rev-parse", "HEAD")

    def proposes(self) -> Job:
        """Open a pull request with what is in the folder."""
        return self.github.pull_request(self.pushes("proposal"))


@pytest.fixture
def hosted(real: Victim, clock: Clock, tmp_path: Path) -> Hosted:
    """The programme of this repository in a repository, with a key for its owner and its pipelines."""
    return Hosted(real, tmp_path, clock)


def weaken(hosted: Hosted) -> None:
    hosted.victim.replace("states.yaml", "consumes: REAL_RUN", "consumes: QT001")


def weaken_template(hosted: Hosted) -> None:
    [template, *_others] = sorted((hosted.root / "templates").glob("*.j2"))
    template.write_text(template.read_text(encoding="utf-8") + "All clear.\n", encoding="utf-8")


def forge_grant(hosted: Hosted) -> None:
    hosted.victim.forge("grant", "owner", {"grant": "REAL_RUN", "scope": "production"}, at=Clock().seconds)


def rewrite(hosted: Hosted) -> None:
    """Put others in the place of the newest record, which was signed, as the owner could on a machine that forgot it."""
    hosted.victim.write(hosted.victim.lines[:-1])
    [memory] = memory_folder().glob("*.json")
    memory.write_text(json.dumps(json.loads(memory.read_bytes()) | {"size": 0, "last": ""}))
    hosted.victim.does("note", "Another past.", *own("owner"))
    hosted.victim.does("note", "It goes on.", *own("owner"))


def drop(hosted: Hosted) -> None:
    hosted.victim.write(hosted.victim.lines[:-1])


def edit_workflow(hosted: Hosted) -> None:
    (hosted.root / ".github/workflows/govern.yml").write_text("on: push\njobs: {judge: {runs-on: ubuntu-24.04, steps: [{run: 'true'}]}}\n")


def add_workflow(hosted: Hosted) -> None:
    (hosted.root / ".github/workflows/other.yml").write_text("on: pull_request\njobs: {judge: {runs-on: ubuntu-24.04, steps: [{run: 'true'}]}}\n")


def link_to_workflows(hosted: Hosted) -> None:
    """Put a link in the place of the folder above: a checkout finds the same files behind it, and GitHub none."""
    (hosted.root / ".github").rename(hosted.root / "elsewhere")
    (hosted.root / ".github").symlink_to("elsewhere")


def take_workflows_away(hosted: Hosted) -> None:
    shutil.rmtree(hosted.root / ".github")


def edit_document(hosted: Hosted) -> None:
    path = hosted.root / "governance/reports/current-state.md"
    path.write_text(path.read_text(encoding="utf-8") + "\nEverything is granted.\n", encoding="utf-8")


def begin_anew(hosted: Hosted) -> None:
    shutil.rmtree(hosted.root / "governance" / "ledger")
    shutil.rmtree(memory_folder())
    hosted.victim.does("init")


def link_away(hosted: Hosted) -> None:
    shutil.rmtree(hosted.root / "governance")
    (hosted.root / "governance").symlink_to("../base/governance")


def take_policy_away(hosted: Hosted) -> None:
    hosted.victim.policy.unlink()


@pytest.mark.parametrize(
    ("attack", "status", "told"),
    [
        (weaken, Exit.NO, "POLICY_DIRTY"),
        (weaken_template, Exit.NO, "TEMPLATE_DIRTY"),
        (forge_grant, Exit.BROKEN, "SIG_MISSING"),
        (rewrite, Exit.BROKEN, "FORK"),
        (drop, Exit.BROKEN, "ROLLBACK"),
        (edit_workflow, Exit.NO, "the proposal changes what judges it: .github/workflows"),
        (add_workflow, Exit.NO, "the proposal changes what judges it: .github/workflows"),
        (link_to_workflows, Exit.NO, "the proposal changes what judges it: .github/workflows"),
        (take_workflows_away, Exit.NO, "the proposal changes what judges it: .github/workflows"),
        (edit_document, Exit.NO, "DRIFT_EDITED"),
        (begin_anew, Exit.BROKEN, "LEDGER_MISMATCH"),
        (link_away, Exit.NO, "there is a link among the programme's files"),
        (take_policy_away, Exit.UNJUDGED, "there is no states.yaml"),
    ],
)
def test_row_54_a_pull_request_that_changes_what_judges_it_fails(attack: Callable[[Hosted], None], status: Exit, told: str, hosted: Hosted) -> None:
    attack(hosted)
    job = hosted.proposes()
    assert told in job.out, job.out
    assert job.status == status, job
    assert job.commands == [], "what is printed is no command to the runner"


def test_an_honest_pull_request_passes_and_leaves_nothing_behind(hosted: Hosted) -> None:
    hosted.victim.does("note", "Honest work.", *own("owner"))
    hosted.victim.does("render")
    # A policy that was adopted by those who may change it is no attack.
    weaken(hosted)
    hosted.victim.replace("states.yaml", "version: 1", "version: 2")
    hosted.victim.confirms("policy", "adopt", "--reason", "It is time.", "--accept-weakening", *own("owner"))
    hosted.victim.does("render")
    job = hosted.proposes()
    assert job.status == Exit.YES, job.out
    assert "2 records added since the checkpoint" in job.out
    assert hosted.github.cache == []


def test_a_branch_that_was_rewritten_is_found_by_what_is_kept_outside_it(hosted: Hosted) -> None:
    hosted.victim.does("note", "Honest work.", *own("owner"))
    hosted.victim.does("render")
    hosted.pushes("main")
    assert hosted.github.push().status == Exit.YES
    assert (hosted.github.cache[-1] / "checkpoint").read_text() == hosted.victim.does("checkpoint").out
    rewrite(hosted)
    hosted.victim.does("render")
    hosted.pushes("main")
    job = hosted.github.push()
    assert (job.status, len(hosted.github.cache)) == (Exit.BROKEN, 1)
    assert "error FORK" in job.out
    # The cache is lost; what the variable says stays.
    hosted.github.cache.clear()
    hosted.victim.write(hosted.victim.lines[:26])
    hosted.pushes("main")
    job = hosted.github.push()
    assert (job.status, "error ROLLBACK" in job.out) == (Exit.BROKEN, True)


def test_without_a_checkpoint_or_a_pin_nothing_passes(hosted: Hosted, tmp_path: Path) -> None:
    hosted.github.variables = {"GOVERN_CHECKPOINT": hosted.github.variables["GOVERN_CHECKPOINT"]}
    job = hosted.proposes()
    assert (job.status, "LEDGER_UNPINNED" in job.out) == (Exit.NO, True)
    # A checkpoint in the cache alone may be anybody's.
    (tmp_path / "cached").mkdir()
    (tmp_path / "cached/checkpoint").write_text(hosted.victim.does("checkpoint").out)
    hosted.github.cache, hosted.github.variables = [tmp_path / "cached"], {}
    job = hosted.proposes()
    assert (job.status, "the variable GOVERN_CHECKPOINT is not set" in job.out) == (Exit.UNJUDGED, True)


def test_a_program_that_the_pull_request_brings_judges_nothing(real: Victim, clock: Clock, tmp_path: Path) -> None:
    for name in ("action.yml", "ci/judge.sh"):
        (real.root / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, real.root / name)
    hosted = Hosted(real, tmp_path, clock, "--program", "./", "--gate", "ci-trigger")
    job = hosted.github.push()
    assert job.status == Exit.NO
    assert [each.rpartition("title=")[2] for each in job.commands] == ["govern/missing::ci-trigger: action:ci-trigger: no grant for ci-trigger exists yet"]
    assert (job.folder / "summary").read_text().startswith("# Gate\n")
    (real.root / "ci/judge.sh").write_text("#!/bin/sh\nexit 0\n")
    drop(hosted)
    job = hosted.proposes()
    assert (job.status, "error ROLLBACK" in job.out) == (Exit.BROKEN, True)


def test_at_gitlab_the_same_is_judged(hosted: Hosted) -> None:
    hosted.victim.does("note", "Honest work.", *own("owner"))
    hosted.victim.does("render")
    hosted.pushes("proposal")
    job = hosted.gitlab.merge_request("proposal")
    assert job.status == Exit.YES, job.out
    assert (job.folder / "govern-reports/checkpoint").read_text() == hosted.victim.does("checkpoint").out
    weaken(hosted)
    hosted.pushes("proposal")
    job = hosted.gitlab.merge_request("proposal")
    assert (job.status, "POLICY_DIRTY" in job.out) == (Exit.NO, True)
    (hosted.root / ".gitlab-ci.yml").write_text("govern: {script: ['true']}\n")
    drop(hosted)
    hosted.pushes("proposal")
    assert "the proposal changes what judges it: .gitlab-ci.yml" in hosted.gitlab.merge_request("proposal").out
