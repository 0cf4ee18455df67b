# The man pages of section 3, from the public headers and the examples.
# awk -v to=FOLDER -v version=X -v date=DATE -f pages.awk HEADER... EXAMPLE...
#
# From a header come the comment at its head, each function with the comment
# before it (functions that follow without a blank line share it), each type,
# and from error.h what an error means.  In a function's comment:
#
#   text at the margin         the description; its first sentence is the name's
#   "  word, word  text"       what an argument is
#   "  Threads text" and so    Progress and Order: the same list for all;
#                              Returns and Errors: sections of their own
#
# From the examples comes, for each function, the first C function that calls
# it, those of the example that is named as its header before the others.

FNR == 1 {
    file = FILENAME
    sub(/.*\//, "", file)
    stem = file
    sub(/[.][^.]*$/, "", stem)
    example = FILENAME ~ /[.]c$/
    comment = ""
    state = "between"
    head = 1
}

# --- examples: top-level functions, with the comment before them ---
example {
    if (state == "between" && /^\/\*/) { block = ""; state = "before" }
    if (state == "between" && /^static [^=;]*$/ && /\(/) {
        block = ""
        state = "within"
    }
    if (state == "before" || state == "within") block = block $0 "\n"
    if (state == "before") {
        if (/^static [^;=]*$/ && /\(/) state = "within"
        else if (/^$/ || /^#/) state = "between"
    }
    if (state == "within" && /^}/) {
        snippets++
        snippet[snippets] = block
        snippet_of[snippets] = stem
        state = "between"
    }
    next
}

# --- headers ---
state == "comment" {
    line = $0
    ends = sub(/ *\*\/.*$/, "", line)
    sub(/^ \* ?/, "", line)
    sub(/^   /, "", line)
    comment = comment line "\n"
    if (ends) comment_ends()
    next
}
state == "function" { gather(); next }
state == "trailing" {
    line = $0
    ends = sub(/ *\*\/.*$/, "", line)
    sub(/^ +/, "", line)
    note[last] = note[last] " " line
    if (ends) state = "between"
    next
}
state == "type" {
    type_text = type_text $0 "\n"
    if (/^}/) type_ends()
    next
}
state == "typedef" {
    type_text = type_text $0 "\n"
    if (/;/) type_ends()
    next
}
/^\/\*/ {
    line = $0
    ends = sub(/ *\*\/.*$/, "", line)
    sub(/^\/\* ?/, "", line)
    comment = line == "" ? "" : line "\n"
    if (ends) comment_ends()
    else state = "comment"
    next
}
/^$/ { if (!keep) comment = ""; next }
/^typedef/ {
    type_text = $0 "\n"
    type_name = $0
    if (/\(\*/) sub(/^.*\(\*/, "", type_name)
    else sub(/^typedef (struct|enum) /, "", type_name)
    sub(/[^a-z_].*/, "", type_name)
    if (/[{]/ && !/}/) state = "type"
    else if (/;/) type_ends()
    else state = "typedef"
    next
}
/^[a-z]/ && !/^(extern|enum|struct)/ && /\(/ {
    declaration = ""
    state = "function"
    gather()
    next
}
{ comment = "" }

function comment_ends() {
    state = "between"
    if (head) { intro[stem] = comment; headers[++headers_count] = stem }
    head = 0
}

function type_ends() {
    state = "between"
    if (type_text !~ /[{(]/) return
    type[type_name] = (comment == "" ? "" : as_comment(comment)) type_text
    if (type_name ~ /error$/) read_errors(type_text)
    comment = ""
}

function as_comment(text,   lines, n, i, out) {
    n = split(text, lines, "\n")
    for (i = 1; i < n; i++) {
        out = out (i == 1 ? "/* " : " * ") lines[i] (i == n - 1 ? " */" : "") "\n"
        sub(/ +\n$/, "\n", out)
    }
    return out
}

# "NAME, /* what it means */", over one line or more.
function read_errors(text,   parts, n, i, name, what) {
    gsub(/\n */, " ", text)
    sub(/^[^{]*[{]/, "", text)
    n = split(text, parts, "MOOR_")
    for (i = 2; i <= n; i++) {
        name = parts[i]
        sub(/[^A-Z_].*/, "", name)
        if (name ~ /OK$/ || name ~ /ERRORS$/) continue
        what = ""
        if (parts[i] ~ /\/\*/) {
            what = parts[i]
            sub(/^.*\/\* */, "", what)
            sub(/ *\*\/.*$/, "", what)
        }
        means["MOOR_" name] = what
        errors[++errors_count] = "MOOR_" name
    }
}

function gather(   line, rest, at) {
    line = $0
    at = index(line, ";")
    rest = at ? substr(line, at + 1) : ""
    if (at) line = substr(line, 1, at - 1)
    sub(/^ +/, " ", line)
    declaration = declaration line
    if (!at) return
    state = "between"
    last = declaration
    sub(/\(.*/, "", last)
    sub(/^.*[ *]/, "", last)
    functions[++functions_count] = last
    declared[last] = declaration
    header_of[last] = stem
    said[last] = comment
    group[last] = (comment == "") ? last : comment stem
    if (rest ~ /\/\*/) {
        sub(/^ *\/\* */, "", rest)
        if (!sub(/ *\*\/.*$/, "", rest)) state = "trailing"
        note[last] = rest
    }
}

# --- writing ---

function escaped(text) {
    gsub(/\\/, "\\e", text)
    return text
}

# A paragraph: each sentence on a line of its own, names set in bold.
function prose(text,   lines, n, i, line) {
    gsub(/[.]\n/, ".  ", text)
    gsub(/\n/, " ", text)
    text = escaped(text)
    gsub(/[.]   */, ".\n", text)
    while (match(text, /[.] [A-Z]/))
        text = substr(text, 1, RSTART) "\n" substr(text, RSTART + 2)
    gsub(/  +/, " ", text)
    gsub(/(moor|MOOR)_[A-Za-z_]*[A-Za-z]/, "\\fB&\\fP", text)
    n = split(text, lines, "\n")
    for (i = 1; i <= n; i++) {
        line = lines[i]
        sub(/^ +/, "", line)
        sub(/ +$/, "", line)
        if (line == "") continue
        if (line ~ /^[.\047]/) line = "\\&" line
        print line > page
    }
}

function literal(text,   lines, n, i, line) {
    print ".Bd -literal -offset indent" > page
    n = split(text, lines, "\n")
    while (n > 0 && lines[n] == "") n--
    for (i = 1; i <= n; i++) {
        line = escaped(lines[i])
        if (line ~ /^[.\047]/) line = "\\&" line
        print line > page
    }
    print ".Ed" > page
}

# A comment into: text (paragraphs), rows of arguments, and the five labels.
function take_apart(comment,   lines, n, i, line, where, label, first, p) {
    paragraphs = 1
    split("", paragraph)
    arguments = 0
    split("", argument)
    split("", argument_text)
    split("", row)
    where = "text"
    n = split(comment, lines, "\n")
    for (i = 1; i <= n; i++) {
        line = lines[i]
        if (line == "") {
            if (paragraph[paragraphs] != "") paragraphs++
            where = "text"
            continue
        }
        first = match(line, /[^ ]/)
        if (first >= 3 && first <= 5 &&
            line ~ /^ +(Threads|Progress|Order|Returns|Errors)( |$)/) {
            label = line
            sub(/^ +/, "", label)
            sub(/ .*/, "", label)
            where = label
            sub(/^ +[A-Z][a-z]+ */, "", line)
            row[label] = line
        } else if (first == 3 &&
                   line ~ /^  [a-z_]+(, [a-z_]+)*  +[^ ]/) {
            label = line
            sub(/^ +/, "", label)
            sub(/  .*/, "", label)
            sub(/^  [a-z_, ]*[a-z_]  +/, "", line)
            arguments++
            argument[arguments] = label
            argument_text[arguments] = line
            where = "argument"
        } else if (first == 1) {
            where = "text"
            paragraph[paragraphs] = paragraph[paragraphs] line "\n"
        } else if (where == "argument") {
            argument_text[arguments] = argument_text[arguments] "\n" line
        } else if (where == "text") {
            paragraph[paragraphs] = paragraph[paragraphs] line "\n"
        } else {
            row[where] = row[where] "\n" line
        }
    }
    split_row("Threads")
    split_row("Progress")
}

# "Threads any. Progress lock-free. Order releases.", all in one.
function split_row(label,   at, rest, next_label) {
    gsub(/\n */, " ", row[label])
    if (!match(row[label], /[.;] +(Progress|Order) /)) return
    at = RSTART
    rest = substr(row[label], at + 1)
    row[label] = substr(row[label], 1, at)
    sub(/^ +/, "", rest)
    next_label = rest
    sub(/ .*/, "", next_label)
    sub(/^[A-Z][a-z]+ /, "", rest)
    row[next_label] = rest (row[next_label] == "" ? "" : " " row[next_label])
    if (next_label == "Progress") split_row("Progress")
}

# The errors of a function: its own, its header's, those of calls it names.
function collect(name, depth,   text, i, common, other) {
    if (depth > 3 || (name in collected)) return
    collected[name] = 1
    text = said[name]
    common = intro[header_of[name]]
    if (common ~ /Common errors/ && depth == 0) {
        sub(/^.*Common errors/, "", common)
        text = text common
    }
    for (i = 1; i <= errors_count; i++) {
        if (text ~ (errors[i] "([^A-Z_]|$)")) may[errors[i]] = 1
        else if (name ~ /store/ && text ~ ("[^A-Z]" substr(errors[i], 11) "[^A-Z_]"))
            may[errors[i]] = 1
    }
    for (i = 1; i <= functions_count; i++) {
        other = functions[i]
        gsub(/\n +/, " ", text)
        if (text ~ ("(as|of) " other "([^a-z_]|$)") ||
            text ~ ("(as|of) moor_[a-z_]+ and " other "([^a-z_]|$)"))
            collect(other, depth + 1)
    }
}

function add_types(text, depth,   i, words, n, w) {
    n = split(text, words, /[^a-z_]+/)
    for (i = 1; i <= n; i++) {
        w = words[i]
        if (!(w in type) || (w in shown) || (w in basic)) continue
        shown[w] = 1
        shown_list[++shown_count] = w
        add_types(type[w], depth + 1)
    }
}

function begin_page(name, section) {
    page = to "/man" section "/" name "." section
    print ".\\\" Made from the headers and examples by lib/man/make.sh." > page
    print ".Dd " date > page
    print ".Dt " toupper(name) " " section > page
    print ".Os moorage " version > page
}

function synopsis(name,   text, type_of, list, n, i, depth, c, one) {
    text = declared[name]
    type_of = text
    sub(/\(.*/, "", type_of)
    sub(/moor_[a-z_]*$/, "", type_of)
    sub(/ +$/, "", type_of)
    sub(/^[^(]*\(/, "", text)
    sub(/\) *$/, "", text)
    print ".Ft \"" type_of "\"" > page
    print ".Fo " name > page
    n = split(text, list, ",")
    for (i = 1; i <= n; i++) {
        one = list[i]
        gsub(/^ +| +$/, "", one)
        gsub(/ +/, " ", one)
        print ".Fa \"" one "\"" > page
    }
    print ".Fc" > page
}

function one_line(   text, at) {
    text = paragraph[1]
    gsub(/\n/, " ", text)
    if ((at = match(text, /[.:;]( |$)| [(]/)) > 0) text = substr(text, 1, at - 1)
    if (text ~ /^[A-Z][a-z ]/)
        text = tolower(substr(text, 1, 1)) substr(text, 2)
    gsub(/`/, "", text)
    sub(/ +$/, "", text)
    return text
}

function stopped(text)
{
    return text ~ /[.]$/ ? text : text "."
}

function write_page(name,   i, j, n, w, other, want, chosen, see, errs, returns) {
    take_apart(said[name])
    begin_page(name, 3)
    print ".Sh NAME" > page
    print ".Nm " name > page
    summary[name] = note[name] == "" ? one_line() : note[name]
    print ".Nd " escaped(summary[name]) > page
    print ".Sh LIBRARY" > page
    want = header_of[name] == "store" ? "moorage_store" : "moorage"
    print "lib" want " (-l" want ")" > page
    print ".Sh SYNOPSIS" > page
    print ".In moorage/" header_of[name] ".h" > page
    for (i = 1; i <= functions_count; i++)
        if (group[functions[i]] == group[name]) synopsis(functions[i])

    print ".Sh DESCRIPTION" > page
    for (i = 1; i <= paragraphs; i++) {
        if (paragraph[i] == "") continue
        if (i > 1) print ".Pp" > page
        prose(paragraph[i])
    }
    for (i = 1; i <= functions_count; i++) {
        other = functions[i]
        if (group[other] != group[name] || note[other] == "") continue
        print ".Pp" > page
        prose(other ": " note[other] ".")
    }
    if (arguments > 0) {
        print ".Bl -tag -width Ds" > page
        for (i = 1; i <= arguments; i++) {
            gsub(/, /, " , ", argument[i])
            print ".It Fa " argument[i] > page
            prose(stopped(argument_text[i]))
        }
        print ".El" > page
    }
    if (row["Threads"] row["Progress"] row["Order"] != "") {
        print ".Bl -tag -width Progress" > page
        n = split("Threads Progress Order", w, " ")
        for (i = 1; i <= n; i++) {
            if (row[w[i]] == "") continue
            print ".It " w[i] > page
            prose(row[w[i]])
        }
        print ".El" > page
    }
    split("", shown)
    shown_count = 0
    add_types(declared[name], 0)
    if (shown_count > 0) {
        print ".Ss Types" > page
        for (i = 1; i <= shown_count; i++) literal(type[shown_list[i]])
    }

    errs = declared[name] ~ /^moor_(store_)?error /
    print ".Sh RETURN VALUES" > page
    returns = row["Returns"]
    if (errs && returns == "") {
        print ".Fn " name > page
        print "answers \\fBMOOR_" (declared[name] ~ /^moor_store/ ? "STORE_" : "") "OK\\fP, or what went wrong: see" > page
        print ".Sx ERRORS ." > page
    } else if (returns != "") {
        prose(returns)
    } else {
        print ".Fn " name > page
        if (declared[name] ~ /^void /) print "answers nothing, and cannot fail." > page
        else {
            print "answers what is said above, and cannot fail." > page
        }
    }

    begin_example(name)
    if (errs) {
        print ".Sh ERRORS" > page
        if (row["Errors"] !~ /^[A-Z_]*$/) prose(row["Errors"])
        split("", may)
        split("", collected)
        collect(name, 0)
        if (length_of(may) > 0) {
            print ".Bl -tag -width Ds" > page
            for (i = 1; i <= errors_count; i++) {
                if (!(errors[i] in may)) continue
                print ".It Dv " errors[i] > page
                prose((means[errors[i]] == "" ? own_words(errors[i]) : means[errors[i]]) ".")
            }
            print ".El" > page
        }
    }

    print ".Sh SEE ALSO" > page
    n = 0
    split("", see)
    for (i = 1; i <= functions_count; i++) {
        other = functions[i]
        if (other == name) continue
        if (said[name] ~ (other "([^a-z_]|$)") || (group[other] == group[name]) ||
            (other ~ /^moor_/ && chosen_text ~ (other "\\(") && header_of[other] == header_of[name]))
            see[++n] = other
    }
    sort(see, n)
    for (i = 1; i <= n; i++) print ".Xr " see[i] " 3 ," > page
    print ".Xr moorage 3" > page
    close(page)
}

function own_words(error,   text) {
    text = tolower(error)
    sub(/^moor_(store_)?/, "", text)
    gsub(/_/, " ", text)
    return text
}

function length_of(array,   i, n) {
    for (i in array) n++
    return n + 0
}

function sort(array, n,   i, j, one) {
    for (i = 2; i <= n; i++) {
        one = array[i]
        for (j = i - 1; j > 0 && array[j] > one; j--) array[j + 1] = array[j]
        array[j + 1] = one
    }
}

function begin_example(name,   i, found) {
    found = 0
    chosen_text = ""
    for (i = 1; i <= snippets; i++) {
        if (snippet[i] !~ ("[^a-z_]" name "\\(")) continue
        if (!found || (snippet_of[found] != header_of[name] &&
                       snippet_of[i] == header_of[name]))
            found = i
    }
    print ".Sh EXAMPLES" > page
    if (!found) return
    chosen_text = snippet[found]
    print "From the example" > page
    print ".Pa " snippet_of[found] ".c :" > page
    literal(chosen_text)
}

function write_overview(   i, j, h) {
    begin_page("moorage", 3)
    print ".Sh NAME" > page
    print ".Nm moorage" > page
    print ".Nd the books of an agent runtime, lock-free" > page
    print ".Sh LIBRARY" > page
    print "libmoorage (-lmoorage)" > page
    print ".Sh SYNOPSIS" > page
    print ".In moorage/moorage.h" > page
    print ".Sh DESCRIPTION" > page
    print "What the headers say of themselves, and the calls of each." > page
    for (i = 1; i <= headers_count; i++) {
        h = headers[i]
        if (h == "moorage") continue
        print ".Ss " h ".h" > page
        literal(intro[h])
        print ".Bl -tag -width Ds" > page
        for (j = 1; j <= functions_count; j++) {
            if (header_of[functions[j]] != h) continue
            print ".It Xr " functions[j] " 3" > page
            prose(summary[functions[j]])
        }
        print ".El" > page
    }
    print ".Ss Types of all calls" > page
    for (i = 1; i <= basics; i++)
        if (basic_list[i] in type) literal(type[basic_list[i]])
    print ".Sh SEE ALSO" > page
    print ".Xr moorage 1" > page
    close(page)
}

END {
    basics = split("moor_agent moor_ticket moor_id moor_status moor_error", \
                   basic_list, " ")
    for (i = 1; i <= basics; i++) basic[basic_list[i]] = 1
    for (i = 1; i <= functions_count; i++) write_page(functions[i])
    write_overview()
}
