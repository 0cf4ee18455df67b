#!/bin/sh
# The long form: every case that its bound leaves unexhausted, with a larger
# bound, and then at random until all of them together have run COUNT schedules.
# Before that, every thread of every case that is made from the table of operations
# is frozen at each of its steps, behind each lead of the others; the default run has
# one lead of so many.
# Usage: long.sh BUILD [COUNT [SEED]]
#   COUNT  a thousand million, unless given: some hours of two processors
#   SEED   of each case's first schedule at random, 1 unless given; its n-th has
#          SEED + n - 1
# Runs two cases at a time.  What each said is kept in BUILD/tests/model/long, so
# a run that was broken off goes on where it was; to begin anew, remove that.
# Prints what was run, and the sum; ends with 1 if a case failed.
set -u
build=${1:?usage: long.sh BUILD [COUNT [SEED]]}
count=${2:-1000000000}
seed=${3:-1}
seconds=5  # for the larger bound of one case
first=1000 # schedules at random behind it

models=$build/tests/model
kept=$models/long/$count-$seed
mkdir -p "$kept/park" "$kept/deeper" "$kept/random" || exit 2

# run FOLDER OPTION...: each "PROGRAM CASE" of the input.  A file without a sum
# is one that was broken off.
run() {
    folder=$kept/$1
    options=$2
    export folder options models
    xargs -P 2 -n 2 sh -c '
        said=$folder/$0.$(printf %s "$1" | tr / :)
        grep -qs "^sum: " "$said" && exit 0
        # shellcheck disable=SC2086
        "$models/$0" --case "$1" $options > "$said" 2>&1
        sed -n "s|^case |$0 |p" "$said"'
}

sum() { # FOLDER: schedules
    cat "$kept/$1"/model_* 2> /dev/null |
        awk '/^sum: / { sum += $4 } END { printf "%.0f", sum }'
}

for program in "$models"/model_*; do
    [ -f "$program" ] && [ -x "$program" ] || continue
    "$program" --bounded --list 2> /dev/null | sed "s|^|${program##*/} |"
done > "$kept/cases"
[ -s "$kept/cases" ] || { echo "no cases in $models" >&2; exit 2; }

export kept models
printf '%s\n' model_pairs model_triples | xargs -P 2 -n 1 sh -c '
    said=$kept/park/$0
    [ ! -e "$said" ] || exit 0
    "$models/$0" --park > "$kept/said.$0" 2>&1
    mv "$kept/said.$0" "$said"'
awk '/ frozen at / { sum += $7 } END { print sum " points of freezing" }' \
    "$kept"/park/model_*

run deeper "--deeper 1 --max-seconds $seconds --allow-partial --fill $first
            --seed $seed" < "$kept/cases"

# Those for which something is left.
while read -r program case; do
    ! grep -qs 'by random priorities' \
        "$kept/deeper/$program.$(printf %s "$case" | tr / :)" ||
        echo "$program $case"
done < "$kept/cases" > "$kept/left"
left=$(wc -l < "$kept/left")
so_far=$(sum deeper)
if [ "$left" -gt 0 ] && [ "$so_far" -lt "$count" ]; then
    fill=$(((count - so_far + left - 1) / left))
    echo "$left cases are left, $fill schedules at random for each, seed $seed"
    run random "--pct $fill --seed $seed" < "$kept/left"
fi

failed=$(cat "$kept"/*/model_* | grep -cE 'VIOLATION|: died;')
echo "$(($(sum deeper) + $(sum random))) schedules, $failed failed"
[ "$failed" -eq 0 ]
