/*
 * The names of one agent: path, nickname, role, in one allocation.
 *
 * Written by the admission before it is published; the nickname is filled in
 * last, when the admission is granted, and may be read once the phase is past
 * RESERVING.  Unlinked by exchange, retired, freed when nobody reads it.
 */
#ifndef MOOR_NAMES_H
#define MOOR_NAMES_H

#include <stdint.h>

#include "moorage/error.h"
#include "reclaim.h"

struct names {
    struct reclaim_node node;
    uint16_t path_length;
    uint16_t role_at;
    uint16_t nickname_at; /* room for MOOR_NICKNAME_TEXT, or 0: none */
    uint16_t segments;
    char text[]; /* path, role, nickname, each with a NUL */
};

/*
 * The names of a child.  `parent` may be null: the root itself, whose path is
 * `name`.  `role` may be null; `nickname_room` says whether to keep room.
 *   MOOR_OK, MOOR_BAD_PATH (the whole path is too long), MOOR_NO_MEMORY
 */
moor_error names_make(const struct names *parent, const char *name,
                      const char *role, bool nickname_room,
                      struct names **names);

static inline const char *names_role(const struct names *names)
{
    return names->text + names->role_at;
}

static inline const char *names_nickname(const struct names *names)
{
    return names->nickname_at == 0 ? "" : names->text + names->nickname_at;
}

/* Is it one well-formed path segment? */
bool names_segment_ok(const char *segment);

/* Is it a well-formed path, absolute ("/root/...") or, when `relative` is not
 * null, also a relative one?  *relative says which. */
bool names_path_ok(const char *path, bool *relative);

/* 1 to `most` bytes of UTF-8? */
bool names_text_ok(const char *text, unsigned most);

#endif
