/*
 * The annex of a record: what only some registries need of an agent.  It is one
 * line, has the record's index in an arena of its own, and is there once an
 * admission has seen to it; a registry that needs none has none.
 *
 * Type-stable, like the record: a late writer writes into no foreign memory.
 * Who may write what stands with the file that a word belongs to.
 */
#ifndef MOOR_ANNEX_H
#define MOOR_ANNEX_H

#include "books.h"

/* A lease that has expired. */
#define LEASE_EXPIRED UINT64_MAX

/* The annex of a life's record; null: no admission needed one. */
static inline struct annex *annex_of(const moor_registry *books, life which)
{
    return (struct annex *)arena_find(&books->annexes, life_index(which),
                                      sizeof(struct annex));
}

/* Sees to it that there is one.  False: no memory. */
static inline bool annex_make(moor_registry *books, life which)
{
    return arena_cover(&books->annexes, life_index(which));
}

#endif
