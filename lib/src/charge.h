/*
 * Charging a running slot: what reserve, spawn and run_again have in common.
 */
#ifndef MOOR_CHARGE_H
#define MOOR_CHARGE_H

#include "books.h"

/* Takes a running slot.  Under on_reserve, when none is free, idle agents are
 * reaped and it is tried again, until one was had, or a pass found nothing to
 * reap and the count had not changed.  Lock-free. */
bool charge_running(moor_registry *books, struct slots_view *seen);

#endif
