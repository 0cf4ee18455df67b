#include "stats.h"

#if defined(MOOR_STEP)
int model_self(void);

static unsigned stripe(void)
{
    return (unsigned)(model_self() + 1) % STATS_STRIPES;
}
#else
static unsigned stripe(void)
{
    static moor_word threads;
    static _Thread_local unsigned own; /* 0: not chosen yet */

    if (own == 0) {
        own = 1 + (unsigned)(moor_add_relaxed(&threads, 1) % STATS_STRIPES);
    }
    return own - 1;
}
#endif

void stats_add(struct stats *stats, enum stats_counter counter, uint64_t count)
{
    if (count > 0) {
        (void)moor_add_relaxed(&stats->stripes[stripe()][counter], count);
    }
}

uint64_t stats_sum(const struct stats *stats, enum stats_counter counter)
{
    uint64_t sum = 0;

    for (int s = 0; s < STATS_STRIPES; s++) {
        sum += moor_load_relaxed(&stats->stripes[s][counter]);
    }
    return sum;
}
