"""Random programmes without end: the model against the evaluator, the solver against the search, and both against walks."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUITES = ("test_meaning.py", "test_simulation.py", "test_promises.py")


def main(examples: int) -> int:
    """Run the suites on so many programmes a test; return how many of them failed."""
    failed = 0
    for suite in SUITES:
        command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"tests/proof/{suite}")
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PROOF_EXAMPLES": str(examples)}, check=False)
        failed += done.returncode != 0
    print(f"proof: {examples} programmes a test, {failed} of {len(SUITES)} suites failed")
    return failed


if __name__ == "__main__":
    sys.exit(1 if main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000) else 0)
