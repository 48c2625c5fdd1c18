#!/bin/sh
# The CI step: compares every seal, and whatever a record binds, with the bytes of this checkout. Its exit status is the answer:
#   0  each byte is as sealed
#   1  something is not, and is named
#   3  UNKNOWN: nothing is sealed, something could not be read, or the gate could not be installed
#   5  the ledger, or an adopted policy, is broken
# Only 0 is a pass. Run it at the top of a clean checkout. GOVERN names an installed govern; without it, one is installed from
# requirements.lock, every file of it by its digest.
set -eu
if [ -z "${GOVERN:-}" ]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  {
    python3 -m venv "$folder" &&
      "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock &&
      "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation .
  } || exit 3
  GOVERN=$folder/bin/govern
fi
"$GOVERN" seal --check
