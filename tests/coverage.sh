#!/bin/sh
# Demands that every branch of the library was taken by some test.
#
#   sh tests/coverage.sh BUILD
#
# BUILD is a build directory with MOOR_COVERAGE in which the tests have run.  The
# library is there three times: as it ships, for the explorer, and with small
# constants; a branch that was taken in one of them is taken.  What cannot be
# taken is listed in coverage.txt, with the reason; an exclusion that is not
# needed fails too.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/.." && pwd)
build=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

find "$build/lib" -name '*.gcno' | sort > "$work/objects"
cd "$work"
# One at a time: gcov would join objects of one name.
while read -r object; do
    gcov --branch-probabilities --branch-counts --stdout "$object" 2>> log
done < objects > counted
status=0
awk -v root="$root" -f "$here/coverage.awk" "$here/coverage.txt" counted \
    > verdict || status=$?
sed '$d' verdict | sort -V
tail -n 1 verdict
exit $status
