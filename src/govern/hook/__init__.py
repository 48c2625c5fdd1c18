"""The hook that coding agents ask before they use a tool. Its modules import nothing that a start of Python has not imported already."""
