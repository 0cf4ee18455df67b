#!/bin/sh
# From a fresh Debian or Ubuntu to a running program, or to a tested tree.
set -eu

usage() {
    cat << 'END'
usage: sh cmake/quickstart.sh demo | test

  demo   build the program moorage and run `moorage demo`
  test   build everything and run all tests

Packages that are missing are installed with apt-get, as root or through sudo.
END
}

demo_packages='gcc libc6-dev cmake ninja-build pkg-config libck-dev
    libjansson-dev libsqlite3-dev libedit-dev'
# liburcu and oneTBB are rivals in the benchmarks, gnuplot draws what they came
# to, valgrind counts instructions, nothing more; spin searches models; libuv is
# for an example, systemtap for the header of tracepoints.  The client of
# Prometheus reads the metrics; promtool would, too, but comes with a server.
# sqlite3 breaks stores for the doctor; mandoc reads the man pages; dpkg-dev
# makes Debian packages, lintian judges them; abigail-tools compare what programs
# are linked with, reuse looks for a licence of each file.
test_packages="$demo_packages g++ libcriterion-dev liburcu-dev libtbb-dev
    gnuplot-nox valgrind spin libuv1-dev systemtap-sdt-dev
    python3-prometheus-client sqlite3 mandoc dpkg-dev lintian
    abigail-tools reuse"

case ${1-} in
demo) packages=$demo_packages ;;
test) packages=$test_packages ;;
'') usage; exit 0 ;;
*) usage >&2; exit 2 ;;
esac

cd "$(dirname "$0")/.."
mkdir -p build
log=build/quickstart.log
: > "$log"

# step WHAT COMMAND...: quiet when it works; when not, the end of what it said.
step() {
    echo "$1 ..." >&2
    shift
    "$@" >> "$log" 2>&1 || {
        status=$?
        tail -n 60 "$log" >&2
        echo "quickstart: failed; the whole output is in $log" >&2
        return "$status"
    }
}

# A program counts as there wherever it comes from.
is_there() {
    case $1 in
    gcc | g++ | cmake | pkg-config) program=$1 ;;
    ninja-build) program=ninja ;;
    gnuplot-nox) program=gnuplot ;;
    *) program= ;;
    esac
    if [ -n "$program" ] && command -v "$program" > /dev/null; then return 0; fi
    dpkg-query -W -f '${Status}' "$1" 2> /dev/null | grep -q ' installed$'
}

if ! command -v dpkg-query > /dev/null || ! command -v apt-get > /dev/null; then
    echo "quickstart: this is for Debian and Ubuntu.  Elsewhere install what" \
        "these packages hold:" $test_packages >&2
    echo "then: cmake --workflow --preset dev" >&2
    exit 1
fi

missing=
for package in $packages; do
    is_there "$package" || missing="$missing $package"
done
if [ -n "$missing" ]; then
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo > /dev/null; then
            echo "quickstart: as root, first: apt-get install$missing" >&2
            exit 1
        fi
        as_root=sudo
    fi
    apt="$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y"
    step "reading the package lists" $apt update
    step "installing$missing" $apt install --no-install-recommends $missing
fi

version=$(cmake --version | sed -n '1s/[^0-9]*//p')
oldest=$(printf '%s\n' 3.25 "$version" | sort -V | head -n 1)
if [ "$oldest" != 3.25 ]; then
    echo "quickstart: cmake $version is too old; 3.25 or later is needed" >&2
    exit 1
fi

case $1 in
demo)
    step "configuring" cmake --preset release \
        -D MOOR_TESTS=OFF -D MOOR_STRESS=OFF -D MOOR_BENCH=OFF
    step "building" cmake --build --preset release --target moorage_tool
    exec build/release/tool/moorage demo
    ;;
test)
    result=0
    step "configuring, building, testing" cmake --workflow --preset dev ||
        result=$?
    grep '% tests passed' "$log" || true
    exit "$result"
    ;;
esac
