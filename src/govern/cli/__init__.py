"""The command line: the only part that reads the clock, prints and exits. One file a command group."""
