# Prints mutants of C sources, one a line: file, line, kind, and the line as it
# becomes, apart by tabs.
#
# Kinds: a comparison turned or off by one, a condition's and for an or, a number
# one more, an answer turned round, a statement left out, a compare-and-swap
# split into look and store.  Comments, assertions, declarations and planted
# bugs are left alone.  A line is changed in one place only.

function emit(kind, becomes) {
    printf "%s\t%d\t%s\t%s\n", FILENAME, FNR, kind, becomes
}

# Replaces the first match of a plain text.
function swap(kind, from, to,    at) {
    at = index($0, from)
    if (at > 0) {
        emit(kind, substr($0, 1, at - 1) to substr($0, at + length(from)))
    }
}

FNR == 1 { comment = planted = 0 }
/^ *\/\*/ { comment = 1 }
comment { if (/\*\//) comment = 0; next }
/if \(MOOR_PLANTED.*\{/ { planted = 1 }
planted { if (/^ *\}/) planted = 0; next }
/^#|assert|_Static_assert|MOOR_PLANTED|MOOR_DEFINE|^ \*|^static.*;$|^typedef/ { next }

{
    swap("at least for more", " >= ", " > ")
    swap("less for at most", " < ", " <= ")
    swap("more for at least", " > ", " >= ")
    swap("at most for less", " <= ", " < ")
    swap("equal for other", " == ", " != ")
    swap("other for equal", " != ", " == ")
    swap("and for or", " && ", " || ")
    swap("or for and", " || ", " && ")
    swap("one more", " + 1", " + 2")
    swap("one less", " - 1", " - 2")
    swap("true for false", "return false;", "return true;")
    swap("false for true", "return true;", "return false;")
}
/moor_cas_(acq_rel|seq_cst|relaxed)\(/ {
    line = $0
    sub(/moor_cas_(acq_rel|seq_cst|relaxed)\(/, "mutant_split(", line)
    emit("split", line)
}
/^ +(\(void\))?[a-z_]+\(.*\);$/ && !/return|mutant/ {
    emit("left out", ";")
}
