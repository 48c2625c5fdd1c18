"""Mutants of signatures by the hundred thousand: none is accepted; and what `ssh-keygen` says to some of them."""

import sys
import time
from itertools import islice
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from govern.ledger.sshsig import SignatureError, check_signature
from support.mutants import mutants, valid
from support.ssh_keygen import SshKeygen

MUTANTS = 700_000
SEED = 20
PEERED = 200


def main(count: int) -> tuple[int, int]:
    """Return how many mutants were tried, and how many were accepted; print that and the time it took."""
    start = time.monotonic()
    accepted = asked = good = worse = 0
    with SshKeygen() as peer:
        for number, question in enumerate(islice(mutants(valid(), Random(SEED)), count)):
            try:
                check_signature(*question)
            except SignatureError:
                refused = True
            else:
                refused = False
                accepted += 1
                print(f"accepted: {question}")
            if number % PEERED == 0 and peer.can_ask(question):
                asked += 1
                fits = peer.accepts(question)
                good += fits
                worse += not fits and not refused
    took = time.monotonic() - start
    told = f"ssh-keygen was asked {asked} of them, accepts {good}, and refuses {worse} that were accepted"
    print(f"{count} mutants of signatures in {took:.0f} s: {accepted} accepted; {told}")
    return count, accepted


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else MUTANTS)[1] != 0)
