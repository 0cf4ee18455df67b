#!/bin/sh
# Breaks the library in one place after another and sees which test notices.
#
#   sh tests/mutants/run.sh BUILD [COUNT [SEED [KIND]]]
#   sh tests/mutants/run.sh BUILD short [LIST]
#   sh tests/mutants/run.sh BUILD none
#
# BUILD is a build directory of the preset dev, all built; what is made here is
# put into BUILD/mutants.  COUNT mutants of those that list.awk prints for lib/src
# are tried, of the kinds that match KIND, chosen by SEED (default: all, 1).  One
# line for each goes to the standard output and to BUILD/mutants/results.txt:
#
#   FILE:LINE FUNCTION <tab> KIND <tab> BEFORE -> AFTER <tab> verdict
#
# and the verdict is the layer and the program that noticed ("time": it did not
# end), "does not compile", "argued" (equivalent.txt says why nothing can notice)
# or "SURVIVED".  Ends with 1 if one survived.
#
# "short" tries those of LIST (default: short.txt), each against the one program
# that it names there, which must not notice anything while the library is as it
# is.
#
# "none" runs every program of every layer with the library as it is: none may
# notice anything.
#
# The layers, in the order in which they are tried; each has the library built in
# its way, as a shared object, so that a mutant is one compilation:
#
#   small  the unit tests that want small constants
#   unit   the unit tests
#   model  the explorer's cases, each for a second
#   weak   the same at random, and a load may see what was stored long ago: what
#          C11 allows it (weak.c); model_carry*.c are only for this.  They, and
#          the journal's, once more by random priorities; the others were not
#          written for that: they hand over handles by plain variables
#   asan   unit tests of memory, with the address sanitizer: leaks
#   tsan   stress programs and unit tests with threads, with yields
#
# From the environment: MUTANTS_FILES (of lib/src), MUTANTS_LAYERS, MUTANTS_RUNS
# and MUTANTS_SECONDS (of weak, for each case), MUTANTS_WORK in place of
# BUILD/mutants, MUTANTS_DONE: a file of results; what stands there is not tried
# again; MUTANTS_PROGRAMS: a pattern, only programs of such names are run.
#
# A weaker order is met by weak and tsan only.  Within a layer that program is
# first which noticed most mutants of the same file so far.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$(cd "$1" && pwd)
count=${2:-100000}
seed=${3:-1}
kind=${4:-}
work=${MUTANTS_WORK:-$build/mutants}
files=${MUTANTS_FILES:-[a-z]*.[ch]}
tab=$(printf '\t')
: "${CC:=cc}"

# What was made of sources that have changed since is made anew.
if [ ! -e "$work/made" ] ||
   [ -n "$(find "$root/lib" "$root/tests" "$root/stress" "$build/tests" \
        -newer "$work/made" \( -name '*.[cho]' -o -name run.sh \) |
        head -n 1)" ]; then
    rm -rf "$work"
