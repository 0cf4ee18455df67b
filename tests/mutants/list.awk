# Prints mutants of C sources, one a line, apart by tabs: file, line, function,
# kind, the line as it is and as it becomes.
#
# Kinds: a comparison turned or off by one, a condition's and for an or, a number
# one more, an answer turned round, a statement left out, a compare-and-swap
# split into look and store, a memory order that is weaker by one step.
# Comments, assertions, declarations and planted bugs are left alone.  A line is
# changed in one place only.

function emit(kind, becomes) {
    if (only == "" || kind ~ only) {
        printf "%s\t%d\t%s\t%s\t%s\t%s\n", FILENAME, FNR, inside, kind, $0,
               becomes
    }
}

# Replaces the first match of a plain text.
function swap(kind, from, to,    at) {
    at = index($0, from)
    if (at > 0) {
        emit(kind, substr($0, 1, at - 1) to substr($0, at + length(from)))
    }
}

function weaker(from, to) {
    swap("order", from "(", to "(")
}

FNR == 1 { comment = planted = 0; inside = "-" }
/^ *\/\*/ { comment = 1 }
comment { if (/\*\//) comment = 0; next }
/^[a-zA-Z_].*\(/ && !/;$/ {
    inside = $0
    gsub(/__attribute__\(\([a-z_]*\)\)/, "", inside)
    sub(/\(.*/, "", inside)
    sub(/.*[ *]/, "", inside)
}
/if \(([^!]*&& )?MOOR_PLANTED.*\{/ { planted = match($0, /[^ ]/) }
planted { if (/^ *\}/ && match($0, /[^ ]/) == planted) planted = 0; next }
/^#|assert|_Static_assert|MOOR_PLANTED\([0-9]*\) &&|MOOR_DEFINE|^ \*|^typedef/ {
    next
}
/^static.*;$/ { next }

# The names are those of lib/src/atomic.h and of weaker.h.
/moor_[a-z_]+_(acquire|release|acq_rel|seq_cst|exchange|cas)\(/ {
    weaker("moor_load_acquire", "moor_load_relaxed")
    weaker("moor_load_seq_cst", "moor_load_acquire")
    weaker("moor_store_release", "moor_store_relaxed")
    weaker("moor_exchange_seq_cst", "moor_exchange_acq_rel")
    weaker("moor_exchange_acq_rel", "mutant_exchange_acquire")
    weaker("moor_exchange_acq_rel", "mutant_exchange_release")
    weaker("moor_or_seq_cst", "mutant_or_acq_rel")
    weaker("moor_add_acq_rel", "mutant_add_acquire")
    weaker("moor_add_acq_rel", "mutant_add_release")
    weaker("moor_sub_acq_rel", "mutant_sub_acquire")
    weaker("moor_sub_acq_rel", "moor_sub_release")
    weaker("moor_sub_release", "mutant_sub_relaxed")
    weaker("moor_cas_seq_cst", "moor_cas_acq_rel")
    weaker("moor_cas_acq_rel", "mutant_cas_acquire")
    weaker("moor_cas_acq_rel", "mutant_cas_release")
    weaker("moor_pointer_acquire", "moor_pointer_relaxed")
    weaker("moor_pointer_release", "mutant_pointer_store_relaxed")
    weaker("moor_pointer_exchange", "mutant_pointer_exchange_acquire")
    weaker("moor_pointer_exchange", "mutant_pointer_exchange_release")
    weaker("moor_pointer_cas", "mutant_pointer_cas_acquire")
    weaker("moor_pointer_cas", "mutant_pointer_cas_release")
    weaker("moor_pointer_seq_cst", "moor_pointer_acquire")
    weaker("moor_pointer_cas_seq_cst", "moor_pointer_cas")
}
/MOOR_PLANTED/ { next }
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
