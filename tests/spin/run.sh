#!/bin/sh
# Checks one model with Spin, exhaustively.
# Usage: run.sh MODEL [SWITCH | NAME=VALUE]...
#
# MODEL is the name of a *.pml beside this script.  NAME=VALUE sets a size; a
# SWITCH plants a breakage that the model's head lists, and the model is to
# fail then.  Checked are assertions, and that somebody can always go on; then,
# if the model makes one, its claim of what happens at last, if nobody who can go
# on is kept from it for ever (weak fairness).
#
# PAN of the environment: more options for the compiler of the search.
#
# Prints one line for each search: states, transitions, depth, seconds, verdict.
# Ends with 0 if the verdict is the expected one, with 1 if not, with 2 if the
# model could not be checked, with 77 if spin is not installed.
set -u
here=$(cd "$(dirname "$0")" && pwd)
model=${1:?usage: run.sh MODEL [SWITCH | NAME=VALUE]...}
shift
source=$here/$model.pml
depth=200000
megabytes=3000

cannot() {
    echo "$model $*" >&2
    exit 2
}

if ! command -v spin > /dev/null; then
    echo "skipped: spin is not installed (apt-get install spin)"
    exit 77
fi
[ -f "$source" ] || cannot "is no model"

expected=holds
defines=
for word in "$@"; do
    case $word in
    *=*) ;;
    *)
        grep -q "^ \*   $word " "$source" ||
            cannot "has no switch $word in its head"
        expected=refuted
        ;;
    esac
    defines="$defines -D$word"
done

folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
trap 'exit 2' INT TERM
cd "$folder" || exit 2

cp "$source" . && spin -a $defines "$model.pml" > said 2>&1 || {
    cat said
    cannot "is not understood"
}
claim=$(sed -n 's/^ltl \([a-z_]*\):.*/\1/p' said)

figure() { # PATTERN: the number before or behind it
    sed -n "s/$1/\1/p" said | head -n 1
}

search() { # WHAT, options of the compiler, "", options of pan; sets verdict
    what=$1
    shift
    options=
    while [ -n "$1" ]; do
        options="$options $1"
        shift
    done
    shift
    ${CC:-cc} -O2 -w $options ${PAN-} -DMEMLIM=$megabytes -o pan pan.c > said 2>&1 || {
        cat said
        cannot "does not build"
    }
    ./pan "$@" -m$depth > said 2>&1
    status=$?
    errors=$(figure '.*errors: \([0-9]*\).*')
    states=$(figure ' *\([0-9.e+]*\) states, stored.*')
    transitions=$(figure ' *\([0-9.e+]*\) transitions.*')
    deepest=$(figure '.*depth reached \([0-9]*\).*')
    seconds=$(figure '.*elapsed time \([0-9.]*\) .*')
    used=$(figure ' *\([0-9]*\)[.0-9]*.*total actual memory usage')
    why=$(sed -n 's/^pan:[0-9]*: \(.*\) (at depth.*/\1/p' said | head -n 1)

    if [ "$status" -ne 0 ] || [ -z "$errors" ]; then
        cat said
        cannot "was not checked to the end: pan ends with $status"
    fi
    if [ "$errors" -gt 0 ]; then
        verdict=refuted
    elif grep -qE \
        'max search depth|out of memory|Search not completed|truncated' said; then
        verdict='not exhausted'
    else
        verdict=holds
    fi
    echo "$what: ${states:-0} states, ${transitions:-0} transitions," \
        "depth ${deepest:-0}, ${used:-0} MB, ${seconds:-0} s," \
        "$verdict${why:+: $why}"
}

search "$model${*:+ $*}" -DSAFETY -DNOCLAIM ""
if [ "$verdict" = holds ] && [ -n "$claim" ]; then
    search "$model${*:+ $*}, $claim" -DNFAIR=3 "" -a -f
fi
[ "$verdict" = "$expected" ] || {
    echo "$model: expected: $expected"
    [ ! -f "$model.pml.trail" ] ||
        spin -t -p -g -l $defines "$model.pml" | tail -n 60
    exit 1
}
