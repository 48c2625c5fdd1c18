"""Every benchmark in one run. What counts are the ratios: each is taken against its peer in the same minute."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent

for name in (
    "bench_start.py",
    "bench_policy.py",
    "bench_unlock.py",
    "bench_proof.py",
    "bench_diff.py",
    "bench_ledger.py",
    "bench_signatures.py",
    "bench_verify.py",
    "bench_append.py",
    "bench_tickets.py",
    "bench_gate.py",
):
    subprocess.run([sys.executable, str(FOLDER / name)], check=True)
