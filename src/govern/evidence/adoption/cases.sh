#!/bin/sh
# Tries the gate: makes a small programme with a seal that is on record, commits it to git, and for each case clones it, does what
# the case says, and runs gate.sh as a CI step does. It prints one line a case, with tabs between: what it is, what was done, the
# exit status that is wanted, the one that was got, the codes that are wanted, and those that were got.
# It ends with 0 where the gate answered every case as it must, with 1 where it did not, with 3 where that could not be tried.
set -u
unset CDPATH GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GOVERN_PIN GOVERN_KEY
gate=$(cd "$(dirname "$0")/.." && pwd)/gate.sh
GOVERN=${GOVERN:-govern}
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
export GOVERN LC_ALL=C HOME="$work" XDG_STATE_HOME="$work/state" XDG_CACHE_HOME="$work/cache" GIT_CONFIG_NOSYSTEM=1
S=governance/evidence/sample
status=0

stop() {
  echo "$1" >&2
  exit 3
}

as_nobody() {
  git -c user.name=nobody -c user.email=nobody@localhost -c init.defaultBranch=main -c commit.gpgsign=false "$@"
}

begin() {
  mkdir "$work/first" "$work/origin" && cd "$work/first" && "$GOVERN" init >"$work/said" 2>&1 || return
  sed 's/^policy: {/policy: {signature_waiver: Nobody signs where the gate is tried, /' states.yaml >"$work/origin/states.yaml"
  cd "$work/origin" && "$GOVERN" init >"$work/said" 2>&1 && mkdir -p "$S/logs" || return
  echo one >"$S/one.txt" && echo two >"$S/two.txt" && echo three >"$S/logs/three.txt"
  "$GOVERN" seal "$S" --leg CONTENT/compared >"$work/said" 2>&1 || return
  "$GOVERN" blocker discharge CONTENT/compared --evidence "$S/MANIFEST.json" --as builder >"$work/said" 2>&1 || return
  as_nobody init -q && git add -A && as_nobody commit -q -m 'sealed and on record'
}

# try WHAT EXIT CODES COMMAND: the codes in the order of the alphabet, or - for none.
try() {
  git clone -q "$work/origin" "$work/clone" || stop 'the repository cannot be cloned'
  (cd "$work/clone" && eval "$4") >"$work/said" 2>&1 || stop "this could not be done: $4"
  (cd "$work/clone" && sh "$gate") >"$work/said" 2>&1
  got=$?
  codes=$(sed -n 's/.*error \([A-Z_]*\): .*/\1/p' "$work/said" | sort -u | tr '\n' ' ')
  codes=${codes% }
  [ "$got" = "$2" ] && [ "${codes:--}" = "$3" ] || status=1
  printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$4" "$2" "$got" "$3" "${codes:--}"
  rm -rf "$work/clone" "$work/aside"
}

command -v git >/dev/null || stop 'git is not installed here'
command -v "$GOVERN" >/dev/null || stop 'govern is not installed here'
(begin) || stop "a programme to try the gate on cannot be made: $(cat "$work/said")"

try 'nothing was done' 0 - ':'
try 'a clone that converts line ends, with the attributes that govern writes' 0 - 'git config core.autocrlf true && rm -r governance && git checkout -q .'
try 'a byte was changed' 1 EVIDENCE_DIGEST 'echo onE > $S/one.txt'
try 'a file was emptied' 1 EVIDENCE_DIGEST ': > $S/one.txt'
try 'two files were swapped' 1 EVIDENCE_DIGEST 'mv $S/one.txt x && mv $S/two.txt $S/one.txt && mv x $S/two.txt'
try 'a script of the seal was changed' 1 EVIDENCE_DIGEST 'echo "echo OVERALL PASS" > $S/commands.sh'
try 'line ends were converted in one file' 1 EVIDENCE_DIGEST 'printf "one\r\n" > $S/one.txt'
try 'line ends were converted in all files, by git' 1 'EVIDENCE_DIGEST SEAL_BROKEN' \
  'git config core.autocrlf true && echo "$S/** text" >> .gitattributes && rm -r $S && git checkout -q $S'
try 'a file was added' 1 EVIDENCE_SET 'echo more > $S/more.txt'
try 'a hidden file was added in a folder' 1 EVIDENCE_SET 'echo more > $S/logs/.more'
try 'a file was removed' 1 EVIDENCE_SET 'rm $S/two.txt'
try 'a file was renamed' 1 EVIDENCE_SET 'mv $S/two.txt $S/three.txt'
try 'a file was renamed in case only' 1 EVIDENCE_SET 'mv $S/two.txt x && mv x $S/Two.txt'
try 'a file that differs in case only was put beside another' 1 EVIDENCE_SET 'cp $S/two.txt $S/TWO.txt'
try 'a file is a symbolic link to the same bytes' 1 EVIDENCE_TYPE 'cp $S/two.txt ../aside && ln -sf ../../../../aside $S/two.txt'
try 'a folder is a symbolic link to the same files' 1 'EVIDENCE_SET EVIDENCE_TYPE' 'mv $S/logs ../aside && ln -s ../../../../aside $S/logs'
try 'all evidence is behind a symbolic link' 1 'EVIDENCE_TYPE NO_SEAL' "mv governance/evidence ../aside && ln -s ../../aside governance/evidence"
try 'a file has a second name outside' 1 EVIDENCE_TYPE 'ln $S/two.txt ../aside'
try 'a file is a pipe' 1 EVIDENCE_TYPE 'rm $S/two.txt && mkfifo $S/two.txt'
try 'a name in the manifest was edited' 1 SEAL_BROKEN 'sed "s/one.txt/uno.txt/" $S/MANIFEST.json > x && mv x $S/MANIFEST.json'
try 'the folder was changed and sealed anew' 1 SEAL_BROKEN 'echo else > $S/one.txt && rm $S/*.sh $S/SHA256SUMS $S/MANIFEST.json && "$GOVERN" seal $S --again'
try 'the manifest was removed' 1 'NO_SEAL SEAL_BROKEN' 'rm $S/MANIFEST.json'
try 'the sealed folder was removed' 1 'NO_SEAL SEAL_BROKEN' 'rm -r $S'
try 'what the record binds was changed' 1 EVIDENCE_DIGEST "for each in governance/evidence/*.json; do echo >> \$each; done"
try 'what the record binds was removed' 1 EVIDENCE_SET "rm governance/evidence/*.json"
try 'folders nest deeper than is looked' 3 UNKNOWN 'mkdir -p $S/logs$(printf "/x%.0s" $(seq 80))'
try 'an adopted policy was changed' 5 POLICY_DIGEST "for each in governance/policy/*.yaml; do echo >> \$each; done"
try 'a record was edited' 5 CHAIN_BROKEN 'sed "1s/lead/Lead/" governance/ledger/000000.jsonl > x && mv x governance/ledger/000000.jsonl'
try 'the ledger was removed' 3 NO_LEDGER 'rm -r governance/ledger'
exit "$status"
