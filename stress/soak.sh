#!/bin/sh
# All stress programs for so many minutes, one after the other, fresh seeds.
# Usage: soak.sh BUILD MINUTES
#
# BUILD is a build directory, of whatever preset.  Prints a table: program, seed,
# what was counted (operations, or what the program counts in their place),
# seconds, verdict; and on failure what the program said, the line that plays it
# again among it.  On a terminal each program shows a line a second.
# Ends with 1 if one of them failed.
set -u
build=${1:?usage: soak.sh BUILD MINUTES}
minutes=${2:?usage: soak.sh BUILD MINUTES}

# What the test presets set.
ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1:detect_leaks=1}
TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1}
export ASAN_OPTIONS TSAN_OPTIONS

programs=
count=0
for program in "$build"/stress/stress_*; do
    if [ ! -f "$program" ] || [ ! -x "$program" ]; then
        continue
    fi
    programs="$programs $program"
    count=$((count + 1))
done
if [ "$count" -eq 0 ]; then
    echo "soak: no stress programs in $build/stress; build them first" >&2
    exit 2
fi
seconds=$(awk "BEGIN { print $minutes * 60 / $count }") || exit 2

said=$(mktemp) || exit 2
trap 'rm -f "$said"' EXIT
trap 'exit 2' INT TERM
failed=0
echo '| program | seed | counted | seconds | verdict |'
echo '|---|---|---|---|---|'
for program in $programs; do
    begun=$(date +%s)
    # Standard error stays where it is: there the line a second goes.
    "$program" --seconds "$seconds" > "$said"
    status=$?
    ended=$(date +%s)
    verdict=passed
    if [ "$status" -ne 0 ]; then
        verdict="FAILED ($status)"
        failed=1
    fi
    awk -v name="${program##*/}" -v seconds=$((ended - begun)) \
        -v verdict="$verdict" '
        / seed [0-9]+,/ { sub(/.* seed /, ""); sub(/,.*/, ""); seed = $0; next }
        /^ +[0-9]+  / { counted += $1 }
        END { printf "| %s | %s | %.0f | %d | %s |\n",
              name, seed, counted, seconds, verdict }' "$said"
    [ "$verdict" = passed ] || cat "$said" >&2
done
exit $failed
