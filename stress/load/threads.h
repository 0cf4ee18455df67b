/*
 * threads: a crew of workers with a start line, rounds and a watchdog.
 *
 * `threads_run` starts the workers together, stops them when the time is up,
 * joins them and adds up what they counted.  The calling thread is the
 * watchdog meanwhile: each worker says what it is about to do, and one that
 * says nothing for `patience` seconds has hung; then a table of all workers
 * and their last operations is printed and the program aborts.
 *
 * Between rounds the workers order one another (release and acquire); inside
 * a round the crew adds no ordering at all, so that it hides no race of the
 * code under test.
 */
#ifndef LOAD_THREADS_H
#define LOAD_THREADS_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "options.h"
#include "outcome.h"
#include "random.h"

struct threads; /* the crew */

struct worker {
    alignas(128) unsigned index; /* from 0 */
    unsigned crew_size;
    void *shared; /* what the program gave to threads_run */
    struct random random;
    struct tally tally; /* this worker's own */
    struct threads *crew;
    _Atomic uint64_t steps;
    _Atomic(const char *) doing;
};

typedef void threads_body(struct worker *worker);

/* Work of one worker while all others stand still; `last` when the time is
 * up and no round will follow. */
typedef void threads_between(struct worker *worker, bool last);

/* Runs `count` workers for options->seconds and adds their tallies. */
void threads_run(const struct options *options, unsigned count,
                 threads_body *body, void *shared, struct tally *sum);

/* False when the time is up. */
bool threads_going(const struct worker *worker);

/* Tells the watchdog what comes next; `doing` must live for ever. */
static inline void threads_step(struct worker *worker, const char *doing)
{
    /* relaxed: the watchdog only compares, nothing is carried */
    atomic_store_explicit(&worker->doing, doing, memory_order_relaxed);
    uint64_t steps =
        atomic_load_explicit(&worker->steps, memory_order_relaxed);
    atomic_store_explicit(&worker->steps, steps + 1, memory_order_relaxed);
}

/* Everybody meets; the last to come runs `between` (unless null) while the
 * others wait.  False for all of them when the time is up. */
bool threads_round(struct worker *worker, threads_between *between);

#endif
