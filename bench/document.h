/*
 * A file of results, as `bench --out` writes it, read back: the schema of
 * Google Benchmark, with a few fields more.  One entry is what the rounds of
 * one name have in common; what a name is made of is taken apart here, once.
 *
 * A file comes from anywhere: everything in it is checked, and no string keeps
 * a control character, so that it can be printed.
 */
#ifndef BENCH_DOCUMENT_H
#define BENCH_DOCUMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "measure.h"

/* How far up the latencies of a call are known. */
enum percentile { P50, P90, P99, P99_9, P99_99, MOST, PERCENTILES };

extern const char *const percentile_names[PERCENTILES]; /* as in the file */

struct entry {
    char *name; /* "life/n:1000/threads:2/rival:mutex", and maybe a call */
    char *workload, *rival, *call; /* parts of the name; "" if it has none */
    uint32_t agents;
    unsigned threads;
    double real[ROUNDS_MAX]; /* ns; NAN: no such round */
    unsigned rounds;         /* the highest round, and one */
    double harness;          /* ns that were taken off; NAN: not said */
    bool timed;
    double latency[PERCENTILES]; /* ns, if timed */
    double rate;                 /* arrivals per second; 0: not by a clock */
    bool figure;                 /* `real[0]` is a value in `unit` */
    double most;                 /* what a figure may be; 0: anything */
    char *unit, *note;
};

/* What a file says of where it comes from. */
struct document_context {
    char *date, *processors, *model, *compiler, *commit, *build;
};

struct document {
    const char *file;
    struct document_context context; /* "" for what is not there */
    struct entry *entries;
    unsigned count;
};

/* False: it is not a file of results, and stderr was told why. */
bool document_read(struct document *document, const char *file);
void document_free(struct document *document);

/* Null: no such name. */
const struct entry *document_find(const struct document *document,
                                  const char *name);

/* Of the rounds that are there; one at least. */
double entry_median(const struct entry *entry);
double entry_variation(const struct entry *entry);

#endif
