/*
 * Charging a running slot and giving it back: what reserve, spawn, run_again
 * and take_back have in common, and all ends.
 */
#ifndef MOOR_CHARGE_H
#define MOOR_CHARGE_H

#include "moorage/admission.h"
#include "books.h"

/* Takes a running slot.  Under on_reserve, when none is free, idle agents are
 * reaped and it is tried again, until one was had, or a pass found nothing to
 * reap and the count had not changed.  Lock-free. */
bool charge_running(moor_registry *books, struct slots_view *seen);

/* Takes so many running slots, or none.  Under on_reserve idle agents are
 * reaped as above, but none is taken over.  Lock-free. */
bool charge_running_many(moor_registry *books, uint32_t count,
                         struct slots_view *seen);

/* Waits for one, as long as the patience says; the caller was refused before.
 *   MOOR_OK, MOOR_REFUSED (the deadline passed, or it was cancelled; *seen),
 *   MOOR_QUEUE_FULL, MOOR_NO_MEMORY
 * Blocks.  While it waits it holds nothing. */
moor_error charge_wait(moor_registry *books, enum queue_class which,
                       const moor_patience *patience, struct slots_view *seen);

/* The two together; no patience (null): it does not wait. */
moor_error charge_patiently(moor_registry *books, enum queue_class which,
                            const moor_patience *patience,
                            struct slots_view *seen);

/* Gives a running slot back: to the oldest that waits, if anybody does, else
 * the counter goes down.  Lock-free: a failed swap means that somebody else
 * took, gave, came to wait or went. */
void charge_give(moor_registry *books);

/* Sets the limit of running slots.  What it makes free while somebody waits is
 * handed out slot by slot.  Lock-free. */
void charge_set_limit(moor_registry *books, uint32_t limit);

#endif
