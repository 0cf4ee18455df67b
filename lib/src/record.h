/*
 * A record: one agent or ticket, or nobody.  Type-stable: it is reused, never
 * freed, while the registry lives; so a look at a record is never a look at
 * foreign memory, and the generation in `state` tells whose it is.  It is one
 * cache line; what few calls need stands on its plate.
 *
 * Who may write what: `state` and `links` anybody, by compare-and-swap; the
 * rest the thread that makes the admission, while the phase is RESERVING (id:
 * COMMITTING), and afterwards whoever's swap the field belongs to.  All are
 * words, because late readers may look at any time; they look at `state`
 * again afterwards and drop what they read if the life has changed.
 *
 *   pair  release side           acquire side         what it carries
 *   R1    a swap of `state`      any load of `state`  the fields, the run
 */
#ifndef MOOR_RECORD_H
#define MOOR_RECORD_H

#include "arena.h"
#include "layout.h"
#include "plate.h"
#include "total.h"
#include "word_steps.h"

struct record {
    moor_word state;
    moor_word id_high;
    moor_word id_low;
    moor_word links;    /* tree.h */
    moor_word place;    /* parent, node and depth, place_of */
    moor_word bag;      /* tree.h: the nodes of what hangs below */
    moor_pointer plate; /* names, and a turn; stays with the record */
    moor_word stamp;    /* of the last admission, stamp_of; arena's link */
};

_Static_assert(sizeof(struct record) == MOOR_LINE, "a record is one line");

/* stamp: milliseconds of the coarse clock above, the admission's number below
 * (total.h), so that admissions of one tick still have an order.  Numbers wrap:
 * the one from which the other is less than half a round away is older. */
static inline uint64_t stamp_of(uint64_t ms, uint32_t number)
{
    return (ms << TOTAL_NUMBER_BITS) | number;
}

static inline uint64_t stamp_ms(uint64_t stamp)
{
    return stamp >> TOTAL_NUMBER_BITS;
}

static inline bool stamp_is_older(uint64_t stamp, uint64_t other)
{
    const uint64_t round = UINT64_C(1) << TOTAL_NUMBER_BITS;
    uint64_t ahead = (other - stamp) % round;

    if (stamp_ms(stamp) != stamp_ms(other)) {
        return stamp_ms(stamp) < stamp_ms(other);
    }
    return ahead != 0 && ahead < round / 2;
}

/*
 * place: depth (8 bits), its node in the parent's bag (28; 0: none), the record
 * it was linked to (28).  Constant in a life, once it is in the bag.
 */
static inline uint64_t place_of(uint32_t depth, uint32_t node, uint32_t parent)
{
    return ((uint64_t)depth << 2 * LIFE_INDEX_BITS) |
           ((uint64_t)node << LIFE_INDEX_BITS) | parent;
}

static inline uint32_t place_depth(uint64_t place)
{
    return (uint32_t)(place >> 2 * LIFE_INDEX_BITS);
}

static inline uint32_t place_node(uint64_t place)
{
    return (uint32_t)(place >> LIFE_INDEX_BITS & LIFE_INDEX_MAX);
}

static inline uint32_t place_parent(uint64_t place)
{
    return (uint32_t)(place & LIFE_INDEX_MAX);
}

static inline struct record *record_at(const struct arena *records,
                                       uint32_t index)
{
    return (struct record *)arena_at(records, index, sizeof(struct record));
}

static inline struct plate *record_plate(const struct record *record)
{
    return (struct plate *)moor_pointer_acquire(&record->plate); /* R1 */
}

/* The record of a life that is known to have been handed out. */
static inline struct record *record_of(const struct arena *records, life which)
{
    return record_at(records, life_index(which));
}

/* The record that it was linked to: which life has that, its state tells.  It
 * holds a reference, so that life stays. */
static inline struct record *record_above(const struct arena *records,
                                          const struct record *record)
{
    /* acquire, R1: who does not hold the life looks at its state again. */
    return record_at(records, place_parent(moor_load_acquire(&record->place)));
}

static inline life record_parent(const struct arena *records,
                                 const struct record *record)
{
    /* acquire, R1: both as above. */
    uint32_t index = place_parent(moor_load_acquire(&record->place));
    uint64_t word = moor_load_acquire(&record_at(records, index)->state);

    return life_of(word_generation(word), index);
}

/* Does the word belong to that life, and is its key taken? */
static inline bool record_is_taken(uint64_t word, life which)
{
    return word_generation(word) == life_generation(which) &&
           word_is_taken(word);
}

#endif
