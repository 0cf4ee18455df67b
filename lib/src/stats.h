/*
 * Counters that everybody raises and few read.  The first threads of a process
 * have a stripe each, which nobody else writes; all others share one.  A sum is
 * exact when nothing runs.
 *
 * All accesses are relaxed: nothing is ordered by a statistic.
 */
#ifndef MOOR_STATS_H
#define MOOR_STATS_H

#include "moorage/registry.h"
#include "atomic.h"
#include "layout.h"
#include "reclaim.h"

enum stats_counter {
    STATS_SPAWNED = 0,
    STATS_COMPLETED,
    STATS_CLOSED,
    STATS_REAPED,
    STATS_RELEASED,
    STATS_REFUSED, /* one for each moor_limit from here */
    STATS_COUNTERS = STATS_REFUSED + MOOR_LIMITS
};

enum { STATS_STRIPES = 4, STATS_STRIPE_WORDS = MOOR_APART / 8 };

_Static_assert((int)STATS_COUNTERS <= (int)STATS_STRIPE_WORDS,
               "a stripe holds all counters");

struct stats {
    MOOR_ON_OWN_LINE moor_word stripes[STATS_STRIPES][STATS_STRIPE_WORDS];
};

static inline void stats_add(struct stats *stats, enum stats_counter counter,
                             uint64_t count)
{
    unsigned number = reclaim_number();
    moor_word *word;

    if (number - 1 >= STATS_STRIPES - 1) {
        (void)moor_add_relaxed(&stats->stripes[0][counter], count);
        return;
    }
    /* A load and a store: nobody else writes there. */
    word = &stats->stripes[number][counter];
    moor_store_relaxed(word, moor_load_relaxed(word) + count);
}

uint64_t stats_sum(const struct stats *stats, enum stats_counter counter);

#endif
