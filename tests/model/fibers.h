/*
 * Fibers: the threads of a case, each stopped before its next atomic step.
 */
#ifndef MODEL_FIBERS_H
#define MODEL_FIBERS_H

#include <stdbool.h>
#include <stdint.h>

#include "atomic.h"

struct fiber_step {
    uintptr_t word; /* address / 8 */
    moor_step_kind kind;
};

/* Asked on the fiber that has come to its next step, fibers_next() being told:
 * does the same fiber take it at once?  That saves the switch to the outside
 * and back. */
typedef bool fibers_again(int fiber);

/* Gives `count` fibers these bodies and runs each up to its first step; from
 * there on `again` is asked.  Fibers left unfinished by an earlier start are
 * dropped. */
void fibers_start(void (*const bodies[])(void), int count,
                  fibers_again *again);

/* The unfinished fibers, one bit each. */
unsigned fibers_live(void);

/* What an unfinished fiber is about to do. */
struct fiber_step fibers_next(int fiber);

/* Lets it do that and go on to its next step that it does not take at once, or
 * to its end. */
void fibers_advance(int fiber);

#endif
