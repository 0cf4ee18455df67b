#!/bin/sh
# Uses the library as others would.
#
#   sh tests/consumers/consume.sh WORK install              both kinds, into prefixes
#   sh tests/consumers/consume.sh WORK exports              what the shared ones show
#   sh tests/consumers/consume.sh WORK find_package KIND    KIND: shared, static
#   sh tests/consumers/consume.sh WORK pkg-config KIND
#   sh tests/consumers/consume.sh WORK add_subdirectory
#   sh tests/consumers/consume.sh WORK c++
#
# Prefixes are moved before anybody uses them.  STORE=OFF from the environment:
# this build has no store.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$1
what=$2
kind=${3:-shared}
prefix=$work/moved/$kind
stores="yes"
[ "${STORE:-ON}" = ON ] || stores=
: "${CC:=cc}" "${CXX:=c++}"

configure() { # SOURCE BUILD OPTION...
    source=$1
    build=$2
    shift 2
    cmake -S "$source" -B "$build" -G Ninja -D CMAKE_BUILD_TYPE=Release "$@" \
        > "$build.log" 2>&1 || { cat "$build.log"; exit 1; }
}

make() { # BUILD TARGET...
    build=$1
    shift
    cmake --build "$build" --target "$@" > "$build.log" 2>&1 ||
        { cat "$build.log"; exit 1; }
}

install_kind() { # KIND SHARED
    configure "$root" "$work/build-$1" -D BUILD_SHARED_LIBS="$2" \
        -D MOOR_TESTS=OFF -D MOOR_STRESS=OFF -D MOOR_BENCH=OFF
    make "$work/build-$1" moorage ${stores:+moorage_store}
    for part in lib dev; do
        cmake --install "$work/build-$1" --prefix "$work/first/$1" \
            --component "$part" > "$work/install.log"
    done
    mv "$work/first/$1" "$work/moved/$1"
}

# The program says that it did what it should.
runs() { # PROGRAM [STORE]
    rm -f "$work/store"*
    "$@" > "$work/said" || { cat "$work/said"; exit 1; }
    grep -qx consumed "$work/said"
}

libraries() {
    find "$prefix" -name 'lib*' -name "$1" -exec dirname {} \; | sort -u
}

project() { # OPTION...
    rm -rf "$work/project" "$work/project-build"
    mkdir -p "$work/project"
    cp "$here/consumer.cmake.txt" "$work/project/CMakeLists.txt"
    configure "$work/project" "$work/project-build" -D MAIN="$here/main.c" "$@"
    make "$work/project-build" consumer ${stores:+consumer_store}
    runs "$work/project-build/consumer"
    [ -z "$stores" ] ||
        runs "$work/project-build/consumer_store" "$work/store"
}

declared() { # HEADER...
    cat "$@" | tr '\n' ' ' | sed 's|/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/| |g' |
        grep -oE '\bmoor_[a-z_0-9]+ ?\(' | tr -d ' (' | sort -u
}

shown() { # LIBRARY
    nm -D --defined-only "$1" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' |
        sort -u
}

same() { # LIBRARY HEADER...
    library=$1
    shift
    shown "$library" > "$work/shown"
    declared "$@" | grep -vxE 'moor_(write|store_restored)' > "$work/declared"
    diff "$work/declared" "$work/shown" || {
        echo "< declared in a header, > shown by $library"
        exit 1
    }
}

case $what in
install)
    rm -rf "$work"
    mkdir -p "$work/first" "$work/moved"
    install_kind shared ON
    install_kind static OFF
    ;;
exports)
    headers=$(find "$prefix/include" -name '*.h' ! -name store.h)
    # shellcheck disable=SC2086
    same "$(libraries 'libmoorage.so')/libmoorage.so" $headers
    [ -z "$stores" ] || same "$(libraries 'libmoorage_store.so')/libmoorage_store.so" \
        "$prefix/include/moorage/store.h"
    ;;
find_package) project -D CMAKE_PREFIX_PATH="$prefix" ;;
add_subdirectory) project -D MOORAGE_SOURCE="$root" ;;
pkg-config)
    PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name moorage.pc)")
    LD_LIBRARY_PATH=$(libraries 'libmoorage.*')
    export PKG_CONFIG_PATH LD_LIBRARY_PATH
    static=
    [ "$kind" = shared ] || static=--static
    # shellcheck disable=SC2046,SC2086
    $CC -o "$work/pc" "$here/main.c" $(pkg-config $static --cflags --libs moorage)
    runs "$work/pc"
    if [ -n "$stores" ]; then
        # shellcheck disable=SC2046,SC2086
        $CC -D STORE -o "$work/pc" "$here/main.c" \
            $(pkg-config $static --cflags --libs moorage_store)
        runs "$work/pc" "$work/store"
    fi
    ;;
c++)
    LD_LIBRARY_PATH=$(libraries 'libmoorage.*')
    export LD_LIBRARY_PATH
    $CXX -std=c++17 -Wall -Wextra -Werror -x c++ "$here/main.c" -o "$work/cxx" \
        -I"$prefix/include" -L"$LD_LIBRARY_PATH" -lmoorage
    runs "$work/cxx"
    ;;
*) exit 2 ;;
esac
