#!/bin/sh
# The table of test layers in tests/README.md.
# Usage: layers.sh BUILD [--write | --check]
#
# BUILD is a build directory in which ctest has just run everything: cases,
# counts and seconds are taken from its log.  Without an option the table is
# printed; --write puts it into README.md; --check demands only that README.md
# has a row for each label that ctest knows, and no other.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=${1:?usage: layers.sh BUILD [--write | --check]}
what=${2:---print}
readme=$here/README.md
begin='<!-- layers: made by layers.sh -->'
end='<!-- end of layers -->'

folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT

# What ctest knows, asked from elsewhere: it would begin a new log in BUILD.
build=$(cd "$build" && pwd) || exit 2
echo "subdirs(\"$build\")" > "$folder/CTestTestfile.cmake"
labels() {
    ctest --test-dir "$folder" --print-labels |
        sed -n '/^All Labels/,$ s/^  //p'
}

if [ "$what" = --check ]; then
    labels | sort > "$folder/known"
    sed -n "/^$begin/,/^$end/ s/^| \`\([a-z]*\)\` .*/\1/p" "$readme" |
        sort > "$folder/written"
    diff "$folder/known" "$folder/written" || {
        echo "tests/README.md and ctest differ in their labels (ctest: <);" \
            "see tests/layers.sh" >&2
        exit 1
    }
    exit 0
fi

log=$build/Testing/Temporary/LastTest.log
[ -f "$log" ] || { echo "layers: no $log; run ctest first" >&2; exit 2; }
for label in $(labels); do
    ctest --test-dir "$folder" -N -L "^$label\$" |
        sed -n "s/^ *Test *#[0-9]*: /$label /p"
done > "$folder/names"

# The log has, for each test: "N/M Test: NAME", its output, "Test time = S sec".
awk -F '|' -v names="$folder/names" '
    function grouped(n,   s) {
        s = sprintf("%.0f", n)
        while (s ~ /[0-9][0-9][0-9][0-9]/ && match(s, /[0-9][0-9][0-9](,|$)/))
            s = substr(s, 1, RSTART - 1) "," substr(s, RSTART)
        return s
    }
    BEGIN {
        while ((getline line < names) > 0) {
            split(line, part, " ")
            label[part[2]] = part[1]
        }
    }
    FNR == NR {
        if ($0 ~ /^#/ || NF < 5) next
        order[++layers] = $1
        catches[$1] = $2; unit[$1] = $3; pattern[$1] = $4; long[$1] = $5
        next
    }
    /^[0-9]+\/[0-9]+ Test: / {
        sub(/^[0-9]+\/[0-9]+ Test: /, "")
        now = label[$0]
        next
    }
    /^Test time = / {
        split($0, part, " ")
        seconds[now] += part[4]
        cases[now]++
        next
    }
    now != "" && pattern[now] != "" && match($0, pattern[now]) {
        counted[now] += substr($0, RSTART, RLENGTH) + 0
    }
    END {
        print "| layer | what it catches | cases | counted | seconds | long form |"
        print "|---|---|---|---|---|---|"
        for (i = 1; i <= layers; i++) {
            l = order[i]
            if (!(l in cases)) continue
            printf "| `%s` | %s | %d | %s | %.0f | %s |\n", l, catches[l], cases[l],
                unit[l] == "" ? "" : grouped(counted[l]) " " unit[l],
                seconds[l], long[l]
        }
    }' "$here/layers.txt" "$log" > "$folder/table"

if [ "$what" = --print ]; then
    cat "$folder/table"
    exit 0
fi
sed -e "/^$begin/ r $folder/table" -e "/^$begin/,/^$end/ { /^$begin/ b; /^$end/ b; d; }" \
    "$readme" > "$folder/readme" && cp "$folder/readme" "$readme"
