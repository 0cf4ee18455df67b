#!/bin/sh
# The demonstration: it says that it holds, fits a terminal, and shows what was
# seen to leak.
# Usage: demo.sh PROGRAM
set -u
seen=$("$1" demo 2>&1)
was=$?
broken=0

complain() {
    broken=1
    echo "$*"
}

# figures POLICY ROUND: that row of the policy's table.
figures() {
    printf '%s\n' "$seen" | awk -v policy="$1:" -v round="$2" '
        /^on_/ { here = $1 == policy }
        here && NF == 7 && $1 == round { print $2, $3, $4, $5, $6, $7 }'
}

# row POLICY ROUND SPAWNED CLOSED LIVE FINISHED HELD REFUSED
row() {
    policy=$1 round=$2
    shift 2
    [ "$(figures "$policy" "$round")" = "$*" ] ||
        complain "$policy, round $round: $(figures "$policy" "$round"), not $*"
}

[ "$was" -eq 0 ] || complain "exit status $was"
[ "$(printf '%s\n' "$seen" | wc -L)" -le 80 ] || complain "wider than 80"
case $seen in *"$(printf '\033')"*) complain "colours in a pipe" ;; esac

row on_close 1 24 14 7 24 10 0
row on_close 2 6 4 4 6 12 0
row on_close 3 2 2 2 2 12 0
for round in 4 5 6 7 8 9; do row on_close "$round" 0 0 0 0 12 2; done
for policy in on_completion on_turn_end; do
    row "$policy" 1 24 14 7 24 0 0
    row "$policy" 2 6 4 4 6 0 0
    for round in 4 5 6 7 8 9; do row "$policy" "$round" 2 0 2 2 0 0; done
done
row on_reserve 1 24 14 7 24 10 0
row on_reserve 3 2 2 2 2 12 0
row on_reserve 4 2 0 2 2 2 0
row on_reserve 9 2 0 2 2 12 0

printf '%s\n' "$seen" | grep -q '^Stands still from round 4 on:' ||
    complain "nothing stands still"
[ "$(printf '%s\n' "$seen" | grep -c '^Never refused:')" -eq 3 ] ||
    complain "three policies never refuse"
[ "$broken" -eq 0 ] || printf '%s\n' "$seen"
exit "$broken"
