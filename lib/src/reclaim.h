/*
 * Reclamation: freeing memory that others may still be reading.
 *
 * What is really freed here are texts (names, results).  A reader brackets its
 * reading with enter and leave; a writer unlinks the text by an exchange or a
 * compare-and-swap, never by a plain store, and retires it.  It is freed when
 * every section that was open at that time has ended.  ConcurrencyKit's
 * epochs do the counting, one process-wide epoch for all registries.
 *
 *   pair  release side    acquire side       what it carries
 *   E1    reclaim_leave   freeing of a text  the reader's last look
 *
 * A thread that never leaves its section stops no other thread, but nothing is
 * freed any more: memory grows.  No call of the library runs foreign code
 * inside a section.
 */
#ifndef MOOR_RECLAIM_H
#define MOOR_RECLAIM_H

#include <stdbool.h>
#include <stdint.h>

/* First member of whatever is retired; that object came from malloc. */
struct reclaim_node {
    void *space[2];
};

/* Registers this thread, once.  False: there was no memory for it.  Call it
 * before the first section.  Lock-free. */
bool reclaim_ready(void);

/* A number that no other thread has while this one lives: from 1, the lowest
 * that is to be had.  0: no memory to register the thread.  Lock-free. */
#if defined(MOOR_STEP)
unsigned reclaim_number(void);
#else
extern _Thread_local unsigned reclaim_own_number; /* 0: not registered yet */
unsigned reclaim_number_anew(void);

static inline unsigned reclaim_number(void)
{
    return reclaim_own_number != 0 ? reclaim_own_number
                                   : reclaim_number_anew();
}
#endif

/* A section of this thread; sections do not nest.  Needs reclaim_ready. */
void reclaim_enter(void);
void reclaim_leave(void);

/* Free `node` once nobody can be reading it.  Null is allowed.  Outside of
 * sections.  Lock-free.  Does not need reclaim_ready: what a thread retires
 * that could not be registered is taken over by the next that is. */
void reclaim_retire(struct reclaim_node *node);

/* How many nodes wait to be freed, as of when each thread last retired one:
 * a few dozen a thread, and more and more when one does not leave its section.
 * Wait-free. */
uint64_t reclaim_unfreed(void);

#endif
