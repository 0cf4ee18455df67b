/*
 * Listing: one pass over all records in the order of their indices, which is
 * what the cursor counts.  A record does not move, so what is there throughout
 * is met exactly once, whatever comes and goes.
 */
#include <string.h>

#include "info.h"
#include "moorage/read.h"
#include "resolve.h"
#include "walk.h"

struct list {
    const moor_registry *books;
    struct resolved prefix;
    uint32_t statuses;
};

static bool has_prefix(const struct list *list, const char *path)
{
    size_t length = list->prefix.length;

    return strncmp(path, list->prefix.text, length) == 0 &&
           (path[length] == '\0' || path[length] == '/');
}

static bool has_status(const struct list *list, moor_status status)
{
    return list->statuses == 0 ||
           (list->statuses & (UINT32_C(1) << status)) != 0;
}

/* Reads the record at an index; false: it is not to be listed. */
static bool read_at(const struct list *list, uint32_t index, moor_info *info)
{
    uint64_t word;
    life which = walk_at(list->books, index, &word);

    return which != 0 && has_status(list, word_status(word)) &&
           info_read(list->books, which, info) &&
           has_status(list, info->status) && has_prefix(list, info->path);
}

static moor_error begin(struct list *list, const moor_list_filter *filter)
{
    static const moor_list_filter everything = {{0}, NULL, 0};

    filter = filter == NULL ? &everything : filter;
    if (filter->statuses >> MOOR_STATUSES != 0) {
        return MOOR_BAD_ARGUMENT;
    }
    list->statuses = filter->statuses;
    return resolve_path(list->books, filter->from,
                        filter->prefix == NULL ? "/root" : filter->prefix,
                        &list->prefix);
}

moor_error moor_list(moor_registry *registry, const moor_list_filter *filter,
                     uint64_t *cursor, moor_info *infos, size_t room,
                     size_t *count)
{
    struct list list = {.books = registry};
    uint32_t end;
    uint64_t next;
    moor_error error;

    if (registry == NULL || cursor == NULL || infos == NULL || room == 0 ||
        count == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    error = begin(&list, filter);
    if (error != MOOR_OK) {
        return error;
    }
    *count = 0;
    end = books_end(registry);
    for (next = *cursor; next < end && *count < room; next++) {
        if (read_at(&list, (uint32_t)next, &infos[*count])) {
            ++*count;
        }
    }
    *cursor = next < end ? next : 0;
    return MOOR_OK;
}
