/*
 * The crowds of one size, one for each rival, which all cases of that size
 * share: a million agents take longer to settle than to be measured.  A crowd
 * is opened when a case needs it first, and judged when the stage is closed.
 */
#ifndef BENCH_STAGE_H
#define BENCH_STAGE_H

#include "crew.h"

enum { RIVALS_MAX = 31 };

struct stage {
    uint32_t agents;
    bool full; /* no slot is left for more */
    struct crowd *crowds[RIVALS_MAX + 1];
    unsigned count;
};

struct stage stage_open(uint32_t agents, bool full);

/* The answers that were wrong at the end, told on stderr. */
uint64_t stage_close(struct stage *stage);

struct crowd *stage_crowd(struct stage *stage, const struct rival *rival);

#endif
