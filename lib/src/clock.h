/*
 * Time, the cheap way: admissions are stamped with the coarse clock, a few
 * milliseconds fine and several times cheaper than the exact one.
 * Deadlines use the exact monotonic clock (event.c).
 */
#ifndef MOOR_CLOCK_H
#define MOOR_CLOCK_H

#include <stdint.h>
#include <time.h>

#if defined(MOOR_STEP)
/* The same in every execution, for schedules must replay; a case may set it. */
extern uint64_t clock_step_ms;
#endif

static inline uint64_t clock_read_ms(clockid_t clock)
{
#if defined(MOOR_STEP)
    (void)clock;
    return clock_step_ms;
#else
    struct timespec now;

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
#endif
}

/* Milliseconds of a clock that never goes back. */
static inline uint64_t clock_coarse_ms(void)
{
    return clock_read_ms(CLOCK_MONOTONIC_COARSE);
}

/* The same, exact: for leases. */
static inline uint64_t clock_exact_ms(void)
{
    return clock_read_ms(CLOCK_MONOTONIC);
}

/* Nanoseconds of the same clock, exact: for how long something took. */
static inline uint64_t clock_exact_ns(void)
{
#if defined(MOOR_STEP)
    return clock_step_ms * 1000000;
#else
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
#endif
}

/* How long ago that was; 0 where the clock went back. */
static inline uint64_t clock_since_ns(uint64_t then)
{
    uint64_t now = clock_exact_ns();

    return now > then ? now - then : 0;
}

/* Milliseconds since 1970. */
static inline uint64_t clock_unix_ms(void)
{
    return clock_read_ms(CLOCK_REALTIME_COARSE);
}

#endif
