#include "held.h"

#include "block.h"
#include "clock.h"

bool held_make(moor_registry *books)
{
    books->held = (struct held *)block_make(sizeof *books->held);
    if (books->held == NULL) {
        return false;
    }
    arena_init(&books->held->since, sizeof(moor_word), 0, 1, TREE_RECORDS_MAX);
    return true;
}

void held_free(moor_registry *books)
{
    if (books->held != NULL) {
        arena_destroy(&books->held->since);
        block_free(books->held, sizeof *books->held);
    }
}

static moor_word *since_of(const moor_registry *books, life which)
{
    return (moor_word *)arena_at(&books->held->since, life_index(which),
                                 sizeof(moor_word));
}

uint64_t held_clock(void)
{
    return clock_exact_ns();
}

/* relaxed, all of them: published by the swaps of the state, R1. */

MOOR_SELDOM uint64_t held_look(const moor_registry *books, life which)
{
    return moor_load_relaxed(since_of(books, which));
}

MOOR_SELDOM void held_write(moor_registry *books, life which)
{
    moor_store_relaxed(since_of(books, which), clock_exact_ns());
}

MOOR_SELDOM void held_raise(moor_registry *books, life which, uint64_t now)
{
    moor_word *since = since_of(books, which);
    uint64_t seen = moor_load_relaxed(since);

    while (seen < now && !moor_cas_relaxed(since, &seen, now)) {
    }
}

MOOR_SELDOM void held_count(moor_registry *books, uint64_t since)
{
    times_add(&books->held->times, clock_since_ns(since));
}
