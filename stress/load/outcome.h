/*
 * outcome: what a stress run saw, against what it may see.
 *
 * A program has a table of all outcomes, each with a grade and a reason.
 * Workers count outcomes in a tally of their own and judge nothing; the main
 * thread adds the tallies, prints the table and passes the verdict.
 *
 * An outcome that must occur is there because a stress run that met no
 * contention has tested nothing.
 */
#ifndef LOAD_OUTCOME_H
#define LOAD_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "options.h"

enum grade {
    EXPECTED,    /* fine */
    MUST_OCCUR,  /* fine, and the run fails without it */
    INTERESTING, /* legal but surprising */
    FORBIDDEN    /* one is enough to fail */
};

struct outcome {
    const char *name;
    enum grade grade;
    const char *reason;
};

enum { OUTCOMES_MAX = 64, OUTCOME_DETAIL = 240 };

/* Counts by outcome; a detail of the first that was blamed. */
struct tally {
    uint64_t counts[OUTCOMES_MAX];
    char detail[OUTCOME_DETAIL];
};

static inline void outcome_count(struct tally *tally, unsigned which)
{
    tally->counts[which]++;
}

/* Counts it; the first one's words are kept for the report. */
void outcome_blame(struct tally *tally, unsigned which, const char *format,
                   ...) __attribute__((format(printf, 3, 4)));

void outcome_add(struct tally *sum, const struct tally *part);

/* Prints the table and, on a failure, the detail and the replay line.
 * Answers the exit status: 0, or 1 when the run failed. */
int outcome_verdict(const struct options *options,
                    const struct outcome *outcomes, size_t count,
                    const struct tally *tally);

#endif
