"""The gate, from an installed wheel: against an empty console script, Cedar and a lambda; over ledgers of three sizes, and in threads.

python bench/bench_gate.py [RECORDS]      # the largest ledger; 1,000,000 if left out
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import cedarpy
from generate import START, Size, programme

from govern.canonical import digest
from govern.gatekeeper import Gatekeeper
from govern.ledger.lines import SEGMENT_LINES, Chain, encode_line
from govern.ledger.statements import Basis, Statement

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 25
OPTION = "final-real-data/AUTHORIZE_PRODUCTION_EXECUTION"
ACTION = "actions:\n  act: {needs: {selected: OPTION_1}, consumes: G0}\n"
EMPTY = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n[project]\nname = "empty-script"\nversion = "1"\n[project.scripts]\nempty-script = "empty_script:main"\n'
FACTS = ("lane", "real_dump", "scoped", "opt4", "rollback", "real_run", "qt001", "permit", "activation", "repoint", "cutover")
CEDAR = f'permit(principal, action == Action::"decide", resource) when {{ {" && ".join(f"context.{fact}" for fact in FACTS)} }};'
REQUEST = f'{{"principal": "User::\\"owner\\"", "action": "Action::\\"decide\\"", "resource": "Option::\\"five\\"", "context": {{{", ".join(f"{chr(34)}{fact}{chr(34)}: False" for fact in FACTS)}}}}}'


def installed(folder: Path) -> Path:
    """Return the `bin` of an environment with this program and an empty one, both installed from wheels, compiled."""
    source = folder / "empty"
    source.mkdir()
    (source / "pyproject.toml").write_text(EMPTY, encoding="utf-8")
    (source / "empty_script.py").write_text("def main():\n    return 0\n", encoding="utf-8")
    made = folder / "venv"
    venv.create(made, with_pip=False)
    packages = next((made / "lib").iterdir()) / "site-packages"
    # What both are built with, and what the whole path imports, is where this runs.
    (packages / "others.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")), encoding="utf-8")
    python = str(made / "bin" / "python")
    for each in (ROOT, source):
        subprocess.run(
            [
                python,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-deps",
                "--no-build-isolation",
                "--ignore-installed",
                "--compile",
                str(each),
            ],
            check=True,
        )
    return made / "bin"


def used(command: list[str], environment: dict[str, str], folder: Path = ROOT, sent: str = os.devnull) -> tuple[float, int]:
    """Return the CPU seconds and the status of one process, which reads a file."""
    with Path(sent).open("rb") as stdin:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, process.returncode


def seconds(command: list[str], environment: dict[str, str], folder: Path = ROOT, sent: str = os.devnull) -> float:
    """Return the CPU seconds of one process."""
    return used(command, environment, folder, sent)[0]


def peak_memory(command: list[str], environment: dict[str, str]) -> int:
    """Return the peak memory of one process in bytes, started by a small one: what is started inherits the peak of its starter."""
    script = "import os, sys; os.waitpid(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]), 0)"
    script += "; import resource; print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", script, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return int(done.stdout) * 1024


def pairs(one: Callable[[], float], other: Callable[[], float]) -> str:
    """Return the ratio of two, measured in turn."""
    ratios = [one() / other() for _ in range(ROUNDS)]
    return f"{median(ratios):5.2f} (min {min(ratios):.2f}, max {max(ratios):.2f})"


def noted(folder: Path, records: int) -> Path:
    """Return the folder of a programme with a ledger of so many records, nearly all of them notes."""
    root = folder / f"notes-{records}"
    text = programme(Size(20, 10, 20)) + ACTION
    (root / "governance" / "ledger").mkdir(parents=True)
    (root / "governance" / "policy").mkdir()
    (root / "states.yaml").write_text(text, encoding="utf-8")
    chain, policy, lines = Chain(), digest(text.encode()), list[bytes]()
    for seq in range(records):
        body = (
            {"programme": "BENCH", "version": 1, "templates": {}, "nonce": digest(str(records).encode())}
            if seq == 0
            else {"text": f"Stage {seq} was looked at."}
        )
        statement = Statement(chain.ledger, "note" if seq else "genesis", "engineering" if seq else "owner", body, Basis(chain.size, chain.last), policy)
        line = encode_line(chain, statement, START + seq)
        chain.size, chain.last = seq + 1, digest(line[:-1])
        chain.ledger = chain.ledger or digest(statement.text().encode())
        lines.append(line)
    for number in range(0, records, SEGMENT_LINES):
        (root / "governance" / "ledger" / f"{number // SEGMENT_LINES:06d}.jsonl").write_bytes(b"".join(lines[number : number + SEGMENT_LINES]))
    return root


def processes(folder: Path, largest: int) -> None:
    """Print what a start costs, against an empty script and a one-shot Cedar."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), "XDG_STATE_HOME": str(folder / "state")}
    for name in ("PYTHONDONTWRITEBYTECODE", "GOVERN_PIN", "PYTHONPATH"):
        environment.pop(name, None)
    bin_ = installed(folder)
    gate = [str(bin_ / "govern"), "gate", "real-run"]
    cedar = [str(bin_ / "python"), "-c", f"import cedarpy; cedarpy.is_authorized({REQUEST}, {CEDAR!r}, [])"]
    for _ in range(2):
        assert used(gate, environment)[1] == 1
    told = subprocess.run([*gate, "-v"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False).stderr
    assert "from a snapshot" in told, told
    print(
        f"govern gate, of an empty console script's CPU: {pairs(partial(seconds, gate, environment), partial(seconds, [str(bin_ / 'empty-script')], environment))}"
    )
    print(f"govern gate, of a one-shot cedarpy on the same rule: {pairs(partial(seconds, gate, environment), partial(seconds, cedar, environment))}")
    empty = partial(seconds, [str(bin_ / "empty-script")], environment)
    for what, line, wanted in (("harmless", "ls -l src | head", 0), ("guarded", "sudo REAL_RUN --all", 2)):
        call = folder / f"{what}.json"
        call.write_text(f'{{"tool_name": "Bash", "cwd": "{ROOT}", "tool_input": {{"command": "{line}"}}}}', encoding="utf-8")
        hook = [str(bin_ / "govern"), "hook"]
        assert [used(hook, environment, sent=str(call))[1] for _ in range(2)] == [wanted, wanted]
        print(f"govern hook, a {what} call, of an empty console script's CPU: {pairs(partial(seconds, hook, environment, sent=str(call)), empty)}")
    print(f"peak memory of a gate: {peak_memory(gate, environment) / 2**20:.1f} MiB")
    act = [str(bin_ / "govern"), "gate", "act"]
    roots = {records: noted(folder, records) for records in (10, 10_000, largest)}
    for records, root in roots.items():
        full = used(act, environment, root)
        assert full[1] == 1, full
        print(f"ledger of {records:,} records: in full {full[0]:.2f} s of CPU, then from the snapshot")
    for records, root in list(roots.items())[1:]:
        print(f"  {records:,} against 10: {pairs(partial(seconds, act, environment, root), partial(seconds, act, environment, roots[10]))}")


def a_second(work: Callable[[], object], calls: int) -> float:
    """Return how many times a second something is done, at best of three."""
    best = 0.0
    for _ in range(3):
        start = time.perf_counter()
        for _ in range(calls):
            work()
        best = max(best, calls / (time.perf_counter() - start))
    return best


def in_process(folder: Path) -> None:
    """Print verdicts on option 5 of this repository against Cedar's batch and a lambda, and gates of four threads while another records."""
    root = folder / "programme"
    shutil.copytree(ROOT / "governance", root / "governance")
    shutil.copytree(ROOT / "templates", root / "templates")
    shutil.copy(ROOT / "states.yaml", root)
    keeper = Gatekeeper(root)
    answers, facts = keeper.current(), dict.fromkeys(FACTS, True) | {"cutover": False}
    by_hand = eval(f"lambda facts: {' and '.join(f'facts[{fact!r}]' for fact in FACTS)}")  # noqa: S307 - the names above
    policies, entities = cedarpy.PolicySet.from_str(CEDAR), cedarpy.Entities.from_json_str("[]")
    request = {"principal": 'User::"owner"', "action": 'Action::"decide"', "resource": 'Option::"five"', "context": facts}
    batch = [request] * 1_000
    ours = a_second(lambda: answers.ask(OPTION), 200_000)
    hand = a_second(lambda: by_hand(facts), 200_000)
    cedar = 1_000 * a_second(lambda: cedarpy.is_authorized_batch(batch, policies, entities), 3)
    print(f"verdicts on option 5 at one head: {ours:,.0f} a second; {ours / cedar:.0f} times cedarpy's batch, {ours / hand:.2f} of a lambda")
    print(f"looking up whether anything has moved, each time: {a_second(lambda: keeper.ask(OPTION), 20_000):,.0f} a second")
    threads(folder)


def threads(folder: Path) -> None:
    """Print how many questions four threads get answered while another appends."""
    root = noted(folder, 11)
    keeper, stop, counts = Gatekeeper(root), threading.Event(), [0, 0, 0, 0]
    appended = [0]

    def ask(number: int) -> None:
        while not stop.is_set():
            answers = keeper.current()
            assert answers.ask("act").size == answers.ask("packet-0/OPTION_1").size
            counts[number] += 1

    def append() -> None:
        while not stop.is_set():
            done = subprocess.run(
                [sys.executable, "-m", "govern", "-C", str(root), "note", "more", "--as", "engineering"], stdout=subprocess.DEVNULL, check=False
            )
            appended[0] += done.returncode == 0

    workers = [threading.Thread(target=ask, args=(number,)) for number in range(4)] + [threading.Thread(target=append)]
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    time.sleep(5)
    stop.set()
    for worker in workers:
        worker.join()
    print(f"four threads, while {appended[0]} records were appended: {sum(counts) / (time.perf_counter() - start):,.0f} gates a second")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_STATE_HOME"], os.environ["XDG_CACHE_HOME"] = f"{name}/state", f"{name}/cache"
        processes(Path(name), int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
        in_process(Path(name))