fi
mkdir -p "$work/src"
: > "$work/made"
: > "$work/kills" # layer, file, program
rm -f "$work"/src/*
cp "$root"/lib/src/*.[ch] "$work/src"
CC_FLAGS="-O1 -g1 -std=c11 -D_GNU_SOURCE -fPIC -I$root/lib/include"

flags_of() { # LAYER
    case $1 in
    small) echo "-DMOOR_TEST_SMALL" ;;
    unit) ;;
    model) echo "-DMOOR_STEP" ;;
    weak) echo "-DMOOR_STEP -include $here/weak.h -I$root/tests/model" ;;
    asan) echo "-fsanitize=address,undefined -fno-sanitize-recover" ;;
    tsan) echo "-fsanitize=thread -DMOOR_YIELD -DKEEPS_SOME_FROM_READING" ;;
    esac
}

# Neither a mutant's fault nor a test's merit: the end of it all.
give_up() { # WHAT
    echo "$1:" >&2
    head -n 5 "$work/err" >&2
    kill $$
    exit 2
}

# --- the library ------------------------------------------------------------

# Only what lies in $work/src sees what is changed there, and the programs that
# lie here, which call inline functions of the library.
compile() { # LAYER SOURCE OBJECT
    case $2 in
    "$work"/* | "$here"/model_*) headers=$work/src ;;
    *) headers=$root/lib/src ;;
    esac
    load=$headers
    case $2 in
    */stress/*) load=$root/stress/load ;; # which has a random.h, too
    esac
    # shellcheck disable=SC2046,SC2086
    $CC $CC_FLAGS $(flags_of "$1") -include "$here/weaker.h" -I"$load" \
        -I"$headers" -MMD -c "$2" -o "$3" 2> "$work/err"
}

# The objects of the library as it is, once for each layer.
prepare() { # LAYER
    [ ! -e "$work/$1/ready" ] || return 0
    mkdir -p "$work/$1/lib"
    for source in "$root"/lib/src/*.c; do
        name=$(basename "$source" .c)
        compile "$1" "$source" "$work/$1/lib/$name.o" ||
            give_up "$name.c does not compile"
    done
    : > "$work/$1/ready"
}

# What has to be compiled anew if that file is another.
touched() { # LAYER FILE
    case $2 in
    *.c) basename "$2" .c ;;
    *) grep -lE "/src/$2( |\$)" "$work/$1"/lib/*.d | sed 's|.*/||; s|\.d$||' ;;
    esac
}

# The library of a layer with $work/src/FILE as it is now.
library() { # LAYER FILE
    prepare "$1"
    rm -rf "$work/$1/mutated"
    mkdir "$work/$1/mutated"
    for name in $(touched "$1" "$2"); do
        compile "$1" "$work/src/$name.c" "$work/$1/mutated/$name.o" || return 1
    done
    objects=
    for object in "$work/$1"/lib/*.o; do
        other=$work/$1/mutated/$(basename "$object")
        [ -e "$other" ] && object=$other
        objects="$objects $object"
    done
    echo "$objects" > "$work/$1/objects"
    # shellcheck disable=SC2046,SC2086
    $CC -shared $(flags_of "$1" | grep -o -e '-fsanitize[^ ]*') \
        $(library_wraps "$1") -o "$work/$1/libmutant.so" $objects -lck -lpthread
}

# --- the programs of a layer: linked once, with the library beside them --------

programs() { # LAYER
    case $1 in
    small) find "$root/tests" -name 'test_small_*.c' ;;
    unit) find "$root/tests" -name 'test_*.c' ! -name 'test_small_*' \
        ! -name 'test_linear*' ;; # its checker is no part of what is linked here
    model) find "$root/tests/model" -name 'model_*.c' |
        grep -vE 'linear|pairs|triples' ;; # thousands of cases
    weak) find "$root/tests/model" "$here" -name 'model_*.c' |
        grep -vE 'linear|pairs|triples|reclaim' ;;
    asan) find "$root/tests" -name 'test_memory.c' -o -name 'test_reclaim.c' \
        -o -name 'test_text.c' -o -name 'test_plate.c' -o -name 'test_lease.c' \
        -o -name 'test_queue_ends.c' -o -name 'test_restore.c' \
        -o -name 'test_snapshot.c' -o -name 'test_spawn_many.c' \
        -o -name 'test_marks.c' -o -name 'test_journal*.c' \
        -o -name 'test_forest.c' ;;
    tsan) find "$root/stress" -name 'stress_*.c'
        grep -lE 'threads\.h|pthread' "$root"/tests/test_*.c |
            grep -vE 'test_(small|memory|reclaim|wake)' ;;
    esac | sed 's|.*/||; s|\.c$||' | grep -xE "${MUTANTS_PROGRAMS:-.*}"
}

ordered() { # LAYER FILE
    programs "$1" | awk -v layer="$1" -v file="$2" -v kills="$work/kills" '
        BEGIN {
            FS = OFS = "\t"
            while ((getline < kills) > 0) {
                if ($1 == layer) { all[$3]++; if ($2 == file) own[$3]++ }
            }
            sub(/\..*/, "", file)
        }
        { print own[$0] + 0, (index($0, file) > 0), all[$0] + 0, $0 }' |
        sort -t "$tab" -k1,1nr -k2,2nr -k3,3nr -k4,4 | cut -f 4
}

