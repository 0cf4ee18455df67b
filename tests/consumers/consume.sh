#!/bin/sh
# Uses the library as others would.
#
#   sh tests/consumers/consume.sh WORK install              both kinds, into prefixes
#   sh tests/consumers/consume.sh WORK exports              what the libraries show
#   sh tests/consumers/consume.sh WORK find_package KIND    KIND: shared, static
#   sh tests/consumers/consume.sh WORK pkg-config KIND
#   sh tests/consumers/consume.sh WORK add_subdirectory KIND
#   sh tests/consumers/consume.sh WORK c++
#   sh tests/consumers/consume.sh WORK python
#   sh tests/consumers/consume.sh WORK deb                  the Debian packages
#   sh tests/consumers/consume.sh WORK deb_consumer         what is in them
#   sh tests/consumers/consume.sh WORK lintian
#
# Prefixes are used once where they are made, and then, moved, by all others.
# From the environment: STORE=OFF, this build has no store; PYTHON, where it is.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$1
what=$2
kind=${3:-shared}
prefix=$work/moved/$kind
both=${BOTH:-}
stores="yes"
[ "${STORE:-ON}" = ON ] || stores=
: "${CC:=cc}" "${CXX:=c++}"
# dpkg wants ldconfig.
PATH=$PATH:/usr/sbin:/sbin

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

install_kind() { # KIND
    for part in lib dev; do
        cmake --install "$work/build/$1" --prefix "$work/first/$1" \
            --component "$part" > "$work/install.log"
    done
}

# The program says that it did what it should, and is linked as it should be.
runs() { # PROGRAM [STORE]
    rm -f "$work/store"*
    "$@" > "$work/said" || { cat "$work/said"; exit 1; }
    grep -qx consumed "$work/said"
    linked=static
    readelf -d "$1" | grep NEEDED | grep -q 'libmoorage[.]so[.]' && linked=shared
    [ $linked = "$kind" ] || { echo "linked with the $linked library"; exit 1; }
}

libraries() { # NAME: where it is
    find "$prefix" -name "$1" -exec dirname {} \; | sort -u
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

# What the shared ones are linked with is their own affair.
find_package() {
    set -- -D CMAKE_PREFIX_PATH="$prefix" ${both:+-D KIND="$kind"}
    if [ "$kind" = shared ]; then
        set -- "$@" -D CMAKE_DISABLE_FIND_PACKAGE_CK=ON \
            -D CMAKE_DISABLE_FIND_PACKAGE_SQLite3=ON
    fi
    project "$@"
}

pkg_config() {
    PKG_CONFIG_PATH=$(libraries moorage.pc)
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
}

python() {
    MOORAGE_LIBRARY=$(libraries 'libmoorage.so.0')/libmoorage.so.0 \
        PYTHONPATH=$(libraries moorage.py) PYTHONDONTWRITEBYTECODE=1 \
        "$PYTHON" "$here/main.py" > "$work/said" || exit 1
    grep -qx consumed "$work/said" || { cat "$work/said"; exit 1; }
}

declared() { # HEADER...
    cat "$@" | tr '\n' ' ' | sed 's|/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/| |g' |
        grep -oE '\bmoor_[a-z_0-9]+ ?\(' | tr -d ' (' |
        grep -vxE 'moor_(write|store_restored)' | sort -u
}

shown() { # LIBRARY
    dynamic=
    case $1 in *.so) dynamic=-D ;; esac
    nm -g $dynamic --defined-only "$1" |
        awk 'NF == 3 && $2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u
}

same() { # LIBRARY HEADER...
    library=$1
    shift
    [ -e "$library" ] || { echo "no $library"; exit 1; }
    shown "$library" > "$work/shown"
    declared "$@" > "$work/declared"
    diff "$work/declared" "$work/shown" || {
        echo "< declared in a header, > shown by $library"
        exit 1
    }
}

exports() { # SUFFIX
    headers=$(find "$prefix/include" -name '*.h' ! -name store.h)
    # shellcheck disable=SC2086
    same "$(libraries "libmoorage$1")/libmoorage$1" $headers
    [ -z "$stores" ] || same "$(libraries "libmoorage$1")/libmoorage_store$1" \
        "$prefix/include/moorage/store.h"
}

