#!/bin/sh
# What the program says about a scenario, and the status that it ends with.
# Usage: told.sh PROGRAM DIRECTORY NAME STATUS [OPTION]...
# Runs DIRECTORY/NAME.jsonl and compares with DIRECTORY/NAME.out; "..." at the
# end of that stands for anything, where the words are those of a library.
set -u
program=$1 name=$3 status=$4
cd "$2" || exit 2
shift 4

seen=$("$program" run "$@" "$name.jsonl" 2>&1)
was=$?
wanted=$(cat "$name.out") || exit 2

case $wanted in
*...) case $seen in "${wanted%...}"*) same=yes ;; *) same= ;; esac ;;
*) [ "$seen" = "$wanted" ] && same=yes || same= ;;
esac
if [ "$same" ] && [ "$was" -eq "$status" ]; then exit 0; fi

echo "exit status $was, wanted $status"
echo "--- wanted"
printf '%s\n' "$wanted"
echo "--- seen"
printf '%s\n' "$seen"
exit 1
