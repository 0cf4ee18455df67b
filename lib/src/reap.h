/*
 * Reaping: taking the slot from idle agents that still hold one.
 */
#ifndef MOOR_REAP_H
#define MOOR_REAP_H

#include "books.h"

/* One pass; how many slots were taken.  They are given back, but the first one
 * is left to the caller, who is then charged with it, if `keep` is not null and
 * *keep is false; *keep says so.  Lock-free. */
uint64_t reap_idle(moor_registry *books, bool *keep);

/* The same for one agent, if it is idle and holds a slot. */
void reap_one(moor_registry *books, life which);

#endif
