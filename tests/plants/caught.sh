#!/bin/sh
# Is a planted bug caught?  Usage: caught.sh PROGRAM CASE
#                                  caught.sh PROGRAM --seconds S ...
# Runs the one case of a model that was built with the bug, or a fuzz body.  Ends
# with 0 if it reports a violation or dies, with 1 if the bug goes unnoticed.
set -u
program=${1:?usage: caught.sh PROGRAM CASE}
case=${2:?usage: caught.sh PROGRAM CASE}
shift
[ "$case" = --seconds ] || set -- --case "$case"

said=$("$program" "$@" 2>&1)
status=$?
verdict=$(printf '%s\n' "$said" | grep -E 'VIOLATION|: died;|DIFFERS' |
    head -n 1)
if printf '%s\n' "$said" | grep -qE 'Sanitizer|runtime error:'; then
    verdict="$*: by a sanitizer" # whose words ctest takes for a failure
fi
if [ $status -ne 0 ] && [ -n "$verdict" ]; then
    echo "caught: $verdict" | cut -c 1-160
    exit 0
fi
echo "not caught; $program $* ends with $status and says:"
printf '%s\n' "$said" | head -n 20
exit 1
