#!/bin/sh
# What is given to others: shared and static libraries, and the program linked
# with the shared ones, in BUILD/shared and BUILD/static, and of these three
# Debian packages in BUILD.
#
#   sh cmake/package.sh BUILD            all of it
#   sh cmake/package.sh BUILD build      no packages
#   sh cmake/package.sh BUILD deb        packages of what is built
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "${1:?usage: sh cmake/package.sh BUILD [build | deb]}"
build=$(cd "$1" && pwd)
what=${2:-all}
log=$build/package.log
: > "$log"

step() { # COMMAND...: quiet when it works
    "$@" >> "$log" 2>&1 || { status=$?; tail -n 60 "$log" >&2; exit $status; }
}

# With what a debugger and libabigail read; the packages are without.
build_kind() { # KIND SHARED TARGET...
    kind=$1
    shared=$2
    shift 2
    step cmake -S "$root" -B "$build/$kind" -G Ninja \
        -D BUILD_SHARED_LIBS="$shared" -D CMAKE_INSTALL_PREFIX=/usr \
        -D CMAKE_BUILD_TYPE=RelWithDebInfo \
        -D CMAKE_C_FLAGS_RELWITHDEBINFO="-O3 -g -DNDEBUG" \
        -D CMAKE_SHARED_LINKER_FLAGS=-Wl,-z,relro,-z,now \
        -D CMAKE_EXE_LINKER_FLAGS=-Wl,-z,relro,-z,now \
        -D MOOR_TESTS=OFF -D MOOR_STRESS=OFF -D MOOR_BENCH=OFF
    step cmake --build "$build/$kind" --target "$@"
}

case $what in
all | build)
    build_kind static OFF lib/all lib/store/all
    build_kind shared ON all
    ;;
deb) ;;
*) exit 2 ;;
esac

# Folders of components, out of both builds; cmake/debian/finish.cmake adds to
# them.
pack() {
    deb=$build/deb
    static="$build/static;moorage;dev;/dev"
    shared="$build/shared;moorage;ALL;/"
    rm -rf "$deb" "$build"/*.deb
    step cpack --config "$build/shared/CPackConfig.cmake" -B "$deb" \
        -D CPACK_INSTALL_CMAKE_PROJECTS="$static;$shared"
    # CPack lets scripts call ldconfig, where there is a trigger for that.
    for lib in "$deb"/libmoorage[0-9]*.deb; do
        step dpkg-deb -R "$lib" "$deb/lib"
        rm -f "$deb/lib/DEBIAN/postinst" "$deb/lib/DEBIAN/postrm"
        step dpkg-deb --root-owner-group -b "$deb/lib" "$lib"
    done
    mv "$deb"/*.deb "$build"
}

case $what in
all | deb) pack ;;
esac
