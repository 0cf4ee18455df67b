/*
 * Giving the processor away at random, before atomic operations of stress
 * builds: see atomic.h.  Most calls do nothing, some give the rest of the time
 * slice away, a few sleep for long enough that others pass by.
 */
#include "atomic.h"

#if defined(MOOR_YIELD) && !defined(MOOR_STEP)

#include <sched.h>
#include <time.h>

#include "random.h"

enum { YIELDS_OF_64 = 8, SLEEPS_OF_64 = 1, SLEEP_NS = 50000 };

void moor_yield(void)
{
    unsigned dice = (unsigned)(random_next() >> 58);

    if (dice < SLEEPS_OF_64) {
        nanosleep(&(struct timespec){.tv_nsec = SLEEP_NS}, NULL);
    } else if (dice < SLEEPS_OF_64 + YIELDS_OF_64) {
        sched_yield();
    }
}

#endif
