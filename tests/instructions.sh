#!/bin/sh
# Instructions of each public call, by callgrind, against the file that keeps
# them: a slow-down is seen on any machine, however busy.
#
#   instructions.sh PROGRAM FILE [--write]
#
# More than a tenth above what the file says fails.  `--write` writes the file
# anew.
set -eu

program=$1
file=$2
margin=10

# How often the program makes each call.
calls='moor_spawn 1000
moor_start 1100
moor_status_of 1000
moor_find_id 1000
moor_find_path 1000
moor_info_of 1000
moor_finish 1000
moor_wait 1000
moor_run_again 1000
moor_interrupt 1000
moor_close 2000
moor_reserve 1100
moor_commit 1100'

# count CALL: instructions of one call, with all that it calls.
count() {
    times=$(echo "$calls" | sed -n "s/^$1 //p")
    valgrind --tool=callgrind --callgrind-out-file=/dev/null \
        --toggle-collect="$1" "$program" 2>&1 |
        awk -v times="$times" '/Collected/ { printf "%d\n", $NF / times }'
}

if [ "${3-}" = --write ]; then
    sed -n '/^#/p' "$file" > "$file.new"
    echo "$calls" | while read -r call _; do
        printf '%-16s %6d\n' "$call" "$(count "$call")"
    done >> "$file.new"
    mv "$file.new" "$file"
    exit 0
fi

failed=0
printf '%-16s %8s %8s\n' call kept seen
while read -r call kept; do
    case $call in '#'*) continue ;; esac
    seen=$(count "$call")
    verdict=
    if [ "$seen" -gt $((kept + kept * margin / 100)) ]; then
        verdict='   FAILED: slower'
        failed=1
    fi
    printf '%-16s %8d %8d%s\n' "$call" "$kept" "$seen" "$verdict"
done < "$file"
exit $failed
