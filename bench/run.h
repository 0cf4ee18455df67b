/*
 * Running cases: a case is a workload, a number of residents and a number of
 * threads.  Every rival of a case keeps one crowd over all its rounds, and
 * the rivals take turns, round by round, so that what the machine does
 * besides falls on all of them alike.
 */
#ifndef BENCH_RUN_H
#define BENCH_RUN_H

#include "result.h"

enum { RIVALS_MAX = 16 };

struct plan {
    unsigned rounds;
    double seconds; /* of one round */
    const struct rival *rivals[RIVALS_MAX]; /* without the harness */
    unsigned rivals_count;
};

void run_case(const struct plan *plan, const struct workload *workload,
              uint32_t agents, unsigned threads, struct results *results);

/* The calls of a life, each one timed, under the name "life_calls". */
void run_calls(const struct plan *plan, uint32_t agents, unsigned threads,
               struct results *results);

/* Whether a rival can be asked for this. */
bool run_able(const struct rival *rival, const struct workload *workload,
              uint32_t agents);

#endif
