#!/bin/sh
# Style as a test: what a newcomer relies on when opening a file.
# Usage: tidy.sh SOURCE_DIRECTORY
# Prints one line for each break, file:line: what; ends with 1 if there is any.
set -u
cd "${1:?usage: tidy.sh SOURCE_DIRECTORY}" || exit 2
LC_ALL=C.UTF-8
export LC_ALL

# Inside lib/src a file includes only its own layer or a lower one.  A .c file
# has the layer of its header; one without a header holds public calls, and is
# above them all.
layers='
0 atomic plant layout hash clock random backoff life block id
1 word arena slots total reclaim event stats
2 record map map_inner bucket path nickname text names
3 tree
4 books
5 ceilings charge ending fence grant info leave reap refusal remove resolve walk
'
public_calls=6

scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
found=$scratch/found
: > "$found"

broken() { # file:line: what
    echo "$*" >> "$found"
}

# The C files of some folders; those that are there.
sources() {
    for folder in "$@"; do
        [ ! -d "$folder" ] || find "$folder" -name '*.[ch]' | sort
    done
}

# A file without comments and without what stands in quotes; lines stay lines.
code() {
    awk '
    {
        out = ""
        for (i = 1; i <= length($0); i++) {
            two = substr($0, i, 2)
            one = substr($0, i, 1)
            if (comment) {
                if (two == "*/") { comment = 0; i++ }
            } else if (quote != "") {
                if (one == "\\") i++
                else if (one == quote) { quote = ""; out = out one }
            } else if (two == "/*") { comment = 1; i++ }
            else if (two == "//") break
            else {
                if (one == "\"" || one == "\047") quote = one
                out = out one
            }
        }
        if (comment == 0) quote = ""
        print out
    }' "$1"
}

# never FILE PATTERN WHAT: the code of FILE has no match of PATTERN.
never() {
    code "$1" | grep -nE "$2" | while IFS=: read -r line rest; do
        broken "$1:$line: $3"
    done
}

# As `never`, for a pattern that may run over the end of a line.
never_across() {
    if code "$1" | tr '\n' ' ' | grep -qE "$2"; then broken "$1: $3"; fi
}

layer_of() { # stem of a file of lib/src
    echo "$layers" | awk -v stem="$1" '
        { for (i = 2; i <= NF; i++) if ($i == stem) print $1 }'
}

check_arrows() {
    for file in $(sources lib/src); do
        base=${file##*/}
        stem=${base%.*}
        layer=$(layer_of "$stem")
        if [ -z "$layer" ] && [ -e "lib/src/$stem.h" ]; then
            broken "$file:1: $stem.h has no layer in tidy.sh"
            continue
        fi
        grep -n '^#include "' "$file" | sed 's/"//g; s/#include //' |
        while IFS=: read -r line header; do
            other=$(layer_of "${header%.h}")
            if [ -e "lib/src/$header" ] && [ -n "$other" ] &&
               [ "$other" -gt "${layer:-$public_calls}" ]; then
                broken "$file:$line: includes $header, which is a layer above"
            fi
        done
        if [ "$base" = "$stem.c" ] && [ -e "lib/src/$stem.h" ]; then
            first=$(grep -m 1 '^#include' "$file")
            [ "$first" = "#include \"$stem.h\"" ] ||
                broken "$file:1: does not include its own header first"
        fi
    done
    for file in $(sources lib/include); do
        never "$file" '^#include <(ck_|pthread|stdatomic|moorage)' \
            'a public header shows C types only'
    done
}

check_atomics() {
    for file in $(sources lib); do
        case ${file##*/} in
        atomic.h) ;;
        *)
            never "$file" \
                '(^|[^A-Za-z0-9_])(atomic_|_Atomic|__atomic|__sync_)|memory_order|stdatomic' \
                'atomic operations are in atomic.h only'
            ;;
        esac
        case ${file##*/} in
        reclaim.c | backoff.h | event.c | event.h) ;;
        *)
            never "$file" '(^|[^A-Za-z0-9_])(ck_|CK_)' \
                'ConcurrencyKit is behind reclaim, backoff and event only'
            ;;
        esac
        case ${file##*/} in
        reclaim.c) ;;
        *)
            never "$file" 'ck_epoch_(call|synchronize|barrier|reclaim)' \
                'objects are retired through reclaim_retire'
            ;;
        esac
        never "$file" 'ck_pr_' 'the atomic operations of the library are its own'
        never "$file" 'thread_fence|signal_fence|ck_pr_fence' \
            'a stand-alone fence, which ThreadSanitizer does not model'
        never_across "$file" \
            'moor_pointer_release\([^;]*, *(NULL|0) *\)' \
            'unlinks with a store: only by exchange or compare-and-swap'
    done
}

check_text() {
    for file in $(sources lib tool tests stress bench); do
        grep -nE '^.{81}' "$file" | while IFS=: read -r line rest; do
            broken "$file:$line: wider than 80 columns"
        done
        length=$(wc -l < "$file")
        [ "$length" -le 500 ] ||
            broken "$file:$length: longer than 500 lines: more than one idea?"
        never "$file" 'no_sanitize' 'mutes a sanitizer'
    done
    find CMakeLists.txt CMakePresets.json README.md cmake lib tool tests \
        stress bench .ci -type f ! -name tidy.sh 2> "$scratch/absent" |
    while read -r file; do
        grep -nwE 'TODO|FIXME|XXX' "$file" | while IFS=: read -r line rest; do
            broken "$file:$line: unfinished"
        done
        grep -nE '[ 	]+$' "$file" | while IFS=: read -r line rest; do
            broken "$file:$line: ends in a blank"
        done
        grep -nE 'suppressions=' "$file" | while IFS=: read -r line rest; do
            broken "$file:$line: mutes a sanitizer"
        done
    done
}

# Each planted bug is in the table of lib/DESIGN.md, and each of the table is
# in the source.
check_plants() {
    for file in $(sources lib/src); do
        [ "${file##*/}" = plant.h ] || code "$file"
    done | grep -oE 'MOOR_PLANTED\([0-9]+\)' | tr -dc '0-9\n' |
        sort -u > "$scratch/planted"
    : > "$scratch/listed"
    [ ! -e lib/DESIGN.md ] || awk -F '|' '
        /^#/ { here = tolower($0) ~ /planted/ }
        here && /^\| *[0-9]+ *\|/ { gsub(/ /, "", $2); print $2 }
        ' lib/DESIGN.md | sort -u > "$scratch/listed"
    for n in $(comm -23 "$scratch/planted" "$scratch/listed"); do
        broken "lib/DESIGN.md: planted bug $n is not in the table"
    done
    for n in $(comm -13 "$scratch/planted" "$scratch/listed"); do
        broken "lib/DESIGN.md: planted bug $n is not in the source"
    done
}

check_readme() {
    awk '/^```c$/ { if (++block == 1) { here = 1; next } }
         /^```$/ { here = 0 }
         here' README.md > "$scratch/example.c"
    cmp -s "$scratch/example.c" tests/example.c ||
        broken "README.md: the program differs from tests/example.c"
}

check_arrows
check_atomics
check_text
check_plants
check_readme

cat "$found"
[ ! -s "$found" ]
