#!/bin/sh
# Runs the reproducible part of commands.sh again, in a fresh copy of this folder with an empty home, and compares what it
# prints with EXPECTED.txt, and every digest after the run with the one before it. The last line is
#   MATCH     all the same (exit 0)
#   MISMATCH  something differs (exit 1)
#   UNKNOWN   it could not be run here: neither (exit 3)
set -u
unset CDPATH
LC_ALL=C
export LC_ALL
work=
trap '[ -z "$work" ] || rm -rf "$work"' EXIT

unknown() {
  echo "$1"
  echo UNKNOWN
  exit 3
}

mismatch() {
  echo "$1"
  echo MISMATCH
  exit 1
}

sums() {
  if command -v sha256sum >/dev/null; then
    (cd "$1" && find . -type f -exec sha256sum {} + | sort)
  else
    (cd "$1" && find . -type f -exec shasum -a 256 {} + | sort)
  fi
}

cd -- "$(dirname -- "$0")" || unknown 'this folder cannot be entered'
[ -z "$(find . ! -type f ! -type d)" ] || mismatch 'something here is no plain file'
work=$(mktemp -d) || unknown 'no temporary folder can be made'
{ mkdir "$work/home" && cp -R . "$work/packet"; } || unknown 'the folder cannot be copied'
sums . >"$work/before"
(cd "$work" && env -i PATH="$PATH" HOME="$work/home" LC_ALL=C sh packet/commands.sh --reproducible) >"$work/said" 2>"$work/why"
status=$?
sums "$work/packet" >"$work/after"
cat "$work/said"
[ "$status" != 3 ] || unknown 'a required check could not be run here'
cmp -s "$work/said" EXPECTED.txt || { cat "$work/why" && mismatch 'it printed something else than EXPECTED.txt'; }
cmp -s "$work/before" "$work/after" || mismatch 'files differ after the run'
echo MATCH
