/*
 * Naming: what an agent is called, from the options of its spawn to the plate
 * on its record.
 */
#ifndef MOOR_NAMING_H
#define MOOR_NAMING_H

#include "moorage/admission.h"
#include "books.h"

enum { NAMING_MADE_TEXT = 32, NAMING_WORDS = MOOR_PATH_MAX / 8 };

struct naming {
    const moor_spawn_options *options;
    struct nickname_list *list; /* to draw from; null: nothing to draw */
    uint64_t *path;             /* as words, NAMING_WORDS */
    uint32_t path_length;
    uint32_t segments;
};

/* The texts of the options alone.  MOOR_OK, MOOR_BAD_ARGUMENT. */
moor_error naming_judge(const moor_spawn_options *options);

/* The next name of the registry's making; its length.  Wait-free. */
size_t naming_make(moor_registry *books, char name[NAMING_MADE_TEXT]);

/* Composes the path: the parent's, a slash, the name.
 *   MOOR_OK, MOOR_STALE (the parent), MOOR_BAD_PATH (too long)
 * Wait-free. */
moor_error naming_compose(const moor_registry *books, life parent,
                          const char *name, size_t length,
                          struct naming *naming);

/* Writes path, role and the host's nickname on the plate of a record of the
 * caller's own; a larger one if it has to be, with room for a nickname that
 * will be drawn.  False: no memory.  Lock-free. */
bool naming_write(moor_registry *books, const struct naming *naming,
                  struct record *record);

/* Draws the nickname and writes it, if one is to be drawn.  Lock-free. */
struct nickname_drawn naming_draw(const struct naming *naming,
                                  struct record *record);

/* The end of the admission: the host's nickname counts as used, or the one that
 * was drawn is put back. */
void naming_settle(const struct naming *naming, bool granted,
                   struct nickname_drawn drawn);

#endif
