#include "resolve.h"

#include <string.h>

#include "names.h"
#include "plant.h"

static void append_text(struct resolved *resolved, const char *text,
                        size_t length)
{
    memcpy(resolved->text + resolved->length, text, length);
    resolved->length += length;
    resolved->text[resolved->length] = '\0';
}

/* The path of an agent. */
static moor_error begin_below(const moor_registry *books, life which,
                              struct resolved *resolved)
{
    const struct plate *plate = record_plate(books_record(books, which));
    uint64_t header = plate_header(plate), word;

    plate_copy_path(plate, header, resolved->text);
    resolved->length = plate_path_length(header);
    if (MOOR_PLANTED(52)) { /* believe the path without a second look */
        return MOOR_OK;
    }
    /* Still its record, so the path was its own. */
    return books_agent(books, which, &word);
}

static moor_error go_down(const moor_registry *books, life from,
                          const char *path, struct resolved *resolved)
{
    size_t length = strlen(path); /* bounded: it was judged */
    moor_error error = begin_below(books, from, resolved);
    bool relative;

    if (error != MOOR_OK) {
        return error;
    }
    if (resolved->length + 1 + length > MOOR_PATH_MAX) {
        return MOOR_BAD_PATH;
    }
    append_text(resolved, "/", 1);
    append_text(resolved, path, length);
    /* Each part is well formed; together they may have too many segments. */
    return names_path_ok(resolved->text, &relative) ? MOOR_OK : MOOR_BAD_PATH;
}

moor_error resolve_path(const moor_registry *books, moor_agent from,
                        const char *path, struct resolved *resolved)
{
    life which = books_parent(books, from);
    uint64_t word;
    bool relative;
    bool well_formed = names_path_ok(path, &relative);

    resolved->length = 0;
    if (well_formed && !relative) {
        append_text(resolved, path, strlen(path));
        return MOOR_OK;
    }
    if (relative) {
        moor_error error = books_agent(books, which, &word);

        if (error != MOOR_OK) {
            return error;
        }
    }
    return well_formed ? go_down(books, which, path, resolved) : MOOR_BAD_PATH;
}
