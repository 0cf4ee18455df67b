#!/bin/sh
# Runs a script where install.sh has put the official clients.
# Usage: run.sh FOLDER SCRIPT [ARGUMENT]...
# Ends with 77 when it could not.
set -u
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:?usage: run.sh FOLDER SCRIPT [ARGUMENT]...}" || exit 2
script=$2
shift 2
if ! [ -e installed ]; then
    echo "left out: the official clients are not installed"
    exit 77
fi
exec node "$here/$script" "$@"
