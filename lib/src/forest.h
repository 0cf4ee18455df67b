/*
 * All agents and tickets, copied by one pass, each below its parent.
 */
#ifndef MOOR_FOREST_H
#define MOOR_FOREST_H

#include "books.h"
#include "moorage/read.h"

struct forest_node {
    struct forest_node *above; /* null: the root */
    struct forest_node *first; /* of its children, sorted by path */
    struct forest_node *next;  /* of its parent's children */
    life which, parent;
    moor_id id;
    moor_status status;
    bool slot, lent, fenced, loaded, pinned, evicting;
    unsigned level; /* how many are above it */
    uint64_t turn, age_ms;
    const char *nickname, *role; /* behind the path */
    char path[];
};

struct forest {
    struct forest_node **nodes; /* sorted by path */
    size_t count, room;
};

/* False: no memory, and nothing to fell. */
bool forest_grow(struct forest *forest, moor_registry *books);
void forest_fell(struct forest *forest);

/* The root; then the next, a parent before its children; null at the end. */
struct forest_node *forest_root(const struct forest *forest);
struct forest_node *forest_next(const struct forest_node *node);

#endif
