/*
 * The bell: a descriptor that becomes readable when something has arrived.
 *
 * It is there once somebody has asked for it, and until then a ring is a load.
 * The host reads it empty and then looks; each look counts as heard.  A ring
 * writes unless another has written since the last look began: so a look costs
 * at most one write, and no ring waits for another's.
 *
 *   pair  release side              acquire side        what it carries
 *   B1    arrival, then bell_ring   bell_hear, look     at least one sees the
 *                                                       other: seq_cst
 *   B2    bell_ring has written     another's ring      that it has
 */
#ifndef MOOR_BELL_H
#define MOOR_BELL_H

#include "atomic.h"

/* All zero to begin with. */
struct bell {
    moor_word descriptor; /* plus one; 0: nobody has asked */
    moor_word heard;      /* looks */
    moor_word rung;       /* one more than the looks before the last write */
};

/* The descriptor, readable when it is new; -1: the process can have none. */
int bell_descriptor(struct bell *bell);

/* Alone. */
void bell_destroy(struct bell *bell);

void bell_ring_now(struct bell *bell, uint64_t descriptor);
void bell_hear_now(struct bell *bell);

/* Something has arrived.  Wait-free. */
static inline void bell_ring(struct bell *bell)
{
    uint64_t descriptor = moor_load_seq_cst(&bell->descriptor); /* B1 */

    if (descriptor != 0) {
        bell_ring_now(bell, descriptor);
    }
}

/* Before a look.  Wait-free. */
static inline void bell_hear(struct bell *bell)
{
    if (moor_load_acquire(&bell->descriptor) != 0) { /* B1 */
        bell_hear_now(bell);
    }
}

#endif
