#!/bin/sh
# Repeats what this packet shows: `sh commands.sh`. It needs find, sha256sum (or shasum) and python3, and writes nothing here.
# Where `govern` is installed, it also repeats what needs it; `sh commands.sh --reproducible` leaves that out.
#
# Each line is PASS, FAIL or UNKNOWN (it could not be run here). The last one is
#   OVERALL PASS     every required check was run and passed (exit 0)
#   OVERALL FAIL     a check failed (exit 1)
#   OVERALL UNKNOWN  none failed, and a required one could not be run: neither a pass nor a failure (exit 3)
set -u
unset CDPATH
LC_ALL=C
export LC_ALL
cd -- "$(dirname -- "$0")" || exit 3
here=$(pwd) mode=${1:-all} passed=0 failed=0 unknown=0 lacking=0

# check REQUIRED WHAT COMMAND…: run a check, and tell how it ended. REQUIRED is 1, or 0 where it may stay unknown.
check() {
  required=$1 what=$2
  shift 2
  said=$("$@" 2>&1 </dev/null)
  case $? in
    0) passed=$((passed + 1)) && printf 'PASS %s\n' "$what" ;;
    1)
      failed=$((failed + 1))
      printf 'FAIL %s\n' "$what"
      printf '%s\n' "$said" >&2
      ;;
    *)
      unknown=$((unknown + 1)) lacking=$((lacking + required))
      printf 'UNKNOWN %s: %s\n' "$what" "$(printf '%s\n' "$said" | tail -n 1)"
      ;;
  esac
}

has() {
  command -v "$1" >/dev/null && return
  echo "$1 is not installed here"
  return 1
}

plain() {
  found=$(find . ! -type f ! -type d) || return 3
  [ -z "$found" ] && return
  printf 'no plain file: %s\n' "$found"
  return 1
}

digests() {
  if has sha256sum; then
    sha256sum -c SHA256SUMS
  elif has shasum; then
    shasum -a 256 -c SHA256SUMS
  else
    return 3
  fi
}

# The tree: RFC 6962 over the lines `SHA256  SIZE  PATH` of all files but the manifest, ordered by the code points of the paths.
tree() {
  has python3 || return 3
  python3 -I -B - <<'END'
import hashlib, json, os, sys

def digest(path):
    running = hashlib.sha256()
    with open(path, "rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            running.update(block)
    return running.hexdigest()

names = sorted({os.path.join(top, name)[2:] for top, _, files in os.walk(".") for name in files} - {"MANIFEST.json"})
level = [hashlib.sha256(f"\0{digest(name)}  {os.path.getsize(name)}  {name}".encode()).digest() for name in names]
while len(level) > 1:
    pairs = [level[index:index + 2] for index in range(0, len(level), 2)]
    level = [hashlib.sha256(b"\1" + b"".join(pair)).digest() if len(pair) == 2 else pair[0] for pair in pairs]
with open("MANIFEST.json", encoding="utf-8") as stream:
    sealed = json.load(stream)["seal"]["tree"]
sys.exit(0 if level[0].hex() == sealed else f"the tree of {len(names)} files is {level[0].hex()}, sealed was {sealed}")
END
}

validator() {
  has python3 || return 3
  python3 -I -B validator.py "$1"
}

# Outside of any programme, whose policy may have moved since: the question is whether the run can be repeated.
replay() {
  has govern || return 3
  govern -C / validate "$@"
}

script() {
  has govern || return 3
  sh "$1"
}

check 1 'only plain files' plain
if [ "$failed" = 0 ]; then # What is no plain file may have no end.
  check 1 digests digests
  check 1 tree tree
#CHECKS#
fi
echo "$passed passed, $failed failed, $unknown unknown"
[ "$failed" = 0 ] || { echo 'OVERALL FAIL' && exit 1; }
[ "$lacking" = 0 ] || { echo 'OVERALL UNKNOWN' && exit 3; }
echo 'OVERALL PASS'
