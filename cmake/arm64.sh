#!/bin/sh
# Does the library do what it says on arm64?  Builds it with Debian's cross compiler
# and runs the programs that need no more than the library, under qemu.
# Usage: arm64.sh FOLDER [SECONDS]
#   SECONDS  of each program that runs for a time, 5 unless given
# Shown is that it compiles there and that calls answer as they do here.  Nothing
# is shown about memory orders: qemu runs the threads on this machine, whose orders
# are stronger, and moorage does not support arm64 (README.md, lib/DESIGN.md).
# Needs the packages gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and
# qemu-user-static; the rest, ConcurrencyKit for arm64, is fetched by apt-get into
# FOLDER, and nothing on this machine is changed.
# Prints a line for each program; ends with 1 if one failed, with 77 if something
# is missing.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "${1:?usage: arm64.sh FOLDER [SECONDS]}" || exit 2
folder=$(cd "$1" && pwd)
seconds=${2:-5}
cross=/usr/aarch64-linux-gnu
longest=$((60 + 20 * seconds)) # of one program
LC_ALL=C
export LC_ALL

skip() {
    echo "skipped: $*"
    exit 77
}

give_up() {
    echo "arm64: $*" >&2
    tail -n 30 "$folder/said" >&2
    exit 1
}

for program in aarch64-linux-gnu-gcc cmake ninja apt-get dpkg-deb; do
    command -v $program > /dev/null || skip "$program is not installed"
done
qemu=$(command -v qemu-aarch64-static || command -v qemu-aarch64) ||
    skip "qemu-user-static is not installed"

# Lists and settings of apt's own, as of a machine with nothing installed.
fetch() {
    mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial" &&
        : > "$folder/status"
    (cd "$folder" && for words in update "download libck-dev libck0"; do
        # shellcheck disable=SC2086
        apt-get -q -o APT::Architecture=arm64 -o APT::Architectures::=arm64 \
            -o Dir::State::status="$folder/status" \
            -o Dir::State::lists="$folder/lists" \
            -o Dir::Cache="$folder/cache" -o APT::Sandbox::User="$(id -un)" \
            -o Acquire::Languages=none -o Acquire::http::Timeout=10 \
            $words || exit 1
    done) > "$folder/said" 2>&1
}

if [ ! -f "$folder/system/usr/include/ck_epoch.h" ]; then
    fetch || skip "libck-dev for arm64: $(tail -n 1 "$folder/said")"
    for package in "$folder"/libck*_arm64.deb; do
        dpkg-deb -x "$package" "$folder/system" || exit 2
    done
    rm -rf "$folder/lists" "$folder/cache"
fi
ck=$folder/system/usr

build=$folder/build
fuzz='fuzz_names fuzz_config fuzz_ops'
stress=$(cd "$root/stress" && ls stress_*.c | sed 's/\.c$//')

cmake -S "$root/cmake/arm64" -B "$build" -G Ninja \
    -D CMAKE_SYSTEM_NAME=Linux -D CMAKE_SYSTEM_PROCESSOR=aarch64 \
    -D CMAKE_C_COMPILER=aarch64-linux-gnu-gcc \
    -D CMAKE_FIND_ROOT_PATH=$cross \
    -D CMAKE_FIND_ROOT_PATH_MODE_PROGRAM=NEVER \
    -D CMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY \
    -D CMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY \
    -D CMAKE_BUILD_TYPE=RelWithDebInfo \
    -D CK_INCLUDE_DIR="$ck/include" \
    -D CK_LIBRARY="$ck/lib/aarch64-linux-gnu/libck.a" \
    > "$folder/said" 2>&1 || give_up "is not configured"
# shellcheck disable=SC2086
ninja -C "$build" example $fuzz $stress > "$folder/said" 2>&1 ||
    give_up "does not build"

cd "$folder" || exit 2 # a fuzz body leaves here what it failed with
failed=0
run() { # NAME PROGRAM ARGUMENT...
    name=$1
    shift
    if timeout "$longest" "$qemu" -L $cross "$@" > "$folder/$name.said" 2>&1
    then
        echo "$name: passed"
    else
        echo "$name: FAILED with $?; the end of what it said:"
        tail -n 15 "$folder/$name.said"
        failed=1
    fi
}

run example "$build/example"
for name in $fuzz; do
    run "$name" "$build/fuzz/$name" --seconds "$seconds" \
        "$root/tests/fuzz/corpus/$name"
done
for name in $stress; do
    run "$name" "$build/moorage/stress/$name" --seconds "$seconds"
done
exit $failed
