#!/bin/sh
# ck_epoch.c of the ConcurrencyKit that is installed, by apt-get from where that
# came from.  Usage: fetch.sh FOLDER
# Puts it into FOLDER, with the ck_epoch.h beside it; what is there already stays.
# Nothing of apt's own is changed: lists and settings are in FOLDER.  Ends with 77
# if the source is not to be had here.
set -u
folder=${1:?usage: fetch.sh FOLDER}
package=libck-dev
patience=10 # seconds that the network may be silent
longest=60

skip() {
    echo "skipped: no source of ConcurrencyKit: $*"
    exit 77
}

[ ! -f "$folder/ck_epoch.c" ] || exit 0
for program in apt-get apt-cache dpkg-query timeout; do
    command -v "$program" > /dev/null || skip "$program is not installed"
done
source=$(dpkg-query -W -f '${source:Package}=${source:Version}' $package \
    2> /dev/null) || skip "$package is not installed"

mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial" || exit 2
folder=$(cd "$folder" && pwd)

# The repository of the installed version, as apt-cache tells it:
#  *** VERSION PRIORITY / PRIORITY URI SUITE/COMPONENT ARCHITECTURE Packages
LC_ALL=C apt-cache policy $package | awk '
    /^ \*\*\* / { here = 1; next }
    here && $2 !~ /^(http|https|file):/ { next }
    here { split($3, part, "/"); print $2, part[1], part[2]; exit }
    ' > "$folder/from"
read -r uri suite component < "$folder/from" || skip "apt knows no repository"

# By which key it is signed, if its entry says so.
key=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2> /dev/null |
    awk -v uri="$uri" '
        /^URIs:/ { here = index($2, uri) == 1 }
        here && /^Signed-By:/ && $2 ~ /^\// { print $2; exit }
        $1 == "deb" && index($0, uri) && match($0, /signed-by=[^] ]*/) {
            print substr($0, RSTART + 10, RLENGTH - 10); exit }')
echo "deb-src ${key:+[signed-by=$key] }$uri $suite $component" \
    > "$folder/sources.list"

get() {
    timeout $longest apt-get -q \
        -o Dir::Etc::sourcelist="$folder/sources.list" \
        -o Dir::Etc::sourceparts=- \
        -o Dir::State::lists="$folder/lists" \
        -o Dir::Cache="$folder/cache" \
        -o APT::Sandbox::User="$(id -un)" \
        -o Acquire::Languages=none -o Acquire::Retries=0 \
        -o Acquire::http::Timeout=$patience \
        -o Acquire::https::Timeout=$patience \
        "$@" < /dev/null > "$folder/said" 2>&1
}

cd "$folder" || exit 2
get -o APT::Update::Error-Mode=any update ||
    skip "$uri is not reached, or has none: $(tail -n 1 said)"
get source --download-only "$source" ||
    skip "$source is not there: $(tail -n 1 said)"

# No patch of Debian's touches these two; if one does, this is not the library.
for patches in *.debian.tar.*; do
    mkdir -p debian
    ! [ -f "$patches" ] || (cd debian && cmake -E tar xf "../$patches") || exit 2
    ! grep -rq '^+++ .*ck_epoch\.[ch]' debian ||
        skip "$source has a patch for its epochs"
done
mkdir -p plain
(cd plain && cmake -E tar xf ../*.orig.tar.*) || exit 2
cp plain/*/include/ck_epoch.h ck_epoch.h
cp plain/*/src/ck_epoch.c ck_epoch.new && mv ck_epoch.new ck_epoch.c || exit 2
rm -rf lists cache plain debian
echo "fetched: $source from $uri"
