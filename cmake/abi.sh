#!/bin/sh
# What programs that are linked with the shared libraries rely on: calls, their
# types, layouts.  cmake/abi/ keeps it; a difference is a decision.
#
#   sh cmake/abi.sh BUILD check      77: not for this machine, or no libabigail
#   sh cmake/abi.sh BUILD write      the target abi_baseline
#
# BUILD is that of cmake/package.sh.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$here/..
shared=${1:?usage: sh cmake/abi.sh BUILD check | write}/shared
what=${2:?usage: sh cmake/abi.sh BUILD check | write}

if [ "$(uname -m)" != x86_64 ] || ! command -v abidw > /dev/null; then
    echo "abi: needs x86-64 and libabigail (Debian and Ubuntu: abigail-tools)"
    exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Types of the headers only, and no paths of the machine that built it.
dump() { # LIBRARY
    abidw --exported-interfaces-only --drop-private-types \
        --headers-dir "$root/lib/include" \
        --headers-dir "$root/lib/store/include" \
        --no-show-locs --no-corpus-path --no-comp-dir-path --no-elf-needed \
        --no-write-default-sizes --type-id-style hash "$1" |
        sed "s| path='[^']*/\([^/']*\)'| path='\1'|"
}

failed=0
for library in "$shared/lib/libmoorage.so" \
    "$shared/lib/store/libmoorage_store.so"; do
    [ -e "$library" ] || continue # no store
    name=$(basename "$library" .so).abi
    dump "$library" > "$folder/$name"
    case $what in
    write) cp "$folder/$name" "$here/abi/$name" ;;
    check) abidiff "$here/abi/$name" "$folder/$name" || failed=1 ;;
    *) exit 2 ;;
    esac
done

if [ "$failed" -ne 0 ]; then
    echo "abi: not what cmake/abi keeps.  What was taken away or laid out anew" \
        "wants a new SOVERSION once there was a release.  If it is meant:" \
        "ninja abi_baseline, and commit cmake/abi."
fi
exit $failed
