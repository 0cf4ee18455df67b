/*
 * Backing off after a lost compare-and-swap, so that two threads do not keep
 * taking one line from each other.  Bounded, on this thread only: it waits for
 * nobody.  ConcurrencyKit's exponential backoff.
 */
#ifndef MOOR_BACKOFF_H
#define MOOR_BACKOFF_H

#include <ck_backoff.h>

#include "layout.h"

struct backoff {
    ck_backoff_t turns;
};

enum { BACKOFF_FIRST = 4, BACKOFF_MOST = 64 };

static inline struct backoff backoff_begin(void)
{
    return (struct backoff){BACKOFF_FIRST};
}

/* Seldom, and so a call; not every file that includes this has one. */
MOOR_SELDOM __attribute__((unused)) static void
backoff_wait(struct backoff *backoff)
{
#if !defined(MOOR_STEP)
    if (backoff->turns < BACKOFF_MOST) {
        ck_backoff_eb(&backoff->turns);
    }
#else
    (void)backoff;
#endif
}

#endif
