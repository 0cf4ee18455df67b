#include "stats.h"

#include "reclaim.h"

void stats_add(struct stats *stats, enum stats_counter counter, uint64_t count)
{
    unsigned number = reclaim_number();
    moor_word *word;

    if (number == 0 || number >= STATS_STRIPES) {
        (void)moor_add_relaxed(&stats->stripes[0][counter], count);
        return;
    }
    /* A load and a store: nobody else writes there. */
    word = &stats->stripes[number][counter];
    moor_store_relaxed(word, moor_load_relaxed(word) + count);
}

uint64_t stats_sum(const struct stats *stats, enum stats_counter counter)
{
    uint64_t sum = 0;

    for (int s = 0; s < STATS_STRIPES; s++) {
        sum += moor_load_relaxed(&stats->stripes[s][counter]);
    }
    return sum;
}
