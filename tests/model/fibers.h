/*
 * Fibers: the threads of a case, each stopped before its next atomic step.
 */
#ifndef MODEL_FIBERS_H
#define MODEL_FIBERS_H

#include <stdint.h>

#include "atomic.h"

struct fiber_step {
    uintptr_t word; /* address / 8 */
    moor_step_kind kind;
};

/* Gives `count` fibers these bodies and runs each up to its first step.
 * Fibers left unfinished by an earlier start are dropped. */
void fibers_start(void (*const bodies[])(void), int count);

/* The unfinished fibers, one bit each. */
unsigned fibers_live(void);

/* What an unfinished fiber is about to do. */
struct fiber_step fibers_next(int fiber);

/* Lets it do that and go on to its next step, or to its end. */
void fibers_advance(int fiber);

#endif
