/*
 * The suite: every case there is, in the order in which it is measured, cut
 * down to what was asked for.  Probes come first, because they look at the
 * memory of the whole process; then the cases of one size after the other.
 */
#ifndef BENCH_SUITE_H
#define BENCH_SUITE_H

#include <regex.h>

#include "run.h"

struct suite_case {
    enum { SUITE_PROBE, SUITE_ROUNDS, SUITE_CALLS, SUITE_OPEN } kind;
    const struct probe *probe;       /* of that kind only */
    const struct workload *workload; /* of rounds only */
    uint32_t agents;
    unsigned threads;
};

struct suite {
    struct suite_case *at;
    unsigned count;
    bool quick; /* probes only show that they work */
};

struct suite_choice {
    const regex_t *filter; /* of names; null: all */
    unsigned threads;      /* 0: the usual crews */
    run_wish *wish;        /* null: all */
    bool smoke;            /* everything once, with few agents */
};

struct suite suite_make(const struct suite_choice *choice);
void suite_free(struct suite *suite);

/* "life/n:1000/threads:2", "figure/memory" */
void suite_name(const struct suite_case *of, char name[NAME_MAX_BYTES]);

void suite_run(const struct suite *suite, struct plan *plan,
               struct results *results);

#endif
