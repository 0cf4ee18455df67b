/*
 * Dead ends: from which the search has found no way on.
 *
 * A set of places; it is emptied in one step and grows as it must.
 */
#ifndef LINEAR_VISITED_H
#define LINEAR_VISITED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VISITED_PROGRESS_WORDS = 4 };

/* The object, and how far each call has come: four bits each. */
struct visited_place {
    uint64_t state;
    uint64_t progress[VISITED_PROGRESS_WORDS];
};

struct visited_slot {
    struct visited_place place;
    uint64_t epoch; /* it counts if this is the set's */
};

struct visited {
    struct visited_slot *slots;
    size_t room; /* a power of two */
    size_t count;
    uint64_t epoch;
};

/* False: no memory. */
bool visited_make(struct visited *visited);
void visited_free(struct visited *visited);

/* None. */
void visited_clear(struct visited *visited);

bool visited_has(const struct visited *visited,
                 const struct visited_place *place);

/* Without memory to grow it forgets instead: what is forgotten is searched once
 * more, and the verdict stays the same. */
void visited_add(struct visited *visited, const struct visited_place *place);

#endif
