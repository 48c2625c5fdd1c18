"""`init --ci`, the action and the job that it names: what they may do, what they take from whom, and what is never merged."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from govern.problems import Exit
from support import schemas
from support.cli import Programme
from support.git import git
from support.runners import ROOT

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PROGRAM = ("--program", f"acme/govern@{COMMIT}")
IMAGE = ("--image", f"python:3.13@sha256:{'a' * 64}")
ACTION = ("name", "author", "description", "inputs", "outputs", "runs", "branding")
WORKFLOW = ("name", "on", "env", "defaults", "concurrency", "jobs", "permissions")
installing = pytest.mark.skipif(
    "GOVERN_TEST_INSTALLS" not in os.environ, reason="does not apply: what is installed from an index is tried by `make test-installs`"
)


@pytest.fixture
def hosted(fix7: Programme) -> Programme:
    """A programme at the top of a repository."""
    git(fix7.root, "init", "--quiet")
    return fix7


def loaded(path: Path) -> Any:
    """Return a file of YAML as its readers do: `on` is a word to them."""
    return yaml.load(path.read_text(), yaml.BaseLoader)


def workflow(programme: Programme, *words: str) -> Any:
    """Return the workflow that is written."""
    programme.does("init", "--ci", "github", *PROGRAM, *words)
    return loaded(programme.root / ".github/workflows/govern.yml")


def test_a_workflow_is_valid_and_runs_as_the_branch_has_it(hosted: Programme) -> None:
    found = workflow(hosted, "--gate", "real-run", "--gate", "ci-trigger")
    # To YAML 1.1 `on` is a boolean; and the copy of the schema is older than this runner.
    text = (hosted.root / ".github/workflows/govern.yml").read_text().replace("\non:", "\n'on':").replace("ubuntu-24.04", "ubuntu-22.04")
    schemas.validator(keys=WORKFLOW).validate(yaml.safe_load(text))
    assert found["on"] == {"pull_request_target": {"branches": ["main"]}, "push": {"branches": ["main"]}}
    judged = found["jobs"]["judge"]["steps"][3]
    assert judged["uses"] == f"acme/govern@{COMMIT}"
    assert (judged["with"]["actions"], judged["with"]["programme"]) == ("real-run ci-trigger", ".")


def test_a_workflow_may_read_the_repository_and_nothing_else(hosted: Programme) -> None:
    found = workflow(hosted)
    assert found["permissions"] == {}
    assert [job["permissions"] for job in found["jobs"].values()] == [{"contents": "read"}]
    checkouts = [step for step in found["jobs"]["judge"]["steps"] if step.get("uses", "").startswith("actions/checkout@")]
    assert [step["with"]["path"] for step in checkouts] == ["base", "head"]
    assert {step["with"]["persist-credentials"] for step in checkouts} == {"false"}


@pytest.mark.parametrize("program", [PROGRAM[1], "./vendor/govern"])
def test_whatever_a_workflow_uses_is_named_by_its_commit_or_lies_in_the_branch(program: str, hosted: Programme) -> None:
    hosted.does("init", "--ci", "github", "--program", program)
    steps = loaded(hosted.root / ".github/workflows/govern.yml")["jobs"]["judge"]["steps"]
    used = [step["uses"] for step in steps if "uses" in step]
    assert len(used) == 5
    assert all(re.fullmatch(r"[a-z/-]+@[0-9a-f]{40}|\./base/vendor/govern", each) for each in used)


def test_no_expression_stands_in_a_shell_line(hosted: Programme) -> None:
    steps = [*workflow(hosted)["jobs"]["judge"]["steps"], *loaded(ROOT / "action.yml")["runs"]["steps"]]
    scripts = [step["run"] for step in steps if "run" in step]
    assert len(scripts) == 3
    assert not [script for script in scripts if "${{" in script]
    _spec, job = yaml.safe_load_all((ROOT / "ci/gitlab/govern.yml").read_text())
    assert "$[[" not in "".join(job["govern"]["before_script"] + job["govern"]["script"])


def test_python_imports_nothing_from_the_folder_that_a_job_runs_in() -> None:
    """At GitLab that is the checkout of the proposal: a `venv.py` in it would be run."""
    for name in ("action.yml", "ci/gitlab/govern.yml", "ci/judge.sh"):
        calls = re.findall(r"^.*python3?\"? -.*$", (ROOT / name).read_text(), re.MULTILINE)
        assert all(re.search(r"python3?\"? -I ", each) for each in calls), calls
        assert len(calls) == {"action.yml": 4, "ci/gitlab/govern.yml": 3, "ci/judge.sh": 0}[name]


def test_the_action_is_composite_and_takes_what_the_workflow_gives_it(hosted: Programme) -> None:
    action = loaded(ROOT / "action.yml")
    schemas.validator(keys=ACTION).validate(yaml.safe_load((ROOT / "action.yml").read_text()))
    assert action["runs"]["using"] == "composite"
    # A step of a composite action must name its shell.
    assert [step["shell"] for step in action["runs"]["steps"]] == ["bash", "bash"]
    given = set(workflow(hosted)["jobs"]["judge"]["steps"][3]["with"])
    assert given < set(action["inputs"])
    assert {name for name, each in action["inputs"].items() if each.get("required") == "true"} <= given
    named = set(re.findall(r"inputs\.([a-z]+) }}", (ROOT / "action.yml").read_text()))
    assert named == set(action["inputs"])


def test_a_pipeline_of_gitlab_includes_the_job_by_its_commit_and_both_are_valid(hosted: Programme) -> None:
    hosted.does("init", "--ci", "gitlab", *PROGRAM, *IMAGE, "--gate", "real-run")
    [included] = yaml.safe_load((hosted.root / ".gitlab-ci.yml").read_text())["include"]
    gitlab = schemas.validator(title="Gitlab CI configuration")
    # The copy of the schema is older than inputs, which are checked below.
    gitlab.validate({"include": [{name: value for name, value in included.items() if name != "inputs"}]})
    spec, job = yaml.safe_load_all((ROOT / "ci/gitlab/govern.yml").read_text())
    gitlab.validate(job)
    assert (included["project"], included["ref"], included["file"]) == ("acme/govern", COMMIT, "/ci/gitlab/govern.yml")
    declared = spec["spec"]["inputs"]
    assert set(included["inputs"]) == set(declared)
    assert all(re.search(declared[name]["regex"], value) for name, value in included["inputs"].items())
    assert set(re.findall(r"\$\[\[ inputs\.([a-z]+) ]]", (ROOT / "ci/gitlab/govern.yml").read_text())) == set(declared)


@pytest.mark.parametrize(
    "words",
    [
        ("github",),
        ("github", "--program", "acme/govern@main"),
        ("github", "--program", "acme/govern@0123456"),
        ("github", "--program", f"govern@{COMMIT}"),
        ("github", "--program", f"acme/govern@{COMMIT}\n"),
        ("github", "--program", "./../elsewhere"),
        ("github", *PROGRAM, "--branch", "main]\n"),
        ("github", *PROGRAM, "--branch", "${{ github.head_ref }}"),
        ("github", *PROGRAM, *IMAGE),
        ("gitlab", *PROGRAM),
        ("gitlab", *PROGRAM, "--image", "python:3.13"),
        ("gitlab", *IMAGE),
        ("gitlab", *PROGRAM, *IMAGE, "--branch", "trunk"),
        ("jenkins", *PROGRAM),
    ],
)
def test_what_is_not_pinned_or_could_be_read_as_more_is_put_into_no_pipeline(words: tuple[str, ...], hosted: Programme) -> None:
    assert hosted.refuses("init", "--ci", *words, status=2).codes == ["USAGE"]


def test_options_of_a_pipeline_without_one_are_errors_of_usage(hosted: Programme) -> None:
    assert hosted.refuses("init", *PROGRAM, status=2).codes == ["USAGE"]


def test_an_action_that_nobody_declared_is_put_into_no_pipeline(hosted: Programme) -> None:
    ran = hosted.refuses("init", "--ci", "github", *PROGRAM, "--gate", "real-rum", status=2)
    assert (ran.codes, "did you mean `real-run`?" in ran.err) == (["UNKNOWN_ID"], True)


def test_without_a_programme_or_a_repository_there_is_no_pipeline(fix7: Programme, tmp_path: Path) -> None:
    assert "is in no repository of git" in fix7.refuses("init", "--ci", "github", *PROGRAM, status=2).err
    (tmp_path / "empty").mkdir()
    assert Programme(tmp_path / "empty").refuses("init", "--ci", "github", *PROGRAM, status=3).codes == ["NO_POLICY"]


def test_written_again_it_stays_as_it_is(hosted: Programme) -> None:
    words = ("init", "--ci", "github", *PROGRAM)
    assert hosted.asks(*words)["written"] == [".github/workflows/govern.yml"]
    before = hosted.tree()
    assert hosted.asks(*words)["written"] == []
    assert hosted.does(*words).out.startswith(f"already as it is to be: {hosted.root}/.github/workflows/govern.yml\n")
    assert hosted.tree() == before


@pytest.mark.parametrize("text", ["", "stages: [test]\n", "include: [{local: other.yml}]\n"])
def test_what_is_there_is_never_merged_and_what_would_be_written_is_printed(text: str, hosted: Programme) -> None:
    (hosted.root / ".gitlab-ci.yml").write_text(text)
    ran = hosted.refuses("init", "--ci", "gitlab", *PROGRAM, *IMAGE)
    assert ran.codes == ["OUT_TAKEN"]
    assert yaml.safe_load(ran.out)["include"][0]["ref"] == COMMIT


def test_a_link_on_the_way_is_not_followed(hosted: Programme, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (hosted.root / ".github").symlink_to(tmp_path / "elsewhere")
    hosted.refuses("init", "--ci", "github", *PROGRAM, status=5)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_below_the_top_of_a_repository_the_pipeline_names_the_folder(fix7: Programme) -> None:
    git(fix7.root.parent, "init", "--quiet")
    fix7.does("init", "--ci", "github", *PROGRAM)
    found = loaded(fix7.root.parent / ".github/workflows/govern.yml")
    assert found["jobs"]["judge"]["steps"][3]["with"]["programme"] == "fix7"
    odd = Programme(fix7.root.rename(fix7.root.parent / "fix 7"))
    assert "cannot be put into a pipeline" in odd.refuses("init", "--ci", "gitlab", *PROGRAM, *IMAGE, status=2).err


def test_verified_strictly_a_warning_is_a_no(signed: Programme) -> None:
    assert signed.does("verify", "--strict").codes == []
    signed.replace("states.yaml", "consumes: REAL_RUN", "consumes: QT001")
    assert signed.does("verify").codes == ["POLICY_DIRTY"]
    ran = signed.refuses("verify", "--strict", status=Exit.NO)
    assert ran.codes == ["POLICY_DIRTY"]
    signed.ledger.write_bytes(signed.ledger.read_bytes()[:-1])
    assert signed.run("verify", "--strict").status == Exit.BROKEN


def test_the_lock_of_the_pipelines_has_what_the_program_needs_and_as_the_other_lock_has_it() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[a-z0-9._-]+==[^ ;]+", (ROOT / name).read_text(), re.MULTILINE))

    small = pins("ci/requirements.lock")
    assert small < pins("requirements.lock")
    declared = re.search(r"^dependencies = \[\n(.*?)^\]", (ROOT / "pyproject.toml").read_text(), re.MULTILINE | re.DOTALL)
    assert declared is not None
    wanted = {name.replace(".", "-") for name in re.findall(r'"([a-z0-9.-]+?)>=', declared[1])} | {"hatchling"}
    assert wanted <= {each.partition("==")[0].replace(".", "-") for each in small}


def test_the_hooks_run_commands_that_there_are_and_look_at_what_they_are_about(fix7: Programme) -> None:
    hooks = {each["id"]: each for each in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert list(hooks) == ["govern-check", "govern-render", "govern-seals"]
    for hook in hooks.values():
        assert (hook["language"], hook["pass_filenames"]) == ("python", False)
        program, *words = hook["entry"].split()
        assert program == "govern"
        assert fix7.run(*words).status in (Exit.YES, Exit.UNJUDGED)
    looked_at = {
        name: [bool(re.search(hook["files"], path)) for path in ("a/states.yaml", "templates/x.j2", "governance/reports/x.md", "README.md")]
        for name, hook in hooks.items()
    }
    assert looked_at == {
        "govern-check": [True, True, False, False],
        "govern-render": [True, True, True, False],
        "govern-seals": [False, False, True, False],
    }


@installing
def test_pre_commit_installs_the_hooks_and_runs_them(fix7: Programme, tmp_path: Path) -> None:
    git(fix7.root, "init", "--quiet")
    git(fix7.root, "add", "--all")
    env = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "pre-commit")}
    for variable in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        env.pop(variable, None)

    def tried(hook: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), hook, "--all-files", "--verbose"]
        return subprocess.run(words, cwd=fix7.root, env=env, capture_output=True, text=True, check=False)

    ran = tried("govern-check")
    if "CalledProcessError" in ran.stdout:
        pytest.skip("no index of packages can be reached, so the hooks were NOT installed")
    assert ran.returncode == 0, ran
    assert "states.yaml: no fault found" in ran.stdout


@installing
def test_the_action_installs_the_program_with_the_hashes_of_the_lock(tmp_path: Path) -> None:
    script = loaded(ROOT / "action.yml")["runs"]["steps"][0]["run"]
    env = {**os.environ, "PROGRAM": str(ROOT), "RUNNER_TEMP": str(tmp_path)}
    ran = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    if "Could not find a version" in ran.stderr:
        pytest.skip("no index of packages can be reached, so the program was NOT installed")
    assert ran.returncode == 0, ran
    shown = subprocess.run([tmp_path / "govern/bin/govern", "--version"], capture_output=True, text=True, check=True)
    assert shown.stdout.startswith("govern ")


@installing
def test_the_job_of_gitlab_fetches_the_program_by_its_commit_and_installs_it(tmp_path: Path) -> None:
    _spec, job = yaml.safe_load_all((ROOT / "ci/gitlab/govern.yml").read_text())
    server = {"CI_SERVER_PROTOCOL": "https", "CI_SERVER_HOST": "git.example", "CI_SERVER_PORT": "443", "CI_JOB_TOKEN": "token"}
    commit = {"GOVERN_PROGRAM": "acme/govern", "GOVERN_COMMIT": git(ROOT, "rev-parse", "HEAD")}
    here = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.file://{ROOT}.insteadOf"}
    here["GIT_CONFIG_VALUE_0"] = "https://gitlab-ci-token:token@git.example:443/acme/govern.git"
    env = {**os.environ, **server, **commit, **here, "TMPDIR": str(tmp_path)}
    # The job runs in the checkout of the proposal.
    for name in ("venv", "pip", "ensurepip", "hatchling", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the proposal was executed')\n")
    script = "\n".join([*job["govern"]["before_script"], '"$work/govern/bin/govern" --version'])
    ran = subprocess.run(["sh", "-c", script], env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    if "Could not find a version" in ran.stderr:
        pytest.skip("no index of packages can be reached, so the program was NOT installed")
    assert (ran.returncode, ran.stdout.startswith("govern ")) == (0, True), ran
