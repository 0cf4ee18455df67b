#!/bin/sh
# Is each model still a model of the code?  Usage: stands-for.sh [--write]
#
# The head of a model lists the functions that it stands for, as
# "file: function ..." of lib/src.  stands-for.txt holds a checksum of each, of
# its text without comments and white space.  A function that has changed fails
# until somebody has looked at the model again and written the sums anew.
set -u
here=$(cd "$(dirname "$0")" && pwd)
code=$here/../../lib/src
kept=$here/stands-for.txt
now=$(mktemp) || exit 2
trap 'rm -f "$now"' EXIT
LC_ALL=C
export LC_ALL

listed() { # MODEL: lines of "file function"
    sed -n '/^ \* Stands for:/,/^ \*$/p' "$1" |
        awk '$2 ~ /:$/ { sub(/:$/, "", $2)
                         for (i = 3; i <= NF; i++) print $2, $i }'
}

# The text of a function, from the line that begins its definition to the brace
# in the first column, in one line.
text_of() { # FILE FUNCTION
    awk -v name="$2" '
    {
        line = $0
        out = ""
        while (line != "") {
            at = index(line, comment ? "*/" : "/*")
            if (at == 0) { if (!comment) out = out line; break }
            if (!comment) out = out substr(line, 1, at - 1)
            line = substr(line, at + 2)
            comment = !comment
        }
        if (!here && out ~ ("^[A-Za-z].*[ *]" name "\\(")) {
            here = 1
            text = ""
        }
        if (here) {
            text = text out
            if (out ~ /;[ ]*$/ && text !~ /\{/) here = 0 # a declaration
            if (out ~ /^\}/) { print text; exit }
        }
    }' "$1" | tr -d ' \t\n'
}

for model in "$here"/*.pml; do
    name=${model##*/}
    [ -n "$(listed "$model")" ] || {
        echo "$name: its head says not what it stands for" >&2
        exit 1
    }
    listed "$model" | while read -r file function; do
        text=$(text_of "$code/$file" "$function")
        [ -n "$text" ] || {
            echo "$name: no function $function in lib/src/$file" >&2
            exit 1
        }
        echo "$name $file:$function $(printf %s "$text" | cksum |
            tr ' ' -)"
    done >> "$now" || exit 1
done

if [ "${1-}" = --write ]; then
    cp "$now" "$kept"
    echo "written: $(wc -l < "$kept") functions"
    exit 0
fi
cmp -s "$now" "$kept" && exit 0
diff "$kept" "$now" | sed -n 's/^> \([^ ]*\) \([^ ]*\) .*/\1: \2 has changed/p
    s/^< \([^ ]*\) \([^ ]*\) .*/\1: \2 was another, or is not listed now/p'
echo "Look at these models again; when they say what the code does now:"
echo "    sh tests/spin/stands-for.sh --write"
exit 1
