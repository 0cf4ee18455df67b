# Joins what gcov says of the builds of the library, branch by branch, and holds
# it against the exclusions.  See coverage.sh.
#
#   awk -v root=ROOT -f coverage.awk EXCLUSIONS GCOV-TEXT...
#
# A branch is known by its file, its line, how many branches the line has in
# that build, and which of them it is.  The same line has more of them where the
# compiler put a function into its callers: each copy counts.

function trim(text) {
    gsub(/^[ \t]+|[ \t]+$/, "", text)
    return text
}

# FILE | LINE OF SOURCE | WAYS NOT TAKEN | REASON
FNR == NR {
    if ($0 ~ /^#/ || $0 ~ /^$/) next
    parts = split($0, part, / \| /)
    if (parts != 4 || part[3] !~ /^[1-9][0-9]*$/) {
        print FILENAME ":" FNR ": not FILE | LINE | NUMBER | REASON"
        failed = 1
        next
    }
    key = trim(part[1]) " | " trim(part[2])
    allowed[key] = part[3]
    allowed_at[key] = FNR
    next
}

/^ +-: +0:Source:/ {
    file = $0
    sub(/^ +-: +0:Source:/, "", file)
    ours = index(file, root "/lib/") == 1
    file = substr(file, length(root) + 2)
    next
}
!ours { next }

# COUNT:LINE:TEXT; a count of ##### or ===== is none.
/^ *[^ :]+: *[0-9]+:/ {
    flush()
    match($0, /^ *[^ :]+: */)
    rest = substr($0, RLENGTH + 1)
    number = rest + 0
    if (number == 0) next
    count = trim(substr($0, 1, index($0, ":") - 1))
    sub(/^[0-9]+:/, "", rest)
    line = file ":" number
    text[line] = trim(rest)
    if (count != "-") {
        lines[line] += (count ~ /^[0-9]/)
    }
    next
}

# Kept until the line is over, when it is known how many there are.
/^branch +[0-9]+ / {
    taken[branches++] = ($3 == "taken") ? $4 : 0
    next
}

function flush(    i, key) {
    for (i = 0; i < branches; i++) {
        key = line SUBSEP branches SUBSEP i
        ways[key] += taken[i]
    }
    branches = 0
}

END {
    flush()
    for (line in lines) {
        all_lines++
        if (lines[line] > 0) seen_lines++
        else print "line " line ": never executed: " text[line]
    }
    for (key in ways) {
        split(key, part, SUBSEP)
        all++
        if (ways[key] > 0) seen++
        else {
            missed[part[1]]++
            which[part[1]] = which[part[1]] " " part[3] "/" part[2]
        }
    }
    for (line in missed) {
        file = line
        sub(/:[0-9]+$/, "", file)
        sub(/^lib\/(src|store\/src|include\/moorage)\//, "", file)
        key = file " | " text[line]
        if (key in allowed) {
            excluded[key] += missed[line]
        } else {
            print line ":" which[line] " never taken: " text[line]
            failed = 1
        }
    }
    for (key in allowed) {
        if (excluded[key] != allowed[key]) {
            print "coverage.txt:" allowed_at[key] ": " allowed[key] \
                " excluded, " excluded[key] + 0 " not taken: " key
            failed = 1
        }
        left_out += excluded[key]
    }
    printf "branches: %d of %d taken, %d excluded; lines: %d of %d\n", seen,
           all, left_out, seen_lines, all_lines
    exit failed
}