# Objects of sources that a layer compiles for itself.
own_objects() { # LAYER SOURCE...
    layer=$1
    shift
    for source in "$@"; do
        object=$work/$layer/own/$(basename "$source" .c).o
        mkdir -p "$work/$layer/own"
        [ -e "$object" ] || compile "$layer" "$source" "$object" ||
            give_up "$source does not compile"
        echo "$object"
    done
}

# What a program consists of but for the library.
parts() { # LAYER PROGRAM
    models=$root/tests/model
    case $1 in
    small | unit | asan)
        find "$build/tests/CMakeFiles/$2.dir" -name '*.o'
        [ "$2" != test_snapshot ] || echo -ljansson
        echo -lcriterion ;;
    model)
        find "$build/tests/model/CMakeFiles/$2.dir" -name '*.o'
        echo "$build/tests/model/libmoor_world.a"
        echo "$build/tests/model/libmoor_explorer.a" ;;
    weak)
        case $2 in
        model_wait | model_queue | model_journal | model_lending | \
        model_carry_queue | model_carry_journal)
            own_objects weak "$models/world/sleep.c" ;;
        esac
        own_objects weak "$(find "$models" "$here" -name "$2.c")" \
            "$models/world/world.c" "$models/world/lives.c"
        # the explorer's own, which are no subject
        for name in dpor explore fibers main park pct run shrink; do
            own_objects model "$models/$name.c"
        done
        own_objects model "$here/weak.c" ;;
    tsan)
        case $2 in
        stress_*) own_objects tsan "$root/stress/$2.c" "$root"/stress/load/*.c ;;
        *) own_objects tsan "$root/tests/$2.c" "$root/tests/tsan_boxfort.c"
            echo -lcriterion ;;
        esac ;;
    esac
}

library_wraps() { # LAYER
    [ "$1" != weak ] || wrapped malloc calloc aligned_alloc free
}

wrapped() { # FUNCTION...
    printf ' -Wl,--wrap=%s' "$@"
}

# Calls that a program takes over; the library's own only if it is a part of it.
wraps() { # LAYER PROGRAM
    case $1-$2 in
    *-test_memory) wrapped malloc calloc aligned_alloc strdup ;;
    *-test_failure | *-test_no_memory | *-test_no_room | *-test_snapshot | \
        *-test_times_memory)
        wrapped malloc calloc aligned_alloc strdup mmap munmap \
            pthread_key_create pthread_setspecific
        ;;
    *-test_reclaim) wrapped free aligned_alloc ;;
    *-stress_readers) wrapped pthread_setspecific ;;
    *-test_late) wrapped calloc aligned_alloc free ;;
    *-model_reclaim) wrapped free aligned_alloc pthread_key_create ;;
    *-test_clock | *-test_failed_start | *-test_held | *-test_times)
        wrapped clock_gettime ;;
    *-test_random) wrapped getrandom ;;
    weak-*) wrapped model_touch ;;
    esac
}

link_program() { # LAYER PROGRAM
    library_of=$work/$1/libmutant.so
    case $2 in
    test_memory | test_times_memory | test_failure | test_no_memory | \
        test_no_room | test_snapshot | test_reclaim | test_late | test_clock | \
        test_failed_start | test_held | test_times | test_random | model_reclaim | stress_readers)
        library_of=$(cat "$work/$1/objects") ;;
    *) [ ! -e "$work/$1/$2" ] || return 0 ;;
    esac
    # shellcheck disable=SC2046,SC2086
    $CC -rdynamic $(flags_of "$1" | grep -o -e '-fsanitize[^ ]*') \
        $(wraps "$1" "$2") -o "$work/$1/$2" $(parts "$1" "$2") $library_of \
        -Wl,-rpath,"$work/$1" -lck -lpthread 2> "$work/err" ||
        give_up "$1 $2 is not linked"
}

run_program() { # LAYER PROGRAM
    case $1-$2 in
    model-*) set -- "$@" --max-seconds 1 --allow-partial --fill 0 ;;
    weak-*) set -- "$@" "${search:---random}" "${MUTANTS_RUNS:-3000}" \
        --allow-partial --max-seconds "${MUTANTS_SECONDS:-1}" ;;
    tsan-stress_*) set -- "$@" --seconds 1 --seed 1 --patience 50 ;;
    *) set -- "$@" --timeout 20 -j1 ;;
    esac
    program=$work/$1/$2
    shift 2
    TSAN_OPTIONS=halt_on_error=1 timeout -k 1 60 "$program" "$@" \
        > "$work/out" 2>&1
}

# A stress program also fails when it met too little in its second, which is no
# mutant's doing: there the sanitizer, a signal or a forbidden outcome counts.
has_failed() { # LAYER STATUS
    ! grep -qE 'Sanitizer|runtime error:' "$work/out" || return 0
    case $1 in
    tsan) [ "$2" -gt 128 ] || grep -qiE 'forbidden.*FAILED' "$work/out" ;;
    *) [ "$2" -ne 0 ] ;;
    esac
}

# A program that lies here and has that header in it is made anew.
renew() { # LAYER PROGRAM FILE
    case $3 in
    *.h) [ ! -e "$here/$2.c" ] || [ ! -e "$work/$1/own/$2.d" ] ||
        ! grep -qE "/src/$3( |\$)" "$work/$1/own/$2.d" ||
        rm -f "$work/$1/$2" "$work/$1/own/$2.o" ;;
    esac
}

# Does that program notice?  Says so.
notices() { # LAYER PROGRAM FILE
    renew "$1" "$2" "$3"
    link_program "$1" "$2"
    status=0
    run_program "$1" "$2" || status=$?
    case $status-$1-$2 in
    0-weak-model_carry* | 0-weak-model_journal)
        search=--pct
        run_program "$1" "$2" || status=$?
        search= ;;
    esac
    renew "$1" "$2" "$3"
    has_failed "$1" "$status" || return 1
    printf '%s\t%s\t%s\n' "$1" "$3" "$2" >> "$work/kills"
    how=
    [ "$status" -ne 124 ] || how=" (time)"
    echo "$1 $2$how"
}

layers_of() { # KIND
    case ${MUTANTS_LAYERS:-$1} in
    "$1") ;;
    *) echo "$MUTANTS_LAYERS"
        return ;;
    esac
    case $1 in
    order) echo "weak tsan" ;;
    *) echo "small unit model weak asan" ;;
    esac
}

# --- one mutant ----------------------------------------------------------------

# The line of the file, if it still is what it was.
mutate() { # FILE LINE AFTER
    awk -v at="$2" -v after="$(printf '%s' "$3" | sed 's/\\/\\\\/g')" '
        NR == at { print after; next }
        { print }' "$root/lib/src/$1" > "$work/src/$1"
}

meet() { # FILE KIND
    for layer in $(layers_of "$2"); do
        if ! library "$layer" "$1"; then
            echo "does not compile"
            return 0
        fi
        for program in $(ordered "$layer" "$1"); do
            ! notices "$layer" "$program" "$1" || return 0
        done
    done
    echo "SURVIVED"
}

plain() { # a line of code without its comments and its indentation
    printf '%s' "$1" |
        sed 's|/\*.*\*/||; s|/\*.*||; s/^ *//; s/ *$//'
}

