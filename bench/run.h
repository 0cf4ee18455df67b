/*
 * Running cases: a case is a workload, a number of residents and a number of
 * threads.  The rivals of a case take turns, round by round, so that what the
 * machine does besides falls on all of them alike.
 */
#ifndef BENCH_RUN_H
#define BENCH_RUN_H

#include "result.h"
#include "stage.h"

/* Whether a case has to be measured with this rival; without one, at all. */
typedef bool run_wish(const char *workload, uint32_t agents, unsigned threads,
                      const char *rival);

struct plan {
    unsigned rounds;
    double seconds;  /* of one round */
    run_wish *wish;  /* null: everything */
    const struct rival *rivals[RIVALS_MAX]; /* without the harness */
    unsigned rivals_count;
    unsigned at, cases; /* how far it is, for a person who waits */
};

void run_case(const struct plan *plan, struct stage *stage,
              const struct workload *workload, unsigned threads,
              struct results *results);

/* The calls of a life, each one timed, under the name "life_calls". */
void run_calls(const struct plan *plan, struct stage *stage, unsigned threads,
               struct results *results);

/*
 * Lives that begin by the clock, each timed from when it should have begun,
 * so that a rival that stalls is charged for everybody who had to wait:
 * "life_open".  All rivals get the same rate, a quarter of what the slower one
 * of moorage and the mutex can do; the harness stands beside them.
 */
void run_open(const struct plan *plan, struct stage *stage, unsigned threads,
              struct results *results);

#endif
