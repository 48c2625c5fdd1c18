"""The long searches, one after another; each prints its figures. Exit 1 where anything was violated, lost or accepted.

python soak/campaign.py         as the last figures of docs/reliability.md were made
python soak/campaign.py 0.01    a hundredth of it
"""

import sys

import soak_kills
import soak_ledger
import soak_power
import soak_proof
import soak_signatures
import soak_storage

STATES = 100_000
SECONDS = 120
CUTS = 200
OF_SIGNATURES = 700_000
OF_LEDGERS = 300_000
PROGRAMMES = 200


def run(share: float) -> int:
    """Run all of them; return how many things went wrong."""
    _states, violations = soak_storage.main(int(STATES * share))
    kills, power = soak_kills.main(SECONDS * share), soak_power.main(int(CUTS * share))
    _mutants, signatures = soak_signatures.main(int(OF_SIGNATURES * share))
    _tampered, ledgers = soak_ledger.main(int(OF_LEDGERS * share))
    proofs = soak_proof.main(max(1, int(PROGRAMMES * share)))
    return violations + kills.lost + power.lost + signatures + ledgers + proofs


if __name__ == "__main__":
    wrong = run(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
    print(f"violations, records lost and mutants accepted: {wrong}")
    sys.exit(1 if wrong else 0)
