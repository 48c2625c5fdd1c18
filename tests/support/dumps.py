"""The dumps of a real Directus, as they lie beside this repository. Where that folder is there, a missing dump is a failure, never a skip."""

from pathlib import Path

import pytest

_SHARED = Path(__file__).parents[3] / "shared"
DUMPS = _SHARED / "dumps"
needs_dumps = pytest.mark.skipif(not _SHARED.exists(), reason="the dumps of a real Directus do not lie beside this repository")
