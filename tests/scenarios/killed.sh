#!/bin/sh
# The processes of exec agents are killed, with their groups, when a run ends
# in any other way than by their exit, and at the end of the play.
# Usage: killed.sh PROGRAM FOLDER_OF_SCENARIOS
#
# Gives the scenario four programs:
#   sleeper NAME   starts a child, and both sleep for long
#   leaver NAME    starts a child that sleeps for long, and exits
#   there NAME     waits until that one has begun
#   gone NAME      waits until both are gone
set -u
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
export PATH="$scratch:$PATH" MOOR_SCRATCH="$scratch"

program() {
    { echo '#!/bin/sh'; echo 'cd "$MOOR_SCRATCH"'; cat; } > "$scratch/$1"
    chmod +x "$scratch/$1"
}

program sleeper << 'END'
sleep 600 &
echo $$ $! > "$1.new"
mv "$1.new" "$1.ids"
exec sleep 600
END
program leaver << 'END'
sleep 600 &
echo $$ $! > "$1.ids"
END
program there << 'END'
while ! test -e "$1.ids"; do sleep 0.01; done
END
# Dead and only waiting for its parent counts as gone.
program gone << 'END'
for id in $(cat "$1.ids"); do
    while grep -q '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$id/status"
    do sleep 0.01; done 2> /dev/null
done
END

"$1" run "$2/killed.jsonl" || exit 1
gone last

# Ended from outside, it takes them along.
"$1" run "$2/stopped.jsonl" &
there stopped
kill -TERM "$!"
wait "$!"
[ "$?" -eq 143 ] || exit 1
gone stopped
