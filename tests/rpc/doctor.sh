#!/bin/sh
# moorage doctor on stores that are sound, and on stores that are not.
#
#   sh tests/rpc/doctor.sh PROGRAM
#
# Ends with 77, skipped, where there is no sqlite3 to break them with.
set -eu
program=$1
command -v sqlite3 > /dev/null || exit 77
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
store=$folder/store
failed=0

makes() { # REQUEST...: a new store of them
    rm -f "$store"*
    printf '%s\n' "$@" | "$program" rpc --store "$store" > "$folder/answers"
    ! grep -v '"outcome":"ok"' "$folder/answers"
}

breaks() { # SQL
    sqlite3 "$store" "$1" > "$folder/answers"
}

says() { # EXIT PATTERN CASE
    status=0
    "$program" doctor "$store" > "$folder/out" 2>&1 || status=$?
    if [ "$status" -ne "$1" ] || ! grep -qE "$2" "$folder/out"; then
        echo "$3: ended with $status, not $1, or without \"$2\":"
        cat "$folder/out"
        failed=1
    fi
}

three='{"op":"spawn","as":"p","name":"p"}
{"op":"spawn","as":"c","parent":"p","name":"c"}
{"op":"spawn","as":"d","name":"d"}'
ended='{"op":"finish","agent":"p","status":"completed"}
{"op":"finish","agent":"c","status":"errored","result":"no"}
{"op":"close","agent":"d"}'

makes "$three" "$ended"
says 0 'nothing is wrong' sound
makes "$three"
says 1 '^stranded' stranded
says 1 '^  /root/p/c  pending_init' 'its path'
breaks "UPDATE meta SET value=2 WHERE name='limit_running'"
says 1 '^leaked' leaked
breaks "UPDATE meta SET value=3 WHERE name='limit_running'"
says 1 '^stranded' 'a slot for each'
! grep -q '^leaked' "$folder/out" || { echo "leaked, with room"; failed=1; }
makes "$three" "$ended"
breaks "UPDATE agents SET parent=x'00112233445566778899aabbccddeeff'
        WHERE path='/root/p/c'"
says 1 '^broken: its parent is not there' 'no parent'
makes "$three" "$ended"
breaks "UPDATE agents SET path='/root/q/c' WHERE path='/root/p/c'"
says 1 '^broken: its path' 'another path'
makes "$three" "$ended"
breaks "UPDATE agents SET seq=100 WHERE path='/root/p'"
says 1 '^broken: its parent is younger' 'older than its parent'
makes "$three" "$ended"
breaks "DROP INDEX open_paths;
        UPDATE agents SET path='/root/p',parent=NULL WHERE path='/root/p/c'"
says 1 '^doubled' 'one path twice'

# While a process has it open, what is live is that one's.
makes "$three"
mkfifo "$folder/in"
rm -f "$folder/answers" # of the step before: the server is slow to empty it
"$program" rpc --store "$store" < "$folder/in" > "$folder/answers" &
exec 3> "$folder/in"
echo '{"op":"list"}' >&3
while [ ! -s "$folder/answers" ]; do
    kill -0 $! 2> /dev/null || { echo "the server has ended"; exit 1; }
done
says 0 'open in another process' 'in use'
exec 3>&-
wait

breaks 'PRAGMA user_version=3'
says 3 'a later moorage' newer
breaks 'PRAGMA user_version=2; PRAGMA application_id=7'
says 3 'not a store' foreign
makes "$three"
dd if=/dev/zero of="$store" bs=1 seek=4100 count=3000 conv=notrunc 2> /dev/null
says 1 '^damaged|malformed' damaged
rm -f "$store"*
says 3 'no such file' missing
exit $failed
