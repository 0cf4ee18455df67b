#!/bin/sh
# Is every atomic access of lib/src in the table of lib/ORDERS.md, and every row of
# the table in the source?  Usage: orders.sh SOURCE_DIRECTORY
#
# A row stands for the accesses of one function by one operation: where they are in
# the file does not matter, how many they are does.  An access that is not relaxed
# has a pair of lib/DESIGN.md, and each row says what is lost without its order; a
# program that is named there exists.
# Prints one line for each break; ends with 1 if there is any.
set -u
cd "${1:?usage: orders.sh SOURCE_DIRECTORY}" || exit 2
here=tests
table=lib/ORDERS.md
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT

(cd lib/src && for file in *.[ch]; do
    [ "$file" = atomic.h ] || echo "$file"
done | xargs awk -f "../../$here/orders.awk") |
    sort | uniq -c | awk '{ print $2, $3, $4, $1 }' | sort > "$scratch/source"

# file function operation count, and behind a bar pair and loss
awk -F '|' '/^\| `/ {
    gsub(/`/, "", $2)
    split($2, where, " ")
    times = split($3, what, " ") > 1 ? substr(what[2], 2) : 1
    print where[1], where[2], what[1], times "|" $4 "|" $5
}' "$table" | sort > "$scratch/rows"
# The words of one function may stand in several places.
awk -F '|' '{
        split($1, row, " ")
        sum[row[1] " " row[2] " " row[3]] += row[4]
    }
    END { for (key in sum) print key, sum[key] }' "$scratch/rows" |
    sort > "$scratch/listed"

pairs=$(awk -F '|' '/^\| [A-Z][0-9] \|/ { gsub(/ /, "", $2); print $2 }' \
    lib/DESIGN.md)

{
    comm -23 "$scratch/source" "$scratch/listed" |
        sed "s|^|$table: not there, or not as often: |"
    comm -13 "$scratch/source" "$scratch/listed" |
        sed "s|^|$table: not in the source, or not as often: |"
    awk -F '|' -v table="$table" -v pairs="$pairs" '
        BEGIN {
            count = split(pairs, known, "\n")
            for (i = 1; i <= count; i++) is_pair[known[i]] = 1
        }
        {
            split($1, key, " ")
            relaxed = key[3] ~ /relaxed/
            given = $2
            gsub(/ /, "", given)
            if (!relaxed && given == "") print table ": no pair: " $1
            count = split(given, named, ",")
            for (i = 1; i <= count; i++) {
                if (!(named[i] in is_pair)) {
                    print table ": pair " named[i] " is not in DESIGN.md: " $1
                }
            }
            if ($3 !~ /[a-z]/) print table ": what is lost without it? " $1
        }' "$scratch/rows"
    grep -oE '(weak|tsan) [a-z_]+' "$scratch/rows" | sort -u |
        while read -r _ program; do
            [ -e "tests/$program.c" ] || [ -e "tests/model/$program.c" ] ||
                [ -e "tests/mutants/$program.c" ] ||
                [ -e "stress/$program.c" ] ||
                echo "$table: no such program: $program"
        done
} > "$scratch/found"

cat "$scratch/found"
[ ! -s "$scratch/found" ] && [ -s "$scratch/source" ]
