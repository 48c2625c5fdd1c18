"""A declarative governance state machine: what is open, what is allowed, who must act next.

Dependencies point down: problems, canonical, policy, ledger, engine, documents, cli.
"""

__version__ = "0.1.0"
