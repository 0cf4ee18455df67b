#include "times.h"

enum { LAST = MOOR_TIMES_BUCKETS - 1, US = 1000 /* ns */ };

/* The first bucket whose bound is not below. */
static unsigned bucket_for(uint64_t ns)
{
    uint64_t ten = US; /* a power of ten, in microseconds */
    unsigned bucket = 0;

    while (bucket < LAST && ns > 5 * ten) {
        ten *= 10;
        bucket += 3;
    }
    return bucket == LAST ? LAST : bucket + (ns > ten) + (ns > 2 * ten);
}

static void add_striped(struct times *times, unsigned word, uint64_t count)
{
    unsigned number = reclaim_number();
    moor_word *at;

    if (number - 1 >= STATS_STRIPES - 1) {
        (void)moor_add_relaxed(&times->stripes[0][word], count);
        return;
    }
    /* A load and a store: nobody else writes there. */
    at = &times->stripes[number][word];
    moor_store_relaxed(at, moor_load_relaxed(at) + count);
}

void times_add(struct times *times, uint64_t ns)
{
    add_striped(times, bucket_for(ns), 1);
    add_striped(times, TIMES_SUM, (ns + US / 2) / US);
}

static uint64_t sum_striped(const struct times *times, unsigned word)
{
    uint64_t sum = 0;

    for (int s = 0; s < STATS_STRIPES; s++) {
        sum += moor_load_relaxed(&times->stripes[s][word]);
    }
    return sum;
}

void times_sum(const struct times *times, moor_times *sum)
{
    *sum = (moor_times){.count = 0};
    if (times == NULL) {
        return;
    }
    sum->sum_us = sum_striped(times, TIMES_SUM);
    for (unsigned b = 0; b < MOOR_TIMES_BUCKETS; b++) {
        sum->buckets[b] = sum_striped(times, b);
        sum->count += sum->buckets[b];
    }
}

uint64_t moor_times_bound_us(unsigned bucket)
{
    static const uint8_t steps[] = {1, 2, 5};
    uint64_t bound;

    if (bucket >= LAST) {
        return UINT64_MAX;
    }
    bound = steps[bucket % 3];
    for (unsigned tens = bucket / 3; tens > 0; tens--) {
        bound *= 10;
    }
    return bound;
}