# A root with nothing in it but what dpkg knows of the packages that ours
# depend on; so it judges the dependencies, too.
new_root() { # ROOT
    rm -rf "$1"
    mkdir -p "$1/var/lib/dpkg/info" "$1/var/lib/dpkg/updates"
    for deb in "$work"/build/*.deb; do
        dpkg-deb -f "$deb" Depends
    done | tr ',' '\n' | awk '{ print $1 }' | sort -u > "$work/needed"
    awk -v RS= -v ORS='\n\n' -v needed="$(tr '\n' ' ' < "$work/needed")" '
        BEGIN { n = split(needed, name); while (n > 0) wanted[name[n--]] = 1 }
        $1 == "Package:" && $2 in wanted && /\nStatus: [^\n]* installed\n/
        ' /var/lib/dpkg/status > "$1/var/lib/dpkg/status"
    for name in $(awk '$1 == "Package:" { print $2 }' "$1/var/lib/dpkg/status"); do
        : > "$1/var/lib/dpkg/info/$name.list"
        : > "$1/var/lib/dpkg/info/$name:$(dpkg --print-architecture).list"
    done
}

dpkg_in() { # OPTION...
    dpkg --root="$work/root" --log="$work/dpkg.log" "$@" > "$work/dpkg" 2>&1 ||
        { cat "$work/dpkg"; exit 1; }
}

# As root for good; others take the packages apart.
deb_install() {
    rm -f "$work"/build/*.deb
    sh "$root/cmake/package.sh" "$work/build" deb
    new_root "$work/root"
    if [ "$(id -u)" -ne 0 ]; then
        for deb in "$work"/build/*.deb; do
            dpkg-deb -x "$deb" "$work/root"
        done
        return
    fi
    dpkg_in --install "$work"/build/*.deb
    dpkg_in --purge libmoorage0 libmoorage-dev moorage
    left=$(find "$work/root" -name '*moorage*')
    [ -z "$left" ] || { echo "left behind: $left"; exit 1; }
    dpkg_in --install "$work"/build/*.deb
    for package in libmoorage0 libmoorage-dev moorage; do
        dpkg-query --admindir="$work/root/var/lib/dpkg" -W \
            -f '${Package} ${Status}\n' $package
    done | tee "$work/installed"
    [ "$(grep -c 'install ok installed' "$work/installed")" -eq 3 ]
}

deb_consumer() {
    prefix=$work/root/usr
    both=yes
    pkg_config
    [ -z "${PYTHON:-}" ] || python
    for kind in shared static; do
        find_package
    done
    echo '{"moorage":1}' > "$work/nothing.jsonl"
    LD_LIBRARY_PATH=$(libraries 'libmoorage.so.0') "$prefix/bin/moorage" \
        run "$work/nothing.jsonl"
    LD_LIBRARY_PATH=$(libraries 'libmoorage.so.0') ldd "$prefix/bin/moorage" |
        grep -q "libmoorage.so.0 => $prefix"
}

case $what in
install)
    rm -rf "$work"
    mkdir -p "$work/first" "$work/moved"
    sh "$root/cmake/package.sh" "$work/build" build
    for kind in shared static; do
        install_kind "$kind"
        (prefix=$work/first/$kind && pkg_config)
        mv "$work/first/$kind" "$work/moved/$kind"
    done
    ;;
exports)
    exports .so
    prefix=$work/moved/static
    exports .a
    ;;
find_package) find_package ;;
add_subdirectory)
    shared=ON
    [ "$kind" = shared ] || shared=OFF
    project -D MOORAGE_SOURCE="$root" -D BUILD_SHARED_LIBS=$shared \
        -D CMAKE_BUILD_TYPE=Debug
    ;;
pkg-config) pkg_config ;;
c++)
    LD_LIBRARY_PATH=$(libraries 'libmoorage.*')
    export LD_LIBRARY_PATH
    for source in main.c main.cpp; do
        $CXX -std=c++17 -Wall -Wextra -Werror -x c++ "$here/$source" \
            -o "$work/cxx" -I"$prefix/include" -L"$LD_LIBRARY_PATH" -lmoorage
        runs "$work/cxx"
    done
    ;;
python) python ;;
deb) deb_install ;;
deb_consumer) deb_consumer ;;
lintian) lintian --allow-root --fail-on error "$work"/build/*.deb ;;
*) exit 2 ;;
esac
