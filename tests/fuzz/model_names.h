/*
 * The rules of names, said once more: plainly, after the header's words, and
 * sharing nothing with the library.
 */
#ifndef FUZZ_MODEL_NAMES_H
#define FUZZ_MODEL_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "moorage/moorage.h"

bool model_segment_ok(const char *text);

/* A well-formed absolute path. */
bool model_path_ok(const char *path);

/* 1 to `most` bytes of UTF-8. */
bool model_text_ok(const char *text, size_t most);

/* An absolute path, or a relative one down from `from`, as an absolute one;
 * false: it is not well formed. */
bool model_resolve(const char *from, const char *path,
                   char resolved[MOOR_PATH_MAX + 1]);

/* Is `path` the prefix, or below it? */
bool model_is_below(const char *path, const char *prefix);

/* "agent_" and a decimal number. */
bool model_is_made_name(const char *name);

/* --- nicknames ------------------------------------------------------------ */

enum { MODEL_NICKNAMES_MOST = 8 };

/* One list with what was used of it.  No name stands in it twice. */
struct model_nicknames {
    char names[MODEL_NICKNAMES_MOST][MOOR_NICKNAME_MAX + 1];
    size_t count;
    bool used[MODEL_NICKNAMES_MOST];
    uint64_t ordinal; /* from 1 */
};

/* Notes what was drawn; false: it could not have been. */
bool model_nickname_drawn(struct model_nicknames *list, const char *nickname);

/* Notes that the host gave one. */
void model_nickname_given(struct model_nicknames *list, const char *nickname);

#endif
