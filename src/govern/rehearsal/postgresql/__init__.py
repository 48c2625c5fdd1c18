"""PostgreSQL as the engine of a rehearsal: a throw-away server, a loader that runs no meta-command, and a clone."""
