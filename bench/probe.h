/*
 * What the probes share.  Each probe is one file, and its head says what it
 * measures, how, and what its figures do not say.
 */
#ifndef BENCH_PROBE_H
#define BENCH_PROBE_H

#include <moorage/moorage.h>
#include <pthread.h>
#include <stdalign.h>

#include "figures.h"
#include "measure.h"
#include "random.h"

typedef void probe_run(bool quick, struct figures *figures);

probe_run probe_memory, probe_growth, probe_churn, probe_flat, probe_floor,
    probe_wake, probe_registries, probe_tails, probe_store, probe_machine,
    probe_rpc;

/* Ends the program if not. */
void probe_must(bool fine, const char *what);

/* --- agents --------------------------------------------------------------- */

/* A letter and eight digits; a path of the first level. */
enum { PROBE_NAME = 9, PROBE_PATH = 6 + PROBE_NAME };

void probe_name(char name[PROBE_NAME + 1], char letter, uint32_t number);
void probe_path(char path[PROBE_PATH + 1], char letter, uint32_t number);
moor_id probe_id(uint64_t number);

/* With so many running slots. */
moor_registry *probe_registry(uint32_t running);

/* Agents below the root that run throughout: names of 'r', ids by number. */
struct probe_crowd {
    moor_registry *registry;
    moor_agent *agents;
    uint32_t count;
};

/* `room` more running slots than there are agents. */
struct probe_crowd probe_crowd_open(uint32_t count, uint32_t room);
void probe_crowd_close(struct probe_crowd *crowd);

/* --- memory --------------------------------------------------------------- */

/* Only differences mean something. */
struct probe_bytes {
    double heap;     /* given out by malloc, pages that it mapped included */
    double outside;  /* private pages that malloc knows nothing about */
    double resident; /* in memory now */
};

/* Whatever malloc could give back to the system it gives back first. */
struct probe_bytes probe_bytes(void);

/* --- threads -------------------------------------------------------------- */

struct probe_thread {
    pthread_t thread;
    int processor;
    void (*body)(void *argument);
    void *argument;
};

/* How many processors this program may use. */
unsigned probe_processors(void);

/* On the processor of that number among those; negative: on any. */
void probe_start(struct probe_thread *thread, int processor,
                 void (*body)(void *argument), void *argument);
void probe_join(struct probe_thread *thread);

/* --- figures -------------------------------------------------------------- */

/* Of values without a limit of their number, which are sorted by it. */
double probe_share(double *values, unsigned count, double share);

/* The median of a[i] / b[i]: the two were measured in alternated rounds. */
double probe_ratio(const double *a, const double *b, unsigned rounds);

#endif
