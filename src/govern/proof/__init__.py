"""Proof: that an invariant holds over every history that a policy allows, or a history that breaks it."""
