/*
 * The ratios that moorage has to reach against a rival of the same run, the
 * tails, and whether it did.  Measuring and judging are apart: the judge looks
 * only at results, and goals_trial.c shows that it can say no.
 */
#ifndef BENCH_GOALS_H
#define BENCH_GOALS_H

#include "run.h"

enum {
    GOAL_SIZES = 2,
    GOAL_CREWS = 3,
    GOAL_ROUNDS = 7, /* at least, and the median of them counts */
    GOAL_CALLS_AGENTS = 1000,
    GOAL_CALLS_THREADS = 16
};

/* How many times as long as moorage the rival takes, at least. */
struct goal {
    const char *workload, *rival;
    uint32_t agents[GOAL_SIZES]; /* 0: none */
    double ratio[GOAL_CREWS];    /* with 1, 2 and 16 threads */
    const char *why; /* what stands in the way, where it is not held */
};

extern const struct goal goals[];
extern const unsigned goals_count;
extern const unsigned goal_crews[GOAL_CREWS];
extern const char *const goal_calls; /* the case whose tails are judged */

/* p99.99 of each call of a life: at most so much, and at most this share of
 * what it is for the registry under a mutex. */
extern const double goal_tail_ns, goal_tail_share;

/* Whether a goal speaks of this case and this rival; null: of any. */
run_wish goals_want;

/* Prints goal, seen, held, and what stands in the way of those that were not;
 * true when every goal was held. */
bool goals_held(const struct results *results, FILE *to);

/* How often the judge was wrong about results that were made up. */
uint64_t goals_trial(void);

#endif
