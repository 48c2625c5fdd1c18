"""Random programmes without end: the solver against a look at every situation, the model against the evaluator, and all of them against walks.

python soak/soak_proof.py 200          so many programmes a test, and fifty times as many small ones
"""

import os
import subprocess
import sys
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.comparing import Compared
from support.tiny_programmes import tiny_programme

ROOT = Path(__file__).resolve().parents[1]
SUITES = ("test_meaning.py", "test_simulation.py", "test_promises.py")
SMALL = 50
SITUATIONS = 250_000


def compare(programmes: int, seed: int) -> Compared:
    """Compare the solver's answers on so many small programmes with what a look at every situation finds; raises where they differ."""
    compared, chance = Compared(SITUATIONS), Random(seed)
    while len(compared.programmes) < programmes:
        compared.take(*tiny_programme(chance.choice((1, 2)), chance.choice((1, 2)), chance.choice((2, 3)), chance.getrandbits(48)))
    return compared


def main(examples: int, seed: int | None = None) -> int:
    """Compare small programmes, and run the suites on so many programmes a test; return how many of these searches failed."""
    failed = 0
    chosen = Random().getrandbits(32) if seed is None else seed
    try:
        compared = compare(SMALL * examples, chosen)
        answers = dict(compared.answers)
        print(f"proof: {len(compared.programmes)} small programmes (seed {chosen}), {compared.promises} promises, {answers}", flush=True)
    except AssertionError as difference:
        failed += 1
        print(f"proof: the answers differ (seed {chosen}): {difference}", flush=True)
    for suite in SUITES:
        command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"tests/proof/{suite}")
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PROOF_EXAMPLES": str(examples)}, check=False)
        failed += done.returncode != 0
    print(f"proof: {examples} programmes a test, {failed} of {len(SUITES) + 1} searches failed")
    return failed


if __name__ == "__main__":
    sys.exit(1 if main(int(sys.argv[1]) if len(sys.argv) > 1 else 200) else 0)