done_before() { # FILE FUNCTION KIND CHANGE
    [ -n "${MUTANTS_DONE:-}" ] &&
        sed 's/:[0-9]* / /' "$MUTANTS_DONE" | grep -qF "$1 $2$tab$3$tab$4$tab"
}

argued() { # FILE FUNCTION KIND CHANGE
    grep -qF "$1 $2$tab$3$tab$4$tab" "$here/equivalent.txt" 2> "$work/err"
}

judge() { # FILE LINE FUNCTION KIND BEFORE AFTER
    change="$(plain "$5") -> $(plain "$6")"
    ! done_before "$1" "$3" "$4" "$change" || return 0
    if argued "$1" "$3" "$4" "$change"; then
        verdict=argued
    else
        mutate "$1" "$2" "$6"
        verdict=$(meet "$1" "$4")
        cp "$root/lib/src/$1" "$work/src/$1"
    fi
    printf '%s:%s %s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$change" "$verdict"
}

# --- which ---------------------------------------------------------------------

all_mutants() {
    # shellcheck disable=SC2086
    (cd "$root/lib/src" && awk -v only="$kind" -f "$here/list.awk" $files)
}

# In an order that the seed decides.
chosen() {
    all_mutants |
        awk -v seed="$seed" 'BEGIN { srand(seed) } { print rand() "\t" $0 }' |
        sort -n | cut -f 2- | head -n "$count"
}

