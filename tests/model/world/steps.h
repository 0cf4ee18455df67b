/*
 * Operations in the steps that others can see.
 *
 * Most calls take effect in one step.  Some go over several agents, or end a
 * run, which takes more than one: what overlaps them may come between.  These
 * are scripts of such steps, to be called one after the other.
 */
#ifndef MODEL_STEPS_H
#define MODEL_STEPS_H

#include "operations.h"

enum { SCRIPT_MOST = 13 };

/* Of a call that is made step by step; the last one has its answer. */
typedef void script_step(struct call *call);

struct script {
    script_step *steps[SCRIPT_MOST];
    int length;
    unsigned optional; /* steps that it may go without, bits */
};

/* How an operation goes, step by step; one that takes effect at once has the
 * whole call as its only step. */
struct script script_of(const struct operation *operation,
                        moor_release release);

/* The whole call, after those steps or without any. */
void script_whole(struct call *call);

#endif
