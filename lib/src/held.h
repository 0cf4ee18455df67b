/*
 * How long slots are held, where somebody wants to know: from the charge of a
 * slot to an agent or ticket until it is given up, each time.
 *
 * When it was charged stands in a word for each record, in an arena by the
 * records' indices.  Who shows a slot in a state word has written the time
 * before that; who takes it from one reads the time between its load of the
 * state and its swap: so it was that of this very charge.  Of several that want
 * to run one agent again, or to take its slot back, all may write; but each has
 * looked at the clock before it saw that the agent has none, so the latest of
 * these times is still before the charge.
 *
 * Only an agent that runs again on the slot it still has is shown before the
 * time of that is written: who ends it before moor_run_again has returned may
 * count the time before a second time.
 */
#ifndef MOOR_HELD_H
#define MOOR_HELD_H

#include "books.h"
#include "times.h"

struct held {
    struct arena since; /* nanoseconds of the monotonic clock */
    struct times times;
};

/* False: no memory. */
bool held_make(moor_registry *books);
void held_free(moor_registry *books);

/* Behind the questions below, in a registry that measures. */
uint64_t held_look(const moor_registry *books, life which);
void held_write(moor_registry *books, life which);
void held_raise(moor_registry *books, life which, uint64_t now);
void held_count(moor_registry *books, uint64_t since);
uint64_t held_clock(void);

/* For a record of the caller's own: room for its time.  False: no memory. */
static inline bool held_cover(moor_registry *books, life which)
{
    return books->held == NULL ||
           arena_cover(&books->held->since, life_index(which));
}

/* A record of the caller's own was charged a slot. */
static inline void held_begin(moor_registry *books, life which)
{
    if (books->held != NULL) {
        held_write(books, which);
    }
}

/* A slot was charged for an agent that others see.  Look at the clock, then at
 * its state; if it has none, note the time, and then swap. */
static inline uint64_t held_now(const moor_registry *books)
{
    return books->held == NULL ? 0 : held_clock();
}

static inline void held_again(moor_registry *books, life which, uint64_t now)
{
    if (books->held != NULL) {
        held_raise(books, which, now);
    }
}

/* When the slot of that life was charged.  Between a load of its state and the
 * swap that takes it. */
static inline uint64_t held_since(const moor_registry *books, life which)
{
    return books->held == NULL ? 0 : held_look(books, which);
}

/* That slot was given up. */
static inline void held_end(moor_registry *books, uint64_t since)
{
    if (books->held != NULL) {
        held_count(books, since);
    }
}

#endif
