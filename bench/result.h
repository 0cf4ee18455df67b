/* What was measured: one result for each case and rival. */
#ifndef BENCH_RESULT_H
#define BENCH_RESULT_H

#include <stdbool.h>
#include <stdio.h>

#include "figures.h"
#include "workload.h"

enum { NAME_MAX_BYTES = 96 };

struct latency {
    double p50, p90, p99, p99_9, p99_99, most; /* ns */
};

struct result {
    const char *workload;
    const struct rival *rival;
    uint32_t agents;
    unsigned threads;
    unsigned rounds;
    uint64_t operations;
    double harness; /* ns that the body costs by itself; taken off */
    double real[ROUNDS_MAX], cpu[ROUNDS_MAX]; /* ns, the harness taken off */
    bool timed; /* latencies, and no rounds */
    double rate; /* of lives begun by the clock, a second; 0: no clock */
    struct latency calls[CALLS]; /* of a life; with a clock, of the whole */
    uint64_t samples[CALLS];
};

struct results {
    struct result *at;
    unsigned count, room;
    uint64_t wrong; /* answers that were not as they had to be */
    struct figures figures;
    const char *probes[FIGURES_MAX]; /* by which a figure was measured */
};

extern const char *const call_names[CALLS];

/* The next one, all zero. */
struct result *results_add(struct results *results);

/* Null: was not measured. */
const struct result *results_find(const struct results *results,
                                  const char *workload, uint32_t agents,
                                  unsigned threads, const char *rival);

/* "life/n:1000/threads:2/rival:mutex" */
void result_name(const struct result *result, char name[NAME_MAX_BYTES]);

/* One JSON document, in the schema of Google Benchmark. */
void results_write(const struct results *results, const char *program,
                   const char *commit, FILE *to);

/* For people: median, spread, and what was taken off; then the figures. */
void results_print(const struct results *results, FILE *to);

/* Prints figure, bound, seen, held; true when every bound was held. */
bool figures_held(const struct results *results, FILE *to);

#endif
