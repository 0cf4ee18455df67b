#!/bin/sh
# Files at the edges of the format's sizes, made here since they are large.
# Usage: sizes.sh PROGRAM
set -u
program=$1
broken=0
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 2

# ends STATUS BEGINNING: file.jsonl is played with STATUS and the first line of
# what is said begins so.
ends() {
    seen=$("$program" run file.jsonl 2>&1)
    was=$?
    case $seen in "$2"*) [ "$was" -eq "$1" ] && return ;; esac
    broken=1
    echo "status $was, not $1; not '$2': $(printf '%s' "$seen" | head -c 300)"
}

fill() { # NUMBER CHARACTER
    head -c "$1" /dev/zero | tr '\0' "$2"
}

# A line of 262,144 bytes: 42 are around the text.
line() { # LENGTH OF THE TEXT, THE LINE'S END
    printf '{"moorage":1}\n{"op":"spawn","as":"a"}\n'
    printf '{"op":"finish","agent":"a","result":"'
    fill "$1" x
    printf '"}     %b' "$2"
}
line 262100 '\n' > file.jsonl
[ "$(sed -n 3p file.jsonl | wc -c)" -eq 262145 ] || { echo "42?"; exit 2; }
ends 0 '2 operations played, all'
line 262100 '\r\n' > file.jsonl
ends 0 '2 operations played, all'
line 262100 '' > file.jsonl
ends 0 '2 operations played, all'
line 262101 '\n' > file.jsonl
ends 2 'file.jsonl:3:262145: the line is longer'
line 262101 '' > file.jsonl
ends 2 'file.jsonl:3:262145: the line is longer'

# In characters of two bytes the column is half as far; comments count, too.
{ printf '# '; fill 262144 a | sed 's/aa/é/g'; } > file.jsonl
ends 2 'file.jsonl:1:131074: the line is longer'

# The whole text is kept.
line 262100 '\n' > file.jsonl
{
    printf '{"op":"expect","result":{"a":"'
    fill 262100 x
    printf '"}}\n'
} >> file.jsonl
ends 0 '3 operations played, all'

# Many lines, many labels.
{
    echo '{"moorage":1,"limits":{"running":"unlimited"}}'
    awk 'BEGIN {
        for (i = 1; i <= 20000; i++)
            printf "{\"op\":\"spawn\",\"as\":\"a%d\"}\n", i
        print "{\"op\":\"close\",\"agent\":\"a20000\"}"
        print "{\"op\":\"expect\",\"live\":19999}"
    }'
} > file.jsonl
ends 0 '20002 operations played, all'

# 64 threads, and nesting that no parser likes.
{
    echo '{"moorage":1,"limits":{"running":"unlimited"}}'
    awk 'BEGIN {
        printf "{\"op\":\"parallel\",\"threads\":["
        for (i = 1; i <= 64; i++)
            printf "%s[{\"op\":\"spawn\",\"as\":\"a%d\"}]", (i > 1 ? "," : ""), i
        print "]}\n{\"op\":\"expect\",\"spawned\":64,\"used\":64}"
        print "{\"op\":\"finish\",\"agent\":\"a64\"}"
    }'
} > file.jsonl
ends 0 '66 operations played, all'
{ printf '{"moorage":1}\n{"op":'; fill 200000 '['; echo '}'; } > file.jsonl
ends 2 'file.jsonl:2:'

exit "$broken"
