#!/bin/sh
# The long form: every case that its bound leaves unexhausted, with a larger
# bound, and then at random until all of them together have run COUNT schedules.
# Usage: long.sh BUILD [COUNT [SEED]]
#   COUNT  a thousand million, unless given; some hours of one processor
#   SEED   of each case's first schedule at random, 1 unless given; the n-th has
#          SEED + n - 1
# Runs two cases at a time.  What each said is kept in BUILD/tests/model/long, so
# that a run which was broken off goes on where it was; to begin anew, remove it.
# Prints what failed, and the sum; ends with 1 if a case failed.
set -u
build=${1:?usage: long.sh BUILD [COUNT [SEED]]}
count=${2:-1000000000}
seed=${3:-1}
deeper_seconds=60 # for the larger bound of one case

models=$build/tests/model
kept=$models/long/$count-$seed
mkdir -p "$kept" || exit 2

cases=$kept/cases
for program in "$models"/model_*; do
    [ -f "$program" ] && [ -x "$program" ] || continue
    "$program" --bounded --list 2> /dev/null | sed "s|^|$program |"
done > "$cases"
how_many=$(wc -l < "$cases")
[ "$how_many" -gt 0 ] || { echo "no cases in $models" >&2; exit 2; }
fill=$(((count + how_many - 1) / how_many))
echo "$how_many cases, $fill schedules at random for each, seed $seed"

# One case: PROGRAM CASE.  A file without a sum is one that was broken off.
export kept fill seed deeper_seconds
xargs -P 2 -n 2 sh -c '
    said=$kept/${0##*/}.$1
    grep -qs "^sum: " "$said" && exit 0
    "$0" --case "$1" --deeper 1 --max-seconds $deeper_seconds --allow-partial \
        --fill $fill --seed $seed > "$said" 2>&1 || echo "failed: $0 $1: $said"
    sed -n "s|^case |${0##*/} |p" "$said"
' < "$cases"

failed=$(grep -lE "VIOLATION|: died;" "$kept"/model_* | wc -l)
cat "$kept"/model_* | awk -v failed="$failed" '
    /^sum: / { schedules += $4; seconds += $8; cases++ }
    END { printf "%d cases, %.0f schedules, %.0f s, %d failed\n",
          cases, schedules, seconds, failed }'
[ "$failed" -eq 0 ]
