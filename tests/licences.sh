#!/bin/sh
# Each file says under which licence it is, as the REUSE specification wants it,
# and all copies of the licence are the same.
# Usage: licences.sh SOURCE_DIRECTORY
set -u
cd "${1:?usage: licences.sh SOURCE_DIRECTORY}" || exit 2
failed=0

cmp LICENSE LICENSES/MIT.txt || failed=1
text() { # as one line, without the marks of a Debian copyright file
    sed 's/^ \{0,1\}\.\{0,1\}$//' "$@" | tr -s ' \n' ' '
}
case $(text cmake/debian/copyright) in
*"$(sed 1,4d LICENSE | tr -s ' \n' ' ')"*) ;;
*)
    echo "cmake/debian/copyright: not the text of LICENSE"
    failed=1
    ;;
esac

# A copy without what was built: which files those are, only git would know.
copy=$(mktemp -d) || exit 2
trap 'rm -rf "$copy"' EXIT
tar --exclude=./build --exclude=./.git -cf - . | tar -xf - -C "$copy"
reuse --root "$copy" lint || failed=1
exit $failed
