/*
 * Removing agents from the tree: one, or all that hang below one.
 */
#ifndef MOOR_REMOVE_H
#define MOOR_REMOVE_H

#include "books.h"

/* Takes one agent out: it gives its slot up, leaves the tree, and what is below
 * it moves up.  False: somebody else took it out.  *previous: its status
 * before.  Lock-free. */
bool remove_agent(moor_registry *books, life which, moor_status *previous);

/* The same for one that has nothing below it, for all that the caller has seen:
 * needs no fence, and no reference.  What was linked meanwhile is taken out,
 * too.  How many agents; 0: somebody else took it out. */
uint64_t remove_leaf(moor_registry *books, life which, moor_status *previous);

/* The last step of a failed start; a walk from above may have done it. */
void remove_failing(moor_registry *books, life which);

/* Takes out everything below an agent, tickets included; how many agents that
 * were.  The caller has set the fence and holds the record.  Lock-free. */
uint64_t remove_below(moor_registry *books, life which);

#endif
