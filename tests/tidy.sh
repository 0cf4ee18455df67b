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
0 trace atomic out plant layout bell hash clock random backoff life block id
1 word word_steps ends arena marks slots total reclaim event queue stats times wheel
2 record map map_inner map_key bucket path nickname text names plate
3 tree
4 books
5 annex ceilings charge completion ending fence forest grant grant_inner held hook info journal lease leave naming reap refusal remove resolve use walk
'
public_calls=6

scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
found=$scratch/found
: > "$found"

broken() { # file:line: what
    echo "$*" >> "$found"
}

# The C and C++ files of some folders; those that are there.
sources() {
    for folder in "$@"; do
        [ ! -d "$folder" ] ||
            find "$folder" -name '*.[ch]' -o -name '*.[ch]pp' | sort
    done
}

# Every C file without comments and without what stands in quotes, under
# $scratch/code; lines stay lines.
strip() {
    for file in $(sources lib tool tests stress bench); do
        echo "$file"
    done | sed 's|/[^/]*$||' | sort -u | while read -r folder; do
        mkdir -p "$scratch/code/$folder"
    done
    awk -v to="$scratch/code/" '
    FNR == 1 { if (out_file != "") close(out_file)
               out_file = to FILENAME; comment = 0; quote = "" }
    {
        out = ""
        n = length($0)
        for (i = 1; i <= n; i++) {
            one = substr($0, i, 1)
            if (comment) {
                if (one == "*" && substr($0, i + 1, 1) == "/") {
                    comment = 0
                    i++
                }
            } else if (quote != "") {
                if (one == "\\") i++
                else if (one == quote) { quote = ""; out = out one }
            } else if (one == "/" && substr($0, i + 1, 1) == "*") {
                comment = 1
                i++
            } else if (one == "/" && substr($0, i + 1, 1) == "/") {
                break
            } else {
                if (one == "\"" || one == "\047") quote = one
                out = out one
            }
        }
        if (comment == 0) quote = ""
        print out > out_file
    }' $(sources lib tool tests stress bench)
}

# never PATTERN WHAT FILE...: the code of no file has a match of PATTERN.
never() {
    pattern=$1
    what=$2
    shift 2
    [ $# -gt 0 ] || return 0
    (cd "$scratch/code" && grep -nHE "$pattern" "$@") |
    while IFS=: read -r file line rest; do
        broken "$file:$line: $what"
    done
}

# As `never`, for one file and a pattern that may run over the end of a line.
never_across() {
    if tr '\n' ' ' < "$scratch/code/$3" | grep -qE "$1"; then
        broken "$3: $2"
    fi
}

# The files that are left when some names are taken out.
but() { # NAME... -- FILE...
    names=
    while [ "$1" != -- ]; do
        names="$names|$1"
        shift
    done
    shift
    printf '%s\n' "$@" | grep -vE "/(${names#|})\$"
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
    never '^#include <(ck_|pthread|stdatomic|moorage)' \
        'a public header shows C types only' $(sources lib/include)
}

check_atomics() {
    all=$(sources lib)
    never '(^|[^A-Za-z0-9_])(atomic_|_Atomic|__atomic|__sync_)|memory_order|stdatomic' \
        'atomic operations are in atomic.h only' $(but atomic.h -- $all)
    never '(^|[^A-Za-z0-9_])(ck_|CK_)' \
        'ConcurrencyKit is behind reclaim, backoff and event only' \
        $(but reclaim.c backoff.h event.c event.h -- $all)
    never 'ck_epoch_(call|synchronize|barrier|reclaim)' \
        'objects are retired through reclaim_retire' $(but reclaim.c -- $all)
    never 'ck_pr_' 'the atomic operations of the library are its own' $all
    never 'thread_fence|signal_fence|ck_pr_fence' \
        'a stand-alone fence, which ThreadSanitizer does not model' $all
    for file in $all; do
        never_across 'moor_pointer_release\([^;]*, *(NULL|0) *\)' \
            'unlinks with a store: only by exchange or compare-and-swap' "$file"
    done
}

# Text as it stands, comments included.
never_in_text() { # PATTERN WHAT GREP-OPTION FILE...
    pattern=$1
    what=$2
    option=$3
    shift 3
    grep -nHE $option "$pattern" "$@" | while IFS=: read -r file line rest; do
        broken "$file:$line: $what"
    done
}

check_text() {
    c_files=$(sources lib tool tests stress bench)
    never_in_text '^.{81}' 'wider than 80 columns' -- $c_files
    wc -l $c_files | while read -r length file; do
        [ "$file" = total ] || [ "$length" -le 500 ] ||
            broken "$file:$length: longer than 500 lines: more than one idea?"
    done
    never 'no_sanitize' 'mutes a sanitizer' $c_files
    all=$(find CMakeLists.txt CMakePresets.json README.md cmake lib tool tests \
        stress bench .ci -type f ! -name tidy.sh 2> "$scratch/absent")
    never_in_text 'TODO|FIXME|XXX' 'unfinished' -w $all
    never_in_text '[ 	]+$' 'ends in a blank' -I $all
    never_in_text 'suppressions=' 'mutes a sanitizer' -I $all
}

# Each planted bug is in the table of lib/DESIGN.md, and each of the table is
# in the source.
check_plants() {
    (cd "$scratch/code/lib/src" &&
        grep -hoE 'MOOR_PLANTED\([0-9]+\)' $(but plant.h -- ./*.[ch])) |
        tr -dc '0-9\n' |
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
    block=0
    for program in tests/example.c tests/store/example_store.c; do
        block=$((block + 1))
        awk -v wanted=$block '
            /^```c$/ { if (++block == wanted) { here = 1; next } }
            /^```$/ { here = 0 }
            here' README.md > "$scratch/example.c"
        cmp -s "$scratch/example.c" $program ||
            broken "README.md: the program differs from $program"
    done
}

strip
check_arrows
check_atomics
check_text
check_plants
check_readme

cat "$found"
[ ! -s "$found" ]
