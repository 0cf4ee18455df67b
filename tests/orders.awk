# Prints the atomic accesses of C sources, one a line: file, function and
# operation.  Comments and planted bugs are left alone.

FNR == 1 { comment = planted = 0; inside = "-" }
/^ *\/\*/ { comment = 1 }
comment { if (/\*\//) comment = 0; next }
/^#|MOOR_DEFINE/ { next }
/if \(MOOR_PLANTED.*\{/ { planted = match($0, /[^ ]/) }
planted { if (/^ *\}/ && match($0, /[^ ]/) == planted) planted = 0; next }
/^[a-zA-Z_].*\(/ && !/;$/ {
    inside = $0
    gsub(/__attribute__\(\([a-z_]*\)\)/, "", inside)
    sub(/\(.*/, "", inside)
    sub(/.*[ *]/, "", inside)
}
{
    rest = $0
    sub(/\/\*.*/, "", rest)
    while (match(rest, /moor_(load|store|exchange|add|sub|or|cas|pointer)_[a-z_]+\(/)) {
        operation = substr(rest, RSTART + 5, RLENGTH - 6)
        rest = substr(rest, RSTART + RLENGTH)
        print FILENAME, inside, operation
    }
}
