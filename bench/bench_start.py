"""Cold start of what people ask most, against a one-line typer command; CPU time of whole processes, interleaved."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 15
QUESTIONS = (("--help",), ("status",), ("why-blocked", "5"), ("packet",))
PEER = """\
import typer
app = typer.Typer()
@app.command()
def main(name: str = "x") -> None:
    print(name)
app()
"""


def cpu_seconds(command: list[str], environment: dict[str, str]) -> float:
    """Return the user and system time of one process."""
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Print the ratio of each question to the peer, pair by pair."""
    with tempfile.TemporaryDirectory() as folder:
        peer = Path(folder) / "peer.py"
        peer.write_text(PEER, encoding="utf-8")
        environment = {**os.environ, "XDG_CACHE_HOME": folder}
        # Both start from compiled bytecode, as after an installation.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        console = str(Path(sys.executable).parent / "govern")
        for question in QUESTIONS:
            ratios = []
            cpu_seconds([console, *question], environment)
            for _ in range(ROUNDS):
                base = cpu_seconds([sys.executable, str(peer)], environment)
                ratios.append(cpu_seconds([console, *question], environment) / base)
            print(
                f"cold start: govern {' '.join(question):14} {median(ratios):5.2f} times a one-line typer command (min {min(ratios):.2f}, max {max(ratios):.2f})"
            )


if __name__ == "__main__":
    main()
