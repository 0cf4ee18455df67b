/*
 * crowd: was there an instant at which all places may have been taken?
 *
 * A worker enters before it asks for a place and leaves after it has given
 * the place back, so that at each instant at least as many are inside as
 * hold a place.  If, during all of a call, no more than `limit` were inside,
 * the caller among them, a place was free throughout that call, and a refusal
 * was wrong.
 *
 * Whoever makes the crowd too large says so (`overfull`) before it asks; so
 * the refused one, who met its place, finds it said.  Relaxed: the counts must
 * not order the workers, and on x86-64 a locked addition is in its place.
 */
#ifndef LOAD_CROWD_H
#define LOAD_CROWD_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct crowd {
    alignas(128) _Atomic unsigned inside;
    _Atomic uint64_t overfull; /* how often it grew beyond the limit */
    unsigned limit;
};

/* One visit. */
struct crowd_visit {
    uint64_t overfull; /* as it was before */
    bool full;         /* too many right at the entrance */
};

static inline struct crowd_visit crowd_enter(struct crowd *crowd)
{
    struct crowd_visit visit;

    visit.overfull =
        atomic_load_explicit(&crowd->overfull, memory_order_relaxed);
    visit.full = atomic_fetch_add_explicit(&crowd->inside, 1,
                                           memory_order_relaxed) +
                     1 > crowd->limit;
    if (visit.full) {
        atomic_fetch_add_explicit(&crowd->overfull, 1, memory_order_relaxed);
    }
    return visit;
}

/* May all places have been taken at some instant since `visit` began? */
static inline bool crowd_was_full(struct crowd *crowd,
                                  struct crowd_visit visit)
{
    return visit.full ||
           atomic_load_explicit(&crowd->overfull, memory_order_relaxed) !=
               visit.overfull;
}

static inline void crowd_leave(struct crowd *crowd)
{
    atomic_fetch_sub_explicit(&crowd->inside, 1, memory_order_relaxed);
}

#endif
