#!/bin/sh
# The program of README.md, run twice on one store.
# Usage: example.sh PROGRAM
set -u
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
for agents in 0 1; do
    seen=$("$1" "$folder/store") || exit 1
    wanted="$agents agents are back, $agents live, 0 interrupted"
    [ "$seen" = "$wanted" ] || { echo "$seen"; echo "wanted: $wanted"; exit 1; }
done
