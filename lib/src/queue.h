/*
 * The queue for running slots: admissions that have a deadline wait in it, and
 * who gives a slot back while somebody waits hands it to the oldest of them.
 *
 * A fixed number of places, made when the first admission waits, and with them
 * a histogram of how long they did.  A place is one word, and the event that
 * its owner sleeps on:
 *
 *   63    62              2 1 0
 *   +-----+---------------+---+
 *   |class|    number     |how|    0: vacant
 *   +-----+---------------+---+
 *
 *   vacant -> WAITING -> HANDED -> vacant
 *                 |                  ^
 *                 +---- withdrawn ---+
 *
 * Numbers go up and never come twice, so the smallest word that waits is the
 * oldest of the first class, and a swap of it means that very owner.  HANDED:
 * it has a slot; the owner vacates the place.
 *
 * Whether anybody waits is said beside the counter (slots.h), in the word that
 * every giver swaps: no giver looks in here while nobody does.
 *
 *   pair  release side   acquire side  what it carries
 *   Q1    a swap of a place  a load of it  the slot, and what its giver did
 */
#ifndef MOOR_QUEUE_H
#define MOOR_QUEUE_H

#include "atomic.h"
#include "event.h"
#include "times.h"

/* Who comes first. */
enum queue_class {
    QUEUE_TAKE_BACK = 0, /* of a slot that was lent */
    QUEUE_ADMISSION
};

struct queue_place {
    moor_word state;
    struct event event;
};

/* What it has once somebody waits. */
struct queue_room {
    struct times waited; /* how long */
    struct queue_place places[];
};

struct queue {
    moor_pointer room;   /* with `size` places; null: nobody ever waited */
    moor_word number;    /* of the next one that waits */
    uint32_t size;
};

enum queue_entered { QUEUE_ENTERED, QUEUE_IS_FULL, QUEUE_NO_MEMORY };

/* Before others can see it; allocates nothing. */
void queue_init(struct queue *queue, uint32_t size);

/* Nobody else may use it any more. */
void queue_destroy(struct queue *queue);

/* Takes a place, behind all that wait in that class.  Lock-free. */
enum queue_entered queue_enter(struct queue *queue, enum queue_class which,
                               struct queue_place **place);

/* Hands the caller's slot to the oldest that waits, and wakes it; false: nobody
 * waits.  Lock-free: a lost swap means that somebody was handed one, or went.
 */
bool queue_hand(struct queue *queue);

/* The owner's: has it been handed a slot?  Acquires, Q1. */
bool queue_is_handed(const struct queue_place *place);

/* The owner's: it takes what it was handed, and its place is vacant. */
void queue_vacate(struct queue_place *place);

/* The owner's: it goes without.  False: it was handed a slot before that, and
 * has it now.  The place is vacant either way.  Wait-free. */
bool queue_withdraw(struct queue_place *place);

/* Everybody that waits looks again. */
void queue_wake(struct queue *queue);

/* How many wait. */
uint32_t queue_length(const struct queue *queue);

/* The owner of a place that was vacated: it has waited so long. */
void queue_waited(struct queue *queue, uint64_t ns);

/* How long all did; null: nobody ever waited. */
const struct times *queue_times(const struct queue *queue);

/* All places are vacant; alone. */
void queue_clear(struct queue *queue);

#endif
