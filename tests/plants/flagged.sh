#!/bin/sh
# Is a planted bug flagged by real threads?  Usage: flagged.sh PROGRAM
# Runs a stress program that judges histories and was built with the bug.  Ends
# with 0 if a history is found that is not linearizable, with 1 if not.
set -u
program=${1:?usage: flagged.sh PROGRAM}

# It ends with the first broken history, long before that time.
said=$("$program" --seconds 30 2>&1)
status=$?
drawn=$(printf '%s\n' "$said" | grep -A 3 'not linearizable; of' | tail -n 3)
if [ $status -ne 0 ] && [ -n "$drawn" ]; then
    printf '%s\n' "$said" | head -n 1
    printf 'flagged:\n%s\n' "$drawn" | cut -c 1-160
    exit 0
fi
echo "not flagged; $program ends with $status and says:"
printf '%s\n' "$said" | head -n 20
exit 1
