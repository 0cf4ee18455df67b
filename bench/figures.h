/*
 * Figures that a probe measures, and the table of the probes.
 *
 * A probe is not a workload: it compares no rivals, and asks one question
 * about the library, such as its memory, its pauses or what it costs above its
 * floor.  The answer is a few named numbers.  A number with a bound is a goal.
 *
 * An answer of the library that is wrong ends the program: figures of a
 * library that errs are worth nothing.
 */
#ifndef BENCH_FIGURES_H
#define BENCH_FIGURES_H

#include <stdbool.h>
#include <stdint.h>

#define FIGURES_MAX 128

struct figure {
    const char *name; /* kept, not copied; so are the unit and the note */
    double value;
    const char *unit;
    double most;      /* bound: value must not exceed it; 0: none */
    const char *note; /* how it was come by, or null */
};

struct figures {
    struct figure at[FIGURES_MAX];
    unsigned count;
};

/* Adds one, without a note.  More than there is room for end the program. */
void figures_add(struct figures *figures, const char *name, double value,
                 const char *unit, double most);

/* A note to the last one that was added. */
void figures_note(struct figures *figures, const char *note);

struct probe {
    const char *name;
    const char *what; /* the question, in one line */
    /* `quick` is a smoke run, a fraction of a second: it shows that the probe
     * works; what it measures means little and is not to be judged. */
    void (*run)(bool quick, struct figures *figures);
};

extern const struct probe probes[];
extern const unsigned probes_count;

/* How many lives the probe "churn" has, unless it is quick. */
extern uint64_t churn_lives;

#endif
