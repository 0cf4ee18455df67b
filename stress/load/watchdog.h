/*
 * watchdog: says where a worker hung, instead of hanging with it.
 *
 * Used by threads.c alone.  Works on the step counters of the workers, and
 * keeps the progress line of a terminal.
 */
#ifndef LOAD_WATCHDOG_H
#define LOAD_WATCHDOG_H

#include <time.h>

#include "threads.h"

/* What a worker is doing when it has nothing left to do. */
#define WATCHDOG_DONE "done"

struct watchdog {
    const struct options *options;
    struct worker *workers;
    unsigned count;
    double begun, next; /* seconds of the monotonic clock */
    struct watched *watched;
    bool terminal;
};

void watchdog_begin(struct watchdog *dog, const struct options *options,
                    struct worker *workers, unsigned count);

/* When it wants to look next. */
struct timespec watchdog_next(const struct watchdog *dog);

/* Looks; aborts the program when a worker hangs.  True: the time is up. */
bool watchdog_look(struct watchdog *dog);

void watchdog_end(struct watchdog *dog);

#endif
