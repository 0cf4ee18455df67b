#!/bin/sh
# The command line: what is wrong is told on standard error, with status 2.
# Usage: arguments.sh PROGRAM
set -u
program=$1
broken=0
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT

# ends STATUS STREAM PATTERN [ARGUMENT]...: the program ends with STATUS, a line
# of STREAM (out, err) matches PATTERN, and the other stream is silent.
ends() {
    status=$1 stream=$2 pattern=$3
    shift 3
    "$program" "$@" > "$scratch/out" 2> "$scratch/err"
    was=$?
    other=out
    [ "$stream" = err ] || other=err
    if [ "$was" -ne "$status" ] || [ -s "$scratch/$other" ] ||
       ! grep -qE "$pattern" "$scratch/$stream"; then
        broken=1
        echo "moorage $*: status $was, not $status; or not '$pattern'"
        cat "$scratch/out" "$scratch/err"
    fi
}

ends 0 out '^moorage [0-9]+\.[0-9]+\.[0-9]+$' --version
ends 0 out 'run FILE' --help
ends 0 out 'Usage: moorage run .*FILE' run --help
ends 0 out 'Usage: moorage demo' demo --help

ends 2 err 'which command'
ends 2 err '"walk" is no command' walk
ends 2 err 'which FILE' run
ends 2 err 'which FILE' run --json
ends 2 err 'one file at a time' run a.jsonl b.jsonl
ends 2 err 'option' run --jason a.jsonl
ends 2 err 'option' --json run a.jsonl
ends 2 err '"a.jsonl" is too much' demo a.jsonl

cd "$scratch" || exit 2
ends 3 err '^absent\.jsonl: cannot be read: .' run absent.jsonl
ends 3 err '^\.: cannot be read: .' run .

echo '{"moorage":1}' > empty.jsonl
ends 0 out '^0 operations played, all expectations held$' run empty.jsonl
ends 0 out '^\{"played":0,"broken":0\}$' run empty.jsonl --json
ends 0 out '^\{"played":0,"broken":0\}$' run -j -- empty.jsonl

# A file that holds, and an answer that nobody could read.
if "$program" run --json empty.jsonl > /dev/full 2> err; then
    broken=1
    echo "moorage: wrote nothing, and said nothing"
fi
grep -q 'cannot write' err || { broken=1; cat err; }

exit "$broken"
