/*
 * The ends of runs that nobody has read: one word of an agent's annex.
 *
 *   63 62    58 57  56         38 37         19 18          0
 *   +-+--------+-+-------------+-------------+-------------+
 *   |o|  depth |s|   errored   |  completed  | interrupted |
 *   +-+--------+-+-------------+-------------+-------------+
 *
 * How many runs of the agent ended so, and at which depth the owner of the
 * queue is to which they were told.  An agent's owners lie above it, each at a
 * depth of its own, so the depth says who it is.  One bit will do for shutdown:
 * who was shut down never runs again.
 *
 * o says whether an odd number of ends in several steps was ever told.  An
 * agent between two steps of its end has in its state word what o will be when
 * that end was: so a reader of both knows whether it is among those that are
 * counted, and then it cannot be seen yet.  An end that is one step leaves o as
 * it is: it may be told as late as while the next run is ending.
 *
 * This file is arithmetic: no atomics, no pointers, no side effects.
 */
#ifndef MOOR_ENDS_H
#define MOOR_ENDS_H

#include "word_steps.h"

enum { ENDS_BITS = 19, ENDS_DEPTH_SHIFT = 58 };

#define ENDS_MOST   ((UINT64_C(1) << ENDS_BITS) - 1)
#define ENDS_COUNTS ((UINT64_C(1) << ENDS_DEPTH_SHIFT) - 1)
#define ENDS_ODD    (UINT64_C(1) << 63)

/* A run is not begun beyond this: so many threads may each be about to tell of
 * the end of one that was begun before. */
#define ENDS_ENOUGH (ENDS_MOST - (UINT64_C(1) << 15))

_Static_assert(MOOR_SEGMENTS_MAX <= 1 << (63 - ENDS_DEPTH_SHIFT),
               "every depth has its number");

static inline unsigned ends_shift(enum word_phase idle)
{
    assert(idle >= WORD_INTERRUPTED && idle <= WORD_SHUTDOWN);
    return ENDS_BITS * (unsigned)(idle - WORD_INTERRUPTED);
}

/* One more that ended so. */
static inline uint64_t ends_one(enum word_phase idle)
{
    return UINT64_C(1) << ends_shift(idle);
}

static inline uint64_t ends_count(uint64_t ends, enum word_phase idle)
{
    return (ends & ENDS_COUNTS) >> ends_shift(idle) & ENDS_MOST;
}

static inline bool ends_any(uint64_t ends)
{
    return (ends & ENDS_COUNTS) != 0;
}

static inline uint32_t ends_depth(uint64_t ends)
{
    return (uint32_t)((ends & ~ENDS_ODD) >> ENDS_DEPTH_SHIFT);
}

/* None is left. */
static inline uint64_t ends_none(uint64_t ends)
{
    return ends & ENDS_ODD;
}

/* One end and no other, for an owner at that depth. */
static inline uint64_t ends_only(uint64_t ends, uint32_t depth,
                                 enum word_phase idle)
{
    return (ends & ENDS_ODD) | (uint64_t)depth << ENDS_DEPTH_SHIFT |
           ends_one(idle);
}

/* The same ends, for an owner at that depth. */
static inline uint64_t ends_told_to(uint64_t ends, uint32_t depth)
{
    return (ends & (ENDS_ODD | ENDS_COUNTS)) | (uint64_t)depth
                                                   << ENDS_DEPTH_SHIFT;
}

/* The mark of a state word from which one more is about to be told. */
static inline uint64_t ends_mark(uint64_t ends)
{
    return (ends & ENDS_ODD) == 0 ? WORD_TOLD_ODD : 0;
}

/* Is the end of an agent in that state, an ENDING one, among those told? */
static inline bool ends_tell_of(uint64_t ends, uint64_t word)
{
    return ((word & WORD_TOLD_ODD) != 0) == ((ends & ENDS_ODD) != 0);
}

/* Is there room for the end of one run more? */
static inline bool ends_have_room(uint64_t ends)
{
    return ends_count(ends, WORD_INTERRUPTED) < ENDS_ENOUGH &&
           ends_count(ends, WORD_COMPLETED) < ENDS_ENOUGH &&
           ends_count(ends, WORD_ERRORED) < ENDS_ENOUGH;
}

/* Of the ends of an agent in that state the one that cannot be seen yet.  The
 * state is looked at behind the ends: it may be that of a later end, and then
 * the swap of the ends fails; so that one may not even be among them. */
static inline uint64_t ends_unseen(uint64_t ends, uint64_t word)
{
    enum word_phase idle;

    if (!word_is_ending(word) || !ends_tell_of(ends, word)) {
        return 0;
    }
    idle = (enum word_phase)(word_phase(word) - WORD_TO_ENDING);
    return ends_count(ends, idle) > 0 ? ends_one(idle) : 0;
}

#endif
