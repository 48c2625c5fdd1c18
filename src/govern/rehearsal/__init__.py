"""Rehearsal: a change and its rollback, tried on a clone that can touch nothing, and compared exactly."""
