/* Clocks, a histogram of latencies, and the few figures of a set of rounds. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>
#include <x86intrin.h>

enum { ROUNDS_MAX = 101 };

double now(void);     /* seconds */
double now_cpu(void); /* of this thread */
double ns_per_tick(void);

/* The time-stamp counter, after everything before it has been done. */
static inline uint64_t ticks(void)
{
    unsigned processor;

    return __rdtscp(&processor);
}

/* Sixteen steps for each power of two: within 7 % of every value. */
enum { HISTOGRAM_STEPS = 16, HISTOGRAM_CELLS = 64 * HISTOGRAM_STEPS };

struct histogram {
    uint64_t cells[HISTOGRAM_CELLS];
    uint64_t count, most;
};

static inline void histogram_add(struct histogram *histogram, uint64_t value)
{
    uint64_t cell = value;

    if (value >= HISTOGRAM_STEPS) {
        unsigned shift = 59U - (unsigned)__builtin_clzll(value);
        cell = (uint64_t)shift * HISTOGRAM_STEPS + (value >> shift);
    }
    histogram->cells[cell]++;
    histogram->count++;
    if (value > histogram->most) histogram->most = value;
}

void histogram_merge(struct histogram *into, const struct histogram *from);

/* The value that a share of all (0.9999, say) does not exceed. */
uint64_t histogram_at(const struct histogram *histogram, double share);

/* Of up to ROUNDS_MAX values. */
double median(const double *values, unsigned count);
double variation(const double *values, unsigned count); /* deviation / mean */

#endif
