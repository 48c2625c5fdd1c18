"""A runner of GitHub's and one of GitLab's, as far as our pipelines use them: the shells get what the real ones would give them.

An expression or an action that is not known here fails: a pipeline that says more must be looked at again.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from support.git import git

ROOT = Path(__file__).parents[2]
ENTRY = "import sys, time; time.time = lambda: {now}; from govern.entry import main; sys.exit(main())"


class Job(NamedTuple):
    """A job that has ended: its status, what it printed, and its folder."""

    status: int
    out: str
    folder: Path

    @property
    def commands(self) -> list[str]:
        """The lines that the runner of GitHub took for commands to itself."""
        stopped, found = "", []
        for line in self.out.splitlines():
            if stopped:
                stopped = "" if line == f"::{stopped}::" else stopped
            elif line.startswith("::stop-commands::"):
                stopped = line.removeprefix("::stop-commands::")
            elif line.startswith("::"):
                found.append(line)
        return found


def install(folder: Path, now: int) -> Path:
    """Put the program of this tree where a job would have installed it, with a clock that stands still; return the folder."""
    place = folder / "govern" / "bin"
    place.mkdir(parents=True)
    program = place / "govern"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{ENTRY.format(now=now)}" "$@"\n')
    program.chmod(0o755)
    return place


class GitHub:
    """One repository at GitHub, with its variables and its cache."""

    def __init__(self, origin: Path, folder: Path, variables: Mapping[str, str], now: int) -> None:
        self.origin, self.folder, self.variables, self.now = origin, folder, dict(variables), now
        self.cache: list[Path] = []
        self.runs = 0

    def push(self) -> Job:
        """Run the workflow of the branch, after it was pushed to."""
        return self._run("push", "")

    def pull_request(self, head: str) -> Job:
        """Run the workflow of the branch, for a branch that is proposed."""
        return self._run("pull_request_target", head)

    def _run(self, event: str, head: str) -> Job:
        self.runs += 1
        folder = self.folder / f"job {self.runs}"
        (folder / "work").mkdir(parents=True)
        install(folder, self.now)
        # The event takes the workflow from the branch that it is for.
        workflow = yaml.safe_load(git(self.origin, "show", "main:.github/workflows/govern.yml"))
        assert event in workflow[True]
        [job] = workflow["jobs"].values()
        known = {
            "github.event_name": event,
            "github.event_name == 'push'": event == "push",
            "github.event_name == 'pull_request_target'": event == "pull_request_target",
            "github.event_name == 'pull_request_target' && 'head' || ''": "head" if event == "pull_request_target" else "",
            "github.event.pull_request.head.repo.full_name": "somebody/fork",
            "github.event.pull_request.head.sha": head,
            "github.run_id": str(self.runs),
            **{f"vars.{name}": value for name, value in ({"GOVERN_CHECKPOINT": "", "GOVERN_PIN": ""} | self.variables).items()},
        }
        out = ""
        for step in job["steps"]:
            if "if" in step and not known[step["if"]]:
                continue
            status, said = self._step(step, folder, known)
            out += said
            if status:
                return Job(status, out, folder)
        return Job(0, out, folder)

    def _step(self, step: Mapping[str, Any], folder: Path, known: dict[str, Any]) -> tuple[int, str]:
        given = {name: _told(str(value), known) for name, value in step.get("with", {}).items()}
        match re.split(r"[@]", step.get("uses", "run"))[0]:
            case "run":
                return _shell(step, folder, known)
            case "actions/checkout":
                assert given["persist-credentials"] == "False"
                git(folder, "clone", "--quiet", "--no-checkout", str(self.origin), str(folder / "work" / given["path"]))
                git(folder / "work" / given["path"], "checkout", "--quiet", "--detach", given["ref"].replace("refs/heads/", "origin/"))
                return 0, ""
            case "actions/cache/restore":
                if self.cache:
                    shutil.copytree(self.cache[-1], folder / "work" / given["path"])
                return 0, ""
            case "actions/cache/save":
                self.cache.append(folder / "saved")
                shutil.copytree(folder / "work" / given["path"], self.cache[-1])
                return 0, ""
            case local if local.startswith("./"):
                return self._action(folder / "work" / local, given, folder, known)
            case "acme/govern":
                return self._action(ROOT, given, folder, known)
        raise AssertionError(step)

    def _action(self, program: Path, given: Mapping[str, str], folder: Path, known: dict[str, Any]) -> tuple[int, str]:
        action = yaml.safe_load((program / "action.yml").read_text())
        inputs = {name: given.get(name, each.get("default")) for name, each in action["inputs"].items()}
        assert set(given) <= set(inputs)
        assert None not in inputs.values()
        inside = {"github.action_path": str(program), **{f"inputs.{name}": value for name, value in inputs.items()}}
        out = ""
        for step in action["runs"]["steps"]:
            if "pip install" in step["run"]:
                continue
            status, said = _shell(step, folder, inside)
            out += said
            if status:
                return status, out
        told = dict(line.split("=", 1) for line in (folder / "output").read_text().splitlines())
        known["steps.judge.outputs.reports"] = told["reports"]
        return 0, out


class GitLab:
    """One project at GitLab, with its variables."""

    def __init__(self, origin: Path, folder: Path, variables: Mapping[str, str], now: int) -> None:
        self.origin, self.folder, self.variables, self.now = origin, folder, dict(variables), now
        self.runs = 0

    def merge_request(self, head: str) -> Job:
        """Run the included job for a branch that is proposed."""
        return self._run(head, {"CI_MERGE_REQUEST_IID": "7"})

    def push(self) -> Job:
        """Run the included job on the branch."""
        return self._run("main", {})

    def _run(self, head: str, more: Mapping[str, str]) -> Job:
        self.runs += 1
        folder = self.folder / f"gitlab-{self.runs}"
        work = folder / "work"
        (work).mkdir(parents=True)
        install(work, self.now)
        (work / "program").symlink_to(ROOT)
        project = folder / "project"
        git(folder, "clone", "--quiet", "--branch", head, str(self.origin), str(project))
        _spec, included = yaml.safe_load_all((ROOT / "ci" / "gitlab" / "govern.yml").read_text())
        job = included["govern"]
        given = yaml.safe_load(git(self.origin, "show", "main:.gitlab-ci.yml"))["include"][0]["inputs"]
        variables = {name: re.sub(r"\$\[\[ inputs\.([a-z]+) \]\]", lambda found: given[found[1]], value) for name, value in job["variables"].items()}
        env = _plain() | variables | self.variables | {"CI_PROJECT_DIR": str(project), "CI_DEFAULT_BRANCH": "main", "work": str(work), **more}
        done = subprocess.run(["sh", "-c", "\n".join(job["script"])], cwd=project, env=env, capture_output=True, text=True, check=False)
        return Job(done.returncode, done.stdout + done.stderr, project)


def _shell(step: Mapping[str, Any], folder: Path, known: Mapping[str, Any]) -> tuple[int, str]:
    assert "${{" not in step["run"], "an expression in a shell line is a way in"
    env = _plain() | {name: _told(value, known) for name, value in step.get("env", {}).items()}
    env |= {"RUNNER_TEMP": str(folder), "GITHUB_OUTPUT": str(folder / "output"), "GITHUB_STEP_SUMMARY": str(folder / "summary")}
    words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    done = subprocess.run(words, cwd=folder / "work", env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def _told(text: str, known: Mapping[str, Any]) -> str:
    return re.sub(r"\$\{\{ (.+?) \}\}", lambda found: str(known[found[1]]), text)


def _plain() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "LANG": "C.UTF-8", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
