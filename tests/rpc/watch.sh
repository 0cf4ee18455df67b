#!/bin/sh
# moorage tree and moorage top, beside the server that they look at.
#
#   sh tests/rpc/watch.sh PROGRAM
set -eu
program=$1
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2> /dev/null; rm -rf "$folder"' EXIT
failed=0

wants() { # STATUS PATTERN COMMAND...
    wanted=$1
    pattern=$2
    shift 2
    status=0
    "$program" "$@" > "$folder/out" 2>&1 || status=$?
    if [ "$status" -ne "$wanted" ] || ! grep -qE "$pattern" "$folder/out"; then
        echo "$*: ended with $status, not $wanted, or without \"$pattern\":"
        cat "$folder/out"
        failed=1
    fi
}

# An earlier server leaves a store with a tree.
printf '%s\n' '{"op":"spawn","as":"a","name":"x","role":"explorer"}' \
    '{"op":"spawn","parent":"a","name":"y"}' \
    '{"op":"finish","agent":"a","status":"completed"}' |
    "$program" rpc --store "$folder/store" \
        --settings '{"moorage":1,"limits":{"running":2}}' > "$folder/answers"
wants 0 '^    y pending_init slot' tree "$folder/store"
wants 0 '"path":"/root/x/y"' tree --json "$folder/store"
wants 0 '^digraph' tree --dot "$folder/store"
wants 3 'no such file' tree "$folder/nothing"
(export TMPDIR="$folder/nowhere"
    wants 3 'no folder can be made' tree "$folder/store"
    exit "$failed") || failed=1
wants 3 'nobody serves' top "$folder/nothing"
wants 2 'which' tree
wants 2 'which' top

"$program" rpc --store "$folder/store" --socket "$folder/socket" &
server=$!
while ! [ -S "$folder/socket" ]; do
    kill -0 "$server" || exit 1
done
# In use, it can still be looked at, both ways.
wants 0 '^  x completed .*explorer' tree "$folder/socket"
wants 0 '^  x completed .*explorer' tree "$folder/store"
wants 0 '^digraph' tree --dot "$folder/socket"
wants 0 '^running   \[############\.+\] 1 of 2' top "$folder/socket"
wants 0 '^  /root/x/y +pending_init' top "$folder/socket"
if [ "$(wc -l < "$folder/out")" -gt 23 ] || grep -qE '^.{80}' "$folder/out"; then
    echo "top: more than 80 columns or 24 lines"
    failed=1
fi
kill "$server"
wait "$server" || failed=1
server=
wants 3 'no such file|nobody serves' tree "$folder/socket"

# Somebody else serves there: what it says does nothing to a terminal.
answers() { # LINE, to each request of one client
    python3 - "$folder/other" "$1" << 'END' &
import os, socket, sys
with socket.socket(socket.AF_UNIX) as listener:
    listener.bind(sys.argv[1] + ".new")
    listener.listen()
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    client = listener.accept()[0].makefile("rw")
    os.unlink(sys.argv[1])
    for line in client:
        print(sys.argv[2], file=client, flush=True)
END
    server=$!
    while ! [ -S "$folder/other" ]; do
        kill -0 "$server" || exit 1
    done
}

hears() { # LINE STATUS PATTERN COMMAND
    answers "$1"
    wants "$2" "$3" "$4" "$folder/other"
    wait "$server" || failed=1
    server=
}

if command -v python3 > /dev/null; then
    hears '{"outcome":"ok","tree":"/root\u001b[2J\n"}' 0 '^/root\?\[2J$' tree
    hears '{"outcome":"ok"}' 3 'no moorage' tree
    hears '{"outcome":"ok","tree":4,"json":"{}"}' 3 'no moorage' top
    hears '{"outcome":"\u001b]0;x\u0007"}' 3 ' \?\]0;x\?$' top
    hears '[1' 3 'no moorage' top
fi
exit $failed
