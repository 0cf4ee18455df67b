/*
 * Leaving: what an agent, a ticket or an admission in flight gives back when
 * its state word has become LEFT, and how its record is used again.
 *
 * The slot, the residence and the lifetime charge are not given back here but
 * by whoever took them from the state word.
 */
#ifndef MOOR_LEAVE_H
#define MOOR_LEAVE_H

#include "books.h"

/* The caller's swap made the word LEFT; `before` is what it was.  Sweeps the
 * maps, drops the result, unlinks.  True: the record is used again.  False:
 * something hangs below it, or a walk passes by; the caller was given a
 * reference to let go.  Needs no memory.  Lock-free; outside of sections. */
bool leave_tree(moor_registry *books, life which, uint64_t before);

/* The same, and lets that reference go. */
void leave_for_good(moor_registry *books, life which, uint64_t before);

/* The last reference to the record of that index, which has left, is gone:
 * makes it FREE, and those above that only waited for it. */
void leave_reuse(moor_registry *books, uint32_t index);

/* Holds a reference to the record of that life; false: it is over.
 * Lock-free. */
bool leave_hold(moor_registry *books, life which);

/* Ends a reference of the caller's. */
void leave_let_go(moor_registry *books, life which);

/* What ends a ticket that is not committed. */
enum leave_why {
    LEAVE_ABANDONED, /* its holder, or a commit before it claimed the ticket */
    LEAVE_FAILED,    /* the one that claimed it, or that made it just now */
    LEAVE_CLOSED     /* a close above; keeps the lifetime charge */
};

/* Ends a ticket: gives back what it covers.  MOOR_OK, or MOOR_STALE: somebody
 * else ended it, or, for LEAVE_ABANDONED, is committing it.  Lock-free. */
moor_error leave_ticket(moor_registry *books, life which, enum leave_why why);

#endif
