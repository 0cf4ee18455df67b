/*
 * How long things took, each time: a histogram.  Its buckets end at 1, 2 and 5
 * of each power of ten, from a microsecond on, so that few of them reach from
 * there to hours and each has a bound that people can read.
 *
 * Stripes as in stats.h: the first threads of a process have one each, all
 * others share one.  A sum over them is exact when nothing runs.
 *
 * All accesses are relaxed: nothing is ordered by a statistic.
 */
#ifndef MOOR_TIMES_H
#define MOOR_TIMES_H

#include "moorage/read.h"
#include "atomic.h"
#include "layout.h"
#include "stats.h"

/* Behind the buckets stands the sum. */
enum { TIMES_SUM = MOOR_TIMES_BUCKETS, TIMES_STRIPE_WORDS = 40 };

_Static_assert((int)TIMES_SUM < (int)TIMES_STRIPE_WORDS &&
                   TIMES_STRIPE_WORDS * 8 % MOOR_LINE == 0,
               "a stripe holds all of them, on lines of its own");

struct times {
    MOOR_ON_LINE moor_word stripes[STATS_STRIPES][TIMES_STRIPE_WORDS];
};

/* It took so many nanoseconds. */
void times_add(struct times *times, uint64_t ns);

/* Adds up what was counted; null: nothing was. */
void times_sum(const struct times *times, moor_times *sum);

#endif
