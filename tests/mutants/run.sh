#!/bin/sh
# Breaks the library in one place after another and sees whether a test notices.
#
#   sh tests/mutants/run.sh BUILD [COUNT [SEED]]
#
# BUILD is a build directory of the preset dev, all built.  COUNT mutants of those
# that list.awk prints for lib/src are tried, chosen by SEED (default: all of
# them, 1).  Each is compiled into the library and met by the unit tests; one that
# they let pass is compiled into the step build and met by the explorer's cases,
# each for a few seconds.  One line a mutant, and a sum:
#
#   killed by PROGRAM    FILE:LINE (KIND)
#   does not compile     the same
#   SURVIVED             the same, and what the line had become
#
# What is not tried here: headers, and weaker orders, which only the thread
# sanitizer sees.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$(cd "$1" && pwd)
count=${2:-100000}
seed=${3:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failing="-Wl,--wrap=malloc,--wrap=calloc,--wrap=aligned_alloc,--wrap=strdup"
freeing="-Wl,--wrap=free,--wrap=aligned_alloc,--wrap=pthread_key_create"
freeing="$freeing,--wrap=pthread_setspecific"
seeding="-Wl,--wrap=getrandom"
flags="-O1 -std=c11 -D_GNU_SOURCE -I$root/lib/include -I$root/lib/src -I$here"

# In an order that the seed decides.
mutants() {
    cd "$root/lib/src"
    awk -f "$here/list.awk" [a-z]*.c |
        awk -v seed="$seed" 'BEGIN { srand(seed) } { print rand() "\t" $0 }' |
        sort -n | cut -f 2- | head -n "$count"
}

write_mutant() {
    awk -v at="$2" -v becomes="$4" '
        NR == at { print becomes; next }
        { print }' "$root/lib/src/$1" > "$work/$1.body"
    case $3 in
    split) echo '#include "split.h"' > "$work/$1" ;;
    *) : > "$work/$1" ;;
    esac
    cat "$work/$1.body" >> "$work/$1"
}

is_program() {
    [ -f "$1" ] && [ -x "$1" ]
}

# Which explorer program fails with the object; nothing: none.
met_by_models() {
    for program in "$build"/tests/model/model_*; do
        is_program "$program" || continue
        name=$(basename "$program")
        # shellcheck disable=SC2046
        cc -o "$work/model" "$1" \
            $(find "$build/tests/model/CMakeFiles/$name.dir" -name '*.o') \
            "$build/tests/model/libmoor_world.a" \
            "$build/lib/libmoorage_step.a" \
            "$build/tests/model/libmoor_explorer.a" \
            "$build/lib/libmoorage_step.a" -lck -lpthread
        if ! timeout 60 "$work/model" --max-seconds 2 --allow-partial --fill 0 \
            > "$work/out" 2>&1; then
            echo "$name"
            return 0
        fi
    done
}

# Which unit test fails with the library in object $2, built with the constants
# of $1: small or usual.
met_by_tests() {
    for program in "$build"/tests/test_*; do
        is_program "$program" || continue
        name=$(basename "$program")
        wrap=
        case $1-$name in
        small-test_small_*) ;;
        small-* | usual-test_small_*) continue ;;
        usual-test_memory) wrap=$failing ;;
        usual-test_reclaim) wrap=$freeing ;;
        usual-test_random) wrap=$seeding ;;
        esac
        # shellcheck disable=SC2046,SC2086
        cc -o "$work/test" $wrap \
            $(find "$build/tests/CMakeFiles/$name.dir" -name '*.o') \
            "$2" -lcriterion -lck -lpthread
        if ! timeout 60 "$work/test" --timeout 20 -j1 \
            > "$work/out" 2>&1; then
            echo "$name"
            return 0
        fi
    done
}

# The whole library with that file in place of its own; $2: more flags.
library_with() {
    mkdir -p "$work/lib"
    for source in "$root"/lib/src/*.c; do
        name=$(basename "$source")
        [ "$name" = "$1" ] && source=$work/$1
        echo "#include \"$source\""
    done > "$work/lib/all.c"
    # shellcheck disable=SC2086
    cc $flags $2 -c "$work/lib/all.c" -o "$work/lib/all.o" 2> "$work/err"
}

judge() {
    write_mutant "$1" "$2" "$3" "$4"
    # shellcheck disable=SC2086
    if ! cc $flags -DMOOR_STEP -c "$work/$1" -o "$work/mutant.o" \
        2> "$work/err"; then
        echo "does not compile"
        return
    fi
    killer=
    if library_with "$1" -DMOOR_TEST_SMALL; then
        killer=$(met_by_tests small "$work/lib/all.o")
    fi
    if [ -z "$killer" ] && library_with "$1" ""; then
        killer=$(met_by_tests usual "$work/lib/all.o")
    fi
    [ -n "$killer" ] || killer=$(met_by_models "$work/mutant.o")
    [ -n "$killer" ] && echo "killed by $killer" || echo "SURVIVED"
}

mutants > "$work/list"
while IFS="$(printf '\t')" read -r file line kind becomes; do
    verdict=$(judge "$file" "$line" "$kind" "$becomes")
    case $verdict in
    SURVIVED) printf '%-30s %s:%s (%s) %s\n' "$verdict" "$file" "$line" \
        "$kind" "$becomes" ;;
    *) printf '%-30s %s:%s (%s)\n' "$verdict" "$file" "$line" "$kind" ;;
    esac
done < "$work/list" | tee "$work/verdicts"
awk '
    /^killed/ { killed++ }
    /^SURVIVED/ { survived++ }
    /^does not/ { not++ }
    END {
        printf "%d killed, %d survived, %d do not compile\n", killed, survived,
               not
    }' "$work/verdicts"
