#!/bin/sh
# Judges what is proposed, as data, with the program that runs this: nothing of the proposal is executed.
#
#   GOVERN_BASE        a checkout of the branch that is protected
#   GOVERN_HEAD        a checkout of what is proposed for it; empty where the branch itself is judged
#   GOVERN_PROGRAMME   the folder of the programme in both
#   GOVERN_CHECKPOINT  the text of a checkpoint that was kept outside the repository
#   GOVERN_KEPT        a file with a later one
#   GOVERN_PIN         what `govern ledger pin` shows, where keys are enrolled
#   GOVERN_ACTIONS     actions that must be allowed now, or nothing
#   GOVERN_GUARDED     files and folders that no proposal changes
#   GOVERN_REPORTS     a new folder for the reports, and for the checkpoint of what was judged
#
# The status is that of the first command that says no: 1 no, 3 could not be judged, 5 integrity.
set -euf

say() { printf 'govern: %s\n' "$1" >&2; }
fail() { say "$2"; exit "$1"; }

programme=${GOVERN_PROGRAMME:-.}
case /$programme/ in *//* | */../* | */./?* | /?*/./) fail 2 "GOVERN_PROGRAMME takes a plain path below the repository" ;; esac
base=$GOVERN_BASE/$programme
head=${GOVERN_HEAD:+$GOVERN_HEAD/$programme}
below=/$programme
[ "$programme" != . ] || below=
judged=${head:-$base}
reports=$GOVERN_REPORTS
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$reports"

# Nothing that a machine remembers, and no key, has a part in this.
unset GOVERN_KEY
export XDG_STATE_HOME="$work/state" XDG_CACHE_HOME="$work/cache"
[ -n "${GOVERN_PIN:-}" ] || unset GOVERN_PIN

# A link would show one file to the program and another to who reviews; without a policy the one above would be asked.
for place in "$base" "$judged"; do
  [ -f "$place/states.yaml" ] || fail 3 "there is no states.yaml where the programme is"
  [ "$(cd "$place" && pwd -P)" = "$(cd "${place%"/$programme"}" && pwd -P)$below" ] || fail 1 "a link leads to the programme"
  [ -z "$(find "$place/states.yaml" "$place/templates" "$place/governance" -type l 2>/dev/null)" ] || fail 1 "there is a link among the programme's files"
done

# A folder that is a link shows the same files here, and none to whoever reads the repository itself.
straight() {
  case $2 in */*) above=${2%/*} ;; *) return 0 ;; esac
  if [ ! -e "$1/$above" ] && [ ! -L "$1/$above" ]; then return 0; fi
  [ "$(cd "$1/$above" 2>/dev/null && pwd -P)" = "$(cd "$1" && pwd -P)/$above" ]
}

# What judges is not changed by what it judges.
if [ -n "$head" ]; then
  changed=
  for name in ${GOVERN_GUARDED:-}; do
    here=$GOVERN_BASE/$name there=$GOVERN_HEAD/$name
    if [ -e "$here" ] || [ -L "$here" ] || [ -e "$there" ] || [ -L "$there" ] || ! straight "$GOVERN_HEAD" "$name"; then
      { straight "$GOVERN_HEAD" "$name" && diff -r --no-dereference "$here" "$there" >/dev/null 2>&1; } || changed="$changed $name"
    fi
  done
  [ -z "$changed" ] || fail 1 "the proposal changes what judges it:$changed"
fi

# What the branch says must go on from what was kept outside it. The file may come from a cache, and only adds to what the variable says.
[ -n "${GOVERN_CHECKPOINT:-}" ] || fail 3 "the variable GOVERN_CHECKPOINT is not set; \`govern checkpoint\` prints what to keep in it"
# A variable may have lost its last line end, or have got others on its way through a form.
printf '%s\n' "$(printf '%s' "$GOVERN_CHECKPOINT" | tr -d '\r')" >"$work/told"
if [ -n "${GOVERN_KEPT:-}" ] && [ -f "$GOVERN_KEPT" ]; then cp "$GOVERN_KEPT" "$work/kept"; fi
for checkpoint in "$work/told" "$work/kept"; do
  [ -f "$checkpoint" ] || continue
  govern -C "$base" verify --quiet --since "$checkpoint" >/dev/null
done
govern -C "$base" checkpoint --quiet >"$work/base"

# Any warning is a no: a policy or a template that was not adopted, evidence that is not what it was, keys nobody vouched for.
govern -C "$judged" verify --strict --since "$work/base"
govern -C "$judged" check
govern -C "$judged" render --check
if [ -n "$(find "$judged/governance" -name MANIFEST.json -type f)" ]; then
  govern -C "$judged" seal --check
fi
if [ -n "${GOVERN_ACTIONS:-}" ]; then
  # shellcheck disable=SC2086 # several words are several actions
  govern -C "$judged" gate --full $GOVERN_ACTIONS --format "github=$reports/gate.github" --format "sarif=$reports/gate.sarif" \
    --format "junit=$reports/gate.junit.xml" --format "gitlab=$reports/gate.codequality.json" --format "md=$reports/gate.md"
fi
govern -C "$judged" checkpoint --quiet >"$reports/checkpoint"
