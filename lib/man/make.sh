#!/bin/sh
# The man pages of section 3 into FOLDER/man3: one for each public function, and
# moorage(3).  They are made of the headers' comments and of the examples beside
# this file; pages.awk says how.
# Usage: make.sh FOLDER VERSION
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:?usage: make.sh FOLDER VERSION}
version=${2:?usage: make.sh FOLDER VERSION}
date="November 29, 2026" # of the last look at how the pages read

rm -rf "$folder/man3"
mkdir -p "$folder/man3"
LC_ALL=C awk -v to="$folder" -v version="$version" -v date="$date" \
    -f "$here/pages.awk" "$here"/../include/moorage/*.h \
    "$here/../store/include/moorage/store.h" "$here"/examples/*.c
