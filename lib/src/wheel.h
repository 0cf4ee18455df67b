/*
 * When to look at whom next: entries of a life and a time, given back when the
 * time has come.
 *
 * A queue for each power of two of milliseconds (Michael and Scott's, its nodes
 * in an arena).  An entry that is to come after `left` ms stands in the queue
 * of the largest power of two that is not above: there all wait equally long,
 * so the first one is the first that has to be looked at.  Looked at too early,
 * it goes into the queue of what is left; so it moves at most as often as its
 * time has bits, and comes at its time.
 *
 *   head, tail, link  63..28 version, 27..0 node; a queue always has one node
 *                     more than entries: the head's, whose entry was taken
 *   next              63..22 the earliest time at which there is anything to
 *                     look at, 21..0 version: each new entry changes it
 *
 *   pair  release side    acquire side   what it carries
 *   W1    a swap of link  a load of it   the node's words
 *   W2    wheel_put       wheel_is_due   that there is something sooner
 */
#ifndef MOOR_WHEEL_H
#define MOOR_WHEEL_H

#include "arena.h"

/* Times-to-live have 32 bits; the explorer steps through each queue. */
#if defined(MOOR_STEP)
enum { WHEEL_QUEUES = 2 };
#else
enum { WHEEL_QUEUES = 32 };
#endif

struct wheel_queue {
    moor_word head;
    moor_word tail;
};

struct wheel {
    struct wheel_queue queues[WHEEL_QUEUES];
    moor_word next;
    struct arena nodes;
};

/* Null: no memory. */
struct wheel *wheel_make(void);
void wheel_free(struct wheel *wheel);

/* A node for one entry.  False: no memory.  Lock-free. */
bool wheel_take_node(struct wheel *wheel, uint32_t *node);
void wheel_give_node(struct wheel *wheel, uint32_t node);

/* Puts an entry in, with a node of the caller's, which is the wheel's then.
 * Lock-free. */
void wheel_put(struct wheel *wheel, uint32_t node, life which, uint64_t now,
               uint64_t at);

/* When something is to be looked at; 0: never.  Wait-free. */
uint64_t wheel_next(const struct wheel *wheel);

/* Has a time come?  Wait-free: one load. */
bool wheel_is_due(const struct wheel *wheel, uint64_t now);

/* Takes an entry whose time has come, with a node, which is the caller's then.
 * False: none has; the wheel notes when the next one will have.  Lock-free. */
bool wheel_take(struct wheel *wheel, uint64_t now, uint32_t *node,
                life *which);

#endif
