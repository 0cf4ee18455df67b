/*
 * Ending a run: the single compare-and-swap, and what the winner does then.
 */
#ifndef MOOR_ENDING_H
#define MOOR_ENDING_H

#include "books.h"

struct ending {
    enum word_phase idle; /* which idle phase is to be reached */
    uint32_t text;        /* the result; the winner's swap publishes it */
    bool release;         /* give the slot up, whatever the policy */
    const uint64_t *turn; /* end it only if it was admitted in that turn; null:
                             whenever that was */
    const moor_word *lease; /* end it only if its lease has expired */
};

/*
 * live -> idle.  Of all that try, one wins; *released (may be null) says
 * whether the slot came back by this call.
 *   MOOR_OK, MOOR_WRONG_STATUS, MOOR_NOT_FOUND, MOOR_STALE, MOOR_IS_ROOT
 * Lock-free.
 */
moor_error ending_end(moor_registry *books, life which,
                      const struct ending *how, bool *released);

/* The same, and counts as a use of the agent: for who keeps track (use.h). */
moor_error ending_use(moor_registry *books, life which,
                      const struct ending *how);

/* The same without a text, by the policy's rule. */
moor_error ending_finish(moor_registry *books, life which,
                         enum word_phase idle);

/* The slot that a swap took from an agent comes back: the counter goes down by
 * one subtraction. */
void ending_give_slot(moor_registry *books);

#endif
