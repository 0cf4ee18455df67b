/*
 * What is measured.  Each body is written once, against rival.h; what it costs
 * by itself is seen with the rival that does nothing.
 */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include "crew.h"

struct workload {
    const char *name;
    const char *what;
    crew_turn *turn;
    bool full;                 /* no slot is left */
    bool (*able)(const struct rival *rival); /* can it be asked for this? */
};

extern const struct workload workloads[];
extern const unsigned workloads_count;

/* The life that is timed call by call. */
crew_turn workload_timed_life;

#endif
