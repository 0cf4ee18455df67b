/*
 * One run of a case under one schedule, and the record of it.
 */
#ifndef MODEL_RUN_H
#define MODEL_RUN_H

#include "explore.h"
#include "fibers.h"

enum { RUN_STEPS_DEFAULT = 2000 };

struct run_event {
    uintptr_t word;
    uint8_t kind;
    uint8_t thread;
};

struct run_record {
    const struct model_case *model;
    struct run_event events[MODEL_STEPS_MAX];
    size_t length;
    bool redundant; /* the search knows an equivalent one */
    bool failed;
    char message[400]; /* of the first failure */
    const char *complaint; /* its format: where it was found */
};

/* The latest run; during a run, up to its latest step. */
extern struct run_record run;

/* Chooses a thread of `live` (bits; never empty) for step number `step`.
 * RUN_STOP ends the run; so does a thread that is not live, as a failure. */
enum { RUN_STOP = -3 };
typedef int run_chooser(size_t step, unsigned live);

/* Runs `before`, the threads until all have finished, and `after`.  False,
 * and recorded as a failure, if it was cut short: then `after` does not run
 * and unfinished threads are dropped.  So after RUN_STOP, which is none. */
bool run_case(const struct model_case *model, run_chooser *choose,
              size_t steps_max);

/* The schedule of the latest run, one digit a step. */
const char *run_schedule(void);

/* Prints case and schedule if the process dies in a run. */
void run_report_crashes(void);

static inline int run_lowest(unsigned threads)
{
    return __builtin_ctz(threads);
}

/* The first thread after `last`, in turn. */
static inline int run_in_turn(unsigned threads, int last)
{
    unsigned later = threads & ~((2u << last) - 1);
    return run_lowest(later ? later : threads);
}

static inline bool run_dependent(struct fiber_step one,
                                 const struct run_event *other)
{
    return one.word == other->word &&
           (one.kind != MOOR_STEP_LOAD || other->kind != MOOR_STEP_LOAD);
}

#endif
