"""`python -m govern`."""

from govern.cli.main import main

main()
