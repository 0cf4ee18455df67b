/*
 * A clock that stands still, or is ahead of the true one: how long something
 * took is then known to the nanosecond, and hours pass at once.
 *
 * A program that includes this is linked so that the library's clock_gettime()
 * comes here first.
 */
#ifndef TESTS_CLOCKED_H
#define TESTS_CLOCKED_H

#include <stdint.h>
#include <time.h>

#include "atomic.h"

#define SECOND    UINT64_C(1000000000)
#define SECOND_US UINT64_C(1000000)

static moor_word frozen;  /* what the exact clock says, in ns; 0: it goes on */
static moor_word ahead_s; /* by so much of the true one */

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    int answer = __real_clock_gettime(clock, now);
    uint64_t frozen_ns = moor_load_relaxed(&frozen);

    if (clock == CLOCK_MONOTONIC && frozen_ns != 0) {
        now->tv_sec = (time_t)(frozen_ns / SECOND);
        now->tv_nsec = (long)(frozen_ns % SECOND);
    } else if (clock == CLOCK_MONOTONIC) {
        now->tv_sec += (time_t)moor_load_acquire(&ahead_s);
    }
    return answer;
}

static inline void freeze(uint64_t ns)
{
    moor_store_relaxed(&frozen, ns);
}

/* Of the clock that stands still. */
static inline void moves(uint64_t ns)
{
    (void)moor_add_relaxed(&frozen, ns);
}

static inline void seconds_pass(unsigned seconds)
{
    if (moor_load_relaxed(&frozen) != 0) {
        moves(seconds * SECOND);
    } else {
        (void)moor_add_relaxed(&ahead_s, seconds);
    }
}

#endif
