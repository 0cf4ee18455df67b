#include "stats.h"

uint64_t stats_sum(const struct stats *stats, enum stats_counter counter)
{
    uint64_t sum = 0;

    for (int s = 0; s < STATS_STRIPES; s++) {
        sum += moor_load_relaxed(&stats->stripes[s][counter]);
    }
    return sum;
}
