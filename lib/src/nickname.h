/*
 * Nicknames: a list given by the host, drawn at random among the unused ones;
 * when all are used, the list starts again with the next ordinal.
 *
 * The used names are bits, 32 of them a word, beside the ordinal in which they
 * were used: a word of an older ordinal counts as all unused, so starting again
 * is one swap of the list's ordinal and needs no sweep.
 *
 *   63        32 31         0
 *   +-----------+-----------+
 *   |  ordinal  | used bits |
 *   +-----------+-----------+
 *
 * Nothing is ordered by these words but themselves: all accesses are relaxed.
 */
#ifndef MOOR_NICKNAME_H
#define MOOR_NICKNAME_H

#include <stddef.h>

#include "moorage/agent.h"
#include "atomic.h"

struct nickname_list {
    size_t count;
    char **names;      /* in order, each once; constant */
    moor_word *used;   /* 32 names a word */
    moor_word ordinal; /* from 1 */
};

/* Copies the names, each once.  False: no memory, and nothing to destroy. */
bool nickname_init(struct nickname_list *list, const char *const *names,
                   size_t count);
void nickname_destroy(struct nickname_list *list);

/* What was drawn: which name, in which ordinal. */
struct nickname_drawn {
    size_t which;
    uint64_t ordinal;
};

/* Draws one: "Plato", later "Plato the 2nd".  The list must not be empty.
 * Lock-free. */
struct nickname_drawn nickname_draw(struct nickname_list *list,
                                    char text[MOOR_NICKNAME_TEXT]);

/* Puts it back, as if it had not been drawn; nothing is done if the list has
 * moved on to a later ordinal.  Lock-free. */
void nickname_put_back(struct nickname_list *list,
                       struct nickname_drawn drawn);

/* The host took this name itself: it counts as used. */
void nickname_use(struct nickname_list *list, const char *name);

#endif
