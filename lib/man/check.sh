#!/bin/sh
# Has each public function its page, and says the page what it should?
# Usage: check.sh FOLDER PROGRAM HEADERS PREPROCESSOR...
#
# FOLDER is that of make.sh.  Which functions there are, the preprocessor says,
# not what makes the pages.  moorage(1) has to have each command and
# option of PROGRAM (empty: it is not built).
set -u
folder=${1:?usage: check.sh FOLDER PROGRAM HEADERS PREPROCESSOR...}
program=$2
includes=$3
shift 3
here=$(cd "$(dirname "$0")" && pwd)
result=0

wrong() {
    echo "$*"
    result=1
}

declared=$(for header in "$includes"/moorage/*.h \
    "$here"/../store/include/moorage/store.h; do
    "$@" -I "$includes" "$header"
done | grep -oE '\bmoor_[a-z0-9_]+\(' | tr -d '(' | sort -u)
[ "$(echo "$declared" | wc -l)" -gt 50 ] || wrong "hardly any function is seen"

# The lines of a section, without macros that only say where it is.
section() { # PAGE TITLE
    awk -v title=".Sh $2" '$0 == title { here = 1; next } /^\.Sh/ { here = 0 }
        here' "$1"
}

for name in $declared; do
    page=$folder/man3/$name.3
    [ -s "$page" ] || { wrong "$name has no page"; continue; }
    for title in NAME SYNOPSIS DESCRIPTION 'RETURN VALUES' EXAMPLES 'SEE ALSO'
    do
        [ -n "$(section "$page" "$title")" ] || wrong "$name: no $title"
    done
    about=$(section "$page" NAME | sed -n 's/^\.Nd //p')
    [ "${#about}" -ge 8 ] && [ "${#about}" -le 100 ] ||
        wrong "$name: the first sentence of its comment is no summary: $about"
    section "$page" SYNOPSIS | grep -qx ".Fo $name" ||
        wrong "$name: is not in its SYNOPSIS"
    section "$page" EXAMPLES | grep -q "$name(" ||
        wrong "$name: no example calls it; see examples/"
    [ "$(section "$page" EXAMPLES | wc -l)" -le 45 ] ||
        wrong "$name: its example is long"
    if section "$page" SYNOPSIS | grep -B 1 -x ".Fo $name" |
        grep -qE '"moor_(store_)?error"'; then
        section "$page" ERRORS | grep -q '^\.It Dv MOOR_' ||
            wrong "$name: its comment names no error"
    fi
done
for page in "$folder"/man3/moor_*.3; do
    name=${page##*/}
    echo "$declared" | grep -qx "${name%.3}" || wrong "$name: no such function"
    grep '^\.Xr moor' "$page" | while read -r _ other number _; do
        [ -e "$folder/man$number/$other.$number" ] ||
            [ -e "$here/$other.$number" ] || echo "$name: $other($number)?"
    done
done | grep . && result=1

# Commands, and their long options.
known() { # PATTERN WHAT
    grep -qE "$1" "$here/moorage.1" || wrong "moorage(1) does not know $2"
}
[ -z "$program" ] || for command in $("$program" --help |
    sed -nE 's/^  ([a-z]+) .*/\1/p'); do
    known "^\.It Cm $command( |\$)" "$command"
    for option in $("$program" "$command" --help |
        sed -nE 's/^  (-.,|   ) --([a-z-]+).*/\2/p'); do
        case $option in
        help | usage | version) ;;
        *) known "Fl -$option( |\$)" "$command --$option" ;;
        esac
    done
done
exit $result
