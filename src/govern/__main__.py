"""`python -m govern`."""

import sys

from govern.entry import main

sys.exit(main())
