/*
 * Paths from outside, made absolute.
 */
#ifndef MOOR_RESOLVE_H
#define MOOR_RESOLVE_H

#include "books.h"

struct resolved {
    size_t length;
    char text[MOOR_PATH_MAX + 1];
};

/*
 * `path` as an absolute one; a relative one goes down from `from` (zero: the
 * root).  MOOR_OK, MOOR_BAD_PATH; MOOR_NOT_FOUND, MOOR_STALE: `from`, which is
 * looked at for a relative path only.  Lock-free.
 */
moor_error resolve_path(const moor_registry *books, moor_agent from,
                        const char *path, struct resolved *resolved);

#endif
