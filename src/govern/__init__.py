"""A declarative governance state machine: what is open, what is allowed, who must act next.

Dependencies point down: snapshot, problems and hook, canonical, policy, ledger, engine, proof, documents and evidence, rehearsal, cli.
"""

__version__ = "0.1.0"