# --- short ---------------------------------------------------------------------

# The mutant that a line of short.txt means, as list.awk prints it.
find_mutant() { # FILE FUNCTION KIND AFTER
    kind=$3
    all_mutants | awk -F "$tab" -v file="$1" -v inside="$2" -v after="$4" '
        $1 == file && $3 == inside && index($6, after) { print; exit }'
}

short_one() { # FILE FUNCTION KIND AFTER LAYER PROGRAM
    found=$(find_mutant "$1" "$2" "$3" "$4")
    line=$(printf '%s' "$found" | cut -f 2)
    if [ -z "$found" ] || ! library "$5" "$1"; then
        echo "no such mutant"
    elif notices "$5" "$6" "$1" > "$work/who"; then
        echo "noticed without a mutant"
        cat "$work/out" >&2
    else
        mutate "$1" "$line" "$(printf '%s' "$found" | cut -f 6)"
        library "$5" "$1" || give_up "$1 does not compile"
        notices "$5" "$6" "$1" || echo "SURVIVED"
        cp "$root/lib/src/$1" "$work/src/$1"
    fi
}

short() { # LIST
    wrong=0
    killed=0
    while IFS=$tab read -r file inside one after layer program; do
        case $file in '' | '#'*) continue ;; esac
        verdict=$(short_one "$file" "$inside" "$one" "$after" "$layer" \
            "$program")
        if [ "${verdict% (time)}" = "$layer $program" ]; then
            killed=$((killed + 1))
        else
            wrong=1
        fi
        printf '%s %s\t%s\t%s\t%s\n' "$file" "$inside" "$one" "$after" \
            "$verdict"
    done < "$1"
    echo "$killed killed"
    return $wrong
}

# --- all -----------------------------------------------------------------------

sum() {
    awk -F "$tab" '
        /^#/ { next }
        $4 == "SURVIVED" { survived++; next }
        $4 == "argued" { argued++; next }
        $4 == "does not compile" { not++; next }
        { killed++ }
        END {
            printf "%d killed, %d argued, %d survived, %d do not compile\n",
                   killed, argued, survived, not
            exit survived > 0
        }' "$1"
}

if [ "$count" = short ]; then
    short "${3:-$here/short.txt}"
    exit
fi
if [ "$count" = none ]; then
    for layer in ${MUTANTS_LAYERS:-small unit model weak asan tsan}; do
        library "$layer" slots.c
        for program in $(ordered "$layer" slots.c); do
            ! notices "$layer" "$program" slots.c || head -n 20 "$work/out"
        done
    done
    [ ! -s "$work/kills" ]
    exit
fi
results=$work/results.txt
chosen > "$work/list"
{
    echo "# seed $seed, $(date -u +%Y-%m-%d)," \
        "commit $(git -C "$root" rev-parse --short HEAD 2> "$work/err")," \
        "$($CC --version | head -n 1)"
    while IFS=$tab read -r file line inside one before after; do
        judge "$file" "$line" "$inside" "$one" "$before" "$after"
    done < "$work/list"
} | tee "$results"
sum "$results"
