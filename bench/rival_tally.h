/*
 * Counters of threads that share nothing: each thread claims a stripe when it
 * enters, adds to it with plain stores, and gives it back when it leaves.
 */
#ifndef BENCH_RIVAL_TALLY_H
#define BENCH_RIVAL_TALLY_H

#include <stdlib.h>

#ifndef __cplusplus
#include <stdalign.h>
#define thread_local _Thread_local
#endif

enum tally_counter {
    TALLY_SPAWNED,
    TALLY_COMPLETED,
    TALLY_RELEASED,
    TALLY_CLOSED,
    TALLY_REFUSED, /* one for each moor_limit from here */
    TALLY_COUNTERS = TALLY_REFUSED + MOOR_LIMITS
};

enum { TALLY_STRIPES = 128 };

struct tally_stripe {
    alignas(128) uint64_t counts[TALLY_COUNTERS];
    bool claimed;
};

struct tally {
    struct tally_stripe stripes[TALLY_STRIPES];
};

/* Of this thread, between enter and leave. */
static thread_local struct tally_stripe *tally_own;

static inline void tally_enter(struct tally *tally)
{
    for (unsigned i = 0; i < TALLY_STRIPES; i++) {
        tally_own = &tally->stripes[i];
        if (!__atomic_exchange_n(&tally_own->claimed, true,
                                 __ATOMIC_ACQUIRE)) {
            return;
        }
    }
    abort();
}

static inline void tally_leave(void)
{
    __atomic_store_n(&tally_own->claimed, false, __ATOMIC_RELEASE);
}

static inline void tally_add(enum tally_counter counter)
{
    uint64_t *count = &tally_own->counts[counter];

    __atomic_store_n(count, __atomic_load_n(count, __ATOMIC_RELAXED) + 1,
                     __ATOMIC_RELAXED);
}

static inline void tally_refused(moor_limit limit)
{
    tally_add((enum tally_counter)((int)TALLY_REFUSED + (int)limit));
}

static inline uint64_t tally_sum(const struct tally *tally, int counter)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < TALLY_STRIPES; i++) {
        sum += __atomic_load_n(&tally->stripes[i].counts[counter],
                               __ATOMIC_RELAXED);
    }
    return sum;
}

static inline void tally_stats(const struct tally *tally, moor_stats *stats)
{
    memset(stats, 0, sizeof *stats);
    stats->spawned = tally_sum(tally, TALLY_SPAWNED);
    stats->completed = tally_sum(tally, TALLY_COMPLETED);
    stats->released = tally_sum(tally, TALLY_RELEASED);
    stats->closed = tally_sum(tally, TALLY_CLOSED);
    for (int i = 0; i < MOOR_LIMITS; i++) {
        stats->refused[i] = tally_sum(tally, TALLY_REFUSED + i);
    }
}

#endif
