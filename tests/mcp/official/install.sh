#!/bin/sh
# Installs the official clients into a folder of the build, in the versions of
# package-lock.json.  Usage: install.sh FOLDER
# Ends with 77 when the registry of packages cannot be reached.
set -u
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:?usage: install.sh FOLDER}

mkdir -p "$folder" || exit 2
# Its last act is the copy of the lock file.
if cmp -s "$here/package-lock.json" "$folder/installed"; then
    echo "installed before"
    exit 0
fi
rm -rf "$folder/node_modules" "$folder/installed"
cp "$here/package.json" "$here/package-lock.json" "$folder" || exit 2
cd "$folder" || exit 2
if ! npm ci --ignore-scripts --no-audit --no-fund > npm.log 2>&1; then
    cat npm.log
    grep -qE 'ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH' \
        npm.log || exit 1
    echo "left out: the registry of packages cannot be reached"
    exit 77
fi
# The inspector's command line looks for this file where its parent package,
# which brings a web server and its pages along, would have it.
cp node_modules/@modelcontextprotocol/inspector-cli/package.json \
    node_modules/@modelcontextprotocol/package.json || exit 2
cp "$here/package-lock.json" installed
