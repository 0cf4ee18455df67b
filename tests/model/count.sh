#!/bin/sh
# What the models explore, as a table for tests/README.md.
# Usage: count.sh DIRECTORY [OPTION...]
# Runs each model program of the directory (BUILD/tests/model) with the options,
# in its default form if there are none.  Ends with 1 if one of them failed.
set -u
directory=${1:?usage: count.sh DIRECTORY [OPTION...]}
shift

rows=$(mktemp) || exit 2
trap 'rm -f "$rows"' EXIT
failed=0
for program in "$directory"/model_*; do
    [ -f "$program" ] && [ -x "$program" ] || continue
    name=${program##*/}
    said=$("$program" "$@" 2>&1) || { echo "$name: failed" >&2; failed=1; }
    printf '%s\n' "$said" | sed -n "s/^sum: /$name /p" >> "$rows"
done
[ -s "$rows" ] || { echo "no model programs in $directory" >&2; exit 2; }

echo '| program | cases | schedules | steps | seconds |'
echo '|---|---|---|---|---|'
awk '{ printf "| %s | %d | %d | %d | %.2f |\n", $1, $2, $4, $6, $8
       cases += $2; schedules += $4; steps += $6; seconds += $8 }
     END { printf "| all | %d | %d | %.0f | %.2f |\n",
           cases, schedules, steps, seconds }' "$rows"
exit $failed
