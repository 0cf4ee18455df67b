/* What a report is put together from. */
#ifndef BENCH_REPORT_PARTS_H
#define BENCH_REPORT_PARTS_H

#include <stdbool.h>
#include <stdio.h>

#include "document.h"
#include "plot.h"

/* The values of one kind that a set of entries has, in order. */
enum { VALUES_MAX = 16 };
struct values {
    unsigned at[VALUES_MAX];
    unsigned count;
};

/* An entry that is measured in rounds, of this workload. */
bool part_is_of(const struct entry *entry, const char *workload);

/* Those that the rounds, or the latencies, of a workload were measured with. */
struct values part_agents(const struct document *document,
                          const char *workload);
struct values part_threads(const struct document *document,
                           const char *workload);
bool values_have(const struct values *values, unsigned value);

/* Plots; false: fewer than two points in a row, so nothing to draw. */
bool curve_threads(const struct document *document, const char *workload,
                   unsigned agents, struct plot *plot);
bool curve_agents(const struct document *document, const char *workload,
                  unsigned threads, struct plot *plot);
bool curve_tail(const struct document *document, const char *workload,
                const char *call, unsigned agents, unsigned threads,
                struct plot *plot);

/* Tables. */
void table_context(FILE *to, const struct document *document);
void table_rounds(FILE *to, const struct document *document,
                  const char *workload);
void table_latencies(FILE *to, const struct document *document,
                     const char *workload, unsigned agents, unsigned threads);
void table_figures(FILE *to, const struct document *document);

#endif
